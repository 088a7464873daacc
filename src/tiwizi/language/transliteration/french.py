"""French words inside Arabizi: known by a vocabulary, written in Arabic letters by their sound."""

import re
import unicodedata
from functools import cache, lru_cache

from tiwizi.language.transliteration.tables import column, rows

_ELIDED = re.compile(r"^([ldjmnstc]|qu)['’ʼ](?=\w{2})")


def unaccented(word: str) -> str:
    """The word in small letters without accents: `Régime` gives `regime`."""
    low = word.lower().replace("œ", "oe").replace("æ", "ae")
    if low.isascii():
        return low
    return "".join(letter for letter in unicodedata.normalize("NFD", low) if not unicodedata.combining(letter))


def without_elision(word: str) -> str:
    """The word without a leading l', d', qu' and the like."""
    return _ELIDED.sub("", word)


@lru_cache(maxsize=50_000)
def is_french(word: str) -> bool:
    """Whether the word is one of the French words that people mix into Darija, plural included."""
    base = unaccented(without_elision(word.lower()))
    known = column("french")
    return base in known or (base.endswith("s") and base[:-1] in known)


@cache
def _sounds() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row[0]), row[1] if len(row) > 1 else "") for row in rows("french_sounds"))


@lru_cache(maxsize=20_000)
def french_to_arabic(word: str) -> str:
    """A French word in Arabic letters, as it sounds: `certificat` gives `سيرتيفيكا`."""
    low = word.lower()
    article = "ل" if _ELIDED.match(low) and low[0] == "l" else ""
    low = without_elision(low)
    text = "".join("é" if letter == "é" else unaccented(letter) for letter in low)
    out: list[str] = []
    at = 0
    while at < len(text):
        for pattern, arabic in _sounds():
            match = pattern.match(text, at)
            if match and match.end() > at:
                # a word keeps its first sound: `est` or `os` is not all silent letters
                if at == 0 and not arabic and match.end() == len(text):
                    continue
                out.append(arabic)
                at = match.end()
                break
        else:
            out.append(text[at])
            at += 1
    written = "".join(out)
    if written[:1] in ("و", "ي") and text[:1] in "aeiouyéh":
        written = "أ" + written if text[0] != "i" else "إ" + written
    return article + written
