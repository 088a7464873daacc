"""How likely each language is, for lines of words of one script: hashed n-grams, weighed twice.

First a logistic regression over the n-grams of `ngrams.py` scores classes (finer than languages: German and Vietnamese
are both `und` but have nothing in common). Its scores of a word depend on the word alone and are kept, so that a
word met again costs one look-up. Then a small regression, the judge, fitted on lines that the first had not seen,
makes probabilities of the scores, of the length and, in Arabic script, of the linguist's marks (`markers.py`). Both
are linear: what a word, a letter or a rule contributed can be told exactly (`explain.py`).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tiwizi.language import markers, ngrams

MODELS = Path(__file__).with_name("models")
UNKNOWN = "und"
LANGUAGES = ("ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn", "ar", "fr", "en", "es", UNKNOWN)
BY_SCRIPT = {
    "Arab": ("ary-Arab", "ar", UNKNOWN),
    "Latn": ("ary-Latn", "zgh-Latn", "fr", "en", "es", UNKNOWN),
    "Tfng": ("zgh-Tfng",),
}
FILES = {"Arab": "arabic.npz", "Latn": "latin.npz"}
SHAPES = ("one letter", "two letters", "eight letters or more", "a digit")
TOGETHER = 4_096  # words scored at once, about; lines are short
_KEPT = 1 << 16  # words whose scores are kept; with more different ones the store begins anew

Floats = NDArray[np.floating[Any]]
Places = NDArray[np.intp]


class Chain(NamedTuple):
    """Weights of the chain of words (`spans.py`): inputs of a word x languages, and language x next language."""

    words: Floats
    steps: Floats


class Scored(NamedTuple):
    """The words of some lines, with what the model makes of each; arrays have a row for each word.

    `scores` are sums over the `counts` features of the word, one column for each class; `pairs` the same for the word
    with the one after it (0 at the end of a line). `marks` says which of markers.FEATURES the word has, `shapes`
    whether it has one letter, two, eight or more, and a digit. `firsts` has the number of each line's first word,
    `sizes` how many words it has.
    """

    scores: Floats
    counts: Floats
    marks: Floats
    shapes: Floats
    pairs: Floats
    firsts: Places
    sizes: Places


class Model:
    """The model of one script.

    Args:
        weights: int8, features x classes, the last row 0; a step is worth `steps` (of each class).
        classes: `LANGUAGE` or `LANGUAGE:part`.
        judge: inputs of the judge x classes (see `inputs`).
    """

    def __init__(
        self,
        script: str,
        weights: NDArray[np.int8],
        steps: Floats,
        bias: Floats,
        classes: Sequence[str],
        judge: Floats,
        chain: Chain,
    ) -> None:
        self.weights, self.steps, self.bias, self.judge, self.chain = weights, steps, bias, judge, chain
        self.classes = tuple(classes)
        self.languages = BY_SCRIPT[script]
        self.owners = np.array([self.languages.index(name.partition(":")[0]) for name in self.classes])
        self.has_marks = script == "Arab"
        self._lock = Lock()
        self._place: dict[str, int] = {}
        columns = len(self.classes) + 1 + len(self._facts(""))
        self._known = np.zeros((_KEPT, columns), dtype=np.float32)
        self._names = np.zeros(_KEPT, dtype=np.uint64)

    def score(self, lines: Sequence[Sequence[str]]) -> Scored:
        """Score the words of lines, of which none is empty; they are one group (see `in_groups`)."""
        forms = [form for line in lines for form in line]
        sizes = np.fromiter(map(len, lines), dtype=np.intp, count=len(lines))
        firsts = np.cumsum(sizes) - sizes
        with self._lock:
            known, names = self._of_words(forms)
        ids = np.full(len(forms), ngrams.NONE)
        ids[:-1] = ngrams.pairs(names)
        ids[firsts[1:] - 1] = ngrams.NONE
        end = len(self.classes)
        return Scored(
            scores=known[:, :end],
            counts=known[:, end],
            shapes=known[:, end + 1 : end + 1 + len(SHAPES)],
            marks=known[:, end + 1 + len(SHAPES) :],
            pairs=self.weights[ids] * self.steps,
            firsts=firsts,
            sizes=sizes,
        )

    def _of_words(self, forms: Sequence[str]) -> tuple[Floats, NDArray[np.uint64]]:
        """Return what is known of each word, and its number; looks at those that were not met before."""
        new = list(dict.fromkeys(form for form in forms if form not in self._place))
        if len(self._place) + len(new) > _KEPT:
            self._place.clear()
            new = list(dict.fromkeys(forms))
        if new:
            start, end = len(self._place), len(self._place) + len(new)
            self._known[start:end], self._names[start:end] = self._look(new)
            self._place.update(zip(new, range(start, end), strict=True))
        at = [self._place[form] for form in forms]
        return self._known[at], self._names[at]

    def _look(self, forms: Sequence[str]) -> tuple[Floats, NDArray[np.uint64]]:
        ids, firsts, names = ngrams.features(forms)
        sums = np.zeros((ids.shape[1], len(self.classes)), dtype=np.int16)
        for row in ids:
            sums += self.weights[row]
        scores = np.add.reduceat(sums, firsts, dtype=np.int32) * self.steps
        counts = np.add.reduceat((ids != ngrams.NONE).sum(axis=0), firsts)
        facts = np.array([self._facts(form) for form in forms], dtype=np.float32)
        return np.hstack((scores, counts[:, None], facts)).astype(np.float32), names

    def _facts(self, form: str) -> tuple[bool, ...]:
        shapes = (len(form) == 1, len(form) == 2, len(form) > 7, any(map(str.isdigit, form)))
        return shapes + markers.marked(form) if self.has_marks else shapes

    def inputs(self, found: Scored) -> Floats:
        """Return what the judge weighs, a row for each line.

        Columns: the classes' scores; the same over the root of the number of words; the share of words that have each
        mark, and whether one has it; the logarithm of the number of words; 1.
        """
        raw = self.raw(found)
        words = found.sizes[:, None].astype(np.float32)
        marked = np.add.reduceat(found.marks, found.firsts)
        return np.hstack((raw, raw / np.sqrt(words), marked / words, np.minimum(marked, 1), np.log(words), words**0))

    def raw(self, found: Scored) -> Floats:
        """Return the classes' scores of each line: the sum over its features, over the root of their number."""
        counts = np.add.reduceat(found.counts, found.firsts) + found.sizes - 1
        sums: Floats = np.add.reduceat(found.scores + found.pairs, found.firsts)
        return sums / np.sqrt(counts)[:, None] + self.bias

    def chances(self, lines: Sequence[Sequence[str]]) -> Floats:
        """Return the probability of each of `languages`, a row for each line; no line is empty."""
        return np.concatenate([self.judged(self.inputs(self.score(some))) for some in in_groups(lines)])

    def judged(self, inputs: Floats) -> Floats:
        """Return the probability of each of `languages`, a row for each line."""
        return self.joined(softmax(inputs @ self.judge))

    def joined(self, chances: Floats) -> Floats:
        """Return the sums of the classes' columns that are one language, in the order of `languages`."""
        together = np.zeros((len(chances), len(self.languages)), dtype=chances.dtype)
        for number, owner in enumerate(self.owners):
            together[:, owner] += chances[:, number]
        return together


def in_groups(lines: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    """Yield the lines in groups of TOGETHER words, about: this bounds the memory that a long text takes."""
    start = waiting = 0
    for end, line in enumerate(lines, 1):
        waiting += len(line)
        if waiting >= TOGETHER or end == len(lines):
            yield lines[start:end]
            start, waiting = end, 0


def softmax(scores: Floats) -> Floats:
    """Return the probabilities that go with log-odds, row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = raised / raised.sum(axis=1, keepdims=True)
    return result


@cache
def model(script: str) -> Model:
    """Return the model of `Arab` or `Latn`, read once."""
    with np.load(MODELS / FILES[script], allow_pickle=False) as file:
        weights = np.concatenate((file["weights"], np.zeros((1, file["weights"].shape[1]), dtype=np.int8)))
        chain = Chain(file["chain_words"], file["chain_steps"])
        return Model(script, weights, file["steps"], file["bias"], file["classes"].tolist(), file["judge"], chain)
