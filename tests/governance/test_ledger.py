"""Each answer is on record before it is acknowledged, in one tree, whoever writes, whatever is killed or altered."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from on_record import ANSWER, QUESTION, append, append_many, with_ledger

from tiwizi.errors import NotThere, Unverified
from tiwizi.governance import Ledger, Receipt, encode_receipt, verify
from tiwizi.governance.receipts import encode_record
from tiwizi.store import FILE

APPENDING = Path(__file__).with_name("appending.py")


def start_appending(home: Path, tasks: int, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, str(APPENDING), str(home), str(tasks), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def audit(home: Path) -> int:
    return asyncio.run(with_ledger(home, Ledger.audit))


def rows(home: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(home / FILE)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def check_all(home: Path, receipts: list[Receipt]) -> None:
    """Every receipt verifies under the instance's key, and its record is the entry of that number."""
    key = (home / "keys" / "ledger.pub").read_text("utf-8").strip()
    entries = dict(rows(home, "SELECT number, record FROM ledger_entries"))
    for receipt in receipts:
        verify(encode_receipt(receipt), key, question=QUESTION, answer=ANSWER)
        assert entries[receipt.index] == encode_record(receipt.record)
    assert (
        len({receipt.index for receipt in receipts}) == len({receipt.number for receipt in receipts}) == len(receipts)
    )


def test_an_empty_ledger_is_in_order(tmp_path: Path) -> None:
    assert audit(tmp_path) == 0


def test_the_ledger_holds_none_of_the_words(tmp_path: Path) -> None:
    receipt = asyncio.run(with_ledger(tmp_path, append))
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for words in ("chno khassni", "carte nationale", "خاصك", "Article 4", "المادة"):
        assert words.encode() not in kept
    record = json.loads(encode_record(receipt.record))
    assert record["passages"][1] == sha256("المادة 4".encode()).hexdigest()
    assert encode_record(receipt.record) == json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def test_a_receipt_is_given_again_byte_for_byte(tmp_path: Path) -> None:
    receipts = asyncio.run(with_ledger(tmp_path, lambda ledger: append_many(ledger, 9)))

    async def again(ledger: Ledger) -> list[Receipt]:
        return [await ledger.receipt(receipt.number.lower().replace("-", " ")) for receipt in receipts]

    assert list(map(encode_receipt, asyncio.run(with_ledger(tmp_path, again)))) == list(map(encode_receipt, receipts))


def test_a_receipt_that_was_never_given_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="no receipt named '0000-0000'"):
        asyncio.run(with_ledger(tmp_path, lambda ledger: ledger.receipt("0000-0000")))


def test_once_its_salt_is_destroyed_nothing_links_an_entry_and_the_tree_stays_whole(tmp_path: Path) -> None:
    receipts = asyncio.run(with_ledger(tmp_path, lambda ledger: append_many(ledger, 3)))
    alter(tmp_path, lambda database: database.execute("DELETE FROM salts WHERE receipt = ?", (receipts[1].number,)))
    with pytest.raises(NotThere):
        asyncio.run(with_ledger(tmp_path, lambda ledger: ledger.receipt(receipts[1].number)))
    assert audit(tmp_path) == 3
    check_all(tmp_path, receipts)


def test_many_tasks_and_processes_append_at_once_without_gap_or_fork(tmp_path: Path) -> None:
    asyncio.run(with_ledger(tmp_path, append))
    others = [start_appending(tmp_path, tasks=16, count=10) for _ in range(2)]

    async def crowd(ledger: Ledger) -> list[list[Receipt]]:
        return await asyncio.gather(*(append_many(ledger, 10) for _ in range(32)))

    receipts = [receipt for given in asyncio.run(with_ledger(tmp_path, crowd)) for receipt in given]
    for process in others:
        printed, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        receipts += [verify(bytes.fromhex(line)) for line in printed.split()]
    assert sorted(receipt.index for receipt in receipts) == list(range(1, 1 + 320 + 2 * 160))
    check_all(tmp_path, receipts)
    assert audit(tmp_path) == 641


