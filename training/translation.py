"""Count the tables of word translation from Darija and Amazigh to English and back.

    TIWIZI_DATA=... python training/translation.py [--measure]

IBM Model 1 by expectation maximisation over parallel sentences ($TIWIZI_DATA). Writes
`src/tiwizi/knowledge/models/translation-*.npz` with a card. `--measure` keeps the last thousand pairs of each source
out, ranks their English sides for each, and writes nothing.
"""

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from students import KEPT_OUT, ROOM, Pair, pairs

from tiwizi.knowledge.forms import Tongue, forms_of
from tiwizi.knowledge.translation import Table, Translation, compare_names, compare_words, our_pieces, stems

ROUNDS = 6
SOURCES = ("seed", "doda", "words")  # with English on the other side
LEAST = 1 / 512  # chances below it are left out
MOST = 24  # chances kept for one token
BANK = 250  # questions of the bank


def sentences(tongue: Tongue) -> list[Pair]:
    """The pairs whose other side is English."""
    return [pair for pair in pairs(tongue) if pair.written in SOURCES]


def count(explained: Sequence[Sequence[str]], explaining: Sequence[Sequence[str]]) -> Table:
    """Return P(token of one side | token of the other)."""
    tokens = {token: number for number, token in enumerate(dict.fromkeys(t for text in explained for t in text))}
    others = {token: number for number, token in enumerate(dict.fromkeys(t for text in explaining for t in text))}
    width = len(others) + 1
    left, right, slots, taken = [], [], [], 0
    for text, other in zip(explained, explaining, strict=True):
        mine = np.array([tokens[token] for token in text], dtype=np.int64)
        theirs = np.array([*(others[token] for token in other), len(others)], dtype=np.int64)
        left.append(np.repeat(mine, len(theirs)))
        right.append(np.tile(theirs, len(mine)))
        slots.append(np.repeat(np.arange(taken, taken + len(mine)), len(theirs)))
        taken += len(mine)
    cells, place = np.unique(np.concatenate(left) * width + np.concatenate(right), return_inverse=True)
    slot, by = np.concatenate(slots), cells % width
    chance = shared(np.bincount(place).astype(np.float64), by, width)
    for _ in range(ROUNDS):
        likely = chance[place]
        likely /= np.bincount(slot, likely, taken)[slot]
        chance = shared(np.bincount(place, likely, len(cells)), by, width)
    often = Counter(token for text in explained for token in text)
    common = np.array([often[token] for token in tokens], dtype=np.float32)
    return cut(tokens, others, cells // width, by, chance, common / common.sum())


def shared(counts: NDArray[np.float64], by: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """Counts as shares of all that one explaining token explains."""
    return np.asarray(counts / np.bincount(by, counts, width)[by], dtype=np.float64)


def cut(
    tokens: dict[str, int],
    others: dict[str, int],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    chance: NDArray[np.float64],
    common: NDArray[np.float32],
) -> Table:
    """Keep the chances that matter, rounded as they are kept in the file."""
    order = np.lexsort((-chance, rows))
    rank = np.arange(len(rows)) - np.searchsorted(rows[order], rows[order])
    stay = order[(rank < MOST) & (chance[order] > LEAST)]
    stay = stay[np.argsort(rows[stay], kind="stable")]
    counts = np.bincount(rows[stay], minlength=len(tokens))
    logs = np.round(-np.log2(chance[stay]) * 16).clip(0, 255)
    return Table(
        tokens=tokens,
        others=others,
        starts=np.concatenate([[0], np.cumsum(counts)]),
        columns=columns[stay].astype(np.int32),
        chances=np.exp2(-logs / 16).astype(np.float32),
        common=common,
    )


def train(rows: Sequence[Pair]) -> Translation:
    """Count both directions."""
    ours = [our_pieces(forms_of(row.text, row.tag)) for row in rows]
    english = [stems(row.meaning) for row in rows]
    whole = [number for number, row in enumerate(rows) if row.written != "words"]
    # sorted: pieces in their order would be the sentences again, which are not ours to give
    chosen = whole[:: max(1, len(whole) // BANK)][:BANK]
    return Translation(count(ours, english), count(english, ours), tuple(tuple(sorted(ours[n])) for n in chosen))


def keep(tongue: Tongue, tables: Translation, rows: Sequence[Pair]) -> None:
    """Write the tables and their card."""
    path = ROOM / f"models/translation-{tongue}.npz"
    arrays: dict[str, Any] = {"bank": np.array("\n".join(" ".join(question) for question in tables.bank))}
    for name, table in (("there", tables.there), ("back", tables.back)):
        arrays |= {
            f"{name}/tokens": np.array("\n".join(table.tokens)),
            f"{name}/others": np.array("\n".join(table.others)),
            f"{name}/counts": np.diff(table.starts).astype(np.uint8),
            f"{name}/columns": table.columns.astype(np.uint16 if len(table.others) < 65_535 else np.int32),
            f"{name}/chances": np.round(-np.log2(table.chances) * 16).astype(np.uint8),
            f"{name}/common": table.common.astype(np.float32),
        }
    np.savez_compressed(path, **arrays)
    card = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "what": f"chances of pieces of {tongue} words given English words, and back (IBM Model 1)",
        "rows": dict(Counter(row.written for row in rows)),
        "data": [
            "NLLB-Seed (CC BY-SA 4.0)",
            *(["Darija Open Dataset f6b952c (MIT)"] if tongue == "darija" else []),
        ],
        "command": "python training/translation.py",
    }
    path.with_suffix(".json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    print(f"{path.name}: {len(rows)} rows, {path.stat().st_size / 1e6:.1f} MB", flush=True)


def measure(tongue: Tongue, rows: Sequence[Pair]) -> None:
    """Train without some sentences and look for them."""
    out = [n for source in SOURCES[:2] for n in [n for n, row in enumerate(rows) if row.written == source][-KEPT_OUT:]]
    kept_out = set(out)
    tables = train([row for number, row in enumerate(rows) if number not in kept_out])
    for tag in sorted({rows[number].tag for number in out}):
        mine = [rows[number] for number in out if rows[number].tag == tag]
        texts, english = [row.text for row in mine], [row.meaning for row in mine]
        there, back = compare_words(tables, texts, tag, english)
        for name, scores in (("there", there), ("back", back), ("names", compare_names(texts, tag, english))):
            ranks = 1 + (scores > np.diag(scores)[:, None]).sum(axis=1)
            print(f"{tongue} {tag} {name}: R@1 {np.mean(ranks <= 1):.3f}, R@10 {np.mean(ranks <= 10):.3f}", flush=True)


def main() -> None:
    """Count both, or measure."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--measure", action="store_true")
    options = chosen.parse_args()
    tongues: tuple[Tongue, ...] = ("darija", "amazigh")
    for tongue in tongues:
        rows = sentences(tongue)
        if options.measure:
            measure(tongue, rows)
        else:
            keep(tongue, train(rows), rows)


if __name__ == "__main__":
    main()
