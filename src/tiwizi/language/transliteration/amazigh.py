"""Amazigh as people type it, in Latin or Arabic letters, read into the standard spelling.

Two tables say what each typed stretch may stand for (`amazigh_readings.tsv` for Latin, `amazigh_arabic.tsv` for Arabic
letters). Among the readings, a word counted in a corpus wins (`amazigh_attested.tsv`, made by `training/amazigh.py`);
otherwise the letters that follow each other as in those words. That is how emphatic letters, which nobody types, and
vowels, which Arabic leaves out, come back.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from heapq import nsmallest
from math import log
from typing import Literal, NamedTuple

from tiwizi.language.transliteration.french import is_french
from tiwizi.language.transliteration.pieces import pieces
from tiwizi.language.transliteration.tables import rows
from tiwizi.language.transliteration.tifinagh import GUARD, to_latin, to_tifinagh

How = Literal["kept", "attested", "letters"]
LONGEST = 40  # characters of a word that is read; nobody writes longer ones

_TYPED_TWICE = 4.0  # a letter typed twice that stands for one: tizinnitt
_TYPED_ONCE = 2.5  # a letter typed once that stands for two: asgwas
_NOT_TYPED = {"e": 0.7, "ʷ": 0.7}  # letters of the standard that most people leave out
_SUPPLIED = 2.0  # a vowel that Arabic letters leave out
_STRANGE = 4.0  # a character that no table knows
_UNATTESTED = 3.5  # what a word that was never counted costs beside one that was
_SEQUENCE = 0.6  # weight of the letters that follow each other
_WIDE, _NARROW = 60, 8  # how many beginnings are followed at each place, of attested words and of others
_CONSONANT = frozenset("bgdḍfkhḥɛxqjlmnrṛɣsṣctṭwyzẓp")
_ROUNDED = frozenset("kgxɣq")
_STANDARD_ONLY = re.compile("[ɣɛḥḍṛṣṭẓʷ]")
_SHADDA = "\N{ARABIC SHADDA}"
_VOWEL_FIRST = re.compile(f"([\u064b-\u0650])({_SHADDA})")  # the order in which Unicode sorts them
_ARABIC = re.compile("[\u0620-\u065f\u066e-\u06d3\u0750-\u077f]+")
_AGAIN = re.compile(r"(.)\1{2,}")


class Read(NamedTuple):
    """A stretch of text as it came, in the standard spelling, and how it got there."""

    source: str
    text: str
    how: How


class _Option(NamedTuple):
    size: int
    letters: str
    cost: float


class _Form(NamedTuple):
    word: str
    how: How
    cost: float


def standard_latin(text: str) -> list[Read]:
    """Amazigh typed in Latin letters, cut into stretches, each in standard Latin spelling; the sources join back.

    French words, numbers, links and acronyms stay as they are.
    """
    return [_standard_piece(piece.kind, piece.text) for piece in pieces(text)]


def _standard_piece(kind: str, text: str) -> Read:
    if kind != "word":
        return Read(text, text, "kept")
    best = standard_forms(text, most=1)[0]
    return Read(text, best[0], best[1])


@lru_cache(maxsize=50_000)
def standard_forms(word: str, most: int = 5) -> list[tuple[str, How]]:
    """The likeliest standard Latin forms of one word typed in Latin letters, best first."""
    low = word.lower()
    if len(word) > LONGEST or not any("a" <= letter <= "ʷ" or letter in "γεԑƹ48" for letter in low):
        return [(word, "kept")]
    forms = _forms(_AGAIN.sub(r"\1\1", low), _latin_options)
    if is_french(low) and (not forms or forms[0].how != "attested"):
        return [(word, "kept")]
    big = word[0].isupper()
    return [(form.word.capitalize() if big else form.word, form.how) for form in forms[:most]] or [(word, "kept")]


def typed_as_in_chats(text: str) -> bool:
    """Whether a text in Latin letters has a spelling that the standard has not: gh, ou, kh, 3, 7 and the like.

    What `to_latin` writes never has: it keeps such neighbours apart. So a text for which this is true may be read as
    typed, and one for which it is false letter by letter, with the exact way back.
    """
    outside = GUARD.join(text.split(GUARD)[::2])
    return bool(_chat_spelling().search(outside))


@cache
def _chat_spelling() -> re.Pattern[str]:
    standard = {row[1] for row in rows("tifinagh")}
    chat = [row[0] for row in rows("amazigh_chat") if row[0] not in standard]
    letters = "|".join(re.escape(typed) for typed in chat if not typed.isdigit())
    digits = "".join(typed for typed in chat if typed.isdigit())
    return re.compile(rf"{letters}|(?<=[^\W\d_])[{digits}](?=[^\W\d_])", re.IGNORECASE)


def chat_to_tifinagh(text: str) -> list[Read]:
    """Amazigh typed in Latin letters, cut into stretches, each in Tifinagh; the sources join back to the text."""
    return [
        read._replace(text=read.text if read.how == "kept" else to_tifinagh(read.text)) for read in standard_latin(text)
    ]


def usual_letters(word: str) -> str:
    """A word typed in Latin letters, each stretch in its most usual reading; for comparing, not for showing."""
    usual = _usual()
    out: list[str] = []
    at = 0
    while at < len(word):
        size = 2 if word[at : at + 2] in usual else 1
        out.append(usual.get(word[at : at + size], word[at]))
        at += size
    return "".join(out)


@cache
def _usual() -> dict[str, str]:
    return {typed: min(ways, key=lambda way: way[1])[0] for typed, ways in _readings("amazigh_readings").items()}


def arabic_to_tifinagh(text: str) -> list[Read]:
    """Amazigh written in Arabic letters, cut into stretches, each in Tifinagh; the sources join back to the text."""
    out: list[Read] = []
    at = 0
    for match in _ARABIC.finditer(text):
        if match.start() > at:
            out.append(Read(text[at : match.start()], text[at : match.start()].translate(_PUNCTUATION), "kept"))
        best = tifinagh_forms(match.group(), most=1)[0]
        out.append(Read(match.group(), best[0], best[1]))
        at = match.end()
    if at < len(text):
        out.append(Read(text[at:], text[at:].translate(_PUNCTUATION), "kept"))
    return out


_PUNCTUATION = str.maketrans("؟،؛٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "?,;01234567890123456789", "ـ")


@lru_cache(maxsize=50_000)
def tifinagh_forms(word: str, most: int = 5) -> list[tuple[str, How]]:
    """The likeliest Tifinagh forms of one word written in Arabic letters, best first."""
    plain = _AGAIN.sub(r"\1\1", _VOWEL_FIRST.sub(r"\2\1", word.replace("\N{ARABIC TATWEEL}", "")))
    if len(plain) > LONGEST or not plain:
        return [(word, "kept")]
    return [(to_tifinagh(form.word), form.how) for form in _forms(plain, _arabic_options)[:most]] or [(word, "kept")]


# --- reading: every beginning of every reading, place by place, the cheapest kept ----------------------------------


def _forms(word: str, options: Callable[[str], list[list[_Option]]]) -> list[_Form]:
    steps = options(word)
    known = _known()
    found: dict[str, _Form] = {}
    for letters, cost in _paths(
        steps, _WIDE, lambda before, added: 0.0 if before + added in known.beginnings else None
    ):
        count = known.counts.get(letters)
        if count:
            found[letters] = _Form(letters, "attested", cost + log(known.total / count))
    for letters, cost in _paths(steps, _NARROW, lambda before, added: _SEQUENCE * _surprise(before, added)):
        if letters and letters not in found:
            cost += _SEQUENCE * _surprise(letters, "$") + _UNATTESTED
            found[letters] = _Form(letters, "letters", cost)
    return sorted(found.values(), key=lambda form: form.cost)


def _paths(
    steps: list[list[_Option]], most: int, price: Callable[[str, str], float | None]
) -> Iterator[tuple[str, float]]:
    """The cheapest whole readings with their costs; `price` is what adding letters costs, None that it cannot be."""
    reached: list[dict[str, float]] = [{} for _ in range(len(steps) + 1)]
    reached[0][""] = 0.0
    for at, options in enumerate(steps):
        here = reached[at]
        best = nsmallest(most, here.items(), key=lambda item: item[1]) if len(here) > most else here.items()
        for before, cost in best:
            for size, letters, own in options:
                if letters[:1] == letters[1:2] != "" and before[-1:] == letters[:1]:
                    continue  # no letter stands three times
                added = price(before, letters) if letters else 0.0
                if added is None:
                    continue
                whole, total = before + letters, cost + own + added
                there = reached[at + size]
                if total < there.get(whole, 1e9):
                    there[whole] = total
        reached[at] = {}
    yield from nsmallest(most, reached[-1].items(), key=lambda item: item[1])


def _latin_options(word: str) -> list[list[_Option]]:
    table = _readings("amazigh_readings")
    # In a word that shows an emphatic letter, the letters without a dot are meant to be without.
    marked = bool(_STANDARD_ONLY.search(word))
    return [list(_options_at(word, at, table, marked)) for at in range(len(word))]


def _options_at(word: str, at: int, table: dict[str, list[tuple[str, float]]], marked: bool) -> Iterator[_Option]:
    found = False
    for size in (2, 1):
        typed = word[at : at + size]
        if len(typed) < size:
            continue
        for letters, cost in table.get(typed, ()):
            found = True
            if marked and size == 1 and typed in "dhrstz" and letters != typed:
                cost += 3.0
            yield from _with_unwritten(size, letters, cost)
            if word.startswith(typed, at + size) and letters in _CONSONANT:
                yield _Option(2 * size, letters, cost + _TYPED_TWICE)
    if not found:
        yield _Option(1, word[at], _STRANGE)


def _with_unwritten(size: int, letters: str, cost: float) -> Iterator[_Option]:
    yield _Option(size, letters, cost)
    if letters in _CONSONANT:
        yield _Option(size, letters * 2, cost + _TYPED_ONCE)
        yield _Option(size, letters + "e", cost + _NOT_TYPED["e"])
        if letters in _ROUNDED:
            yield _Option(size, letters + "ʷ", cost + _NOT_TYPED["ʷ"])
            yield _Option(size, letters * 2 + "ʷ", cost + _NOT_TYPED["ʷ"] + _TYPED_ONCE)


def _arabic_options(word: str) -> list[list[_Option]]:
    table = _readings("amazigh_arabic")
    return [list(_arabic_options_at(word, at, table)) for at in range(len(word))]


def _arabic_options_at(word: str, at: int, table: dict[str, list[tuple[str, float]]]) -> Iterator[_Option]:
    found = False
    for size in (2, 1):
        typed = word[at : at + size]
        if len(typed) < size:
            continue
        doubled = word[at + size : at + size + 1] == _SHADDA
        for letters, cost in table.get(typed, ()):
            found = True
            if letters not in _CONSONANT:
                yield _Option(size, letters, cost)
                continue
            written = letters * 2 if doubled else letters
            after = size + doubled
            for option in _with_unwritten(after, written, cost) if not doubled else [_Option(after, written, cost)]:
                yield option
                if not option.letters.endswith("e"):
                    for vowel in "aiu":
                        yield _Option(after, option.letters + vowel, option.cost + _SUPPLIED)
    if not found:
        yield _Option(1, "" if word[at] == _SHADDA else word[at], _STRANGE)


# --- what was counted ------------------------------------------------------------------------------------------------


class _Known(NamedTuple):
    counts: dict[str, int]
    beginnings: frozenset[str]
    total: int


@cache
def _readings(name: str) -> dict[str, list[tuple[str, float]]]:
    table: dict[str, list[tuple[str, float]]] = {}
    for typed, letters, cost in rows(name):
        table.setdefault(typed, []).append((letters, float(cost)))
    return table


@cache
def _known() -> _Known:
    counts = {to_latin(row[0]): int(row[1]) for row in rows("amazigh_attested")}
    for row in rows("amazigh_words"):
        word = to_latin(row[0])
        counts[word] = max(5, counts.get(word, 0))
    beginnings = frozenset(word[:size] for word in counts for size in range(1, len(word) + 1))
    return _Known(counts, beginnings, sum(counts.values()))


@cache
def _sequences() -> tuple[dict[str, float], dict[str, float], dict[str, int]]:
    """How often each run of up to four letters occurs in the counted words, a frequent word a little more."""
    runs: dict[str, float] = {}
    for word, count in _known().counts.items():
        weight = 1.0 + log(count)
        framed = f"^^^{word}$"
        for at in range(3, len(framed)):
            for size in range(4):
                run = framed[at - size : at + 1]
                runs[run] = runs.get(run, 0.0) + weight
    before: dict[str, float] = {}
    kinds: dict[str, int] = {}
    for run, often in runs.items():
        before[run[:-1]] = before.get(run[:-1], 0.0) + often
        kinds[run[:-1]] = kinds.get(run[:-1], 0) + 1
    return runs, before, kinds


def _surprise(before: str, added: str) -> float:
    """Minus the logarithm of the probability of the letters `added` after `before`."""
    framed = "^^^" + before
    total = 0.0
    for letter in added:
        total += _surprise_of(framed[-3:], letter)
        framed += letter
    return total


@lru_cache(maxsize=200_000)
def _surprise_of(before: str, letter: str) -> float:
    """Witten and Bell (1991): what longer runs have not seen is left to shorter ones."""
    runs, totals, kinds = _sequences()
    chance = 1e-4
    for size in range(4):
        context = before[3 - size :]
        total = totals.get(context)
        if total:
            unmet = 1.5 * kinds[context]
            chance = (runs.get(context + letter, 0.0) + unmet * chance) / (total + unmet)
    return -log(chance)