def test_nothing_acknowledged_is_lost_to_a_kill(tmp_path: Path) -> None:
    """Killed at any moment: what was printed is on record, and the next process goes on from there."""
    luck = random.Random(6962)
    acknowledged: list[Receipt] = []
    for _ in range(3):
        process = start_appending(tmp_path, tasks=8, count=1_000_000)
        assert process.stdout
        printed = process.stdout.readline()
        time.sleep(luck.uniform(0, 0.3))
        os.kill(process.pid, signal.SIGKILL)
        lines = (printed + process.stdout.read()).split("\n")[:-1]  # the last may be cut short
        process.stdout.close()
        process.wait()
        acknowledged += [verify(bytes.fromhex(line)) for line in lines]
        assert audit(tmp_path) >= len(acknowledged) > 0
    check_all(tmp_path, acknowledged)


def test_one_who_leaves_does_not_stop_those_who_wait(tmp_path: Path) -> None:
    async def use(ledger: Ledger) -> list[Receipt]:
        tasks = [asyncio.create_task(append(ledger)) for _ in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in done[::2])
        return [one for one in done if isinstance(one, Receipt)] + [await append(ledger)]

    receipts = asyncio.run(with_ledger(tmp_path, use))
    assert len(receipts) == 11
    check_all(tmp_path, receipts)
    assert audit(tmp_path) >= 11


def test_an_answer_that_nobody_waits_for_is_not_on_record(tmp_path: Path) -> None:
    async def use(ledger: Ledger) -> int:
        task = asyncio.create_task(append(ledger))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return (await append(ledger)).index

    assert asyncio.run(with_ledger(tmp_path, use)) == 0


def test_an_altered_tree_stops_every_answer_and_a_restored_one_goes_on(tmp_path: Path) -> None:
    asyncio.run(with_ledger(tmp_path, lambda ledger: append_many(ledger, 3)))
    kept = rows(tmp_path, "SELECT level, hash FROM ledger_peaks")
    alter(tmp_path, lambda database: database.execute("DELETE FROM ledger_peaks WHERE level = 0"))

    async def use(ledger: Ledger) -> list[Receipt | BaseException]:
        return await asyncio.gather(*(append(ledger) for _ in range(5)), return_exceptions=True)

    assert all(isinstance(one, Unverified) for one in asyncio.run(with_ledger(tmp_path, use)))
    alter(tmp_path, lambda database: database.execute("DELETE FROM ledger_peaks"))
    alter(tmp_path, lambda database: database.executemany("INSERT INTO ledger_peaks VALUES (?, ?)", kept))
    check_all(tmp_path, [one for one in asyncio.run(with_ledger(tmp_path, use)) if isinstance(one, Receipt)])
    assert audit(tmp_path) == 8


