"""Which words of an Arabizi text are not Darija and stay as they are: French ones, and common English ones.

A word that is listed as Darija (`la`, `ma`, `si`) is French only beside a word that can be nothing else.
"""

from collections.abc import Sequence
from enum import Enum
from functools import cache, lru_cache

from tiwizi.language.transliteration.french import is_french, unaccented, without_elision
from tiwizi.language.transliteration.lexicon import spellings
from tiwizi.language.transliteration.pieces import Piece
from tiwizi.language.transliteration.tables import column


class Foreign(Enum):
    """Whether a word is foreign: no, only in foreign company, or certainly."""

    NOT = 0
    MAYBE = 1
    SURE = 2


def foreign(found: Sequence[Piece]) -> list[Foreign]:
    """For each piece whether it is a foreign word; what may be both is decided by its neighbours."""
    kinds = [is_foreign(piece.text) if piece.kind == "word" else Foreign.NOT for piece in found]
    for order in (range(len(found)), range(len(found) - 1, -1, -1)):
        beside = False  # the word before (then after) is foreign
        for at in order:
            if found[at].kind == "word":
                if kinds[at] is Foreign.MAYBE and beside:
                    kinds[at] = Foreign.SURE
                beside = kinds[at] is Foreign.SURE
            elif found[at].text not in (" ", "-", "'"):
                beside = False
    return [Foreign.NOT if kind is Foreign.MAYBE else kind for kind in kinds]


@lru_cache(maxsize=50_000)
def is_foreign(word: str) -> Foreign:
    """Whether the word by itself is foreign, or may be."""
    low = word.lower()
    listed = low in spellings().exact
    plain = unaccented(low)
    bare = without_elision(plain)
    if bare in column("stop_french") or plain in column("stop_french"):
        return Foreign.MAYBE if listed or len(bare) < 3 else Foreign.SURE
    if listed:
        return Foreign.NOT
    if is_french(low) or bare in _common() or plain in _common():
        return Foreign.SURE
    return Foreign.NOT


@cache
def _common() -> frozenset[str]:
    return column("foreign")
