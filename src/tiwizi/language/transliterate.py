"""From one script to another: the door to Arabizi, Darija, Tifinagh and Latin Amazigh.

What is a link, an e-mail address, a number, an acronym or a placeholder such as [CIN_1] is never changed. In Arabizi,
French words and other foreign ones stay as they are too, unless the text is that one word.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from tiwizi.language.transliteration import readings, spelled, to_latin, to_tifinagh
from tiwizi.language.transliteration.amazigh import (
    arabic_to_tifinagh,
    chat_to_tifinagh,
    standard_forms,
    standard_latin,
    tifinagh_forms,
    typed_as_in_chats,
)
from tiwizi.language.transliteration.darija import USUAL, Convention
from tiwizi.language.transliteration.french import french_to_arabic
from tiwizi.language.transliteration.pieces import pieces
from tiwizi.language.transliteration.tifinagh import APART, GUARD, to_arabic_letters

Script = Literal["Arab", "Latn", "Tfng"]
_AMAZIGH = frozenset(("zgh", "kab", "rif", "shi", "tzm", "ber"))
_MOST = 5


class Written(msgspec.Struct, frozen=True):
    """A text in another script, the named steps that produced it, and what else it may be.

    The steps stand in the order in which they first applied. The candidates are up to five, best first, and the first
    is the text.
    """

    text: str
    steps: tuple[str, ...]
    candidates: tuple[str, ...]


def transliterate(text: str, to: Script, language: str | None = None, *, convention: Convention = USUAL) -> Written:
    """The text in the script `to`; parts already in that script stay as they are.

    `language` is a BCP 47 tag as in `ary-Latn`; without it the letters decide: Latin to Arabic script is read as
    Arabizi, Latin and Arabic letters to Tifinagh as Amazigh. Tifinagh to Latin and back gives the same text (IRCAM
    table). `convention` says how Darija is spelled in Latin letters.
    """
    spoken = (language or "").partition("-")[0]
    if to == "Arab":
        return _to_arabic_script(text, spoken)
    if to == "Latn":
        return _to_latin_script(text, spoken, convention)
    return _to_tifinagh_script(text, spoken)


def _written(texts: Sequence[str], steps: Iterable[str]) -> Written:
    best = tuple(dict.fromkeys(texts))[:_MOST]
    return Written(best[0], tuple(steps), best)


def _to_arabic_script(text: str, spoken: str) -> Written:
    steps: list[str] = []
    if _has_tifinagh(text):
        text = to_arabic_letters(text)
        steps.append("tifinagh-arabic")
    if not _has_latin(text):
        return _written([text], steps)
    if spoken in _AMAZIGH:
        return _written([to_arabic_letters(to_tifinagh(text))], (*steps, "latin-tifinagh", "tifinagh-arabic"))
    if spoken == "fr":
        found = pieces(text)
        heard = "".join(french_to_arabic(part.text) if part.kind == "word" else part.text for part in found)
        return _written([heard], (*steps, "french-arabic"))
    ways = readings(text, _MOST)
    steps += [f"arabizi-{how}" for how in dict.fromkeys(part.how for part in ways[0]) if how != "kept"]
    return _written(["".join(part.text for part in way) for way in ways], steps)


def _to_latin_script(text: str, spoken: str, convention: Convention) -> Written:
    if _has_tifinagh(text):
        # An Amazigh text keeps its Arabic names as they are, so that the way back is exact.
        return _written([to_latin(text)], ("tifinagh-latin",))
    if spoken in _AMAZIGH and _has_latin(text) and typed_as_in_chats(text):
        whole = "".join(part.text for part in standard_latin(text))
        return _written([whole, *_forms_of_one(text, standard_forms)], ("chat-standard-latin",))
    if spoken in _AMAZIGH and _has_arabic(text):
        tifinagh = _to_tifinagh_script(text, spoken)
        return _written([to_latin(way) for way in tifinagh.candidates], (*tifinagh.steps, "tifinagh-latin"))
    if _has_arabic(text):
        return _written(spelled(text, convention, _MOST), ("arabic-chat-latin",))
    return _written([text], ())


def _to_tifinagh_script(text: str, spoken: str) -> Written:
    if _has_latin(text) and spoken != "ary":
        if not typed_as_in_chats(text):
            return _written([to_tifinagh(text)], ("latin-tifinagh",))
        whole = "".join(part.text for part in chat_to_tifinagh(text))
        others = [to_tifinagh(form) for form in _forms_of_one(text, standard_forms)]
        return _written([whole, *others], ("chat-standard-latin", "latin-tifinagh"))
    if _has_arabic(text) and spoken != "ary":
        whole = "".join(part.text for part in arabic_to_tifinagh(text))
        return _written([whole, *_forms_of_one(text, tifinagh_forms)], ("arabic-tifinagh",))
    if _has_arabic(text):
        chat = spelled(text, USUAL, 1)[0]
        return _written([to_tifinagh(chat)], ("arabic-chat-latin", "latin-tifinagh"))
    return _written([text.replace(GUARD, "").replace(APART, "")], ())


def _forms_of_one(text: str, forms: Callable[[str, int], Sequence[tuple[str, str]]]) -> list[str]:
    """The candidates of a text that is one word, none for any other."""
    return [form for form, _ in forms(text, _MOST)] if text.isalnum() else []


def _has_latin(text: str) -> bool:
    return any("A" <= letter <= "z" and letter.isalpha() or "À" <= letter <= "ɿ" for letter in text)


def _has_arabic(text: str) -> bool:
    return any("\u0620" <= letter <= "\u06d3" or "\u0750" <= letter <= "\u077f" for letter in text)


def _has_tifinagh(text: str) -> bool:
    return any("\u2d30" <= letter <= "\u2d7f" for letter in text)
