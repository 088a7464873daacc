"""Pages to read from: documents at the very words, cards, and receipts to take away."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter
from msgspec import Struct

from tiwizi.assistant import HEADINGS, Check, Desk, Link, anchor, fact_sealed, numbers_of
from tiwizi.errors import NotThere
from tiwizi.governance import encode_receipt
from tiwizi.knowledge import Card, Coverage, Fact, FoundPassage, Page, coverage
from tiwizi.server.pages import Visit, page
from tiwizi.server.shown import Line
from tiwizi.server.tongues import tongue_of
from tiwizi.wording import direction

AROUND = 3_000  # characters shown on each side of the words, at most: a page of paper
FIRST_WORDS = 200  # characters of them read from an address, at most
Place = Annotated[int | None, Parameter(ge=0)]


class Stretch(Struct, frozen=True):
    """A part of what is shown that runs in one direction, with the words that are marked in it."""

    lang: str
    before: str
    quote: str
    after: str

    @property
    def dir(self) -> str:
        return direction(self.lang)


class Window(Struct, frozen=True):
    """The stretch of a document that is shown: before the words, the words, after them, and where to go on."""

    before: str
    quote: str
    after: str
    previous: int | None
    next: int | None
    passage: FoundPassage | None  # the one that the words stand in
    stretches: tuple[Stretch, ...]  # all of it once more, a French document's Arabic article by itself


def window(document: Page, start: int, end: int) -> Window:
    """Return the article that holds the characters `start` to `end` of a document, and its neighbours.

    At most `AROUND` characters are added on each side; `end` at `start` marks nothing.
    """
    length = len(document.text)
    start, end = min(start, length), min(max(start, end), length)
    inside = [p for p in document.passages if p.start < max(end, start + 1) and p.end > start]
    article = [p for p in document.passages if inside and inside[0].article and p.article == inside[0].article]
    first = min([p.start for p in (*inside, *article)], default=start)
    last = max([p.end for p in (*inside, *article)], default=end)
    first = max((p.start for p in document.passages if p.end <= first), default=first)  # the neighbour before
    last = min((p.end for p in document.passages if p.start >= last), default=last)  # the neighbour after
    low = max(0, min(first, start), start - AROUND)
    high = min(length, max(last, end, start + AROUND // 2), end + AROUND)
    return Window(
        before=document.text[low:start],
        quote=document.text[start:end],
        after=document.text[end:high],
        previous=max(0, low - AROUND) if low else None,
        next=high if high < length else None,
        passage=inside[0] if inside else None,
        stretches=tuple(_stretches(document, low, high, start, end)),
    )


def _stretches(document: Page, low: int, high: int, start: int, end: int) -> Iterator[Stretch]:
    cuts = [(low, document.language)]
    for passage in document.passages:
        turns = passage.language != "und" and direction(passage.language) != direction(cuts[-1][1])
        if turns and passage.start < high:
            if passage.start <= cuts[-1][0]:  # it began before what is shown, or nothing stands before it
                cuts.pop()
            cuts.append((max(passage.start, low), passage.language))
    for (first, lang), last in zip(cuts, [*(at for at, _ in cuts[1:]), high], strict=True):
        begin, stop = (min(max(at, first), last) for at in (start, end))
        yield Stretch(lang, document.text[first:begin], document.text[begin:stop], document.text[stop:last])


@get("/documents/{number:int}", include_in_schema=False)
async def document_page(
    request: Visit,
    desk: Desk,
    number: int,
    start: Place = None,
    end: Place = None,
    version: str = "",
    file: str = "",
    words: str = "",
    check: str = "",
) -> Response[str]:
    """A document around the words from `start` to `end`, which carry the anchor `quote`.

    With the `version` that an answer quoted, the words are looked for again when the document has changed since, and
    the document by the name of its `file` when its number is no longer there.
    """
    begin = start or 0
    link = Link(start=begin, end=begin if end is None else end, version=version, words=words[:FIRST_WORDS], check=check)
    opened = await _opened(desk, number, file, link)
    if opened is None:
        return page(request, "gone.html", 404)
    document, found = opened
    place = (begin, begin) if found.outcome == "gone" else (found.start, found.end)
    return page(
        request,
        "document.html",
        document=document,
        window=window(document, *place),
        check=found,
        known=bool(check),
    )


async def _opened(desk: Desk, number: int, file: str, link: Link) -> tuple[Page, Check] | None:
    """The document, and where the words are in it; None when it is gone. Raises NotThere when no answer quoted it."""
    first: tuple[Page, Check] | None = None
    for one in (number, *await numbers_of(file, desk)):
        try:
            document = await desk.library.page(one)
        except NotThere:
            if not link.version:
                raise
            continue
        found = await asyncio.to_thread(link.find_in, document.text, document.version)
        if one == number or found.outcome != "gone":
            return document, found
        first = first or (document, found)
    return first


@get("/cards", include_in_schema=False)
async def cards_page(request: Visit, desk: Desk) -> Response[str]:
    """All procedures, in the person's language."""
    tag = tongue_of(request).tag
    names = sorted((card.name_in(tag)[0], card.name_in(tag)[1], card.id) for card in await desk.library.cards())
    return page(request, "cards.html", names=names)


