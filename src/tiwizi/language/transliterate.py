"""From one script to another: the door to Arabizi, Darija, Tifinagh and Latin Amazigh.

What is a link, an e-mail address, a number, an acronym or a placeholder such as [CIN_1] is never changed.
"""

from typing import Literal

import msgspec

from tiwizi.language.transliteration import to_arabic, to_chat_latin, to_latin, to_tifinagh
from tiwizi.language.transliteration.french import french_to_arabic
from tiwizi.language.transliteration.pieces import pieces
from tiwizi.language.transliteration.tifinagh import APART, GUARD, to_arabic_letters

Script = Literal["Arab", "Latn", "Tfng"]


class Written(msgspec.Struct, frozen=True):
    """A text in another script and the named steps that produced it, in the order in which they first applied."""

    text: str
    steps: tuple[str, ...]


def transliterate(text: str, to: Script, language: str | None = None) -> Written:
    """The text in the script `to`; parts already in that script stay as they are.

    `language` is a BCP 47 tag as in `ary-Latn`; without it the letters decide: Latin to Arabic script is read as
    Arabizi, Latin to Tifinagh as Amazigh. Tifinagh to Latin and back gives the same text (IRCAM table).
    """
    spoken = (language or "").partition("-")[0]
    if to == "Arab":
        return _to_arabic_script(text, spoken)
    if to == "Latn":
        return _to_latin_script(text)
    return _to_tifinagh_script(text, spoken)


def _to_arabic_script(text: str, spoken: str) -> Written:
    steps: list[str] = []
    if _has_tifinagh(text):
        text = to_arabic_letters(text)
        steps.append("tifinagh-arabic")
    if not _has_latin(text):
        return Written(text, tuple(steps))
    if spoken in ("zgh", "kab", "rif", "shi", "tzm"):
        return Written(to_arabic_letters(to_tifinagh(text)), (*steps, "latin-tifinagh", "tifinagh-arabic"))
    if spoken == "fr":
        found = pieces(text)
        written = "".join(french_to_arabic(part.text) if part.kind == "word" else part.text for part in found)
        return Written(written, (*steps, "french-arabic"))
    parts = to_arabic(text)
    steps += [f"arabizi-{how}" for how in dict.fromkeys(part.how for part in parts) if how != "kept"]
    return Written("".join(part.text for part in parts), tuple(steps))


def _to_latin_script(text: str) -> Written:
    if _has_tifinagh(text):
        # An Amazigh text keeps its Arabic names as they are, so that the way back is exact.
        return Written(to_latin(text), ("tifinagh-latin",))
    if _has_arabic(text):
        return Written(to_chat_latin(text), ("arabic-chat-latin",))
    return Written(text, ())


def _to_tifinagh_script(text: str, spoken: str) -> Written:
    if _has_latin(text) and spoken != "ary":
        return Written(to_tifinagh(text), ("latin-tifinagh",))
    if _has_arabic(text):
        return Written(to_tifinagh(to_chat_latin(text)), ("arabic-chat-latin", "latin-tifinagh"))
    return Written(text.replace(GUARD, "").replace(APART, ""), ())


def _has_latin(text: str) -> bool:
    return any("A" <= letter <= "z" and letter.isalpha() or "À" <= letter <= "ɿ" for letter in text)


def _has_arabic(text: str) -> bool:
    return any("\u0620" <= letter <= "\u06d3" or "\u0750" <= letter <= "\u077f" for letter in text)


def _has_tifinagh(text: str) -> bool:
    return any("\u2d30" <= letter <= "\u2d7f" for letter in text)
