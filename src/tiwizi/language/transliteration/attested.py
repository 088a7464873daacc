"""Arabizi matched against words attested in Arabic script: same consonants, the best agreement of vowels wins.

Consonants that Arabizi confuses (t for ت ط ث, s for س ص) share a class; the classes of a word in order are its key.
Words under one key are then ranked by what their vowel slots and letters cost, and by how often they are met.
"""

from functools import cache, lru_cache
from itertools import product
from math import log
from typing import NamedTuple

from tiwizi.language.transliteration.spelling import Sounds, consonant_letters, sounds
from tiwizi.language.transliteration.tables import rows

_CLASS = {
    letter: group[0] for group in ("ب پ", "تطث", "دضذظ", "سص", "هح", "فڤ", "كڭگݣ") for letter in group.replace(" ", "")
}
_VOWEL = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ا": "ا", "ى": "ى", "ة": "ة", "ء": "ء"}
_VOWEL |= {"و": "و", "ؤ": "و", "ي": "ي", "ئ": "ي"}

# What it costs to read one Latin vowel as one Arabic letter, or as none ("").
_READ = {
    ("a", "ا"): 0.0, ("a", ""): 0.36, ("a", "ى"): 0.1, ("a", "ة"): 0.05, ("a", "ء"): 0.7, ("a", "ي"): 1.4,
    ("A", "ا"): 0.0, ("A", ""): 2.0, ("A", "ى"): 0.2, ("A", "ة"): 0.4,
    ("e", ""): 0.0, ("e", "ا"): 0.8, ("e", "ي"): 1.1, ("e", "ة"): 0.5,
    ("é", "ي"): 0.0, ("é", ""): 0.9, ("é", "ا"): 1.5,
    ("i", "ي"): 0.0, ("i", ""): 0.5, ("i", "ا"): 1.0, ("i", "ى"): 0.8,
    ("u", "و"): 0.0, ("u", ""): 0.3, ("u", "ا"): 1.6,
    ("w", "و"): 0.0, ("w", ""): 2.0, ("y", "ي"): 0.0, ("y", ""): 1.6,
    ("2", "ء"): 0.0, ("2", "ا"): 0.1, ("2", ""): 0.6, ("2", "و"): 0.2, ("2", "ي"): 0.2,
}  # fmt: skip
_UNREAD = {"ا": 1.1, "و": 1.6, "ي": 1.6, "ى": 1.2, "ة": 0.9, "ء": 0.5}
_NO_READING = 3.0
_OTHER_LETTER = 0.16  # for each letter that is likelier for the same Latin spelling
_WORST = 1.5  # a candidate that costs more is not that word
_MET = 0.16  # how much a word gains when it is met e times as often


class Attested(NamedTuple):
    word: str
    letters: str
    slots: tuple[str, ...]
    weight: float


class Candidate(NamedTuple):
    """A word with how far it is from what was typed, and that distance less what its frequency is worth."""

    word: str
    far: float
    cost: float


def _split(word: str) -> tuple[str, str, tuple[str, ...]]:
    letters, slots = "", [""]
    for letter in word:
        vowel = _VOWEL.get(letter)
        if vowel:
            slots[-1] += vowel
        else:
            letters += letter
            slots.append("")
    return "".join(_CLASS.get(letter, letter) for letter in letters), letters, tuple(slots)


@cache
def _index() -> dict[str, list[Attested]]:
    counts = {row[0]: 3.0 * int(row[1]) + int(row[2]) for row in rows("attested")}
    for row in rows("words"):
        for word in row[0].split():
            counts[word] = max(counts.get(word, 0.0), 20.0)
    index: dict[str, list[Attested]] = {}
    for word, count in counts.items():
        key, letters, slots = _split(word)
        index.setdefault(key, []).append(Attested(word, letters, slots, _MET * log(1 + count)))
    return index


def candidates(word: str, most: int = 5) -> list[Candidate]:
    """Attested words that the Arabizi word may stand for, cheapest first; empty when there is none near enough."""
    heard = sounds(word)
    if heard is None or not 1 <= len(heard.consonants) <= 12:
        return []
    found: list[Candidate] = []
    for key in _keys(heard):
        for known in _index().get(key, ()):
            far = _cost(heard, known)
            if far <= _WORST:
                found.append(Candidate(known.word, far, far - known.weight))
    return sorted(found, key=lambda candidate: candidate.cost)[:most]


def _keys(heard: Sounds) -> list[str]:
    choices: list[tuple[str, ...]] = []
    size = 1
    for spelled in heard.consonants:
        classes = tuple(dict.fromkeys(_classes(letters) for letters in consonant_letters()[spelled]))
        if size * len(classes) > 16:
            classes = classes[:1]
        size *= len(classes)
        choices.append(classes)
    return ["".join(choice) for choice in product(*choices)]


def _classes(letters: str) -> str:
    return "".join(_CLASS.get(letter, letter) for letter in letters)


def _cost(heard: Sounds, known: Attested) -> float:
    if len(heard.slots) != len(known.slots):
        return _NO_READING
    total = 0.0
    last = len(known.slots) - 1
    if known.slots[0][:1] == "ا" and heard.slots[0] == "" and known.letters[:1] != "ل":
        total += 0.7  # only the article loses its first vowel
    # i and ou before the last consonant are nearly always long: mrid, chhour
    if heard.slots[-1] == "" and heard.slots[last - 1] in ("i", "u") and known.slots[last - 1] == "" and last > 2:
        total += 0.35
    for place, (latin, arabic) in enumerate(zip(heard.slots, known.slots, strict=True)):
        total += slot_cost(latin, arabic, place == 0, place == last)
        if total > _WORST:
            return total
    for spelled, letter in zip(heard.consonants, known.letters, strict=True):
        total += _letter_cost(spelled, letter)
    return total


@lru_cache(maxsize=4_000)
def _letter_cost(spelled: str, letter: str) -> float:
    letters = consonant_letters()[spelled]
    return _OTHER_LETTER * letters.index(letter) if letter in letters else 0.8


@lru_cache(maxsize=50_000)
def slot_cost(latin: str, arabic: str, first: bool, last: bool) -> float:
    """What it costs to read a slot of Latin vowels as a slot of Arabic ones (weighted edit distance)."""
    if len(latin) > 6 or len(arabic) > 6:
        return _NO_READING
    unread = [_unread(letter, arabic[:at][-1:], first) for at, letter in enumerate(arabic)]
    row = [0.0]
    for cost in unread:
        row.append(row[-1] + cost)
    for vowel in latin:
        above, row = row, [row[0] + _read(vowel, "", first, last)]
        for at, letter in enumerate(arabic):
            row.append(
                min(
                    above[at + 1] + _read(vowel, "", first, last),
                    row[at] + unread[at],
                    above[at] + _read(vowel, letter, first, last),
                )
            )
    return row[-1]


def _read(vowel: str, letter: str, first: bool, last: bool) -> float:
    cost = _READ.get((vowel, letter), _NO_READING)
    if last and letter == "" and vowel in "aiu":
        return 1.4
    if last and letter == "ا" and vowel == "a":
        return 0.1
    if first and letter == "ا" and vowel not in "wy":
        return 0.05
    return cost


def _unread(letter: str, before: str, first: bool) -> float:
    if letter == "ا" and (first or before == "و"):
        return 0.15  # the article without its vowel; the silent alif of a plural
    return _UNREAD[letter]
