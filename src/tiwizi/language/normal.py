"""One plain form for what is written in many ways, and the keys under which search files it.

`normal_form` is for comparing and matching text as a whole; `search_keys` cuts it into the tokens of the lexical index:
light stems of Arabic (after Larkey, Ballesteros and Connell 2007) and French (after Savoy 1999), one folded form for
Amazigh in its three scripts, law numbers in one shape. Neither refuses any text; both take time linear in its length.

Keys are keys of themselves: `search_keys` of keys joined by spaces gives them back, whatever the language. Most stems
are such words already (`certificat`); one that would be read as something else carries a seal. `danse` and `danses`
have the key `dans·`: without the seal it would be the preposition, and vanish.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from tiwizi.language.transliteration import to_latin, to_tifinagh
from tiwizi.language.transliteration.amazigh import tifinagh_forms, usual_letters
from tiwizi.language.transliteration.arabizi import forms
from tiwizi.language.transliteration.foreign import Foreign, is_foreign
from tiwizi.language.transliteration.french import is_french, unaccented, without_elision
from tiwizi.language.transliteration.pieces import Piece, is_shouting, pieces
from tiwizi.language.transliteration.spelling import loose_key
from tiwizi.language.transliteration.tables import column, rows

Keys = tuple[str, ...]
Reader = Callable[[str], Keys]  # what the words of one script stand for

SEAL = "\N{MIDDLE DOT}"  # ends a key that is not to be read again
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u0640\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]"
)
_LOOK_ALIKES = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹’‘ʼ′‐‑‒–−٫٬", "01234567890123456789''''-----.,")
_LONG_ONCE = re.compile(r"([aeiouyàéèêâîôû\u0620-\u0643\u0645-\u064a])\1{2,}")  # Arabic letters but ل
_LONG_TWICE = re.compile(r"([^\W\d_])\1{2,}")
_SPACE = re.compile(r"\s+")
_SIGNS = re.compile(r"[^\w\s]{31,}")
_UNSPEAKABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")  # control characters, lone surrogates
_LONGEST_KEY = 63  # without its seal
_LONGEST_RUN = 40  # letters between spaces that are remembered


def normal_form(text: str) -> str:
    """The text in the one form it shares with its other spellings; applied twice it changes nothing more.

    NFKC (so presentation forms are plain letters), no tatweel, vowel signs or invisible marks, digits 0-9, small
    letters, plain quotes and hyphens, single spaces; a stretched vowel or Arabic letter is written once, another
    stretched letter twice.
    """
    return _settled(text, _fold_once)


def _settled(text: str, fold: Callable[[str], str]) -> str:
    for _ in range(8):  # removing a mark can bring letters together that then compose; few rounds settle every text
        before, text = text, fold(text)
        if text == before:
            break
    return text


def _fold_once(text: str) -> str:
    if text.isascii():
        text = text.lower()
    else:
        text = _visible(text).casefold()
        text = _visible(text)
    return _SPACE.sub(" ", _unstretched(text)).strip()


def _unstretched(text: str) -> str:
    return _LONG_TWICE.sub(r"\1\1", _LONG_ONCE.sub(r"\1", text))


def _visible(text: str) -> str:
    text = _SIGNS.sub(_few_marks, text)
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_LOOK_ALIKES)


def _few_marks(signs: re.Match[str]) -> str:
    # Normalization sorts the marks on a letter in quadratic time; UAX 15 calls 30 of them safe, and no word has more.
    run, kept = 0, []
    for sign in signs.group():
        run = run + 1 if unicodedata.combining(sign) else 0
        if run <= 30:
            kept.append(sign)
    return "".join(kept)


def search_keys(text: str, language: str | None = None) -> list[str]:
    """The tokens under which the lexical index holds the text, in order, repeated as often as they occur.

    `language` (a BCP 47 tag) says what Latin letters stand for: French, Arabizi or Amazigh; Arabic letters are Amazigh
    in `zgh-Arab`. Without it each word is judged by itself. Function words of every language are left out.
    """
    text = _UNSPEAKABLE.sub(" ", text if text.isascii() else _settled(text, _visible))
    reader = _reader(text, language or "")
    keys: list[str] = []
    at = 0
    for sealed in _SEALED.finditer(text) if SEAL in text else ():
        keys.extend(_filed(reader(text[at : sealed.start()])))
        keys.append(_settled(sealed.group(), _fold_once))
        at = sealed.end()
    keys.extend(_filed(reader(text[at:])))
    return keys


def without_seal(key: str) -> str:
    """The letters of a key, for comparing spellings that differ a little."""
    return key.removesuffix(SEAL)


_SEALED = re.compile(rf"(?<!\S)[^\s{SEAL}]{{1,{_LONGEST_KEY}}}{SEAL}(?!\S)")
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_AMAZIGH = frozenset(("zgh", "kab", "rif", "shi", "tzm", "ber"))


def _reader(text: str, language: str) -> Callable[[str], Iterable[str]]:
    """The way to read a text of that language: it gives bare keys, without seals."""
    spoken, _, script = language.partition("-")
    if spoken in _AMAZIGH:
        return _read_arabic_amazigh if script == "Arab" else _read_amazigh
    if spoken == "ary" or (not spoken and _LATIN.search(text) and not _reads_as_french(text)):
        return _read_arabizi
    return _read_english if spoken == "en" else _read_french


def _read_french(text: str) -> Iterable[str]:
    return _read(text, _french_keys, _arabic_keys)


def _read_english(text: str) -> Iterable[str]:
    return _read(text, _english_keys, _arabic_keys)


def _read_amazigh(text: str) -> Iterable[str]:
    return _read(text, _latin_amazigh_keys, _arabic_keys)


def _read_arabic_amazigh(text: str) -> Iterable[str]:
    return _read(text, _typed_amazigh_keys, _arabic_amazigh_keys)


def _read_arabizi(text: str) -> Iterator[str]:
    found = list(pieces(text))
    at = 0
    while at < len(found):
        size, arabic = _phrase(found, at) if found[at].kind in ("word", "acronym") else (0, "")
        if size:
            said = [word.text for word in found[at : at + size : 2] if is_french(word.text)]
            heard = (*_read_french(arabic), *(key for word in said for key in _french_keys(word)))
            yield from dict.fromkeys(heard)  # a loan and its French spelling: the person said it once
            at += size
        else:
            yield from _keys(found[at], _arabizi_keys, _arabic_keys)
            at += 1


def _read(text: str, latin: Reader, arabic: Reader) -> Iterator[str]:
    shouting = is_shouting(text)
    for run in text.split():
        read = _run_keys if len(run) <= _LONGEST_RUN else _run_keys.__wrapped__
        yield from read(run, shouting, latin, arabic)


@lru_cache(maxsize=200_000)  # few of the words of a library are new ones
def _run_keys(run: str, shouting: bool, latin: Reader, arabic: Reader) -> Keys:
    return tuple(key for piece in pieces(run, shouting) for key in _keys(piece, latin, arabic))


def _keys(piece: Piece, latin: Reader, arabic: Reader) -> Keys:
    kind, text = piece
    if kind in ("word", "acronym"):
        script = _script(text)
        if script == "Tfng":
            return _tifinagh_keys(text)
        if script == "Arab":
            return arabic(text)
        return latin(text) if kind == "word" else _french_keys(text)
    if kind == "number":
        return (_number_key(text),)
    if kind in ("url", "email"):
        return (_HOST_START.sub("", text.lower()).rstrip("/.,;")[:_LONGEST_KEY],)
    return ()


def _script(word: str) -> str:
    """The script that says what kind of word it is: that of its first letter, or Tifinagh anywhere."""
    if word.isascii():
        return ""
    first = next((letter for letter in word if letter.isalpha()), "")
    if "\u2d30" <= first <= "\u2d7f":
        return "Tfng"
    if "\u0600" <= first <= "\u06ff" or "\u0750" <= first <= "\u077f":
        return "Tfng" if any("\u2d30" <= letter <= "\u2d7f" for letter in word) else "Arab"
    return ""


# --- keys that stay as they are --------------------------------------------------------------------------------------


def _filed(bare: Iterable[str]) -> Iterator[str]:
    for key in bare:
        filed = _sealed_if_needed(key)
        if filed:
            yield filed


@lru_cache(maxsize=200_000)
def _sealed_if_needed(bare: str) -> str:
    """The key as it is when every language reads it as itself, else with the seal; empty when it cannot be held."""
    if _is_still(bare):
        return bare
    sealed = _settled(bare.replace(SEAL, "")[:_LONGEST_KEY], _fold_once) + SEAL
    return sealed if _SEALED.fullmatch(sealed) and _settled(sealed, _fold_once) == sealed else ""


def _is_still(bare: str) -> bool:
    return (
        len(bare) <= _LONGEST_KEY
        and _settled(bare, _visible) == bare
        # the cheap ones first: most words that French leaves alone are no French words, and so no Arabizi keys
        and all(tuple(read(bare)) == (bare,) for read in (_read_french, _read_english, _read_amazigh, _read_arabizi))
    )


def _reads_french(word: str) -> bool:
    return is_french(word) or word.lower() in _still_latin() or is_foreign(word) is Foreign.SURE


@cache
def _still_latin() -> frozenset[str]:
    """Stems of French words and acronyms: Arabizi and Amazigh leave them alone, as nobody means another word."""
    words = {*column("french"), *(word for row in rows("words") if len(row) > 2 for word in row[2].split())}
    stems = {key for word in words for key in _french_keys(word) if len(key) > 3 or is_french(key)}
    return frozenset(stems | {word.lower() for word in column("acronyms")})


# --- numbers ---------------------------------------------------------------------------------------------------------

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

_ARABIC_FOLD = str.maketrans("أإآٱىؤئةگڭݣپڤثذظیېکڪہھەۀڨ", "اااايويهكككبفتدضييككههههك", "ء")
_ARTICLE = re.compile(r"^(?:[وف]?[بكف]?ال|[وف]?لل)(?=\w{2})")
_PROCLITICS = "وفبلك"
_PRESENT = re.compile(r"^(?:كا?|غا?)[نتي](?=\w{3})")
_NOT = re.compile(r"^ما?(?=\w{4,}ش$)")
_SUFFIXES: tuple[tuple[str, int], ...]
_SUFFIXES = (("هما", 3), ("كم", 4), ("هم", 4), ("ها", 3), ("ات", 3), ("وا", 3), ("ون", 4), ("ين", 4), ("ان", 4))
_SUFFIXES += (("يه", 3), ("ه", 3), ("ي", 3), ("و", 3), ("ا", 4))


@lru_cache(maxsize=100_000)
def _arabic_keys(word: str) -> Keys:
    letters = _unstretched(word.translate(_ARABIC_FOLD))[:_LONGEST_KEY]
    if letters in _arabic_stop():
        return ()
    stem = _without_proclitics(letters)
    if stem in _arabic_stop():
        if letters not in _own_words():
            return ()
        stem = letters.removeprefix("ال")  # ولدي is my son, not "and I have"; الأم the mother, not "or"
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
def _own_words() -> frozenset[str]:
    """Words of `words.tsv`, but those with a negation: what they begin with is no small word joined to another."""
    return frozenset(word.translate(_ARABIC_FOLD) for word in column("words") if not word.startswith("ما"))


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
def _french_keys(word: str) -> Keys:
    plain = unaccented(_fold_once(word))
    base = unicodedata.normalize("NFC", without_elision(plain)).strip("'")[:_LONGEST_KEY]
    if not base or base in _french_stop() or (len(base) == 1 and base.isalpha()):
        return ()
    return (_french_stem(base),)


@cache
def _french_stop() -> frozenset[str]:
    return frozenset(unaccented(word) for word in column("stop_french"))


def _english_keys(word: str) -> Keys:
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


# --- Arabizi ---------------------------------------------------------------------------------------------------------

_LONGEST_PHRASE = 4
_FORMS = 3  # Arabic forms of a word under which it is filed
_LESS_LIKELY = 2.5  # how much less likely the others may be (natural logarithm)


@lru_cache(maxsize=50_000)
def _arabizi_keys(word: str) -> Keys:
    """Keys of the listed or likeliest Arabic forms, of French if the word is French, of the letters if neither."""
    listed = _listed(word)
    if listed:
        return tuple(dict.fromkeys((*_form_keys(listed), *(_french_keys(word) if is_french(word) else ()))))
    if _reads_french(word):
        return _french_keys(word)
    read = forms(_unstretched(word))
    if read[0].how == "kept":
        return _french_keys(word)
    if without_elision(unaccented(word)) in _french_stop():
        return ()
    likely = [form.text for form in read[:_FORMS] if form.score >= read[0].score - _LESS_LIKELY]
    if not _form_keys(likely[0]):  # a function word
        return ()
    return tuple(dict.fromkeys(key for text in likely for key in _form_keys(text)))


def _listed(word: str) -> str:
    """What `words.tsv` gives for a word, in its very spelling or one of its usual ones; "" when it is not there."""
    exact, loose, _ = _table()
    return exact.get(word.lower()) or loose.get(loose_key(_unstretched(word)), "")


@cache
def _table() -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    """The spellings of `words.tsv`, their loose keys, and the loose keys with which its phrases begin."""
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for row in rows("words"):
        for spelling in row[1].split(", "):
            exact.setdefault(spelling, row[0])
            loose.setdefault(" ".join(loose_key(word) for word in spelling.split()), row[0])
    return exact, loose, frozenset(phrase.partition(" ")[0] for phrase in loose if " " in phrase)


def _form_keys(form: str) -> Keys:
    """The keys of what a table gives for a word: a word, a phrase, or an acronym."""
    return _french_keys(form) if form.isascii() else tuple(_read_french(form))


def _phrase(found: list[Piece], at: int) -> tuple[int, str]:
    """How many pieces from `at` on make a phrase of `words.tsv`, and its Arabic form; 0 and "" when none does."""
    exact, loose, firsts = _table()
    if loose_key(found[at].text) not in firsts:
        return 0, ""
    words = [found[at].text.lower()]
    while len(words) < _LONGEST_PHRASE and at + 2 * len(words) < len(found):
        space, word = found[at + 2 * len(words) - 1], found[at + 2 * len(words)]
        if space.text not in (" ", "-") or word.kind not in ("word", "acronym"):
            break
        words.append(word.text.lower())
    for size in range(len(words), 1, -1):
        said = words[:size]
        arabic = exact.get(" ".join(said)) or loose.get(" ".join(loose_key(word) for word in said))
        # what is made of keys alone is no phrase that a person typed
        if arabic and any(_arabizi_keys(word) != (word,) for word in said):
            return 2 * size - 1, arabic
    return 0, ""


# --- Amazigh ---------------------------------------------------------------------------------------------------------

_AMAZIGH_FOLD = str.maketrans("ḍṛṣṭẓḥwypv", "drstzhuibb", "eʷ\N{WORD JOINER}\N{ZERO WIDTH NON-JOINER}'-")
_TWICE = re.compile(r"(.)\1+")
_ANNEXED = re.compile(r"^u(?=[ai])|^i(?=i)")  # state of annexation: wass is ass, yism is ism
_NOUN = re.compile(r"^(t?)[aiu](?=\w{3})")


@lru_cache(maxsize=50_000)
def _tifinagh_keys(word: str) -> Keys:
    return _amazigh_keys(to_latin(word.lower()))


@lru_cache(maxsize=50_000)
def _latin_amazigh_keys(word: str) -> Keys:
    """Keys of an Amazigh word in Latin letters, or of a French or Darija one that stands among them."""
    low = _unstretched(word.lower())
    if usual_letters(low).translate(_AMAZIGH_FOLD) not in _amazigh_known():
        if len(word) > 3 and _reads_french(word):
            return _french_keys(word)
        if low in _table()[0]:
            return _arabizi_keys(low)
    return _typed_amazigh_keys(low)


def _typed_amazigh_keys(word: str) -> Keys:
    return _amazigh_keys(usual_letters(_unstretched(word.lower())))


@lru_cache(maxsize=50_000)
def _arabic_amazigh_keys(word: str) -> Keys:
    """Keys of an Amazigh word in Arabic letters: of its likeliest form in Tifinagh."""
    form, how = tifinagh_forms(_unstretched(word), most=1)[0]
    return () if how == "kept" else _tifinagh_keys(form)


def _amazigh_keys(latin: str) -> Keys:
    folded = latin.translate(_AMAZIGH_FOLD)
    if folded in _amazigh_stop():
        return ()
    noun = _NOUN.sub(r"\1", _ANNEXED.sub("", _TWICE.sub(r"\1", folded)))[:_LONGEST_KEY]
    return (to_tifinagh(noun),) if len(noun) > 1 else ()


@cache
def _amazigh_stop() -> frozenset[str]:
    return frozenset(to_latin(word).translate(_AMAZIGH_FOLD) for word in column("stop_amazigh"))


@cache
def _amazigh_known() -> frozenset[str]:
    words = column("amazigh_attested") | column("amazigh_words")
    return frozenset(to_latin(word).translate(_AMAZIGH_FOLD) for word in words)