def alter(home: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    connection = sqlite3.connect(home / FILE)
    change(connection)
    connection.commit()
    connection.close()


def rewrite(number: int, old: bytes, new: bytes) -> Callable[[sqlite3.Connection], object]:
    """Change a record and its hash together, as someone would who knows the format."""

    def change(database: sqlite3.Connection) -> None:
        ((record,),) = database.execute("SELECT record FROM ledger_entries WHERE number = ?", (number,)).fetchall()
        assert old in record
        record = record.replace(old, new)
        values = (record, sha256(b"\x00" + record).digest(), number)
        database.execute("UPDATE ledger_entries SET record = ?, hash = ? WHERE number = ?", values)

    return change


def said(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda database: database.executescript(statement)


SWAP = """
UPDATE ledger_entries SET number = 100 WHERE number = 5;
UPDATE ledger_entries SET number = 5 WHERE number = 6;
UPDATE ledger_entries SET number = 6 WHERE number = 100;
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (said("UPDATE ledger_entries SET record = record || x'20' WHERE number = 3"), "Entry 3 .* was altered"),
        (said("UPDATE ledger_entries SET hash = zeroblob(32) WHERE number = 4"), "Entry 4 .* was altered"),
        (said("UPDATE ledger_entries SET record = x'', hash = x'' WHERE number = 0"), "Entry 0 .* was altered"),
        (said("DELETE FROM ledger_entries WHERE number = 0"), "Entry 0 .* is missing"),
        (said("DELETE FROM ledger_entries WHERE number = 7"), "Entry 7 .* is missing"),
        (said("DELETE FROM ledger_entries WHERE number = 10"), "ends with entry 9 and its tree has 11"),
        (said("DELETE FROM ledger_entries"), "ends with entry -1 and its tree has 11"),
        (
            said("INSERT INTO ledger_entries VALUES (11, x'7b7d', zeroblob(32))"),
            "ends with entry 11 and its tree has 11",
        ),
        (said("INSERT INTO ledger_entries VALUES (-1, x'7b7d', zeroblob(32))"), "Entry -1 .* too many"),
        (said(SWAP), "entries 0 to 7 .* was altered"),
        (rewrite(6, b'"route":"card"', b'"route":"quote"'), "entries 0 to 7 .* was altered"),
        (rewrite(9, b'"route":"card"', b'"route":"quote"'), "entries 8 to 9 .* was altered"),
        (rewrite(10, b'"route":"card"', b'"route":"quote"'), "Entry 10 .* was altered"),
        (rewrite(2, b'"route":"card"', b'"route": "card"'), "Entry 2 .* is not a record"),
        (rewrite(2, b'"version":1', b'"version":"1"'), "Entry 2 .* is not a record"),
        (said("UPDATE ledger_peaks SET hash = zeroblob(32) WHERE level = 1"), "entries 8 to 9 .* was altered"),
        (said("UPDATE ledger_peaks SET hash = 'text' WHERE level = 1"), "entries 8 to 9 .* was altered"),
        (said("UPDATE ledger_entries SET hash = 'text' WHERE number = 9"), "Entry 9 .* was altered"),
        (said("UPDATE salts SET salt = 'text' WHERE rowid = 5"), "The salt kept for receipt"),
        (said("UPDATE ledger_peaks SET level = 2 WHERE level = 1"), "ends with entry 10 and its tree has 13"),
        (said("DELETE FROM ledger_peaks"), "ends with entry 10 and its tree has 0"),
        (said("UPDATE salts SET salt = zeroblob(32) WHERE rowid = 5"), "The salt kept for receipt"),
        (said("INSERT INTO salts VALUES ('0000-0000-0000-0000', zeroblob(32))"), "The salt kept for receipt 0000"),
    ],
)
def test_the_audit_names_what_was_altered(ledger_of_eleven: Path, change: Callable[..., object], message: str) -> None:
    alter(ledger_of_eleven, change)
    with pytest.raises(Unverified, match=message):
        audit(ledger_of_eleven)


def test_no_receipt_is_signed_again_for_an_altered_ledger(ledger_of_eleven: Path) -> None:
    """Signing a root that differs from the one signed before would be a fork, in the institution's own name."""
    ((number,),) = rows(ledger_of_eleven, "SELECT receipt FROM salts WHERE rowid = 11")
    alter(ledger_of_eleven, rewrite(1, b'"route":"card"', b'"route":"quote"'))
    with pytest.raises(Unverified, match="entries 0 to 7"):
        asyncio.run(with_ledger(ledger_of_eleven, lambda ledger: ledger.receipt(str(number))))


@pytest.fixture(scope="module")
def eleven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("eleven")
    asyncio.run(with_ledger(home, lambda ledger: append_many(ledger, 11)))
    assert audit(home) == 11
    return home


@pytest.fixture
def ledger_of_eleven(eleven: Path, tmp_path: Path) -> Path:
    """A copy that the test may alter: entries 0 to 7, 8 to 9 and 10 make three complete trees."""
    source, copy = sqlite3.connect(eleven / FILE), sqlite3.connect(tmp_path / FILE)
    source.backup(copy)
    source.close()
    copy.close()
    return tmp_path
