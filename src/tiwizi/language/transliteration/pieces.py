"""What a text is made of for transliteration: words to convert, and everything that is to be left alone."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["url", "email", "placeholder", "number", "acronym", "word", "other"]

# Bounded repetitions keep the scan linear on hostile text.
_PIECE = re.compile(
    r"(?P<url>\b(?:https?://|www\.)[^\s<>\"]{1,2000}|(?<![\w@.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{2,63}){0,3}"
    r"\.(?:ma|com|org|net|fr|gov|info|io|eu)\b(?:/[^\s<>\"]{0,2000})?)"
    r"|(?P<email>\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})"
    r"|(?P<placeholder>\[[A-Z][A-Z_]{0,30}_\d{1,6}\])"
    r"|(?P<number>(?<![^\W\d_])\d+(?:[.,/:\-]\d+)*(?:%|(?=\W|$|_)|(?=(?:dhs?|mad|ans|jours|mois|h|km|m2|kg)\b)))"
    r"|(?P<word>[^\W_]+(?:['’ʼ][^\W_]+)*['’]?|\$[^\W_]+)",
    re.IGNORECASE,
)
_CAPITAL, _SMALL = re.compile("[A-Z]"), re.compile("[a-z]")
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*_\d+\]")


class Piece(NamedTuple):
    kind: Kind
    text: str


def pieces(text: str, shouting: bool | None = None) -> Iterator[Piece]:
    """The text cut into pieces that join back to it exactly; `shouting` says whether it stands in a text in capitals.

    No piece but `other` reaches over white space: the words of a text may be given one by one.
    """
    if shouting is None:
        shouting = is_shouting(text)
    at = 0
    for match in _PIECE.finditer(text):
        if match.start() > at:
            yield Piece("other", text[at : match.start()])
        at = match.end()
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        found = match.group()
        if kind == "placeholder" and not _PLACEHOLDER.fullmatch(found):
            kind = "other"
        elif kind == "word" and not shouting and found.isascii() and found.isalpha() and 2 <= len(found) <= 8:
            kind = "acronym" if found.isupper() else "word"
        yield Piece(kind, found)
    if at < len(text):
        yield Piece("other", text[at:])


def is_shouting(text: str) -> bool:
    """Whether a text was typed with the capitals key down, so that capitals say nothing."""
    start = text[:2000]
    capitals = len(_CAPITAL.findall(start))
    return capitals > 8 and capitals > 2 * len(_SMALL.findall(start))
