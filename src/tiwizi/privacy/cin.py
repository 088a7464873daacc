"""The number of the national identity card (CIN, CNIE): one or two letters, then five or six digits, no check digit.

Nothing in the number proves it, so its look and its surroundings decide, in this order:

1. Near a word for the card (`contexts.tsv`): 1 to 3 letters and 5 to 7 digits, in either case, spaced or not.
   A small letter and a space need 6 digits: "b 75000" is Darija for "for 75000".
2. Without one: BK12345 and BK123456 (two capitals), bk123456 and B123456 (six digits), all written together, or
   BK 123456 / BK-123456 (two capitals, six digits). A single letter with five digits is too often something else.
3. Never: a unit follows (DH, km); in (2) also after a word for another thing (flight, invoice, part), inside a
   path or a longer code, and where the letters mean something else (`not_cin.tsv`: RC, BP, TF ...).
"""

import re
from collections.abc import Iterator

from tiwizi.privacy.context import is_amount, speaks_against, speaks_for, table
from tiwizi.privacy.finder import Span, finder
from tiwizi.privacy.folding import Folded

_SHAPE = re.compile(
    r"(?:(?<![a-z0-9])|(?<=(?<![a-z])cin)|(?<=cnie))([a-z]{1,3})([\s\-./:]{0,2})(\d{5,7})(?![a-z0-9])(?![.,]\d)"
)
_OTHER = {letters.lower() for letters, _meaning in table("not_cin.tsv")}


@finder("cin")
def cin_numbers(folded: Folded) -> Iterator[Span]:
    """Yield identity card numbers by the rules above."""
    for found in _SHAPE.finditer(folded.text):
        if not is_amount(folded, found.end()):
            letters, gap, number = found.groups()
            value = letters + number
            if _fits_with_word(folded, found) and speaks_for("CIN", folded, *found.span()):
                yield Span(*found.span(), 0.97, "cin:word", value)
            elif confidence := _alone(folded, found):
                yield Span(*found.span(), confidence, "cin:shape", value)


def _fits_with_word(folded: Folded, found: re.Match[str]) -> bool:
    letters, gap, number = found.groups()
    if letters in _OTHER and gap:
        return False
    if len(letters) == 1 and gap and not folded.typed(*found.span(1)).isupper():
        return len(number) == 6
    return len(letters) < 3 or not gap


def _alone(folded: Folded, found: re.Match[str]) -> float:
    letters, gap, number = found.groups()
    capitals, before = folded.typed(*found.span(1)).isupper(), folded.text[: found.start()][-1:]
    six = len(number) == 6
    if len(number) == 7 or len(letters) == 3 or letters in _OTHER or before in tuple("/=#_@.-\\&"):
        return 0
    if speaks_against("CIN", folded, *found.span()):
        return 0
    if gap:
        return 0.6 if len(letters) == 2 and capitals and six and gap in (" ", "-") else 0
    if len(letters) == 2:
        return (0.8 if six else 0.7) if capitals else (0.6 if six else 0)
    return 0.6 if capitals and six else 0
