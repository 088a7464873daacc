"""The common identifier of an enterprise (ICE), which is personal when the enterprise is one person."""

import re
from collections.abc import Iterator

from tiwizi.privacy.context import speaks_for
from tiwizi.privacy.finder import GAP, Span, digits, finder, groups
from tiwizi.privacy.folding import Folded

_ICE = re.compile(rf"(?<!\d)(?=(\d(?:{GAP}\d){{14}})(?!\d))")
_GROUPS = {(15,), (9, 4, 2), (9, 6), (3, 3, 3, 3, 3), (3, 3, 3, 4, 2), (13, 2)}


def ice_holds(number: str) -> bool:
    """Return whether 15 digits (9 company, 4 establishment, 2 key) are a multiple of 97, and not all zero."""
    return int(number) > 0 and int(number) % 97 == 0


@finder("ice")
def ices(folded: Folded) -> Iterator[Span]:
    """Yield 15-digit numbers with a right key that begin with 00, as ICE given so far do, or stand near a word."""
    for found in _ICE.finditer(folded.text):
        number = digits(found[1])
        if ice_holds(number):
            named = speaks_for("ICE", folded, *found.span(1))
            if named or number.startswith("00") and groups(found[1]) in _GROUPS:
                yield Span(*found.span(1), 0.99 if named else 0.9, "ice:key", number, True)
