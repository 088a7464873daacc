"""`serve`, `verify`, `doctor`: the instance itself, and where it is."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from tiwizi.cli.lines import AsJson, write_line
from tiwizi.errors import BadInput
from tiwizi.settings import home_folder, read_settings

Home = Annotated[Path | None, typer.Option("--home", help="Folder that holds all state of the instance")]


def home_of(chosen: Path | None) -> Path:
    """Return the instance's folder: the command's --home, else what came before it."""
    return home_folder(chosen)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one")] = None,
    home: Home = None,
) -> None:
    """Start the page and the API, and print the address."""
    from msgspec.structs import replace

    from tiwizi.server import serve as run

    folder = home_of(home)
    settings = read_settings(folder)
    changes: dict[str, str | int] = {}
    if host is not None:
        changes["host"] = host
    if port is not None:
        changes["port"] = port
    run(folder, replace(settings, **changes))


def verify(
    file: Annotated[Path, typer.Argument(help="A receipt, as given with an answer")],
    key: Annotated[str | None, typer.Option(help="The institution's public key, or a file that holds it")] = None,
    question: Annotated[str | None, typer.Option(help="Check also that this was the question")] = None,
    answer: Annotated[str | None, typer.Option(help="Check also that this was the answer")] = None,
    json: AsJson = False,
    home: Home = None,
) -> None:
    """Check a receipt offline. Without --key, the key of this machine's own instance is used."""
    from tiwizi.governance import verify as check
    from tiwizi.privacy import Vault, screen

    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None
    known = _key(key, home_of(home))
    vault = Vault()  # what is on the record is the masked form
    masked = [None if text is None else screen(text, vault).masked for text in (question, answer)]
    receipt = check(data, known, question=masked[0], answer=masked[1])
    record = receipt.record
    if json:
        write_line({"valid": True, "receipt": record.receipt, "time": record.time, "key": receipt.key})
        return
    print(f"valid: receipt {record.receipt} of {record.time}, entry {receipt.index} of a ledger of {receipt.size}")
    if known is None:
        print(f"The key came with the receipt: compare it with the one that the institution publishes. {receipt.key}")


def _key(chosen: str | None, home: Path) -> str | None:
    own = home / "keys" / "ledger.pub"
    if chosen is None:
        return own.read_text("utf-8").strip() if own.exists() else None
    return Path(chosen).read_text("utf-8").strip() if Path(chosen).is_file() else chosen


def doctor(json: AsJson = False, home: Home = None) -> None:
    """Look whether everything an instance needs is there and works; exit status 1 when something does not."""
    from tiwizi.cli.checkup import checkup

    findings = asyncio.run(checkup(home_of(home)))
    if json:
        write_line({"well": all(f.well for f in findings), "checks": [f.row() for f in findings]})
    else:
        for finding in findings:
            print(f"{'ok ' if finding.well else 'BAD'}  {finding.subject}: {finding.detail}")
    if not all(finding.well for finding in findings):
        sys.exit(1)
