"""Fitting the identification model: the classes' weights, the judge, the chain of words. All of it is seeded."""

import random
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from tiwizi.language import ngrams, spans
from tiwizi.language.identify import Chain, Floats, Model, in_groups, softmax

BATCH = 512
RATE = 0.25
SHRINK = 2e-6  # L2 penalty on the weights of features that a batch has
HIDE_WORD = 0.35  # a word is read by its short n-grams alone this often, as an unknown one will be
HIDE_PAIRS = 0.5
JUDGE_SHRINK = 300.0
CHAIN_SHRINK = 3.0

Weights = NDArray[np.float32]


def matrix(lines: Sequence[Sequence[str]], draw: np.random.Generator | None = None) -> csr_matrix:
    """Return a row for each line: its features, each as often as it occurs, over the root of their number."""
    words = [word for line in lines for word in line]
    sizes = np.array([len(line) for line in lines])
    ids, first, names = ngrams.features(words)
    of_word = np.repeat(np.arange(len(words)), np.diff(np.append(first, ids.shape[1])))
    of_line = np.repeat(np.arange(len(lines)), sizes)
    keep = ids != ngrams.NONE
    if draw is not None:
        hidden = (draw.random(len(words)) < HIDE_WORD)[of_word]
        keep[3 : ngrams.LONGEST, hidden] = False
        keep[-1, hidden] = False
    rows = np.broadcast_to(of_line[of_word], ids.shape)[keep]
    columns = ids[keep]
    pair_rows = of_line[:-1]
    inside = pair_rows == of_line[1:]
    if draw is not None:
        inside &= draw.random(len(inside)) >= HIDE_PAIRS
    rows = np.concatenate((rows, pair_rows[inside]))
    columns = np.concatenate((columns, ngrams.pairs(names)[inside]))
    counts = np.bincount(rows, minlength=len(lines))
    values = (1.0 / np.sqrt(counts))[rows].astype(np.float32)
    return csr_matrix((values, (rows, columns)), shape=(len(lines), ngrams.BUCKETS))


