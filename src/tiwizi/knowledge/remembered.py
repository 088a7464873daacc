"""Vectors of texts met before, by digest: an encoder that took a second once need not take it again."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from tiwizi.knowledge.encoder import Encoder, Vectors
from tiwizi.store import Store, tables

Side = Literal["question", "passage"]
AT_ONCE = 400  # digests asked of the database in one statement


def digest_of(encoder: str, side: Side, words: str) -> str:
    """Return the name under which the vector of a text is kept."""
    return hashlib.sha256(f"{encoder}\0{side}\0{words}".encode("utf-8", "surrogatepass")).hexdigest()


async def remembered(
    store: Store, encoder: Encoder, side: Side, texts: Sequence[str], work: ThreadPoolExecutor | None = None
) -> Vectors:
    """Return the vectors of `texts` (not centred), from the database where they are known, else encoded and kept."""
    digests = [digest_of(encoder.name, side, words) for words in texts]
    known = await _known(store, digests)
    missing = {d: words for d, words in zip(digests, texts, strict=True) if d not in known}
    if missing:
        encode: Callable[[Sequence[str]], Vectors] = encoder.questions if side == "question" else encoder.passages
        loop = asyncio.get_running_loop()
        new: Awaitable[Vectors] = loop.run_in_executor(work, encode, list(missing.values()))
        fresh = {d: v.astype(np.float16).tobytes() for d, v in zip(missing, await new, strict=True)}
        await remember(store, fresh)
        known |= fresh
    if not digests:
        return np.zeros((0, encoder.dimension), dtype=np.float32)
    joined = b"".join(known[d] for d in digests)
    return np.frombuffer(joined, dtype=np.float16).reshape(len(digests), -1).astype(np.float32)


async def remember(store: Store, vectors: dict[str, bytes]) -> None:
    """Keep vectors (little-endian float16) under their digests."""
    rows = [{"digest": digest, "vector": vector} for digest, vector in vectors.items()]
    async with store.writing() as connection:
        await connection.execute(upsert(tables.vectors).on_conflict_do_nothing(), rows)


async def _known(store: Store, digests: Sequence[str]) -> dict[str, bytes]:
    table = tables.vectors
    known: dict[str, bytes] = {}
    async with store.reading() as connection:
        for first in range(0, len(digests), AT_ONCE):
            query = select(table.c.digest, table.c.vector).where(table.c.digest.in_(digests[first : first + AT_ONCE]))
            known |= {digest: vector for digest, vector in await connection.execute(query)}
    return known
