"""`corrections`: what people proposed, as JSON Lines for those who mend the tables."""

import asyncio
import json
from pathlib import Path

from tiwizi.corrections import Correction, Kept, propose
from tiwizi.store import open_store

from .conftest import Run

TEXT = "bghit n3ref l'état dyal dossier"
PROPOSED = (
    Correction("language", TEXT, "ary-Latn", "fr"),
    Correction("language", TEXT, "fr", "ary-Latn", "deux\nlignes", 6, 18),
    Correction("letters", "ch7al \x07 0612345678", "شحال", "ش\nحال", script="Arab"),
)


def fill(home: Path) -> None:
    async def all_of_them() -> None:
        store = open_store(home)
        for one in PROPOSED:
            await propose(store, one, "ary", "ary:0123")
        await store.close()

    asyncio.run(all_of_them())


def test_each_is_one_line_oldest_first_with_all_that_is_kept_and_no_code(tiwizi: Run, tmp_path: Path) -> None:
    fill(tmp_path)
    done = tiwizi("corrections", "--jsonl", home=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and not done.stderr
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert all(set(row) == set(Kept.__struct_fields__) for row in rows)
    assert (rows[1]["start"], rows[1]["end"], rows[1]["said"], rows[1]["should_be"]) == (6, 18, "fr", "ary-Latn")
    assert rows[2]["text"] == "ch7al \x07 [PHONE_1]" and rows[2]["script"] == "Arab"
    assert {row["state"] for row in rows} == {"proposed"} and rows[0]["made_by"].startswith("tiwizi ")
    whole = json.loads(tiwizi("corrections", "--json", home=tmp_path).stdout)
    assert whole == {"corrections": rows}


def test_without_a_flag_each_is_one_line_for_people(tiwizi: Run, tmp_path: Path) -> None:
    fill(tmp_path)
    lines = tiwizi("corrections", home=tmp_path).stdout.decode().splitlines()
    assert len(lines) == 3 and "fr → ary-Latn" in lines[1] and "n3ref l'état" in lines[1] and "deux lignes" in lines[1]
    assert "\x07" not in lines[2]


def test_one_is_deleted_by_its_number(tiwizi: Run, tmp_path: Path) -> None:
    fill(tmp_path)
    assert tiwizi("corrections", "--delete", "2", home=tmp_path).returncode == 0
    rows = [json.loads(line) for line in tiwizi("corrections", "--jsonl", home=tmp_path).stdout.splitlines()]
    assert [row["id"] for row in rows] == [1, 3]
    done = tiwizi("corrections", "--delete", "2", home=tmp_path)
    assert done.returncode == 2 and b"No correction has this" in done.stderr and done.stderr.count(b"\n") == 1


def test_a_new_instance_has_none(tiwizi: Run, tmp_path: Path) -> None:
    done = tiwizi("corrections", "--jsonl", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
