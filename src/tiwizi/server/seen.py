"""A text as the page shows it: its language and how sure, its stretches with their labels, its other forms, and why."""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from tiwizi.language import Evidence, Utterance, normal_form, search_keys, transliterate
from tiwizi.wording import LANGUAGES, direction

Letters = Literal["Arab", "Latn", "Tfng"]

SHORT = 30
SHOWN_KEYS = 60
SURE_ENOUGH = 0.7  # below it, the label of a stretch has a question mark
SHOWN_EVIDENCE = 12
ARABIC = {"ar", "ary-Arab"}
WRITTEN_IN: dict[str, tuple[Letters, ...]] = {  # the other letters that readers of a language use; none for the rest
    "ary-Arab": ("Latn",),
    "ary-Latn": ("Arab",),
    "zgh-Tfng": ("Latn", "Arab"),
    "zgh-Latn": ("Tfng", "Latn", "Arab"),  # Latin letters again: as the standard has them
    "zgh-Arab": ("Tfng", "Latn"),
}
SURE = ((0.95, "almost certain"), (0.75, "very likely"), (0.25, "possible"), (0.0, "unlikely"))
KINDS = {"word": "a known word", "letters": "letters in a row", "rule": "a rule", "script": "the script"}
MUCH = ("a little", "a lot")


class Piece(Struct, frozen=True):
    """A stretch of the text; `language` is empty between two stretches that have one."""

    text: str
    language: str = ""
    sure: bool = True

    @property
    def dir(self) -> str:
        return direction_of(self.language)

    @property
    def short(self) -> str:
        """The stretch for where no markup can be: on one line, and kept apart from the words around it."""
        words = " ".join(self.text.split())
        return f"\u2068{words if len(words) <= SHORT else words[:SHORT] + '…'}\u2069"

    @property
    def style(self) -> str:
        return self.language if self.language in LANGUAGES else "und"


class Chance(Struct, frozen=True):
    """One language that the text may be in, and how sure that is: a message of the catalogues and a share of 1."""

    language: str
    sure: str
    probability: float


class OtherLetters(Struct, frozen=True):
    """The text in other letters: best first, then the ways in which it may also be written."""

    script: Letters
    lang: str
    text: str
    others: tuple[str, ...]

    @property
    def dir(self) -> str:
        return "rtl" if self.script == "Arab" else "ltr"


class Reason(Struct, frozen=True):
    """A piece of evidence: the words it stands in, what it is, and how much it speaks for the language."""

    words: str
    kind: str  # a message of the catalogues
    what: str  # the letters, or the row of a table; empty where the words say it all
    language: str
    much: str  # a message of the catalogues: beside the heaviest of the same text, for texts cannot be compared


class Seen(Struct, frozen=True):
    """All that the page shows of a text."""

    utterance: Utterance
    first: str  # the language
    second: str  # the one that the evidence does not rule out; empty when it is certain
    dir: str
    pieces: tuple[Piece, ...]
    chances: tuple[Chance, ...]
    letters: tuple[OtherLetters, ...]
    normal: str
    keys: tuple[str, ...]
    more_keys: int
    reasons: tuple[Reason, ...]

    @property
    def arabic(self) -> bool:
        """Whether it is Arabic of one kind or the other."""
        return {self.first, self.second} == ARABIC

    @property
    def mixed(self) -> bool:
        """Whether both languages stand in the text, so that it is not a question of which one it is."""
        return not self.arabic and {self.first, self.second} <= {piece.language for piece in self.spans}

    @property
    def spans(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.language)


def seen(utterance: Utterance) -> Seen:
    """Return a text as the page shows it; `utterance` was made with its explanation."""
    text, language = utterance.text, utterance.language
    others = [candidate.language for candidate in utterance.candidates if candidate.language != language]
    keys = list(dict.fromkeys(search_keys(text, language)))
    return Seen(
        utterance=utterance,
        first=language,
        second="" if utterance.certain else (others or [""])[0],
        dir={"Arab": "rtl", "Latn": "ltr", "Tfng": "ltr"}.get(utterance.script, "auto"),
        pieces=tuple(_pieces(utterance)),
        chances=tuple(
            Chance(one.language, next(sure for least, sure in SURE if one.probability >= least), one.probability)
            for one in utterance.candidates
        ),
        letters=tuple(
            written for script in letters_for(utterance) if (written := in_letters(text, script, language)).text != text
        ),
        normal=normal_form(text),
        keys=tuple(keys[:SHOWN_KEYS]),
        more_keys=max(0, len(keys) - SHOWN_KEYS),
        reasons=tuple(_reasons(utterance)),
    )


def letters_for(utterance: Utterance) -> tuple[Letters, ...]:
    """Return the scripts that the text is also shown in; Arabic that may be Darija counts as Darija."""
    likely = [utterance.language]
    if not utterance.certain:
        likely += [one.language for one in utterance.candidates if one.language in ARABIC]
    return next((WRITTEN_IN[language] for language in likely if language in WRITTEN_IN), ())


def in_letters(text: str, script: Letters, language: str) -> OtherLetters:
    """Return the text in the letters of a script, with the other ways to write it."""
    language = "ary-Arab" if language == "ar" else language  # asked for only where it may be Darija
    written = transliterate(text, script, language)
    spoken = language.partition("-")[0]
    others = tuple(one for one in dict.fromkeys(written.candidates) if one != written.text)
    return OtherLetters(script, f"{spoken}-{script}", written.text, others[:4])


def direction_of(language: str) -> str:
    """Return the value of `dir` for a stretch; only its letters can tell for a language that we do not know."""
    return "auto" if language in ("", "und") else direction(language)


def _pieces(utterance: Utterance) -> Iterator[Piece]:
    text, done = utterance.text, 0
    for span in utterance.spans:
        if span.start > done:
            yield Piece(text[done : span.start])
        yield Piece(text[span.start : span.end], span.language, span.confidence >= SURE_ENOUGH)
        done = span.end
    if done < len(text):
        yield Piece(text[done:])


def _reasons(utterance: Utterance) -> Iterator[Reason]:
    heaviest = max((one.weight for one in utterance.evidence), default=0.0)
    for one in list(_distinct(utterance.text, utterance.evidence))[:SHOWN_EVIDENCE]:
        words = utterance.text[one.start : one.end]
        yield Reason(
            words=words,
            kind=KINDS[one.kind],
            what="" if one.what == words or one.kind == "script" else one.what,
            language=one.language,
            much=MUCH[one.weight >= heaviest / 2],
        )


def _distinct(text: str, evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    met = set()
    for one in evidence:
        mark = (text[one.start : one.end].casefold(), one.kind, one.what, one.language)
        if mark not in met:
            met.add(mark)
            yield one
