"""A correction is kept masked, under a code that its author alone has, and not for ever."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from tiwizi.corrections import (
    KEEP_DAYS,
    Correction,
    Kept,
    UnknownCorrection,
    delete,
    delete_number,
    everything,
    forget_old,
    made_by,
    propose,
    recall,
)
from tiwizi.corrections.proposals import moved
from tiwizi.privacy import restore, screen
from tiwizi.store import FILE, Store, open_store, tables

TEXT = "bghit n3ref l'état dyal dossier, CIN AB123456, tel 0612345678"
WHOLE = Correction("language", TEXT, "ary-Latn", "fr", "mon numéro : 06 12 34 56 78")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = open_store(tmp_path)
    yield store
    await store.close()


async def kept(store: Store) -> list[Kept]:
    return [one async for one in everything(store)]


async def test_what_is_kept_is_masked_and_says_what_it_corrects(store: Store) -> None:
    code = await propose(store, WHOLE, "fr", "fr:0123")
    one = await recall(store, code)
    assert one.text == "bghit n3ref l'état dyal dossier, CIN [CIN_1], tel [PHONE_1]"
    assert one.note == "mon numéro : [PHONE_1]", "the same number has the same placeholder"
    assert (one.state, one.about, one.said, one.should_be) == ("proposed", "language", "ary-Latn", "fr")
    assert (one.tongue, one.consent, one.made_by) == ("fr", "fr:0123", made_by())
    assert one.day == datetime.now(UTC).date() and one.start is one.end is one.script is None
    assert [other async for other in everything(store)] == [one]


async def test_no_file_has_personal_data_or_the_code(store: Store, tmp_path: Path) -> None:
    code = await propose(store, WHOLE, "fr", "fr:0123")
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for words in ("AB123456", "0612345678", "06 12 34 56 78", code, code.replace("-", "")):
        assert words.encode() not in files
    await store.close()
    connection = sqlite3.connect(tmp_path / FILE)
    assert connection.execute("SELECT made % 86400 FROM corrections").fetchall() == [(0,)], "the day, not the hour"
    connection.close()


async def test_a_code_is_read_however_it_is_typed(store: Store) -> None:
    code = await propose(store, WHOLE, "ary", "ary:0123")
    spoken = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    arabic = code.translate({ord(str(n)): chr(0x660 + n) for n in range(10)})
    for typed in (code, spoken, f"  {code.replace('-', '')}\n", arabic):
        assert (await recall(store, typed)).text.startswith("bghit")


@pytest.mark.parametrize("code", ["", "0000-0000-0000-0000", "\ud800", "%", "' OR 1=1 --", "A" * 100_000, "\0"])
async def test_another_code_shows_and_deletes_nothing(store: Store, code: str) -> None:
    await propose(store, WHOLE, "fr", "fr:0123")
    with pytest.raises(UnknownCorrection):
        await recall(store, code)
    with pytest.raises(UnknownCorrection):
        await delete(store, code)
    assert len(await kept(store)) == 1


async def test_what_is_deleted_is_in_no_file_any_more(store: Store, tmp_path: Path) -> None:
    code = await propose(store, Correction("language", "hadchi zwin bezzaf", "fr", "ary-Latn"), "fr", "fr:0123")
    other = await propose(store, WHOLE, "fr", "fr:0123")
    await delete(store, code)
    with pytest.raises(UnknownCorrection):
        await delete(store, code)
    assert [one.id for one in await kept(store)] == [(await recall(store, other)).id]
    await delete_number(store, (await recall(store, other)).id)
    assert await kept(store) == []
    third = await propose(store, WHOLE, "fr", "fr:0123")
    assert (await recall(store, third)).id == 3, "a number is not given twice"
    await store.close()  # the last to leave writes the log back into the file
    assert b"hadchi zwin" not in (tmp_path / FILE).read_bytes()


async def test_after_two_years_a_correction_is_forgotten(store: Store) -> None:
    old, new = [await propose(store, WHOLE, "fr", "fr:0123") for _ in range(2)]
    async with store.writing() as connection:
        made = tables.corrections.c.made - KEEP_DAYS * 86_400 - 86_400
        await connection.execute(update(tables.corrections).where(tables.corrections.c.id == 1).values(made=made))
    assert await forget_old(store) == 1
    assert await forget_old(store) == 0
    await recall(store, new)
    with pytest.raises(UnknownCorrection):
        await recall(store, old)


async def test_many_at_once_are_all_kept(store: Store) -> None:
    codes = await asyncio.gather(*(propose(store, WHOLE, "fr", "fr:0123") for _ in range(20)))
    assert len(set(codes)) == len(await kept(store)) == 20


PIECES = ["salam ", "CIN AB123456 ", "tel 0612345678, ", "0612345678", "ⴰⵣⵓⵍ ", "شكرا "]


@given(st.lists(st.sampled_from(PIECES), max_size=10), st.data())
def test_a_stretch_is_found_again_in_the_masked_text(pieces: list[str], data: st.DataObject) -> None:
    """What stands before, in and after the stretch is what stood there, once the placeholders are undone."""
    text = "".join(pieces)
    screened = screen(text)
    free = [n for n in range(len(text) + 1) if not any(f.start < n < f.end for f in screened.findings)]
    start, end = sorted((data.draw(st.sampled_from(free)), data.draw(st.sampled_from(free))))
    low, high = moved(start, end, screened.findings, screened.masked)
    masked = screened.masked
    parts = [restore(part, screened.vault) for part in (masked[:low], masked[low:high], masked[high:])]
    assert parts == [text[:start], text[start:end], text[end:]]


def test_a_stretch_that_cuts_what_is_masked_has_it_whole() -> None:
    text = "ana AB123456 hna"
    screened = screen("CIN " + text)
    masked = screened.masked
    assert masked == "CIN ana [CIN_1] hna"
    assert masked[slice(*moved(10, 13, screened.findings, masked))] == "[CIN_1]"
    assert masked[slice(*moved(4, 12, screened.findings, masked))] == "ana [CIN_1]"
    assert masked[slice(*moved(12, 20, screened.findings, masked))] == "[CIN_1] hna"
    assert masked[slice(*moved(17, 20, screened.findings, masked))] == "hna"
