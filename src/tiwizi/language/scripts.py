"""Words of a text with their script and their plain form; which language they are is `identify`'s matter."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from msgspec import Struct

NO_SCRIPT = "Zyyy"  # ISO 15924: undetermined
OTHER_SCRIPT = "Zzzz"  # ISO 15924: a script without a code here
_OURS = frozenset(("Arab", "Latn", "Tfng"))
_MIXED = "mixed"  # a word that is to be cut

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
# A stretched vowel or Arabic letter (but ل) is written once, another stretched letter twice: bzzzaf, salaaam, سلااام.
_LONG_VOWEL = re.compile(r"([aeiouyàéèêâîôû\u0620-\u0643\u0645-\u064a])\1{2,}")
_LONG_LETTER = re.compile(r"(.)\1{2,}", re.DOTALL)
_STRETCHED = re.compile(r"(.)\1\1", re.DOTALL)
_CLOSED_UP = f"[{_JOINERS}\u00ad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
# What is no language although it has letters: addresses of pages and people. Bounded, so that time stays linear.
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}|(?<!\w)@\w{1,64}"
    r"|(?<![\w.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){0,3}\.(?:ma|com|org|net|fr|gov|info|io|eu)\b(?:/\S{0,2000})?",
    re.IGNORECASE,
)
# Digits and letters of other keyboards: Arabic-Indic and Persian digits, Persian and Urdu yeh, kaf and heh.
_OTHER_KEYBOARDS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹یکھہۀۂ", "01234567890123456789يكهههه")
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
    found: list[Word] = []
    addresses = _addresses(text)
    at, until = next(addresses, (len(text), len(text)))
    for match in _word_pattern().finditer(text):
        start, end = match.span()
        while until <= start:
            at, until = next(addresses, (len(text), len(text)))
        if end > at:
            continue
        form, script = _read(text[start : min(end, start + _LONGEST)])
        if script == _MIXED:
            found += _cut(text, start, end)
        elif script != NO_SCRIPT:
            found.append(Word(start, end, form, script))
    return found


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    if "." in text or "@" in text or "://" in text:
        yield from (match.span() for match in _ADDRESS.finditer(text))


def _cut(text: str, start: int, end: int) -> Iterator[Word]:
    """Yield the parts of a word that are each in one script: الpassport is two words; a digit stays with its left."""
    parts: list[tuple[str, int]] = []
    for at in range(start, end):
        letter = unicodedata.normalize("NFKC", text[at])[:1]
        if letter.isalpha() and letter != _TATWEEL:
            script = _letter_script(letter)
            script = script if script in _OURS else "Latn"
            if not parts or parts[-1][0] != script:
                parts.append((script, at if parts else start))
    ends = [at for _, at in parts[1:]] + [end]
    for (script, first), last in zip(parts, ends, strict=True):
        form = plain(text[first : min(last, first + _LONGEST)])
        if form:
            yield Word(first, last, form, script)


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
        letters = letters.translate(_OTHER_KEYBOARDS)
    if _STRETCHED.search(letters):
        letters = _LONG_LETTER.sub(r"\1\1", _LONG_VOWEL.sub(r"\1", letters))
    return letters.strip("'-")


@lru_cache(maxsize=50_000)
def _read(word: str) -> tuple[str, str]:
    form = plain(word)
    script = script_of(form)
    if (
        not form.isascii()
        and script in _OURS
        and len({_letter_script(each) for each in form if each.isalpha()} & _OURS) > 1
    ):
        return form, _MIXED
    return form, script


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
    return re.compile(rf"(?<![{_STARTERS}])[{_STARTERS}]*+{unit}(?:{_CLOSED_UP}*+[{_INSIDE}]?{unit})*+")


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
