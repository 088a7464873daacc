"""`corrections`: what people proposed on the page that tells languages, for those who mend tables and models."""

import asyncio
from typing import Annotated

import msgspec
import typer

from tiwizi.cli.instance import Home, home_of
from tiwizi.cli.lines import AsJson, Row, encode, printable, write_line

Lines = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a correction, oldest first")]
Number = Annotated[int | None, typer.Option("--delete", min=1, help="Delete the correction of this number instead")]


def corrections(jsonl: Lines = False, json: AsJson = False, delete: Number = None, home: Home = None) -> None:
    """Export the corrections that people proposed; personal data is masked in them."""
    asyncio.run(_corrections(jsonl, json, delete, home))


async def _corrections(as_json_lines: bool, as_json: bool, number: int | None, home: Home) -> None:
    from tiwizi.corrections import delete_number, everything
    from tiwizi.store import open_store

    store = open_store(home_of(home))
    try:
        if number is not None:
            await delete_number(store, number)
            if as_json or as_json_lines:
                write_line({"deleted": number})
            else:
                print(f"correction {number} is deleted")
            return
        rows: list[Row] = []
        async for kept in everything(store):
            row: Row = msgspec.to_builtins(kept)
            if as_json_lines:
                write_line(row)
            elif as_json:
                rows.append(row)
            else:
                print(_line(row))
        if as_json:
            print(msgspec.json.format(encode({"corrections": rows}), indent=2).decode())
    finally:
        await store.close()


def _line(row: Row) -> str:
    words = row["text"] if row["start"] is None else row["text"][row["start"] : row["end"]]
    told = (row["said"], row["should_be"], words, row["note"])
    said, should_be, words, note = (printable(" ".join(text.split())) for text in told)
    end = f"  ({note})" if note else ""
    return f"{row['id']}  {row['day']}  {row['about']}  {said} → {should_be}  {words}{end}"
