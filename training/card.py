"""Figures of identification on the development sets, and the model card that tells them."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import wordfreq
from lines import CLASSES, OWN_TEXTS, TAGS, TEXTS, tsv

from tiwizi.language import identify, ngrams
from tiwizi.language.scripts import words
from tiwizi.language.understand import CERTAIN, Utterance, understand_many

Pair = tuple[str, str]  # the true language and the one that was said
ARABIC = ("ary-Arab", "ar")


def figures(data: Path) -> str:
    """Return the figures as Markdown: whole texts on both development sets, words on the code-switched one."""
    folder = data / "language"
    same, other, mixed = (list(tsv(folder / name)) for name in ("dev.tsv", "dev_elsewhere.tsv", "cs_dev.tsv"))
    found = understand_many([row[0] for row in other], spans=False)
    return "\n".join(
        [
            *_table("dev.tsv (the sources of the training rows)", same, lambda source: "all"),
            *_table("dev_elsewhere.tsv (other sources)", other, lambda source: source.partition(":")[0]),
            *_alone(other, found),
            *_reliability(other, found),
            *_by_length(other, found),
            *_words(mixed),
        ]
    )


def _table(title: str, rows: list[tuple[str, ...]], part_of: Callable[[str], str]) -> Iterable[str]:
    found = understand_many([row[0] for row in rows], spans=False)
    parts: dict[str, list[Pair]] = {"all": []}
    for row, one in zip(rows, found, strict=True):
        for part in {"all", part_of(row[2])}:
            parts.setdefault(part, []).append((TAGS[row[1]], one.language))
    yield from (f"### {title}", "", "| part | texts | accuracy | macro-F1 |", "|---|---|---|---|")
    for part, pairs in parts.items():
        yield f"| {part} | {len(pairs)} | {_accuracy(pairs):.3f} | {np.mean(list(f1(pairs).values())):.3f} |"
    for part, pairs in parts.items():
        yield from ("", f"F1 by language, {part}: " + ", ".join(f"{name} {one:.3f}" for name, one in f1(pairs).items()))
    yield ""


def f1(pairs: Sequence[Pair]) -> dict[str, float]:
    """Return the F1 of each language that occurs."""
    scores = {}
    for name in sorted({true for true, _ in pairs}):
        hit = sum(true == guess == name for true, guess in pairs)
        scores[name] = 2 * hit / (sum(true == name for true, _ in pairs) + sum(guess == name for _, guess in pairs))
    return scores


def _accuracy(pairs: Sequence[Pair]) -> float:
    return sum(true == guess for true, guess in pairs) / len(pairs)


def _alone(rows: list[tuple[str, ...]], found: list[Utterance]) -> Iterable[str]:
    pairs = [(TAGS[row[1]], one.language) for row, one in zip(rows, found, strict=True)]
    recalls = {name: _accuracy([pair for pair in pairs if pair[0] == name]) for name in ("fr", "en", "es", "ar")}
    each = ", ".join(f"{name} {recall:.3f}" for name, recall in recalls.items())
    yield f"Recall of languages that people also write alone: {each}; mean {np.mean(list(recalls.values())):.3f}.\n"


def _reliability(rows: list[tuple[str, ...]], found: list[Utterance]) -> Iterable[str]:
    """The reliability curve (Niculescu-Mizil and Caruana 2005), the expected calibration error, and what is certain."""
    right = np.array([TAGS[row[1]] == one.language for row, one in zip(rows, found, strict=True)])
    said = np.array([one.confidence for one in found])
    bins = np.minimum((said * 10).astype(int), 9)
    yield from (
        "### Reliability, on dev_elsewhere.tsv",
        "",
        "| said | texts | mean said | right |",
        "|---|---|---|---|",
    )
    error = 0.0
    for at in sorted(set(bins.tolist())):
        here = bins == at
        error += here.sum() * abs(said[here].mean() - right[here].mean())
        row = (
            f"{at / 10:.1f} to {(at + 1) / 10:.1f}",
            here.sum(),
            f"{said[here].mean():.3f}",
            f"{right[here].mean():.3f}",
        )
        yield "| {} | {} | {} | {} |".format(*row)
    sure = np.array([one.certain for one in found])
    arabic = np.array([TAGS[row[1]] in ARABIC for row in rows])
    yield f"\nExpected calibration error {error / len(rows):.3f}. `certain` (from {CERTAIN} on):"
    yield f"{sure.mean():.3f} of the texts, {right[sure].mean():.3f} of them right;"
    yield f"of Darija and Arabic {sure[arabic].mean():.3f}, {right[sure & arabic].mean():.3f} right.\n"


def _by_length(rows: list[tuple[str, ...]], found: list[Utterance]) -> Iterable[str]:
    yield from ("### Darija or Standard Arabic, by length", "", "| words | texts | accuracy |", "|---|---|---|")
    pairs = [
        (len(words(row[0])), (TAGS[row[1]], one.language))
        for row, one in zip(rows, found, strict=True)
        if TAGS[row[1]] in ARABIC
    ]
    for least, most in ((1, 3), (4, 6), (7, 12), (13, 999)):
        some = [pair for count, pair in pairs if least <= count <= most]
        yield f"| {least} to {most} | {len(some)} | {_accuracy(some):.3f} |" if some else f"| {least} to {most} | 0 | |"
    yield ""


def _words(rows: list[tuple[str, ...]]) -> Iterable[str]:
    parts: dict[str, list[list[Pair]]] = {"all": []}
    for (text, labels, source), one in zip(rows, understand_many([row[0] for row in rows]), strict=True):
        pairs: list[Pair] = []
        position = 0
        for token, label in zip(text.split(), labels.split(), strict=True):
            position = text.index(token, position)
            word = next(iter(words(token)), None)
            at = position + word.start if word else -1
            guess = next((span.language for span in one.spans if span.start <= at < span.end), identify.UNKNOWN)
            position += len(token)
            if label != "und":
                pairs.append((TAGS[label], guess))
        natural = "Algerian comments" if source == "ud_arabizi" else "joined sentences"
        for part in ("all", natural):
            parts.setdefault(part, []).append(pairs)
    yield from (
        "### cs_dev.tsv: the language of each word",
        "",
        "| part | words | accuracy | switch F1 |",
        "|---|---|---|---|",
    )
    for part, sentences in parts.items():
        flat = [pair for pairs in sentences for pair in pairs]
        yield f"| {part} | {len(flat)} | {_accuracy(flat):.3f} | {_switch_f1(sentences):.3f} |"
    yield "\nA switch is a change of language between two words; its F1 asks whether one was seen at that very place.\n"


def _switch_f1(sentences: list[list[Pair]]) -> float:
    found: list[tuple[bool, bool]] = [
        (one[0] != other[0], one[1] != other[1])
        for pairs in sentences
        for one, other in zip(pairs, pairs[1:], strict=False)
    ]
    hit = sum(true and said for true, said in found)
    return 2 * hit / (sum(true for true, _ in found) + sum(said for _, said in found))


CARD = """# Language identification: model card

