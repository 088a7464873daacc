"""Encode the texts of the starter pack, so that installing it takes no time.

    python training/pack.py

Run it after a card or a document of the pack changed. Writes `src/tiwizi/packs/starter/vectors.npz`: the digests of
all texts and their vectors. A test says when it is out of date.
"""

import asyncio
import tempfile
from pathlib import Path

import numpy as np
from sqlalchemy import select

from tiwizi.assistant import limits, open_desk
from tiwizi.knowledge import install_starter
from tiwizi.store import tables

OUT = Path(__file__).parents[1] / "src/tiwizi/packs/starter/vectors.npz"


async def main() -> None:
    """Install the pack into an empty instance and keep the vectors that this made."""
    OUT.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as home:
        async with open_desk(Path(home)) as desk:
            await install_starter(desk.library.home, desk.library.encoders, limits(desk.settings))
            await desk.library.ready()
            async with desk.store.reading() as connection:
                rows = (await connection.execute(select(tables.vectors).order_by(tables.vectors.c.digest))).all()
    encoders = sorted({row.encoder for row in rows})
    arrays = {"encoders": np.array(encoders)}
    for place, name in enumerate(encoders):
        mine = [row for row in rows if row.encoder == name]
        vectors = np.frombuffer(b"".join(row.vector for row in mine), dtype=np.float16)
        arrays[f"digests-{place}"] = np.array([row.digest for row in mine])
        arrays[f"vectors-{place}"] = vectors.reshape(len(mine), -1)
    np.savez_compressed(OUT, **arrays)
    print(f"{len(rows)} vectors, {OUT.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    asyncio.run(main())
