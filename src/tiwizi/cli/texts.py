"""`understand`, `transliterate`, `mask`: commands on a text alone; they need no instance."""

from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from tiwizi.cli.lines import AsJson, AsJsonLines, Row, Text, given, run


class Letters(StrEnum):
    """ISO 15924 codes of the scripts that texts can be written in."""

    arabic = "Arab"
    latin = "Latn"
    tifinagh = "Tfng"


def understand(
    text: Text = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say which words, letters and rules decided")] = False,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> None:
    """Tell the language and script of a text, and of each stretch of it."""
    from tiwizi.language import understand as look

    if not (json or jsonl):
        from tiwizi.cli.colours import show

        show(look(given(text), explain=explain))
        return

    def work(text: str) -> Row:
        row: Row = msgspec.to_builtins(look(text, explain=explain))
        row.pop("text")
        if not explain:
            row.pop("evidence")
        return row

    run(text, json, jsonl, work, print)


def transliterate(
    text: Text = None,
    to: Annotated[Letters, typer.Option(help="The letters to write in")] = Letters.arabic,
    json: AsJson = False,
    jsonl: AsJsonLines = False,
) -> None:
    """Write a text in other letters: Darija in Arabic or Latin ones, Amazigh in Tifinagh or Latin ones."""
    from tiwizi.language import transliterate as write

    def work(text: str) -> Row:
        return msgspec.to_builtins(write(text, to.value))  # type: ignore[no-any-return]

    run(text, json, jsonl, work, lambda row: print(row["text"]))


def mask(text: Text = None, json: AsJson = False, jsonl: AsJsonLines = False) -> None:
    """Find personal data in a text and put placeholders in its place."""
    from tiwizi.privacy import screen

    def work(text: str) -> Row:
        screened = screen(text)
        return {"masked": screened.masked, "findings": msgspec.to_builtins(screened.findings)}

    run(text, json, jsonl, work, lambda row: print(row["masked"]))
