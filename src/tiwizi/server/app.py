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

from tiwizi.assistant import Desk, open_desk, prepare
from tiwizi.corrections import forget_old
from tiwizi.knowledge import add_vectors
from tiwizi.server import openai, pages, reading, texts, understanding
from tiwizi.server.bodies import READ
from tiwizi.server.errors import answer_error
from tiwizi.settings import Settings
from tiwizi.store import tables

AGAIN = 60.0  # seconds before work in the background is looked for again
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
    unread: int
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
    documents = tables.documents
    counts = {
        "documents": select(func.count()).select_from(documents).where(documents.c.kind == "document"),
        "cards": select(func.count()).select_from(documents).where(documents.c.kind == "card"),
        "passages": select(func.count()).select_from(tables.passages),
        "unread": select(func.count()).select_from(tables.unread),
        "answers": select(func.count()).select_from(tables.ledger_entries),
    }
    async with desk.store.reading() as connection:
        found = {name: await connection.scalar(query) or 0 for name, query in counts.items()}
    return Health(status="well", version=version("tiwizi"), **found)


def _opened(home: Path, settings: Settings | None) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def opened(app: Litestar) -> AsyncIterator[None]:
        async with open_desk(home, settings) as desk:
            await prepare(desk)
            await desk.library.ready()
            app.state.desk = desk
            background = [asyncio.create_task(work(desk)) for work in (_finish_vectors, _forget_corrections)]
            yield
            for task in background:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return opened


async def _finish_vectors(desk: Desk) -> None:
    """Finish what an import left, now and later; until then those passages are found by their words alone."""
    while True:
        try:
            async for _ in add_vectors(desk.store, desk.library.encoder):
                pass
        except Exception:
            log.exception("giving vectors to the passages that lack them; trying again in %.0f s", AGAIN)
        await asyncio.sleep(AGAIN)


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
