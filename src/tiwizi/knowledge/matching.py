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
from tiwizi.knowledge.phrase_keys import keys_of
from tiwizi.language import without_seal

ALIKE = 0.62  # least share of letter pairs for two spellings of one word


class Phrase(Struct, frozen=True):
    """One way of naming a card, or a topic that no card is about."""

    card: int  # topics are numbered after the cards
    text: str
    tag: str
    keys: frozenset[str]


class CardMatcher:
    """Scores every card for a question; built once for a set of cards.

    `elsewhere` are topics that people ask about and no card is about, as (topic, tag, phrase): they are scored like
    cards, after them, so that a question about a visa is not taken for one about a passport.
    """

    def __init__(self, cards: Sequence[Card], elsewhere: Sequence[tuple[str, str, str]] = ()) -> None:
        self.cards = list(cards)
        topics = {topic: len(cards) + place for place, topic in enumerate(dict.fromkeys(row[0] for row in elsewhere))}
        self.count = len(cards) + len(topics)
        self.phrases = [
            Phrase(number, text, tag, frozenset(keys_of(text, tag)))
            for number, card in enumerate(self.cards)
            for tag in dict.fromkeys((*card.name, *card.aliases))
            for text in card.phrases(tag)
        ]
        self.phrases += [
            Phrase(topics[topic], text, tag, frozenset(keys_of(text, tag)))
            for topic, tag, text in sorted(elsewhere, key=lambda row: topics[row[0]])
        ]
        used = Counter(key for _, key in {(phrase.card, key) for phrase in self.phrases for key in phrase.keys})
        self._weight = {key: math.log(1 + self.count / count) for key, count in used.items()}
        self._rare = math.log(1 + 2 * max(1, self.count))  # a word that no card uses is about something else
        self._whole = [sum(self._weight[key] for key in phrase.keys) for phrase in self.phrases]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for place, phrase in enumerate(self.phrases):
            for key in phrase.keys:
                self._holders[key].append(place)
        # phrases of one card or topic stand together, and each has some
        self._starts = [n for n, one in enumerate(self.phrases) if not n or one.card != self.phrases[n - 1].card]
        self._spellings: dict[str, set[str]] = defaultdict(set)
        for key in used:
            for pair in _pairs(key):
                self._spellings[pair].add(key)
        self.vectors: dict[str, Vectors] = {}  # by space: one row a phrase, once the encoder has been there

    def by_words(self, keys: Sequence[str]) -> list[float]:
        """Return a score from 0 to 1 for each card: how much of its best phrase is in the question, and back."""
        known = {key: self._closest(key) for key in set(keys)}
        met: dict[str, float] = {}
        for spelling, share in known.values():
            met[spelling] = max(share, met.get(spelling, 0.0))
        asked = sum(self._weight.get(spelling, self._rare) for spelling, _ in known.values()) or 1.0
        common: dict[int, float] = defaultdict(float)
        for key, share in met.items():
            for place in self._holders.get(key, ()):
                common[place] += self._weight[key] * share
        scores = [0.0] * self.count
        for place, much in common.items():
            card = self.phrases[place].card
            scores[card] = max(scores[card], 2 * much / (self._whole[place] + asked))
        return scores

    def by_meaning(self, space: str, question: Vectors) -> list[float]:
        """Return the cosine of the nearest phrase for each card; `question` is (1, dimension), centred."""
        if space not in self.vectors or not self.phrases:
            return [-1.0] * self.count
        best: list[float] = np.maximum.reduceat(self.vectors[space] @ question[0], self._starts).tolist()
        return best

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
