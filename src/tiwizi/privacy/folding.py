"""One plain form of what a person typed, for the finders to read, with the way back to the person's own words.

Letters become small and lose accents, hamza and other dress; digits of every keyboard become 0-9; spaces, dashes and
slashes become one kind each; marks nobody sees (direction, joining, vowels, tatweel) go. A placeholder becomes a block
that no finder reads, so that a masked text and the text it came from look alike once everything is found.
"""

import re
from array import array
from collections.abc import Sequence

from msgspec import Struct

# Wide enough that hiding a number rarely brings the words around it nearer to the next one.
HIDDEN = "\N{OBJECT REPLACEMENT CHARACTER}" * 16

_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u0640\u064b-\u0652\u0670\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u2069\u20e3\ufe00-\ufe0f\ufeff]"
)


class Folded(Struct, frozen=True):
    """The plain form of `source`; `starts[i]` is the offset in `source` of character `i` of `text`."""

    source: str
    text: str
    starts: Sequence[int]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of `source` that the span `start:end` of `text` stands for."""
        return self.starts[start], self.starts[end - 1] + 1

    def typed(self, start: int, end: int) -> str:
        """Return the characters of `source` behind `start:end`, as they were typed."""
        first, last = self.origin(start, end)
        return self.source[first:last]

    def hide(self, spans: Sequence[tuple[int, int]]) -> "Folded":
        """Return the same text with each span (ordered, apart from one another) as one hidden block."""
        text, starts = _cut(self.text, self.starts, [(start, end, HIDDEN) for start, end in spans])
        return Folded(self.source, text, starts)


def fold(text: str, placeholder: re.Pattern[str] | None = None) -> Folded:
    """Return `text` as the finders read it; what `placeholder` matches becomes one hidden block."""
    starts: Sequence[int] = range(len(text))
    cuts = [] if text.isascii() else [(found.start(), found.end(), "") for found in _INVISIBLE.finditer(text)]
    if placeholder is not None and "[" in text:
        cuts += [(found.start(), found.end(), HIDDEN) for found in placeholder.finditer(text)]
        cuts.sort()
    plain, starts = _cut(text, starts, cuts) if cuts else (text, starts)
    return Folded(text, plain.lower() if plain.isascii() else plain.translate(_PLAIN).lower(), starts)


def _cut(text: str, starts: Sequence[int], cuts: Sequence[tuple[int, int, str]]) -> tuple[str, Sequence[int]]:
    pieces: list[str] = []
    kept, done = array("q"), 0
    for start, end, instead in cuts:
        pieces += (text[done:start], instead)
        kept.extend(starts[done:start])
        kept.extend([starts[start]] * len(instead))
        done = end
    pieces.append(text[done:])
    kept.extend(starts[done:])
    return "".join(pieces), kept


def _pairs(*rows: tuple[str, str]) -> dict[int, str]:
    return {ord(letter): plain for letters, plain in rows for letter in letters}


# Every entry replaces one character by one, so that offsets hold; `str.lower` after it keeps the length too,
# because the only capital that grows when lowered is the dotted I, replaced here.
_PLAIN = {
    **{first + digit: str(digit) for first in (0x0660, 0x06F0, 0xFF10) for digit in range(10)},
    **{0xFF21 + n: chr(0x61 + n) for n in range(26)},
    **{0xFF41 + n: chr(0x61 + n) for n in range(26)},
    **_pairs(
        ("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
        ("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u05be\u06d4\ufe58\ufe63\uff0d", "-"),
        ("\u2044\u2215\uff0f", "/"),
        ("\u066b\u066c\uff0e\u00b7\u2022\u2024", "."),
        ("\uff0b\ufe62", "+"),
        ("\uff20\ufe6b", "@"),
        ("\u2018\u2019\u02bc\u0060\u00b4", "'"),
        ("ÀÁÂÃÄÅàáâãäåĀāĂă", "a"),
        ("ÇçĆćČč", "c"),
        ("ÈÉÊËèéêëĒēĖėĘę", "e"),
        ("ÌÍÎÏìíîïĪīİ", "i"),
        ("ÑñŃńŇň", "n"),
        ("ÒÓÔÕÖòóôõöŌō", "o"),
        ("ÙÚÛÜùúûüŪū", "u"),
        ("ÝýŸÿ", "y"),
        ("ḌḍĎď", "d"),
        ("ḤḥĤĥ", "h"),
        ("ṚṛŘř", "r"),
        ("ṢṣŠš", "s"),
        ("ṬṭŤť", "t"),
        ("ẒẓŽž", "z"),
        ("ǦǧĞğ", "g"),
        ("أإآٱ", "ا"),
        ("ىیئ", "ي"),
        ("ؤ", "و"),
        ("ة", "ه"),
        ("گڭک", "ك"),
        ("پ", "ب"),
        ("ڤڥ", "ف"),
        ("چ", "ج"),
        ("\N{TIFINAGH LETTER YARR}", "\N{TIFINAGH LETTER YAR}"),
        ("\N{TIFINAGH LETTER YADD}", "\N{TIFINAGH LETTER YAD}"),
        ("\N{TIFINAGH LETTER YATT}", "\N{TIFINAGH LETTER YAT}"),
        ("\N{TIFINAGH LETTER YASS}", "\N{TIFINAGH LETTER YAS}"),
        ("\N{TIFINAGH LETTER YAZZ}", "\N{TIFINAGH LETTER YAZ}"),
    ),
}
