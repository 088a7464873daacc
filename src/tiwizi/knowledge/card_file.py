"""A card as a clerk writes it: what a TOML file of one may hold, and the JSON Schema of it that editors complete from.

What the house makes of such a file is a `Card` (see `cards.py`). Sources are named once at the top of the file and
called by name in each fact.
"""

from datetime import date
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

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
Review = Literal["drafted", "reviewed"]
Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]

SCHEMA = "card.schema.json"  # shipped beside this file; `tiwizi cards schema` prints it
UNSURE = ("low", "memory")  # a fact of this confidence is never shown without the site to confirm it on


def _text(title: str, description: str = "") -> Meta:
    return Meta(title=title, description=description or f"{title}, as people will read it.")


French = Annotated[Text, _text("French", "Plain French, one thing a sentence. The text in Arabic says the same.")]
Arabic = Annotated[Text, _text("Standard Arabic", "Plain Arabic, figures as 0-9.")]
Darija = Annotated[
    Text, _text("Darija, Arabic letters", "Plural address, figures as 0-9. Latin letters are derived from it.")
]
Amazigh = Annotated[
    Text | None, _text("Standard Amazigh, Tifinagh", "Tifinagh of IRCAM, figures as 0-9. Latin letters are derived.")
]
English = Annotated[Text | None, _text("English")]
Spanish = Annotated[Text | None, _text("Spanish")]
Article = Annotated[str, Meta(title="Article", description="Number of the article, as in 12 or 59-60.")]
Words = Annotated[tuple[Text, ...], Meta(description="Whole questions and short names, in the spelling of the people.")]


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a fact was read: a text of law with its article, a page with its site, or a memory to be confirmed."""

    fr: Annotated[
        Text, Meta(title="Name in French", description="For a law with its number: Loi 55-19, Décret 2-20-521.")
    ]
    ar: Annotated[
        Text, Meta(title="Name in Arabic", description="With the same number: القانون رقم 55.19، المرسوم رقم 2.20.521.")
    ]
    article: Article = ""
    site: Annotated[
        str,
        Meta(title="Site", description="For a page: its address without https://, as in cnss.ma/fr/content/page."),
    ] = ""
    seen: Annotated[
        date | None, Meta(title="Seen", description="For a page: the day it was read, without quotes: 2026-11-22.")
    ] = None

    def named_in(self, tag: str) -> str:
        """Return the source's name for readers of `tag`: Arabic for Darija and Amazigh, French otherwise."""
        arabic = tag.partition("-")[0] in ("ar", "ary", "zgh", "kab", "rif", "shi")
        return self.ar if arabic else self.fr


class Languages(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text in several languages."""

    fr: French
    ar: Arabic
    ary_arab: Darija = msgspec.field(name="ary-Arab")
    zgh_tfng: Amazigh = msgspec.field(name="zgh-Tfng", default=None)
    en: English = None
    es: Spanish = None


class Aliases(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people ask for the procedure, by language and letters. No two cards may share an alias."""

    fr: Words
    ar: Words
    ary_arab: Words = msgspec.field(name="ary-Arab")
    ary_latn: Words = msgspec.field(name="ary-Latn")
    zgh_tfng: Words | None = msgspec.field(name="zgh-Tfng", default=None)
    zgh_latn: Words | None = msgspec.field(name="zgh-Latn", default=None)
    en: Words | None = None
    es: Words | None = None


class WrittenFact(Languages, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is true of the procedure, in several languages, with its source."""

    field: Annotated[
        Field,
        Meta(
            title="Field",
            description="What the fact is about. Law 55-19, article 6, wants legal_basis, place, documents, fee, "
            "delay, silence and inquiry; people also ask who, steps and validity.",
        ),
    ]
    confidence: Annotated[
        Confidence,
        Meta(
            title="Confidence",
            description="high: read in the law or on the administration's own page. medium: pages that agree. "
            "low: one old page. memory: read nowhere. The last two need `confirm`.",
        ),
    ]
    source: Annotated[Text, Meta(title="Source", description="A name given under [sources].")]
    article: Article = ""
    confirm: Annotated[
        str, Meta(title="Confirm", description="Site on which a reader can check an unsure fact, as in passeport.ma.")
    ] = ""


class CardFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card of Tiwizi: one procedure, what it is called, how people ask for it, and what is true of it."""

    id: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
            title="Id",
            description="The file's name without .toml: small Latin letters, figures and hyphens.",
            examples=["cnie-renewal"],
        ),
    ]
    review: Annotated[
        Review, Meta(title="Review", description="reviewed only when an official has read the whole card.")
    ]
    updated: Annotated[
        date, Meta(title="Updated", description="Day of the last change, without quotes, as in 2026-11-22.")
    ]
    name: Annotated[Languages, Meta(title="Name", description="Everyday name, with the official one in brackets.")]
    aliases: Annotated[Aliases, Meta(title="Aliases", description="How people really ask, typing as they do.")]
    sources: Annotated[
        dict[str, Source], Meta(title="Sources", description="Texts and pages that facts rest on, each under a name.")
    ]
    facts: Annotated[
        tuple[WrittenFact, ...],
        Meta(min_length=1, title="Facts", description="In the order of telling within each field."),
    ]
    reviewed_by: Annotated[
        str, Meta(title="Reviewed by", description="Function of the official who read it, as in: état civil, Fès.")
    ] = ""
    reviewed_on: Annotated[
        date | None, Meta(title="Reviewed on", description="Day of that reading, without quotes, as in 2026-11-22.")
    ] = None


TAGS = {"fr": "fr", "ar": "ar", "ary_arab": "ary-Arab", "zgh_tfng": "zgh-Tfng", "en": "en", "es": "es"}
ALIAS_TAGS = {**TAGS, "ary_latn": "ary-Latn", "zgh_latn": "zgh-Latn"}
ACCEPTED = {  # what may stand in a place, for those whose file was refused
    "field": ", ".join(get_args(Field)),
    "confidence": ", ".join(get_args(Confidence)),
    "review": "drafted, reviewed",
    "updated": "a date without quotes, such as 2026-11-22",
    "seen": "a date without quotes, such as 2026-11-22",
    "reviewed_on": "a date without quotes, such as 2026-11-22",
    "id": "small Latin letters, figures and hyphens, as in cnie-renewal",
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a card's file, made from the types above."""
    made = msgspec.json.schema(CardFile)
    types = made["$defs"]
    types["WrittenFact"]["if"] = {"properties": {"confidence": {"enum": list(UNSURE)}}, "required": ["confidence"]}
    types["WrittenFact"]["then"] = {"required": ["confirm"]}
    types["CardFile"]["if"] = {"properties": {"review": {"const": "reviewed"}}, "required": ["review"]}
    types["CardFile"]["then"] = {"required": ["reviewed_by"]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text() -> str:
    """Return the schema as the shipped file holds it."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"
