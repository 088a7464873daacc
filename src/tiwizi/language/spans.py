"""The language of each word in its sentence: a linear-chain conditional random field (Lafferty et al. 2001).

What it sees of a word is how likely each language is for the word alone, for the word with its neighbours near and
farther, and for the whole sentence, and the word's shape. The words of one script are one chain, as the letters
already tell the rest: "بغيت renouvellement ديال passeport" is one chain of Darija and one of Latin-script words.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from tiwizi.language.identify import BY_SCRIPT, UNKNOWN, Chain, Floats, Model, Places, Scored, in_groups, model, softmax
from tiwizi.language.scripts import Word

AROUND = (1, 3)  # words on each side of the windows
LONGEST = 64  # words of one chain; what is longer is cut, which bounds the work on a row


def languages_of_words(found: Sequence[Sequence[Word]]) -> list[list[tuple[str, float]]]:
    """Return for each text the language of each of its words, with its probability."""
    results = [[(BY_SCRIPT.get(word.script, (UNKNOWN,))[0], 1.0) for word in each] for each in found]
    for script in ("Arab", "Latn"):
        places = [
            (text, at) for text, each in enumerate(found) for at, word in enumerate(each) if word.script == script
        ]
        if not places:
            continue
        forms = [found[text][at].form for text, at in places]
        of = model(script)
        lines = [forms[first:last] for first, last in _chains([text for text, _ in places])]
        chances = np.concatenate([marginals(of, of.score(some)) for some in in_groups(lines)])
        best = chances.argmax(axis=1)
        sure = chances[np.arange(len(best)), best].tolist()
        for (text, at), number, chance in zip(places, best.tolist(), sure, strict=True):
            results[text][at] = (of.languages[number], chance)
    return results


def _chains(owners: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last (exclusive) of each run of equal numbers, cut at LONGEST."""
    start = 0
    for end in range(1, len(owners) + 1):
        if end == len(owners) or owners[end] != owners[start] or end - start == LONGEST:
            yield start, end
            start = end


def inputs(of: Model, found: Scored) -> Floats:
    """Return what the chain sees of each word, a row for each.

    Columns: log-probabilities of the languages for the word, for the windows AROUND it, for the line; whether the word
    has one letter, two, eight or more; whether it has a digit; 1.
    """
    total = len(found.counts)
    line = np.repeat(np.arange(len(found.sizes)), found.sizes)
    first, last = found.firsts[line], (found.firsts + found.sizes)[line]
    at = np.arange(total)
    sums = _running(found.scores)
    pairs = _running(found.pairs)
    counts = _running(found.counts[:, None])
    parts = []
    for size in (0, *AROUND, total):
        low, high = np.maximum(at - size, first), np.minimum(at + size + 1, last)
        score = sums[high] - sums[low] + pairs[high - 1] - pairs[low]
        count = counts[high] - counts[low] + (high - low - 1)[:, None]
        parts.append(np.log(of.joined(softmax(score / np.sqrt(count) + of.bias)) + 1e-5))
    return np.hstack((*parts, found.shapes, np.ones((total, 1)))).astype(np.float32)


def _running(rows: Floats) -> Floats:
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=sums[1:], dtype=np.float64)
    return sums


def marginals(of: Model, found: Scored) -> Floats:
    """Return the probability of each language for each word, given its whole chain (forward-backward algorithm)."""
    scores = inputs(of, found) @ of.chain.words
    rows, columns = places(found.firsts, found.sizes)
    padded = np.zeros((len(found.sizes), int(found.sizes.max()), len(of.languages)), dtype=np.float64)
    padded[rows, columns] = scores
    forward, backward = forward_backward(padded, found.sizes, of.chain)
    chances: Floats = softmax((forward + backward)[rows, columns])
    return chances


def places(firsts: Places, sizes: Places) -> tuple[Places, Places]:
    """Return the row (chain) and the column (place in it) of each word."""
    rows = np.repeat(np.arange(len(sizes)), sizes)
    return rows, np.arange(len(rows)) - firsts[rows]


def forward_backward(scores: Floats, sizes: Places, chain: Chain) -> tuple[Floats, Floats]:
    """Return the logarithms of what comes before and after, chains x words x languages; padding stays at zero."""
    length = scores.shape[1]
    forward = np.zeros_like(scores)
    backward = np.zeros_like(scores)
    forward[:, 0] = scores[:, 0]
    factors = np.exp(chain.steps)
    for at in range(1, length):
        here = sizes > at
        forward[here, at] = scores[here, at] + _through(forward[here, at - 1], factors)
    for at in range(length - 2, -1, -1):
        here = sizes > at + 1
        backward[here, at] = _through(scores[here, at + 1] + backward[here, at + 1], factors.T)
    return forward, backward


def _through(rows: Floats, factors: Floats) -> Floats:
    top = rows.max(axis=1, keepdims=True)
    result: Floats = np.log(np.exp(rows - top) @ factors) + top
    return result
