"""Taking documents in: files are handed in, listed, read in guarded processes, cut, and kept; vectors follow.

    hand_in ─► imports: waiting ─► reading ─► searchable ─► complete (meaning.py)
                                      └─► failed: reason

One process at a time does the work (`Turn`), whichever comes first: a running server or a command. It may be killed
at any moment: what was kept stays, and the next one goes on. A file that cannot be read is listed with its reason and
never stops the others.
"""

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, suppress
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from tiwizi.errors import BadInput, Trouble, Unreadable
from tiwizi.knowledge.documents import Limits, Reader
from tiwizi.knowledge.encoder import Encoder
from tiwizi.knowledge.home import NewDocument
from tiwizi.knowledge.imports import ABOUT, DONE, INSIDE, NOT_UTF8, PACK, Handed, Import, Imports, Settled
from tiwizi.knowledge.meaning import add_vectors
from tiwizi.knowledge.opening import ABOUT_THE_FOLDER, Outcome, Places, digest_of_file, failed, opened, still_in_use
from tiwizi.knowledge.preparing import Preparer
from tiwizi.knowledge.sites import PAGES, Site, SiteLimits, is_address, name_of_page
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.knowledge.working import POLL, Turn

AT_ONCE = 200  # files handed in between two commits
BEGUN = 32  # files whose reading begins between two commits
AHEAD = 4  # files that are opened or cut before the first of them is kept
ENOUGH, LONG = 500, 0.5  # passages, and seconds, after which what was cut is kept: nobody waits long for a write
AGAIN = 2.0  # seconds before the server looks again whether there is work
AFTER_TROUBLE = 60.0

log = logging.getLogger("tiwizi.knowledge")


class Taken(msgspec.Struct, frozen=True):
    """What became of one file."""

    path: str
    state: Literal["kept", "unchanged", "unread"]
    passages: int = 0
    reason: str = ""


class Given(msgspec.Struct, frozen=True):
    """A file to hand in, under the path it is listed by; `source` is what a sync looks after, empty by hand."""

    file: Path
    path: str
    source: str = ""
    alone: bool = False  # named itself: it is taken in whatever its name
    name: str = ""  # the file's, when empty


def files_below(path: Path) -> list[Path]:
    """Return the files to take in: `path` itself, or all below it in order, hidden ones left out.

    Raises BadInput when there is nothing at `path`.
    """
    return list(walk(path, []))


def walk(path: Path, closed: list[Path]) -> Iterator[Path]:
    """Yield the files to take in, as `files_below`; folders that cannot be looked into are added to `closed`."""
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise BadInput(f"There is no file or folder at {path}.")
    yield from _below(path, closed)


def given(path: Path, closed: list[Path]) -> Iterator[Given]:
    """Yield what a person means who names a file or a folder; a folder is what a sync looks after.

    Raises BadInput when there is nothing at `path`; folders that cannot be looked into are added to `closed`.
    """
    by_hand = path.is_file()
    source = "" if by_hand else str(path.resolve())
    for file in walk(path, closed):
        yield Given(file, key_of(file), source, alone=by_hand)


def key_of(file: Path) -> str:
    """Return the path under which a file is listed."""
    return str(file.resolve())


async def take_in(
    home: SqliteHome, paths: Sequence[Path], limits: Limits, pack: Path | None = None
) -> AsyncGenerator[Taken, None]:
    """Keep each file that is new or changed, and say what became of each: first of those that did not change.

    A file is known again by its path; one of a pack by its path below the folder `pack`, wherever that is installed.
    """
    intake = Intake(home, limits, pack)
    stamp = time.time()
    source = PACK + pack.name if pack else ""
    files = [
        Given(path, f"{pack.name}:{path.relative_to(pack)}" if pack else key_of(path), source, len(paths) == 1)
        for path in paths
    ]
    async for taken in intake.hand_in(files, stamp):
        yield taken
    async with aclosing(intake.read(stamp)) as results:
        async for taken in results:
            yield taken


