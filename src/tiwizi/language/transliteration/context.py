"""Which candidates of the words of a sentence go together: pairs of Darija words that are said after each other.

`models/darija_pairs.tsv` says how much more often than by chance; `training/transliteration.py` counts it. What is not
there is neither for nor against.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Generic, Protocol, TypeVar

_MODELS = Path(__file__).parents[1] / "models"
_BEAM = 5  # candidates of each word that the context may choose from
_LONG = 400  # stretches of a text; a longer one is written in one way only
_NARROW = 2  # candidates of each word of such a text
_HOPELESS = 6.0  # more than two pairs of words can make good
TRUST = 0.9  # how much a pair counts against what the letters say


class Scored(Protocol):
    """A candidate: a text with a score."""

    @property
    def text(self) -> str: ...
    @property
    def score(self) -> float: ...


F = TypeVar("F", bound=Scored)


class _Chain(Generic[F]):
    """What was chosen so far, the last word first: ways that begin alike share their beginning."""

    __slots__ = ("before", "form")

    def __init__(self, form: F, before: "_Chain[F] | None") -> None:
        self.form = form
        self.before = before


def _unrolled(chain: _Chain[F] | None) -> list[F]:
    out: list[F] = []
    while chain is not None:
        out.append(chain.form)
        chain = chain.before
    return out[::-1]


@cache
def pairs() -> dict[str, dict[str, float]]:
    """After each word, the words that follow it more often than by chance, and by how much (natural logarithm)."""
    known: dict[str, dict[str, float]] = {}
    for line in (_MODELS / "darija_pairs.tsv").read_text(encoding="utf-8").splitlines():
        word, *after = line.split("\t")
        known[word] = {next_word: int(level) / 10 for next_word, level in (item.split(" ") for item in after)}
    return known


def best_paths(words: Sequence[Sequence[F]], most: int, trust: float = TRUST) -> list[list[F]]:
    """One candidate for each word, in the ways that fit best together: at most `most` ways, at least one.

    A long text is given in one way.
    """
    known = pairs() if sum(len(forms) > 1 for forms in words) > 0 and len(words) > 2 else {}
    ways: list[tuple[float, str, _Chain[F] | None]] = [(0.0, "", None)]
    beam = _BEAM
    if len(words) > _LONG:
        most, beam = 1, _NARROW
    for forms in words:
        forms = forms[:beam]
        if most == 1 and len(forms) > 1:
            forms = [form for form in forms if form.score > forms[0].score - _HOPELESS]
        if len(forms) == 1:
            form = forms[0]
            spoken = form.text if form.text[:1] >= "ء" else ""
            skip = form.text.isspace()  # a space is no word; a comma or a Latin word ends what the pairs know
            ways = [
                (score + _fit(known, before, spoken, trust), before if skip else spoken, _Chain(form, chain))
                for score, before, chain in ways
            ]
            continue
        best: dict[str, list[tuple[float, str, _Chain[F] | None]]] = {}
        for form in forms:
            reached = [
                (score + form.score + _fit(known, before, form.text, trust), form.text, _Chain(form, chain))
                for score, before, chain in ways
            ]
            reached.sort(key=lambda way: -way[0])
            best.setdefault(form.text, []).extend(reached[:most])
        merged = sorted((way for group in best.values() for way in group[:most]), key=lambda way: -way[0])
        ways = merged[: max(most * 2, beam)]
    ways.sort(key=lambda way: -way[0])
    return [_unrolled(chain) for _, _, chain in ways[:most]]


def _fit(known: dict[str, dict[str, float]], before: str, word: str, trust: float) -> float:
    after = known.get(before.rpartition(" ")[2])
    return trust * after.get(word.partition(" ")[0], 0.0) if after else 0.0
