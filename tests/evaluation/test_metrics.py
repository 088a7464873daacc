"""Figures and their intervals."""

import pytest

from tiwizi.evaluation import mean_reciprocal_rank, rank_of, share


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),  # Wilson's interval, against the values that tables give
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (81, 263, 0.255, 0.366)],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    figure = share([True] * hits + [False] * (of - hits))
    assert figure.interval == pytest.approx((low, high), abs=0.001)


def test_a_share_of_nothing_says_nothing() -> None:
    assert share([]).interval == (0.0, 1.0) and share([]).value == 0


def test_ranks() -> None:
    assert rank_of({"b", "c"}, ["a", "b", "c"]) == 2
    assert rank_of({"z"}, ["a"]) is None
    assert mean_reciprocal_rank([1, 2, None, 11]) == pytest.approx(1.5 / 4)
