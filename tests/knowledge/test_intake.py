"""Taking documents in: what becomes of each file, whatever happens on the way."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from files import eml, nested_docx, zipped
from msgspec.structs import replace

from tiwizi.errors import BadInput
from tiwizi.knowledge import Imports, Intake, Limits, Taken, add_vectors, files_below, given, keep_up, pace_of, take_in
from tiwizi.knowledge.home import Vectors
from tiwizi.knowledge.preparing import Preparer, prepared
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.language import search_keys
from tiwizi.store import FILE, open_store

LIMITS = Limits(max_bytes=10**7, max_unpacked_bytes=10**8, max_pages=100, seconds=20, memory=2 * 10**9)


class Letters:
    """An encoder without a model: counts of letters, quick and the same everywhere."""

    name = "letters"
    dimension = 64

    def __init__(self) -> None:
        self.given = 0

    def questions(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text:
                row[ord(letter) % self.dimension] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.given += len(texts)
        return self.questions(texts)


@asynccontextmanager
async def a_home(folder: Path) -> AsyncIterator[SqliteHome]:
    store = open_store(folder)
    try:
        yield SqliteHome(store)
    finally:
        await store.close()


async def sync(home: SqliteHome, *paths: Path, limits: Limits = LIMITS) -> tuple[dict[str, Taken], list[str]]:
    """Hand in and read, as `tiwizi ingest` does: what became of each file, and what is no longer there."""
    intake, stamp = Intake(home, limits), time.time()
    taken = [t for path in paths async for t in intake.hand_in(given(path, []), stamp)]
    taken += [t async for t in intake.read(stamp)]
    assert len({t.path for t in taken}) == len(taken), "each file is told once"
    gone = [row.path for path in paths for row in await intake.imports.gone(str(path.resolve()), stamp)]
    return {t.path.removeprefix(f"{paths[0].resolve()}/"): t for t in taken}, gone


async def states(home: SqliteHome) -> dict[str, str]:
    return {row.name: row.state for row in await Imports(home.store).listed()}


async def reasons(home: SqliteHome) -> dict[str, str]:
    return {row.name: row.reason for row in await Imports(home.store).listed() if row.reason}


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    return folder


def office(number: int, sentences: int = 3) -> str:
    return f"Article {number + 1}\n" + f"Le service numéro {number} reçoit le public au guichet {number}. " * sentences


async def found(home: SqliteHome, word: str) -> set[str]:
    numbers = await home.by_words(search_keys(word, "fr"), 1.0, 50)
    return {passage.name for passage in (await home.passages(list(numbers))).values()}


async def test_a_document_goes_from_waiting_to_complete(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", mairie="La bibliothèque ouvre le lundi.", autre="Le musée ferme le mardi.")
    async with a_home(tmp_path / "home") as home:
        intake, stamp = Intake(home, LIMITS), time.time()
        assert [t async for t in intake.hand_in(given(folder, []), stamp)] == []
        assert await states(home) == {"mairie.txt": "waiting", "autre.txt": "waiting"}
        taken = [t async for t in intake.read(stamp)]
        assert [(t.state, t.passages) for t in taken] == [("kept", 1), ("kept", 1)]
        assert await states(home) == {"mairie.txt": "searchable", "autre.txt": "searchable"}
        assert await found(home, "piscine") == set() and await found(home, "lundi") == {"mairie.txt"}
        assert sum([done async for done in add_vectors(home, [Letters()])]) == 2
        assert await states(home) == {"mairie.txt": "complete", "autre.txt": "complete"}
        assert pace_of(tmp_path / "home") is None, "nobody is at work any more"


async def test_every_file_of_a_folder_is_accounted_for(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", un=office(1), deux=office(2))
    (folder / "README.md").write_text("About this folder")
    (folder / "cp1252.txt").write_bytes("Le maire délivre l'attestation à l'intéressé.".encode("cp1252"))
    (folder / "cp1256.txt").write_bytes("يسلم رئيس المجلس شهادة السكنى في أجل ثلاثة أيام".encode("cp1256"))
    (folder / "empty.txt").write_bytes(b"")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (folder / "mislabelled.pdf").write_text("Ceci est un texte ordinaire, sous un autre nom.")
    (folder / ".hidden.txt").write_text("not for us")
    os.symlink(tmp_path / "nowhere", folder / "dangling.txt")
    with open(os.fsencode(folder) + b"/caf\xe9.txt", "w") as file:
        file.write("Un nom qui n'est pas en UTF-8.")
    (tmp_path / "inner").mkdir()
    inner = zipped(tmp_path / "inner", [("profond.txt", office(7).encode())]).read_bytes()
    zipped(folder, [("a/un.txt", office(3).encode()), ("vide.txt", b""), ("b.zip", inner)])
    eml(folder, "Voici le compte rendu du conseil.", attached={"joint.txt": office(5).encode()})
    async with a_home(tmp_path / "home") as home:
        taken, _ = await sync(home, folder)
        wanted = {
            "un.txt": "kept",
            "deux.txt": "kept",
            "cp1252.txt": "kept",
            "cp1256.txt": "kept",
            "mislabelled.pdf": "kept",
            "dossier.zip": "kept",
            "dossier.zip!/a/un.txt": "kept",
            "dossier.zip!/b.zip": "kept",
            "dossier.zip!/b.zip!/profond.txt": "kept",
            "message.eml": "kept",
            "message.eml!/joint.txt": "kept",
            "README.md": "unread",
            "empty.txt": "unread",
            "broken.pdf": "unread",
            "caf\\xe9.txt": "unread",
            "dossier.zip!/vide.txt": "unread",
        }
        assert {path: t.state for path, t in taken.items()} == wanted
        assert all(t.reason for t in taken.values() if t.state == "unread")
        assert taken["dossier.zip"].reason == "3 files inside"
        assert "délivre" in (await text_of(home, "cp1252.txt")) and "شهادة" in (await text_of(home, "cp1256.txt"))
        counts = await Imports(home.store).counts()
        assert (counts["waiting"], counts["reading"], sum(counts.values())) == (0, 0, len(wanted))
        # a second time nothing is read again, but what failed is tried again
        again, gone = await sync(home, folder)
        assert {t.state for path, t in again.items() if wanted[path] == "kept"} == {"unchanged"} and gone == []


async def text_of(home: SqliteHome, name: str) -> str:
    (row,) = [row for row in await Imports(home.store).listed() if row.name == name]
    document = await home.document(row.document)  # type: ignore[arg-type]
    assert document is not None
    return document.text


async def test_a_sync_updates_and_shows_first_what_it_would_remove(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a=office(1), b=office(2), c=office(3))
    zipped(folder, [("x.txt", office(4).encode()), ("y.txt", office(5).encode())], "z.zip")
    by_hand = write(folder / "sub", own=office(6)) / "own.txt"
    elsewhere = write(tmp_path / "elsewhere", other=office(7))
    async with a_home(tmp_path / "home") as home:
        await sync(home, by_hand)
        await sync(home, folder, elsewhere)
        for name in ("b.txt", "sub/own.txt"):
            (folder / name).unlink()
        (folder / "c.txt").write_text("Le bureau est désormais au marché.")
        (elsewhere / "other.txt").unlink()
        zipped(folder, [("x.txt", office(4).encode())], "z.zip")
        for _ in range(2):  # showing it changes nothing
            taken, gone = await sync(home, folder)
            assert [Path(path).name for path in gone] == ["b.txt", "y.txt"]
        assert await found(home, "marché") == {"c.txt"} and "c.txt" not in await found(home, "guichet")
        assert set(await states(home)) >= {"own.txt", "other.txt", "b.txt", "y.txt"}


async def test_an_archive_that_cannot_be_opened_loses_nothing_of_what_was_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    archive = zipped(folder, [("x.txt", office(4).encode()), ("y.txt", office(5).encode())])
    async with a_home(tmp_path / "home") as home:
        await sync(home, folder)
        archive.write_bytes(archive.read_bytes()[:80])
        taken, gone = await sync(home, folder)
        assert taken["dossier.zip"].state == "unread" and gone == []
        assert await states(home) == {"dossier.zip": "failed", "x.txt": "searchable", "y.txt": "searchable"}


async def test_what_can_no_longer_be_read_stays_as_it_was_and_says_so(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", loi=office(1))
    async with a_home(tmp_path / "home") as home:
        await sync(home, folder)
        (folder / "loi.txt").write_bytes(bytes(range(256)) * 4)
        taken, gone = await sync(home, folder)
        today = time.strftime("%Y-%m-%d")
        assert taken["loi.txt"].reason.endswith(f"; the version of {today} is still in use") and gone == []
        assert await states(home) == {"loi.txt": "failed"} and await found(home, "guichet")
        (folder / "loi.txt").write_text(office(1))
        taken, _ = await sync(home, folder)
        assert taken["loi.txt"].state == "unchanged" and await states(home) == {"loi.txt": "searchable"}


async def test_a_copy_is_found_once_and_takes_the_place_of_what_it_copies(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a=office(1), b=office(1))
    async with a_home(tmp_path / "home") as home:
        taken, _ = await sync(home, folder)
        assert taken["b.txt"].reason == f"the same file as {folder / 'a.txt'}"
        assert await found(home, "guichet") == {"a.txt"}
        (folder / "a.txt").write_text("Tout autre chose.")
        await sync(home, folder)
        assert await found(home, "guichet") == {"b.txt"} and await reasons(home) == {}


async def test_what_failed_is_read_again_on_request(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", lent="Le maire signe. " * 10_000)
    async with a_home(tmp_path / "home") as home:
        taken, _ = await sync(home, folder, limits=replace(LIMITS, max_bytes=100_000))
        assert "at most 100,000 are read" in taken["lent.txt"].reason
        intake, stamp = Intake(home, LIMITS), time.time()
        assert await intake.retry(stamp, ["/not/there"]) == 0
        assert await intake.retry(stamp, [str(folder / "lent.txt")]) == 1
        assert [t.state async for t in intake.read(stamp)] == ["kept"]


async def test_a_file_that_hangs_and_one_that_crashes_its_reader_stop_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{f"f{n}": office(n) for n in range(8)})
    nested_docx(folder)
    (folder / "f3b.md").write_text("- *a* `b` [c](d)\n" * 500_000)  # takes a reader longer than it is given
    async with a_home(tmp_path / "home") as home:
        taken, _ = await sync(home, folder, limits=replace(LIMITS, seconds=1, max_bytes=10**8))
        bad = {path: t.reason for path, t in taken.items() if t.state == "unread"}
        assert len(taken) == 10 and len(bad) == 2 and all(bad.values())


async def test_two_processes_share_the_work_without_doing_it_twice(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{f"f{n}": office(n) for n in range(30)})
    async with a_home(tmp_path / "home") as one, a_home(tmp_path / "home") as other:
        (first, _), (second, _) = await asyncio.gather(sync(one, folder), sync(other, folder))
        assert len(first) == len(second) == 30
        assert await documents_in(tmp_path / "home") == 30


TABLES = ("passages", "passage_words", "passages JOIN documents ON documents.id = passages.document")


async def documents_in(folder: Path) -> int:
    connection = sqlite3.connect(folder / FILE)
    try:
        # every passage has its words in the index, and its document
        counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone() for name in TABLES]
        assert len(set(counts)) == 1
        return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])
    finally:
        connection.close()


async def test_what_is_removed_while_it_is_being_read_stays_removed(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{f"f{n:02}": office(n, 300) for n in range(40)})
    async with a_home(tmp_path / "home") as home:
        intake, stamp = Intake(home, LIMITS), time.time()
        async for _ in intake.hand_in(given(folder, []), stamp):
            pass
        taken: list[str] = []
        async with aclosing(intake.read(stamp)) as results:
            async for one in results:
                if not taken:
                    rows = [row for row in await intake.imports.of_run(stamp) if row.state in ("waiting", "reading")]
                    assert rows
                    await intake.imports.remove([row.path for row in rows])
                taken.append(one.path)
        assert await documents_in(tmp_path / "home") == 40 - len(rows)
        assert len(await states(home)) == 40 - len(rows)


WORKER = """
import asyncio, sys
from pathlib import Path
from tiwizi.knowledge import Limits, files_below, take_in
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.language import search_keys
from tiwizi.store import open_store