async def keep_up(home: SqliteHome, encoders: Sequence[Encoder], limits: Limits) -> None:
    """Do what waits, now and later, until cancelled: the worker of a running server."""
    intake, imports, turn = Intake(home, limits), Imports(home.store), Turn(home.store.path.parent)
    up_to_date = -1  # the state of the library whose passages all had their vectors
    while True:
        try:
            generation = await home.generation()
            if turn.take():  # else a command is at it, and does not need to be watched
                turn.leave()
                async with aclosing(intake.work()) as results:
                    async for _ in results:
                        pass
                if generation != up_to_date or await home.generation() != generation:
                    up_to_date = generation if await _finished(home, encoders, imports) else -1
        except Exception:
            log.exception("taking documents in; trying again in %.0f s", AFTER_TROUBLE)
            await asyncio.sleep(AFTER_TROUBLE - AGAIN)
        await asyncio.sleep(AGAIN)


async def _finished(home: SqliteHome, encoders: Sequence[Encoder], imports: Imports) -> bool:
    """Add vectors until none is missing, or until something was handed in, which goes first; whether none is."""
    async with aclosing(add_vectors(home, encoders)) as batches:
        async for _ in batches:
            if await imports.unread():
                return False
    return True


class Intake:
    """Takes documents into one home."""

    def __init__(self, home: SqliteHome, limits: Limits, pack: Path | None = None) -> None:
        folder = home.store.path.parent
        self.imports = Imports(home.store)
        self._home, self._limits = home, limits
        self._pack = pack.name if pack else ""
        self._places = Places(limits, folder / PAGES, pack)
        self._turn = Turn(folder)
        self._handed: set[str] = set()  # paths that were handed in here: what becomes of them is told here
        self._told: set[str] = set()

    # handing in

    async def hand_in(self, files: Iterable[Given], stamp: float) -> AsyncGenerator[Taken, None]:
        """List the files as waiting, all with one stamp; say of which there is nothing to read, and why."""
        source = iter(files)
        while chunk := await asyncio.to_thread(lambda: list(islice(source, AT_ONCE))):
            for taken in await self._hand_in(chunk, stamp):
                yield taken

    async def _hand_in(self, chunk: list[Given], stamp: float) -> list[Taken]:
        files = {one.path: one for one in chunk if _can_be_kept(one.path)}
        known = await self.imports.known(list(files))
        same = await asyncio.to_thread(self._unchanged, files, known)
        rows, taken = [], []
        for one in chunk:
            name = one.name or _shown(one.file.name)
            if reason := _refused(one):
                rows.append(Handed(_shown(one.path), name, one.source, state="failed", reason=reason))
                taken.append(Taken(_shown(one.path), "unread", reason=reason))
            elif one.path in same:
                taken.append(Taken(one.path, "unchanged"))
            else:
                row = known.get(one.path)
                rows.append(Handed(one.path, name, one.source, row.digest if row else ""))
        self._handed |= {row.path for row in rows} | same
        self._told |= {one.path for one in taken}
        await self.imports.hand_in(list({row.path: row for row in rows}.values()), stamp)
        await self.imports.seen([path for path in same if files[path].source], stamp, named=False)
        await self.imports.seen([path for path in same if not files[path].source], stamp, named=True)
        return taken

    def _unchanged(self, files: dict[str, Given], known: dict[str, Import]) -> set[str]:
        """The paths of those that were taken in as they are."""
        same = set()
        for path, one in files.items():
            row = known.get(path)
            if row is not None and row.state in DONE and not _refused(one):
                with suppress(Unreadable):
                    if digest_of_file(one.file, self._limits) == (row.kept or row.digest):
                        same.add(path)
        return same

    async def hand_in_site(
        self, sitemap: str, limits: SiteLimits, stamp: float, ended: Callable[[bool], None] = lambda _: None
    ) -> AsyncGenerator[Taken, None]:
        """Fetch a site by its sitemap and list its pages as waiting; say of which there is nothing to read, and why.

        A page counts as waiting from the moment it is fetched; it is `Taken` here only when it is not read. At last
        `ended` is told whether the whole site was seen. Raises BadInput when there is no sitemap at the address.
        """
        known = {row.path: row for row in await self.imports.looked_after_by(sitemap)}
        site = Site(sitemap, self._places.pages, limits, {path: row.kept for path, row in known.items()})
        async with aclosing(site.pages()) as pages:
            async for page in pages:
                name = name_of_page(page.url)
                if page.reason:
                    reason = page.reason + still_in_use(known[page.url]) if page.url in known else page.reason
                    if page.is_page:
                        await self.imports.hand_in([Handed(page.url, name, sitemap, "", "failed", reason)], stamp)
                        self._told.add(page.url)
                    yield Taken(page.url, "unread", reason=reason)
                elif page.file is None:
                    await self.imports.seen([page.url], stamp, named=False)
                    self._told.add(page.url)
                    yield Taken(page.url, "unchanged")
                else:
                    self._handed.add(page.url)
                    await self.imports.hand_in([Handed(page.url, name, sitemap)], stamp)
        ended(site.complete)

    # reading

    async def read(self, stamp: float) -> AsyncGenerator[Taken, None]:
        """See that all is read that was handed in here, since `stamp`, by this process or by the one whose turn it is.

        Says what became of each file, the files found inside others too.
        """
        since = 0.0
        while not self._turn.take():
            now = time.time()
            for taken in self._of_others(await self.imports.of_run(stamp, since)):
                yield taken
            if not await self._waits(stamp):
                return
            since = now - 1
            await asyncio.sleep(POLL)
        try:
            for taken in self._of_others(await self.imports.of_run(stamp)):
                yield taken
            async with aclosing(self._work()) as outcomes:
                async for outcome in outcomes:
                    if self._is_to_tell(outcome.row.path):
                        self._told.add(outcome.row.path)
                        yield _taken(outcome)
            for taken in self._of_others(await self.imports.of_run(stamp)):
                yield taken
        finally:
            self._turn.leave()

    async def retry(self, stamp: float, paths: Sequence[str] | None = None) -> int:
        """Let what failed wait again, all of it without `paths`; return how much that is. `read` then reads it."""
        paths = await self.imports.retry(stamp, paths)
        self._handed |= set(paths)
        return len(paths)

    async def work(self) -> AsyncGenerator[Taken, None]:
        """Read all that waits, whoever handed it in, unless it is another process's turn."""
        if not await self.imports.unread() or not self._turn.take():
            return
        try:
            async with aclosing(self._work()) as outcomes:
                async for outcome in outcomes:
                    yield _taken(outcome)
        finally:
            self._turn.leave()

    def _of_others(self, rows: list[Import]) -> Iterator[Taken]:
        for row in rows:
            if row.state in ("waiting", "reading") or not self._is_to_tell(row.path):
                continue
            self._told.add(row.path)
            if row.state == "failed":
                yield Taken(row.path, "unread", reason=row.reason)
            else:
                new = row.added >= row.asked
                yield Taken(row.path, "kept" if new else "unchanged", row.passages if new else 0, row.reason)

    async def _waits(self, stamp: float) -> bool:
        """Whether something handed in here is still to be read."""
        rows = await self.imports.of_run(stamp)
        return any(row.state in ("waiting", "reading") and self._is_to_tell(row.path) for row in rows)

    def _is_to_tell(self, path: str) -> bool:
        """Whether it was handed in here, by itself or inside another file, and was not told yet."""
        if path in self._told:
            return False
        while path not in self._handed and INSIDE in path:
            path = path.rpartition(INSIDE)[0]
        return path in self._handed

    async def _work(self) -> AsyncGenerator[Outcome, None]:
        for row in await self.imports.recover(self._pack):
            yield failed(row, row.digest, row.reason)
        with Reader(self._limits) as reader, Preparer() as preparer:
            line = _Line(self, reader, preparer, await self.imports.digests())
            try:
                while True:
                    async with aclosing(line.run()) as outcomes:
                        async for outcome in outcomes:
                            yield outcome
                    if not await self.imports.wake_copies():
                        return
                    line.digests = await self.imports.digests()
            finally:
                await line.stop()

    async def keep(self, outcomes: list[Outcome]) -> None:
        """Keep what was cut, and write down what became of each file: few short transactions for many files."""
        documents = [(one.document, one.passages) for one in outcomes if one.document is not None]
        if documents:
            await self._home.keep_all(documents)
        settled = [Settled(one.row.path, one.state, one.reason, one.digest) for one in outcomes]
        found = [(inside, one.row.asked) for one in outcomes for inside in one.found]
        removed = await self.imports.settle(settled, found)
        # what lay in an archive that cannot be opened now is not gone
        closed = [(one.row.path, one.row.asked) for one in outcomes if one.state == "failed"]
        closed += [(inside.path, stamp) for inside, stamp in found if inside.state == "failed"]
        await self.imports.still_inside(closed)
        stale = [one.row.path for one in outcomes if one.outdated and one.row.kept]
        if stale or removed:
            await self._home.forget([*stale, *removed])
        for one in outcomes:
            if is_address(one.row.path) and one.state != "failed":
                self._places.of(one.row)[0].unlink(missing_ok=True)  # its words are kept; the site has the rest

    async def begin(self, *, suspects: bool) -> list[Import]:
        return await self.imports.begin(self._pack, 1 if suspects else BEGUN, suspects=suspects)

    def open(self, row: Import, reader: Reader, digests: dict[str, str]) -> Outcome:
        return opened(row, reader, self._places, digests)


