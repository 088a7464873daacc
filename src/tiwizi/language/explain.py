"""Why a text was taken for its language: what each word, letter and rule added, exactly as the model added it.

The model is linear but for the sums over classes, so a contribution is a difference of weights: of the language's best
class less that of its strongest rival's. Weights of one text are comparable with each other, not between texts.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct

from tiwizi.language import markers, ngrams
from tiwizi.language.identify import BY_SCRIPT, Floats, Model, model
from tiwizi.language.scripts import Word

MOST = 12  # pieces of evidence that are told
LOOKED_AT = 48  # words of a longer text that are looked at: as many as are judged at once
LETTERS_OF = 4  # words of which the letters are told too
LEAST = 0.05  # nats; what weighs less is not told


class Evidence(Struct, frozen=True):
    """Something in `text[start:end]` that speaks for `language`, and how much.

    `kind`: `word` (a word or two neighbours, as the model knows them), `letters` (an n-gram within a word), `rule` (a
    row of `tables/markers.tsv`), `script`. `what` is the word, the letters or the row. `weight` is in nats: what it
    adds to the logarithm of the odds of `language` against its strongest rival. Letters are part of their word.
    """

    start: int
    end: int
    kind: str
    what: str
    language: str
    weight: float


def evidence_for(found: Sequence[Word], script: str, ranked: Sequence[str]) -> list[Evidence]:
    """Return what speaks for the languages of `ranked` (best first), heaviest first, at most MOST pieces."""
    words = [word for word in found if word.script == script][:LOOKED_AT]
    if not words:
        return []
    if script not in ("Arab", "Latn"):
        languages = BY_SCRIPT.get(script, ("und",))
        return [Evidence(word.start, word.end, "script", script, languages[0], 0.0) for word in words[:1]]
    of = model(script)
    rival = next((language for language in ranked[1:]), None) or next(
        language for language in of.languages if language != ranked[0]
    )
    contrast = _Contrast(of, words, ranked[0], rival)
    pieces = [*contrast.words(), *contrast.letters(), *contrast.rules()]
    pieces = [piece for piece in pieces if piece.weight >= LEAST]
    return sorted(pieces, key=lambda piece: -piece.weight)[:MOST]


class _Contrast:
    """One language against another, for the words of one line."""

    def __init__(self, of: Model, words: Sequence[Word], one: str, other: str) -> None:
        self.of, self.of_words, self.one, self.other = of, words, one, other
        self.found = of.score([[word.form for word in words]])
        inputs = of.inputs(self.found)
        scores = (inputs @ of.judge)[0]
        self.columns = [self._best_class(scores, language) for language in (one, other)]
        count = len(of.classes)
        direction = of.judge[:, self.columns[0]] - of.judge[:, self.columns[1]]
        features = float(self.found.counts.sum()) + len(words) - 1
        # A feature reaches the judge twice: in the scores, and in the scores over the root of the number of words.
        self.gain = (direction[:count] + direction[count : 2 * count] / np.sqrt(len(words))) / np.sqrt(features)
        marks = len(markers.FEATURES) if of.has_marks else 0
        self.share, self.any = np.split(direction[2 * count : 2 * (count + marks)], 2)

    def _best_class(self, scores: Floats, language: str) -> int:
        owners = self.of.owners == self.of.languages.index(language)
        return int(np.where(owners, scores, -np.inf).argmax())

    def _piece(self, start: int, end: int, kind: str, what: str, weight: float) -> Evidence:
        language = self.one if weight >= 0 else self.other
        return Evidence(start, end, kind, what, language, round(abs(weight), 3))

    def words(self) -> Iterator[Evidence]:
        own, pairs = self.found.scores @ self.gain, self.found.pairs @ self.gain
        for word, weight in zip(self.of_words, own.tolist(), strict=True):
            yield self._piece(word.start, word.end, "word", word.form, weight)
        for first, second, weight in zip(self.of_words, self.of_words[1:], pairs.tolist(), strict=False):
            yield self._piece(first.start, second.end, "word", f"{first.form} {second.form}", weight)

    def letters(self) -> Iterator[Evidence]:
        """The heaviest n-gram of each of the words that weigh most; a boundary mark is shown as a hyphen."""
        weights = np.abs(self.found.scores @ self.gain)
        for at in np.argsort(-weights, kind="stable")[:LETTERS_OF].tolist():
            word = self.of_words[at]
            ids, _, _ = ngrams.features([word.form])
            values = (self.of.weights[ids[: ngrams.LONGEST]] * self.of.steps) @ self.gain
            size, place = np.unravel_index(int(np.abs(values).argmax()), values.shape)
            letters = f"-{word.form}-"[place : place + size + 1]
            yield self._piece(word.start, word.end, "letters", letters, float(values[size, place]))

    def rules(self) -> Iterator[Evidence]:
        if not self.of.has_marks:
            return
        total = len(self.of_words)
        often = self.found.marks.sum(axis=0)
        for word in self.of_words:
            for mark in markers.marks(word.form):
                number = markers.FEATURES.index(f"{mark.language} {mark.kind}")
                weight = self.share[number] / total + self.any[number] / max(often[number], 1)
                yield self._piece(word.start, word.end, "rule", f"{mark.kind} {mark.form}", float(weight))
