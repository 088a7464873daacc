"""Rebuilds the language identification models from the shared data: `python training/language.py`.

Reads $TIWIZI_DATA/language and $TIWIZI_DATA/official-texts, writes identify.ftz, arabic.json and the card
identify.md beside the runtime, and prints the figures; `--measure` only computes the figures again. Seeded, one
thread: the same data give the same model. Runs in an environment of its own (see README.md).
"""

import argparse
import hashlib
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import fasttext
import msgspec
import numpy as np

from tiwizi.language import identify
from tiwizi.language.scripts import words
from tiwizi.language.understand import understand_many

MODELS = identify.MODELS
SEED = 17
LINES_PER_LANGUAGE = {"ary-Latn": 75_000, "zgh-Latn": 60_000, "ary-Arab": 60_000, "ar": 60_000, "und": 30_000}
LINES_OTHERWISE = 45_000  # fr, en, es
SHARE_WHOLE, SHARE_ADMINISTRATIVE = 0.25, 0.22
# A thing alone teaches its own language: French ones are heard in Arabizi too, Arabic ones are of both Arabics.
REPEATED_THINGS = {"fr": 16, "ary-Arab": 1, "ary-Latn": 2}
LONGEST = 40  # words of a training line
# Pinned: other settings were seen to diverge to NaN without a warning.
FASTTEXT = dict(dim=16, minn=2, maxn=5, wordNgrams=1, minCount=3, bucket=250_000, epoch=6, lr=0.4, loss="softmax")
CUTOFF = 95_000
TAGS = {
    "ary-Arab": "ary-Arab", "ary-Latn": "ary-Latn", "arb-Arab": "ar", "zgh-Tfng": "zgh-Tfng", "ber-Latn": "zgh-Latn",
    "fra-Latn": "fr", "eng-Latn": "en", "spa-Latn": "es", "other": "und",
}  # fmt: skip
TRAINED = [language for language in identify.LANGUAGES if language != "zgh-Tfng"]  # its script says it all
FRENCH_IN_ARABIZI = re.compile(r"^(la |le |l')")

Line = list[str]
Rows = dict[str, list[Line]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="only compute the figures again")
    if "TIWIZI_DATA" not in os.environ:
        sys.exit("Set TIWIZI_DATA to the folder that holds language/ and official-texts/.")
    data = Path(os.environ["TIWIZI_DATA"])
    if not parser.parse_args().measure:
        train(data)
        write_card(data, measure(data))
    print(measure(data))


def train(data: Path) -> None:
    """Write identify.ftz, then arabic.json fitted on lines that the classifier has not seen."""
    draw = random.Random(SEED)
    rows = read_rows(data)
    kept_apart: Rows = {}
    for language in ("ary-Arab", "ar"):
        lines = rows[language]
        draw.shuffle(lines)
        kept_apart[language], rows[language] = lines[: len(lines) // 10], lines[len(lines) // 10 :]
    administrative = administrative_lines()
    administrative["ary-Latn"] += mixed_arabizi(data) * 2
    lines = [
        f"__label__{language} {' '.join(line)}"
        for language in TRAINED
        for line in samples(language, rows[language], administrative[language], draw)
    ]
    draw.shuffle(lines)
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "train.txt")
        text.write_text("\n".join(lines) + "\n", "utf-8")
        model = fasttext.train_supervised(str(text), seed=SEED, thread=1, verbose=1, **FASTTEXT)
        model.quantize(str(text), qnorm=True, retrain=True, cutoff=CUTOFF, epoch=2, thread=1, verbose=1)
    model.save_model(str(MODELS / "identify.ftz"))
    identify._classifier.cache_clear()
    (MODELS / "arabic.json").write_bytes(
        msgspec.json.format(msgspec.json.encode(fit_expert(kept_apart, administrative, draw)))
    )
    identify._expert.cache_clear()


def read_rows(data: Path) -> Rows:
    """Return the training lines of each language, as lists of plain words."""
    rows: Rows = {language: [] for language in identify.LANGUAGES}
    for text, label, source in _tsv(data / "language" / "train.tsv"):
        repeat = 3 if source in {"seed_ary", "ud_pud_ar", "ud_parisstories", "mw_visualeditor"} else 1
        if line := _plain(text):
            rows[TAGS[label]] += [line] * repeat
    for tokens, labels, _ in _tsv(data / "language" / "cs_train.tsv"):
        for language, line in stretches(tokens.split(), labels.split()):
            rows[language] += [line] * 4
    for language in ("ar", "fr"):
        for path in sorted((data / "official-texts" / language).glob("*.txt")):
            sentences = re.split(r"(?<=[.؛;:])\s+|\n{2,}", path.read_text("utf-8"))
            rows[language] += [line for line in map(_plain, sentences) if 3 <= len(line) <= 60]
    return rows