class _Line:
    """The files under way: opened one after the other, cut in another process meanwhile, kept together."""

    def __init__(self, intake: Intake, reader: Reader, preparer: Preparer, digests: dict[str, str]) -> None:
        self.digests = digests
        self._intake, self._reader, self._preparer = intake, reader, preparer
        self._begun: deque[Import] = deque()
        self._tasks: deque[tuple[Import, asyncio.Task[Outcome]]] = deque()
        self._cut: list[Outcome] = []
        self._since = 0.0
        self._alone = False
        self._opening = asyncio.Lock()

    async def run(self) -> AsyncGenerator[Outcome, None]:
        while True:
            await self._begin()
            if self._tasks:
                first = self._tasks[0][1]
                await asyncio.wait({first}, timeout=LONG if self._cut else None)
                if first.done():
                    self._take(first.result())
                if not self._cut or (first.done() and self._tasks and not self._is_enough()):
                    continue
            elif not self._cut:
                return
            await self._intake.keep(self._cut)
            kept, self._cut = self._cut, []
            self._alone = False
            for outcome in kept:
                yield outcome

    async def stop(self) -> None:
        """End what is under way, and let it wait again."""
        unread = [*(row for row, _ in self._tasks), *self._begun, *(one.row for one in self._cut)]
        if not unread:
            return
        for _, task in self._tasks:
            task.cancel()
        self._reader.interrupt()
        self._preparer.interrupt()
        await asyncio.gather(*(task for _, task in self._tasks), return_exceptions=True)
        with suppress(Trouble):  # whoever comes next finds out by itself
            await self._intake.imports.put_back([row.path for row in unread])

    async def _begin(self) -> None:
        """Begin the next files; what a worker did not survive comes last, by itself, so that the culprit is known."""
        while len(self._tasks) < AHEAD and not self._alone:
            self._begun += [] if self._begun else await self._intake.begin(suspects=False)
            if not self._begun and not self._tasks and not self._cut:
                self._begun += await self._intake.begin(suspects=True)
                self._alone = bool(self._begun)
            if not self._begun:
                return
            row = self._begun.popleft()
            self._tasks.append((row, asyncio.create_task(self._opened(row))))

    def _take(self, outcome: Outcome) -> None:
        self._tasks.popleft()
        self._since = self._since if self._cut else time.monotonic()
        self._cut.append(outcome)

    def _is_enough(self) -> bool:
        many = sum(len(one.passages) for one in self._cut) >= ENOUGH
        return many or time.monotonic() - self._since > LONG

    async def _opened(self, row: Import) -> Outcome:
        async with self._opening:  # in their order, which archives are quickest in
            outcome = await asyncio.to_thread(self._intake.open, row, self._reader, self.digests)
        read = outcome.read
        if read is None:
            return outcome
        try:
            cut = await asyncio.to_thread(self._preparer.prepared, read)
        except Unreadable as error:
            self.digests.pop(outcome.digest, None)
            return failed(row, outcome.digest, str(error))
        document = NewDocument(
            path=row.path,
            name=row.name,
            digest=outcome.digest,
            kind="document",
            media_type=read.media_type,
            title=read.title,
            language=cut.language,
            text=read.text,
            added=time.time(),
        )
        return replace(outcome, read=None, document=document, passages=cut.passages)


def _taken(outcome: Outcome) -> Taken:
    if outcome.state == "failed":
        return Taken(outcome.row.path, "unread", reason=outcome.reason)
    state: Literal["kept", "unchanged"] = "unchanged" if outcome.unchanged else "kept"
    return Taken(outcome.row.path, state, len(outcome.passages), outcome.reason)


def _refused(one: Given) -> str:
    if not _can_be_kept(one.path):
        return NOT_UTF8
    about = one.file.stem.lower() in ABOUT_THE_FOLDER and not one.alone and not is_address(one.path)
    return ABOUT if about else ""


def _can_be_kept(path: str) -> bool:
    return _shown(path) == path


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _below(folder: Path, closed: list[Path]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        closed.append(folder)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), closed)
        elif entry.is_file():
            yield Path(entry.path)
