"""`ingest`, `documents` and `embed`: taking documents in, what became of them, and the vectors of their passages."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tiwizi.cli.instance import Home, home_of
from tiwizi.cli.lines import AsJson, printable, write_line
from tiwizi.errors import BadInput, NotThere

if TYPE_CHECKING:
    from rich.progress import Progress

    from tiwizi.assistant import Desk
    from tiwizi.knowledge import Import, Intake, State, Taken

SHOWN = 10  # names shown of a longer list


def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, zip files, or the address of a site's sitemap")],
    quick: Annotated[
        bool, typer.Option("--quick", help="Stop when all can be found by words; a running server adds the meaning")
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove the documents that are no longer in the folder, archive or site")
    ] = False,
    json: AsJson = False,
    home: Home = None,
) -> None:
    """Take in documents and cards: PDF, Word, OpenDocument, EPUB, HTML, text, tables, e-mails, and cards as TOML.

    Files that did not change are left as they are. It may be interrupted at any moment: what was kept stays, and the
    next run, or a running server, goes on. What is no longer there is only listed, until --delete says to remove it.
    """
    asyncio.run(_ingest(paths, quick, delete, json, home_of(home)))


def documents(
    action: Annotated[str, typer.Argument(help="list, retry or remove")] = "list",
    paths: Annotated[list[str] | None, typer.Argument(help="For retry and remove: as listed, or folders")] = None,
    state: Annotated[
        str | None, typer.Option(help="List only these: waiting, reading, searchable, complete or failed")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="With retry: all that failed")] = False,
    json: AsJson = False,
    home: Home = None,
) -> None:
    """List what was handed in and what became of it; read again what failed; remove documents."""
    actions = {"list": _list, "retry": _retry, "remove": _remove}
    if action not in actions:
        raise BadInput(f"{action!r} is nothing that can be done with documents. Write list, retry or remove.")
    if action == "list" and paths:
        raise BadInput("list takes no paths. Write `tiwizi documents --state failed` to see what failed.")
    if action == "remove" and not paths:
        raise BadInput("Name what to remove, as `tiwizi documents` lists it, or a folder, archive or site.")
    if action == "retry" and bool(paths) == everything:
        raise BadInput("Name what to read again, or write --all.")
    asyncio.run(actions[action](home_of(home), paths or [], state, json))


def embed(
    forget_others: Annotated[
        bool, typer.Option("--forget-others", help="Drop the vectors of encoders that were used before")
    ] = False,
    json: AsJson = False,
    home: Home = None,
) -> None:
    """Give the passages that lack them their vectors of the present encoder; interrupted, it goes on the next time."""
    asyncio.run(_embed(forget_others, json, home_of(home)))


async def _ingest(given: list[str], quick: bool, delete: bool, as_json: bool, home: Path) -> None:
    from tiwizi.assistant import limits
    from tiwizi.knowledge import Intake, waiting_for_vectors

    async with _opened(home) as (desk, bar):
        library = desk.library
        intake = Intake(library.home, limits(desk.settings))
        stamp = time.time()
        taken: list[Taken] = []
        reading = bar.add_task("reading", total=None, left="")
        sources = await _hand_in(given, intake, desk, stamp, taken)
        waiting = (await intake.imports.counts())["waiting"]
        bar.update(reading, total=len(taken) + waiting, completed=len(taken))
        async for one in intake.read(stamp):
            taken.append(one)
            total = bar.tasks[reading].total or 0
            bar.update(reading, completed=len(taken), total=max(total, len(taken)))
        gone = {source: await intake.imports.gone(source, stamp) for source in sources}
        if delete:
            await _forget(desk, intake, [row for rows in gone.values() for row in rows])
        if quick:
            await intake.imports.note_meaning(library.encoder.name)
        else:
            await _add_vectors(desk, bar)
        left = await waiting_for_vectors(library.home, library.encoder)
    _report(taken, left, gone, delete, as_json)
    if taken and all(one.state == "unread" for one in taken):
        sys.exit(2)


async def _hand_in(given: list[str], intake: "Intake", desk: "Desk", stamp: float, taken: "list[Taken]") -> list[str]:
    """Hand in all that was named; return the folders, archives and sites that were seen to their end."""
    from itertools import chain

    from tiwizi.knowledge import SiteLimits, is_address
    from tiwizi.knowledge import given as meant

    sites = [one for one in given if is_address(one)]
    paths = [Path(one) for one in given if not is_address(one)]
    closed: list[Path] = []
    for path in paths:
        if not path.exists():
            raise BadInput(f"There is no file or folder at {path}.")
    async for one in intake.hand_in(chain.from_iterable(meant(path, closed) for path in paths), stamp):
        taken.append(one)
    sources = [str(path.resolve()) for path in paths]
    for folder in closed:
        await intake.imports.seen_below(str(folder.resolve()), stamp)
        print(f"tiwizi: {folder} cannot be looked into: what is in it was left as it was", file=sys.stderr)
    for site in sites:
        settings = desk.settings
        limits = SiteLimits(pages=settings.site_pages, page_bytes=settings.max_file_bytes, delay=settings.site_delay)
        async for one in intake.hand_in_site(site, limits, stamp, lambda whole, site=site: _note(whole, site, sources)):  # type: ignore[misc]
            taken.append(one)
    return sources


def _note(whole: bool, site: str, sources: list[str]) -> None:
    if whole:  # of a site that was seen in part, nobody knows what is no longer there
        sources.append(site)


async def _list(home: Path, _: list[str], state: str | None, as_json: bool) -> None:
    from tiwizi.knowledge import STATES, Imports
    from tiwizi.store import open_store

    if state is not None and state not in STATES:
        raise BadInput(f"There is no state {state!r}. The states: {', '.join(STATES)}.")
    store = open_store(home)
    try:
        wanted: tuple[State, ...] = (state,) if state else STATES
        rows = await Imports(store).listed(wanted)
    finally:
        await store.close()
    if as_json:
        write_line({"documents": [msgspec.to_builtins(row) for row in rows]})
        return
    for row in rows:
        print(f"{row.state:<10}  {row.passages:>6}  {printable(row.path)}" + (f": {row.reason}" if row.reason else ""))


async def _retry(home: Path, paths: list[str], _: str | None, as_json: bool) -> None:
    async with _opened(home) as (desk, bar):
        from tiwizi.assistant import limits
        from tiwizi.knowledge import Intake

        intake = Intake(desk.library.home, limits(desk.settings))
        chosen = None
        if paths:
            rows = [row for path in paths for row in await _meant(intake, path)]
            chosen = [row.path for row in rows if row.state == "failed"]
        stamp = time.time()
        count = await intake.retry(stamp, chosen)
        reading = bar.add_task("reading", total=count, left="")
        taken = []
        async for one in intake.read(stamp):
            taken.append(one)
            bar.advance(reading)
        await intake.imports.note_meaning(desk.library.encoder.name)
        left = await desk.library.home.waiting(desk.library.encoder.name)
    _report(taken, left, {}, False, as_json)


async def _remove(home: Path, paths: list[str], _: str | None, as_json: bool) -> None:
    from tiwizi.assistant import limits, open_desk
    from tiwizi.knowledge import Intake

    async with open_desk(home) as desk:
        intake = Intake(desk.library.home, limits(desk.settings))
        rows = {row.path: row for path in paths for row in await _meant(intake, path)}
        await _forget(desk, intake, list(rows.values()))
    if as_json:
        write_line({"removed": list(rows)})
    else:
        print(f"{len(rows)} removed: {_some(list(rows.values()))}")


async def _embed(forget_others: bool, as_json: bool, home: Path) -> None:
    async with _opened(home) as (desk, bar):
        library = desk.library
        before = await library.home.waiting(library.encoder.name)
        await _add_vectors(desk, bar)
        left = await library.home.waiting(library.encoder.name)
        dropped = 0
        if forget_others and not left:
            dropped = await library.home.forget_other_vectors([encoder.name for encoder in library.encoders])
    if as_json:
        write_line({"encoder": library.encoder.name, "encoded": before - left, "waiting": left, "dropped": dropped})
        return
    print(f"{before - left} passages were given vectors of {library.encoder.name}; {left} wait")
    if forget_others:
        print(f"{dropped} vectors of other encoders were dropped" if not left else "nothing was dropped: some wait")


@asynccontextmanager
async def _opened(home: Path) -> "AsyncIterator[tuple[Desk, Progress]]":
    """The instance, and a place for progress on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from tiwizi.assistant import open_desk, prepare

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(open_desk(home))
        await prepare(desk)
        yield desk, stack.enter_context(Progress(*columns, console=console, disable=not console.is_terminal))


