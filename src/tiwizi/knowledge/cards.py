"""Procedure cards: what one says in each language, with its sources, and how a file of them is read and checked.

A card is a TOML file that a clerk can write. Its fields are the seven of law 55-19, article 6, and what people ask
besides (who may, where, the steps, the validity). Finding a card and composing an answer live elsewhere.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from tiwizi.errors import Unreadable

Field = Literal[
    "who",
    "place",
    "documents",
    "documents_obtained",
    "fee",
    "delay",
    "validity",
    "steps",
    "silence",
    "inquiry",
    "legal_basis",
]
Confidence = Literal["high", "medium", "low", "memory"]
Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]

# The tags to look for, in order, when a text is wanted in the tag on the left. A tag that is not here gets French.
# Latin-letter Darija finds the Arabic-letter text, which the caller transliterates.
FALLBACKS: dict[str, tuple[str, ...]] = {
    "ary-Arab": ("ary-Arab", "ar"),
    "ary-Latn": ("ary-Arab", "ar"),
    "ary": ("ary-Arab", "ar"),
    "ar": ("ar",),
    **{tag: ("zgh-Tfng", "ar") for tag in ("zgh-Tfng", "zgh-Latn", "zgh", "kab", "rif", "shi")},
    "en": ("en", "fr"),
    "es": ("es", "fr"),
}


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a fact was read: a text of law with its article, a page with its site, or a memory to be confirmed."""

    fr: Text
    ar: Text
    article: str = ""
    site: str = ""

    def named_in(self, tag: str) -> str:
        """Return the source's name for readers of `tag`: Arabic for Darija and Amazigh, French otherwise."""
        return _pick({"fr": self.fr, "ar": self.ar}, tag)[0]


class Fact(Struct, frozen=True, kw_only=True):
    """One thing that is true of a procedure, in several languages, with its source.

    `confirm` is the site where a reader can check it; it is never empty when `certain` is false.
    """

    field: Field
    confidence: Confidence
    source: Source
    texts: dict[str, str]
    confirm: str = ""

    @property
    def certain(self) -> bool:
        """Whether the fact may be given without "to be confirmed": read in a law, or in pages that agree."""
        return self.confidence in ("high", "medium")

    def text_in(self, tag: str) -> tuple[str, str]:
        """Return the text for readers of `tag`, and the tag it is really written in (see `FALLBACKS`)."""
        return _pick(self.texts, tag)


