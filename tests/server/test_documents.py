"""The page of documents: what is under way, what is there, what could not be read; and answers while files come in."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.conftest import Running, running
from tiwizi.assistant import limits
from tiwizi.knowledge import Intake, given
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.knowledge.working import Turn
from tiwizi.settings import Settings
from tiwizi.store import open_store

TEXT = "Article {n}\nLe service numéro {n} reçoit le public au guichet {n}, du lundi au vendredi.\n"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server on an instance of its own, without the starter pack."""
    home = tmp_path_factory.mktemp("documents") / "home"
    home.mkdir()
    (home / "tiwizi.toml").write_text("starter = false\n", "utf-8")
    with running(home) as server:
        yield server


def hand_in(home: Path, folder: Path) -> None:
    async def listed() -> None:
        store = open_store(home)
        async for _ in Intake(SqliteHome(store), limits(Settings())).hand_in(given(folder, []), time.time()):
            pass
        await store.close()

    asyncio.run(listed())


def until(server: Running, waiting: int = 0) -> None:
    deadline = time.monotonic() + 60
    while server.call("/health").json["waiting"] > waiting:
        assert time.monotonic() < deadline, "the server takes in what waits"
        time.sleep(0.1)


def test_the_page_tells_what_waits_and_then_what_became_of_it(quiet: Running, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"avis{number}.txt").write_text(TEXT.format(n=number))
    (tmp_path / "cassé <b>.pdf").write_bytes(b"%PDF-1.7 nothing else")
    turn = Turn(quiet.home)
    while not turn.take():  # nobody else can be at work now
        time.sleep(0.05)
    hand_in(quiet.home, tmp_path)
    page = quiet.call("/documents?lang=en").text
    assert '<meta http-equiv="refresh"' in page and "wait to be read: 4" in page
    assert 'dir="rtl"' in quiet.call("/documents?lang=ar").text
    assert quiet.call("/health").json["waiting"] == 4
    turn.leave()
    until(quiet)
    health = quiet.call("/health").json
    assert (health["documents"], health["unread"], health["waiting"]) == (3, 1, 0)
    deadline = time.monotonic() + 60
    while 'http-equiv="refresh"' in (page := quiet.call("/documents?lang=en").text):
        assert "not yet by their meaning" in page and time.monotonic() < deadline
        time.sleep(0.1)
    assert "avis2.txt" in page and "cassé &lt;b&gt;.pdf" in page and "PDF" in page and "<b>.pdf" not in page


def test_a_long_list_has_pages(quiet: Running, tmp_path: Path) -> None:
    for number in range(230):
        (tmp_path / f"liste{number:03}.txt").write_text(f"Avis de la liste {number}: le bureau {number} est fermé.")
    hand_in(quiet.home, tmp_path)
    until(quiet)
    first, second = quiet.call("/documents").text, quiet.call("/documents?first=200").text
    assert 'href="/documents?first=200" rel="next"' in first and 'rel="prev"' not in first
    assert 'href="/documents?first=0" rel="prev"' in second and 'rel="next"' not in second
    shown = [n for n in range(230) if (f"liste{n:03}.txt" in first) != (f"liste{n:03}.txt" in second)]
    assert len(shown) == 230, "each is on one of the pages"
    assert quiet.call("/documents?first=-1").status == 400


def test_answers_keep_coming_while_a_long_import_runs(quiet: Running, tmp_path: Path) -> None:
    for number in range(60):
        articles = "".join(TEXT.format(n=number * 100 + part) * 6 for part in range(30))
        (tmp_path / f"long{number}.txt").write_text(articles)
    command = [sys.executable, "-m", "tiwizi.cli", "ingest", "--quick", "--home", str(quiet.home), str(tmp_path)]
    importing = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert importing.stdout
    answered = 0
    while importing.poll() is None:
        reply = quiet.chat(model="tiwizi", messages=[{"role": "user", "content": "Quand le service reçoit-il ?"}])
        assert reply.status == 200 and reply.json["choices"]
        answered += 1
    report = importing.stdout.read().decode()
    importing.stdout.close()
    assert importing.returncode == 0 and report.startswith("60 files kept") and answered > 2
