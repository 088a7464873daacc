"""Finding personal data: every finder reads the folded text; where two claim the same place, the surer has it."""

import re
from collections.abc import Sequence

from msgspec import Struct

from tiwizi.privacy import accounts, cin, companies, emails, phones
from tiwizi.privacy.finder import FINDERS, Span
from tiwizi.privacy.folding import Folded, fold

# Importing a family registers its finders. A new family is one file, named here.
FAMILIES = (accounts, cin, companies, emails, phones)

TYPED = "TYPED"  # what stands for words of the person that look like one of our placeholders


class Finding(Struct, frozen=True):
    """A piece of personal data: kind, offsets into the original text, confidence (0 to 1) and the rule that fired.

    `text` holds the personal words themselves; showing or logging the finding leaves them out.
    """

    kind: str
    start: int
    end: int
    text: str
    confidence: float
    rule: str

    def __repr__(self) -> str:
        return f"Finding(kind={self.kind!r}, start={self.start}, end={self.end}, rule={self.rule!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("kind", self.kind), ("start", self.start), ("end", self.end), ("rule", self.rule)]


def find(text: str) -> list[Finding]:
    """Return the personal data in `text`, in order and without overlaps; any string is accepted."""
    return [finding for finding, _value in find_values(text)]


def find_values(text: str) -> list[tuple[Finding, str]]:
    """Return the findings of `text`, each with the normal form that its other spellings share.

    What was found is hidden and the rest is read again, until nothing new appears: so a masked text, in which
    placeholders are hidden in the same way, holds nothing more to find.
    """
    folded = fold(text, placeholder_pattern())
    found: list[tuple[Finding, str]] = []
    while claims := _settle(folded):
        for kind, span in claims:
            start, end = folded.origin(span.start, span.end)
            finding = Finding(kind, start, end, text[start:end], span.confidence, span.rule)
            found.append((finding, span.value))
        folded = folded.hide([(span.start, span.end) for _kind, span in claims])
    return sorted(found, key=lambda pair: pair[0].start)


def placeholder_pattern() -> re.Pattern[str]:
    """Return the pattern of `[CIN_1]` for every kind there is; group 1 is the kind, group 2 the number."""
    return _placeholders((*FINDERS, TYPED))


def _settle(folded: Folded) -> Sequence[tuple[str, Span]]:
    """Return the spans that keep their place, in order: sealed before others, then the longest, surest, first."""
    claims = [(kind, span) for kind, function in FINDERS.items() for span in function(folded)]
    if len(claims) > 1:
        claims.sort(key=lambda claim: _rank(claim[1]))
        taken = bytearray(len(folded.text))
        kept = []
        for kind, span in claims:
            if not any(taken[span.start : span.end]):
                taken[span.start : span.end] = b"\1" * (span.end - span.start)
                kept.append((kind, span))
        claims = sorted(kept, key=lambda claim: claim[1].start)
    return claims


def _rank(span: Span) -> tuple[bool, int, float, int]:
    return (not span.sealed, span.start - span.end, -span.confidence, span.start)


_CACHE: dict[tuple[str, ...], re.Pattern[str]] = {}


def _placeholders(kinds: tuple[str, ...]) -> re.Pattern[str]:
    if kinds not in _CACHE:
        _CACHE[kinds] = re.compile(rf"\[({'|'.join(map(re.escape, kinds))})_([1-9][0-9]{{0,6}})\]")
    return _CACHE[kinds]
