"""`evaluate`: how well questions are answered, per language, with the interval that so few questions allow."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from tiwizi.cli.bitext import bitext
from tiwizi.cli.lines import AsJson, Row, encode
from tiwizi.errors import BadInput

if TYPE_CHECKING:
    from rich.progress import Progress

    from tiwizi.assistant import Desk
    from tiwizi.evaluation import Figures, Outcome, Share, Wanted

app = typer.Typer(help="Measure the answers on questions with known answers.", no_args_is_help=True)

OWN = Path(__file__).parents[3] / "tests" / "questions"  # there in a checkout, not in an installed package
SAMPLES = OWN / "documents"

Instance = tuple[Path | None, Path | None]  # the instance to ask, None for a temporary one; what to take in there

Sets = Annotated[list[Path] | None, typer.Option("--questions", help="A set of questions; may be given several times")]
Documents = Annotated[Path | None, typer.Option("--documents", help="What the questions are about: a file or a folder")]
Half = Annotated[Literal["dev", "test", "all"], typer.Option("--split", help="Which half of the questions is asked")]
Missed = Annotated[bool, typer.Option("--missed", help="List the questions missed, of the dev half only")]
Home = Annotated[Path | None, typer.Option("--home", help="Ask this instance as it is, instead of a temporary one")]


@app.command()
def retrieval(
    context: typer.Context,
    questions: Sets = None,
    documents: Documents = None,
    split: Half = "test",
    missed: Missed = False,
    json: AsJson = False,
    home: Home = None,
) -> None:
    """The right passage among the first 1, 5 and 10 found."""
    _measure("retrieval", questions, documents, split, missed, json, home or _home_before(context))


@app.command()
def cards(
    context: typer.Context,
    questions: Sets = None,
    documents: Documents = None,
    split: Half = "test",
    missed: Missed = False,
    json: AsJson = False,
    home: Home = None,
) -> None:
    """The right procedure card, the thing asked first, the needed fact in the answer."""
    _measure("cards", questions, documents, split, missed, json, home or _home_before(context))


@app.command()
def refusal(
    context: typer.Context,
    questions: Sets = None,
    documents: Documents = None,
    split: Half = "test",
    missed: Missed = False,
    json: AsJson = False,
    home: Home = None,
) -> None:
    """Says that it found nothing where there is nothing, and only there."""
    _measure("refusal", questions, documents, split, missed, json, home or _home_before(context))


app.command()(bitext)


def _home_before(context: typer.Context) -> Path | None:
    """The folder of `tiwizi --home FOLDER evaluate …`; TIWIZI_HOME alone does not lend an instance to a measure."""
    chosen: Path | None = context.find_root().params.get("home")
    return chosen


def _measure(
    name: str,
    sets: list[Path] | None,
    documents: Path | None,
    split: str,
    missed: bool,
    as_json: bool,
    home: Path | None,
) -> None:
    wanted, files = _wanted(name, sets, split)
    outcomes = asyncio.run(_ask(wanted, _instance(name, sets, documents, home)))
    _tell(name, split, files, outcomes, missed, as_json)


# what is asked


def _wanted(name: str, sets: list[Path] | None, split: str) -> tuple[list["Wanted"], list[Path]]:
    from tiwizi.evaluation import read_questions, task

    chosen = task(name)
    if not sets and not OWN.is_dir():
        raise BadInput(
            f"Our own questions come with the source code only. Give --questions FILE"
            f"{' and --documents FOLDER' if chosen.samples else ''}; docs/evaluation.md tells how a set is written."
        )
    files = sets or [OWN / f"{own}.jsonl" for own in chosen.sets]
    wanted = [one for file in files for one in read_questions(file) if chosen.asks(one)]
    named = ", ".join(file.name for file in files)
    if not wanted:
        raise BadInput(f"No question of {named} {chosen.lacks}, so there is nothing to measure.")
    asked = [one for one in wanted if split in ("all", one.split)]
    if not asked:
        raise BadInput(f"No question of {named} is of the {split} half. Choose another with --split, or all of them.")
    return asked, files


# what it is asked of


def _instance(name: str, sets: list[Path] | None, documents: Path | None, home: Path | None) -> Instance:
    """Which instance is asked. Raises BadInput when what was chosen does not go together."""
    from tiwizi.evaluation import task

    if home is not None:
        if documents is not None:
            raise BadInput("--home asks an instance as it is. Take the documents in with `tiwizi ingest` first.")
        if not home.is_dir():
            raise BadInput(f"There is no instance in {home}.")
        return home, None
    if documents is None and not sets and task(name).samples:
        documents = SAMPLES
    if documents is not None and not documents.exists():
        raise BadInput(f"There is no file or folder at {documents}.")
    return None, documents


async def _ask(wanted: list["Wanted"], instance: Instance) -> list["Outcome"]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from tiwizi.evaluation import ask_each

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    outcomes = []
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        async with _desk(*instance, bar) as desk:
            await _check(desk, wanted)
            asking = bar.add_task("asking", total=len(wanted))
            async for outcome in ask_each(desk.library, wanted, desk.policy):
                outcomes.append(outcome)
                bar.advance(asking)
    return outcomes


@asynccontextmanager
async def _desk(home: Path | None, documents: Path | None, bar: "Progress") -> AsyncIterator["Desk"]:
    from tiwizi.assistant import open_desk, prepare
    from tiwizi.settings import Settings

    if home is not None:
        async with open_desk(home) as desk:
            yield desk
        return
    with TemporaryDirectory(prefix="tiwizi-", ignore_cleanup_errors=True) as folder:
        # the settings of whoever measures do not count
        async with open_desk(Path(folder), Settings()) as desk:
            await prepare(desk)
            if documents is not None:
                await _take_in(desk, documents, bar)
            yield desk


async def _take_in(desk: "Desk", documents: Path, bar: "Progress") -> None:
    from tiwizi.assistant import limits
    from tiwizi.knowledge import add_vectors, files_below, take_in, waiting_for_vectors

    library = desk.library
    async for taken in take_in(library.home, files_below(documents), limits(desk.settings)):
        if taken.state == "unread":
            print(f"tiwizi: {taken.path} was not read: {taken.reason}", file=sys.stderr)
    encoding = bar.add_task("meaning", total=await waiting_for_vectors(library.home, library.encoder))
    async for done in add_vectors(library.home, library.encoders):
        bar.advance(encoding, done)


async def _check(desk: "Desk", wanted: list["Wanted"]) -> None:
    """See that all that the questions name is there: what is missing would be counted as not found."""
    from sqlalchemy import select

    from tiwizi.store import tables

    async with desk.store.reading() as connection:
        documents = set((await connection.scalars(select(tables.documents.c.name))).all())
    there = {"document": documents, "card": {card.id for card in await desk.library.cards()}}
    for one in wanted:
        for kind, names in there.items():
            name = getattr(one, kind)
            if name and name not in names:
                raise BadInput(f"Question {one.id} is about the {kind} {name!r}, which is not in the instance.")


# what is told


def _tell(name: str, split: str, files: list[Path], outcomes: list["Outcome"], missed: bool, as_json: bool) -> None:
    from tiwizi.evaluation import report, task

    figures = report(name, outcomes)
    # the other half is counted and not read, or it would be tuned on
    unlucky = [o for o in outcomes if missed and o.wanted.split == "dev" and task(name).missed(o)]
    if as_json:
        row: Row = {
            "task": name,
            "split": split,
            "sets": [file.name for file in files],
            "questions": len(outcomes),
            "figures": {group: _figures_row(one) for group, one in figures.items()},
        }
        if missed:
            row["missed"] = [_missed_row(outcome) for outcome in unlucky]
        print(msgspec.json.format(encode(row), indent=2).decode())
        return
    print(f"{name}: {len(outcomes)} questions ({split}) of {', '.join(file.name for file in files)}\n")
    for line in _table(figures):
        print(line.rstrip())
    print("\n% of n questions (where the true share lies, with 95 % confidence: Wilson's interval)")
    if missed:
        print(f"\nmissed, of the dev half: {len(unlucky)}")
    for outcome in unlucky:
        print(f"  {outcome.wanted.id}  {outcome.route}  {_first_found(outcome)}  {outcome.wanted.text}")


def _figures_row(figures: "Figures") -> Row:
    means = {name: round(mean, 4) for name, mean in figures.means.items()}
    return {name: _share_row(share) for name, share in figures.shares.items()} | means


def _share_row(share: "Share") -> Row:
    low, high = share.interval
    figures = {"share": share.value, "low": low, "high": high}
    return {"hits": share.hits, "of": share.of} | {name: round(value, 4) for name, value in figures.items()}


def _missed_row(outcome: "Outcome") -> Row:
    wanted = outcome.wanted
    return {
        "id": wanted.id,
        "tag": wanted.tag,
        "text": wanted.text,
        "language": outcome.language,
        "route": outcome.route,
        "found": _first_found(outcome),
    }


def _first_found(outcome: "Outcome") -> str:
    evidence = outcome.evidence
    if outcome.wanted.document and evidence.passages:
        return evidence.passages[0].document
    return evidence.cards[0].card.id if evidence.cards else ""


def _table(figures: dict[str, "Figures"]) -> list[str]:
    everything = figures["*"]
    names = [*everything.shares, *everything.means]
    rows = [["", *names]]
    for group, one in figures.items():
        cells = [_cell(one.shares[name]) for name in everything.shares]
        rows.append([group, *cells, *(f"{one.means[name]:.3f}" for name in everything.means)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _cell(share: "Share") -> str:
    if not share.of:
        return "-"
    low, high = share.interval
    return f"{100 * share.value:.0f} % of {share.of} ({100 * low:.0f}-{100 * high:.0f})"
