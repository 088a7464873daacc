"""Arabizi spelled out letter by letter, for a word that nobody listed or attested.

Arabic writes long vowels and leaves short ones out. Arabizi does not tell them apart, so their place in the syllable
decides: a vowel in a closed syllable inside the word is short (kalb, rokhsa), and so is e anywhere; the others are
long.
"""

import re

from tiwizi.language.transliteration.spelling import Sounds, consonant_letters, sounds

_SUN = frozenset(("t", "d", "r", "z", "s", "ch", "sh", "n", "T", "D", "S", "Z", "th", "dh"))
_LONG = {"a": "ا", "A": "ا", "i": "ي", "é": "ي", "u": "و", "w": "و", "y": "ي", "e": "", "2": "ء"}
_PERSON = re.compile(r"(?<=.{3})[kh](?:ou?|u)m$")
_PRESENT = re.compile(r"(?:kan|kat|kay|ka|ghan|ghat|ghay)?[nty][^aeiouyw]{2}")


def spell_out(word: str) -> str:
    """The word in Arabic letters, or an empty string when it holds something that is not Arabizi."""
    plain = word[:1].lower() + word[1:] if word[:1] not in "SDTZ" else word
    person = _PERSON.search(plain)
    if person:
        return spell_out(plain[: person.start()]) + ("كم" if person.group().startswith("k") else "هم")
    heard = sounds(plain)
    if heard is None:
        return ""
    if not heard.consonants:
        return "".join(_vowels(heard.slots[0], first=True, last=True, closed=False, before_long=False))
    out: list[str] = []
    consonants, slots = heard.consonants, heard.slots
    last = len(slots) - 1
    article = _article(heard, plain)
    for place, slot in enumerate(slots):
        if place:
            spelled = consonants[place - 1]
            if article and place == 1:
                out.append("ال" if spelled == "l" else "ال" + consonant_letters()[spelled][0])
            else:
                out.append(_letter(spelled, slot, slots[place - 1]))
        if place == 1 and slot == "u" and consonants[0] == "m" and last > 3:
            continue  # mo- begins a participle or a noun of it: mo9awala
        if slot == "a" and place == last - 1 and slots[last] == "" and last > 3 and _PRESENT.match(plain):
            continue  # a verb ends in a short syllable: nsajal
        closed = place < last and (slots[place + 1] == "" and place + 1 < last or heard.doubled[place])
        before_long = place + 1 < last and slots[place + 1][:1] in ("a", "A", "i", "u")
        out.extend(_vowels(slot, place == 0, place == last, closed, before_long))
    return "".join(out)


def _article(heard: Sounds, word: str) -> bool:
    if heard.slots[0] not in ("", "e", "a") or len(heard.consonants) < 3 or heard.slots[1] != "":
        # l- before a vowel is an article too when the vowel opens the word: l-isti..., l-idara
        return False
    if heard.consonants[0] == "l" and not heard.doubled[0]:
        return True
    return heard.doubled[0] and heard.consonants[0] in _SUN


def _letter(spelled: str, after: str, before: str) -> str:
    if spelled == "c":
        return "س" if after[:1] in ("e", "i", "é", "y") else "ك"
    if spelled == "h" and after == "" and before == "a":
        return "ح"
    return consonant_letters()[spelled][0]


def _vowels(slot: str, first: bool, last: bool, closed: bool, before_long: bool) -> list[str]:
    if not slot:
        return []
    if first:
        return ["أ" if slot[0] in "aAe" else "إ" if slot[0] in "ié" else "أ" if slot[0] == "u" else _LONG[slot[0]]] + [
            _LONG[vowel] for vowel in slot[1:]
        ]
    if last:
        written = [_LONG[vowel] for vowel in slot]
        if slot[-1] == "a" and slot != "aa":
            written[-1] = "ة" if slot in ("a", "ya", "ia", "wa") else "ا"
        if slot == "ia":
            written = ["ية"]
        return written
    if len(slot) > 1:
        # a glide carries the syllable: the vowel before it is not written, the one after is
        written = [_LONG[vowel] for vowel in slot]
        if slot[0] in "aeiu" and slot[1] in "wy2" and not (slot[0] == "a" and len(slot) == 3):
            written[0] = ""
        return written
    if closed and slot in "aiu":
        return []
    if before_long and slot in ("a", "i"):
        return []
    return [_LONG[slot]]
