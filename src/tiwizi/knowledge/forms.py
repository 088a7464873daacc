"""A Darija or Amazigh text in the forms that our own models read: one way of writing, whatever letters it came in.

Both Amazigh scripts share one form in Latin letters. Darija in Latin letters has two: in Arabic letters, which it
shares with Darija that was typed so, and as it was typed, for what the transliteration gets wrong.
"""

import re
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from tiwizi.language import normal_form, search_keys, transliterate

Tongue = Literal["darija", "amazigh"]

TONGUES: dict[str, Tongue] = {
    **{tag: "darija" for tag in ("ary", "ary-Arab", "ary-Latn")},
    **{tag: "amazigh" for tag in ("zgh", "zgh-Tfng", "zgh-Latn", "zgh-Arab", "kab", "rif", "shi")},
}
WORD = re.compile(r"[^\W_]+")
VOWELS = re.compile(r"[aeiouyh]")
TWICE = re.compile(r"(.)\1+")


class Form(Struct, frozen=True):
    """The words of a text in one form; `mark` keeps what stands in different forms apart."""

    mark: str
    words: tuple[str, ...]


class Forms(Struct, frozen=True):
    """A text in all its forms, and its search keys."""

    forms: tuple[Form, ...]
    keys: tuple[str, ...]


def forms_of(text: str, tag: str) -> Forms:
    """Return the forms of a text in a language of `TONGUES`; raises KeyError for another."""
    keys = tuple(search_keys(text, tag))
    if TONGUES[tag] == "amazigh":
        return Forms((Form("", _words(transliterate(text, "Latn", tag).text)),), keys)
    if tag == "ary-Latn":
        arabic = transliterate(text, "Arab", tag).text
        return Forms((Form("A", _words(arabic)), Form("L", _words(text))), keys)
    return Forms((Form("A", _words(text)),), keys)


def pieces(words: tuple[str, ...], lengths: tuple[int, ...]) -> Iterator[str]:
    """Yield the stretches of letters of each word, `^` and `$` at its ends; a word shorter than one is one itself."""
    for word in words:
        framed = f"^{word}$"
        for length in lengths:
            if len(framed) <= length:
                yield framed
            else:
                for start in range(len(framed) - length + 1):
                    yield framed[start : start + length]


def skeleton(word: str) -> str:
    """Return a word typed in Latin letters without its vowels and doubled letters: they vary most."""
    return TWICE.sub(r"\1", VOWELS.sub("", word))


def _words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(normal_form(text)))
