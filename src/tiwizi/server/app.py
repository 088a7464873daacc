"""The application: what it opens at start, its routes, and the headers of every answer."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from litestar import Litestar, get
from litestar.datastructures import CacheControlHeader, MutableScopeHeaders, State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router
from litestar.types import Message, Scope
from msgspec import Struct
from sqlalchemy import func, select

from tiwizi.assistant import Desk, limits, open_desk, prepare
from tiwizi.corrections import forget_old
from tiwizi.knowledge import Imports, keep_up
from tiwizi.server import documents, openai, pages, reading, texts, understanding
from tiwizi.server.bodies import READ
from tiwizi.server.errors import answer_error
from tiwizi.settings import Settings
from tiwizi.store import tables

DAY = 86_400.0
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
KEEP = CacheControlHeader(max_age=31_536_000, public=True, immutable=True)  # addresses carry a digest (see pages.py)

log = logging.getLogger("tiwizi.server")


class Health(Struct, frozen=True):
    """What is there, when all is well; otherwise `/health` is an error 503 with its reason."""

    status: str
    version: str
    documents: int
    cards: int
    passages: int
    unread: int  # files that could not be read
    waiting: int  # files that wait to be read, or are being read
    answers: int


def create_app(home: Path, settings: Settings | None = None) -> Litestar:
    """Return the application of the instance in `home`; the instance is opened when the application starts.

    Starting raises BadInput for a wrong setting and Trouble when the machine is at fault.
    """
    return Litestar(
        route_handlers=[
            openai.chat_completions,
            openai.models,
            openai.model,
            health,
            *texts.ROUTES,
            *pages.ROUTES,
            *documents.ROUTES,
            *reading.ROUTES,
            *understanding.ROUTES,
            create_static_files_router(
                "/static", [Path(str(files("tiwizi.server").joinpath("static")))], cache_control=KEEP
            ),
        ],
        dependencies={"desk": Provide(_desk, sync_to_thread=False)},
        lifespan=[_opened(home, settings)],
        exception_handlers={Exception: answer_error},
        before_send=[_with_headers],
        request_max_body_size=READ,
        logging_config=None,  # whoever runs the application decides; `serve` writes warnings to stderr
        openapi_config=OpenAPIConfig(
            title="Tiwizi", version=version("tiwizi"), path="/schema", render_plugins=[JsonRenderPlugin()]
        ),
    )


@get("/health", tags=["health"], summary="Say whether the instance works, and what it holds")
async def health(desk: Desk) -> Health:
    """Raises Trouble when the database cannot be used."""
    kept = tables.documents
    counts = {
        "documents": select(func.count()).select_from(kept).where(kept.c.kind == "document"),
        "cards": select(func.count()).select_from(kept).where(kept.c.kind == "card"),
        "passages": select(func.count()).select_from(tables.passages),
        "answers": select(func.count()).select_from(tables.ledger_entries),
    }
    async with desk.store.reading() as connection:
        found = {name: await connection.scalar(query) or 0 for name, query in counts.items()}
    states = await Imports(desk.store).counts()
    return Health(
        status="well",
        version=version("tiwizi"),
        unread=states["failed"],
        waiting=states["waiting"] + states["reading"],
        **found,
    )


def _opened(home: Path, settings: Settings | None) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def opened(app: Litestar) -> AsyncIterator[None]:
        async with open_desk(home, settings) as desk:
            await prepare(desk)
            await desk.library.ready()
            app.state.desk = desk
            background = [asyncio.create_task(work(desk)) for work in (_take_in, _forget_corrections)]
            yield
            for task in background:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return opened


async def _take_in(desk: Desk) -> None:
    """Read what waits, and finish what an import left; documents not yet at hand are found by their words alone."""
    await keep_up(desk.library.home, desk.library.encoders, limits(desk.settings))


async def _forget_corrections(desk: Desk) -> None:
    """Keep the promise that a correction stays for two years at most, however long the server runs."""
    while True:
        try:
            await forget_old(desk.store)
        except Exception:
            log.exception("deleting corrections that were kept long enough; trying again in a day")
        await asyncio.sleep(DAY)


def _desk(state: State) -> Desk:
    desk: Desk = state.desk
    return desk


async def _with_headers(message: Message, scope: Scope) -> None:
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders(message)
        for name, value in HEADERS.items():
            headers[name] = value
        if not scope["path"].startswith("/static/") or message["status"] >= 400:
            headers["cache-control"] = "no-store"
