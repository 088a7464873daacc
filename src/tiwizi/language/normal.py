"""One plain form for what is written in many ways, and the keys under which search files it.

`normal_form` is for comparing and matching text as a whole; `search_keys` cuts it into the tokens of the lexical index:
light stems of Arabic (after Larkey, Ballesteros and Connell 2007) and French (after Savoy 1999), one folded form for
Amazigh in both scripts, law numbers in one shape. Neither refuses any text; both take time linear in its length.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from tiwizi.language.transliteration import arabic_forms, to_arabic, to_latin, to_tifinagh
from tiwizi.language.transliteration.french import is_french, unaccented, without_elision
from tiwizi.language.transliteration.pieces import pieces
from tiwizi.language.transliteration.tables import column, rows

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u0640\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]"
)
_LOOK_ALIKES = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹’‘ʼ′‐‑‒–−٫٬", "01234567890123456789''''-----.,")
_LONG_ONCE = re.compile(r"([aeiouyàéèêâîôû\u0620-\u0643\u0645-\u064a])\1{2,}")  # Arabic letters but ل
_LONG_TWICE = re.compile(r"([^\W\d_])\1{2,}")
_SPACE = re.compile(r"\s+")
_LONGEST_KEY = 64


def normal_form(text: str) -> str:
    """The text in the one form it shares with its other spellings; applied twice it changes nothing more.

    NFKC (so presentation forms are plain letters), no tatweel, vowel signs or invisible marks, digits 0-9, small
    letters, plain quotes and hyphens, single spaces; a stretched vowel or Arabic letter is written once, another
    stretched letter twice.
    """
    for _ in range(4):  # removing a mark can bring letters together that then compose; four rounds settle every text
        before, text = text, _fold_once(text)
        if text == before:
            break
    return text


def _fold_once(text: str) -> str:
    if text.isascii():
        text = text.lower()
    else:
        text = _visible(text).casefold()
        text = _visible(text)
    text = _LONG_TWICE.sub(r"\1\1", _LONG_ONCE.sub(r"\1", text))
    return _SPACE.sub(" ", text).strip()


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_LOOK_ALIKES)


def search_keys(text: str, language: str | None = None) -> list[str]:
    """The tokens under which the lexical index holds the text, in order, repeated as often as they occur.

    `language` (a BCP 47 tag) says what Latin letters stand for: French, Arabizi or Amazigh. Without it each word is
    judged by itself, and what may be both gives the keys of both. Function words of every language are left out.
    """
    text = _visible(text)
    spoken = (language or "").partition("-")[0]
    if spoken in _AMAZIGH:
        return _piece_keys(text, _amazigh_keys)
    if _LATIN.search(text) and (spoken == "ary" or (not spoken and not _reads_as_french(text))):
        return _arabizi_text_keys(text)
    return _piece_keys(text, _english_keys if spoken == "en" else _french_keys)


_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_AMAZIGH = frozenset(("zgh", "kab", "rif", "shi", "tzm", "ber"))


def _piece_keys(text: str, latin: Callable[[str], tuple[str, ...]]) -> list[str]:
    return [key for piece in pieces(text) for key in _keys(piece.kind, piece.text, latin)]


def _arabizi_text_keys(text: str) -> list[str]:
    keys: list[str] = []
    for part in to_arabic(text):
        if part.how == "kept":
            keys.extend(_piece_keys(part.source, _arabizi_keys))
        elif part.how == "table":
            keys.extend(_piece_keys(part.text, _french_keys))
            keys.extend(key for word in part.source.split() if is_french(word) for key in _french_keys(word))
        else:
            keys.extend(_piece_keys(part.source, _arabizi_keys))
    return list(_without_echo(keys))


def _without_echo(keys: list[str]) -> Iterator[str]:
    # A loan and its French spelling give the same key twice in a row; the person said it once.
    before: list[str] = []
    for key in keys:
        if key not in before[-4:] or not key.isascii():
            yield key
        before.append(key)


def _keys(kind: str, text: str, latin: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    if kind in ("word", "acronym"):
        if _script_says_language(text):
            return _own_script_keys(text)
        return latin(text) if kind == "word" else _french_keys(text)
    if kind == "number":
        return (_number_key(text),)
    if kind in ("url", "email"):
        return (_HOST_START.sub("", text.lower()).rstrip("/.,;")[:_LONGEST_KEY],)
    return ()


def _script_says_language(word: str) -> bool:
    first = next((letter for letter in word if letter.isalpha()), "")
    return "\u0600" <= first <= "\u06ff" or "\u0750" <= first <= "\u077f" or "\u2d30" <= first <= "\u2d7f"


def _own_script_keys(word: str) -> tuple[str, ...]:
    """The keys of a word in Arabic script or Tifinagh."""
    return _amazigh_keys(word) if any("\u2d30" <= letter <= "\u2d7f" for letter in word) else _arabic_keys(word)


# --- numbers -------------------------------------------------------------------------------------------------------

_HOST_START = re.compile(r"^(?:https?://)?(?:www\.)?")
_LAW_NUMBER = re.compile(r"(\d{1,4})[-./](\d{1,4})(?:[-./](\d{1,4}))?$")


def _number_key(number: str) -> str:
    """A law number in its canonical form: 9.08, 09-08 and 09/08 are 09-08; other numbers as they are."""
    match = _LAW_NUMBER.match(number.rstrip("%"))
    if not match:
        return number[:_LONGEST_KEY]
    parts = [part for part in match.groups() if part]
    return "-".join(part.zfill(2) for part in parts) if len(parts) == 2 else "-".join(parts)


# --- Arabic script: light10 and what Darija adds ---------------------------------------------------------------------

_ARABIC_FOLD = str.maketrans("أإآٱىؤئةگڭݣپڤثذظ", "اااايويهكككبفتدض", "ء")
_ARTICLE = re.compile(r"^(?:[وف]?[بكف]?ال|[وف]?لل)(?=\w{2})")
_PROCLITICS = "وفبلك"
_PRESENT = re.compile(r"^(?:كا?|غا?)[نتي](?=\w{3})")
_NOT = re.compile(r"^ما?(?=\w{4,}ش$)")
_SUFFIXES: tuple[tuple[str, int], ...]
_SUFFIXES = (("هما", 3), ("كم", 4), ("هم", 4), ("ها", 3), ("ات", 3), ("وا", 3), ("ون", 4), ("ين", 4), ("ان", 4))
_SUFFIXES += (("يه", 3), ("ه", 3), ("ي", 3), ("و", 3), ("ا", 4))


@lru_cache(maxsize=100_000)
def _arabic_keys(word: str) -> tuple[str, ...]:
    letters = word.translate(_ARABIC_FOLD)[:_LONGEST_KEY]
    letters = _LONG_TWICE.sub(r"\1\1", _LONG_ONCE.sub(r"\1", letters))
    if letters in _arabic_stop():
        return ()
    stem = _without_proclitics(letters)
    if stem in _arabic_stop():
        return ()
    key = _light_stem(stem)
    loan = _loans().get(letters) or _loans().get(stem, "")
    return tuple(dict.fromkeys((key, *(french for word in loan.split() for french in _french_keys(word)))))


def _without_proclitics(word: str) -> str:
    article = _ARTICLE.match(word)
    if article:
        rest = word[article.end() :]
        # والدين may be "and the debt" or "parents": a short rest must be the commoner reading
        if article.group() == "ال" or len(rest) >= 4 or _met(f"ال{rest}") > _met(word):
            return rest
    negated = _NOT.sub("", word)
    if negated != word:
        return _PRESENT.sub("", negated[:-1])
    present = _PRESENT.sub("", word)
    if present != word and _met(word) <= _met(present):
        return present
    # One letter is a proclitic when the rest is the commoner word: فدار but not فاتورة.
    if word[:1] and word[0] in _PROCLITICS and len(word) >= 4 and _met(word[1:]) > _met(word):
        return word[1:]
    return word


def _light_stem(word: str) -> str:
    changed = True
    while changed:
        changed = False
        for suffix, least in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= least:
                word = word[: -len(suffix)]
                # the t of a feminine noun before its owner: بطاقتكم is بطاقة + كم
                if suffix in ("كم", "هم", "ها", "هما") and word.endswith("ت") and len(word) > 4:
                    word = word[:-1]
                changed = True
                break
    return word


@cache
def _counts() -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows("attested"):
        folded = row[0].translate(_ARABIC_FOLD)
        counts[folded] = counts.get(folded, 0) + int(row[1]) + int(row[2])
    for row in rows("words"):
        for word in row[0].split():
            folded = word.translate(_ARABIC_FOLD)
            counts[folded] = counts.get(folded, 0) + 20
    return counts


def _met(word: str) -> int:
    return _counts().get(word, 0)


@cache
def _arabic_stop() -> frozenset[str]:
    return frozenset(word.translate(_ARABIC_FOLD) for word in column("stop_arabic"))


@cache
def _loans() -> dict[str, str]:
    """The French words that a loan word in Arabic script stands for; with and without its article."""
    loans: dict[str, str] = {}
    for row in rows("words"):
        if len(row) > 2 and " " not in row[0]:
            word = row[0].translate(_ARABIC_FOLD)
            loans.setdefault(word, row[2])
            if word.startswith("ال"):
                loans.setdefault(word[2:], row[2])
    return loans


# --- French and other Latin text -------------------------------------------------------------------------------------


@lru_cache(maxsize=50_000)
def _french_keys(word: str) -> tuple[str, ...]:
    plain = unaccented(_fold_once(word))
    base = without_elision(plain).strip("'")[:_LONGEST_KEY]
    if not base or base in _french_stop() or (len(base) == 1 and base.isalpha()):
        return ()
    return (_french_stem(base),)


@cache
def _french_stop() -> frozenset[str]:
    return frozenset(unaccented(word) for word in column("stop_french"))


def _english_keys(word: str) -> tuple[str, ...]:
    """As in French, with which English shares its words of administration, less its own function words."""
    return () if _fold_once(word) in _english_stop() else _french_keys(word)


@cache
def _english_stop() -> frozenset[str]:
    return frozenset(column("stop_english"))


_FRENCH_VOWEL = re.compile("[aeiouy]")


def _french_stem(word: str) -> str:
    if not word.isalpha() or not _FRENCH_VOWEL.search(word):  # acronyms: cnss is no plural
        return word
    if len(word) >= 6 and word.endswith("aux") and not word.endswith("eaux"):
        word = word[:-2] + "l"
    elif len(word) >= 4 and word[-1] in "sx":
        word = word[:-1]
    for ending, least in (("er", 3), ("e", 4), ("e", 4)):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
    return word[:-1] if len(word) >= 5 and word[-1] == word[-2] else word


def _reads_as_french(text: str) -> bool:
    """Whether a text in Latin letters has more words of French than of anything else (its first 400 pieces)."""
    french = other = 0
    for _, piece in zip(range(400), pieces(text), strict=False):
        if piece.kind == "word" and "A" <= piece.text[0] <= "ɿ":
            plain = unaccented(piece.text)
            if is_french(plain) or without_elision(plain) in _french_stop():
                french += 1
            else:
                other += 1
    return french > 2 * other


# --- Arabizi and Amazigh ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=50_000)
def _arabizi_keys(word: str) -> tuple[str, ...]:
    """Keys of the likeliest Arabic forms, of French if the word is French, and of the letters themselves if neither."""
    if _script_says_language(word):
        return _own_script_keys(word)
    forms = arabic_forms(word, most=3)
    if is_french(word):
        return _french_keys(word)
    if not forms or forms[0][1] == "kept":
        return _french_keys(word)
    if forms[0][1] != "table" and without_elision(unaccented(word)) in _french_stop():
        return ()
    if forms[0][1] == "table" or _arabic_keys(forms[0][0]) == ():
        forms = forms[:1]
    return tuple(dict.fromkeys(key for form, _ in forms for key in _arabic_keys(form)))


@lru_cache(maxsize=50_000)
def _amazigh_keys(word: str) -> tuple[str, ...]:
    latin = to_latin(to_tifinagh(word.lower())).translate(_AMAZIGH_FOLD)
    if latin in _amazigh_stop():
        return ()
    latin = _TWICE.sub(r"\1", latin)
    latin = re.sub(r"^w(?=[aiu])|^y(?=i)", "", latin)  # state of annexation: wass is ass, yism is ism
    noun = re.sub(r"^(t?)[aiu](?=\w{3})", r"\1", latin)
    return (noun[:_LONGEST_KEY],) if len(noun) > 1 else ()


_TWICE = re.compile(r"(.)\1+")
_AMAZIGH_FOLD = str.maketrans("ḍṛṣṭẓḥ", "drstzh", "eʷ\N{WORD JOINER}\N{ZERO WIDTH NON-JOINER}'-")


@cache
def _amazigh_stop() -> frozenset[str]:
    return frozenset(to_latin(word).translate(_AMAZIGH_FOLD) for word in column("stop_amazigh"))
