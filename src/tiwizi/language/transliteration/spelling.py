"""How Arabizi varies: the loose key under which the usual spellings of one word meet."""

import re
from functools import lru_cache

# capitals stand for what was two letters, so that none of them is read again
_TOGETHER = (("sh", "C"), ("$", "C"), ("ch", "C"), ("7'", "X"), ("kh", "X"), ("3'", "G"), ("gh", "G"), ("ee", "i"))
_ALONE = str.maketrans(
    {
        "C": "c",
        "X": "x",
        "G": "g",
        "5": "x",
        "q": "9",
        "8": "h",
        "u": "o",
        "w": "o",
        "y": "i",
        "é": "i",
        "è": "i",
        "ê": "i",
        "e": "",
    }
)
_TWICE = re.compile(r"(.)\1+")
_LAST_H = re.compile(r"(?<=.)h\b")


@lru_cache(maxsize=20_000)
def loose_key(spelling: str) -> str:
    """One key for the usual spellings of a word: chno, chnou and shno meet."""
    key = spelling.lower()
    for typed, one in _TOGETHER:
        if typed in key:
            key = key.replace(typed, one)
    key = _TWICE.sub(r"\1", key.translate(_ALONE))
    return _LAST_H.sub("", key) if "h" in key else key
