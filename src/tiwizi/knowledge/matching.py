"""Which card a question is about: its words against the names and aliases of each card, and its meaning.

Words are compared as search keys, so that a phrase in Arabic letters meets the same phrase in Latin ones; a key that
is spelled a little differently counts by the share of letter pairs in common (Dice 1945). Each key weighs by how few
cards use it (inverse document frequency).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from tiwizi.knowledge.cards import Card
from tiwizi.knowledge.encoder import Vectors
from tiwizi.language import search_keys, without_seal

ALIKE = 0.62  # least share of letter pairs for two spellings of one word


class Phrase(Struct, frozen=True):
    """One way of naming a card."""

    card: int
    text: str
    tag: str
    keys: frozenset[str]


class CardMatcher:
    """Scores every card for a question; built once for a set of cards."""

    def __init__(self, cards: Sequence[Card]) -> None:
        self.cards = list(cards)
        self.phrases = [
            Phrase(number, text, tag, frozenset(search_keys(text, tag)))
            for number, card in enumerate(self.cards)
            for tag in dict.fromkeys((*card.name, *card.aliases))
            for text in card.phrases(tag)
        ]
        used = Counter(key for number in range(len(self.cards)) for key in self._keys_of(number))
        self._weight = {key: math.log(1 + len(self.cards) / count) for key, count in used.items()}
        self._rare = math.log(1 + 2 * max(1, len(self.cards)))  # a word that no card uses is about something else
        self._spellings: dict[str, set[str]] = defaultdict(set)
        for key in used:
            for pair in _pairs(key):
                self._spellings[pair].add(key)
        self.vectors: Vectors = np.zeros((0, 0), dtype=np.float32)  # one row a phrase, once the encoder has been there

    def _keys_of(self, number: int) -> set[str]:
        return {key for phrase in self.phrases if phrase.card == number for key in phrase.keys}

    def by_words(self, keys: Sequence[str]) -> list[float]:
        """Return a score from 0 to 1 for each card: how much of its best phrase is in the question, and back."""
        known = {key: self._closest(key) for key in set(keys)}
        met: dict[str, float] = {}
        for spelling, share in known.values():
            met[spelling] = max(share, met.get(spelling, 0.0))
        asked = sum(self._weight.get(spelling, self._rare) for spelling, _ in known.values()) or 1.0
        scores = [0.0] * len(self.cards)
        for phrase in self.phrases:
            common = sum(self._weight[key] * met[key] for key in phrase.keys if key in met)
            if common:
                whole = sum(self._weight[key] for key in phrase.keys)
                score = 2 * common / (whole + asked)
                scores[phrase.card] = max(scores[phrase.card], score)
        return scores

    def by_meaning(self, question: Vectors) -> list[float]:
        """Return the cosine of the nearest phrase for each card; `question` is (1, dimension), centred."""
        scores = [-1.0] * len(self.cards)
        if len(self.vectors):
            for phrase, cosine in zip(self.phrases, (self.vectors @ question[0]).tolist(), strict=True):
                scores[phrase.card] = max(scores[phrase.card], cosine)
        return scores

    def _closest(self, key: str) -> tuple[str, float]:
        """The spelling that the cards use for `key`, with how alike they are; itself where none is."""
        if key in self._weight:
            return key, 1.0
        pairs = _pairs(key)
        shared = Counter(spelling for pair in pairs for spelling in self._spellings.get(pair, ()))
        best, share = key, 0.0
        for spelling, count in shared.items():
            dice = 2 * count / (len(pairs) + len(_pairs(spelling)))
            if dice > share:
                best, share = spelling, dice
        return (best, share) if share >= ALIKE else (key, 0.0)


def _pairs(key: str) -> set[str]:
    framed = f"^{without_seal(key)}$"
    return {framed[i : i + 2] for i in range(len(framed) - 1)}
