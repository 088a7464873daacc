"""Make the tables, models and card of transliteration between Arabizi and Arabic script, and print their figures.

    PYTHONPATH=src .venv-training/bin/python training/transliteration.py            # some ten minutes: everything
    PYTHONPATH=src .venv-training/bin/python training/transliteration.py --measure  # only the figures of what is there

Reads `$TIWIZI_DATA` (the Darija Open Dataset, NLLB-Seed, official texts) and the hand-written tables beside the code.
Makes `tables/attested.tsv`, `french.tsv` and `foreign.tsv`, and in `models/` the networks `arabizi.npz` and `chat.npz`,
`arabic_words.tsv`, `darija_pairs.tsv` and the card `transliterate.md`.
"""

import argparse
import csv
import hashlib
import math
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from random import Random
from typing import NamedTuple

from spellings.alignment import Aligner, arabic_price, latin_price
from spellings.conjugation import Conjugated, conjugate, with_noun_affix, with_verb_affix
from spellings.typing_habits import as_agreed, typed_again

from tiwizi.language.transliteration import arabizi, context, darija, foreign, lexicon, reader
from tiwizi.language.transliteration.french import unaccented
from tiwizi.language.transliteration.spelling import loose_key
from tiwizi.language.transliteration.tables import TABLES, column, rows

MODELS = TABLES.parent / "models"
SENTENCES = Path(__file__).parents[1] / "tests" / "language" / "arabizi_sentences.tsv"
FRENCH_WORDS = Path(__file__).parent / "texts" / "french_words.tsv"
DATA = Path(os.environ.get("TIWIZI_DATA", ""))
DODA = DATA / "lexicon" / "doda"
DODA_SENTENCES = DATA / "parallel" / "doda-sentences.ary-Latn.eng.tsv"
SEED = DATA / "parallel" / "seed.ary_Arab.txt"
OFFICIAL = DATA / "official-texts"
OWN = [Path(__file__).parent / "texts" / f"{name}.tsv" for name in ("darija_arabic", "darija_dialogues")]
LATIN = "#^abcdefghijklmnopqrstuvwxyz23456789SDTZ'$éèçàê-"
ARABIC = "#^ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئڭڤپگݣچ"
CHANCE = 1  # the seed of everything drawn by lot
HELD_OUT = 0.15  # of the rows, for the figures on words that no table lists
NOUNS = frozenset(
    "nouns forms food animals clothes education economy environment humanbody family places art health religion "
    "professions time emotions sport words".split()
)
_TOKEN = re.compile("[\u0621-\u063a\u0641-\u064aڭڤپگ]{2,}")


class Row(NamedTuple):
    """Spellings of one word in both scripts."""

    spellings: tuple[str, ...]
    arabic: str
    kind: str


def listed_rows() -> list[Row]:
    """The rows of both books of words; of several Arabic spellings the first."""
    found = [Row(tuple(row[1].split(", ")), row[0].split("|")[0], row[3]) for row in rows("dictionary")]
    found += [Row(tuple(row[1].split(", ")), row[0], "words") for row in rows("words") if not row[0].isascii()]
    return found


def verbs_of(listed: Sequence[Row]) -> dict[str, str]:
    """How each verb of the Darija Open Dataset is written in Arabic script."""
    verbs: dict[str, str] = {}
    for row in sorted(listed, key=lambda row: row.kind != "verbs"):
        for spelling in row.spellings:
            verbs.setdefault(spelling, row.arabic)
    return verbs


def held_out(listed: Sequence[Row]) -> list[Row]:
    """Rows drawn by lot: no spelling and no form of their words is learned when the rest is measured on them."""
    words = [row for row in listed if " " not in row.arabic]
    return Random(CHANCE).sample(words, round(len(words) * HELD_OUT))


# --- counted tables --------------------------------------------------------------------------------------------------


def count_words() -> tuple[Counter[str], Counter[str]]:
    """Arabic words of Darija text and of official texts."""
    darija_words = Counter(_TOKEN.findall(SEED.read_text(encoding="utf-8")))
    official: Counter[str] = Counter()
    for path in sorted((OFFICIAL / "ar").glob("*.txt")):
        official.update(_TOKEN.findall(path.read_text(encoding="utf-8")))
    return darija_words, official


