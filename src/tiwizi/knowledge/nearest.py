"""The nearest vectors: exact in a small collection, in a large one by an HNSW graph (Malkov & Yashunin 2016, USearch).

Vectors are centred here: the mean of all passages of a language is taken away from each of them, which undoes much of
what a small multilingual encoder does to a language (all its texts in one corner). A collection's own mean is steadied
by one that was measured elsewhere.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiwizi.knowledge.encoder import Vectors, centred
from tiwizi.knowledge.home import Numbers

EXACT = 50_000  # vectors; one product over so many takes three milliseconds on a core, and a question needs two
PRIOR = 200  # passages whose measured mean is mixed into that of a small collection
WIDER = 2  # times as many as wanted are asked of the graph, then weighed exactly
UNSAVED = 0.02  # share of a graph that may have changed since it was kept in its file: it is only a shortcut at start

Mean = NDArray[np.float32]


class Nearest:
    """The vectors of one encoder: `numbers` names their rows. Never changed: `with_changes` makes the next one."""

    def __init__(
        self,
        numbers: Numbers,
        raw: NDArray[np.float16],
        tags: NDArray[np.str_],
        means: Mapping[str, Mean],
        path: Path | None = None,
        exact: int = EXACT,
        graph: "_Graph | None" = None,
    ) -> None:
        self.numbers, self.raw, self.tags = numbers, raw, tags
        self._means, self._path, self._exact = means, path, exact
        self._rows = {int(number): row for row, number in enumerate(numbers)}
        self.vectors = _centred(raw, tags, means)
        self._graph = graph
        if len(numbers) > exact:
            self._graph = graph or _Graph(self.vectors.shape[1], path)
            self._graph.follow(self._rows, self.vectors)

    def __len__(self) -> int:
        return len(self.numbers)

    def with_changes(
        self, gone: set[int], numbers: Sequence[int], blobs: Sequence[bytes], tags: Sequence[str]
    ) -> "Nearest":
        """Return what is there once some passages went and others, with their raw vectors and languages, came."""
        stay = np.array([int(n) not in gone for n in self.numbers], dtype=bool)
        width = self.raw.shape[1]
        new = np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(-1, width)
        return Nearest(
            np.concatenate([self.numbers[stay], np.array(numbers, dtype=np.int64)]),
            np.concatenate([self.raw[stay], new]),
            np.concatenate([self.tags[stay], np.array(tags, dtype=self.tags.dtype)]),
            self._means,
            self._path,
            self._exact,
            self._graph,
        )

    def search(self, questions: Vectors, most: int) -> tuple[Numbers, Vectors]:
        """Return the `most` nearest of each question: numbers and cosines to all, (n,) and (n, questions)."""
        if not len(self.numbers) or not len(questions):
            return np.zeros(0, dtype=np.int64), np.zeros((0, len(questions)), dtype=np.float32)
        by_graph = self._graph is not None and len(self.numbers) > self._exact
        rows = self._near_by_graph(questions, most) if by_graph else self._near(questions, most)
        return self.numbers[rows], self.vectors[rows] @ questions.T

    def cosines(self, questions: Vectors, numbers: Sequence[int]) -> Vectors:
        """Return the cosines of some passages, (numbers, questions); 0 for those that have no vector."""
        rows = np.array([self._rows.get(number, -1) for number in numbers], dtype=np.int64)
        if not len(self.vectors):
            return np.zeros((len(rows), len(questions)), dtype=np.float32)
        found = self.vectors[rows] @ questions.T
        found[rows < 0] = 0.0
        return np.asarray(found, dtype=np.float32)

    def _near(self, questions: Vectors, most: int) -> NDArray[np.int64]:
        found = []
        for question in questions:  # one product each: on one core they are quicker than all in one
            cosines = self.vectors @ question
            least = min(most, len(cosines))
            found.append(np.argpartition(-cosines, least - 1)[:least])
        return np.unique(np.concatenate(found))

    def _near_by_graph(self, questions: Vectors, most: int) -> NDArray[np.int64]:
        assert self._graph is not None
        keys = self._graph.near(questions, most * WIDER)
        rows = np.array(sorted(self._rows[key] for key in keys if key in self._rows), dtype=np.int64)
        cosines = self.vectors[rows] @ questions.T
        best = [rows[np.argsort(-column)[:most]] for column in cosines.T]
        return np.unique(np.concatenate(best))


class _Graph:
    """A graph that follows what comes and goes and may be asked meanwhile; its file spares building it at start."""

    def __init__(self, width: int, path: Path | None) -> None:
        from usearch.index import Index

        self._path, self._changed = path, 0
        self._index: Any = Index(ndim=width, metric="cos", dtype="f16")  # USearch comes without types
        self._known: set[int] = set()
        if path is not None and _whole(path):  # the library that reads it may crash on a damaged one
            kept = Index.restore(str(path))
            if kept is not None and kept.ndim == width:
                self._index = kept
                self._known = {int(key) for key in np.asarray(kept.keys)} if len(kept) else set()

    def follow(self, rows: Mapping[int, int], vectors: Vectors) -> None:
        """Hold the vectors of `rows` (number to row) and no others."""
        here = set(rows)
        gone, new = self._known - here, sorted(here - self._known)
        if gone:
            self._index.remove(np.array(sorted(gone), dtype=np.uint64))
        if new:
            self._index.add(np.array(new, dtype=np.uint64), vectors[[rows[number] for number in new]])
        self._known = here
        self._changed += len(gone) + len(new)
        if self._path is not None and self._changed > UNSAVED * len(here):
            part = self._path.with_suffix(".part")
            self._index.save(str(part))
            _seal(self._path).write_text(_digest(part))
            part.replace(self._path)
            self._changed = 0

    def near(self, questions: Vectors, most: int) -> set[int]:
        """Return the numbers near to any of the questions; some may have gone meanwhile."""
        return {int(key) for key in np.asarray(self._index.search(questions, most).keys).ravel()}


def empty(dimension: int, means: Mapping[str, Mean], path: Path | None = None, exact: int = EXACT) -> Nearest:
    """Return the nearest of nothing, for vectors of a dimension; a graph is kept at `path`."""
    return Nearest(
        np.zeros(0, dtype=np.int64),
        np.zeros((0, dimension), dtype=np.float16),
        np.zeros(0, dtype="U8"),
        means,
        path,
        exact,
    )


def _seal(graph: Path) -> Path:
    return graph.with_suffix(".sha256")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _whole(graph: Path) -> bool:
    """Whether a graph is there as it was saved."""
    try:
        return _seal(graph).read_text() == _digest(graph)
    except OSError:
        return False


def _centred(raw: NDArray[np.float16], tags: NDArray[np.str_], means: Mapping[str, Mean]) -> Vectors:
    vectors = raw.astype(np.float32)
    for tag in np.unique(tags):
        mine = tags == tag
        total, count = vectors[mine].sum(axis=0), mine.sum()
        prior = means.get(str(tag))
        mean = total / count if prior is None else (total + PRIOR * prior) / (count + PRIOR)
        vectors[mine] = centred(vectors[mine], mean)
    return vectors
