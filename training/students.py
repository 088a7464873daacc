"""Train the students: small encoders that bring Darija and Amazigh into the spaces of the large ones.

    TIWIZI_DATA=... python training/students.py [--measure]

Learns from parallel sentences and a lexicon ($TIWIZI_DATA), from the everyday names of official terms and from the
names and aliases of the cards; the other side of each pair is encoded by both encoders and centred. Writes
`src/tiwizi/knowledge/models/student-*.npz` with a card. `--measure` keeps the last thousand sentence pairs out, ranks
their English sides for each, and writes nothing.
"""

import argparse
import csv
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

from tiwizi.knowledge import load_card
from tiwizi.knowledge.encoder import E5, Encoder, Use
from tiwizi.knowledge.forms import TONGUES, Tongue, forms_of
from tiwizi.knowledge.students import ROWS, Student, features, hashed, packed
from tiwizi.knowledge.terms import everyday_forms, table_rows

DATA = Path(os.environ["TIWIZI_DATA"])
ROOT = Path(__file__).parents[1]
ROOM = ROOT / "src/tiwizi/knowledge"
CARDS = ROOT / "src/tiwizi/packs/starter/cards"
RANK = 384
HOLD = 0.3  # of the ridge
KEPT_OUT = 1_000
BLOCK = 2_000
MOST_WORDS = 6_000  # rows of the lexicon
MOST_FORMS = 3  # of an everyday word in one script
ENCODERS: tuple[Encoder, ...] = (E5(), Use())
Matrix = Any  # scipy's sparse matrices come without types


class Pair(NamedTuple):
    """A text of ours, and what it means in a language that the encoders know."""

    text: str
    tag: str
    meaning: str
    written: str  # where it is from, and in which language: targets are centred within it


def pairs(tongue: Tongue) -> Iterator[Pair]:
    """All that a student learns from, parallel sentences first."""
    english = seed("eng_Latn")
    if tongue == "amazigh":
        yield from (
            Pair(text, "zgh-Tfng", meaning, "seed") for text, meaning in zip(seed("zgh_Tfng"), english, strict=True)
        )
    else:
        yield from (
            Pair(text, "ary-Arab", meaning, "seed") for text, meaning in zip(seed("ary_Arab"), english, strict=True)
        )
        yield from (Pair(text, "ary-Latn", meaning, "doda") for text, meaning in doda())
        yield from terms()
        yield from lexicon()
    yield from aliases(tongue)
    yield from everyday(tongue)


def seed(name: str) -> list[str]:
    """One side of NLLB-Seed."""
    return (DATA / f"parallel/seed.{name}.txt").read_text("utf-8").split("\n")[:5193]


def doda() -> list[tuple[str, str]]:
    """Sentences of the Darija Open Dataset with their English."""
    lines = (DATA / "parallel/doda-sentences.ary-Latn.eng.tsv").read_text("utf-8").splitlines()
    return [(text, english) for text, english in (line.split("\t") for line in lines)]


def terms() -> Iterator[Pair]:
    """Everyday words and the official names beside them."""
    for row in table_rows("terms.tsv"):
        for written in ("ar", "fr"):
            if row["tag"] in TONGUES and row.get(written):
                yield Pair(row["said"], row["tag"], row[written], f"terms-{written}")


def aliases(tongue: Tongue) -> Iterator[Pair]:
    """What people call a procedure, and its names."""
    for card in (load_card(path) for path in sorted(CARDS.glob("*.toml"))):
        for tag in dict.fromkeys((*card.name, *card.aliases)):
            if TONGUES.get(tag) == tongue:
                for phrase in card.phrases(tag):
                    yield from (Pair(phrase, tag, card.name[w], f"cards-{w}") for w in ("ar", "fr"))


def everyday(tongue: Tongue) -> Iterator[Pair]:
    """The most usual forms of everyday words, and what they are called."""
    for form in everyday_forms(tongue):
        if form.place < MOST_FORMS:
            yield Pair(form.said, form.tag, form.ar, "everyday-ar")
            yield Pair(form.said, form.tag, form.fr, "everyday-fr")


