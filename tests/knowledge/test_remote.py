"""An embedding server in the place of the encoder: what it is sent, what is made of its answers, what it may not do."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from files import LIMITS

from tiwizi.assistant import open_desk
from tiwizi.errors import BadInput, Trouble
from tiwizi.knowledge import Library, Remote, Use, add_vectors, files_below, take_in
from tiwizi.settings import EncoderSettings, Settings
from tiwizi.store import open_store

Answer = Callable[[dict[str, Any]], web.Response]


def embeddings(rows: list[list[float]], order: list[int] | None = None) -> web.Response:
    data = [{"object": "embedding", "index": place, "embedding": rows[place]} for place in order or range(len(rows))]
    return web.json_response({"object": "list", "data": data, "model": "m", "usage": {"total_tokens": 1}})


class Server:
    """A server on a free port that keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answer: Answer = lambda asked: embeddings([[3.0, 4.0, 0.0]] * len(asked["input"]))
        self.encoder = Use()

    async def reply(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        self.asked.append(asked)
        self.keys.append(request.headers.get("authorization"))
        return await asyncio.to_thread(self.answer, asked)

    def by_use(self, asked: dict[str, Any]) -> web.Response:
        return embeddings(self.encoder.passages(asked["input"]).tolist())


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    kept = Server()
    app = web.Application()
    app.router.add_post("/v1/embeddings", kept.reply)
    running = TestServer(app)
    await running.start_server()
    yield kept, f"http://127.0.0.1:{running.port}"
    await running.close()


def remote(url: str, **more: Any) -> Remote:
    environ = {"KEY": "secret-key"}
    return Remote(EncoderSettings(**{"url": url, "model": "m", "dimension": 3} | more), environ)


@pytest.mark.parametrize("path", ["", "/v1", "/v1/", "/v1/embeddings"])
async def test_texts_are_sent_as_openai_clients_send_them(server: tuple[Server, str], path: str) -> None:
    kept, url = server
    encoder = remote(url + path, key_env="KEY", question_prefix="query: ")
    vectors = await asyncio.to_thread(encoder.questions, ["شحال؟", "a\0b"])
    assert np.allclose(vectors, [[0.6, 0.8, 0.0]] * 2)
    assert kept.asked == [{"model": "m", "input": ["query: شحال؟", "query: a b"], "encoding_format": "float"}]
    assert kept.keys == ["Bearer secret-key"]


async def test_many_texts_go_in_several_requests_and_come_back_in_order(server: tuple[Server, str]) -> None:
    kept, url = server
    kept.answer = lambda asked: embeddings(
        [[float(text), 1.0, 0.0] for text in asked["input"]], list(reversed(range(len(asked["input"]))))
    )
    vectors = await asyncio.to_thread(remote(url).passages, [str(number) for number in range(70)])
    assert np.allclose(vectors[:, 0] / vectors[:, 1], range(70), atol=1e-3) and len(kept.asked) == 3


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: web.Response(status=401), "HTTP 401"),
        (lambda _: web.Response(status=302, headers={"location": "http://127.0.0.1:1/elsewhere"}), "HTTP 302"),
        (lambda _: web.Response(text="<html>"), "something else than embeddings"),
        (lambda _: web.json_response({"data": []}), "0 vectors for 1 texts"),
        (lambda _: web.json_response({"error": {"message": "the text said X"}}), "something else than embeddings"),
        (lambda _: embeddings([[1.0, 2.0]]), "dimension = 2"),
    ],
)
async def test_what_goes_wrong_is_said_without_the_text_or_the_key(
    server: tuple[Server, str], answer: Answer, reason: str
) -> None:
    kept, url = server
    kept.answer = answer
    with pytest.raises(Trouble, match=reason) as caught:
        await asyncio.to_thread(remote(url, key_env="KEY").questions, ["text of a person"])
    assert "secret-key" not in str(caught.value) and "person" not in str(caught.value)


async def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(Trouble, match="127.0.0.1:9.*connection failed"):
        await asyncio.to_thread(remote("http://127.0.0.1:9").questions, ["a"])


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"url": "ftp://host/v1"}, "Write it as https"),
        ({"url": "https:///v1"}, "Write it as https"),
        ({"url": "https://user:word@host/v1"}, "holds a secret"),
        ({"url": "https://host/v1?key=1"}, "holds a secret"),
        ({"url": "http://localhost:1/v1", "key_env": "NO_SUCH"}, "NO_SUCH"),
        ({"url": "https://api.example.com/v1"}, "Say which law"),
    ],
)
def test_an_address_that_will_not_do_stops_the_start(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        Remote(EncoderSettings(**{"model": "m", "dimension": 3} | settings), {})


async def test_documents_are_found_by_the_vectors_of_a_server(server: tuple[Server, str], tmp_path: Path) -> None:
    """A real encoder behind a real port; its means come from the cards and the collection."""
    kept, url = server
    kept.answer = kept.by_use
    (tmp_path / "a.txt").write_text("The library opens on Monday.\n" * 3)
    (tmp_path / "b.txt").write_text("Parking costs five dirhams an hour.\n" * 3)
    encoder = remote(url, dimension=512)
    store = open_store(tmp_path / "home")
    library = Library(store, encoder)
    async for _ in take_in(library.home, files_below(tmp_path / "a.txt") + files_below(tmp_path / "b.txt"), LIMITS):
        pass
    async for _ in add_vectors(library.home, library.encoders):
        pass
    first = (await library.search("How much does it cost to leave my car?", "en")).passages[0]
    assert first.document == "b.txt" and first.signals["meaning"] > 0 and "student" not in first.signals
    await store.close()


async def test_a_server_that_fails_leaves_the_other_signals(server: tuple[Server, str], tmp_path: Path) -> None:
    kept, url = server
    kept.answer = lambda _: web.Response(status=500)
    (tmp_path / "a.txt").write_text("The library opens on Monday.\n" * 3)
    store = open_store(tmp_path / "home")
    library = Library(store, remote(url))
    async for _ in take_in(library.home, files_below(tmp_path / "a.txt"), LIMITS):
        pass
    (found,) = (await library.search("When does the library open?", "en")).passages
    assert found.signals["shared"] > 0 and not found.signals.get("meaning")
    await store.close()


async def test_the_policy_keeps_documents_from_a_server_abroad(tmp_path: Path) -> None:
    encoder = EncoderSettings(url="https://api.example.com/v1", model="m", dimension=3, jurisdiction="US")
    with pytest.raises(BadInput, match="policy.*'US'"):
        async with open_desk(tmp_path, Settings(encoder=encoder)):
            pass
