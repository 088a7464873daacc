"""A word read letter by letter into another script, by a small network trained on pairs of spellings.

For each letter the network says how likely each piece of the other script is: nothing, a letter, or a few (the l of an
article, x for كس). It sees six letters on each side, so it knows beginnings, endings and syllables. The likeliest
combinations of pieces are the candidates. `training/transliteration.py` makes the weights in `models/`.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
START = "^"  # stands before the word, where an article may be heard without being typed
LONGEST = 40  # letters of a word that is read at all
_MODELS = Path(__file__).parents[1] / "models"
_STRETCHED = re.compile(r"(.)\1\1+")
_CHOICES = 5  # pieces considered for one letter
_ROWS = 12  # of a matrix product
_UNLIKELY = 6.0  # a piece this much (in log likelihood) below the best is not considered


class Read(NamedTuple):
    """A candidate and the logarithm of its likelihood."""

    score: float
    text: str


class Reader(NamedTuple):
    """The network: what each letter adds at each place of the first window, then one window on top of another."""

    letters: dict[str, int]
    pieces: tuple[str, ...]
    first: Numbers  # place in the window, letter, unit
    first_bias: Numbers
    layers: tuple[tuple[Numbers, Numbers], ...]  # weights (place in the window, unit, unit) and bias
    last: Numbers
    last_bias: Numbers

    def known(self, word: str) -> str:
        """The word as the network sees it: no letter more than twice in a row, unknown signs left out."""
        word = _STRETCHED.sub(r"\1", word[:LONGEST])
        if all(letter in self.letters for letter in word):
            return word
        return "".join(_nearest(letter, self.letters) for letter in word)

    def likelihoods(self, word: str) -> Numbers:
        """For each letter (the start before them) the log likelihood of each piece; `word` as given by `known`."""
        ids = np.array([self.letters[START], *(self.letters[letter] for letter in word)])
        size, units = len(ids), self.first.shape[2]
        reach = len(self.first) // 2
        hidden = np.repeat(self.first_bias[None], size, axis=0)
        for place in range(-reach, reach + 1):
            left, right = max(0, -place), min(size, size - place)
            if left < right:
                hidden[left:right] += self.first[place + reach, ids[left + place : right + place]]
        np.maximum(hidden, 0, out=hidden)
        for weights, bias in self.layers:
            padded = np.zeros((size + len(weights) - 1, units), dtype=np.float32)
            padded[len(weights) // 2 : len(weights) // 2 + size] = hidden
            raised = np.repeat(bias[None], size, axis=0)
            for place, by_place in enumerate(weights):
                raised += _times(padded[place : place + size], by_place)
            hidden = hidden + np.maximum(raised, 0)
        scores = _times(hidden, self.last) + self.last_bias
        scores -= scores.max(axis=1, keepdims=True)
        return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))  # type: ignore[no-any-return]

    def candidates(self, word: str, most: int = 12) -> list[Read]:
        """The likeliest ways to write the word in the other script, best first."""
        word = self.known(word)
        if not word:
            return []
        likely = self.likelihoods(word)
        order = np.argpartition(likely, -_CHOICES, axis=1)[:, -_CHOICES:]
        values = np.take_along_axis(likely, order, axis=1).tolist()
        found: list[tuple[float, str]] = [(0.0, "")]
        pieces = self.pieces
        for row, scores in zip(order.tolist(), values, strict=True):
            least = max(scores) - _UNLIKELY
            choices = [(score, pieces[piece]) for piece, score in zip(row, scores, strict=True) if score >= least]
            if len(choices) == 1:
                score, piece = choices[0]
                found = [(so_far + score, text + piece) for so_far, text in found]
                continue
            ways: dict[str, float] = {}
            for so_far, text in found:
                for score, piece in choices:
                    way, total = text + piece, so_far + score
                    if total > ways.get(way, -1e9):
                        ways[way] = total
            found = sorted(((score, text) for text, score in ways.items()), reverse=True)[: most + 4]
        return [Read(score, text) for score, text in found if text][:most]


def _times(rows: Numbers, weights: Numbers) -> Numbers:
    """The matrix product, in parts so small that no library spreads them over processors, which would cost more."""
    if len(rows) <= _ROWS:
        return rows @ weights
    return np.concatenate([rows[at : at + _ROWS] @ weights for at in range(0, len(rows), _ROWS)])


def _nearest(letter: str, letters: dict[str, int]) -> str:
    low = letter.lower()
    return low if low in letters else _PLAIN.get(low, "")


_PLAIN = {"’": "'", "ʼ": "'", "î": "i", "ï": "i", "ô": "o", "û": "u", "ù": "u", "â": "a", "ë": "e", "ñ": "n"}


@cache
def reader(name: str) -> Reader:
    """The network of `models/NAME.npz`."""
    with np.load(_MODELS / f"{name}.npz") as stored:
        return reader_of({key: stored[key] for key in stored.files})


def reader_of(stored: Mapping[str, Any]) -> Reader:
    """The network with these weights, as stored in a file."""
    letters = str(stored["letters"])
    weights = {key: value.astype(np.float32) for key, value in stored.items() if key not in ("letters", "pieces")}
    more = sorted(key for key in weights if re.fullmatch(r"layer\d+", key))
    units = len(weights["first_bias"])
    return Reader(
        letters={letter: place for place, letter in enumerate(letters)},
        pieces=tuple(str(stored["pieces"]).split("|")),
        first=weights["first"],
        first_bias=weights["first_bias"],
        layers=tuple((weights[key].reshape(-1, units, units), weights[f"{key}_bias"]) for key in more),
        last=weights["last"],
        last_bias=weights["last_bias"],
    )
