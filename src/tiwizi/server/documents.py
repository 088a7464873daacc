"""The page that lists what was handed in, and what became of it."""

from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter
from msgspec import Struct

from tiwizi.assistant import Desk
from tiwizi.knowledge import Imports, pace_of
from tiwizi.server.pages import Visit, page

AT_ONCE = 200  # documents on one page
MOST_FAILED = 200  # files that could not be read: their names and reasons; the command line lists all
KIND = "document"


class UnderWay(Struct, frozen=True):
    """What is being done: files to read, the one at hand, passages without their meaning, and how long that takes."""

    waiting: int
    reading: str
    passages: int
    minutes: int | None  # None until it was measured

    @property
    def something(self) -> bool:
        return bool(self.waiting or self.reading or self.passages)


@get("/documents", include_in_schema=False)
async def documents_page(
    request: Visit, desk: Desk, first: Annotated[int | None, Parameter(ge=0, le=10**9)] = None
) -> Response[str]:
    """All documents, what is under way, and the files that could not be read, with their reasons."""
    imports, start = Imports(desk.store), first or 0
    found = await imports.listed(("searchable", "complete"), start, AT_ONCE + 1, KIND)
    failed = await imports.listed(("failed",), 0, MOST_FAILED + 1)
    return page(
        request,
        "documents.html",
        documents=found[:AT_ONCE],
        previous=max(0, start - AT_ONCE) if start else None,
        next=start + AT_ONCE if len(found) > AT_ONCE else None,
        unread=failed[:MOST_FAILED],
        more_unread=len(failed) > MOST_FAILED,
        under_way=await _under_way(desk, imports),
    )


async def _under_way(desk: Desk, imports: Imports) -> UnderWay:
    counts = await imports.counts()
    reading = await imports.listed(("reading",), 0, 1)
    pace = pace_of(desk.home)
    library = desk.library
    # counted only while there is something: it looks at every passage
    lacking = await library.home.waiting(library.encoder.name) if counts["searchable"] else 0
    seconds = pace.seconds if pace is not None else None
    return UnderWay(
        waiting=counts["waiting"] + max(0, counts["reading"] - 1),
        reading=reading[0].name if reading else "",
        passages=lacking,
        minutes=round(seconds / 60) if seconds is not None else None,
    )


ROUTES = [documents_page]
