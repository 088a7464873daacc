"""Packs: folders of cards and documents that are installed as one. The starter pack comes with Tiwizi.

A pack may bring the vectors of its texts (`vectors.npz`, made by `training/pack.py`), so that installing it takes no
time; a text that was changed since is simply encoded anew.
"""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from tiwizi.knowledge.documents import Limits
from tiwizi.knowledge.encoder import Encoder
from tiwizi.knowledge.intake import files_below, take_in
from tiwizi.knowledge.meaning import add_vectors
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.store import tables

VECTORS = "vectors.npz"
NOT_SOURCES = {"pack.toml", VECTORS}
VERSION = 3  # grows when the starter pack changes: an instance then takes in what is new


async def install_starter(home: SqliteHome, encoders: Sequence[Encoder], limits: Limits) -> bool:
    """Install the starter pack where it is not yet; return whether there was something to do."""
    table = tables.generations
    async with home.store.reading() as connection:
        installed = await connection.scalar(select(table.c.number).where(table.c.subject == "starter"))
    if installed == VERSION:
        return False
    with as_file(files("tiwizi").joinpath("packs/starter")) as folder:
        await install(home, encoders, limits, folder)
    row = upsert(table).values(subject="starter", number=VERSION)
    async with home.store.writing() as connection:
        await connection.execute(row.on_conflict_do_update(index_elements=["subject"], set_={"number": VERSION}))
    return True


async def install(home: SqliteHome, encoders: Sequence[Encoder], limits: Limits, folder: Path) -> None:
    """Take in all cards and documents of the pack in `folder`, with the vectors that it brings."""
    if (folder / VECTORS).exists():
        with np.load(folder / VECTORS) as brought:
            for place, name in enumerate(brought["encoders"].tolist()):
                rows = zip(brought[f"digests-{place}"].tolist(), brought[f"vectors-{place}"], strict=True)
                await home.keep_vectors(name, {digest: row.astype(np.float16).tobytes() for digest, row in rows})
    paths = [path for path in files_below(folder) if path.name not in NOT_SOURCES]
    async for _ in take_in(home, paths, limits, pack=folder):
        pass
    async for _ in add_vectors(home, encoders):
        pass
