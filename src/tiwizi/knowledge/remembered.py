"""Vectors of texts met before, by digest: an encoder that took a second once need not take it again."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np

from tiwizi.knowledge.encoder import Encoder, Vectors, unshouted
from tiwizi.knowledge.home import Home

Side = Literal["question", "passage"]
TITLE = 90  # characters of a title, and of a heading, that go before the words of a passage


def given(title: str, heading: str, body: str) -> str:
    """Return what an encoder is given of a passage: an article seldom names its own subject, its title does."""
    return unshouted(f"{title[:TITLE]} {heading[:TITLE]} {body}")


def digest_of(side: Side, words: str) -> str:
    """Return the name under which the vectors of a text are kept."""
    return hashlib.sha256(f"{side}\0{words}".encode("utf-8", "surrogatepass")).hexdigest()


async def remembered(
    home: Home, encoder: Encoder, side: Side, texts: Sequence[str], work: ThreadPoolExecutor | None = None
) -> Vectors:
    """Return the vectors of `texts` (not centred), from the home where they are known, else encoded and kept."""
    digests = [digest_of(side, words) for words in texts]
    known = await home.vectors(encoder.name, digests)
    missing = {d: words for d, words in zip(digests, texts, strict=True) if d not in known}
    if missing:
        encode: Callable[[Sequence[str]], Vectors] = encoder.questions if side == "question" else encoder.passages
        loop = asyncio.get_running_loop()
        new: Awaitable[Vectors] = loop.run_in_executor(work, encode, list(missing.values()))
        fresh = {d: v.astype(np.float16).tobytes() for d, v in zip(missing, await new, strict=True)}
        await home.keep_vectors(encoder.name, fresh)
        known |= fresh
    if not digests:
        return np.zeros((0, encoder.dimension), dtype=np.float32)
    joined = b"".join(known[d] for d in digests)
    return np.frombuffer(joined, dtype=np.float16).reshape(len(digests), -1).astype(np.float32)
