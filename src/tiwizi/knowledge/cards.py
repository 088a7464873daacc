"""Procedure cards: what one says in each language, with its sources, and how a file of them is read and checked.

A card is a TOML file that a clerk can write. Its fields are the seven of law 55-19, article 6, and what people ask
besides (who may, where, the steps, the validity). Finding a card and composing an answer live elsewhere.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import msgspec
from msgspec import Struct

from tiwizi.errors import BadInput, Unreadable
from tiwizi.knowledge.card_file import (
    ACCEPTED,
    ALIAS_TAGS,
    TAGS,
    UNSURE,
    CardFile,
    Confidence,
    Field,
    Languages,
    Review,
    Source,
    WrittenFact,
)

__all__ = [
    "FALLBACKS",
    "Card",
    "Confidence",
    "Fact",
    "Field",
    "Source",
    "card_files",
    "load_card",
    "load_cards",
    "starter_cards",
]

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
        return self.confidence not in UNSURE

    def text_in(self, tag: str) -> tuple[str, str]:
        """Return the text for readers of `tag`, and the tag it is really written in (see `FALLBACKS`)."""
        return _pick(self.texts, tag)


class Card(Struct, frozen=True, kw_only=True):
    """A structured answer sheet to one procedure, in several languages, with its state of review."""

    id: str
    review: Review
    updated: date
    name: dict[str, str]
    aliases: dict[str, tuple[str, ...]]
    facts: tuple[Fact, ...]
    reviewed_by: str = ""
    reviewed_on: date | None = None

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
        sheet = msgspec.toml.decode(text, type=CardFile)
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


def card_files(path: Path) -> list[Path]:
    """Return the files of cards at `path`: itself, or those below it in order. Raises BadInput when there is none."""
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob("*.toml") if file.name != "pack.toml") if path.is_dir() else []
    if not found:
        raise BadInput(f"There is no card (a file that ends in .toml) at {path}.")
    return found


@contextmanager
def starter_cards() -> Iterator[Path]:
    """Give the folder of the cards that come with Tiwizi."""
    with as_file(files("tiwizi").joinpath("packs/starter/cards")) as folder:
        yield folder


def _card(sheet: CardFile, where: str) -> Card:
    if sheet.review == "reviewed" and not sheet.reviewed_by:
        raise Unreadable(f"{where}: review is 'reviewed' and reviewed_by is empty. Write who read it, or 'drafted'.")
    return Card(
        id=sheet.id,
        review=sheet.review,
        updated=sheet.updated,
        reviewed_by=sheet.reviewed_by,
        reviewed_on=sheet.reviewed_on,
        name=_texts(sheet.name),
        aliases={tag: words for key, tag in ALIAS_TAGS.items() if (words := getattr(sheet.aliases, key))},
        facts=tuple(
            _fact(fact, sheet.sources, f"{where}: fact {number} ({fact.field})")
            for number, fact in enumerate(sheet.facts, start=1)
        ),
    )


def _fact(written: WrittenFact, sources: dict[str, Source], where: str) -> Fact:
    if written.source not in sources:
        known = ", ".join(sorted(sources)) or "none"
        raise Unreadable(f"{where}: no source named {written.source!r}. Named under [sources]: {known}.")
    if written.confidence in UNSURE and not written.confirm:
        raise Unreadable(f"{where}: confidence is {written.confidence!r}, so confirm must name a site to check it on.")
    source = sources[written.source]
    return Fact(
        field=written.field,
        confidence=written.confidence,
        source=msgspec.structs.replace(source, article=written.article or source.article),
        texts=_texts(written),
        confirm=written.confirm,
    )


def _texts(written: Languages) -> dict[str, str]:
    return {tag: text for key, tag in TAGS.items() if (text := getattr(written, key))}


def _pick(texts: dict[str, str], tag: str) -> tuple[str, str]:
    found = next((tag for tag in FALLBACKS.get(tag, ()) if tag in texts), "fr")
    return texts[found], found


def _plainly(message: str) -> str:
    """Say what msgspec found, where a clerk would look for it, and what may stand there."""
    what, _, path = message.removeprefix("Object ").partition(" - at `$.")
    place = re.sub(r"facts\[(\d+)\]\.?", lambda m: f"fact {int(m[1]) + 1} ", path.rstrip("`")).strip()
    known = next((words for name, words in ACCEPTED.items() if place.endswith(name)), "")
    return what.replace("`", "") + (f", in {place}" if place else "") + (f" (accepted: {known})" if known else "")