def stretches(tokens: Sequence[str], labels: Sequence[str]) -> Iterator[tuple[str, Line]]:
    """Yield the stretches of one language of a code-switched sentence."""
    start = 0
    for end in range(1, len(tokens) + 1):
        if end == len(tokens) or labels[end] != labels[start]:
            if labels[start] in TAGS and (line := _plain(" ".join(tokens[start:end]))):
                yield TAGS[labels[start]], line
            start = end


def mixed_arabizi(data: Path) -> list[Line]:
    """Return code-switched sentences of which a third or more is Arabizi: it then is the frame, hence the language."""
    lines = []
    for tokens, labels, _ in _tsv(data / "language" / "cs_train.tsv"):
        known = [label for label in labels.split() if label != "und"]
        if all(label.endswith("Latn") for label in known) and known.count("ary-Latn") * 3 >= len(known):
            lines.append(_plain(tokens))
    return lines


def administrative_lines() -> Rows:
    """Join the frames and things of phrases.tsv; Arabizi and Amazigh also take French things, as people do."""
    frames: dict[str, list[str]] = {}
    things: dict[str, list[str]] = {}
    for language, kind, text in _tsv(MODELS / "phrases.tsv"):
        (frames if kind == "frame" else things).setdefault(language, []).append(text)
    french = [thing for thing in things["fr"] if FRENCH_IN_ARABIZI.match(thing)] + ["cnie", "cin", "passeport"]
    lines: Rows = {language: [] for language in identify.LANGUAGES}
    for language, patterns in frames.items():
        fillers = things[language] + (french if language == "ary-Latn" else [])
        lines[language] += [_plain(pattern.replace("{}", thing)) for pattern in patterns for thing in fillers]
        lines[language] += [_plain(pattern.replace("{}", "")) for pattern in patterns] * 6
        lines[language] += [_plain(thing) for thing in things[language]] * REPEATED_THINGS.get(language, 4)
    return lines


def samples(language: str, rows: list[Line], administrative: list[Line], draw: random.Random) -> Iterator[Line]:
    """Yield whole lines, administrative lines, and mostly random windows of 1 to 8 words."""
    count = LINES_PER_LANGUAGE.get(language, LINES_OTHERWISE)
    long = [row for row in rows if len(row) > 1]
    for _ in range(count):
        chance = draw.random()
        if administrative and chance < SHARE_ADMINISTRATIVE:
            line = draw.choice(administrative)[:LONGEST]  # never a window: it could be the French part alone
        elif chance < SHARE_ADMINISTRATIVE + SHARE_WHOLE:
            line = draw.choice(rows)[:LONGEST]
        else:
            line = _window(draw.choice(long), draw)
        yield vary(line, language, draw)


def _window(line: Line, draw: random.Random) -> Line:
    size = min(draw.randint(1, 8), len(line))
    start = draw.randrange(len(line) - size + 1)
    return line[start : start + size]


# Other ways to type the same sound; each row is applied to a whole line or not at all, as one person has one habit.
ARABIZI_HABITS = (("7", "h"), ("9", "q"), ("9", "k"), ("8", "h"), ("2", ""), ("ou", "o"), ("o", "ou"), ("ch", "sh"),
                  ("x", "kh"), ("kh", "5"), ("i", "y"), ("gh", "r"), ("3", "a"))  # fmt: skip
AMAZIGH_HABITS = (("ɣ", "gh"), ("ɣ", "gh"), ("ɣ", "8"), ("x", "kh"), ("x", "5"), ("c", "ch"), ("ɛ", "3"), ("ḥ", "7"),
                  ("ḥ", "h"), ("ṭ", "t"), ("ḍ", "d"), ("ṛ", "r"), ("ṣ", "s"), ("ẓ", "z"), ("u", "ou"), ("q", "9"),
                  ("e", ""), ("w", "ou"), ("ʷ", ""))  # fmt: skip
FRENCH_HABITS = (("é", "e"), ("è", "e"), ("ê", "e"), ("ç", "c"), ("à", "a"), ("û", "u"), ("ô", "o"))
SPANISH_HABITS = (("á", "a"), ("é", "e"), ("í", "i"), ("ó", "o"), ("ú", "u"), ("ñ", "n"))
ARABIC_HABITS = (("أ", "ا"), ("إ", "ا"), ("ة", "ه"), ("ى", "ي"))


