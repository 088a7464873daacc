"""Gettext catalogues, English as the message id.

Catalogues exist for fr, ar, ary (Arabic letters) and zgh (Tifinagh). What is said in Arabizi or in Amazigh with Latin
letters is derived from them by transliteration, so that each text is written once.
"""

import re
from functools import cache
from importlib.resources import files

from tiwizi.language import transliterate

CATALOGUES = ("fr", "ar", "ary", "zgh")
PLACE = re.compile(r"(\{[a-z_]+(?:![rsa])?\})")
RIGHT_TO_LEFT = {"ar", "ary-Arab", "ary"}


def say(message: str, tag: str, /, **values: object) -> str:
    """Return `message` in the language `tag` (BCP 47) with its values; English where there is no catalogue."""
    return _template(message, tag).format_map(values)


def catalogue_of(tag: str) -> str:
    """Return the catalogue that serves a language: `fr`, `ar`, `ary`, `zgh`, or `en`."""
    return _first(tag) if _first(tag) in CATALOGUES else "en"


def direction(tag: str) -> str:
    """Return `rtl` for what is written in Arabic letters, else `ltr`: the value of HTML's `dir`."""
    return "rtl" if tag in RIGHT_TO_LEFT or tag.endswith("-Arab") else "ltr"


@cache
def _template(message: str, tag: str) -> str:
    said = _messages(catalogue_of(tag)).get(message, message)
    if tag in {"ary-Latn", "zgh-Latn"}:
        pieces = PLACE.split(said)
        return "".join(p if PLACE.fullmatch(p) else transliterate(p, "Latn").text for p in pieces)
    return said


@cache
def _messages(catalogue: str) -> dict[str, str]:
    if catalogue == "en":
        return {}
    from babel.messages.pofile import read_po

    with files("tiwizi.wording").joinpath(f"{catalogue}.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def _first(tag: str) -> str:
    return tag.partition("-")[0]
