"""Search keys of the phrases that come with Tiwizi: names of cards, words of tables. There are tens of thousands, so
`training/keys.py` reads them once and a start does not wait for it; a phrase that is not among them is read now."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import msgspec

from tiwizi.language import search_keys

Keys = tuple[str, ...]
Phrases = dict[str, dict[str, str]]  # by language (BCP 47), the keys of each phrase with spaces between

FILE = "models/keys.json"


def keys_of(phrase: str, tag: str) -> Keys:
    """Return what `search_keys` says of a phrase in a language (BCP 47)."""
    known = _known().get(tag, {}).get(phrase)
    return tuple(search_keys(phrase, tag) if known is None else known.split())


def phrase_keys(phrases: Iterable[tuple[str, str]]) -> Phrases:
    """Return the keys of all (phrase, language), read anew."""
    read: Phrases = {}
    for phrase, tag in sorted(set(phrases)):
        read.setdefault(tag, {})[phrase] = " ".join(search_keys(phrase, tag))
    return read


@cache
def _known() -> Phrases:
    return msgspec.json.decode(files("tiwizi.knowledge").joinpath(FILE).read_bytes(), type=Phrases)
