"""Darija in Arabic script written in Latin letters, as Moroccans chat.

Listed words take the spellings that people use; a network (`models/chat.npz`) spells the others, short vowels and all.
The usual convention is 3 ع, 7 ح, 9 ق, kh خ, gh غ, ch ش, emphatic letters as plain ones, a joined l for the article;
`Convention` has the other habits.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Literal, NamedTuple

import msgspec

from tiwizi.language.transliteration.context import best_paths
from tiwizi.language.transliteration.lexicon import has_article
from tiwizi.language.transliteration.reader import LONGEST, reader
from tiwizi.language.transliteration.tables import rows


class Convention(msgspec.Struct, frozen=True):
    """Which of the usual Latin spellings of a sound is written."""

    qaf: Literal["9", "q"] = "9"
    kha: Literal["kh", "5", "x"] = "kh"
    chin: Literal["ch", "sh"] = "ch"
    ghayn: Literal["gh", "3'", "4"] = "gh"
    ha: Literal["7", "h"] = "7"
    waw: Literal["as heard", "ou", "o"] = "as heard"  # o or ou, as people write the word


USUAL = Convention()


class _Spelling(NamedTuple):
    text: str
    score: float


_MARK = re.compile("[\u064b-\u0652\u0670\u0640]")
_ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3\u0750-\u077f\u064b-\u0652\u0670]+")
_PUNCTUATION = str.maketrans("؟،؛٠١٢٣٤٥٦٧٨٩", "?,;0123456789")
_FOLD = str.maketrans("أإآٱىةگڭݣؤئچ", "ااااايكككوي" + "ج", "ء")
_STARTS = (("وال", "w l"), ("فال", "f l"), ("بال", "b l"), ("ال", "l"), ("لل", "l l"))
_LISTED, _FOLDED, _JOINED = 8.0, 7.0, 5.0
# not in the usual convention; a doubled first letter is the article
_UNUSUAL = re.compile(r"[q58]|sh|^(ch|.)\1|^e[tdrzsn]")


def to_chat_latin(text: str) -> str:
    """Arabic script written as Moroccans chat in Latin letters."""
    return spelled(text, USUAL, 1)[0]


def spelled(text: str, convention: Convention = USUAL, most: int = 5) -> list[str]:
    """The likeliest ways to write a text of Darija in Latin letters, best first, at least one."""
    slots: list[list[_Spelling]] = []
    at = 0
    for match in _ARABIC.finditer(text):
        if match.start() > at:
            slots.append([_Spelling(text[at : match.start()].translate(_PUNCTUATION), 0.0)])
        slots.append(_in_context(match, convention, most))
        at = match.end()
    if at < len(text) or not slots:
        slots.append([_Spelling(text[at:].translate(_PUNCTUATION), 0.0)])
    ways = ("".join(spelling.text for spelling in path) for path in best_paths(slots, most, trust=0.0))
    return list(dict.fromkeys(ways))


def _in_context(match: re.Match[str], convention: Convention, most: int) -> list[_Spelling]:
    word = match.group()
    # the ة of a noun before its owner is heard: شهادة السكنى, but الحالة المدنية
    owned = word[-1] == "ة" and not word.startswith("ال") and match.string.startswith(" ال", match.end())
    end = "t" if owned else ""
    return [_Spelling(_as_agreed(form.text, convention) + end, form.score) for form in _forms(word)[:most]]


def _as_agreed(word: str, convention: Convention) -> str:
    if convention == USUAL:
        return word
    for usual, agreed in (
        ("9", convention.qaf), ("gh", convention.ghayn), ("ch", convention.chin), ("7", convention.ha),
    ):  # fmt: skip
        word = word.replace(usual, agreed)
    word = re.sub("kh", convention.kha, word)
    if convention.waw != "as heard":
        word = re.sub("ou|o", convention.waw, word)
    return word


@lru_cache(maxsize=20_000)
def _forms(word: str) -> tuple[_Spelling, ...]:
    """The spellings of one word, best first."""
    word = _MARK.sub("", word)
    if not word or len(word) > LONGEST:
        return (_Spelling(word, 0.0),)
    found: dict[str, float] = {}
    for text, score in _listed_spellings(word):
        found.setdefault(text, score)
    for score, text in reader("chat").candidates(word, 8):
        found.setdefault(text, score)
    ranked = sorted(found.items(), key=lambda item: -item[1])
    return tuple(_Spelling(text, score) for text, score in ranked) or (_Spelling(word, 0.0),)


def _listed_spellings(word: str) -> Iterator[_Spelling]:
    exact, folded = _books()
    for place, spelling in enumerate(exact.get(word, ())):
        yield _Spelling(spelling, _LISTED - place / 10)
    for place, spelling in enumerate(folded.get(word.translate(_FOLD), ())):
        yield _Spelling(spelling, _FOLDED - place / 10)
    for start, latin in _STARTS:
        if word.startswith(start) and len(word) > len(start) + 1:
            rest = word[len(start) :]
            for place, spelling in enumerate(exact.get(rest) or folded.get(rest.translate(_FOLD), ())):
                yield _Spelling(latin + spelling, _JOINED - place / 10)
            return


@cache
def _books() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """For each listed Arabic spelling its Latin spellings, the usual ones first: as written, and hamza and ة folded."""
    listed: dict[str, dict[str, bool]] = {}
    for row in (*rows("words"), *rows("dictionary")):
        for arabic in row[0].split("|"):
            if arabic.isascii():
                continue
            same = row[1].split(", ")
            for spelling in same:
                if (" " in arabic) == (" " in spelling) and not has_article(spelling, same):
                    usual = _usual(spelling, arabic)
                    known = listed.setdefault(_MARK.sub("", arabic), {})
                    known[usual] = known.get(usual, False) or bool(_UNUSUAL.search(spelling))
    exact = {arabic: tuple(sorted(known, key=lambda text: known[text])) for arabic, known in listed.items()}
    folded: dict[str, tuple[str, ...]] = {}
    for arabic, known_spellings in exact.items():
        key = arabic.translate(_FOLD)
        folded[key] = tuple(dict.fromkeys((*folded.get(key, ()), *known_spellings)))
    return exact, folded


def _usual(spelling: str, arabic: str) -> str:
    """A listed spelling in small letters; the doubled first letter of an article left out, as chats do."""
    low = spelling.lower()
    return re.sub(r"^(ch|sh|.)\1", r"\1", low) if arabic.startswith("ال") else low