def make_attested() -> None:
    """Words attested in Arabic script."""
    darija_words, official = count_words()
    kept = [word for word in {*darija_words, *official} if darija_words[word] >= 2 or official[word] >= 4]
    kept.sort(key=lambda word: (-3 * darija_words[word] - official[word], word))
    _rewrite("attested", (f"{word}\t{darija_words[word]}\t{official[word]}" for word in kept))


def make_french() -> None:
    """French words of the official texts, and what the hand-written list adds or takes away."""
    counted: Counter[str] = Counter()
    for path in sorted((OFFICIAL / "fr").glob("*.txt")):
        counted.update(unaccented(word) for word in re.findall(r"[^\W\d_]+", path.read_text(encoding="utf-8")))
    words = {word for word, count in counted.items() if count >= 3 and len(word) >= 4 and word.isascii()}
    by_hand = [line.split("\t") for line in FRENCH_WORDS.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    words |= {word for sign, word in by_hand if sign == "+"}
    _rewrite("french", sorted(words - {word for sign, word in by_hand if sign == "-"}))


def make_foreign(listed: Sequence[Row], verbs: Sequence[Conjugated]) -> None:
    """Common French and English words that no usual spelling of a Darija word looks like."""
    from wordfreq import top_n_list, zipf_frequency

    known = {
        loose_key(word) for row in listed if "names" not in row.kind for item in row.spellings for word in item.split()
    }
    known |= {loose_key(form.latin) for form in verbs}
    said = Counter(word.lower() for text, _ in doda_sentences() for word in re.findall(r"[a-zA-Z0-9']+", text))
    typed = {loose_key(word) for word, count in said.items() if count >= 3}
    words: set[str] = set()
    for language, most, least in (("fr", 15_000, 3.7), ("en", 8_000, 4.2)):
        for word in top_n_list(language, most):
            plain = unaccented(word)
            frequent = zipf_frequency(word, language) >= (least if len(word) > 3 else 4.6)
            if not (plain.isascii() and plain.isalpha() and len(plain) >= 3 and frequent):
                continue
            key = loose_key(plain)
            if key not in known and (key not in typed or plain != word):
                words.add(plain)
    _rewrite("foreign", sorted(words - column("french")))


def _rewrite(table: str, lines: Iterable[str]) -> None:
    path = TABLES / f"{table}.tsv"
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    rows.cache_clear()
    column.cache_clear()


def doda_sentences() -> list[tuple[str, str]]:
    """Arabizi and English sentences to learn from: all but those that measure."""
    kept = {typed for typed, _ in written_sentences()}
    lines = [line.split("\t") for line in DODA_SENTENCES.read_text(encoding="utf-8").splitlines()]
    return [(line[0], line[1]) for line in lines if len(line) > 1 and " ".join(line[0].split()) not in kept]


def written_sentences() -> list[tuple[str, str]]:
    """The sentences that measure: Arabizi as typed, and the Arabic of each of its words."""
    typed = DODA_SENTENCES.read_text(encoding="utf-8").splitlines()
    lines = [line.split("\t") for line in SENTENCES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return [(" ".join(typed[int(number) - 1].split("\t")[0].split()), arabic) for number, arabic in lines]


# --- examples for the networks ---------------------------------------------------------------------------------------


def arabizi_examples(listed: Sequence[Row], verbs: Sequence[Conjugated], without: set[str]) -> Counter[tuple[str, str]]:
    """Pairs of an Arabizi spelling and an Arabic one: as listed, typed otherwise, with affixes, conjugated."""
    random = Random(CHANCE)
    hidden = {spelling for row in listed if row.arabic in without for spelling in row.spellings}
    pairs: list[tuple[str, str]] = []
    for row in listed:
        if " " in row.arabic or row.arabic in without:
            continue
        for spelling in row.spellings:
            if " " in spelling or spelling in hidden:
                continue
            pairs.append((spelling, row.arabic))
            again = 3 if row.kind == "forms" and len(row.spellings) == 1 else 8
            pairs += [(typed_again(spelling, random), row.arabic) for _ in range(again)]
            for _ in range(2 if row.kind in NOUNS and len(row.arabic) > 2 else 0):
                joined = with_noun_affix(spelling, row.arabic, random) if random.random() < 0.5 else None
                if joined:
                    pairs.append((typed_again(joined[0], random, 0.6), joined[1]))
    for forms in _by_verb(verbs, without):
        for _ in range(30):
            form = random.choice(forms)
            latin, arabic = with_verb_affix(form, random) if random.random() < 0.35 else form[1:3]
            pairs.append((typed_again(latin, random, 0.8), arabic))
    known = reader.Reader({letter: 0 for letter in LATIN[1:]}, (), *[None] * 5).known  # type: ignore[arg-type]
    return Counter((word, arabic) for latin, arabic in pairs if (word := known(latin.replace(" ", ""))))


def chat_examples(
    listed: Sequence[Row], verbs: Sequence[Conjugated], without: set[str]
) -> dict[tuple[str, str], float]:
    """Pairs of an Arabic spelling and an Arabizi one in the usual convention, and how much each counts."""
    random = Random(CHANCE)
    said = Counter(word.lower() for text, _ in doda_sentences() for word in re.findall(r"[^\W_]+", text))
    pairs: dict[tuple[str, str], float] = defaultdict(float)
    for row in listed:
        if " " in row.arabic or row.arabic in without:
            continue
        for place, spelling in enumerate(row.spellings):
            if " " not in spelling:
                worth = (1.5 if place == 0 else 1.0) + 0.5 * min(3.0, math.log1p(said[spelling.lower()]))
                pairs[row.arabic, as_agreed(spelling)] += worth
        if row.kind not in ("adjectives", "verbs") and random.random() < 0.5 and " " not in row.spellings[0]:
            joined = with_noun_affix(row.spellings[0], row.arabic, random)
            if joined and not re.match("[aeou]l|ol|ou", joined[0]):
                pairs[joined[1], as_agreed(joined[0])] += 0.6
    for forms in _by_verb(verbs, without):
        for _ in range(10):
            form = random.choice(forms)
            if re.match("i|ki|ghi", form.latin) and form.kind in ("bare", "present", "future"):
                continue
            latin, arabic = with_verb_affix(form, random) if random.random() < 0.2 else form[1:3]
            pairs[arabic, as_agreed(latin)] += 0.6
    return {pair: worth for pair, worth in pairs.items() if pair[1] and all(letter in ARABIC for letter in pair[0])}


def _by_verb(verbs: Sequence[Conjugated], without: set[str]) -> list[list[Conjugated]]:
    found: dict[str, list[Conjugated]] = defaultdict(list)
    for form in verbs:
        if form.verb not in without:
            found[form.verb].append(form)
    return [forms for _, forms in sorted(found.items())]


def train_arabizi(listed: Sequence[Row], verbs: Sequence[Conjugated], without: set[str]) -> dict[str, object]:
    """The network from Arabizi to Arabic."""
    from spellings.network import START, Example, train

    pairs = arabizi_examples(listed, verbs, without)
    aligner = Aligner(arabic_price, longest=3).count(sorted(pair for pair in pairs if len(pair[0]) < 14)[::5])
    examples = [
        Example(START + word, pieces, math.sqrt(min(count, 4)))
        for (word, arabic), count in pairs.items()
        if (pieces := aligner.align(word, arabic)) is not None
    ]
    print(f"arabizi: {len(examples)} examples{' without the held-out words' if without else ''}", flush=True)
    return train(examples, LATIN, least=20, units=128, epochs=9, seed=CHANCE)


def train_chat(listed: Sequence[Row], verbs: Sequence[Conjugated], without: set[str]) -> dict[str, object]:
    """The network from Arabic script to Arabizi."""
    from spellings.network import START, Example, train

    pairs = chat_examples(listed, verbs, without)
    aligner = Aligner(latin_price, longest=5).count(sorted(pairs)[::2], rounds=2)
    examples = [
        Example(START + word, pieces, worth)
        for (word, latin), worth in pairs.items()
        if (pieces := aligner.align(word, latin)) is not None
    ]
    print(f"chat: {len(examples)} examples{' without the held-out words' if without else ''}", flush=True)
    return train(examples, ARABIC, least=10, units=96, epochs=14, seed=CHANCE)


# --- how usual words and pairs of words are --------------------------------------------------------------------------


def worth_of_words(
    listed: Sequence[Row], verbs: Sequence[Conjugated], said: Counter[str], without: set[str]
) -> dict[str, float]:
    """How much each Arabic word is worth as an answer: counts in Darija and in Arabic, and whether it is listed."""
    from wordfreq import get_frequency_dict

    usable = re.compile("[\u0621-\u064aٱپچڤگڭݣۋ]{2,14}$")
    frequent = {word: share * 1e7 for word, share in get_frequency_dict("ar").items() if usable.match(word)}
    common = sorted(frequent, key=lambda word: (-frequent[word], word))[:60_000]
    counted = {row[0]: int(row[1]) + int(row[2]) / 3 for row in rows("attested")}
    bonus: dict[str, float] = {form.arabic: 0.3 for form in verbs if form.verb not in without}
    bonus |= {word: 0.6 for row in listed for word in row.arabic.split(" ") if word not in without}
    return {
        word: 0.3 * math.log1p(counted.get(word, 0))
        + 0.45 * math.log1p(frequent.get(word, 0))
        + 0.15 * math.log1p(said[word])
        + bonus.get(word, 0.0)
        for word in {*common, *counted, *bonus}
    }


def write_words(worth: dict[str, float]) -> None:
    """Words by their level, the most usual first."""
    levels: dict[int, list[str]] = defaultdict(list)
    for word, value in worth.items():
        levels[round(10 * value)].append(word)
    lines = (f"{level}\t{' '.join(sorted(levels[level]))}" for level in sorted(levels, reverse=True) if level > 0)
    (MODELS / "arabic_words.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lexicon.usual.cache_clear()
    arabizi.forms.cache_clear()


def english_of_words() -> defaultdict[tuple[str, str], str]:
    """The English that the Darija Open Dataset has for a word: of the list and the spelling."""
    glosses: defaultdict[tuple[str, str], str] = defaultdict(str)
    for path in sorted(DODA.glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for column_name, spelling in row.items():
                    if re.fullmatch(r"n\d", column_name or "") and spelling and spelling.strip():
                        glosses[path.stem, spelling.strip()] += f" {row.get('eng') or ''}"
    return glosses


def spoken_sentences() -> Iterator[list[str]]:
    """The Darija Open Dataset's sentences in Arabic script, as far as letters, context and the English side tell."""
    glosses = english_of_words()
    meanings: dict[str, set[str]] = defaultdict(set)
    for row in rows("dictionary"):
        english = " ".join([row[2], *(glosses[row[3], spelling] for spelling in row[1].split(", "))])
        for arabic in row[0].split("|"):
            meanings[arabic] |= {_stem(word) for word in re.findall("[a-z]{3,}", english.lower())} - {"the"}
    for text, english in doda_sentences():
        meant = {_stem(word) for word in re.findall("[a-z]{3,}", english.lower())}

        def fits(arabic: str, meant: set[str] = meant) -> bool:
            return any(meanings.get(form, set()) & meant for form in _bare(arabic))

        slots = [
            sorted(
                (form._replace(score=form.score + 3.0 * fits(form.text)) for form in slot.forms[:6]),
                key=lambda form: -form.score,
            )
            for slot in arabizi.slots(text)
        ]
        yield [form.text for form in context.best_paths(slots, 1, trust=0.9)[0]]


def _stem(word: str) -> str:
    return next((word[: -len(end)] for end in ("ing", "ed", "es", "s") if word.endswith(end) and len(word) > 5), word)


def _bare(arabic: str) -> Iterator[str]:
    yield arabic
    for start in ("ال", "وال", "فال", "بال", "ك", "كن", "كت", "كي", "غن", "غت", "غي", "ن", "ت", "ي"):
        if arabic.startswith(start) and len(arabic) > len(start) + 1:
            yield arabic[len(start) :]


def _tokens(line: str) -> list[str]:
    return re.findall(rf"{_TOKEN.pattern}|[^\s]", line)


def make_pairs() -> Counter[str]:
    """Write which words follow each other more often than by chance; gives how often each word was said."""
    own = (line.split("\t")[-1] for name in OWN for line in name.read_text("utf-8").splitlines() if line[0] != "#")
    corpora = (
        (chain(spoken_sentences(), map(_tokens, own)), 1),
        (map(_tokens, SEED.read_text(encoding="utf-8").splitlines()), 4),
    )
    together: dict[str, dict[str, int]] = defaultdict(dict)
    said: Counter[str] = Counter()
    for sentences, least in corpora:
        words: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for sentence in sentences:
            before = ""
            for text in sentence:
                if text.isspace():
                    continue
                if text[:1] < "\u0621":
                    before = ""
                    continue
                for word in text.split(" "):
                    words[word] += 1
                    pairs[before, word] += bool(before)
                    before = word
        said = said or words
        total = words.total()
        for (before, word), count in pairs.items():
            if count >= least:
                surprise = math.log(count * total / (words[before] * words[word])) * (count - 0.7) / count
                level = round(10 * min(3.0, surprise))
                if level > 3:
                    together[before][word] = max(level, together[before].get(word, 0))
    lines = (
        "\t".join([before, *(f"{word} {level}" for word, level in sorted(after.items()))])
        for before, after in sorted(together.items())
    )
    (MODELS / "darija_pairs.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    context.pairs.cache_clear()
    return said


# --- figures ---------------------------------------------------------------------------------------------------------


class Figures(NamedTuple):
    """Shares of words right at once and among five, and the character error rate of the first."""

    words: int
    first: float
    in_five: float
    errors: float

    def __str__(self) -> str:
        return f"{self.words} words: top-1 {self.first:.3f}, top-5 {self.in_five:.3f}, CER {self.errors:.3f}"


def lenient(word: str) -> str:
    """Hamza, ة and the Moroccan letters folded, vowel signs left out."""
    return word.translate(str.maketrans("أإآٱؤئةىگڭݣپڤ", "ااااوياا" + "كككبف", "ءًٌٍَُِّْ"))


def measure(pairs: Iterable[tuple[str, str]], candidates: Callable[[str], Sequence[str]]) -> Figures:
    """How often the Arabic of each Arabizi word is found."""
    words = first = in_five = wrong = letters = 0
    for word, arabic in pairs:
        found = [lenient(form) for form in candidates(word)[:5]]
        right = lenient(arabic)
        words, first, in_five = words + 1, first + (found[0] == right), in_five + (right in found)
        wrong, letters = wrong + _distance(found[0], right), letters + len(right)
    return Figures(words, first / words, in_five / words, wrong / letters)


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        above, row = row, [place]
        for at, right in enumerate(other, 1):
            row.append(min(above[at] + 1, row[-1] + 1, above[at - 1] + (letter != right)))
    return row[-1]


def as_shipped(word: str) -> list[str]:
    """The candidates that users get."""
    return [form for form, _ in arabizi.arabic_forms(word)]


def measure_sentences(trust: float, again: Random | None = None) -> tuple[int, float]:
    """Scored words of the sentences and the share that is right; `again` types every word another way."""
    words = right = 0
    for text, arabic in written_sentences():
        typed = text.split(" ")
        if again:
            typed = [typed_again(word.lower(), again).strip() or word for word in typed]
        written = words_of(typed, trust)
        for form, wanted in zip(written, arabic.split(" "), strict=True):
            accepted = {lenient(_bare_word(way.replace("_", " "))) for way in wanted.split("|")}
            if _bare_word(wanted) in ("_", ""):
                continue
            words, right = words + 1, right + (lenient(_bare_word(form)) in accepted)
    return words, right / words


def words_of(typed: Sequence[str], trust: float) -> list[str]:
    """The Arabic for each of the words, before small words are joined."""
    text = " ".join(typed)
    starts, at = {}, 0
    for place, word in enumerate(typed):
        starts[at] = place
        at += len(word) + 1
    written = [""] * len(typed)
    at = place = 0
    for (source, _), form in zip(*arabizi.chosen(text, trust), strict=True):
        place = starts.get(at, place)
        sources, forms = source.split(), form.text.split(" ")
        if len(sources) > 1:
            for more in range(len(sources)):
                written[place + more] += forms[more] if len(forms) == len(sources) else form.text * (more == 0)
            place += len(sources) - 1
        else:
            written[place] += form.text.strip()
        at += len(source)
    return written


def _bare_word(word: str) -> str:
    return word.strip("؟?،,;!.:…\"'()")


def imagenet_pairs() -> list[tuple[str, str]]:
    """The words of the Darija Open Dataset that have both scripts, each once."""
    with (DODA / "imagenet_b_darija.csv").open(encoding="utf-8", newline="") as file:
        found = {(row["general_darija"].strip(), row["darija_ar"].strip()) for row in csv.DictReader(file)}
    return sorted(pair for pair in found if all(pair) and " " not in pair[0] + pair[1])


def measure_shipped(listed: Sequence[Row]) -> dict[str, str]:
    """The figures of what is in the folder, by what they are about."""
    pairs = [(spelling, row.arabic) for row in listed for spelling in row.spellings if " " not in spelling + row.arabic]
    random = Random(CHANCE)
    again = [(typed_again(spelling, random), arabic) for spelling, arabic in random.sample(pairs, 3000)]
    exact = lexicon.spellings().exact
    again = [(word, arabic) for word, arabic in again if word.strip() and word.lower() not in exact]
    arabizi.forms.cache_clear()
    start = time.process_time()
    on_listed = measure(pairs, as_shipped)
    each = (time.process_time() - start) / len(pairs)
    figures = {
        "listed words": str(on_listed),
        "listed words typed another way": str(measure(again, as_shipped)),
        "the 92 words with both scripts (spelled with all vowels)": str(measure(imagenet_pairs(), as_shipped)),
        "Arabizi words a second, first time": f"{round(1 / each, -2):,.0f} on one core",
    }
    for name, chance in (("200 sentences", None), ("the same, typed another way", 3)):
        alone = measure_sentences(0.0, Random(chance) if chance else None)
        together = measure_sentences(context.TRUST, Random(chance) if chance else None)
        figures[name] = f"{alone[0]} words: {alone[1]:.3f} without context, {together[1]:.3f} with it"
    spelled = defaultdict(set)
    for row in listed:
        spelled[row.arabic] |= {spelling.lower() for spelling in row.spellings}
    words = [(word, known) for word, known in spelled.items() if " " not in word]
    start = time.process_time()
    ways = [darija.spelled(word) for word, _ in words]
    each = (time.process_time() - start) / len(words)
    first = sum(way[0] in known for way, (_, known) in zip(ways, words, strict=True)) / len(words)
    in_five = sum(bool(known & set(way[:5])) for way, (_, known) in zip(ways, words, strict=True)) / len(words)
    figures["Arabic to Arabizi, listed words"] = f"{len(words)} words: top-1 {first:.3f}, top-5 {in_five:.3f}"
    figures["Arabic words a second, first time"] = f"{round(1 / each, -2):,.0f} on one core"
    return figures


def measure_unlisted(listed: Sequence[Row], verbs: Sequence[Conjugated]) -> dict[str, str]:
    """Train both networks without the held-out words and measure on those."""
    from spellings.network import as_reader

    held = held_out(listed)
    without = {row.arabic for row in held}
    network = as_reader(train_arabizi(listed, verbs, without))
    worth = worth_of_words(listed, verbs, Counter(), without)

    def candidates(word: str) -> list[str]:
        read = network.candidates(word, 16)
        ranked = sorted(read, key=lambda one: -one.score - worth.get(one.text, 0.0))
        return [one.text for one in ranked] or [word]

    pairs = [(spelling, row.arabic) for row in held for spelling in row.spellings if " " not in spelling]
    figures = {f"words that no table lists ({len(held)} rows held out)": str(measure(pairs, candidates))}
    back = as_reader(train_chat(listed, verbs, without))
    spelled = defaultdict(set)
    for row in listed:
        if row.arabic in without:
            spelled[row.arabic] |= {form for way in row.spellings for form in (way.lower(), as_agreed(way))}
    ways = {word: [one.text for one in back.candidates(word, 5)] for word in spelled}
    first = sum(ways[word][:1] != [] and ways[word][0] in known for word, known in spelled.items()) / len(spelled)
    in_five = sum(bool(known & set(ways[word])) for word, known in spelled.items()) / len(spelled)
    figures["Arabic to Arabizi, words that no table lists"] = (
        f"{len(spelled)} words: top-1 {first:.3f}, top-5 {in_five:.3f}"
    )
    return figures


# --- the card --------------------------------------------------------------------------------------------------------

CARD = """# Model card: Arabizi to Arabic script and back

What `tiwizi.language.transliterate` uses for Darija. Made by `training/transliteration.py`; these figures are what it
printed.

| figure | value |
|---|---|
{figures}

A word is right when it is the reference with hamza, ة and the Moroccan letters folded; in the other direction, when it
is any listed spelling. *Listed* words are answered from the shipped tables, so their figure shows what homographs cost.
*Typed another way*: each spelling changed by the habits of `training/spellings/typing_habits.py`.

**How it works.** A convolutional network (half a megabyte) reads a word letter by letter; listed spellings, known
Arabic words and the words around it choose among its candidates.

**Limits.** The Arabic spellings of the dictionary were written for this project and not yet read by native speakers.
Darija has no standard spelling: a candidate that differs from a reference is often right as well. Short vowels and
emphatic letters that nobody typed are guessed. The context knows few pairs of words: fifty-five thousand words of chat
and a hundred thousand of encyclopaedia text; it helps little.

**Data and licences.** The networks learned from the Darija Open Dataset (MIT, f6b952c). `arabic_words.tsv` and
`darija_pairs.tsv` also hold counts from NLLB-Seed (CC BY-SA 4.0), from Moroccan official texts (not protected) and, the
first, frequencies of wordfreq (CC BY-SA 4.0): these two files and `foreign.tsv` are CC BY-SA 4.0.

| file | SHA-256 |
|---|---|
{digests}
"""


def write_card(figures: dict[str, str]) -> None:
    """The card, with the digests of what was read and of what was made."""
    made = [MODELS / name for name in ("arabizi.npz", "chat.npz", "arabic_words.tsv", "darija_pairs.tsv")]
    made += [
        TABLES / f"{name}.tsv"
        for name in ("words", "dictionary", "attested", "french", "foreign", "letters", "affixes")
    ]
    read = [DODA_SENTENCES, SEED, *sorted(DODA.rglob("*.csv"))]
    lines = [f"| `{path.name}` | `{_digest([path])}` |" for path in made]
    lines += [f"| data: {name} | `{_digest(paths)}` |" for name, paths in (
        ("Darija Open Dataset, word lists", read[2:]),
        ("Darija Open Dataset, sentences", read[:1]),
        ("NLLB-Seed Moroccan Arabic", read[1:2]),
        ("official texts", sorted(OFFICIAL.glob("??/*.txt"))),
    )]  # fmt: skip
    rows_of_figures = "\n".join(f"| {name} | {value} |" for name, value in figures.items())
    card = CARD.format(figures=rows_of_figures, digests="\n".join(lines))
    (MODELS / "transliterate.md").write_text(card, encoding="utf-8")


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Make everything, or only measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true", help="only print the figures of what is there")
    only_measure = parser.parse_args().measure
    if not DODA.is_dir():
        sys.exit("TIWIZI_DATA must name the folder that holds lexicon/doda, parallel and official-texts")
    listed = listed_rows()
    figures: dict[str, str] = {}
    if not only_measure:
        from spellings.network import save

        verbs = list(conjugate(DODA / "syntactic categories", verbs_of(listed)))
        make_attested()
        make_french()
        make_foreign(listed, verbs)
        figures = measure_unlisted(listed, verbs)
        save(train_arabizi(listed, verbs, set()), MODELS / "arabizi.npz")
        save(train_chat(listed, verbs, set()), MODELS / "chat.npz")
        for known in (reader.reader, arabizi.forms, foreign.is_foreign):
            known.cache_clear()
        write_words(worth_of_words(listed, verbs, Counter(), set()))
        (MODELS / "darija_pairs.tsv").write_text("", encoding="utf-8")
        write_words(worth_of_words(listed, verbs, make_pairs(), set()))
        make_pairs()
        arabizi.forms.cache_clear()
    figures |= measure_shipped(listed)
    for name, value in figures.items():
        print(f"{name}: {value}")
    if not only_measure:
        write_card(figures)


if __name__ == "__main__":
    main()
