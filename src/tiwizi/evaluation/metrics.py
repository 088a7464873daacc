"""Figures of quality, each with the interval that so few questions allow."""

import math
from collections.abc import Sequence

from msgspec import Struct


class Share(Struct, frozen=True):
    """How many of how many, with the 95% interval of Wilson (1927)."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share itself, from 0 to 1; 0 of nothing is 0."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies, with 95% confidence."""
        if not self.of:
            return (0.0, 1.0)
        z, n, p = 1.96, self.of, self.value
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (max(0.0, middle - half), min(1.0, middle + half))

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits}/{self.of} ({100 * self.value:.0f}%, {100 * low:.0f} to {100 * high:.0f})"


def share(outcomes: Sequence[bool]) -> Share:
    """Return how many outcomes are true."""
    return Share(sum(outcomes), len(outcomes))


def rank_of(wanted: Sequence[object], found: Sequence[object]) -> int | None:
    """Return the place (from 1) of the first of `found` that is wanted, or None."""
    return next((place for place, one in enumerate(found, start=1) if one in wanted), None)


def mean_reciprocal_rank(ranks: Sequence[int | None], depth: int = 10) -> float:
    """Return the mean of 1/rank, with 0 beyond `depth` (MRR@depth)."""
    return sum(1 / rank for rank in ranks if rank is not None and rank <= depth) / len(ranks) if ranks else 0.0
