"""The nearest vectors: exact, by a graph, and kept up to date."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tiwizi.knowledge.nearest import Nearest, empty

COUNT, WIDTH = 3_000, 64


def vectors(count: int = COUNT, seed: int = 1) -> NDArray[np.float16]:
    """Unit vectors in clusters, which is what texts are like."""
    chance = np.random.default_rng(seed)
    middles = chance.normal(size=(60, WIDTH))
    rows = middles[chance.integers(60, size=count)] + 0.4 * chance.normal(size=(count, WIDTH))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float16)


def made(exact: int, path: Path | None = None) -> Nearest:
    rows = vectors()
    return empty(WIDTH, {}, path, exact).with_changes(
        set(), range(COUNT), [row.tobytes() for row in rows], ["fr"] * COUNT
    )


def test_the_exact_nearest_are_those_of_a_plain_product() -> None:
    near = made(COUNT)
    questions = near.vectors[[5, 900]]
    numbers, cosines = near.search(questions, 10)
    for column, question in enumerate(questions):
        best = set(np.argsort(-(near.vectors @ question))[:10].tolist())
        assert best <= set(numbers.tolist())
        assert np.allclose(cosines[:, column], near.vectors[numbers] @ question, atol=1e-5)


def test_a_graph_finds_nearly_all_of_them(tmp_path: Path) -> None:
    exact, graph = made(COUNT), made(100, tmp_path / "graph.usearch")
    questions = exact.vectors[::100]
    found = 0
    for question in questions:
        best, _ = exact.search(question[None], 10)
        some, _ = graph.search(question[None], 10)
        found += len(set(best.tolist()) & set(some.tolist()))
    assert found >= 0.95 * 10 * len(questions)


def test_a_graph_is_taken_from_its_file_and_follows_what_changed(tmp_path: Path) -> None:
    path = tmp_path / "graph.usearch"
    made(100, path)
    before = path.stat().st_mtime_ns
    again = made(100, path)
    assert path.stat().st_mtime_ns == before
    new = vectors(100, seed=9)
    changed = again.with_changes({0, 1}, [COUNT + 7], [new[0].tobytes()], ["fr"])
    numbers, _ = changed.search(changed.vectors[-1:], 1)
    assert numbers.tolist() == [COUNT + 7]
    assert path.stat().st_mtime_ns == before, "a few changes are not worth a new file"
    gone, _ = changed.search(again.vectors[:1], 20)
    assert not {0, 1} & set(gone.tolist())
    many = range(COUNT + 8, COUNT + 107)
    changed.with_changes(set(), many, [row.tobytes() for row in new[1:]], ["fr"] * len(many))
    assert path.stat().st_mtime_ns != before


@pytest.mark.parametrize("damage", [b"", b"no graph at all", b"\0" * 4096])
def test_a_damaged_graph_is_built_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "graph.usearch"
    made(100, path)
    path.write_bytes(damage or path.read_bytes()[:-100])
    near = made(100, path)
    assert near.search(near.vectors[3:4], 1)[0].tolist() == [3]


def test_each_language_is_centred_on_itself() -> None:
    rows = vectors(400)
    shifted = rows.astype(np.float32)
    shifted[:200] += 0.5
    tags = ["fr"] * 200 + ["ar"] * 200
    near = empty(WIDTH, {}).with_changes(set(), range(400), [row.astype(np.float16).tobytes() for row in shifted], tags)
    for part in (near.vectors[:200], near.vectors[200:]):
        assert abs(float(part.mean())) < 0.02
    assert np.allclose(np.linalg.norm(near.vectors, axis=1), 1, atol=1e-3)
