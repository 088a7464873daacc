"""Packs: folders of cards and documents that are installed as one. The starter pack comes with Tiwizi.

A pack may bring the vectors of its texts (`vectors.npz`, made by `training/pack.py`), so that installing it takes no
time; a text that was changed since is simply encoded anew.
"""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from tiwizi.knowledge.documents import Limits
from tiwizi.knowledge.encoder import Encoder
from tiwizi.knowledge.ingest import add_vectors, files_below, take_in
from tiwizi.knowledge.remembered import remember
from tiwizi.store import Store, tables

VECTORS = "vectors.npz"
NOT_SOURCES = {"pack.toml", VECTORS}
VERSION = 1  # grows when the starter pack changes: an instance then takes in what is new


async def install_starter(store: Store, encoder: Encoder, limits: Limits) -> bool:
    """Install the starter pack where it is not yet; return whether there was something to do."""
    table = tables.generations
    async with store.reading() as connection:
        installed = await connection.scalar(select(table.c.number).where(table.c.subject == "starter"))
    if installed == VERSION:
        return False
    with as_file(files("tiwizi").joinpath("packs/starter")) as folder:
        await install(store, encoder, limits, folder)
    row = upsert(table).values(subject="starter", number=VERSION)
    async with store.writing() as connection:
        await connection.execute(row.on_conflict_do_update(index_elements=["subject"], set_={"number": VERSION}))
    return True


async def install(store: Store, encoder: Encoder, limits: Limits, folder: Path) -> None:
    """Take in all cards and documents of the pack in `folder`, with the vectors that it brings."""
    if (folder / VECTORS).exists():
        with np.load(folder / VECTORS) as brought:
            names, rows = brought["digests"], brought["vectors"].astype(np.float16)
            await remember(store, {str(d): v.tobytes() for d, v in zip(names, rows, strict=True)})
    paths = [path for path in files_below(folder) if path.name not in NOT_SOURCES]
    async for _ in take_in(store, encoder, paths, limits, pack=folder):
        pass
    async for _ in add_vectors(store, encoder):
        pass
