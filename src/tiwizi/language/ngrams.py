"""Words as hashed character n-grams: what the identification model looks at, the same in training and in use.

A word stands between two boundary marks; its features are all its 1-5-grams, its first two letters with its last two
(Amazigh and Darija put morphemes around a word: ta…t, ma…ch) and, when it is longer, the word itself. Two neighbours
add one more feature, the pair. A feature is a number below `BUCKETS` (the hashing trick: Weinberger et
al. 2009); n-grams within words only, so that the features of a word depend on nothing around it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 19
NONE = BUCKETS  # stands where there is no feature
LONGEST = 5  # characters of the longest n-gram, boundary marks included

_START, _END = 1, 2
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 1 << 64)
_ENDS = np.uint64(0x2545F4914F6CDD1D)
_PAIR = np.uint64(0xD6E8FEB86659FD93)

Numbers = NDArray[np.uint64]
Places = NDArray[np.intp]


def features(words: Sequence[str]) -> tuple[Places, Places, Numbers]:
    """Return the features of words, where each word's columns begin, and one 64-bit number for each word.

    The first array has a row for each length of n-gram, one for ends and one for whole words, a column for each
    character (boundary marks included); where there is none it has `NONE`. Takes time linear in the characters.
    """
    codes, first, sizes = _codes(words)
    names = _names(codes, first, sizes)
    left = np.repeat(first + sizes, sizes) - np.arange(len(codes))  # characters until the word's end
    ids = np.full((LONGEST + 2, len(codes)), NONE, dtype=np.intp)
    hashes = np.zeros(len(codes), dtype=np.uint64)
    for size in range(1, min(LONGEST, len(codes)) + 1):
        hashes = hashes[: len(codes) - size + 1] * np.uint64(_BASE) + codes[size - 1 :]
        inside = left[: len(hashes)] >= size if size > 1 else codes > _END
        ids[size - 1, : len(hashes)] = np.where(inside, _buckets(_mixed(hashes + np.uint64(size))), NONE)
    long = sizes > LONGEST
    end = (first + sizes)[long]
    ends = codes[np.stack((first[long] + 1, first[long] + 2, end - 3, end - 2))]
    ids[LONGEST, first[long]] = _buckets(_mixed((((ends[0] * _ENDS + ends[1]) * _ENDS + ends[2]) * _ENDS) + ends[3]))
    ids[LONGEST + 1, first[long]] = _buckets(_mixed(names[long]))
    return ids, first, names


def pairs(names: Numbers) -> Places:
    """Return the feature of each two neighbours, one fewer than there are words; `names` are the words' numbers."""
    return _buckets(_mixed(names[:-1] * _PAIR + names[1:]))


def _codes(words: Sequence[str]) -> tuple[Numbers, Places, Places]:
    """Return the characters of all words with their boundary marks, where each begins, and how many it has."""
    joined = chr(_START) + f"{chr(_END)}{chr(_START)}".join(words) + chr(_END)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    sizes = np.fromiter(map(len, words), dtype=np.intp, count=len(words)) + 2
    return codes, np.cumsum(sizes) - sizes, sizes


def _names(codes: Numbers, first: Places, sizes: Places) -> Numbers:
    """Return a polynomial hash of each word: a difference of running sums, brought back to the word's beginning."""
    powers = np.full(len(codes), _BASE, dtype=np.uint64)
    powers[0] = 1
    np.cumprod(powers, out=powers)
    back = np.full(len(codes), _INVERSE, dtype=np.uint64)
    back[0] = 1
    np.cumprod(back, out=back)
    sums = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(codes * powers, dtype=np.uint64)))
    names: Numbers = (sums[first + sizes] - sums[first]) * back[first]
    return names


def _mixed(hashes: Numbers) -> Numbers:
    """Return hashes whose upper bits depend on all bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def _buckets(hashes: Numbers) -> Places:
    return (hashes & np.uint64(BUCKETS - 1)).astype(np.intp)