class Card(Struct, frozen=True, kw_only=True):
    """A structured answer sheet to one procedure, in several languages, with its state of review."""

    id: str
    review: Literal["drafted", "reviewed"]
    updated: date
    name: dict[str, str]
    aliases: dict[str, tuple[str, ...]]
    facts: tuple[Fact, ...]
    reviewed_by: str = ""

    def name_in(self, tag: str) -> tuple[str, str]:
        """Return the procedure's name for readers of `tag`, and the tag it is really written in."""
        return _pick(self.name, tag)

    def facts_about(self, field: Field) -> tuple[Fact, ...]:
        """Return the facts of one field, in the order of the file; empty when the card is silent."""
        return tuple(fact for fact in self.facts if fact.field == field)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields on which the card says something, in the order of the file."""
        return tuple(dict.fromkeys(fact.field for fact in self.facts))

    def phrases(self, *tags: str) -> tuple[str, ...]:
        """Return the names and aliases in these tags, or in all of them: what people type to find this card."""
        found = [
            phrase
            for tag in (tags or tuple(dict.fromkeys((*self.name, *self.aliases))))
            for phrase in (*([self.name[tag]] if tag in self.name else []), *self.aliases.get(tag, ()))
        ]
        return tuple(dict.fromkeys(found))


def load_card(source: Path | str) -> Card:
    """Return the card in a TOML file (a `Path`) or in TOML text (a `str`).

    Raises `Unreadable` with the file, the place in it and what is wrong there.
    """
    where = source.name if isinstance(source, Path) else "card"
    try:
        text = source.read_text("utf-8") if isinstance(source, Path) else source
        sheet = msgspec.toml.decode(text, type=_Sheet)
    except OSError as error:
        raise Unreadable(
            f"{where}: cannot be opened ({error.strerror}). Check the path and its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{where}: byte {error.start} is not UTF-8. Save the file as UTF-8.") from error
    except msgspec.DecodeError as error:  # a ValidationError is one too
        raise Unreadable(f"{where}: {_plainly(str(error))}.") from error
    card = _card(sheet, where)
    if isinstance(source, Path) and source.stem != card.id:
        raise Unreadable(f"{where}: id is {card.id!r}, but a card is named after its file. Write {source.stem!r}.")
    return card


def load_cards(folder: Path, on_error: Callable[[Path, Unreadable], None] | None = None) -> tuple[Card, ...]:
    """Return the cards of a folder, by file name; a bad one goes to `on_error` and the others are still read.

    Without `on_error`, raises `Unreadable` at the first bad card.
    """
    cards = []
    for path in sorted(folder.glob("*.toml")):
        try:
            cards.append(load_card(path))
        except Unreadable as error:
            if on_error is None:
                raise
            on_error(path, error)
    return tuple(cards)


# What the file holds, as the clerk writes it. Sources are named once at the top and called by name in each fact.


class _Languages(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    fr: Text
    ar: Text
    ary_arab: Text = msgspec.field(name="ary-Arab")
    zgh_tfng: Text | None = msgspec.field(name="zgh-Tfng", default=None)
    en: Text | None = None
    es: Text | None = None


class _Aliases(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    fr: tuple[Text, ...]
    ar: tuple[Text, ...]
    ary_arab: tuple[Text, ...] = msgspec.field(name="ary-Arab")
    ary_latn: tuple[Text, ...] = msgspec.field(name="ary-Latn")
    zgh_tfng: tuple[Text, ...] | None = msgspec.field(name="zgh-Tfng", default=None)
    zgh_latn: tuple[Text, ...] | None = msgspec.field(name="zgh-Latn", default=None)
    en: tuple[Text, ...] | None = None
    es: tuple[Text, ...] | None = None


class _WrittenFact(_Languages, frozen=True, kw_only=True, forbid_unknown_fields=True):
    field: Field
    confidence: Confidence
    source: Text
    article: str = ""
    confirm: str = ""


class _Sheet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    review: Literal["drafted", "reviewed"]
    updated: date
    name: _Languages
    aliases: _Aliases
    sources: dict[str, Source]
    facts: Annotated[tuple[_WrittenFact, ...], Meta(min_length=1)]
    reviewed_by: str = ""


_TAGS = {"fr": "fr", "ar": "ar", "ary_arab": "ary-Arab", "zgh_tfng": "zgh-Tfng", "en": "en", "es": "es"}
_ALIAS_TAGS = {**_TAGS, "ary_latn": "ary-Latn", "zgh_latn": "zgh-Latn"}
_ACCEPTED = {
    "field": ", ".join(get_args(Field)),
    "confidence": ", ".join(get_args(Confidence)),
    "review": "drafted, reviewed",
    "updated": "a date without quotes, such as 2026-11-22",
    "id": "small Latin letters, figures and hyphens, as in cnie-renewal",
}


def _card(sheet: _Sheet, where: str) -> Card:
    if sheet.review == "reviewed" and not sheet.reviewed_by:
        raise Unreadable(f"{where}: review is 'reviewed' and reviewed_by is empty. Write who read it, or 'drafted'.")
    return Card(
        id=sheet.id,
        review=sheet.review,
        updated=sheet.updated,
        reviewed_by=sheet.reviewed_by,
        name=_texts(sheet.name),
        aliases={tag: words for key, tag in _ALIAS_TAGS.items() if (words := getattr(sheet.aliases, key))},
        facts=tuple(
            _fact(fact, sheet.sources, f"{where}: fact {number} ({fact.field})")
            for number, fact in enumerate(sheet.facts, start=1)
        ),
    )


def _fact(written: _WrittenFact, sources: dict[str, Source], where: str) -> Fact:
    if written.source not in sources:
        known = ", ".join(sorted(sources)) or "none"
        raise Unreadable(f"{where}: no source named {written.source!r}. Named under [sources]: {known}.")
    if written.confidence in ("low", "memory") and not written.confirm:
        raise Unreadable(f"{where}: confidence is {written.confidence!r}, so confirm must name a site to check it on.")
    source = sources[written.source]
    return Fact(
        field=written.field,
        confidence=written.confidence,
        source=msgspec.structs.replace(source, article=written.article or source.article),
        texts=_texts(written),
        confirm=written.confirm,
    )


def _texts(written: _Languages) -> dict[str, str]:
    return {tag: text for key, tag in _TAGS.items() if (text := getattr(written, key))}


def _pick(texts: dict[str, str], tag: str) -> tuple[str, str]:
    found = next((tag for tag in FALLBACKS.get(tag, ()) if tag in texts), "fr")
    return texts[found], found


def _plainly(message: str) -> str:
    """Say what msgspec found, where a clerk would look for it, and what may stand there."""
    what, _, path = message.removeprefix("Object ").partition(" - at `$.")
    place = re.sub(r"facts\[(\d+)\]\.?", lambda m: f"fact {int(m[1]) + 1} ", path.rstrip("`")).strip()
    known = next((words for name, words in _ACCEPTED.items() if place.endswith(name)), "")
    return what.replace("`", "") + (f", in {place}" if place else "") + (f" (accepted: {known})" if known else "")
