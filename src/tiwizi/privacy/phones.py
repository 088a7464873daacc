"""Telephone numbers: the closed Moroccan plan of ten digits (since 7 March 2009), and foreign ones with + or 00.

Numbers that everybody may call (emergencies, toll-free, premium) are in `service_numbers.tsv` and are never claimed.
Ranges: numbering plan of Morocco (ANRT), as in the public libphonenumber metadata.
"""

import re
from collections.abc import Iterator

from tiwizi.privacy.context import is_amount, speaks_against, speaks_for, table
from tiwizi.privacy.finder import GAP, Span, digits, finder, groups
from tiwizi.privacy.folding import Folded

_MOROCCAN = re.compile(rf"(?<![\d+])(?=((?:(?:(?:\+|00)\s?212|212){GAP}0?{GAP}|0{GAP})[5-8](?:{GAP}\d){{8}})(?!\d))")
_BARE = re.compile(rf"(?<![\d+])(?=([5-7](?:{GAP}\d){{8}})(?!\d))")
_FOREIGN = re.compile(rf"(?<![\d+])(?=((?:\+\s?|00)[1-9](?:{GAP}\d){{8,13}})(?!\d))")

# A day, a month and a year in either order, then more digits: 06/12/2023 14 (h 30), 05-2023-1234.
_DATE = re.compile(r"0?\d[\s./\-](?:(?:0?[1-9]|[12]\d|3[01])[\s./\-])?(?:19|20)\d\d(?!\d)")
_FIXED = re.compile(r"5(?:2|3|18|4[0679]|5[03]|92)")
_MOBILE = re.compile(r"6|7(?:[016-8]|2[0-8]|3[01]|5[0-5])")
_BARE_GROUPS = {(1, 2, 2, 2, 2), (3, 2, 2, 2), (1, 8), (3, 6), (1, 4, 4), (2, 7)}

_SERVICES = tuple(number for number, _what in table("service_numbers.tsv"))


@finder("phone")
def phone_numbers(folded: Folded) -> Iterator[Span]:
    """Yield Moroccan numbers, with or without prefix or leading zero, and foreign numbers with their prefix."""
    yield from _moroccan(folded)
    yield from _bare(folded)
    yield from _foreign(folded)


def _moroccan(folded: Folded) -> Iterator[Span]:
    for found in _MOROCCAN.finditer(folded.text):
        typed, (start, end) = found[1], found.span(1)
        national = digits(typed)[-9:]
        abroad = typed[0] != "0" or typed.startswith("00")
        if is_service("0" + national) or not abroad and _DATE.match(typed):
            continue
        if national[0] == "8" and national[:3] not in ("808", "809"):
            continue
        if not abroad and is_amount(folded, end):
            continue
        if "/" in typed and national[0] == "5" and not _FIXED.match(national):
            continue  # 05/06/07/08/09 counts articles
        # A longer run of figures may hold the number one group further on; that reading is then preferred.
        alone = not re.match(r"[\s./\-]\d", folded.text[end : end + 2])
        yield Span(start, end, 0.97 if alone else 0.8, "phone:abroad" if abroad else "phone:national", national)


def _bare(folded: Folded) -> Iterator[Span]:
    for found in _BARE.finditer(folded.text):
        typed, (start, end) = found[1], found.span(1)
        number = digits(typed)
        if is_amount(folded, end) or not (_MOBILE.match(number) or _FIXED.match(number)):
            continue
        if speaks_for("PHONE", folded, start, end):
            yield Span(start, end, 0.9, "phone:word", number)
        elif number[0] == "5" or speaks_against("PHONE", folded, start, end):
            continue
        elif (shape := groups(typed)) in _BARE_GROUPS:
            yield Span(start, end, 0.7, "phone:no-zero", number)
        elif shape == (9,):
            yield Span(start, end, 0.5, "phone:no-zero", number)


def _foreign(folded: Folded) -> Iterator[Span]:
    for found in _FOREIGN.finditer(folded.text):
        typed, (start, end) = found[1], found.span(1)
        number = digits(typed.removeprefix("00"))
        plus = typed[0] == "+"
        # 15 digits from 00 on are an ICE, right or mistyped; shorter ones are references more often than calls.
        fits = 9 < len(number) < 15 if plus else 10 < len(number) < 13
        if fits and not number.startswith("212") and not is_amount(folded, end):
            yield Span(start, end, 0.85 if plus else 0.75, "phone:foreign", number)


def is_service(number: str) -> bool:
    """Return whether `number` (national form, digits only) is one that everybody may call, so nobody's own."""
    return number.startswith(_SERVICES)
