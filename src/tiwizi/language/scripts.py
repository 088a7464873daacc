"""Words of a text with their script and their plain form; which language they are is `identify`'s matter."""

import re
import unicodedata
from functools import cache, lru_cache

from msgspec import Struct

NO_SCRIPT = "Zyyy"  # ISO 15924: undetermined
OTHER_SCRIPT = "Zzzz"  # ISO 15924: a script without a code here

_RANGES = (
    (0x0041, 0x02AF, "Latn"),
    (0x0370, 0x03FF, "Grek"),
    (0x0400, 0x052F, "Cyrl"),
    (0x0531, 0x058F, "Armn"),
    (0x0591, 0x05F4, "Hebr"),
    (0x0600, 0x06FF, "Arab"),
    (0x0750, 0x077F, "Arab"),
    (0x0870, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"),
    (0x1200, 0x139F, "Ethi"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x2C60, 0x2C7F, "Latn"),
    (0x2D30, 0x2D7F, "Tfng"),
    (0x3041, 0x309F, "Hira"),
    (0x30A0, 0x30FF, "Kana"),
    (0x3400, 0x9FFF, "Hani"),
    (0xA720, 0xA7FF, "Latn"),
    (0xAB30, 0xAB6F, "Latn"),
    (0xAC00, 0xD7A3, "Hang"),
    (0xFB00, 0xFB06, "Latn"),
    (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFC, "Arab"),
    (0xFF21, 0xFF5A, "Latn"),
    (0x1EE00, 0x1EEFF, "Arab"),
)
_STARTERS = "\u0600-\u0605\u06dd\u0890\u0891\u08e2"  # Arabic signs that share a grapheme with what follows
_JOINERS = "\u200c\u200d"
_INSIDE = "'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}\\-"
_TATWEEL = "\N{ARABIC TATWEEL}"
_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)
# People type epsilon and gamma of the Greek keyboard for the Amazigh letters that look like them.
_AMAZIGH_GREEK = str.maketrans({"ε": "ɛ", "γ": "ɣ", "Γ": "ɣ", "Σ": "ɛ", "ʼ": "'", "’": "'"})
_LONGEST = 64  # characters of a word that are looked at; nobody writes longer ones


class Word(Struct, frozen=True):
    """A stretch of letters: `text[start:end]`, begins and ends at a grapheme border."""

    start: int
    end: int
    form: str
    script: str


def words(text: str) -> list[Word]:
    """Return the words of `text` that have a letter, in order; marks stay with their letter, numbers are left out.

    Takes any string, lone surrogates too, in time linear in its length. Marks and graphemes: Unicode UAX 29.
    """
    found = (match.span() for match in _word_pattern().finditer(text))
    return [
        Word(start, end, form, script)
        for start, end in found
        for form, script in [_read(text[start : min(end, start + _LONGEST)])]
        if script != NO_SCRIPT
    ]


def script_of(text: str) -> str:
    """Return the ISO 15924 code of the script that has most letters in `text`; Zyyy when there is no letter."""
    counts: dict[str, int] = {}
    for letter in text:
        if letter.isalpha() and letter != _TATWEEL:
            script = _letter_script(letter)
            counts[script] = counts.get(script, 0) + 1
    return max(counts, key=counts.__getitem__, default=NO_SCRIPT)


def plain(word: str) -> str:
    """Return `word` as the classifiers read it: NFKC, lower case, no vowel signs, letters at most twice in a row."""
    letters = unicodedata.normalize("NFKC", word).lower().translate(_AMAZIGH_GREEK)
    if not letters.isascii():
        letters = "".join(letter for letter in letters if not _invisible(letter))
    return _REPEATED.sub(r"\1\1", letters).strip("'-")


@lru_cache(maxsize=50_000)
def _read(word: str) -> tuple[str, str]:
    form = plain(word)
    return form, script_of(form)


def _letter_script(letter: str) -> str:
    point = ord(letter)
    for first, last, script in _RANGES:
        if first <= point <= last:
            return script
    return OTHER_SCRIPT


def _invisible(letter: str) -> bool:
    """Arabic vowel signs, tatweel, joiners and direction marks; a mark on a Latin letter is part of the spelling."""
    if letter == _TATWEEL or "\ud800" <= letter <= "\udfff":
        return True
    category = unicodedata.category(letter)
    return category == "Cf" or (category == "Mn" and letter >= "\u0591")


@cache
def _word_pattern() -> re.Pattern[str]:
    marks = "".join(_class_of_marks())
    unit = rf"[^\W_][{marks}{_JOINERS}]*+"
    # The lookbehind keeps a long run of starters linear: it is read once, not once from each of its characters.
    return re.compile(rf"(?<![{_STARTERS}])[{_STARTERS}]*+{unit}(?:[{_INSIDE}]?{unit})*+")


def _class_of_marks() -> list[str]:
    """Ranges, for a pattern, of what Unicode calls a mark (M); `re` has no class for it."""
    ranges: list[str] = []
    first = None
    for point in (*range(0x300, 0x20000), *range(0xE0100, 0xE01F1)):  # no mark lies elsewhere
        if unicodedata.category(chr(point))[0] == "M":
            first = point if first is None else first
        elif first is not None:
            ranges.append(f"{chr(first)}-{chr(point - 1)}")
            first = None
    return ranges
