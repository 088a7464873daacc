"""Opening the one database, reading from it and writing to it.

SQLite in WAL mode: one writer at a time, readers never wait. A commit is on the disk when it returns
(`synchronous=FULL`), which is what lets an answer be acknowledged.
"""

import fcntl
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from tiwizi.errors import Trouble
from tiwizi.store.migrate import HEAD, bring_up_to_date

FILE = "tiwizi.db"
WAIT = 30.0  # seconds a writer waits for another


class Store:
    """The database of one instance. Made by `open_store`."""

    def __init__(self, path: Path, engine: AsyncEngine) -> None:
        self.path = path
        self._engine = engine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one moment of the database. Raises Trouble when the file or the disk is at fault."""
        with _plainly(self.path):
            async with self._engine.connect() as connection:
                await connection.exec_driver_sql("BEGIN")
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection that alone may write; all of it is kept on leaving, or nothing. Raises Trouble likewise."""
        with _plainly(self.path):
            async with self._engine.connect() as connection:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                await connection.commit()

    async def close(self) -> None:
        await self._engine.dispose()


def open_store(home: Path) -> Store:
    """Open the database in `home`, made on first use and brought to the present shape.

    Raises Trouble when the folder cannot be written, the disk is full, or the file is damaged or too new.
    """
    path = home / FILE
    with _plainly(path):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (home / "tiwizi.lock").open("a") as lock:  # two processes may meet at a new instance
            fcntl.flock(lock, fcntl.LOCK_EX)
            _check(path)
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", connect_args={"timeout": WAIT})
    event.listen(engine.sync_engine, "connect", _settle)
    return Store(path, engine)


def _check(path: Path) -> None:
    connection = sqlite3.connect(path, timeout=WAIT)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        if not _at_head(connection):
            bring_up_to_date(path)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    finally:
        connection.close()


def _at_head(connection: sqlite3.Connection) -> bool:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return False
        raise
    return row is not None and row[0] == HEAD


def _settle(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON", "cache_size=-65536"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.isolation_level = None  # we say BEGIN ourselves, so that a writer is one from its first statement


@contextmanager
def _plainly(path: Path) -> Iterator[None]:
    """Turn the database's own errors into a sentence that helps."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise Trouble(_sentence(path, str(cause))) from error
    except PermissionError as error:
        raise Trouble(f"{error.filename} cannot be written. Choose another folder with --home.") from None
    except OSError as error:
        raise Trouble(f"{path.parent} cannot be used: {error.strerror}. Choose another folder with --home.") from None


def _sentence(path: Path, cause: str) -> str:
    if "disk is full" in cause or "disk I/O error" in cause:
        return f"The disk that holds {path} is full or failing ({cause}). Nothing was changed: free some space."
    if "malformed" in cause or "not a database" in cause:
        return f"The database {path} is damaged ({cause}). Put a backup in its place, or move it away and ingest again."
    if "readonly" in cause or "unable to open" in cause:
        return (
            f"The database {path} cannot be written ({cause}). Check who owns it, or choose another folder with --home."
        )
    if "locked" in cause:
        return f"The database {path} has been busy for {WAIT:.0f} seconds. Is another import running? Try again."
    return f"The database {path} refused: {cause}."
