"""Rebuilds the language identification models from the shared data: `python training/language.py`.

Reads $TIWIZI_DATA/language, official-texts and parallel, the texts beside this script and the word lists of wordfreq;
writes arabic.npz, latin.npz and the card identify.md beside the runtime, and prints the figures. `--measure` only
computes the figures again. Seeded: the same data give the same model. Runs in an environment of its own (README.md).
"""

import argparse
import os
import random
import sys
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is imported: sums in one order give the same bytes each time

import card
import fitting
import numpy as np
from lines import CLASSES, Lines, joined

from tiwizi.language import identify

SEED = 17
FITS, EPOCHS = 3, 3  # the mean of linear models is one too, and depends less on chance than each of them
APART = 0.08  # of the lines, for the judge and the chain
RARE = {"und": 0.15}  # people here write other languages less often than our lines have them
JOINED = 6_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="only compute the figures again")
    if "TIWIZI_DATA" not in os.environ:
        sys.exit("Set TIWIZI_DATA to the folder that holds language/, official-texts/ and parallel/.")
    data = Path(os.environ["TIWIZI_DATA"])
    if not parser.parse_args().measure:
        train(data)
        card.write(data, SEED, FITS * EPOCHS, APART)
    print(card.figures(data))


def train(data: Path) -> None:
    """Write the models of both scripts."""
    draw = random.Random(SEED)
    lines = Lines(data, draw)
    apart = lines.keep_apart(APART, draw)
    chains: dict[str, list[tuple[list[str], list[str]]]] = {"Arab": [], "Latn": []}
    for script, line, tags in joined(apart, JOINED, draw):
        chains[script].append((line, tags))
    for sentence in lines.mixed * 3:
        for script, pairs in chains.items():
            words = [(word.form, tag) for word, tag in sentence if word.script == script]
            if words and all(tag in identify.BY_SCRIPT[script] for _, tag in words):
                pairs.append(([form for form, _ in words], [tag for _, tag in words]))
    for script, classes in CLASSES.items():
        fits = [
            fitting.fit((list(lines.epoch(script, draw)) for _ in range(EPOCHS)), list(classes), SEED + number, EPOCHS)
            for number in range(FITS)
        ]
        weights, bias = (np.mean([fit[part] for fit in fits], axis=0) for part in (0, 1))
        model = fitting.assemble(script, list(classes), weights, bias)
        model.judge = fitting.fit_judge(model, [pair for pair in apart.epoch(script, draw, 0.25) if pair[1]], RARE)
        model.chain = fitting.fit_chain(model, chains[script])
        np.savez(
            identify.MODELS / identify.FILES[script],
            weights=model.weights[:-1],
            steps=model.steps,
            bias=model.bias,
            classes=np.array(model.classes),
            judge=model.judge,
            chain_words=model.chain.words,
            chain_steps=model.chain.steps,
        )
    identify.model.cache_clear()


if __name__ == "__main__":
    main()
