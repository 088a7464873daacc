"""Tifinagh and Latin Amazigh, letter for letter by the IRCAM table (`tables/tifinagh.tsv`), and back without loss.

Two invisible marks keep the way back exact: a word joiner around what was not Tifinagh to begin with, and a
zero-width non-joiner between two letters (k and h, say) that together would be read as one chat letter (kh).
"""

import re
from functools import cache

from tiwizi.language.transliteration.pieces import pieces
from tiwizi.language.transliteration.tables import rows

GUARD = "\N{WORD JOINER}"
APART = "\N{ZERO WIDTH NON-JOINER}"
_CHAT_DIGIT = frozenset("3579")
_MARKS = re.compile(f"[{GUARD}{APART}]")


@cache
def _latin_of() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("tifinagh")}


@cache
def _arabic_of() -> dict[str, str]:
    return {row[0]: row[2] if len(row) > 2 else "" for row in rows("tifinagh")}


@cache
def _tifinagh_of() -> dict[str, str]:
    standard = {latin: letter for letter, latin in _latin_of().items()}
    chat = {row[0]: standard[row[1]] for row in rows("amazigh_chat")}
    marked = {base + mark: standard[whole] for whole, base, mark in _DECOMPOSED}
    small = marked | chat | standard
    # Capitals by the table and not by str.lower(), which also makes letters of signs such as the kelvin.
    capitals = {form: letter for key, letter in small.items() for form in (key.capitalize(), key.upper())}
    return capitals | small


# d, r, s, t, z, h with the dot below, as some keyboards produce them
_DECOMPOSED = [(whole, base, "\N{COMBINING DOT BELOW}") for whole, base in zip("ḍṛṣṭẓḥ", "drstzh", strict=True)]


@cache
def _pairs() -> frozenset[str]:
    return frozenset(key for key in _tifinagh_of() if len(key) > 1)


@cache
def _foreign() -> re.Pattern[str]:
    # What the way back would change although it is not Tifinagh: letters of the table and Latin letters.
    letters = "".join(re.escape(key) for key in _tifinagh_of() if len(key) == 1 and not key.isdigit())
    return re.compile(f"[A-Za-zÀ-ɏ{letters}](?:[A-Za-zÀ-ɏ{letters}0-9'’_-]*[A-Za-zÀ-ɏ{letters}0-9])?")


def to_latin(text: str) -> str:
    """Tifinagh written in standard Latin letters; `to_tifinagh` gives the very text back."""
    text = _MARKS.sub("", text)
    out: list[str] = []
    at = 0
    for match in _foreign().finditer(text):
        out.append(_letters_to_latin(text[at : match.start()]))
        out.append(f"{GUARD}{match.group()}{GUARD}")
        at = match.end()
    out.append(_letters_to_latin(text[at:]))
    return "".join(out)


def _letters_to_latin(text: str) -> str:
    latin, pairs = _latin_of(), _pairs()
    out: list[str] = []
    before = ""
    for index, letter in enumerate(text):
        written = latin.get(letter, letter)
        joins = before + written in pairs
        if not joins and before and (letter in _CHAT_DIGIT or text[index - 1] in _CHAT_DIGIT):
            joins = (text[index - 1] in latin) != (letter in latin)
        if joins:
            out.append(APART)
        out.append(written)
        before = written
    return "".join(out)


def to_arabic_letters(text: str) -> str:
    """Tifinagh written with Arabic letters, for a reader who knows only those; one way."""
    arabic = _arabic_of()
    return "".join(arabic.get(letter, letter) for letter in text)


def to_tifinagh(text: str) -> str:
    """Latin Amazigh, standard or as typed in chats (gh, ch, kh, 3, 7), written in Tifinagh."""
    out: list[str] = []
    for index, part in enumerate(text.split(GUARD)):
        if index % 2:  # between two guards: it was not Tifinagh before
            out.append(part)
        else:
            out.extend(_word_to_tifinagh(piece.text) if piece.kind == "word" else piece.text for piece in pieces(part))
    return "".join(out).replace(APART, "")


def _word_to_tifinagh(word: str) -> str:
    letters = _tifinagh_of()
    out: list[str] = []
    at = 0
    while at < len(word):
        two = letters.get(word[at : at + 2]) if at + 1 < len(word) else None
        if two is not None:
            out.append(two)
            at += 2
            continue
        letter = word[at]
        if letter.isdigit() and not _is_chat_letter(word, at):
            out.append(letter)
        else:
            out.append(letters.get(letter, letter))
        at += 1
    return "".join(out)


def _is_chat_letter(word: str, at: int) -> bool:
    around = word[max(0, at - 1) : at] + word[at + 1 : at + 2]
    return bool(around) and all(letter.isalpha() and letter in _tifinagh_of() for letter in around)