def fit(
    epochs: Iterable[list[tuple[str, list[str]]]], classes: Sequence[str], seed: int, count: int
) -> tuple[Weights, Weights]:
    """Return the weights (features x classes) and the biases. Each of the `count` epochs is a list of
    (class, line).

    Multinomial logistic regression by Adagrad (Duchi et al. 2011), on batches, with a falling rate.
    """
    number = {name: at for at, name in enumerate(classes)}
    draw = np.random.default_rng(seed)
    weights = np.zeros((ngrams.BUCKETS, len(classes)), dtype=np.float32)
    squares = np.full((ngrams.BUCKETS, 1), 1e-3, dtype=np.float32)
    bias = np.zeros(len(classes), dtype=np.float32)
    step = 0
    for order in epochs:
        random.Random(seed + step).shuffle(order)
        steps = count * -(-len(order) // BATCH)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            x = matrix([line for _, line in batch], draw)
            used, columns = np.unique(x.indices, return_inverse=True)
            x = csr_matrix((x.data, columns, x.indptr), shape=(len(batch), len(used)))
            scores = x @ weights[used] + bias
            scores -= scores.max(axis=1, keepdims=True)
            error = np.exp(scores)
            error /= error.sum(axis=1, keepdims=True)
            error[np.arange(len(batch)), [number[name] for name, _ in batch]] -= 1.0
            slope = (x.T @ error) + SHRINK * BATCH * weights[used]
            squares[used] += np.square(slope).mean(axis=1, keepdims=True)
            rate = RATE * (1.0 - 0.9 * step / steps)
            weights[used] -= rate * slope / np.sqrt(squares[used])
            bias -= 0.02 * rate * error.mean(axis=0)
            step += 1
    return weights, bias


def assemble(script: str, classes: Sequence[str], weights: Weights, bias: Weights) -> Model:
    """Return the model with these weights, in bytes; judge and chain are to be fitted."""
    whole, steps = rounded(weights)
    whole = np.concatenate((whole, np.zeros((1, len(classes)), dtype=np.int8)))
    nothing = np.zeros((0, 0), dtype=np.float32)
    return Model(script, whole, steps, bias, classes, nothing, Chain(nothing, nothing))


def rounded(weights: Weights) -> tuple[NDArray[np.int8], Weights]:
    """Return the weights in whole steps of one byte, and what a step of each class is worth."""
    steps = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    return np.round(weights / steps).astype(np.int8), steps


def fit_judge(model: Model, lines: Sequence[tuple[str, list[str]]], rare: dict[str, float]) -> Weights:
    """Return the judge's weights, fitted on lines that the classes' weights have not seen.

    Multinomial logistic regression by L-BFGS, held near "believe the scores" by an L2 penalty. `rare` has the weight of
    a line of a class that people write less often than it occurs here.
    """
    number = {name: at for at, name in enumerate(model.classes)}
    x = np.concatenate([model.inputs(model.score(some)) for some in in_groups([line for _, line in lines])])
    y = np.array([number[name] for name, _ in lines])
    weight = np.array([rare.get(name.partition(":")[0], 1.0) for name, _ in lines])
    scale = x.std(axis=0) + 1e-6
    scale[-1] = 1.0
    count = len(model.classes)
    start = np.zeros((x.shape[1], count))
    start[:count] = np.diag(scale[:count])

    def loss(flat: Floats) -> tuple[float, Floats]:
        chances = softmax((x / scale) @ flat.reshape(start.shape))
        value = -(weight * np.log(chances[np.arange(len(y)), y] + 1e-12)).sum()
        chances[np.arange(len(y)), y] -= 1.0
        slope = (x / scale).T @ (chances * weight[:, None])
        away = flat.reshape(start.shape) - start
        return value + JUDGE_SHRINK * np.square(away).sum() / 2, (slope + JUDGE_SHRINK * away).ravel()

    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return (found.x.reshape(start.shape) / scale[:, None]).astype(np.float32)


def fit_chain(model: Model, lines: Sequence[tuple[list[str], list[str]]]) -> Chain:
    """Return the chain's weights, fitted on (words, language of each word; und where it does not count).

    Maximum likelihood with an L2 penalty by L-BFGS; the gradient is what the chain expects less what is there.
    """
    lines = [(words, tags) for words, tags in lines if len(words) <= spans.LONGEST]
    scored = model.score([words for words, _ in lines])
    x = spans.inputs(model, scored).astype(np.float64)
    y = np.array([model.languages.index(tag) for _, tags in lines for tag in tags])
    count = len(model.languages)
    rows, columns = spans.places(scored.firsts, scored.sizes)
    next_too = np.append(rows[1:] == rows[:-1], False)
    start = np.zeros((x.shape[1], count))
    for scale in range(len(spans.AROUND) + 2):
        start[scale * count : (scale + 1) * count] = np.eye(count) / (len(spans.AROUND) + 2)
    steps = np.eye(count) * 2.0

    def loss(flat: Floats) -> tuple[float, Floats]:
        chain = Chain(flat[: start.size].reshape(start.shape), flat[start.size :].reshape(steps.shape))
        scores = np.zeros((len(lines), int(scored.sizes.max()), count))
        emitted = x @ chain.words
        scores[rows, columns] = emitted
        forward, backward = spans.forward_backward(scores, scored.sizes, chain)
        before, after = forward[rows, columns], backward[rows, columns]
        total = np.logaddexp.reduce(before + after, axis=1)
        at = np.arange(len(y))
        ends = scored.firsts + scored.sizes - 1
        pairs = np.flatnonzero(next_too)
        value = total[ends].sum() - emitted[at, y].sum() - chain.steps[y[pairs], y[pairs + 1]].sum()
        chances = np.exp(before + after - total[:, None])
        chances[at, y] -= 1.0
        moves = before[pairs, :, None] + chain.steps + (emitted + after)[pairs + 1, None, :]
        expected = np.exp(moves - total[pairs, None, None]).sum(axis=0)
        np.subtract.at(expected, (y[pairs], y[pairs + 1]), 1.0)
        away, stepped = chain.words - start, chain.steps - steps
        value += CHAIN_SHRINK * (np.square(away).sum() + np.square(stepped).sum()) / 2
        slope = np.concatenate(
            ((x.T @ chances + CHAIN_SHRINK * away).ravel(), (expected + CHAIN_SHRINK * stepped).ravel())
        )
        return value, slope

    first = np.concatenate((start.ravel(), steps.ravel()))
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return Chain(
        found.x[: start.size].reshape(start.shape).astype(np.float32),
        found.x[start.size :].reshape(steps.shape).astype(np.float32),
    )