Which language a text, and each word of it, is in: {languages}. Tifinagh
is decided by its script alone; `und` stands for other languages and for text without language.

{files}

Each holds three linear models (`training/fitting.py`):

- classes: logistic regression over hashed 1-5-grams within words, whole words, word ends and pairs of neighbours
  ({buckets:,} features, one byte a weight), the mean of three fits, {epochs} epochs of Adagrad in all. `und` is
  several classes;
- judge: a small logistic regression, fitted on {apart:.0%} of the lines that the first has not seen, which makes
  probabilities of its scores, of the length and, in Arabic script, of the linguist's `tables/markers.tsv`;
- chain: a conditional random field over the words of a sentence, fitted on sentences that mix languages.

Made by `make train` (`training/README.md`); `python training/language.py --measure` prints the figures again. The seed
is {seed}.

## Figures

Of `understand()` as people call it, on rows that nothing was trained on. dev_elsewhere.tsv was looked at between tries,
so its figures are a little kind; texts that nobody here has seen are judged apart.

{figures}
## Data

| file | SHA-256 |
|---|---|
{digests}

Rows of `train.tsv` and `cs_train.tsv` come from NLLB-Seed (openlanguagedata/seed) and Universal Dependencies treebanks
(French GSD and ParisStories, Spanish GSD, English EWT, Arabizi; CC BY-SA 4.0; Arabic, German, Italian, Portuguese and
Turkish PUD, CC BY-SA 3.0), the Darija Open Dataset at f6b952c (MIT), Tashkeela and ARCD extracts (MIT repositories;
Wikipedia text CC BY-SA 4.0), Kabyletexts (CC0) and MediaWiki VisualEditor messages (MIT); `seed.*_Arab.txt` from
NLLB-Seed (CC BY-SA 4.0). Official texts are outside copyright (law 2-00, article 8). Word lists of 25 languages are
those of wordfreq {wordfreq} (Robyn Speer, CC BY-SA 4.0). `training/texts` and `tables/markers.tsv` are ours, made up
and not yet read by native speakers. Because of the share-alike sources, the models are offered under CC BY-SA 4.0; they
hold no text.

## Limits

- Amazigh varieties are not told apart. Amazigh in chat spelling was trained on transliterated and made-up text only.
- Egyptian, Levantine and Gulf Arabic are `und` when they can be told; Algerian and Tunisian are taken for Darija.
- Formal Darija is close to Standard Arabic, and one to three words are often both: then `certain` is false, and a
  caller does well to treat the text as "Arabic".
- A name alone (of a person, a place, a brand) has no language; the guess is then the model's habit.
"""


def write(data: Path, seed: int, epochs: int, apart: float) -> None:
    """Write identify.md beside the models."""
    language = data / "language"
    inputs = [language / name for name in ("train.tsv", "cs_train.tsv", "dev.tsv", "dev_elsewhere.tsv", "cs_dev.tsv")]
    inputs += [data / "parallel" / f"seed.{name}_Arab.txt" for name in ("ary", "arz")]
    inputs += [TEXTS / f"{name}.tsv" for name in (*OWN_TEXTS, "phrases", "mixed")]
    inputs.append(Path(identify.__file__).with_name("tables") / "markers.tsv")
    digests = [f"| {path.name} | {_sha256([path])} |" for path in inputs]
    for name in ("ar", "fr"):
        paths = sorted((data / "official-texts" / name).glob("*.txt"))
        digests.append(f"| official-texts/{name} ({len(paths)} files, joined by name) | {_sha256(paths)} |")
    models = [identify.MODELS / name for name in identify.FILES.values()]
    digests += [f"| made: {path.name} | {_sha256([path])} |" for path in models]
    files = [
        f"- `{path.name}` ({path.stat().st_size:,} bytes): {script} script, {len(CLASSES[script])} classes."
        for script, path in zip(identify.FILES, models, strict=True)
    ]
    card = CARD.format(
        languages=", ".join(identify.LANGUAGES),
        files="\n".join(files),
        buckets=ngrams.BUCKETS,
        epochs=epochs,
        apart=apart,
        seed=seed,
        figures=figures(data),
        digests="\n".join(digests),
        wordfreq=getattr(wordfreq, "__version__", "3.1"),
    )
    (identify.MODELS / "identify.md").write_text(card, "utf-8")


def _sha256(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
