"""`ingest`: taking documents and cards into the instance."""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tiwizi.cli.instance import Home, home_of
from tiwizi.cli.lines import AsJson, write_line


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders")],
    quick: Annotated[
        bool, typer.Option("--quick", help="Stop when all can be found by words; a running server adds the meaning")
    ] = False,
    json: AsJson = False,
    home: Home = None,
) -> None:
    """Take in documents and cards: txt, Markdown, HTML, PDF, DOCX, and cards as TOML.

    Files that did not change are left as they are. It may be interrupted at any moment: what was kept stays, and the
    next run goes on.
    """
    asyncio.run(_ingest(paths, quick, json, home_of(home)))


async def _ingest(given: list[Path], quick: bool, as_json: bool, home: Path) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from tiwizi.assistant import limits, open_desk, prepare
    from tiwizi.knowledge import Taken, add_vectors, files_below, take_in, waiting_for_vectors

    paths = [path for chosen in given for path in files_below(chosen)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    taken: list[Taken] = []
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(open_desk(home))
        await prepare(desk)
        bar = stack.enter_context(Progress(*columns, console=console, disable=not console.is_terminal))
        reading = bar.add_task("reading", total=len(paths))
        async for one in take_in(desk.store, desk.library.encoder, paths, limits(desk.settings)):
            taken.append(one)
            bar.advance(reading)
        if not quick:
            encoding = bar.add_task("meaning", total=await waiting_for_vectors(desk.store))
            async for done in add_vectors(desk.store, desk.library.encoder):
                bar.advance(encoding, done)
        waiting = await waiting_for_vectors(desk.store)
    _report(taken, waiting, as_json)
    if taken and all(one.state == "unread" for one in taken):
        sys.exit(2)


def _report(taken: list[Any], waiting: int, as_json: bool) -> None:
    counts = {state: sum(one.state == state for one in taken) for state in ("kept", "unchanged", "unread")}
    unread = [one for one in taken if one.state == "unread"]
    passages = sum(one.passages for one in taken)
    if as_json:
        files = [msgspec.to_builtins(one) for one in taken]
        write_line({**counts, "passages": passages, "waiting": waiting, "files": files})
        return
    print(f"{counts['kept']} files kept ({passages} passages), {counts['unchanged']} unchanged, {len(unread)} unread")
    for one in unread:
        print(f"unread: {one.path}: {one.reason}")
    if waiting:
        print(f"{waiting} passages can be found by words and wait for their meaning: `tiwizi serve` adds it")
