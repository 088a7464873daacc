"""The process itself: starting, stopping, being killed, and what it finds broken."""

import asyncio
import json
import signal
import socket
import subprocess
import threading
import urllib.request
from pathlib import Path

import pytest

from server.conftest import COMMAND, running, write_documents
from tiwizi.assistant import limits
from tiwizi.governance import verify
from tiwizi.knowledge import E5, Library, take_in, waiting_for_vectors
from tiwizi.settings import Settings
from tiwizi.store import open_store

ENOUGH = 12  # answers acknowledged before the process is killed
ASK = {"model": "tiwizi", "messages": [{"role": "user", "content": "chhal lpaspor?"}]}


def refusal(*arguments: str) -> tuple[int, str]:
    command = [*COMMAND[:3], "serve", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "" and "Traceback" not in done.stderr
    return done.returncode, done.stderr


def bare(home: Path) -> Path:
    home.mkdir()
    (home / "tiwizi.toml").write_text("starter = false\n", "utf-8")
    return home


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        status, said = refusal("--home", str(bare(tmp_path / "home")), "--port", port)
    assert status == 2 and port in said and "--port" in said and len(said.splitlines()) == 1


def test_a_damaged_database_is_named_at_the_start(tmp_path: Path) -> None:
    home = bare(tmp_path / "home")
    (home / "tiwizi.db").write_bytes(b"not a database" * 1_000)
    status, said = refusal("--home", str(home), "--port", "0")
    assert status == 2 and "tiwizi.db" in said and "damaged" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_and_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    with running(bare(tmp_path / "home")) as server:
        assert server.address.startswith("http://127.0.0.1:")
        assert server.call("/health").json["cards"] == 0
        idle = socket.create_connection(("127.0.0.1", int(server.address.rsplit(":", 1)[1])))
        idle.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(8) == b"HTTP/1.1"
        server.process.send_signal(number)
        assert server.process.wait(15) == 0, "an idle connection does not keep it"
        idle.close()
        assert server.process.stdout and server.process.stdout.read() == ""


def test_a_database_damaged_on_the_way_makes_it_unwell_and_says_why(tmp_path: Path) -> None:
    with running(bare(tmp_path / "home")) as server:
        assert server.call("/health").status == 200
        for name in ("tiwizi.db-wal", "tiwizi.db-shm"):
            (server.home / name).unlink(missing_ok=True)
        (server.home / "tiwizi.db").write_bytes(b"not a database" * 1_000)
        health = server.call("/health")
        assert health.status == 503 and "tiwizi.db" in health.json["error"]["message"]
        page = server.form("/ask?lang=fr", question="chhal lpaspor?")
        assert page.status == 503 and "chhal lpaspor?</textarea>" in page.text
        assert str(server.home) not in page.text, "people are not told about files"


async def test_what_an_import_left_unfinished_is_finished_in_the_background(tmp_path: Path) -> None:
    """An import that was killed kept its passages, found by words alone: the next server gives them their vectors."""
    home = bare(tmp_path / "home")
    write_documents(tmp_path / "documents")
    store, encoder = open_store(home), E5()
    shelf = Library(store, encoder).home
    async for _ in take_in(shelf, [tmp_path / "documents" / "tapis<b>.md"], limits(Settings())):
        pass
    assert await waiting_for_vectors(shelf, encoder)
    with running(home) as server:
        for _ in range(600):
            if not await waiting_for_vectors(shelf, encoder):
                break
            assert server.call("/health").status == 200
            await asyncio.sleep(0.05)
        assert not await waiting_for_vectors(shelf, encoder)
    await store.close()


def test_killed_while_answering_it_keeps_every_receipt_it_gave(tmp_path: Path) -> None:
    """`kill -9` in the middle of answers: what was acknowledged is there after a new start, and verifies."""
    given: list[str] = []
    enough = threading.Event()
    with running(bare(tmp_path / "home")) as victim:

        def ask() -> None:
            body = json.dumps(ASK).encode()
            request = urllib.request.Request(
                victim.address + "/v1/chat/completions", body, {"content-type": "application/json"}
            )
            while True:
                try:
                    with urllib.request.urlopen(request, timeout=10) as reply:
                        answered = json.load(reply)
                except (OSError, ValueError):  # killed: this one was not acknowledged
                    return
                given.append(answered["tiwizi"]["receipt"]["record"]["receipt"])
                if len(given) >= ENOUGH:
                    enough.set()

        asking = [threading.Thread(target=ask) for _ in range(4)]
        for thread in asking:
            thread.start()
        assert enough.wait(60)
        victim.process.kill()
        for thread in asking:
            thread.join(20)
    assert len(given) >= ENOUGH
    with running(victim.home) as again:
        for number in given:
            assert verify(again.call(f"/receipts/{number}.json").body).number == number
        assert again.call("/health").json["answers"] >= len(given)
