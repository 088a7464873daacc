"""Keeping a correction: masked, with a code that its author alone holds, and no longer than two years.

Nothing here says who a person is. The code is kept as its digest, so that not even those who read the database can
show or delete in a person's name; the day is kept and not the hour.
"""

import secrets
import time
import unicodedata
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, func, insert, select
from sqlalchemy import delete as remove

from tiwizi.corrections.versions import made_by
from tiwizi.errors import NotThere, Trouble
from tiwizi.privacy import Finding, Vault, screen
from tiwizi.store import Store, tables

KEEP_DAYS = 730
MOST = 50_000  # proposals in one instance: nobody can fill its disk with them
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
DAY = 86_400
TABLE = tables.corrections
ALL = select(*(column for column in TABLE.c if column.name != "code"))


class UnknownCorrection(NotThere):
    template = "No correction has this code or number. Perhaps it was deleted already."


class Correction(Struct, frozen=True):
    """What a person says is wrong: the language of `text[start:end]` or of all of it, or how it was written."""

    about: Literal["language", "letters"]
    text: str
    said: str  # a language tag, or the text in other letters
    should_be: str
    note: str = ""
    start: int | None = None
    end: int | None = None
    script: str | None = None  # ISO 15924, when it is about letters


class Kept(Struct, frozen=True):
    """A proposal as it stands in the database: all that is known of it."""

    id: int
    state: str
    day: date
    tongue: str
    about: str
    script: str | None
    text: str
    start: int | None
    end: int | None
    said: str
    should_be: str
    note: str
    made_by: str
    consent: str


async def propose(store: Store, correction: Correction, tongue: str, consent: str) -> str:
    """Keep a correction, masked, and return the code that shows and deletes it; the code is kept nowhere.

    `consent` names the words that the person agreed to. Raises Trouble when too many wait already.
    """
    await forget_old(store)
    code = "".join(secrets.choice(LETTERS) for _ in range(16))
    row = {
        **_masked(correction),
        "code": _digest(code),
        "state": "proposed",
        "made": int(time.time()) // DAY * DAY,
        "tongue": tongue,
        "consent": consent,
        "made_by": made_by(),
    }
    async with store.writing() as connection:
        if (await connection.scalar(select(func.count()).select_from(TABLE)) or 0) >= MOST:
            raise Trouble(f"{MOST} corrections are kept, and nobody took them up: `tiwizi corrections` exports them.")
        await connection.execute(insert(TABLE).values(row))
    return "-".join(code[start : start + 4] for start in range(0, 16, 4))


async def recall(store: Store, code: str) -> Kept:
    """Return what is kept under a code. Raises UnknownCorrection."""
    async with store.reading() as connection:
        row = (await connection.execute(ALL.where(TABLE.c.code == _digest(code)))).one_or_none()
    if row is None:
        raise UnknownCorrection
    return _kept(row)


async def delete(store: Store, code: str) -> None:
    """Delete what is kept under a code. Raises UnknownCorrection."""
    await _delete(store, TABLE.c.code == _digest(code))


async def delete_number(store: Store, number: int) -> None:
    """Delete a proposal by its number, for a person that lost the code. Raises UnknownCorrection."""
    await _delete(store, TABLE.c.id == number)


async def everything(store: Store) -> AsyncIterator[Kept]:
    """Yield all that is kept, oldest first."""
    await forget_old(store)
    async with store.reading() as connection:
        async for row in await connection.stream(ALL.order_by(TABLE.c.id)):
            yield _kept(row)


async def forget_old(store: Store) -> int:
    """Delete what is older than `KEEP_DAYS`, and return how many that were."""
    old = TABLE.c.made < time.time() - KEEP_DAYS * DAY
    async with store.reading() as connection:
        if await connection.scalar(select(func.count()).select_from(TABLE).where(old)) == 0:
            return 0
    async with store.writing() as connection:
        return (await connection.execute(remove(TABLE).where(old))).rowcount


def _masked(correction: Correction) -> dict[str, object]:
    vault = Vault()  # one for all, so that a value has the same placeholder in each
    screened = screen(correction.text, vault)
    start, end = correction.start, correction.end
    if start is not None and end is not None:
        start, end = moved(start, end, screened.findings, screened.masked)
    said, should_be, note = (
        screen(words, vault).masked for words in (correction.said, correction.should_be, correction.note)
    )
    return {
        "about": correction.about,
        "script": correction.script,
        "text": screened.masked,
        "start": start,
        "end": end,
        "said": said,
        "should_be": should_be,
        "note": note,
    }


def moved(start: int, end: int, findings: Sequence[Finding], masked: str) -> tuple[int, int]:
    """Return where a stretch of a text lies in its masked form; what was found is in it whole or not at all."""
    shift = 0
    low, high = start, end
    for finding in findings:
        place = finding.start + shift
        length = masked.index("]", place) + 1 - place  # [CIN_1]
        if finding.end <= start:
            low = start + shift + length - (finding.end - finding.start)
        elif finding.start < start:
            low = place
        shift += length - (finding.end - finding.start)
        if finding.end <= end:
            high = end + shift
        elif finding.start < end:
            high = place + length
    return low, high


def _kept(row: Row[Any]) -> Kept:
    values = row._asdict()
    day = datetime.fromtimestamp(values.pop("made"), UTC).date()
    return Kept(day=day, **values)


async def _delete(store: Store, chosen: ColumnElement[bool]) -> None:
    async with store.writing() as connection:
        if (await connection.execute(remove(TABLE).where(chosen))).rowcount == 0:
            raise UnknownCorrection


def _digest(code: str) -> bytes:
    """The digest of a code as a person typed it: any case, any digits, O for 0, with dashes or without."""
    letters = unicodedata.normalize("NFKC", code).upper().translate(READ_AS)
    plain = (str(unicodedata.digit(letter, letter)) for letter in letters)
    return sha256(b"tiwizi correction" + "".join(p for p in plain if p in LETTERS).encode()).digest()
