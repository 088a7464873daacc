"""Whether a passage says what a sentence says, and the way from passages to sentences.

The check is lexical and errs towards silence: a true sentence in words of its own is lost, a false one must not pass.
In the order in which they are tried:

1. the sentence claims something: no question, no bare courtesy, not cut short;
2. every number, date, article and law number in it stands in the passage, counting the same thing;
3. every name (a capital letter inside the sentence) stands in the passage;
4. enough of its words of content stand in the passage, and most of them close together;
5. what it denies the passage denies, what it affirms the passage does not deny, and "more" is not "less".

Words, units and rules for models are in `grounding.toml`.
"""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from os.path import commonprefix

from msgspec import Struct

from tiwizi.assistant.claims import NAMED_BY_NUMBER, TIMES, claims_in, cut, listed, tables, turned
from tiwizi.engines import CUT, Turn
from tiwizi.language import normal_form, search_keys, without_seal

OWN_WORDS = 7  # one word in so many may be the sentence's own; the others stand in the passage
CLOSE = 4  # one word in so many may stand elsewhere in the passage than in the nearest sentence and the one before
SCOPE = 2  # words of content that a negation bears on

_MARK = re.compile(r"[\[(]\s*(?:\d{1,2}|passage \d{1,2})\s*[\])]")
_UNIT_END = re.compile(r"(?<=[.;!?؟])\s+|\n+")
_CLAUSE_END = re.compile(r"(?<=\D)[,،:]\s+|[,،:]\s+(?=\D)|\s+(?:et|and)\s+(?=celle|celui|those|that|\d)")
_NAME = re.compile(r"(?<=[^.!?:\s] )(?:[dlnLD]['’])?([A-ZÀ-Þ][\w-]{2,})")
_END = re.compile(r"[.!?؟…۔]+(?:[\"'”)\]]|\s?»)*(?=\s+[^\s»])|\n")


class Support(Struct, frozen=True):
    """Whether a sentence may be shown, the positions of the passages that say it, and why."""

    supported: bool
    passages: tuple[int, ...]
    reason: str


class _Read(Struct, frozen=True):
    """What the check looks at in a stretch of text."""

    keys: tuple[str, ...]
    claims: frozenset[tuple[str, str]]  # (what is counted, how many), as ("day", "10") or ("article", "12")
    denied: tuple[frozenset[str], ...]  # the words each negation bears on
    poles: frozenset[str]  # words that have an opposite
    clauses: tuple["_Read", ...]


def check(sentence: str, passages: Sequence[str], language: str) -> Support:
    """Return whether one passage, or two neighbouring ones, say what `sentence` (in `language`, BCP 47) says."""
    if sentence.rstrip().endswith(CUT.strip()):
        return Support(False, (), "it was cut short")
    if sentence.rstrip(" \"'»”").endswith(("?", "؟")):
        return Support(False, (), "it asks instead of answering")
    said = _read(_MARK.sub(" ", sentence), language)
    if len(said.keys) + len(said.claims) < 2:
        return Support(False, (), "it claims nothing")
    names = [normal_form(name) for name in _NAME.findall(_MARK.sub("", sentence))]
    groups = [(i,) for i in range(len(passages))] + [(i, i + 1) for i in range(len(passages) - 1)]
    reasons = ["there is no passage"]
    for group in groups:
        reason = _missing(said, names, [passages[i] for i in group], language)
        if not reason:
            return Support(True, group, "a passage says it" if len(group) == 1 else "two neighbouring passages say it")
        reasons.append(reason)
    return Support(False, (), max(reasons[1:] or reasons, key=_how_far))


def _how_far(reason: str) -> int:
    """How many of the checks a passage held, so that the reason comes from the nearest one."""
    order = ("too few", "no passage has", "something else", "far apart", "denies")
    return next((place for place, part in enumerate(order) if part in reason), 0)


