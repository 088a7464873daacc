"""How Arabizi varies: the loose key under which the usual spellings of one word meet, and a word's sound slots.

A word is seen as consonants with slots between them: slot 0, consonant 1, slot 1, consonant 2, slot 2 and so on. A slot
holds the vowels written there, including w and y and the 2 that stands for hamza, or nothing.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from tiwizi.language.transliteration.tables import rows

_LOOSE = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"sh|\$|ch", "c"),
        (r"7'|kh|5", "x"),
        (r"3'|gh", "g"),
        (r"q", "9"),
        (r"8", "h"),
        (r"ou|oo|[uwo]", "o"),
        (r"ee|[iy]|é|è|ê", "i"),
        (r"e", ""),
        (r"(.)\1+", r"\1"),
        (r"(?<=.)h\b", ""),
    )
]
_VOWELS = frozenset("aeiouwyéèêàâîôûï2'’")
_HARD = re.compile(r"[gq]u(?=[eiéy])")
_SLOT_FOLD = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"[éèêï]", "é"),
        (r"[àâ]", "a"),
        (r"î", "i"),
        (r"[ôû]", "u"),
        (r"ee+|ii+", "i"),
        (r"oo+|ou+|uu+|o", "u"),
        (r"aa+", "A"),
        (r"yy+", "y"),
        (r"ww+", "w"),
        (r"uw(?=.)", "w"),
        (r"iy(?=.)", "y"),
        (r"['’]", ""),
    )
]


class Sounds(NamedTuple):
    """Consonants as spelled (doubles written once) and the vowels around them: one slot more than consonants."""

    consonants: tuple[str, ...]
    slots: tuple[str, ...]
    doubled: tuple[bool, ...]


@lru_cache(maxsize=20_000)
def loose_key(spelling: str) -> str:
    """One key for the usual spellings of a word: chno, chnou and shno meet."""
    key = spelling.lower()
    for pattern, replacement in _LOOSE:
        key = pattern.sub(replacement, key)
    return key


@cache
def consonant_letters() -> dict[str, tuple[str, ...]]:
    """For each Latin spelling of a consonant, the Arabic letters it may stand for, likeliest first."""
    return {row[0]: tuple(row[1].split()) for row in rows("letters")}


def sounds(word: str) -> Sounds | None:
    """The consonants and vowel slots of an Arabizi word, or None when a character is not Arabizi."""
    known = consonant_letters()
    word = _HARD.sub(lambda match: "g" if match.group() == "gu" else "k", word)
    consonants: list[str] = []
    slots: list[str] = [""]
    doubled: list[bool] = []
    at = 0
    while at < len(word):
        if word[at].lower() in _VOWELS and word[at : at + 2] not in ("7'", "3'"):
            slots[-1] += word[at].lower()
            at += 1
            continue
        for size in (3, 2, 1):
            spelled = word[at : at + size]
            if spelled not in known:
                spelled = spelled.lower()
            if spelled in known and len(spelled) == size:
                break
        else:
            return None
        if consonants and slots[-1] == "" and consonants[-1] == spelled:
            doubled[-1] = True
        else:
            consonants.append(spelled)
            slots.append("")
            doubled.append(False)
        at += size
    return Sounds(tuple(consonants), tuple(_fold_slot(slot) for slot in slots), tuple(doubled))


@lru_cache(maxsize=5_000)
def _fold_slot(slot: str) -> str:
    for pattern, replacement in _SLOT_FOLD:
        slot = pattern.sub(replacement, slot)
    return slot
