"""Everything an answer needs, opened once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from msgspec import Struct

from tiwizi.engines import Engine, make_engine
from tiwizi.errors import BadInput
from tiwizi.governance import Ledger, Policy, load_policy, open_ledger
from tiwizi.knowledge import E5, Encoder, Library, Limits, Remote, install_starter
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
    policy = load_policy(home)
    encoder = _encoder(settings, policy)
    store = open_store(home)
    try:
        engines = tuple(make_engine(chosen) for chosen in settings.engines)
        yield Desk(
            home=home,
            settings=settings,
            store=store,
            library=Library(store, encoder),
            engines=engines,
            policy=policy,
            ledger=open_ledger(store, home, settings.name),
        )
        for engine in engines:
            await engine.close()
    finally:
        await store.close()


def _encoder(settings: Settings, policy: Policy) -> Encoder:
    """What gives the passages their meaning. Raises BadInput when the policy keeps the documents from it."""
    if settings.encoder is None:
        return E5()
    remote, where = Remote(settings.encoder), settings.encoder.jurisdiction
    words: tuple[Literal["public", "masked"], ...] = ("public", "masked")
    for data in words:  # documents as they stand, questions as they are masked
        decision = policy.may_send(remote.name, where, data)
        if not decision.allowed:
            raise BadInput(
                f"The policy ({decision.rule}) keeps {data} words from the encoder {remote.name}, whose jurisdiction "
                f"is {where!r}. Change policy.cedar, or leave the setting `encoder` out."
            )
    return remote


async def prepare(desk: Desk) -> bool:
    """Install the starter pack into a new instance, unless the settings say no; return whether it was done now."""
    library = desk.library
    return desk.settings.starter and await install_starter(library.home, library.encoders, limits(desk.settings))


def limits(settings: Settings) -> Limits:
    """Return what one file may cost, from the settings."""
    return Limits(
        max_bytes=settings.max_file_bytes,
        max_unpacked_bytes=settings.max_unpacked_bytes,
        max_pages=settings.max_pages,
        seconds=settings.read_seconds,
        memory=settings.read_memory,
    )
