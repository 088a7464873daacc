"""Arabizi written in Arabic script: frequent words by table, then attested words, then French, then rules.

The order is the confidence: a person listed the words of the table; an attested word has the right consonants and the
nearest vowels; what is left is spelled out by the rules of `rules.py`.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from tiwizi.language.transliteration.attested import Candidate, candidates
from tiwizi.language.transliteration.french import french_to_arabic, is_french
from tiwizi.language.transliteration.pieces import Piece, pieces
from tiwizi.language.transliteration.rules import spell_out
from tiwizi.language.transliteration.spelling import loose_key
from tiwizi.language.transliteration.tables import rows

How = Literal["kept", "table", "attested", "affixes", "french", "rules"]
_LONGEST_PHRASE = 4
_AFFIX_COST = 0.8
_AFFIX_FAR = 0.6  # a stem must be this near: what is joined already explains part of the word
# an attested word that costs more than this, and so much a letter, is less likely than the plain spelling
_RULES_COST, _RULES_COST_EACH = 0.15, 0.075
_NO_ARTICLE_COST = 0.45
_MOON_ARTICLE = re.compile(r"l[^aeiouyl]")
_SUN_ARTICLE = re.compile(r"(t|d|r|z|s|n|ch|sh|T|D|S|Z)\1(?=.{2})")


class Arabic(NamedTuple):
    """A stretch of text as it came, in Arabic script, and how it got there."""

    source: str
    text: str
    how: How


class _Words(NamedTuple):
    exact: dict[str, str]
    loose: dict[str, str]


@cache
def _table() -> _Words:
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for row in rows("words"):
        for spelling in row[1].split(", "):
            exact.setdefault(spelling, row[0])
            loose.setdefault(_loose(spelling), row[0])
    return _Words(exact, loose)


@cache
def _affixes() -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    before = [(row[1], row[2]) for row in rows("affixes") if row[0] == "before"]
    after = [(row[1], row[2]) for row in rows("affixes") if row[0] == "after"]
    longest_first = lambda pair: -len(pair[0])  # noqa: E731
    return tuple(sorted(before, key=longest_first)), tuple(sorted(after, key=longest_first))


def _loose(phrase: str) -> str:
    return " ".join(loose_key(word) for word in phrase.split())


def to_arabic(text: str) -> list[Arabic]:
    """The text cut into stretches, each with its Arabic form; the sources join back to the text."""
    found = list(pieces(text))
    out: list[Arabic] = []
    at = 0
    while at < len(found):
        size, arabic = _phrase(found, at)
        if size:
            out.append(Arabic("".join(piece.text for piece in found[at : at + size]), arabic, "table"))
            at += size
            continue
        piece = found[at]
        at += 1
        if piece.kind == "word":
            written, how = word_to_arabic(piece.text)
            out.append(Arabic(piece.text, written, how))
        elif piece.kind == "other":
            out.append(Arabic(piece.text, piece.text.translate(_PUNCTUATION), "kept"))
        else:
            out.append(Arabic(piece.text, piece.text, "kept"))
    return _joined(out)


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
_PUNCTUATION = str.maketrans("?,;", "؟،؛")


def _phrase(found: list[Piece], at: int) -> tuple[int, str]:
    # Words of a phrase stand one space apart: pieces at, at + 2, at + 4 and so on.
    if found[at].kind not in ("word", "acronym"):
        return 0, ""
    table = _table()
    words = [found[at].text.lower()]
    ends = [at]
    while len(words) < _LONGEST_PHRASE and ends[-1] + 2 < len(found):
        space, word = found[ends[-1] + 1], found[ends[-1] + 2]
        if space.text not in (" ", "-") or word.kind not in ("word", "acronym"):
            break
        words.append(word.text.lower())
        ends.append(ends[-1] + 2)
    for size in range(len(words), 1, -1):
        phrase = " ".join(words[:size])
        arabic = table.exact.get(phrase) or table.loose.get(_loose(phrase))
        if arabic:
            return ends[size - 1] - at + 1, arabic
    if found[at].kind == "acronym":
        arabic = table.exact.get(words[0], "")
        return (1, arabic) if arabic and arabic.isascii() else (0, "")
    return 0, ""


@lru_cache(maxsize=50_000)
def word_to_arabic(word: str) -> tuple[str, How]:
    """One Arabizi word in Arabic script, and how it was found."""
    best = arabic_forms(word, most=1)
    return best[0] if best else (word, "kept")


@lru_cache(maxsize=50_000)
def arabic_forms(word: str, most: int = 5) -> list[tuple[str, How]]:
    """The likeliest Arabic forms of one Arabizi word, best first, at most `most` of them."""
    return list(dict.fromkeys(_forms(word)))[:most] if len(word) <= 40 else [(word, "kept")]


def _forms(word: str) -> Iterator[tuple[str, How]]:
    if not any(letter.isalpha() and letter < "ɐ" for letter in word):
        yield word, "kept"
        return
    table = _table()
    low = word.lower()
    listed = table.exact.get(low) or table.loose.get(loose_key(low))
    if listed:
        yield listed, "table"
    french = is_french(low)
    if french:
        yield french_to_arabic(low), "french"
    whole = candidates(word)
    if word[0] in "SDTZ" and word[1:].islower():
        # the capital may be an emphatic letter or the beginning of a sentence
        whole = sorted([*whole, *candidates(low)], key=lambda candidate: candidate.cost)
    parts = _with_affixes(word) if not whole or whole[0].cost > -0.1 else []
    ranked: list[tuple[Candidate, How]] = [(_with_article(candidate, word), "attested") for candidate in whole]
    ranked += [(candidate, "affixes") for candidate in parts]
    spelled = spell_out(word)
    if spelled:
        ranked.append((Candidate(spelled, 0.0, _RULES_COST + _RULES_COST_EACH * len(spelled)), "rules"))
    elif not french:
        yield french_to_arabic(low), "french"
    for candidate, how in sorted(ranked, key=lambda item: item[0].cost):
        yield candidate.word, how


def _with_article(near: Candidate, word: str) -> Candidate:
    """The candidate, dearer if the word seems to carry an article that the candidate is written without."""
    if near.word.startswith("ال") or not (_SUN_ARTICLE.match(word) or _MOON_ARTICLE.match(word)):
        return near
    return near._replace(cost=near.cost + _NO_ARTICLE_COST)


def _with_affixes(word: str) -> list[Candidate]:
    """Attested or listed words with what Darija joins to them: the article, prepositions, persons, negation."""
    before, after = _affixes()
    table = _table()
    out: list[Candidate] = []
    if _SUN_ARTICLE.match(word):
        # the article is heard as a doubled letter: ttaman is l-taman
        moon = "l" + _SUN_ARTICLE.sub(r"\1", word, count=1)
        out += [near for near in candidates(moon, most=3) if near.word.startswith("ال")]
    starts = [("", "")] + [pair for pair in before if word.startswith(pair[0])][:4]
    ends = [("", "")] + [pair for pair in after if word.endswith(pair[0])][:3]
    for start, arabic_start in starts:
        for end, arabic_end in ends:
            stem = word[len(start) : len(word) - len(end)]
            if arabic_start == "ما" and arabic_end != "ش":  # a verb is denied on both sides: ma...ch
                continue
            if len(stem) < 3 or not (start or end) or (start[-1:] in "ntyi" and start and stem[0] in "aeiou"):
                continue
            price = _AFFIX_COST * (bool(start) + bool(end))
            listed = table.exact.get(stem.lower()) or table.loose.get(loose_key(stem))
            if listed and " " not in listed and not listed.isascii():
                out.append(Candidate(_join(arabic_start, listed, arabic_end), price, price - 0.5))
                continue
            for near in candidates(stem, most=2):
                if near.far <= _AFFIX_FAR:
                    joined = _join(arabic_start, near.word, arabic_end)
                    out.append(Candidate(joined, near.far + price, near.cost + price))
    return sorted(out, key=lambda candidate: candidate.cost)[:3]


def _join(start: str, stem: str, end: str) -> str:
    if start.endswith("ال") and stem.startswith("ال"):
        stem = stem[2:]
    if end and stem.endswith("ة"):
        stem = stem[:-1] + ("" if end in ("ات", "ة", "ين") else "ت")
    if end == "ة" and stem.endswith("ا"):
        return start + stem
    return start + stem + end
