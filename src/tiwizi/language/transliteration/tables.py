"""The tables beside the code, read once: tab-separated rows, `#` lines are comments."""

from functools import cache
from pathlib import Path

TABLES = Path(__file__).parents[1] / "tables"


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `tables/NAME.tsv`, each a tuple of its cells."""
    text = (TABLES / f"{name}.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def column(name: str) -> frozenset[str]:
    """The first cell of each row: a set of words."""
    return frozenset(row[0] for row in rows(name))
