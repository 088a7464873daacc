"""What is known of words before one is read: listed spellings, and how usual an Arabic word is.

`tables/words.tsv` (frequent words and phrases) comes before `tables/dictionary.tsv` (the Darija Open Dataset's words).
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from tiwizi.language.transliteration.spelling import loose_key
from tiwizi.language.transliteration.tables import rows

Book = Literal["table", "dictionary"]
LONGEST_PHRASE = 4  # words
_MODELS = Path(__file__).parents[1] / "models"
_SUN = frozenset("tdrzsnTDSZ")  # letters that the article is heard in
_NAMES = ("femalenames", "malenames", "places")


class Entry(NamedTuple):
    """An Arabic spelling and the book that lists it."""

    arabic: str
    book: Book


class Spellings(NamedTuple):
    """Latin spellings and what they stand for, the likeliest first: as written, and by their loose key."""

    exact: dict[str, tuple[Entry, ...]]
    loose: dict[str, tuple[Entry, ...]]
    phrases: dict[str, str]
    loose_phrases: dict[str, str]


@cache
def spellings() -> Spellings:
    """All listed spellings; phrases, which need the words around a word, apart."""
    exact: dict[str, tuple[Entry, ...]] = {}
    loose: dict[str, tuple[Entry, ...]] = {}
    phrases: dict[str, str] = {}
    loose_phrases: dict[str, str] = {}
    for spelling, entry in _listed():
        low = spelling.lower()
        if " " in spelling:
            phrases.setdefault(low, entry.arabic)
            loose_phrases.setdefault(loose_phrase(low), entry.arabic)
            continue
        for key in {spelling, low}:
            _add(exact, key, entry)
        _add(loose, loose_key(low), entry)
    return Spellings(exact, loose, phrases, loose_phrases)


def _listed() -> list[tuple[str, Entry]]:
    found = [
        (spelling, Entry(row[0], "table"))
        for row in rows("words")
        for spelling in row[1].split(", ")
    ]  # fmt: skip
    # what people are known to mean first, and a common noun rather than a name
    ordered = sorted(rows("dictionary"), key=lambda row: (row[3] in _NAMES, row[3] != "usage"))
    for row in ordered:
        same = row[1].split(", ")
        for spelling in same:
            article = "ال" if has_article(spelling, same) else ""
            for arabic in row[0].split("|"):
                written = arabic if arabic.startswith("ال") else article + arabic
                found.append((spelling, Entry(written, "dictionary")))
    return found


def has_article(spelling: str, same: Sequence[str]) -> bool:
    """Whether a spelling on a row is another one of the row with its article: lma beside ma, ttaman beside taman."""
    return spelling[1:] in same and (spelling[0] == "l" or spelling[0] in _SUN and spelling[0] == spelling[1])


def _add(listed: dict[str, tuple[Entry, ...]], key: str, entry: Entry) -> None:
    before = listed.get(key, ())
    if all(entry.arabic != other.arabic for other in before):
        listed[key] = (*before, entry)


def loose_phrase(phrase: str) -> str:
    """The loose keys of the words of a phrase."""
    return " ".join(loose_key(word) for word in phrase.split())


@cache
def usual() -> dict[str, float]:
    """How much each known Arabic word is worth as an answer: more the more usual it is, 0 for what is not known."""
    text = (_MODELS / "arabic_words.tsv").read_text(encoding="utf-8")
    worth: dict[str, float] = {}
    for line in text.splitlines():
        level, _, words = line.partition("\t")
        worth.update(dict.fromkeys(words.split(" "), int(level) / 10))
    return worth


@cache
def _affixes() -> tuple[dict[str, str], dict[str, str]]:
    before, after = ({row[1]: row[2] for row in rows("affixes") if row[0] == place} for place in ("before", "after"))
    return before, after


_LONGEST_AFFIX = 5  # letters
_LEAST_STEM = 3
_DOUBLED = "doubled"


def with_affixes(word: str) -> dict[str, int]:
    """Listed words with what Darija joins to them, in Arabic script, and how many things are joined."""
    exact = spellings().exact
    before, after = _affixes()
    found: dict[str, int] = {}
    low = word.lower()
    for cut in range(min(_LONGEST_AFFIX, len(low) - _LEAST_STEM) + 1):
        starts = [before[low[:cut]]] if low[:cut] in before else [] if cut else [""]
        if cut < len(low) - _LEAST_STEM and _is_doubled(low, cut) and low[:cut] + _DOUBLED in before:
            starts.append(before[low[:cut] + _DOUBLED])
        for start in starts:
            inside = cut + (_doubled_size(low, cut) if start.endswith("ال") and _is_doubled(low, cut) else 0)
            for end in range(len(low), max(inside + _LEAST_STEM, len(low) - _LONGEST_AFFIX) - 1, -1):
                finish = after.get(low[end:], "") if end < len(low) else ""
                if end < len(low) and not finish or start.startswith("ما") and finish[-1:] != "ش":
                    continue
                if not start and not finish:
                    continue
                for entry in exact.get(word[inside:end]) or exact.get(low[inside:end], ()):
                    if " " not in entry.arabic and not entry.arabic.isascii():
                        found.setdefault(_join(start, entry.arabic, finish), bool(start) + bool(finish))
    return found


def _is_doubled(word: str, at: int) -> bool:
    return word[at] == word[at + 1] or word[at : at + 2] == word[at + 2 : at + 4]


def _doubled_size(word: str, at: int) -> int:
    return 1 if word[at] == word[at + 1] else 2


def _join(start: str, stem: str, end: str) -> str:
    if start.endswith("ال") and stem.startswith("ال"):
        stem = stem[2:]
    if end and stem.endswith("ة"):
        stem = stem[:-1] + ("" if end in ("ات", "ة", "ين") else "ت")
    if end == "ة" and stem.endswith("ا"):
        return start + stem
    return start + stem + end