async def main():
    home = SqliteHome(open_store(Path(sys.argv[1])))
    limits = Limits(max_bytes=10**8, max_unpacked_bytes=10**8, max_pages=100, seconds=60, memory=2 * 10**9)
    async for taken in take_in(home, files_below(Path(sys.argv[2])), limits):
        print(taken.path, flush=True)

asyncio.run(main())
"""


def worker(home: Path, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WORKER, str(home), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def state_of(home: Path, name: str) -> tuple[str, int]:
    if not (home / FILE).exists():
        return "", 0
    connection = sqlite3.connect(home / FILE, timeout=30)
    try:
        row = connection.execute("SELECT state, tries FROM imports WHERE name = ?", [name]).fetchone()
        return row or ("", 0)
    except sqlite3.OperationalError:
        return "", 0
    finally:
        connection.close()


def killed_when(process: "subprocess.Popen[str]", ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and not ready() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout
    process.stdout.close()


async def test_killed_twice_in_the_middle_nothing_is_lost_and_nothing_there_twice(tmp_path: Path) -> None:
    folder, place = write(tmp_path / "in", **{f"f{n:02}": office(n, 150) for n in range(50)}), tmp_path / "home"
    zipped(folder, [(f"m{n}.txt", office(100 + n, 50).encode()) for n in range(10)])
    for some in (5, 20):
        process = worker(place, folder)
        assert process.stdout
        told = [process.stdout.readline() for _ in range(some)]
        assert all(told)
        killed_when(process, lambda: True)
    async with a_home(place) as home:
        taken, gone = await sync(home, folder)
        assert len(taken) == 61 and gone == [] and {t.state for t in taken.values()} <= {"kept", "unchanged"}
        assert await documents_in(place) == 60
        counts = await Imports(home.store).counts()
        assert counts["searchable"] == 60 and counts["complete"] == 1


async def test_a_file_that_ends_the_whole_process_is_told_from_the_others(tmp_path: Path) -> None:
    """Killed whenever this one file is read, the work fails that file and no other; asked to, it tries it again."""
    folder, place = write(tmp_path / "in", **{f"f{n:02}": office(n) for n in range(20)}), tmp_path / "home"
    write(folder, lethal=" ".join(f"mot{n % 300}" for n in range(120_000)))
    for tries in (1, 2, 3):
        process = worker(place, folder)
        killed_when(process, lambda tries=tries: state_of(place, "lethal.txt") == ("reading", tries))
        assert state_of(place, "lethal.txt") == ("reading", tries)
    async with a_home(place) as home:
        intake = Intake(home, LIMITS)
        results = [t async for t in intake.work()]
        assert [Path(t.path).name for t in results if t.state == "unread"] == ["lethal.txt"]
        assert "ended the whole process twice" in (await reasons(home))["lethal.txt"]
        counts = await intake.imports.counts()
        assert (counts["failed"], counts["searchable"]) == (1, 20)
        assert await intake.retry(time.time()) == 1
        assert [t.state async for t in intake.work()] == ["kept"]


async def test_two_thousand_small_files_are_all_there(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for part in range(20):
        write(folder / str(part), **{f"f{n}": f"Avis numéro {part * 100 + n} du conseil." for n in range(100)})
    async with a_home(tmp_path / "home") as home:
        taken, _ = await sync(home, folder)
        assert len(taken) == 2_000 and {t.state for t in taken.values()} == {"kept"}
        assert await documents_in(tmp_path / "home") == 2_000
        again, gone = await sync(home, folder)
        assert {t.state for t in again.values()} == {"unchanged"} and len(again) == 2_000 and gone == []


async def test_a_worker_of_a_server_does_what_waits_and_what_comes_later(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a=office(1))
    async with a_home(tmp_path / "home") as home, a_home(tmp_path / "home") as other:
        working = asyncio.create_task(keep_up(home, [Letters()], LIMITS))
        for name in ("a.txt", "b.txt"):
            (folder / name).write_text(office(ord(name[0])))
            async for _ in Intake(other, LIMITS).hand_in(given(folder, []), time.time()):
                pass
            while (await states(other)).get(name) != "complete":
                await asyncio.sleep(0.05)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working


async def test_vectors_that_an_interrupted_run_left_are_added_by_the_next(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{f"f{n}": office(n) for n in range(50)})
    async with a_home(tmp_path / "home") as home:
        await sync(home, folder)
        encoder = Letters()
        async with aclosing(add_vectors(home, [encoder])) as batches:
            first = await anext(batches)
        assert 0 < first < 50 and await home.waiting("letters") == 50 - first
        assert sum([done async for done in add_vectors(home, [encoder])]) == 50 - first == encoder.given - first
        assert [done async for done in add_vectors(home, [encoder])] == []


async def test_another_encoder_starts_from_nothing_and_the_old_vectors_can_be_dropped(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{f"f{n}": office(n) for n in range(5)})
    async with a_home(tmp_path / "home") as home:
        await sync(home, folder)
        old, new = Letters(), Letters()
        new.name = "letters, once more"  # type: ignore[misc]
        async for _ in add_vectors(home, [old]):
            pass
        await Imports(home.store).note_meaning(new.name)
        assert set((await states(home)).values()) == {"searchable"} and await home.waiting(new.name) == 5
        async for _ in add_vectors(home, [new]):
            pass
        assert set((await states(home)).values()) == {"complete"}
        assert await home.forget_other_vectors([new.name]) == 5 and await home.waiting(new.name) == 0


async def test_files_named_alone_are_taken_in_whatever_their_name(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# La commune\n\nElle compte douze mille habitants.")
    async with a_home(tmp_path / "home") as home:
        assert [t.state async for t in take_in(home, files_below(tmp_path / "README.md"), LIMITS)] == ["kept"]
    with pytest.raises(BadInput, match="nowhere"):
        files_below(tmp_path / "nowhere")


def test_cutting_in_another_process_gives_what_cutting_here_gives() -> None:
    from tiwizi.knowledge.documents import Read

    read = Read(text="المادة 1\nيفتح المكتب يوم الاثنين.\n\n" * 30, title="القانون", media_type="text/plain")
    with Preparer() as preparer:
        assert preparer.prepared(read) == prepared(read)
        preparer.interrupt()
        time.sleep(0.05)
        assert preparer.prepared(read) == prepared(read), "a process that died is replaced"


async def test_a_pack_is_installed_anew_over_what_an_older_tiwizi_listed_of_it(tmp_path: Path) -> None:
    pack = write(tmp_path / "starter", avis=office(1), loi=office(2))
    async with a_home(tmp_path / "home") as home:
        async for _ in take_in(home, files_below(pack), LIMITS, pack=pack):
            pass
        store = Imports(home.store).store
        async with store.writing() as connection:
            await connection.exec_driver_sql("UPDATE imports SET source = ''")
        (pack / "loi.txt").write_text(office(3))
        taken = {t.path: t.state async for t in take_in(home, files_below(pack), LIMITS, pack=pack)}
        assert taken == {"starter:avis.txt": "unchanged", "starter:loi.txt": "kept"}
        assert [t async for t in Intake(home, LIMITS).work()] == [], "the worker leaves it to whoever installs it"


class Slow(Letters):
    """Takes its time, as an encoder does."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        time.sleep(0.3)
        return super().passages(texts)


async def test_how_long_the_vectors_take_is_told_once_it_was_measured(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **{f"f{n}": office(n) for n in range(150)})
    async with a_home(tmp_path / "home") as home:
        await sync(home, folder)
        told = []
        async with aclosing(add_vectors(home, [Slow()])) as batches:
            async for _ in batches:
                told.append(pace_of(tmp_path / "home"))
        assert told[0] is not None and told[0].seconds is None, "nothing was measured yet"
        known = [pace for pace in told if pace is not None and pace.seconds is not None]
        assert known and all(0 < pace.seconds < 60 and 0 < pace.left < 150 for pace in known if pace.seconds)
        assert [pace.left for pace in known] == sorted((pace.left for pace in known), reverse=True)
