"""`tiwizi`: the list of commands, and the one place where an error becomes a line and an exit status.

A command imports what it needs when it runs, so that the quick ones stay quick.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tiwizi.cli import cards, corrections, documents, evaluate, instance, questions, texts
from tiwizi.errors import TiwiziError, Unverified

app = typer.Typer(
    name="tiwizi",
    help="Ask in Darija, Amazigh, Arabic or French; get an answer cited from your own documents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def before(
    home: Annotated[Path | None, typer.Option(help="Folder that holds all state of the instance")] = None,
) -> None:
    """All state of an instance lives in one folder: --home, or TIWIZI_HOME, or your platform's data folder."""
    if home is not None:
        os.environ["TIWIZI_HOME"] = str(home)


for command in (
    instance.serve,
    questions.ask,
    documents.ingest,
    documents.documents,
    documents.embed,
    questions.search,
    texts.understand,
    texts.transliterate,
    texts.mask,
    corrections.corrections,
    instance.verify,
    instance.doctor,
):
    app.command()(command)
app.add_typer(cards.app, name="cards")
app.add_typer(evaluate.app, name="evaluate")


def main() -> None:
    """Run the command line. Exit status: 0 done, 1 a receipt or a check does not hold, 2 refused with a reason."""
    try:
        app(standalone_mode=True)
    except TiwiziError as error:
        print(f"tiwizi: {error}", file=sys.stderr)
        sys.exit(1 if isinstance(error, Unverified) else 2)
    except BrokenPipeError:  # the reader of our output has gone: `tiwizi search --jsonl | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
