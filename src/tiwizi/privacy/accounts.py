"""Bank accounts and cards: RIB, IBAN, payment cards. Their check digits decide; without them nothing is claimed."""

import re
from collections.abc import Iterator

from tiwizi.privacy.context import speaks_for, table
from tiwizi.privacy.finder import GAP, Span, digits, finder, groups
from tiwizi.privacy.folding import Folded

# Each pattern is a lookahead, so that a number that stands just before an account does not hide the account.
# An account inside a mistyped Moroccan IBAN is an account all the same.
_RIB = re.compile(rf"(?:(?<!\d)|(?<=ma\d\d))(?=(\d(?:{GAP}\d){{23}})(?!\d))")
_CARD = re.compile(rf"(?<!\d)(?=([2-5](?:{GAP}\d){{14,15}})(?!\d))")
_RIB_GROUPS = {(24,), (3, 3, 16, 2), (3, 3, 18), (6, 16, 2), (22, 2), (4, 4, 4, 4, 4, 4)}
_CARD_GROUPS = {(16,), (4, 4, 4, 4), (15,), (4, 6, 5)}
_ISSUERS = {15: re.compile("3[47]"), 16: re.compile("4|5[1-5]|2[2-7]")}

_LENGTHS = {country.lower(): int(length) for country, length in table("iban_lengths.tsv")}
_COUNTRY = re.compile(rf"(?:(?<![a-z0-9])|(?<=iban))({'|'.join(_LENGTHS)})(?=\s?\d\d)")
_REST = {country: re.compile(rf"(?:{GAP}[a-z0-9]){{{length - 2}}}(?![a-z0-9])") for country, length in _LENGTHS.items()}


def rib_key_holds(number: str) -> bool:
    """Return whether the last two of 24 digits are the key: 97 - (first 22 digits x 100 mod 97)."""
    return int(number) > 0 and int(number[22:]) == 97 - int(number[:22]) * 100 % 97


def iban_holds(number: str) -> bool:
    """Return whether `number` (small letters, no spaces) passes ISO 7064 mod 97-10, and as a Moroccan one its RIB key.

    A right RIB key leaves 64 as the only possible check of a Moroccan IBAN.
    """
    turned = number[4:] + number[:4]
    if int("".join(str(int(character, 36)) for character in turned)) % 97 != 1:
        return False
    return not number.startswith("ma") or (number[2:4] == "64" and number[4:].isdigit() and rib_key_holds(number[4:]))


def luhn_holds(number: str) -> bool:
    """Return whether the last digit is the check digit of ISO/IEC 7812-1 (Luhn)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (doubled + sum(int(digit) for digit in number[-1::-2])) % 10 == 0


@finder("iban")
def ibans(folded: Folded) -> Iterator[Span]:
    """Yield account numbers of the countries in `iban_lengths.tsv`, with right check digits."""
    for country in _COUNTRY.finditer(folded.text):
        if rest := _REST[country.group()].match(folded.text, country.end()):
            number = country.group() + re.sub(r"[^a-z0-9]+", "", rest.group())
            if number[4:].strip("0") and iban_holds(number):
                yield Span(country.start(), rest.end(), 0.99, "iban:check", number, True)


@finder("rib")
def ribs(folded: Folded) -> Iterator[Span]:
    """Yield 24-digit Moroccan account numbers with a right key, in a usual grouping or near a word for them."""
    for found in _RIB.finditer(folded.text):
        number = digits(found[1])
        if rib_key_holds(number):
            named = speaks_for("RIB", folded, *found.span(1))
            # One in 97 rows of figures passes the check: figures in columns need a word for them.
            if named or groups(found[1]) in _RIB_GROUPS:
                yield Span(*found.span(1), 0.99 if named else 0.95, "rib:key", number, True)


@finder("card")
def cards(folded: Folded) -> Iterator[Span]:
    """Yield payment card numbers of 15 or 16 digits that pass Luhn, in a usual grouping or near a word for them."""
    for found in _CARD.finditer(folded.text):
        number = digits(found[1])
        if _ISSUERS[len(number)].match(number) and luhn_holds(number):
            named = speaks_for("CARD", folded, *found.span(1))
            if named or groups(found[1]) in _CARD_GROUPS:
                yield Span(*found.span(1), 0.95 if named else 0.85, "card:luhn", number, True)
