"""Text in and results out, the same way for every command.

A command that takes text takes it as an argument, or from standard input when there is none. `--json` prints one
object; `--jsonl` reads one object a line (`{"id": ..., "text": ...}`) and prints one a line, in order, each as soon as
it is there. A line that cannot be answered gives `{"id": ..., "error": {...}}` in its place and stops nothing.
"""

import json
import sys
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import typer

from tiwizi.errors import BadInput, NotUtf8, TiwiziError

Text = Annotated[str | None, typer.Argument(help="The text; standard input when left out")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object")]
AsJsonLines = Annotated[bool, typer.Option("--jsonl", help='Read {"id", "text"} objects, print one result a line')]

Row = dict[str, Any]


class Line(msgspec.Struct, frozen=True):
    """One line of input; other fields are accepted and left alone."""

    text: str
    id: Any = None


def run(
    text: str | None, as_json: bool, as_json_lines: bool, work: Callable[[str], Row], show: Callable[[Row], None]
) -> None:
    """Apply `work` to the text or to each line, and print the results; `show` prints one for a person to read."""
    if as_json_lines:
        for data in sys.stdin.buffer:
            if data.strip():
                write_line(_answer_line(data, work))
        return
    result = work(given(text))
    if as_json:
        print(msgspec.json.format(encode(result), indent=2).decode())
    else:
        show(result)


def given(text: str | None) -> str:
    """Return the text of the argument, or all of standard input. Raises NotUtf8."""
    if text is None:
        if sys.stdin.isatty():
            raise BadInput("There is no text. Write it after the command, or send it to standard input.")
        return decoded(sys.stdin.buffer.read())
    try:
        text.encode()
    except UnicodeEncodeError as error:  # an argument that was not UTF-8 arrives with surrogates
        raise NotUtf8(position=error.start) from None
    return text


def decoded(data: bytes) -> str:
    """Return `data` as text without a final line end. Raises NotUtf8."""
    try:
        return data.decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise NotUtf8(position=error.start) from None


def printable(text: str) -> str:
    """Return a text that does nothing to a terminal: control characters and overrides of direction as their codes."""
    return "".join(_letter(letter) for letter in text)


def write_line(row: Row) -> None:
    """Print one result as one line, at once."""
    sys.stdout.buffer.write(encode(row) + b"\n")
    sys.stdout.buffer.flush()


def encode(row: Row) -> bytes:
    """Return a result as JSON, whatever its text is: half a character pair is written as `\\ud83d`."""
    try:
        return msgspec.json.encode(row)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(row)).encode()


def parse_line(data: bytes) -> Line:
    """Return one line of input. Raises NotUtf8, and BadInput when it is not such an object."""
    try:
        row = json.loads(decoded(data))  # the standard library reads half a character pair, which people's files hold
        return msgspec.convert(row, Line)
    except (json.JSONDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise BadInput(f'This line is not an object like {{"id": 1, "text": "..."}}: {error}.') from None


def failure(identity: object, error: TiwiziError) -> Row:
    """Return the row for a line that cannot be answered."""
    return {"id": identity, "error": {"type": type(error).__name__, "message": str(error)}}


def _answer_line(data: bytes, work: Callable[[str], Row]) -> Row:
    identity = None
    try:
        line = parse_line(data)
        identity = line.id
        return {"id": identity, **work(line.text)}
    except TiwiziError as error:
        return failure(identity, error)


def _letter(letter: str) -> str:
    if letter in "\n\t\u200c\u200d":  # joiners belong to the spelling
        return letter
    return f"<{ord(letter):04X}>" if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") else letter