def _missing(said: _Read, names: list[str], passages: Sequence[str], language: str) -> str:
    """Why the passages, taken together, do not say it; "" when they do."""
    units: list[_Read] = []
    near: list[_Read] = []  # the nearest sentence of each passage and its neighbours
    nearest: list[_Read] = []
    told: list[_Read] = []  # and the one before, which says who "she" is
    wanted = set(said.keys)
    for passage in passages:
        here = [_read(unit, language) for unit in _UNIT_END.split(_without_abbreviation_dots(passage)) if unit.strip()]
        if here:
            shared = [len(_found(wanted, unit.keys)) for unit in here]
            # the last of equals: a sentence that says "she" comes after the one that says who
            best = len(shared) - 1 - shared[::-1].index(max(shared))
            near += here[max(0, best - 1) : best + 2]
            nearest.append(here[best])
            told += here[max(0, best - 1) : best + 1]
            units += here
    if len(wanted - _found(wanted, _keys(units))) > len(wanted) // OWN_WORDS:
        return "too few of its words are in a passage"
    for kind, value in sorted(said.claims):
        named = kind in NAMED_BY_NUMBER
        if not any(_states(unit.claims, kind, value) for unit in (units if named else near)):
            return f"no passage has {value} as {kind or 'a number'}"
        if not named and not _belongs(kind, value, wanted, [clause for unit in near for clause in unit.clauses]):
            return f"a passage has {value} as {kind or 'a number'} of something else"
    plain = normal_form("\n".join(passages))
    if name := next((name for name in names if name not in plain), ""):
        return f"no passage has the name that begins with {name[0].upper()}"
    if len(wanted - _found(wanted, _keys(told))) > len(wanted) // CLOSE:
        return "its words are far apart in the passage"
    denied = tuple(scope for unit in nearest for scope in unit.denied)
    if _contradicts(said, denied) or any(_opposed(said.poles, unit.poles) for unit in nearest):
        return "it denies what the passage affirms, or affirms what it denies"
    return ""


def _keys(units: Iterable[_Read]) -> list[str]:
    return [key for unit in units for key in unit.keys]


def _states(claims: Iterable[tuple[str, str]], kind: str, value: str) -> bool:
    return any(value == v and (not kind or kind == k) for k, v in claims)


def _belongs(kind: str, value: str, wanted: set[str], clauses: Sequence["_Read"]) -> bool:
    """Whether, of all clauses that count the same thing, one with this value is nearest to the sentence's words."""
    rivals = [
        (len(_found(wanted, clause.keys)), _states(clause.claims, kind, value), clause.keys)
        for clause in clauses
        if any(kind in ("", k) or {kind, k} <= set(TIMES) for k, _ in clause.claims if k not in NAMED_BY_NUMBER)
    ]
    most = max((shared for shared, _, _ in rivals), default=0)
    return not rivals or any(stated and (shared == most or not keys) for shared, stated, keys in rivals)


def _opposed(said: frozenset[str], unit: frozenset[str]) -> bool:
    """Whether the sentence has one word of a pair ("plus", "moins") and the passage only the other."""
    return any(turned("opposites")[word] in unit for word in said - unit)


def _contradicts(said: _Read, denied: Sequence[frozenset[str]]) -> bool:
    def meets(scope: frozenset[str], scopes: Sequence[frozenset[str]]) -> bool:
        return any(_found(scope, other) for other in scopes)

    return any(not meets(scope, denied) for scope in said.denied) or any(
        _found(scope, said.keys) and not meets(scope, said.denied) for scope in denied
    )


def _found(wanted: Iterable[str], held: Iterable[str]) -> set[str]:
    held = set(held)
    return {key for key in wanted if key in held or any(_same(key, other) for other in held)}


def _same(key: str, other: str) -> bool:
    """Whether two keys are forms of one word: they differ in two last letters at most, or in the person of a verb."""
    key, other = without_seal(key), without_seal(other)
    common = len(commonprefix((key, other)))
    if common >= 5 and max(len(key), len(other)) - common <= 2:
        return True
    return len(key) >= 4 and key[0] in "يتن" and other[:1] in tuple("يتن") and key[1:] == other[1:]


