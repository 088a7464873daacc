"""What a linguist knows tells Darija from Standard Arabic: the rows of `tables/markers.tsv`, looked for in a word."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from tiwizi.language.transliteration.tables import rows

KINDS = ("word", "prefix", "suffix", "around")
MARKED = ("ary-Arab", "ar")
FEATURES = tuple(f"{language} {kind}" for language in MARKED for kind in KINDS)

_FOLDED = str.maketrans("أإآٱڭݣگ", "ااااككك")
_JOINED = ("و", "ف", "ب", "ل")


class Mark(NamedTuple):
    """A row of the table that a word agrees with."""

    language: str
    kind: str
    form: str


class _Rows(NamedTuple):
    words: frozenset[str]
    around: tuple[tuple[str, str, str, str], ...]  # kind, before, after, the row's form


@cache
def _table() -> dict[str, _Rows]:
    def around(kind: str, form: str) -> tuple[str, str, str, str]:
        before, _, after = {"prefix": (form, "", ""), "suffix": ("", "", form)}.get(kind, form.partition("…"))
        return kind, _fold(before), _fold(after), form

    return {
        language: _Rows(
            frozenset(_fold(form) for of, kind, form in rows("markers") if of == language and kind == "word"),
            tuple(around(kind, form) for of, kind, form in rows("markers") if of == language and kind != "word"),
        )
        for language in MARKED
    }


def marks(word: str) -> Iterator[Mark]:
    """Yield the rows that the plain form of an Arabic-script word agrees with.

    A word counts alone or after a joined و ف ب ل; a prefix or suffix when three letters are left, both when two are.
    """
    form = _fold(word)
    for language, known in _table().items():
        if form in known.words:
            yield Mark(language, "word", form)
        elif len(form) > 3 and form[0] in _JOINED and form[1:] in known.words:
            yield Mark(language, "word", form[1:])
        for kind, before, after, row in known.around:
            least = len(before) + len(after) + (2 if kind == "around" else 3)
            if len(form) >= least and form.startswith(before) and form.endswith(after):
                yield Mark(language, kind, row)


@lru_cache(maxsize=50_000)
def marked(word: str) -> tuple[bool, ...]:
    """Return for each of FEATURES whether the word has such a mark."""
    found = {(mark.language, mark.kind) for mark in marks(word)}
    return tuple((language, kind) in found for language in MARKED for kind in KINDS)


def _fold(form: str) -> str:
    return form.translate(_FOLDED)