def lexicon() -> Iterator[Pair]:
    """Words of the Darija Open Dataset: the first two spellings of each."""
    met: set[tuple[str, str]] = set()
    for path in sorted((DATA / "lexicon/doda").rglob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows = csv.reader(file)
            head = next(rows)
            if head[-1] != "eng" or not head[0].startswith("n1"):
                continue
            for *spellings, english in rows:
                for word in [spelling for spelling in spellings if spelling.strip()][:2]:
                    if english.strip() and (word, english) not in met and len(met) < MOST_WORDS:
                        met.add((word, english))
                        yield Pair(word, "ary-Latn", english, "words")


def targets(rows: list[Pair]) -> NDArray[np.float32]:
    """What a student is to say of each row: both encoders' centred vectors side by side."""
    meanings = list(dict.fromkeys(row.meaning for row in rows))
    place = {meaning: number for number, meaning in enumerate(meanings)}
    at = [place[row.meaning] for row in rows]
    sides = []
    for encoder in ENCODERS:
        order = sorted(range(len(meanings)), key=lambda number: len(meanings[number]))
        vectors = np.zeros((len(meanings), encoder.dimension), dtype=np.float32)
        for first in range(0, len(order), 64):
            some = order[first : first + 64]
            vectors[some] = encoder.passages([meanings[number] for number in some])
        side = vectors[at]
        sources = np.array([row.written for row in rows])
        for source in set(sources):
            side[sources == source] = centred_on_itself(side[sources == source])
        sides.append(side)
    return np.hstack(sides)


def centred_on_itself(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows less their mean, at unit length."""
    moved = vectors - vectors.mean(axis=0)
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def seen(rows: Sequence[Pair]) -> Matrix:
    """Counts of hashed features, (rows, ROWS)."""
    starts, columns, counts = [0], [], []
    for row in rows:
        at, much = hashed(features(forms_of(row.text, row.tag)))
        columns.append(at)
        counts.append(much)
        starts.append(starts[-1] + len(at))
    values = (np.concatenate(counts), np.concatenate(columns), np.array(starts))
    return scipy.sparse.csr_matrix(values, shape=(len(rows), ROWS), dtype=np.float32)


def each_once(rows: Sequence[Pair], wanted: NDArray[np.float32]) -> tuple[list[Pair], NDArray[np.float32]]:
    """Rows of one text become one, which is to say the mean of what they are to say."""
    place: dict[tuple[str, str], int] = {}
    at = np.array([place.setdefault((row.text, row.tag), len(place)) for row in rows])
    mean = np.zeros((len(place), wanted.shape[1]), dtype=np.float32)
    np.add.at(mean, at, wanted)
    first = {number: row for number, row in zip(at[::-1].tolist(), reversed(rows), strict=True)}
    return [first[number] for number in range(len(place))], mean / np.bincount(at)[:, None].astype(np.float32)


def train(rows: Sequence[Pair], wanted: NDArray[np.float32]) -> Student:
    """Fit one student."""
    rows, wanted = each_once(rows, wanted)
    counts = seen(rows)
    shown_in = np.asarray((counts > 0).sum(axis=0)).ravel()
    weight = np.where(shown_in > 1, np.log(1 + counts.shape[0] / np.maximum(shown_in, 1)), 0).astype(np.float32)
    weighed = counts @ scipy.sparse.diags(weight)
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    weighed = scipy.sparse.diags(1 / np.maximum(lengths, 1e-9)) @ weighed
    kernel = np.empty((len(rows), len(rows)), dtype=np.float32)
    for first in range(0, len(rows), BLOCK):  # as a whole the sparse product would take three times the memory
        kernel[first : first + BLOCK] = (weighed[first : first + BLOCK] @ weighed.T).toarray()
    kernel[np.diag_indices(len(kernel))] += HOLD
    solved = scipy.linalg.cho_solve(scipy.linalg.cho_factor(kernel, overwrite_a=True), wanted)
    whole = np.asarray(weighed.T @ solved, dtype=np.float32)  # (ROWS, dimensions)
    _, directions = np.linalg.eigh(whole.T @ whole)
    out = directions[:, ::-1][:, :RANK]
    numbers, scale = packed(whole @ out)
    return Student(weight, numbers, scale, np.ascontiguousarray(out.T), ENCODERS[0].dimension)


def keep(tongue: Tongue, student: Student, rows: list[Pair]) -> None:
    """Write a student and its card."""
    path = ROOM / f"models/student-{tongue}.npz"
    arrays = {name: getattr(student, name) for name in ("weight", "scale", "out")}
    halves = {name: array.astype(np.float16) for name, array in arrays.items()}
    np.savez_compressed(path, packed=student.packed, split=np.array(student.split), **halves)
    sources = sorted({row.written for row in rows})
    card = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "what": f"a linear map from {tongue} to the centred vectors of both encoders",
        "encoders": [encoder.name for encoder in ENCODERS],
        "rows": {source: sum(row.written == source for row in rows) for source in sources},
        "data": [
            "NLLB-Seed (CC BY-SA 4.0)",
            *(["Darija Open Dataset f6b952c (MIT)"] if tongue == "darija" else []),
            "terms, everyday words and cards of this project",
        ],
        "command": "python training/students.py",
    }
    path.with_suffix(".json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    print(f"{path.name}: {len(rows)} rows, {path.stat().st_size / 1e6:.1f} MB", flush=True)


def measure(tongue: Tongue, student: Student, rows: list[Pair], wanted: NDArray[np.float32], out: list[int]) -> None:
    """Rank the English sides of the pairs kept out for each of them, by the sum of both cosines."""
    for tag in sorted({rows[number].tag for number in out}):
        mine = [number for number in out if rows[number].tag == tag]
        first, second = student.vectors([rows[number].text for number in mine], tag)
        split = student.split
        scores = first @ wanted[mine][:, :split].T + second @ wanted[mine][:, split:].T
        right = np.diag(scores)[:, None]
        ranks = 1 + (scores > right).sum(axis=1)
        print(f"{tongue} {tag}: R@1 {np.mean(ranks <= 1):.3f}, R@10 {np.mean(ranks <= 10):.3f} of {len(mine)}")


def main() -> None:
    """Train both, or measure."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--measure", action="store_true")
    options = chosen.parse_args()
    tongues: tuple[Tongue, ...] = ("darija", "amazigh")
    for tongue in tongues:
        rows = list(pairs(tongue))
        wanted = targets(rows)
        if not options.measure:
            keep(tongue, train(rows, wanted), rows)
            continue
        out = [
            at for name in ("seed", "doda") for at in [n for n, r in enumerate(rows) if r.written == name][-KEPT_OUT:]
        ]
        stay = sorted(set(range(len(rows))) - set(out))
        measure(tongue, train([rows[n] for n in stay], wanted[stay]), rows, wanted, out)


if __name__ == "__main__":
    main()