def vary(line: Line, language: str, draw: random.Random) -> Line:
    """Return the line as another person would type it."""
    habits, share = {
        "ary-Latn": (ARABIZI_HABITS, 0.12),
        "zgh-Latn": (AMAZIGH_HABITS, 0.35),
        "fr": (FRENCH_HABITS, 0.35),
        "es": (SPANISH_HABITS, 0.35),
        "ary-Arab": (ARABIC_HABITS, 0.2),
        "ar": (ARABIC_HABITS, 0.2),
    }.get(language, ((), 0.0))
    text = " ".join(line)
    for written, also in habits:
        if draw.random() < share:
            text = text.replace(written, also)
    return text.split()


def fit_expert(rows: Rows, administrative: Rows, draw: random.Random) -> identify.Expert:
    """Fit the logistic regression by Newton's method with an L2 penalty of 1."""
    lines: list[Line] = []
    answers: list[float] = []
    for answer, language in ((1.0, "ary-Arab"), (0.0, "ar")):
        for _ in range(9_000):
            source = administrative[language] if draw.random() < 0.25 else rows[language]
            line = draw.choice(source)
            lines.append(vary(_window(line, draw) if draw.random() < 0.6 else line[:LONGEST], language, draw))
            answers.append(answer)
    raw = identify._classify([" ".join(line) for line in lines]) + 1e-6
    odds = np.log(raw[:, identify.LANGUAGES.index("ary-Arab")] / raw[:, identify.LANGUAGES.index("ar")])
    rows_of_features = [identify.arabic_features(line, odd) for line, odd in zip(lines, odds, strict=True)]
    names = list(rows_of_features[0])
    x = np.array([[features[name] for name in names] for features in rows_of_features])
    y = np.array(answers)
    weights = np.zeros(len(names))
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - y) + weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.eye(len(names))
        weights -= np.linalg.solve(hessian, gradient)
    if not np.isfinite(weights).all():
        sys.exit("The expert's weights are not finite: change nothing, look at the training lines.")
    return identify.Expert(weights=dict(zip(names, np.round(weights, 4).tolist(), strict=True)))


def measure(data: Path) -> str:
    """Return the figures as Markdown: whole texts on both development sets, words on the code-switched one."""
    folder = data / "language"
    parts = [
        _table("dev.tsv (same sources as training)", list(_tsv(folder / "dev.tsv")), lambda source: "all"),
        _table(
            "dev_elsewhere.tsv (other sources)", list(_tsv(folder / "dev_elsewhere.tsv")), lambda s: s.split(":")[0]
        ),
        _spans(list(_tsv(folder / "cs_dev.tsv"))),
    ]
    return "\n".join(parts)


def _table(title: str, rows: list[tuple[str, ...]], group: Callable[[str], str]) -> str:
    found = understand_many([row[0] for row in rows])
    triples = [(TAGS[row[1]], one.language, group(row[2])) for row, one in zip(rows, found, strict=True)]
    lines = [f"{title}: {len(rows)} texts", "", "| part | texts | accuracy | macro-F1 |", "|---|---|---|---|"]
    groups = sorted({part for *_, part in triples})
    for part in groups if groups == ["all"] else ["all", *groups]:
        pairs = [(true, guess) for true, guess, of in triples if part in ("all", of)]
        right = sum(true == guess for true, guess in pairs) / len(pairs)
        lines.append(f"| {part} | {len(pairs)} | {right:.3f} | {np.mean(list(_f1(pairs).values())):.3f} |")
    by_language = _f1([(true, guess) for true, guess, _ in triples])
    lines += ["", "F1 by language: " + ", ".join(f"{name} {value:.3f}" for name, value in by_language.items()), ""]
    sure = [one.confidence >= 0.9 for one in found]
    right_when_sure = [true == guess for (true, guess, _), yes in zip(triples, sure, strict=True) if yes]
    lines += [f"Confidence 0.9 or more: {np.mean(sure):.2f} of the texts, {np.mean(right_when_sure):.3f} right.", ""]
    return "\n".join(lines)


def _f1(pairs: list[tuple[str, str]]) -> dict[str, float]:
    scores = {}
    for name in sorted({true for true, _ in pairs}):
        hit = sum(true == guess == name for true, guess in pairs)
        scores[name] = 2 * hit / (sum(true == name for true, _ in pairs) + sum(guess == name for _, guess in pairs))
    return scores


