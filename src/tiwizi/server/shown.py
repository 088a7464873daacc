"""An answer as the page shows it: the thing asked first, the rest folded by need, sources numbered as they come."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from msgspec import Struct

from tiwizi.assistant import Answer, Citation, Segment, numbered
from tiwizi.knowledge import Card
from tiwizi.wording import direction, say

UNFOLDED = 3  # needs left open when the question names none
ROUTES = {
    "card": "From a sheet about this procedure, with the law it rests on.",
    "quote": "In the words of the texts themselves.",
    "generate": "Written by a model from the texts, sentence by sentence.",
    "handoff": "No source was found.",
}


class Mark(Struct, frozen=True):
    """The number of a source beside what rests on it; it opens the source at the words."""

    number: int
    url: str


class Line(Struct, frozen=True):
    """One stretch of text in one language."""

    text: str
    lang: str
    marks: tuple[Mark, ...] = ()
    to_confirm: str = ""

    @property
    def dir(self) -> str:
        return direction(self.lang)


class Need(Struct, frozen=True):
    """What a card says about one need: papers, fee, place …"""

    heading: Line
    lines: tuple[Line, ...]
    asked: bool
    open: bool


class Source(Struct, frozen=True):
    """One line of the list of sources."""

    number: int
    title: str
    lang: str
    where: tuple[str, ...]  # article and page, in the language of the source
    document: str
    url: str

    @property
    def dir(self) -> str:
        return direction(self.lang)

    @property
    def from_card(self) -> bool:
        """Whether it was quoted through a card, whose file's name tells people nothing."""
        return self.document.endswith(".toml")


class Shown(Struct, frozen=True):
    """An answer, arranged for reading."""

    lang: str
    opening: tuple[Line, ...]
    needs: tuple[Need, ...]
    leads: tuple[Line, ...]
    quotes: tuple[Line, ...]
    sentences: tuple[Line, ...]
    closing: tuple[Line, ...]
    sources: tuple[Source, ...]
    route: str  # a message of the catalogues
    card: Card | None

    @property
    def dir(self) -> str:
        return direction(self.lang)


def arranged(answer: Answer, cards: Iterable[Card]) -> Shown:
    """Return an answer arranged for reading; `cards` are those of the library, one of which it may come from."""
    numbers = numbered(answer)
    lines = [(segment, _line(segment, answer.citations, numbers)) for segment in answer.segments]

    def only(part: str) -> tuple[Line, ...]:
        return tuple(line for segment, line in lines if segment.part == part)

    return Shown(
        lang=answer.language,
        opening=only("opening"),
        needs=_needs(lines),
        leads=only("lead"),
        quotes=only("quote"),
        sentences=only("sentence"),
        closing=only("closing"),
        sources=_sources(answer.citations, numbers),
        route=ROUTES[answer.route],
        card=_card(answer, cards),
    )


def path_of(url: str) -> str:
    """Return an address of this instance without its host: the page works under whatever name it was reached."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return "/" + parts.path.lstrip("/") + query + fragment


def _needs(lines: list[tuple[Segment, Line]]) -> tuple[Need, ...]:
    groups: list[tuple[Line, list[tuple[Segment, Line]]]] = []
    for segment, line in lines:
        if segment.part == "heading":
            groups.append((line, []))
        elif segment.part in ("asked", "fact") and groups:
            groups[-1][1].append((segment, line))
    asked = [any(segment.part == "asked" for segment, _ in facts) for _, facts in groups]
    return tuple(
        Need(heading, tuple(line for _, line in facts), asked[at], asked[at] or (not any(asked) and at < UNFOLDED))
        for at, (heading, facts) in enumerate(groups)
    )


def _line(segment: Segment, citations: tuple[Citation, ...], numbers: dict[int, int]) -> Line:
    marks = tuple(Mark(numbers[place], path_of(citations[place].url)) for place in segment.citations)
    return Line(segment.text, segment.language, marks, segment.to_confirm)


def _sources(citations: tuple[Citation, ...], numbers: dict[int, int]) -> tuple[Source, ...]:
    first: dict[int, Citation] = {}
    for place, number in numbers.items():
        first.setdefault(number, citations[place])
    return tuple(
        Source(number, cited.title, _language_of_title(cited), _where(cited), cited.document, path_of(cited.url))
        for number, cited in first.items()
    )


def _language_of_title(cited: Citation) -> str:
    """A document is called in its own language; the source of a card's fact, in Arabic or French."""
    if not cited.document.endswith(".toml"):
        return cited.language
    return "fr" if cited.language.partition("-")[0] in ("fr", "en", "es") else "ar"


def _where(cited: Citation) -> tuple[str, ...]:
    article = [say("article {number}", cited.language, number=cited.article)] if cited.article else []
    page = [say("page {number}", cited.language, number=cited.page)] if cited.page else []
    return (*article, *page)


def _card(answer: Answer, cards: Iterable[Card]) -> Card | None:
    if answer.route != "card" or not answer.citations:
        return None
    name = answer.citations[0].document.removesuffix(".toml")
    return next((card for card in cards if card.id == name), None)
