"""E-mail addresses, read outwards from the @ so that a long text without any costs nothing."""

import re
from collections.abc import Iterator

from tiwizi.privacy.finder import Span, finder
from tiwizi.privacy.folding import Folded

_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._%+-")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}(?![a-z0-9])")
_LONGEST = 64  # of the part before the @ (RFC 5321, 4.5.3.1.1)


@finder("email")
def emails(folded: Folded) -> Iterator[Span]:
    """Yield addresses with a dotted domain, with or without a space on either side of the @."""
    text = folded.text
    at = text.find("@")
    while at >= 0:
        left = at - 1 if text[at - 1 : at] == " " else at
        right = at + 2 if text[at + 1 : at + 2] == " " else at + 1
        spaced = left < at or right > at + 1
        start = left
        while start > 0 and left - start < _LONGEST and text[start - 1] in _LOCAL:
            start -= 1
        while start < left and text[start] in "._%+-":  # a dash or a dot before the address is punctuation
            start += 1
        domain = _DOMAIN.match(text, right)
        if domain and start < left:
            value = text[start:left] + "@" + domain.group()
            yield Span(start, domain.end(), 0.8 if spaced else 0.99, "email:spaced" if spaced else "email", value, True)
        at = text.find("@", at + 1)
