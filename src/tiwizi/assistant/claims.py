"""What a text counts and names by number: amounts, delays, dates, articles, laws. The words are in `grounding.toml`."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tiwizi.language import normal_form

Claim = tuple[str, str]  # (what is counted or named, which number): ("day", "10"), ("article", "12"), ("", "75")

_PART = re.compile(r"\d+(?:[ .,/-]\d+)*|%|[^\W\d_]+(?:[-'][^\W\d_]+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .,]\d{3})+")
_PROCLITIC = re.compile(r"^(?:[وف]?[بكل]?ال|[وف]?لل|[وفبلك])(?=\w{3})")
NAMED_BY_NUMBER = ("article", "law")
TIMES = ("hour", "day", "week", "month", "year")  # a delay may be told in any of them
_BETWEEN = ("n", "no", "numéro", "number", "رقم")  # between what is named and its number


def cut(text: str) -> list[str]:
    """The words and numbers of the text in their normal forms; "1 000" and "04-20" are one each."""
    return _PART.findall(normal_form(text))


def claims_in(words: list[str]) -> tuple[set[Claim], set[int]]:
    """What is counted in the words, and the places of the words that do the counting."""
    claims: set[Claim] = set()
    places: set[int] = set()
    at = 0
    while at < len(words):
        value, end = _number(words, at)
        if value:
            named, counted = _named_before(words, at), _counted_after(words, end)
            claims.add((named or counted, value))
            if named:
                places.add(at - 1 if words[at - 1] not in _BETWEEN else at - 2)
            elif counted:
                end += 1
        elif unit := _row("duals", words[at]):
            claims.add((unit, "2"))
        elif month := _row("months", words[at]):
            claims.add(("month name", month))
        else:
            at += 1
            continue
        end = max(end, at + 1)
        places.update(range(at, end))
        at = end
    return claims, places


def _named_before(words: list[str], at: int) -> str:
    at -= 1
    if at > 0 and words[at] in _BETWEEN:
        at -= 1
    unit = _row("units", words[at]) if at >= 0 else ""
    return unit if unit in NAMED_BY_NUMBER else ""


def _counted_after(words: list[str], end: int) -> str:
    unit = _row("units", words[end]) if end < len(words) else ""
    return "" if unit in NAMED_BY_NUMBER else unit


def _number(words: list[str], at: int) -> tuple[str, int]:
    """The number that begins at a word, in one form, and the place after it; ("", at) when there is none."""
    word, named = words[at], _named_before(words, at)
    if named == "article" and (ordinal := _row("ordinals", word)):
        return ordinal, at + 1
    if word[0].isdigit():
        if _THOUSANDS.fullmatch(word) and named != "law":
            return re.sub(r"\D", "", word), at + 1
        parts = re.split(r"[ .,/-]", word)
        return "-".join(part.lstrip("0") or "0" for part in parts), at + 1
    total, end = 0, at
    while end < len(words):
        values = _values(words[end])
        if not values:
            joined = end > at and words[end] in ("et", "and") and _values(" ".join(words[end + 1 : end + 2]))
            if not joined:
                break
        for value in values:
            total = (total or 1) * value if value in (100, 1000) else total + value
        end += 1
    return (str(total) if total else ""), end


def _values(word: str) -> list[int]:
    """The numbers a word is made of: 20 and 5 for "vingt-cinq"; none when it is not one."""
    numbers = turned("numbers")
    if number := numbers.get(word) or numbers.get(word.removeprefix("و")):
        return [int(number)]
    if word.startswith("quatre-vingt-"):
        return [80, *_values(word.removeprefix("quatre-vingt-"))]
    parts = [numbers.get(part, "") for part in word.split("-") if part != "et"]
    return [int(part) for part in parts] if parts and all(parts) else []


def _row(name: str, word: str) -> str:
    """The row of a table that has the word, with or without what is written before it (l', ال); "" when none has."""
    table, word = turned(name), word.rpartition("'")[2]
    return table.get(word) or table.get(_PROCLITIC.sub("", word)) or ""


@cache
def tables() -> dict[str, Any]:
    """The whole of `grounding.toml`."""
    return tomllib.loads(Path(__file__).with_name("grounding.toml").read_text("utf-8"))


@cache
def listed(name: str, row: str) -> frozenset[str]:
    """One row of a table."""
    return frozenset(normal_form(word) for word in tables()[name][row])


@cache
def turned(name: str) -> dict[str, str]:
    """A table from each of its words to the name of its row."""
    return {normal_form(word): normal_form(row) for row, words in tables()[name].items() for word in words}
