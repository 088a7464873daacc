"""Darija in Arabic script written in Latin letters, in one readable chat convention.

3 ع, 7 ح, 9 ق, kh خ, gh غ, ch ش, 2 for a hamza inside a word; emphatic letters as plain ones; و is w or o; the article
is a joined l. Short vowels are not in the Arabic text: an e is put where Darija syllables need one (derhem, ketbo).
Frequent words take the first spelling of `tables/words.tsv`.
"""

import re
from functools import cache, lru_cache

from tiwizi.language.transliteration.tables import rows

_CONSONANT = {
    "ب": "b", "پ": "p", "ت": "t", "ث": "t", "ج": "j", "ح": "7", "خ": "kh", "د": "d", "ذ": "d", "ر": "r", "ز": "z",
    "س": "s", "ش": "ch", "ص": "s", "ض": "d", "ط": "t", "ظ": "d", "ع": "3", "غ": "gh", "ف": "f", "ڤ": "v", "ق": "9",
    "ك": "k", "ڭ": "g", "گ": "g", "ݣ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h",
}  # fmt: skip
_VOWEL = {"ا": "a", "آ": "a", "أ": "a", "إ": "i", "ٱ": "a", "ى": "a", "ة": "a", "ء": "2", "ؤ": "2", "ئ": "2"}
_VOWEL |= {"و": "o", "ي": "i"}
_PERSONS = (("كم", "kom"), ("هم", "hom"))
_MARK = re.compile("[\u064b-\u0652\u0670\u0640]")
_ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3\u0750-\u077f\u064b-\u0652\u0670]+")
_PUNCTUATION = str.maketrans("؟،؛٠١٢٣٤٥٦٧٨٩", "?,;0123456789")


@cache
def _readable() -> dict[str, str]:
    table: dict[str, str] = {}
    for row in rows("words"):
        spelling = row[1].split(", ")[0]
        if not row[0].isascii():
            # a doubled first letter is the article of الثمن, which chats leave out: taman
            table.setdefault(_MARK.sub("", row[0]), re.sub(r"^(ch|sh|.)\1", r"\1", spelling))
    return table


def to_chat_latin(text: str) -> str:
    """Arabic script written as Moroccans chat in Latin letters."""
    return _ARABIC.sub(_in_context, text).translate(_PUNCTUATION)


def _in_context(match: re.Match[str]) -> str:
    word = match.group()
    # the ة of a noun before its owner is heard: شهادة السكنى, but الحالة المدنية
    owned = word[-1] == "ة" and not word.startswith("ال") and match.string.startswith(" ال", match.end())
    return _word(word) + ("t" if owned else "")


@lru_cache(maxsize=20_000)
def _word(word: str) -> str:
    word = _MARK.sub("", word)
    listed = _readable().get(word)
    if listed:
        return listed
    for start, latin in (("وال", "w l"), ("فال", "f l"), ("بال", "b l"), ("ال", "l"), ("لل", "l l")):
        if word.startswith(start) and len(word) > len(start) + 1:
            rest = word[len(start) :]
            return latin + (_readable().get(rest) or _spell(rest))
    return _spell(word)


def _spell(word: str) -> str:
    person = next((latin for arabic, latin in _PERSONS if word.endswith(arabic) and len(word) > 4), "")
    if person:
        word = word[:-2]
    sounds = _sounds(word)
    return _with_short_vowels(sounds, closed_by_person=bool(person)) + person


def _sounds(word: str) -> list[str]:
    """Each letter's Latin form; و and ي are consonants (w, y) next to a vowel or at the start."""
    out: list[str] = []
    for at, letter in enumerate(word):
        if letter in _CONSONANT:
            out.append(_CONSONANT[letter])
        elif letter in "وي":
            after = word[at + 1 : at + 2]
            beside = (at == 0 and after not in ("",)) or (after and after in "اىةأآ") or _is_vowel(out[-1:])
            out.append(("w" if letter == "و" else "y") if beside else _VOWEL[letter])
        elif letter in "ءؤئ":
            out.append("2")
        elif letter in "أإ" and at:
            out.append("2a")
        else:
            out.append(_VOWEL.get(letter, letter))
    return out


def _is_vowel(sound: list[str]) -> bool:
    return bool(sound) and sound[0][-1] in "aeiou"


def _with_short_vowels(sounds: list[str], closed_by_person: bool) -> str:
    """From the end backwards, a consonant that no vowel follows needs one before it, or it closes a syllable."""
    out: list[str] = []
    needs = False  # the sound to the right is a consonant with no vowel before it yet
    for at in range(len(sounds) - 1, -1, -1):
        sound = sounds[at]
        if _is_vowel([sound]):
            needs = False
        elif needs:
            out.append("e")
            needs = False
        else:
            follows_vowel = bool(out) and out[-1][0] in "aeiou"
            needs = not follows_vowel and at > 0
        out.append(sound)
    if closed_by_person and len(sounds) == 1:
        out.insert(0, "i")
    return "".join(reversed(out))
