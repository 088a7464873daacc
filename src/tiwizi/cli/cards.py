"""`cards`: checking the cards that a clerk writes, and seeing how far they have come."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tiwizi.cli.lines import AsJson, encode, printable
from tiwizi.errors import BadInput

if TYPE_CHECKING:
    from tiwizi.knowledge import Coverage, Laws

app = typer.Typer(help="Check the cards that you write, and see how far they have come.", no_args_is_help=True)
Paths = Annotated[list[Path] | None, typer.Argument(help="Files and folders of cards; else the starter pack")]


@app.command()
def check(
    paths: Paths = None,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as errors")] = False,
    json: AsJson = False,
    home: Annotated[
        Path | None, typer.Option("--home", help="An instance, in whose documents the cited articles are looked up")
    ] = None,
) -> None:
    """Say what is wrong with cards and what they lack, one line each. Exit status 1 when something is wrong."""
    from tiwizi.knowledge import check_cards

    laws = None if home is None else asyncio.run(_laws(home))
    with _files(paths) as files:
        checked = check_cards(files, date.today(), laws)
    errors, warnings = checked.count("error"), checked.count("warning")
    if json:
        row = {"cards": len(checked.cards), "errors": errors, "warnings": warnings, "problems": checked.problems}
        print(msgspec.json.format(encode(row), indent=2).decode())
    else:
        for problem in checked.problems:
            print(printable(str(problem)))
        print(f"{_many(len(checked.cards), 'card')} read: {_many(errors, 'error')}, {_many(warnings, 'warning')}")
    if errors or (strict and warnings):
        raise typer.Exit(1)


@app.command()
def coverage(paths: Paths = None, json: AsJson = False) -> None:
    """Say in which languages cards are written, what they say, how sure that is, and who has read them."""
    from tiwizi.knowledge import check_cards
    from tiwizi.knowledge import coverage as coverage_of

    with _files(paths) as files:
        checked = check_cards(files, date.today())
    rows = [coverage_of(card) for card in checked.cards]
    unread = [problem for problem in checked.problems if problem.rule == "file"]
    if json:
        listed = [{"file": problem.file, "reason": problem.message} for problem in unread]
        print(msgspec.json.format(encode({"cards": rows, "unread": listed}), indent=2).decode())
        return
    for row in rows:
        print(_line(row))
    for problem in unread:
        print(printable(str(problem)))


@app.command()
def schema() -> None:
    """Print the JSON Schema of a card's file, for editors that complete and check as you type."""
    from tiwizi.knowledge import card_schema

    print(card_schema(), end="")


@contextmanager
def _files(paths: list[Path] | None) -> Iterator[list[Path]]:
    """The files of the cards that are meant. Raises BadInput where there are none."""
    from tiwizi.knowledge import card_files, starter_cards

    if paths:
        yield list(dict.fromkeys(file for path in paths for file in card_files(path)))
    else:
        with starter_cards() as folder:
            yield card_files(folder)


async def _laws(home: Path) -> "Laws":
    from tiwizi.knowledge import laws_held
    from tiwizi.store import open_store

    if not home.is_dir():
        raise BadInput(f"There is no instance in {home}: give the folder that `tiwizi serve` uses.")
    store = open_store(home)
    try:
        return await laws_held(store)
    finally:
        await store.close()


def _line(row: "Coverage") -> str:
    written = " ".join(f"{tag} {count}/{row.texts}" for tag, count in row.written.items())
    silent = f" (silent: {', '.join(row.silent)})" if row.silent else ""
    review = f"reviewed by {printable(row.reviewed_by)}" if row.review == "reviewed" else "drafted"
    on = f" on {row.reviewed_on}" if row.reviewed_on else ""
    fields = f"law 55-19: {len(row.said)}/{len(row.said) + len(row.silent)}{silent}"
    facts = f"{row.certain} certain, {row.to_confirm} to confirm"
    return f"{row.id}: {written}; {fields}; {facts}; {review}{on}; updated {row.updated}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
