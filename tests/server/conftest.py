"""A real server on a free port, with the starter pack and a few documents of the tests' own."""

import asyncio
import json
import os
import select
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, sync_playwright

from tiwizi.assistant import limits
from tiwizi.knowledge import E5, Library, add_vectors, take_in
from tiwizi.settings import Settings
from tiwizi.store import open_store

COMMAND = [sys.executable, "-c", "from tiwizi.cli import main; main()", "serve", "--port", "0", "--home"]
PATIENCE = 120  # seconds for a start: the first one installs the starter pack


class Reply(Struct, frozen=True):
    """What came back, whatever its status."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> dict:  # type: ignore[type-arg]
        return json.loads(self.body)  # type: ignore[no-any-return]


class Running(Struct, frozen=True):
    """A server under way."""

    process: subprocess.Popen[str]
    address: str
    home: Path

    def call(self, path: str, body: bytes | None = None, method: str | None = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.address + path, body, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return Reply(reply.status, {k.lower(): v for k, v in reply.headers.items()}, reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def chat(self, **body: object) -> Reply:
        return self.call("/v1/chat/completions", json.dumps(body).encode(), content_type="application/json")

    def form(self, path: str, **fields: str) -> Reply:
        return self.call(path, urlencode(fields).encode())


@contextmanager
def running(home: Path) -> Iterator[Running]:
    """Start a server on the instance in `home`; it is told to stop at the end, if it still runs."""
    steady = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # two that wait for each other are slow on a busy machine
    process = subprocess.Popen([*COMMAND, str(home)], stdout=subprocess.PIPE, text=True, env=steady)
    assert process.stdout is not None
    try:
        assert select.select([process.stdout], [], [], PATIENCE)[0], "the server did not start in time"
        line = process.stdout.readline()
        assert line, f"the server ended with status {process.wait()} before it listened"
        yield Running(process, line.split()[-1], home)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            process.stdout.close()


async def ingest(instance: Path, folder: Path) -> None:
    store = open_store(instance)
    encoder = E5()
    home = Library(store, encoder).home
    async for _ in take_in(home, sorted(folder.iterdir()), limits(Settings())):
        pass
    async for _ in add_vectors(home, [encoder]):
        pass
    await store.close()


LIBRARY = """# Règlement de la bibliothèque communale

{articles}
"""
SUBJECTS = (
    "L'inscription des lecteurs se fait au guichet, avec une pièce d'identité et une photo.",
    "Chaque lecteur peut emprunter quatre livres à la fois, pour une durée de trois semaines.",
    "Les enfants de moins de douze ans empruntent les livres sous la responsabilité de leurs parents.",
    "Le livre perdu ou abîmé est remplacé par le lecteur, ou remboursé à son prix d'achat.",
    "La salle de lecture est ouverte du mardi au samedi, de neuf heures à dix-huit heures.",
)
HOSTILE = """# <script>document.title = "stolen"</script> Règlement du marché aux tapis

## Article 1

</mark></div><script>document.title = "stolen"</script><img src=x onerror="document.title='stolen'">
Les vendeurs du marché aux tapis paient leur emplacement chaque lundi matin auprès du régisseur du marché.

## Article 2

&lt;script&gt; ⵜⵉⴼⵉⵏⴰⵖ <b>غليظ</b> Les tapis exposés au marché portent une étiquette qui dit leur origine.
"""


def write_documents(folder: Path) -> None:
    folder.mkdir()
    numbered = (f"## Article {n}\n\n{SUBJECTS[n % 5] if n < 5 else _filler(n)}\n" for n in range(1, 31))
    (folder / "bibliotheque.md").write_text(LIBRARY.format(articles="\n".join(numbered)), "utf-8")
    (folder / "tapis<b>.md").write_text(HOSTILE, "utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 <script>alert(1)</script> not really")


def _filler(number: int) -> str:
    return f"La disposition numéro {number} traite du rayon {number} et de son entretien. " * 6


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    base = tmp_path_factory.mktemp("server")
    write_documents(base / "documents")
    asyncio.run(ingest(base / "home", base / "documents"))
    with without_settings(), running(base / "home") as server:
        yield server


@contextmanager
def without_settings() -> Iterator[None]:
    """The settings of whoever runs the tests do not count for the server either."""
    kept = {n: os.environ.pop(n) for n in list(os.environ) if n.startswith("TIWIZI_") and n != "TIWIZI_DATA"}
    try:
        yield
    finally:
        os.environ.update(kept)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if path is None and os.environ.get("CI"):
        pytest.fail("CI has no Chromium: apt-get install chromium")
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(params=[False, True], ids=["plain", "script"])
def page(browser: Browser, server: Running, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a new visitor, without JavaScript and with it; any error on it or request elsewhere fails the test."""
    context = browser.new_context(base_url=server.address, java_script_enabled=request.param, locale="fr-FR")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda one: None if one.url.startswith(server.address) else errors.append(one.url))
    yield page
    context.close()
    assert not errors
