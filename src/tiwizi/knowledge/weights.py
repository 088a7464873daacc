"""How much each signal counts. The numbers are in `models/weights.json`, fitted by `training/weights.py` on the
development half of `tests/questions`; nothing here was fitted on the other half."""

import math
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tiwizi.knowledge.asked import Asked

Signals = dict[str, float]
Scores = NDArray[np.float64]


class Fusion(Struct, frozen=True):
    """The weights of the z-scores that order passages."""

    words: float
    meaning: float

    def fuse(self, words: Scores, meaning: Scores) -> Scores:
        """Return the weighted sum of both signals' z-scores over the candidates."""
        return self.words * _z(words) + self.meaning * _z(meaning)


def _z(scores: Scores) -> Scores:
    return np.asarray((scores - scores.mean()) / (scores.std() + 1e-9))


class Logistic(Struct, frozen=True):
    """From signals to a score between 0 and 1; 0.5 is where an answer becomes more likely right than wrong."""

    bias: float
    words: float
    meaning: float

    def __call__(self, words: float, meaning: float) -> float:
        return 1 / (1 + math.exp(-(self.bias + self.words * words + self.meaning * meaning)))


class Weights(Struct, frozen=True):
    """All weights of the search."""

    about: float  # of a title's words against a passage's own, in BM25
    official: float  # of the official terms' keys against the question's own
    fusion: dict[str, Fusion]  # by language; "*" for those not named
    card: dict[str, Logistic]
    passage: dict[str, Logistic]

    def of(self, language: str) -> Fusion:
        """Return the fusion weights for questions in `language`."""
        return self.fusion.get(language, self.fusion["*"])

    def card_score(self, asked: Asked, signals: Signals) -> float:
        """Return how sure it is that a card is the one asked about."""
        logistic = self.card.get(asked.language, self.card["*"])
        return round(logistic(signals["words"], signals["meaning"]), 4)

    def passage_score(self, asked: Asked, signals: Signals) -> float:
        """Return how sure it is that a passage answers."""
        logistic = self.passage.get(asked.language, self.passage["*"])
        return round(logistic(signals["shared"], signals["meaning"]), 4)


@cache
def shipped_weights() -> Weights:
    """Return the weights that come with Tiwizi."""
    return msgspec.json.decode(files("tiwizi.knowledge").joinpath("models/weights.json").read_bytes(), type=Weights)
