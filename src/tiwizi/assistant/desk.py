"""Everything an answer needs, opened once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from tiwizi.engines import Engine, make_engine
from tiwizi.governance import Ledger, Policy, load_policy, open_ledger
from tiwizi.knowledge import E5, Library, Limits, install_starter
from tiwizi.settings import Settings, read_settings
from tiwizi.store import Store, open_store


class Desk(Struct, frozen=True):
    """What the assistant works with: built at start, never changed."""

    home: Path
    settings: Settings
    store: Store
    library: Library
    engines: tuple[Engine, ...]
    policy: Policy
    ledger: Ledger


@asynccontextmanager
async def open_desk(home: Path, settings: Settings | None = None) -> AsyncIterator[Desk]:
    """Open the instance in `home`, made on first use; close it on leaving. Raises BadInput and Trouble."""
    settings = settings or read_settings(home)
    store = open_store(home)
    try:
        engines = tuple(make_engine(chosen) for chosen in settings.engines)
        yield Desk(
            home=home,
            settings=settings,
            store=store,
            library=Library(store, E5()),
            engines=engines,
            policy=load_policy(home),
            ledger=open_ledger(store, home, settings.name),
        )
        for engine in engines:
            await engine.close()
    finally:
        await store.close()


async def prepare(desk: Desk) -> bool:
    """Install the starter pack into a new instance, unless the settings say no; return whether it was done now."""
    return desk.settings.starter and await install_starter(desk.store, desk.library.encoder, limits(desk.settings))


def limits(settings: Settings) -> Limits:
    """Return what one file may cost, from the settings."""
    return Limits(
        max_bytes=settings.max_file_bytes,
        max_unpacked_bytes=settings.max_unpacked_bytes,
        max_pages=settings.max_pages,
        seconds=settings.read_seconds,
        memory=settings.read_memory,
    )
