"""The checks of `tiwizi doctor`: each says what it found, and what to do where something is wrong."""

import shutil
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct
from sqlalchemy import func, select, text

from tiwizi.assistant import Desk, open_desk
from tiwizi.errors import TiwiziError
from tiwizi.store import tables

ROOM = 500_000_000  # bytes free that an instance should have


class Finding(Struct, frozen=True):
    """What one check found."""

    subject: str
    well: bool
    detail: str

    def row(self) -> dict[str, object]:
        return {"subject": self.subject, "well": self.well, "detail": self.detail}


async def checkup(home: Path) -> list[Finding]:
    """Run all checks on the instance in `home`; none raises."""
    findings = [Finding("Python", sys.version_info >= (3, 11), sys.version.split()[0]), _sqlite(), _disk(home)]
    try:
        async with open_desk(home) as desk:
            for subject, check in CHECKS.items():
                findings.append(await _try(subject, check, desk))
    except TiwiziError as error:
        findings.append(Finding("instance", False, str(error)))
    return findings


async def _try(subject: str, check: Callable[[Desk], Awaitable[str]], desk: Desk) -> Finding:
    try:
        return Finding(subject, True, await check(desk))
    except TiwiziError as error:
        return Finding(subject, False, str(error))
    except (ImportError, OSError) as error:
        return Finding(subject, False, f"{error}. Install it again: make setup")


def _sqlite() -> Finding:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(words)")
        return Finding("SQLite", True, f"{sqlite3.sqlite_version}, with full-text search")
    except sqlite3.OperationalError:
        return Finding("SQLite", False, f"{sqlite3.sqlite_version} without full-text search (FTS5): use another Python")
    finally:
        connection.close()


def _disk(home: Path) -> Finding:
    there = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    return Finding("disk", free >= ROOM, f"{free / 1e9:.1f} GB free at {there}")


async def _database(desk: Desk) -> str:
    async with desk.store.reading() as connection:
        result = await connection.scalar(text("PRAGMA quick_check"))
    if result != "ok":
        raise TiwiziError(f"{desk.store.path} is damaged ({result}). Put a backup in its place.")
    return f"{desk.store.path} is whole"


async def _knowledge(desk: Desk) -> str:
    async with desk.store.reading() as connection:
        documents = await connection.scalar(select(func.count()).select_from(tables.documents)) or 0
        failed = select(func.count()).select_from(tables.imports).where(tables.imports.c.state == "failed")
        unread = await connection.scalar(failed) or 0
    return f"{documents} documents and cards, {unread} files that could not be read"


async def _ledger(desk: Desk) -> str:
    return f"{await desk.ledger.audit()} answers on the record, all in order"


async def _language(desk: Desk) -> str:
    from tiwizi.language import understand

    seen = understand("chhal taman dyal lakart").language
    if seen != "ary-Latn":
        raise TiwiziError(f"Darija in Latin letters was taken for {seen}: the model file is not the one shipped.")
    return "tells Darija in Latin letters"


async def _encoder(desk: Desk) -> str:
    vectors = desk.library.encoder.questions(["carte nationale", "بطاقة وطنية", "météo"])
    if vectors[0] @ vectors[1] <= vectors[0] @ vectors[2]:
        raise TiwiziError("The encoder finds no meaning in common between French and Arabic: install it again.")
    return desk.library.encoder.name


CHECKS: dict[str, Callable[[Desk], Awaitable[str]]] = {
    "database": _database,
    "knowledge": _knowledge,
    "ledger": _ledger,
    "language": _language,
    "encoder": _encoder,
}