def _read(text: str, language: str, whole: bool = True) -> _Read:
    words = cut(text)
    claims, counted = claims_in(words)
    keys: list[str] = []
    scopes: list[set[str]] = []
    reach = 0  # words of content that the last negation still bears on
    since_ne = len(words)
    for place, word in enumerate(words):
        since_ne += 1
        head, _, tail = word.partition("'")
        if word == "ne" or (head == "n" and tail):
            denies, word = not _only(words[place + 1 : place + 9]), tail
            since_ne = 0
        else:
            denies = _is_negation(word, words[place + 1 : place + 2]) and not (
                word in listed("negation", "second") and since_ne < 9
            )
        if denies:
            # "X est interdit" bears on what was said before it
            scopes.append(set(keys[-SCOPE:]) if word in listed("negation", "after") else set())
            reach = SCOPE
        if not word or place in counted or word in listed("negation", "words") or word in listed("function", "words"):
            continue
        found = search_keys(word, _tag(language))
        keys += found
        if found and reach:
            scopes[-1].update(found)
            reach -= 1
    parts = _CLAUSE_END.split(text) if whole else []
    return _Read(
        tuple(keys),
        frozenset(claims),
        tuple(frozenset(scope) for scope in scopes if scope),
        frozenset(words) & turned("opposites").keys(),
        tuple(_read(part, language, whole=False) for part in parts),
    )


def _only(rest: Sequence[str]) -> bool:
    """Whether "ne" goes on with "que", which restricts and does not deny."""
    return any(word.split("'")[0] in listed("negation", "only") for word in rest) and not (
        listed("negation", "second") & set(rest)
    )


def _is_negation(word: str, following: Sequence[str]) -> bool:
    if word == "no":  # "no 04-20" is a number's name
        return not (following and following[0][0].isdigit())
    whole_word = word.startswith("ما") and word.endswith("ش") and len(word) > 4  # ماكايناش
    return word in listed("negation", "words") or whole_word or word.endswith("n't")


def _tag(language: str) -> str:
    """Words are Arabizi only in an Arabizi sentence; in Arabic script a Latin word is French."""
    return "ar" if language == "ary-Arab" else language


# --- from a model's pieces to sentences, and from passages to a model ------------------------------------------------


async def sentences(stream: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield whole sentences, stripped, as soon as what follows shows that they are; a line is one too."""
    buffer = ""
    async for piece in stream:
        buffer += piece
        *whole, buffer = _cut(buffer)
        for sentence in whole:
            yield sentence
    for sentence in _cut(buffer + "\n"):
        if sentence.strip():
            yield sentence.strip()


def _cut(text: str) -> Iterator[str]:
    """Yield the sentences in the text, then what is left of it."""
    start = 0
    for end in _END.finditer(text):
        if end.group() == "." and _is_abbreviation(text[start : end.start()]):
            continue
        if sentence := text[start : end.end()].strip():
            yield sentence
        start = end.end()
    yield text[start:]


def _is_abbreviation(before: str) -> bool:
    word = re.split(r"[\s('’«]", before)[-1].lower()
    return word in listed("abbreviations", "words") or (
        word.isdigit() and before.strip() == word
    )  # "1." opens a list item


def _without_abbreviation_dots(text: str) -> str:
    return re.sub(
        r"\b(\w+)\.(?=\s)", lambda m: m[1] if m[1].lower() in listed("abbreviations", "words") else m[0], text
    )


def prompt(question: str, passages: Sequence[str], language: str) -> list[Turn]:
    """Return the turns that ask a model to answer from the passages alone, with rules in French, Arabic or English.

    Passages are numbered from 1 and fenced; inside, no sign is left that could close the fence or open a turn.
    """
    words = tables()
    speech = language.partition("-")[0]
    speech = speech if speech in words["rules"] else "ar" if speech == "ary" else "fr"
    fenced = "\n".join(f'<passage n="{n}">\n{_harmless(text)}\n</passage>' for n, text in enumerate(passages, 1))
    asked = f"{words['question'][speech]}: {_harmless(question)}"
    return [Turn("system", words["rules"][speech].strip()), Turn("user", f"{fenced}\n\n{asked}")]


def _harmless(text: str) -> str:
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", " ", text)
    text = text.translate(str.maketrans("<>", "‹›"))  # chat templates and our own fence are written with these
    return re.sub(r"\[(/?[A-Z_]{3,})\]", r"(\1)", text).strip()
