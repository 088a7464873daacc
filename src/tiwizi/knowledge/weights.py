"""How much each signal counts. The numbers are in `models/weights.json`, fitted by `training/weights.py` on the
development half of `tests/questions`; nothing here was fitted on the other half."""

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tiwizi.knowledge.asked import Asked

Signals = dict[str, float]
Scores = NDArray[np.float64]


SIGNALS = ("words", "meaning", "gist", "student", "student_gist")


class Fusion(Struct, frozen=True):
    """The weights of the z-scores that order passages: see `SIGNALS`."""

    words: float
    meaning: float
    gist: float
    student: float = 0.0
    student_gist: float = 0.0

    def fuse(self, signals: Mapping[str, Scores]) -> Scores:
        """Return the weighted sum of the signals' z-scores over the candidates; one that says nothing adds nothing."""
        return np.asarray(sum(getattr(self, name) * _z(scores) for name, scores in signals.items()))


def _z(scores: Scores) -> Scores:
    return np.asarray((scores - scores.mean()) / (scores.std() + 1e-9))


class Logistic(Struct, frozen=True):
    """From signals to a score between 0 and 1; 0.5 is where an answer becomes more likely right than wrong."""

    bias: float
    weights: dict[str, float]

    def __call__(self, signals: Signals) -> float:
        return 1 / (1 + math.exp(-self.bias - sum(w * signals.get(name, 0.0) for name, w in self.weights.items())))


class Weights(Struct, frozen=True):
    """All weights of the search."""

    about: float  # of a title's words against a passage's own, in BM25
    official: float  # of the official terms' keys against the question's own
    fusion: dict[str, Fusion]  # by language; "*" for those not named
    order: dict[str, Fusion]  # the same for cards, whose signals are compared as they are
    card: dict[str, Logistic]
    passage: dict[str, Logistic]

    def of(self, language: str) -> Fusion:
        """Return the fusion weights for questions in `language`."""
        return self.fusion.get(language, self.fusion["*"])

    def card_order(self, language: str, signals: Signals) -> float:
        """Return by what cards are ordered: the weighted sum of the signals."""
        order = self.order.get(language, self.order["*"])
        return float(sum(getattr(order, name) * signals.get(name, 0.0) for name in SIGNALS))

    def card_score(self, asked: Asked, signals: Signals) -> float:
        """Return how sure it is that a card is the one asked about."""
        logistic = self.card.get(asked.language, self.card["*"])
        return round(logistic(signals), 4)

    def passage_score(self, asked: Asked, signals: Signals) -> float:
        """Return how sure it is that a passage answers."""
        logistic = self.passage.get(asked.language, self.passage["*"])
        return round(logistic(signals), 4)


@cache
def shipped_weights() -> Weights:
    """Return the weights that come with Tiwizi."""
    return msgspec.json.decode(files("tiwizi.knowledge").joinpath("models/weights.json").read_bytes(), type=Weights)
