"""From everyday words to official ones, and from a question to what it asks for. The tables are for linguists."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from msgspec import Struct

from tiwizi.knowledge.forms import TONGUES, Tongue
from tiwizi.knowledge.phrase_keys import Keys, keys_of

SENSES = 2  # rows of `everyday.tsv` that one form may stand for
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


ByFirst = dict[str, list[tuple[Keys, list[Term]]]]


@cache
def _keys_of(name: str, tag: str) -> frozenset[str]:
    return frozenset(keys_of(name, tag))


def official_terms(keys: Keys) -> list[Term]:
    """Return the terms of `tables/terms.tsv` whose everyday words stand in a question's keys, longest first.

    One other word may stand between two of them: "durée légale du travail" is still "durée du travail".
    """
    return _in(keys, _terms())


def everyday_terms(keys: Keys, language: str) -> list[Term]:
    """Return the terms of `tables/everyday.tsv` whose words stand in a question's keys, in the same way.

    None in a language (BCP 47) that is neither Darija nor Amazigh.
    """
    return _in(keys, _everyday(TONGUES[language])) if language in TONGUES else []


def _in(keys: Keys, by_first: ByFirst) -> list[Term]:
    found: list[Term] = []
    taken = 0
    for start, key in enumerate(keys):
        if start < taken:
            continue
        for said, terms in by_first.get(key, ()):
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


def told_phrases() -> Iterator[tuple[str, str]]:
    """Yield the phrases whose keys the tables are read by, with their languages: words and the names they have."""
    for row in table_rows("terms.tsv"):
        yield row["said"], row["tag"]
        yield from ((row[tag], tag) for tag in ("ar", "fr"))
    for tongue in COLUMNS:
        for form in everyday_forms(tongue):
            yield from ((form.said, form.tag), (form.ar, "ar"), (form.fr, "fr"))


def topics_elsewhere() -> list[tuple[str, str, str]]:
    """Return what people ask about and no card is about, as (topic, tag, phrase): `tables/elsewhere.tsv`."""
    return [(row["topic"], row["tag"], row["phrase"]) for row in table_rows("elsewhere.tsv")]


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


def table_rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of this room by the names of its columns."""
    lines = files("tiwizi.knowledge").joinpath(f"tables/{name}").read_text("utf-8").splitlines()
    body = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    for row in body[1:]:
        yield dict(zip(body[0], row, strict=False))


@cache
def _terms() -> ByFirst:
    """The expressions by their first key, longest first."""
    rows = table_rows("terms.tsv")
    return _by_first((keys_of(row["said"], row["tag"]), row["ar"], row["fr"]) for row in rows)


COLUMNS: dict[Tongue, dict[str, str]] = {
    "darija": {"ary": "ary-Arab", "latn": "ary-Latn"},
    "amazigh": {"zgh": "zgh-Tfng"},
}


class EverydayForm(NamedTuple):
    """One form of an everyday word: its place among the forms of its row, most usual first, and what it is called."""

    said: str
    tag: str
    place: int
    ar: str
    fr: str


def everyday_forms(tongue: Tongue) -> Iterator[EverydayForm]:
    """Yield all forms of `tables/everyday.tsv` in a tongue."""
    for row in table_rows("everyday.tsv"):
        ar, fr = (row[tag].split(" | ")[0] for tag in ("ar", "fr"))
        for column, tag in COLUMNS[tongue].items():
            for place, said in enumerate(row[column].split(" | ") if row[column] else ()):
                yield EverydayForm(said, tag, place, ar, fr)


@cache
def _everyday(tongue: Tongue) -> ByFirst:
    """Where a form is in several rows, those count that have it first: "the most usual first"."""
    met: dict[Keys, list[tuple[int, str, str]]] = {}
    for form in everyday_forms(tongue):
        keys = keys_of(form.said, form.tag)
        if len(keys) >= min(2, len(form.said.split())):  # an expression of which one word is left says too little
            met.setdefault(keys, []).append((form.place, form.ar, form.fr))
    return _by_first((keys, ar, fr) for keys, found in met.items() for _, ar, fr in sorted(found)[:SENSES])


def _by_first(rows: Iterable[tuple[Keys, str, str]]) -> ByFirst:
    terms: dict[Keys, list[Term]] = {}
    for keys, ar, fr in rows:
        if keys and (term := Term(keys, ar, fr)) not in terms.setdefault(keys, []):
            terms[keys].append(term)
    by_first: ByFirst = {}
    for keys in sorted(terms, key=len, reverse=True):
        by_first.setdefault(keys[0], []).append((keys, terms[keys]))
    return by_first


@cache
def _needs(language: str) -> list[tuple[str, str]]:
    """The phrases of a language, longest first. Borrowed ones come after its own: people mix."""
    rows = list(table_rows("needs.tsv"))
    own = [(" ".join(_plain(r["phrase"])), r["need"]) for r in rows if r["tag"] == language]
    others = [(" ".join(_plain(r["phrase"])), r["need"]) for r in rows if r["tag"] != language]
    by_length = lambda pair: -len(pair[0])  # noqa: E731
    return sorted(own, key=by_length) + sorted(others, key=by_length)


def _plain(text: str) -> list[str]:
    from tiwizi.language import normal_form

    return "".join(c if c.isalnum() else " " for c in normal_form(text)).split()