def _spans(rows: list[tuple[str, ...]]) -> str:
    natural, made = [], []
    for (tokens, labels, source), found in zip(rows, understand_many([row[0] for row in rows]), strict=True):
        position = 0
        for token, label in zip(tokens.split(), labels.split(), strict=True):
            position = tokens.index(token, position)
            middle = next(iter(words(token)), None)
            if label != "und" and middle is not None:
                at = position + middle.start
                guess = next((span.language for span in found.spans if span.start <= at < span.end), "none")
                (natural if source == "ud_arabizi" else made).append((TAGS[label], guess))
            position += len(token)
    lines = ["cs_dev.tsv (language of each word)", "", "| part | words | accuracy | macro-F1 |", "|---|---|---|---|"]
    for part, pairs in (("Algerian comments", natural), ("joined sentences", made)):
        right = sum(true == guess for true, guess in pairs) / len(pairs)
        lines.append(f"| {part} | {len(pairs)} | {right:.3f} | {np.mean(list(_f1(pairs).values())):.3f} |")
    return "\n".join([*lines, ""])


CARD = """# Language identification: model card

Two small models say which language a text, or a stretch of it, is in: {languages}. Tifinagh is
decided by its script alone; `und` stands for other languages and for text without letters.

- `identify.ftz` ({size} bytes): fastText classifier, character 2-5-grams, product-quantised. Settings: {settings},
  cutoff {cutoff}, seed {seed}, one thread.
- `arabic.json`: logistic regression that tells Darija from Standard Arabic, fitted on lines that the classifier had
  not seen, over its log-odds and the words of `markers.tsv`.

Made by `python training/language.py` (its environment: `training/README.md`); the same command with `--measure`
prints the figures again.

## Figures

Of `understand()`, whole, as people call it, on rows that nothing was trained on.

{figures}
## Data

| file | SHA-256 |
|---|---|
{digests}

Rows of `train.tsv` come from NLLB-Seed (openlanguagedata/seed) and Universal Dependencies treebanks (French GSD and
ParisStories, Spanish GSD, English EWT, Arabizi; CC BY-SA 4.0; Arabic, German, Italian, Portuguese and Turkish PUD,
CC BY-SA 3.0), the Darija Open Dataset at f6b952c (MIT), Tashkeela and ARCD extracts (MIT repositories; Wikipedia text
CC BY-SA 4.0), Kabyletexts (CC0) and MediaWiki VisualEditor messages (MIT). Official texts are outside copyright (law
2-00, article 8). `phrases.tsv` and `markers.tsv` are ours. Because of the share-alike sources, the two models are
offered under CC BY-SA 4.0; they hold no text.

## Limits

Amazigh varieties are not told apart. Amazigh in chat spelling was trained on transliterated and made-up text only.
Other spoken Arabics (Egyptian, Algerian) are mostly taken for Darija. Formal Darija is close to Standard Arabic, and
texts of one to three words are often undecidable: look at `candidates` and `confidence`.
"""


def write_card(data: Path, figures: str) -> None:
    """Write identify.md beside the models."""
    inputs = [
        data / "language" / name for name in ("train.tsv", "cs_train.tsv", "dev.tsv", "dev_elsewhere.tsv", "cs_dev.tsv")
    ]
    inputs += [MODELS / "phrases.tsv", MODELS / "markers.tsv"]
    digests = [f"| {path.name} | {_sha256([path])} |" for path in inputs]
    for language in ("ar", "fr"):
        paths = sorted((data / "official-texts" / language).glob("*.txt"))
        digests.append(f"| official-texts/{language} ({len(paths)} files, joined by name) | {_sha256(paths)} |")
    digests += [f"| made: {name} | {_sha256([MODELS / name])} |" for name in ("identify.ftz", "arabic.json")]
    card = CARD.format(
        languages=", ".join(identify.LANGUAGES),
        size=f"{(MODELS / 'identify.ftz').stat().st_size:,}",
        settings=", ".join(f"{name} {value}" for name, value in FASTTEXT.items()),
        cutoff=CUTOFF,
        seed=SEED,
        figures=figures,
        digests="\n".join(digests),
    )
    (MODELS / "identify.md").write_text(card, "utf-8")


def _sha256(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _tsv(path: Path) -> Iterator[tuple[str, ...]]:
    for line in path.read_text("utf-8").split("\n"):
        if line and not (line.startswith("#") and path.parent == MODELS):
            yield tuple(line.split("\t"))


def _plain(text: str) -> Line:
    return [word.form for word in words(text)]


if __name__ == "__main__":
    main()
