"""The ledger's rows in the database: the only place in this room that speaks SQL.

Loaded by the first call that needs it, so that checking a receipt does not load a database.
"""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import ColumnElement, LargeBinary, cast, delete, func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from tiwizi.errors import Unverified
from tiwizi.governance import merkle
from tiwizi.store import tables

ledger, peaks, salts = tables.ledger_entries, tables.ledger_peaks, tables.salts

PAGE = 10_000  # entries read at a time


def _bytes(column: ColumnElement[bytes]) -> ColumnElement[bytes]:
    """What a column holds, as bytes even where someone has put text: SQLite would hand it over as text."""
    return cast(column, LargeBinary)


record, hash_, peak, salt = map(_bytes, (ledger.c.record, ledger.c.hash, peaks.c.hash, salts.c.salt))


async def tree(connection: AsyncConnection) -> merkle.Peaks:
    """Return the peaks of the tree. Raises Unverified when it is not as large as the ledger is long."""
    newest = select(func.max(ledger.c.number).label("number")).subquery()
    one_moment = (  # one statement, so that another process cannot append in between
        select(newest.c.number, peaks.c.level, peak.label("hash"))
        .select_from(newest.outerjoin(peaks, true()))
        .order_by(peaks.c.level.desc())
    )
    rows = (await connection.execute(one_moment)).all()
    found = tuple((row.level, row.hash) for row in rows if row.level is not None)
    entries = 0 if rows[0].number is None else rows[0].number + 1
    if merkle.size(found) != entries:
        raise Unverified(
            f"The ledger ends with entry {entries - 1} and its tree has {merkle.size(found)} entries: one was altered "
            "outside Tiwizi. Put a backup in its place."
        )
    return found


async def add(
    connection: AsyncConnection, first: int, leaves: Sequence[tuple[bytes, bytes]], grown: merkle.Peaks
) -> None:
    """Write (record, hash) pairs from number `first` on, and the peaks that result."""
    rows = [{"number": first + at, "record": record, "hash": hash} for at, (record, hash) in enumerate(leaves)]
    await connection.execute(insert(ledger), rows)
    await connection.execute(delete(peaks))
    await connection.execute(insert(peaks), [{"level": level, "hash": hash} for level, hash in grown])


async def keep_salts(connection: AsyncConnection, by_receipt: dict[str, bytes]) -> None:
    """Write the salt of each receipt."""
    await connection.execute(insert(salts), [{"receipt": number, "salt": salt} for number, salt in by_receipt.items()])


async def salt_of(connection: AsyncConnection, receipt: str) -> bytes | None:
    """Return the salt of a receipt, or None when there was none or it was destroyed."""
    return (await connection.execute(select(salt).where(salts.c.receipt == receipt))).scalar()


async def entry_of(connection: AsyncConnection, receipt: str) -> tuple[int, bytes] | None:
    """Return number and record of the entry of a receipt. Reads through the ledger."""
    named = f'"receipt":"{receipt}"'.encode()
    row = (
        await connection.execute(select(ledger.c.number, record.label("record")).where(func.instr(record, named) > 0))
    ).first()
    return None if row is None else (row.number, row.record)


async def hashes(connection: AsyncConnection, size: int) -> list[bytes]:
    """Return the leaf hashes of the first `size` entries, in order."""
    chosen = select(hash_).where(ledger.c.number < size).order_by(ledger.c.number)
    return list((await connection.execute(chosen)).scalars())


async def pages(connection: AsyncConnection, size: int) -> AsyncIterator[Sequence[tuple[int, bytes, bytes]]]:
    """Yield (number, record, hash) of the first `size` entries, in order, some thousands at a time."""
    for start in range(0, size, PAGE):
        within = ledger.c.number < min(start + PAGE, size)
        if start:  # the first page has also what is below zero and should not be
            within &= ledger.c.number >= start
        chosen = (
            select(ledger.c.number, record.label("record"), hash_.label("hash")).where(within).order_by(ledger.c.number)
        )
        yield [(row.number, row.record, row.hash) for row in await connection.execute(chosen)]


async def all_salts(connection: AsyncConnection) -> dict[str, bytes]:
    """Return every salt that was not destroyed, by receipt."""
    return {row.receipt: row.salt for row in await connection.execute(select(salts.c.receipt, salt.label("salt")))}
