"""Students: small encoders of ours that bring Darija and Amazigh into the spaces of the large ones.

A student is one linear map (ridge regression, Hoerl & Kennard 1970) from hashed letters and words (Weinberger et al.
2009) to the centred vectors that both encoders give to the same text in English, French or Arabic. It is kept as a
product of two matrices, the larger one in four bits a number. `training/students.py` makes them.
"""

import hashlib
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tiwizi.knowledge.encoder import Vectors
from tiwizi.knowledge.forms import TONGUES, Forms, Tongue, forms_of, pieces

LENGTHS = (2, 3, 4, 5)  # letters of the pieces of words
ROWS = 1 << 16  # hashed features


class Student(Struct, frozen=True):
    """One student: `vectors` gives both spaces, `split` is where the second begins."""

    weight: NDArray[np.float32]  # (ROWS,): how rare a feature is; 0 for one that was not seen twice
    packed: NDArray[np.uint8]  # (ROWS, rank / 2): two numbers from -7 to 7 a byte
    scale: NDArray[np.float32]  # (ROWS,): what they are times
    out: NDArray[np.float32]  # (rank, dimensions of both spaces)
    split: int
    digest: str = ""  # of its file

    def vectors(self, texts: Sequence[str], tag: str) -> tuple[Vectors, Vectors]:
        """Return unit vectors in the spaces of `E5` and `Use`, both centred; zeros for a text without known pieces."""
        return self.spoken(self.heard(texts, tag))

    def heard(self, texts: Sequence[str], tag: str) -> Vectors:
        """Return the inner vectors of texts, (texts, rank): what takes time, and is small enough to be remembered."""
        return np.stack([self._inner(features(forms_of(text, tag))) for text in texts])

    def spoken(self, heard: Vectors) -> tuple[Vectors, Vectors]:
        """Return what inner vectors are in both spaces, at unit length."""
        whole = heard @ self.out
        return _unit(whole[:, : self.split]), _unit(whole[:, self.split :])

    def _inner(self, found: Iterable[str]) -> NDArray[np.float32]:
        at, much = hashed(found)
        much *= self.weight[at]
        length = float(np.sqrt(much @ much))
        if not length:
            return np.zeros(len(self.out), dtype=np.float32)
        numbers = _unpacked(self.packed[at])
        return np.asarray((much / length * self.scale[at]) @ numbers, dtype=np.float32)


class Ear:
    """A student's inner vectors of texts in one language, in the manner of an `Encoder`: they can be remembered."""

    def __init__(self, student: Student, tag: str) -> None:
        self._student, self._tag = student, tag
        self.name = f"student/{tag}/{student.digest[:16]}"
        self.dimension = len(student.out)

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Return one vector for each text."""
        return self._student.heard(texts, self._tag)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """The same: a student knows no difference."""
        return self.questions(texts)


def features(forms: Forms) -> list[str]:
    """Return what a student sees of a text, with repetitions."""
    found = [f"k:{key}" for key in forms.keys]
    for form in forms.forms:
        found += [f"{form.mark}w:{word}" for word in form.words]
        found += [f"{form.mark}b:{one}_{two}" for one, two in zip(form.words, form.words[1:], strict=False)]
        found += [form.mark + piece for piece in pieces(form.words, LENGTHS)]
    return found


def hashed(found: Iterable[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the rows of features, each once, with 1 + the logarithm of how often each was there."""
    counts = Counter(zlib.crc32(feature.encode("utf-8", "surrogatepass")) & (ROWS - 1) for feature in found)
    at = np.fromiter(counts, dtype=np.int64, count=len(counts))
    much = np.fromiter((1 + math.log(count) for count in counts.values()), dtype=np.float32, count=len(counts))
    return at, much


@cache
def student_of(tag: str) -> Student | None:
    """Return the student for a language, or None when it has none: the encoders know the language themselves."""
    return _load(TONGUES[tag]) if tag in TONGUES else None


@cache
def _load(tongue: Tongue) -> Student:
    path = files("tiwizi.knowledge").joinpath(f"models/student-{tongue}.npz")
    with path.open("rb") as file, np.load(file) as arrays:
        return Student(
            weight=arrays["weight"].astype(np.float32),
            packed=arrays["packed"],
            scale=arrays["scale"].astype(np.float32),
            out=arrays["out"].astype(np.float32),
            split=int(arrays["split"]),
            digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        )


def packed(numbers: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return rows of numbers in four bits each, two a byte, and the scale of each row."""
    scale = np.abs(numbers).max(axis=1) / 7
    whole = np.round(numbers / np.maximum(scale, 1e-12)[:, None]).astype(np.int8) + 8
    low, high = whole[:, 0::2].astype(np.uint8), whole[:, 1::2].astype(np.uint8)
    return low | (high << 4), scale.astype(np.float32)


def _unpacked(bytes_: NDArray[np.uint8]) -> NDArray[np.float32]:
    numbers = np.empty((len(bytes_), 2 * bytes_.shape[1]), dtype=np.float32)
    numbers[:, 0::2] = bytes_ & 15
    numbers[:, 1::2] = bytes_ >> 4
    numbers -= 8
    return numbers


def _unit(vectors: NDArray[np.float32]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
