"""Two spellings of a word cut into pieces that stand for each other: each letter of one with a piece of the other.

What may stand for what comes from `tables/letters.tsv`; how often it does is counted over all pairs and used again
(Viterbi training). Both directions use the same search with a price of their own.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from tiwizi.language.transliteration.reader import START
from tiwizi.language.transliteration.tables import rows

Price = Callable[[str, str, str], float]  # letter, next letter, piece
Context = tuple[str, str, str]  # the letter before, the letter, the next
IMPOSSIBLE = 9.0
_VOWELS = frozenset("aeiouyw2éèêàç'")
_ARABIC_VOWELS = frozenset("اويىةءأإآؤئ")
_DIGRAPHS = ("kh", "gh", "ch", "sh", "th", "dh")


@lru_cache(maxsize=1)
def _stands_for() -> dict[str, frozenset[str]]:
    return {row[0]: frozenset(row[1].split()) for row in rows("letters")}


def _may_be(letter: str, following: str) -> frozenset[str]:
    known = _stands_for()
    both = known.get(letter + following, frozenset()) if following in ("h", "j", "'") else frozenset()
    return known.get(letter, frozenset()) | both


@lru_cache(maxsize=100_000)
def arabic_price(letter: str, following: str, piece: str) -> float:
    """What it costs that a Latin letter stands for a piece of Arabic, before anything is counted."""
    if letter == START:
        return {"": 0.0, "ال": 1.0, "ا": 1.2, "أ": 2.0, "إ": 2.0, "و": 3.0}.get(piece, IMPOSSIBLE)
    letters = _may_be(letter, following)
    if not piece:
        return 0.8 if letter == "h" else 0.3 if letter in _VOWELS else 1.2
    if len(piece) == 1:
        return 0.0 if piece in letters else 5.0
    if len(piece) == 3:
        return 2.0 if piece[:2] == "ال" and piece[2] in letters else IMPOSSIBLE
    if piece in letters:
        return 0.3
    if piece == "ال" and letter in "lLae":
        return 0.8
    if letter in "wou" and piece in ("وا", "ؤو", "ءو", "أو", "وء"):
        return 1.0
    if letter in "ai" and piece in ("اء", "ئا", "ءا", "ئي", "يء", "إي"):
        return 1.0
    if piece[0] in letters and piece[1] in "اوي":
        return 2.0
    return 2.4 if piece[1] in letters and piece[0] in "اويأ" else 8.0


def latin_parts(piece: str) -> list[str]:
    """A Latin piece cut into sounds: kh, gh and ch are one."""
    parts: list[str] = []
    at = 0
    while at < len(piece):
        size = 2 if piece[at : at + 2] in _DIGRAPHS else 1
        parts.append(piece[at : at + size])
        at += size
    return parts


@lru_cache(maxsize=100_000)
def latin_price(letter: str, following: str, piece: str) -> float:
    """What it costs that an Arabic letter stands for a piece of Latin with the short vowels after it."""
    parts = latin_parts(piece)
    known = _stands_for()
    if letter == START:
        return 0.0 if not parts else 0.8 if len(parts) == 1 and parts[0] in "aeio2" else IMPOSSIBLE
    if not parts:
        silent = {"ا": 0.8, "ى": 1.5, "ة": 1.5, "ء": 0.4, "أ": 0.8, "ع": 3.0}
        return silent.get(letter, 2.5 if letter in _ARABIC_VOWELS else 4.0)
    if letter not in known.get(parts[0], frozenset()):
        near = (letter in "اأآىة" and parts[0] in "aeo") or (letter in "إي" and parts[0] in "iey")
        if not (near or letter in "أؤو" and parts[0] in "ouw" or letter in "ءؤئأإ" and parts[0] == "2"):
            return IMPOSSIBLE
    if letter in _ARABIC_VOWELS:
        return sum(0.3 if part in _VOWELS or part == "t" and letter == "ة" else 6.0 for part in parts[1:])
    price = 0.0
    for place, part in enumerate(parts[1:]):
        price += 0.15 if part == parts[0] and place == 0 else 0.35 if part in "aeiouy2" else 6.0
    return price


class Aligner:
    """The search for the cheapest way to cut, with prices that counting makes better."""

    def __init__(self, price: Price, longest: int) -> None:
        self.price = price
        self.longest = longest  # letters of a piece
        self.counted: dict[str, Counter[str]] = {}
        self.in_context: dict[Context, Counter[str]] = {}

    def count(self, pairs: Iterable[tuple[str, str]], rounds: int = 3) -> "Aligner":
        """Align the pairs again and again, each time with the prices counted before."""
        pairs = list(pairs)
        for _ in range(rounds):
            counted: dict[str, Counter[str]] = defaultdict(Counter)
            in_context: dict[Context, Counter[str]] = defaultdict(Counter)
            for word, other in pairs:
                pieces = self.align(word, other)
                if pieces is None:
                    continue
                for context, piece in zip(_contexts(START + word), pieces, strict=True):
                    counted[context[1]][piece] += 1
                    in_context[context][piece] += 1
            self.counted, self.in_context = dict(counted), dict(in_context)
        return self

    def align(self, word: str, other: str) -> list[str] | None:
        """A piece of `other` for the start and each letter of `word`, or nothing when they are not one word."""
        contexts = _contexts(START + word)
        best: list[float] = [0.0] + [math.inf] * len(other)
        back: list[list[int]] = []
        for context in contexts:
            reached: list[float] = [math.inf] * (len(other) + 1)
            sizes = [0] * (len(other) + 1)
            for at, so_far in enumerate(best):
                if so_far == math.inf:
                    continue
                for size in range(min(self.longest, len(other) - at) + 1):
                    price = self._price(context, other[at : at + size])
                    if so_far + price < reached[at + size]:
                        reached[at + size] = so_far + price
                        sizes[at + size] = size
            best = reached
            back.append(sizes)
        if best[-1] == math.inf:
            return None
        pieces: list[str] = []
        at = len(other)
        for sizes in reversed(back):
            pieces.append(other[at - sizes[at] : at])
            at -= sizes[at]
        return pieces[::-1]

    def _price(self, context: Context, piece: str) -> float:
        _, letter, following = context
        price = self.price(letter, following, piece)
        if price >= IMPOSSIBLE:
            return math.inf
        counts = self.counted.get(letter)
        if counts is None:
            return price
        likely = 0.97 * (counts[piece] + 0.02) / (counts.total() + 1) + 0.006 * math.exp(-price)
        near = self.in_context.get(context)
        if near is not None:
            likely = (near[piece] + 3 * likely) / (near.total() + 3)
        return 0.15 * price - math.log(likely + 1e-9)


def _contexts(word: str) -> Sequence[Context]:
    return [
        (word[at - 1] if at else "", letter, word[at + 1] if at + 1 < len(word) else "")
        for at, letter in enumerate(word)
    ]