async def _add_vectors(desk: "Desk", bar: "Progress") -> None:
    from tiwizi.knowledge import add_vectors, pace_of

    library = desk.library
    total = await library.home.waiting(library.encoder.name)
    meaning = bar.add_task("meaning", total=total, left="")
    async for done in add_vectors(library.home, library.encoders):
        pace = pace_of(desk.home)
        bar.update(meaning, advance=done, left=about(pace.seconds) if pace and pace.seconds is not None else "")
    bar.update(meaning, completed=total, left="")


def about(seconds: float) -> str:
    """Return how long something takes, as roughly as it is known."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"about {minutes} minutes" if minutes < 90 else f"about {round(minutes / 60)} hours"


async def _meant(intake: "Intake", path: str) -> "list[Import]":
    """The rows that a person means: one, or all in a folder, archive or site. Raises NotThere."""
    for tried in (path, str(Path(path).resolve())):
        if rows := await intake.imports.below(tried.rstrip("/")):
            return rows
    raise NotThere(kind="document", name=path, available="see `tiwizi documents`")


async def _forget(desk: "Desk", intake: "Intake", rows: "list[Import]") -> None:
    paths = [row.path for row in rows]
    await intake.imports.remove(paths)  # first: whoever is reading one of them now then drops it
    await desk.library.home.forget(paths)
    if await intake.imports.wake_copies():
        async for _ in intake.work():
            pass


def _report(taken: "list[Taken]", waiting: int, gone: "dict[str, list[Import]]", deleted: bool, as_json: bool) -> None:
    counts = {state: sum(one.state == state for one in taken) for state in ("kept", "unchanged", "unread")}
    unread = [one for one in taken if one.state == "unread"]
    passages = sum(one.passages for one in taken)
    if as_json:
        files = [msgspec.to_builtins(one) for one in taken]
        paths = [row.path for rows in gone.values() for row in rows]
        write_line(
            {**counts, "passages": passages, "waiting": waiting, "gone": paths, "deleted": deleted, "files": files}
        )
        return
    print(f"{counts['kept']} files kept ({passages} passages), {counts['unchanged']} unchanged, {len(unread)} unread")
    for one in unread:
        print(f"unread: {printable(one.path)}: {one.reason}")
    for one in taken:
        if one.state == "kept" and one.reason:
            print(f"{printable(one.path)}: {one.reason}")
    for source, rows in gone.items():
        if rows and deleted:
            print(f"{len(rows)} documents that are no longer in {source} were removed: {_some(rows)}")
        elif rows:
            print(f"{len(rows)} documents are no longer in {source}: {_some(rows)}; run with --delete to remove them")
    if waiting:
        print(f"{waiting} passages can be found by words and wait for their meaning: `tiwizi serve` adds it")


def _some(rows: "list[Any]") -> str:
    names = ", ".join(printable(row.name) for row in rows[:SHOWN])
    return names + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")
