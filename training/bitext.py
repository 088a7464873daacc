"""Fit the weights with which `tiwizi evaluate bitext` adds its signals.

    TIWIZI_DATA=... python training/bitext.py [--measure]

Students and tables are trained without the last thousand pairs of each source ($TIWIZI_DATA); those pairs, whole and by
their first six words, then tell how much each signal is worth (softmax over the candidates). Prints what a fit on one
half finds in the other; writes `src/tiwizi/knowledge/models/bitext.json` unless `--measure`.
"""

import argparse
import json
from collections.abc import Mapping, Sequence

import numpy as np
import scipy.optimize
from numpy.typing import NDArray
from students import KEPT_OUT, ROOM, Pair, pairs, targets
from students import train as train_student
from translation import SOURCES
from translation import train as train_tables

from tiwizi.knowledge.bitext import SIGNALS, compare, together
from tiwizi.knowledge.encoder import E5, Use
from tiwizi.knowledge.forms import Tongue
from tiwizi.knowledge.translation import Scores, standard

HOLD = 0.01  # how strongly a weight is held near zero
SHORT = 6  # words of a short query
TRIED = {"ary-Arab": "seed", "ary-Latn": "doda", "zgh-Tfng": "seed"}


def fit(signals: Mapping[str, Scores], gold: NDArray[np.int64]) -> dict[str, float]:
    """Return the weights, none below zero, under which the right candidates are likeliest."""
    names = [name for name in SIGNALS if name in signals]
    cube = np.stack([standard(signals[name]) for name in names], axis=-1).astype(np.float64)
    every = np.arange(len(gold))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = cube @ weights
        scores -= scores.max(axis=1, keepdims=True)
        chance = np.exp(scores)
        chance /= chance.sum(axis=1, keepdims=True)
        right = cube[every, gold]
        slope = (right - np.einsum("qc,qcs->qs", chance, cube)).mean(axis=0)
        worth = np.log(chance[every, gold] + 1e-12).mean()
        return -worth + HOLD * weights @ weights, 2 * HOLD * weights - slope

    start = np.full(len(names), 0.5)
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names))
    return {name: round(float(w / found.x.max()), 3) for name, w in zip(names, found.x, strict=True)}


def shown(scores: Scores, gold: NDArray[np.int64]) -> str:
    """Recall at 1 and 10."""
    ranks = (scores >= scores[np.arange(len(gold)), gold][:, None]).sum(axis=1)  # of those that are alike, the last
    return f"R@1 {100 * np.mean(ranks <= 1):.1f}, R@10 {100 * np.mean(ranks <= 10):.1f}"


def halves(signals: Mapping[str, Scores], gold: NDArray[np.int64]) -> Scores:
    """Each half scored with the weights of the other."""
    scores = np.zeros_like(signals["meaning"])
    for half in (0, 1):
        mine, other = np.arange(half, len(gold), 2), np.arange(1 - half, len(gold), 2)
        weights = fit({name: rows[mine] for name, rows in signals.items()}, gold[mine])
        scores[other] = together({name: rows[other] for name, rows in signals.items()}, weights)
    return scores


def tried(tag: str, rows: Sequence[Pair]) -> tuple[list[str], list[str], NDArray[np.int64]]:
    """The sentences kept out, the distinct texts on the other side, and which is whose."""
    texts = [row.text for row in rows]
    candidates = list(dict.fromkeys(row.meaning for row in rows))
    place = {candidate: number for number, candidate in enumerate(candidates)}
    return texts, candidates, np.array([place[row.meaning] for row in rows])


def main() -> None:
    """Fit, print, write."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--measure", action="store_true")
    options = chosen.parse_args()
    encoder, quick = E5(), Use()
    fitted: dict[str, dict[str, float]] = {"*": {"meaning": 1.0, "gist": 0.7, "words": 0.2}}
    tongues: tuple[Tongue, ...] = ("darija", "amazigh")
    for tongue in tongues:
        rows = list(pairs(tongue))
        out = {
            n for name in ("seed", "doda") for n in [n for n, row in enumerate(rows) if row.written == name][-KEPT_OUT:]
        }
        stay = np.array(sorted(set(range(len(rows))) - out))
        student = train_student([rows[n] for n in stay], targets(rows)[stay])
        tables = train_tables([rows[n] for n in stay if rows[n].written in SOURCES])
        for tag in [tag for tag in TRIED if any(rows[n].tag == tag for n in out)]:
            texts, candidates, gold = tried(tag, [rows[n] for n in sorted(out) if rows[n].tag == tag])
            short = [" ".join(text.split()[:SHORT]) for text in texts]
            both = [compare(some, candidates, tag, encoder, quick, student, tables) for some in (texts, short)]
            for name, signals in zip(("whole", "six words"), both, strict=True):
                print(f"{tag}, {name}: {shown(halves(signals, gold), gold)}", flush=True)
                for signal, scores in signals.items():
                    print(f"    {signal}: {shown(scores, gold)}", flush=True)
            all_of = {name: np.concatenate([one[name] for one in both]) for name in both[0]}
            fitted[tag] = fit(all_of, np.concatenate([gold, gold]))
            for name, signals in zip(("whole", "six words"), both, strict=True):
                scores = together(signals, fitted[tag])
                print(f"  one set of weights for both, {name}: {shown(scores, gold)}", fitted[tag], flush=True)
    fitted["zgh-Latn"] = fitted["zgh-Tfng"]
    if not options.measure:
        (ROOM / "models/bitext.json").write_text(json.dumps(fitted, indent=2) + "\n")


if __name__ == "__main__":
    main()