@get("/cards/coverage", include_in_schema=False)
async def coverage_page(request: Visit, desk: Desk) -> Response[str]:
    """How far each card has come: languages, fields, certainty, review."""
    tag = tongue_of(request).tag
    rows = sorted(((Line(*card.name_in(tag)), coverage(card)) for card in await desk.library.cards()), key=_by_name)
    return page(request, "coverage.html", rows=rows, headings=HEADINGS)


@get("/cards/{name:str}", include_in_schema=False)
async def card_page(request: Visit, desk: Desk, name: str, version: str = "", check: str = "") -> Response[str]:
    """A whole card; each fact carries the anchor that citations use.

    With the `version` that an answer quoted, the page says whether the fact still stands there when the card has
    changed since.
    """
    cards = {card.id: card for card in await desk.library.cards()}
    if name not in cards:
        raise NotThere(kind="card", name=name, available=", ".join(sorted(cards)))
    tag = tongue_of(request).tag
    card = cards[name]
    changed = bool(version) and not (await _version_of(card, desk)).startswith(version)
    return page(
        request,
        "card.html",
        card=card,
        tag=tag,
        name=Line(*card.name_in(tag)),
        needs=_needs(card, tag),
        check=_still_told(card, tag, changed, check),
        known=bool(check),
        place=f"fact-{check}",
    )


@get("/receipts/{file:str}", include_in_schema=False)
async def receipt_file(desk: Desk, file: str) -> Response[bytes]:
    """A receipt as the file that `tiwizi verify` takes."""
    receipt = await desk.ledger.receipt(file.removesuffix(".json"))
    name = f"tiwizi-{receipt.number}.json"
    return Response(
        encode_receipt(receipt),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _needs(card: Card, tag: str) -> list[tuple[str, list[tuple[str, Fact]]]]:
    """The facts of a card under their headings, each with the anchor that citations use; "" when another has it."""
    anchors: dict[str, Fact] = {}
    told = []
    for field, title in HEADINGS.items():
        facts = []
        for fact in (fact for fact in card.facts if fact.field == field):
            place = anchor(fact.text_in(tag)[0])
            facts.append((place if anchors.setdefault(place, fact) is fact else "", fact))
        told.append((title, facts))
    return [(title, facts) for title, facts in told if facts]


async def _version_of(card: Card, desk: Desk) -> str:
    files = {kept.name: kept.digest for kept in await desk.library.home.cards()}
    return files.get(f"{card.id}.toml", "")


def _still_told(card: Card, tag: str, changed: bool, check: str) -> Check:
    told = not changed or (bool(check) and fact_sealed(card, check, tag) is not None)
    return Check(outcome="as quoted" if told else "gone", changed=changed)


def _by_name(row: tuple[Line, Coverage]) -> str:
    return row[0].text


ROUTES = [document_page, cards_page, coverage_page, card_page, receipt_file]
