"""The database keeps what was committed, and says plainly what is wrong with it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from tiwizi.errors import Trouble
from tiwizi.store import FILE, Store, open_store, tables

ROW = {"path": "a", "name": "a", "source": "", "state": "failed", "reason": "b", "digest": ""} | {
    "tries": 1,
    "asked": 1.0,
    "changed": 1.0,
}


async def write(store: Store, **changes: object) -> None:
    async with store.writing() as connection:
        await connection.execute(insert(tables.imports).values(ROW | changes))


async def paths(store: Store) -> list[str]:
    async with store.reading() as connection:
        return list((await connection.scalars(select(tables.imports.c.path))).all())


async def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    await write(store)
    await store.close()
    again = open_store(tmp_path)
    assert await paths(again) == ["a"]
    await again.close()


async def test_a_write_that_fails_keeps_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ZeroDivisionError):
        async with store.writing() as connection:
            await connection.execute(insert(tables.imports).values(ROW))
            1 / 0  # noqa: B018
    assert await paths(store) == []
    await store.close()


async def test_the_migrations_make_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine

    await open_store(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path / FILE}")
    with engine.connect() as connection:
        options = {
            "include_name": lambda name, kind, _: (
                kind != "table" or not name.startswith(("passage_words", "passage_vocabulary"))
            )
        }
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata)
    engine.dispose()
    assert differences == []


async def test_the_newest_migration_is_the_one_that_the_code_names(tmp_path: Path) -> None:
    from tiwizi.store.migrate import HEAD

    await open_store(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    connection.close()


async def test_a_database_of_the_first_shape_keeps_what_it_has_and_gains_corrections(tmp_path: Path) -> None:
    """As an instance of Tiwizi 0.1 before corrections left it: real rows, on a real file."""
    old = tmp_path / FILE
    migrate(old, "0001")
    connection = sqlite3.connect(old)
    connection.execute("INSERT INTO unread VALUES ('a', 'a', 'b', 1.0)")
    connection.execute("INSERT INTO waiting_questions VALUES ('0000', 'chhal?', 'ary-Latn', 1.0, 0)")
    connection.execute("INSERT INTO passage_words VALUES ('bitaqa', '')")
    connection.commit()
    assert not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'corrections'").fetchall()
    connection.close()
    store = open_store(tmp_path)
    assert await paths(store) == ["a"]
    row = {
        name: "x" for name in ("state", "tongue", "consent", "made_by", "about", "text", "said", "should_be", "note")
    }
    async with store.writing() as writer:
        await writer.execute(insert(tables.corrections).values(row | {"code": b"1", "made": 0}))
    with pytest.raises(Trouble):  # one code, one row
        async with store.writing() as writer:
            await writer.execute(insert(tables.corrections).values(row | {"code": b"1", "made": 0}))
    await store.close()
    connection = sqlite3.connect(old)
    assert connection.execute("SELECT question FROM waiting_questions").fetchall() == [("chhal?",)]
    assert connection.execute("SELECT words FROM passage_words WHERE passage_words MATCH 'bitaqa'").fetchall()
    assert connection.execute("SELECT id, text FROM corrections").fetchall() == [(1, "x")]
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_a_database_of_the_second_shape_keeps_documents_vectors_and_unread_files(tmp_path: Path) -> None:
    """What was taken in is found again, with the vectors it had; what could not be read is still listed."""
    from tiwizi.knowledge import Imports, Library
    from tiwizi.knowledge.encoder import E5

    old = tmp_path / FILE
    migrate(old, "0002")
    connection = sqlite3.connect(old)
    body = "La mairie ouvre à neuf heures."
    connection.execute(
        "INSERT INTO documents VALUES (7, '/in/loi.txt', 'loi.txt', 'd1', 'document', 'text/plain', ?, 'fr', ?, 5.0)",
        ["Loi", body],
    )
    connection.execute("INSERT INTO passages VALUES (9, 7, 0, ?, NULL, '1', 'Titre', 'fr', 'old name')", [len(body)])
    connection.execute("INSERT INTO passage_words(rowid, words, about) VALUES (9, 'mairi ouvr', 'loi titr')")
    connection.execute("INSERT INTO vectors VALUES ('old name', ?)", [b"\1" * 768])
    connection.execute("INSERT INTO vectors VALUES ('of a question', ?)", [b"\2" * 768])
    connection.execute("INSERT INTO unread VALUES ('/in/bad.pdf', 'bad.pdf', 'it is damaged', 6.0)")
    connection.execute("INSERT INTO unread VALUES ('/in/loi.txt', 'loi.txt', 'it was empty for a while', 6.0)")
    connection.commit()
    connection.close()
    store = open_store(tmp_path)
    home = Library(store, E5()).home
    assert await home.waiting(E5.name) == 0, "its passage has its vector"
    assert list(await home.by_words(["mairi"], 1.0, 10)) == [9]
    (kept,) = await home.passages_of(7)
    assert (kept.text, kept.heading, kept.version) == (body, "Titre", "d1")
    rows = {row.name: (row.state, row.reason) for row in await Imports(store).listed()}
    assert rows == {"loi.txt": ("searchable", ""), "bad.pdf": ("failed", "it is damaged")}
    await store.close()
    connection = sqlite3.connect(old)
    assert connection.execute("SELECT vector FROM vectors").fetchall() == [(b"\1" * 768,)]
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def migrate(path: Path, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "tiwizi:store/migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["path"] = path
    command.upgrade(config, revision)


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database" * 1000)
    with pytest.raises(Trouble, match=r"tiwizi\.db is damaged .*backup"):
        open_store(tmp_path)


def test_a_database_of_a_newer_tiwizi_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(
        "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('9999')"
    )
    connection.close()
    with pytest.raises(Trouble, match="newer Tiwizi"):
        open_store(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="Choose another folder"):
        open_store(tmp_path / "file" / "home")


FILL = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import insert
from tiwizi.errors import Trouble
from tiwizi.store import open_store, tables

async def main():
    store = open_store(Path(sys.argv[1]))
    kept = 0
    try:
        for number in range(1000):
            async with store.writing() as connection:
                row = dict(path=str(number), name="x" * 10_000, source="", state="failed", reason="", digest="")
                row |= dict(tries=1, asked=0.0, changed=0.0)
                await connection.execute(insert(tables.imports).values(row))
            kept += 1
    except Trouble as error:
        print(kept, error)

asyncio.run(main())
"""


def test_a_full_disk_is_told_and_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    """On a real file system of 2 MB, made for this test in a name space of its own."""
    script = tmp_path / "fill.py"
    script.write_text(FILL)
    count = (
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM imports').fetchone()[0])"
    )
    disk = tmp_path / "disk"
    disk.mkdir()
    steps = (
        f"mount -t tmpfs -o size=2m tmpfs {disk} && {sys.executable} {script} {disk} "
        f'&& {sys.executable} -c "{count}" {disk / FILE}'
    )
    done = subprocess.run(["unshare", "-rm", "sh", "-c", steps], capture_output=True, text=True, timeout=60)
    if done.returncode and "unshare" in done.stderr + done.stdout:
        pytest.skip("this machine allows no name space of one's own, so no small disk can be made")
    told, there = done.stdout.splitlines()
    assert "full or failing" in told and "Nothing was changed" in told, done.stderr
    assert int(told.split()[0]) == int(there) > 0


def test_only_the_owner_can_enter_the_folder(tmp_path: Path) -> None:
    open_store(tmp_path / "home")
    assert os.stat(tmp_path / "home").st_mode & 0o077 == 0
