"""Giving passages their vectors, so that they are found by their meaning too: in batches, each kept at once."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec

from tiwizi.knowledge.encoder import Encoder
from tiwizi.knowledge.home import Unencoded
from tiwizi.knowledge.imports import Imports
from tiwizi.knowledge.remembered import remembered
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.knowledge.working import POLL, Turn

BATCH = 16  # passages encoded between two commits: about two seconds of work
TOGETHER = 16 * BATCH  # passages fetched at once, and encoded shortest first: a batch takes as long as its longest
MEASURED = 3  # batches after which an estimate is ventured
NOTED = 5.0  # seconds between two looks at which documents are complete, more when looking takes long
PACE = "pace.json"
FRESH = 60.0  # seconds for which a note of the pace is believed


class Pace(msgspec.Struct, frozen=True):
    """How the worker gets on: passages left, and the seconds that they will take, once that was measured."""

    left: int
    seconds: float | None
    at: float


async def waiting_for_vectors(home: SqliteHome, encoder: Encoder) -> int:
    """Return the number of passages that can be found by words but not yet by meaning."""
    return await home.waiting(encoder.name)


async def add_vectors(home: SqliteHome, encoders: Sequence[Encoder]) -> AsyncGenerator[int, None]:
    """Give vectors to the passages that wait for them; after each batch, kept on disk, say how many were done.

    The encoders have their turn in order, the quick ones first. A passage counts as done, and its document as complete,
    once it has its vector of the last. While another process is at it, this only says how that one gets on.
    """
    for encoder in encoders:
        last = encoder is encoders[-1]
        async with aclosing(_added(home, encoder, last)) as batches:
            async for done in batches:
                yield done if last else 0  # so that whoever asked can turn to something more urgent


async def _added(home: SqliteHome, encoder: Encoder, last: bool) -> AsyncGenerator[int, None]:
    imports, turn = Imports(home.store), Turn(home.store.path.parent)
    try:
        async for done in _others_work(home, encoder, turn):
            yield done
        measured = _Measured(home.store.path.with_name(PACE), await home.waiting(encoder.name))
        async with aclosing(_waiting(home, encoder)) as batches:
            async for batch in batches:
                texts = [one.text for one in batch]
                await remembered(home, encoder, "passage", texts)
                measured.add(texts)
                if last and measured.time_to_look():
                    await imports.note_meaning(encoder.name)
                    measured.looked()
                yield len(batch)
                if await imports.unread():  # something was handed in: being found by words goes first
                    turn.leave()
                    await asyncio.sleep(POLL)
                    async for done in _others_work(home, encoder, turn):
                        yield done
        if last:
            await imports.note_meaning(encoder.name)
    finally:
        if turn.mine:
            home.store.path.with_name(PACE).unlink(missing_ok=True)
        turn.leave()


def pace_of(folder: Path) -> Pace | None:
    """Return how the worker of the instance in `folder` gets on, None when nobody is at work."""
    try:
        pace = msgspec.json.decode((folder / PACE).read_bytes(), type=Pace)
    except (OSError, msgspec.DecodeError):
        return None
    return pace if abs(time.time() - pace.at) < FRESH else None


async def _others_work(home: SqliteHome, encoder: Encoder, turn: Turn) -> AsyncIterator[int]:
    """Wait for the turn; meanwhile say what others did."""
    before = None
    while not turn.take():
        started = time.monotonic()
        left = await home.waiting(encoder.name)
        if before is not None and left < before:
            yield before - left
        if not left:
            return
        before = left
        await asyncio.sleep(max(POLL, 10 * (time.monotonic() - started)))  # counting looks at every passage


async def _waiting(home: SqliteHome, encoder: Encoder) -> AsyncGenerator[list[Unencoded], None]:
    async for chunk in home.unencoded(encoder.name, TOGETHER):
        chunk.sort(key=lambda one: len(one.text))
        for first in range(0, len(chunk), BATCH):
            yield chunk[first : first + BATCH]


class _Measured:
    """The pace of this run, by the characters of its own batches; the first does not count: it loads the encoder."""

    def __init__(self, file: Path, left: int) -> None:
        self._file, self._left = file, left
        self._texts = self._characters = self._timed = self._batches = 0
        self._from: float | None = None
        self._told = 0.0
        self._look = time.monotonic() + NOTED

    def add(self, texts: Sequence[str]) -> None:
        now = time.monotonic()
        characters = sum(map(len, texts))
        self._left = max(0, self._left - len(texts))
        self._texts += len(texts)
        self._characters += characters
        if self._from is None:
            self._from = now
        else:
            self._timed += characters
            self._batches += 1
        if now - self._told > 1:
            self._told = now
            self._tell(now - self._from)

    def time_to_look(self) -> bool:
        return time.monotonic() > self._look

    def looked(self) -> None:
        took = time.monotonic() - self._look
        self._look = time.monotonic() + max(NOTED, 20 * took)

    def _tell(self, took: float) -> None:
        each = self._characters / self._texts
        seconds = self._left * each * took / self._timed if self._batches > MEASURED else None
        new = self._file.with_suffix(".new")
        try:
            new.write_bytes(msgspec.json.encode(Pace(self._left, seconds, time.time())))
            new.replace(self._file)
        except OSError:  # a courtesy: on a full disk the work itself says what is wrong
            new.unlink(missing_ok=True)
