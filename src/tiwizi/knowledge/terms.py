"""From everyday words to official ones, and from a question to what it asks for. The tables are for linguists."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from msgspec import Struct

from tiwizi.language import search_keys

Keys = tuple[str, ...]
GAP = 1  # other words that may stand between two words of an expression


class Term(Struct, frozen=True):
    """An everyday expression, by its keys, with its official names in Arabic and French ("" where there is none)."""

    said: Keys
    ar: str
    fr: str

    @property
    def names(self) -> tuple[frozenset[str], ...]:
        """The keys of each official name."""
        keys = (_keys_of(self.ar, "ar"), _keys_of(self.fr, "fr"))
        return tuple(name for name in keys if name)


@cache
def _keys_of(name: str, tag: str) -> frozenset[str]:
    return frozenset(search_keys(name, tag))


def official_terms(keys: Keys) -> list[Term]:
    """Return the terms of `tables/terms.tsv` whose everyday words stand in a question's keys, longest first.

    One other word may stand between two of them: "durée légale du travail" is still "durée du travail".
    """
    found: list[Term] = []
    taken = 0
    for start, key in enumerate(keys):
        if start < taken:
            continue
        for said, terms in _terms().get(key, ()):
            if end := _end_of(said, keys, start):
                found += [term for term in terms if term not in found]
                taken = end
                break
    return found


def _end_of(said: Keys, keys: Keys, start: int) -> int:
    """Where an expression that begins at `start` ends, or 0 when it is not there."""
    place = start
    for key in said[1:]:
        if key not in keys[place + 1 : place + 2 + GAP]:
            return 0
        place = keys.index(key, place + 1)
    return place + 1


def topics_elsewhere() -> list[tuple[str, str, str]]:
    """Return what people ask about and no card is about, as (topic, tag, phrase): `tables/elsewhere.tsv`."""
    return [(row["topic"], row["tag"], row["phrase"]) for row in _rows("elsewhere.tsv")]


class Need(Struct, frozen=True):
    """What is asked of a procedure (`fee`, `documents`, `place` …), and the words that say so; both "" when none do."""

    name: str
    phrase: str


def need_of(text: str, language: str) -> Need:
    """Return what a question asks for. Longest phrase first: "how much time" is a delay, "how much" alone a fee."""
    spoken = f" {' '.join(_plain(text))} "
    for phrase, need in _needs(language):
        if f" {phrase} " in spoken:
            return Need(need, phrase)
    return Need("", "")


def _rows(name: str) -> Iterator[dict[str, str]]:
    lines = files("tiwizi.knowledge").joinpath(f"tables/{name}").read_text("utf-8").splitlines()
    body = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    for row in body[1:]:
        yield dict(zip(body[0], row, strict=False))


@cache
def _terms() -> dict[str, list[tuple[Keys, list[Term]]]]:
    """The expressions by their first key, longest first."""
    terms: dict[Keys, list[Term]] = {}
    for row in _rows("terms.tsv"):
        if keys := tuple(search_keys(row["said"], row["tag"])):
            terms.setdefault(keys, []).append(Term(keys, row["ar"], row["fr"]))
    by_first: dict[str, list[tuple[Keys, list[Term]]]] = {}
    for keys in sorted(terms, key=len, reverse=True):
        by_first.setdefault(keys[0], []).append((keys, terms[keys]))
    return by_first


@cache
def _needs(language: str) -> list[tuple[str, str]]:
    """The phrases of a language, longest first. Borrowed ones come after its own: people mix."""
    rows = list(_rows("needs.tsv"))
    own = [(" ".join(_plain(r["phrase"])), r["need"]) for r in rows if r["tag"] == language]
    others = [(" ".join(_plain(r["phrase"])), r["need"]) for r in rows if r["tag"] != language]
    by_length = lambda pair: -len(pair[0])  # noqa: E731
    return sorted(own, key=by_length) + sorted(others, key=by_length)


def _plain(text: str) -> list[str]:
    from tiwizi.language import normal_form

    return "".join(c if c.isalnum() else " " for c in normal_form(text)).split()
