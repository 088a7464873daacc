"""How a kind of personal data is added: a decorator, a name, a function that yields spans of the folded text."""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from tiwizi.privacy.folding import Folded

GAP = r"[\s.\-/()_]{0,3}"  # what people put between the digits of one number; bounded, so reading stays linear


class Span(Struct, frozen=True):
    """A stretch of the folded text that a finder claims: offsets, how sure (0 to 1), why, and its normal form.

    Two spans with the same `value` are the same thing to its owner and share a placeholder. A span is `sealed` when
    its own form proves it (a check digit, an @ with a domain), and then wins over spans that are not.
    """

    start: int
    end: int
    confidence: float
    rule: str
    value: str
    sealed: bool = False


Finder = Callable[[Folded], Iterator[Span]]

FINDERS: dict[str, Finder] = {}


def finder(kind: str) -> Callable[[Finder], Finder]:
    """Register the decorated function as the one that finds `kind`; its placeholders read `[KIND_1]`.

    The function is given a Folded text (small letters, digits 0-9) and yields Spans, which may overlap. It looks at
    a bounded stretch around each place, so that the whole stays linear in the length of the text. It does not refuse
    a span because of a neighbour that may be found itself: each round of hiding would then free just one more.
    """

    def register(function: Finder) -> Finder:
        FINDERS[kind.upper()] = function
        return function

    return register


def digits(text: str) -> str:
    """Return the digits of `text`, without what stands between them."""
    return re.sub(r"\D+", "", text)


def groups(text: str) -> tuple[int, ...]:
    """Return how many digits stand together, group by group: `06 12 345` is (2, 2, 3)."""
    return tuple(len(group) for group in re.findall(r"\d+", text))
