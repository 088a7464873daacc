"""Pages to read from: documents at the very words, cards, and receipts to take away."""

from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter
from msgspec import Struct
from sqlalchemy import func, select

from tiwizi.assistant import HEADINGS, Desk, anchor
from tiwizi.errors import NotThere
from tiwizi.governance import encode_receipt
from tiwizi.knowledge import Card, Fact, FoundPassage, Page
from tiwizi.server.pages import Visit, page
from tiwizi.server.shown import Line
from tiwizi.server.tongues import tongue_of
from tiwizi.store import tables

AROUND = 3_000  # characters shown on each side of the words, at most: a page of paper
Place = Annotated[int | None, Parameter(ge=0)]


class Window(Struct, frozen=True):
    """The stretch of a document that is shown: before the words, the words, after them, and where to go on."""

    before: str
    quote: str
    after: str
    previous: int | None
    next: int | None
    passage: FoundPassage | None  # the one that the words stand in


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
    )


@get("/documents", include_in_schema=False)
async def documents_page(request: Visit, desk: Desk) -> Response[str]:
    """All documents, and those that could not be read, with their reasons."""
    documents, unread = tables.documents, tables.unread
    columns = (documents.c.id, documents.c.name, documents.c.title, documents.c.language)
    listed = select(*columns, func.length(documents.c.text).label("length")).where(documents.c.kind == "document")
    async with desk.store.reading() as connection:
        found = (await connection.execute(listed.order_by(documents.c.title))).all()
        failed = (await connection.execute(select(unread.c.name, unread.c.reason).order_by(unread.c.name))).all()
    return page(request, "documents.html", documents=found, unread=failed)


@get("/documents/{number:int}", include_in_schema=False)
async def document_page(
    request: Visit, desk: Desk, number: int, start: Place = None, end: Place = None
) -> Response[str]:
    """A document around the words from `start` to `end`, which carry the anchor `quote`."""
    document = await desk.library.page(number)
    begin = start or 0
    return page(
        request,
        "document.html",
        document=document,
        window=window(document, begin, begin if end is None else end),
    )


@get("/cards", include_in_schema=False)
async def cards_page(request: Visit, desk: Desk) -> Response[str]:
    """All procedures, in the person's language."""
    tag = tongue_of(request).tag
    names = sorted((card.name_in(tag)[0], card.name_in(tag)[1], card.id) for card in await desk.library.cards())
    return page(request, "cards.html", names=names)


@get("/cards/{name:str}", include_in_schema=False)
async def card_page(request: Visit, desk: Desk, name: str) -> Response[str]:
    """A whole card; each fact carries the anchor that citations use."""
    cards = {card.id: card for card in await desk.library.cards()}
    if name not in cards:
        raise NotThere(kind="card", name=name, available=", ".join(sorted(cards)))
    tag = tongue_of(request).tag
    card = cards[name]
    return page(request, "card.html", card=card, tag=tag, name=Line(*card.name_in(tag)), needs=_needs(card))


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


def _needs(card: Card) -> list[tuple[str, list[tuple[str, Fact]]]]:
    """The facts of a card under their headings, each with the anchor that citations use."""
    told = [
        (title, [(anchor(card, fact), fact) for fact in card.facts if fact.field == field])
        for field, title in HEADINGS.items()
    ]
    return [(title, facts) for title, facts in told if facts]


ROUTES = [documents_page, document_page, cards_page, card_page, receipt_file]
