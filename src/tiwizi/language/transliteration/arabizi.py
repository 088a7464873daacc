"""Arabizi written in Arabic script: listed words first, then what the network reads, known Arabic words before others.

Each word has candidates. In a sentence the words around it choose among them (`context.py`); French and other foreign
words, links, numbers, acronyms and placeholders stay as they are.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from tiwizi.language.transliteration.context import best_paths
from tiwizi.language.transliteration.foreign import Foreign, foreign
from tiwizi.language.transliteration.french import french_to_arabic, is_french
from tiwizi.language.transliteration.lexicon import LONGEST_PHRASE, loose_phrase, spellings, usual, with_affixes
from tiwizi.language.transliteration.pieces import Piece, pieces
from tiwizi.language.transliteration.reader import LONGEST, Read, reader
from tiwizi.language.transliteration.spelling import loose_key

How = Literal["kept", "table", "dictionary", "read", "french"]
_MOST = 8  # candidates of a word that are kept
_EXACT, _LOOSE, _SAME = 16.0, 4.0, 0.6  # what a listed spelling is worth; each further one on its row a little less
_AFFIXED = 4.0  # a listed word with what Darija joins to words
_NO_ARTICLE = 3.0  # a listed word without the article that is heard
_UNREAD = -7.0  # a listed word that the network would not read into these letters


class Arabic(NamedTuple):
    """A stretch of text as it came, in Arabic script, and how it got there."""

    source: str
    text: str
    how: How


class Form(NamedTuple):
    """One candidate for a word; the difference of two scores is how much likelier one is (natural logarithm)."""

    text: str
    how: How
    score: float


def to_arabic(text: str) -> list[Arabic]:
    """The text cut into stretches, each with its likeliest Arabic form; the sources join back to the text."""
    return readings(text, most=1)[0]


def readings(text: str, most: int = 5) -> list[list[Arabic]]:
    """The likeliest ways to write the whole text, best first, at least one."""
    found = slots(text)
    paths = best_paths([slot.forms for slot in found], most)
    return [
        _joined([Arabic(slot.source, form.text, form.how) for slot, form in zip(found, path, strict=True)])
        for path in paths
    ]


class Slot(NamedTuple):
    """A stretch of text as it came, and the candidates for it."""

    source: str
    forms: tuple[Form, ...]


def chosen(text: str, trust: float) -> tuple[list[Slot], list[Form]]:
    """The stretches of a text and the form that each takes when the context is trusted that much: for measuring."""
    found = slots(text)
    return found, best_paths([slot.forms for slot in found], 1, trust)[0]


def slots(text: str) -> list[Slot]:
    """The text cut into stretches, each with its candidates."""
    found = list(pieces(text))
    alone = sum(piece.kind != "other" for piece in found) == 1
    stays = foreign(found) if not alone else []
    cut: list[Slot] = []
    at = 0
    while at < len(found):
        size, arabic = phrase(found, at)
        if size:
            source = "".join(piece.text for piece in found[at : at + size])
            cut.append(Slot(source, (Form(arabic, "table", 0.0),)))
            at += size
            continue
        kind, source = found[at]
        if kind == "word" and not (stays and stays[at] is not Foreign.NOT):
            cut.append(Slot(source, forms(source)))
        else:
            written = source.translate(_PUNCTUATION) if kind == "other" else source
            cut.append(Slot(source, (Form(written, "kept", 0.0),)))
        at += 1
    return cut


_PUNCTUATION = str.maketrans("?,;", "؟،؛")


def phrase(found: Sequence[Piece], at: int) -> tuple[int, str]:
    """How many pieces from `at` make a listed phrase, and its Arabic form; 0 when none does."""
    # Words of a phrase stand one space apart: pieces at, at + 2, at + 4 and so on.
    if found[at].kind not in ("word", "acronym"):
        return 0, ""
    listed = spellings()
    words = [found[at].text.lower()]
    ends = [at]
    while len(words) < LONGEST_PHRASE and ends[-1] + 2 < len(found):
        space, word = found[ends[-1] + 1], found[ends[-1] + 2]
        if space.text not in (" ", "-") or word.kind not in ("word", "acronym"):
            break
        words.append(word.text.lower())
        ends.append(ends[-1] + 2)
    for size in range(len(words), 1, -1):
        said = " ".join(words[:size])
        arabic = listed.phrases.get(said) or listed.loose_phrases.get(loose_phrase(said))
        if arabic:
            return ends[size - 1] - at + 1, arabic
    if found[at].kind == "acronym":
        entries = listed.exact.get(words[0], ())
        return (1, entries[0].arabic) if entries and entries[0].arabic.isascii() else (0, "")
    return 0, ""


def arabic_forms(word: str, most: int = 5) -> list[tuple[str, How]]:
    """The likeliest Arabic forms of one Arabizi word, best first, at most `most` of them."""
    return [(form.text, form.how) for form in forms(word)[:most]]


@lru_cache(maxsize=50_000)
def forms(word: str) -> tuple[Form, ...]:
    """The candidates for one Arabizi word, best first; the word itself when it has no Latin letter."""
    if len(word) > LONGEST or not any(letter.isalpha() and letter < "ɐ" for letter in word):
        return (Form(word, "kept", 0.0),)
    low = word.lower()
    listed = spellings()
    read: dict[str, float] = {}
    for candidate in _read(word):
        read[candidate.text] = max(candidate.score, read.get(candidate.text, candidate.score))
    found: dict[str, Form] = {}

    def propose(text: str, how: How, worth: float) -> None:
        if text not in found:
            heard = max(read.get(text, _UNREAD), _UNREAD)
            found[text] = Form(text, how, worth + heard + usual().get(text, 0.0))

    exact = listed.exact.get(word) or listed.exact.get(low, ())
    for place, entry in enumerate(exact):
        propose(entry.arabic, entry.book, _EXACT - _SAME * place)
    if not exact and is_french(low):
        propose(french_to_arabic(low), "french", _EXACT)
    for place, entry in enumerate(listed.loose.get(loose_key(low), ())):
        article = _has_article(low) and not entry.arabic.startswith("ال")
        propose(entry.arabic, entry.book, _LOOSE - _SAME * place - _NO_ARTICLE * article)
    if not exact:
        for text, joined in with_affixes(word).items():
            propose(text, "dictionary", _AFFIXED - joined)
    for text in read:
        propose(text, "read", 0.0)
    return tuple(sorted(found.values(), key=lambda form: -form.score)[:_MOST]) or (Form(word, "kept", 0.0),)


def _read(word: str) -> list[Read]:
    arabizi = reader("arabizi")
    small = word.lower()
    if word == small:
        return arabizi.candidates(word)
    if word[0] in "SDTZ" and word[1:] == small[1:]:
        # the capital may be an emphatic letter or the beginning of a sentence
        return [*arabizi.candidates(word), *(Read(score - 0.7, text) for score, text in arabizi.candidates(small))]
    return arabizi.candidates(small if word.isupper() or word[0] not in "SDTZ" and word[1:] == small[1:] else word)


def _has_article(word: str) -> bool:
    """Whether an article may be heard in a doubled first letter: ssrwal, chchems."""
    return word[0] in "tdrzsnj" and word[1:2] == word[0] or word[:2] in ("ch", "sh") and word[2:4] == word[:2]


def _joined(parts: list[Arabic]) -> list[Arabic]:
    """The prepositions and the "and" of one letter written as Arabic does: joined to the word that follows."""
    out: list[Arabic] = []
    at = 0
    while at < len(parts):
        word = parts[at]
        denied = word.text == "ما" and at + 2 < len(parts) and parts[at + 2].text.endswith("ش")
        if (word.text in _JOINED or denied) and at + 2 < len(parts) and parts[at + 1].source == " ":
            after = parts[at + 2]
            if after.how != "kept" and not after.text.isascii() and after.text not in _JOINED:
                stem = after.text
                if word.text == "ل" and stem.startswith("ال"):
                    stem = "ل" + stem[2:]
                source = word.source + " " + after.source
                parts[at + 2] = Arabic(source, word.text + stem, after.how)
                at += 2
                continue
        out.append(word)
        at += 1
    return out


_JOINED = frozenset(("و", "ف", "ب", "ل"))
