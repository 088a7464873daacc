"""Words near a number that say what it is, or that it is something else; the words live in `contexts.tsv`."""

import re
from collections.abc import Iterator
from importlib.resources import files

from tiwizi.privacy.folding import Folded, fold

_CLITICS = "(?:[وفبكلد]?(?:ال|ل)?)"  # and-, in-, with-, like-, to-, of-, and the article, written onto the word
_BEFORE, _AFTER, _CLOSE = 48, 24, 24


def table(name: str) -> Iterator[list[str]]:
    """Yield the rows of a table beside this file, as lists of cells; lines that start with # are for readers."""
    for line in files("tiwizi.privacy").joinpath(name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split("\t")


def speaks_for(kind: str, folded: Folded, start: int, end: int) -> bool:
    """Return whether a word of `kind` stands near `start:end`: 48 characters before it or 24 after it."""
    text = folded.text
    words = _WORDS[kind, "for"]
    return bool(words.search(text, max(0, start - _BEFORE), start) or words.search(text, end, end + _AFTER))


def speaks_against(kind: str, folded: Folded, start: int, end: int) -> bool:
    """Return whether a word in the 24 characters before `start` says that this is not `kind`, or a unit follows."""
    text = folded.text
    return is_amount(folded, end) or bool(_WORDS[kind, "against"].search(text, max(0, start - _CLOSE), start))


def is_amount(folded: Folded, end: int) -> bool:
    """Return whether a unit of money or measure follows the number that ends at `end`."""
    return bool(_UNIT.match(folded.text, end, end + _CLOSE))


def _pattern(words: list[str], glued: bool) -> str:
    # One look at the left border, then plain alternatives: the engine skips those at their first letter.
    folded = [fold(word).text for word in words]
    latin = [word for word in folded if word.removesuffix("*").isascii()]
    other = [word for word in folded if word not in latin]
    left_latin, left_other = ("", "") if glued else (r"(?<![a-z0-9])", rf"(?<!\w){_CLITICS}")
    some, others = _alternatives(latin, "(?![a-z])"), _alternatives(other, r"(?!\w)")
    return f"{left_latin}{some}|{left_other}{others}"


def _alternatives(words: list[str], border: str) -> str:
    stems = [_spelled(word.removesuffix("*")) for word in words if word.endswith("*")]
    whole = [_spelled(word) + border for word in words if not word.endswith("*")]
    return f"(?:{'|'.join(stems + whole) or '(?!)'})"


def _spelled(word: str) -> str:
    return r"[\s\-_.']{1,3}".join(re.escape(part) for part in word.split())


def _read() -> dict[tuple[str, str], list[str]]:
    words: dict[tuple[str, str], list[str]] = {}
    for kind, effect, word in table("contexts.tsv"):
        words.setdefault((kind, effect), []).append(word)
    return words


_TABLE = _read()
_WORDS = {key: re.compile(_pattern(words, glued=False)) for key, words in _TABLE.items()}
_UNIT = re.compile(rf"(?:[.,]\d{{1,2}})?\s{{0,2}}(?:[%€$]|{_pattern(_TABLE['AMOUNT', 'for'], glued=True)})")
