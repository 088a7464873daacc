"""The tables beside the code, read once: tab-separated rows, `#` lines are comments."""

from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `tables/NAME.tsv`, each a tuple of its cells."""
    text = (files("tiwizi.language") / "tables" / f"{name}.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def column(name: str) -> frozenset[str]:
    """The first cell of each row: a set of words."""
    return frozenset(row[0] for row in rows(name))
