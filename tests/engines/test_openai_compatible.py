"""The engine for servers, against llama.cpp's own server and against servers that misbehave."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tiwizi.engines import CUT, Turn, make_engine
from tiwizi.engines.openai_compatible import OpenAICompatible
from tiwizi.errors import Trouble
from tiwizi.settings import EngineSettings

KEY, SECRET_TEXT = "sk-hush", "my number is 42"
TALK = [Turn("user", SECRET_TEXT)]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1/chat/completions"
    finally:
        await runner.cleanup()


def piece(text: str | None, finish: str | None = None) -> bytes:
    chunk = {"id": "1", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()


def sending(*parts: bytes | float, cut: bool = False) -> Handler:
    """A server that sends these bytes, waits at the numbers, and may cut the line at the end."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for part in parts:
            if isinstance(part, bytes):
                await response.write(part)
            await asyncio.sleep(0.001 if isinstance(part, bytes) else part)
        if cut and request.transport:
            request.transport.abort()
        return response

    return handler


def answering(status: int, body: object) -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers={"Location": "/elsewhere"})

    return handler


async def ask(url: str, **more: float) -> str:
    engine = OpenAICompatible("far", url, key=KEY, **{"connect": 1.0, "silence": 0.3} | more)
    try:
        return "".join([text async for text in engine.stream(TALK)])
    finally:
        await engine.close()


def answer_of(handler: Handler) -> str:
    async def run() -> str:
        async with serving(handler) as url:
            return await ask(url)

    return asyncio.run(run())


DONE = b"data: [DONE]\n\n"
SPLIT = piece("تويزة", "stop")
ANSWERED = [
    ("pieces", sending(piece("Bon"), piece("jour"), piece(None, "stop"), DONE), "Bonjour"),
    ("cut inside a letter", sending(*(SPLIT[i : i + 7] for i in range(0, len(SPLIT), 7)), DONE), "تويزة"),
    ("comments between pieces", sending(b": ping\n\n", piece("a"), b":\n", piece("b"), DONE), "ab"),
    ("no [DONE]", sending(piece("a"), piece("", "stop")), "a"),
    ("no reason given", sending(piece("a"), DONE), "a"),
    ("usage without choices", sending(piece("a", "stop"), b'data: {"choices": [], "usage": {}}\n\n', DONE), "a"),
    ("thoughts are not text", sending(b'data: {"choices":[{"delta":{"reasoning":"hm"}}]}\n\n', piece("a"), DONE), "a"),
    ("what follows [DONE]", sending(piece("a"), DONE, piece("b")), "a"),
    ("stopped at the limit", sending(piece("a"), piece(None, "length"), DONE), "a" + CUT),
    ("no stream at all", answering(200, {"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}), "a"),
]


@pytest.mark.parametrize(("label", "handler", "expected"), ANSWERED, ids=[row[0] for row in ANSWERED])
def test_an_answer_is_read(label, handler, expected):
    assert answer_of(handler) == expected


def error(**fields: object) -> bytes:
    return f"data: {json.dumps({'error': fields})}\n\n".encode()


BROKEN = [
    ("wrong key", answering(401, {"error": {"message": KEY}}), "does not accept the key (HTTP 401)"),
    ("no such model", answering(404, {}), "no such address or model (HTTP 404)"),
    ("busy", answering(429, {}), "busy"),
    ("down", answering(503, {}), "an error (HTTP 503)"),
    ("redirect", answering(307, {}), "a redirect is not followed (HTTP 307)"),
    ("error in the stream", sending(piece("a"), error(message=SECRET_TEXT, type="server_error")), "server_error"),
    ("error whose code holds words", sending(error(code=SECRET_TEXT)), "it reports error"),
    ("error as text", sending(b'data: {"error": "my number"}\n\n'), "it reports error"),
    ("error in a whole answer", answering(200, {"error": {"code": "model_loading"}}), "model_loading"),
    ("no JSON", sending(b"data: <html>\n\n"), "something else"),
    ("other JSON", sending(b'data: {"choices": "none"}\n\n'), "something else"),
    ("a page", answering(200, "hello"), "something else"),
    ("cut in the middle", sending(piece("a"), cut=True), "the connection"),
    ("ended early", sending(piece("a")), "the connection was cut"),
    ("nothing", sending(), "the connection was cut"),
    ("silence", sending(piece("a"), 1.0), "in time"),
    ("too much", sending(b"data: " + b"x" * 1_100_000), "more than"),
    ("too much at once", answering(200, "x" * 1_100_000), "more than"),
]


@pytest.mark.parametrize(("label", "handler", "reason"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_failure_names_host_and_reason_and_nothing_that_was_said(label, handler, reason):
    with pytest.raises(Trouble) as trouble:
        answer_of(handler)
    message = str(trouble.value)
    assert reason in message and "127.0.0.1" in message and "'far'" in message
    assert KEY not in message and "my number" not in message


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(Trouble, match=r"127\.0\.0\.1:1 .*connection failed"):
        asyncio.run(ask("http://127.0.0.1:1/v1/chat/completions"))


def test_leaving_early_ends_the_connection():
    """The server learns at once that nobody listens, and stops writing."""

    async def run() -> bool:
        hung_up = asyncio.Event()

        async def handler(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            try:
                while True:
                    await response.write(piece("word "))
                    await asyncio.sleep(0.005)
            except ConnectionError:
                hung_up.set()
                raise

        async with serving(handler) as url:
            engine = OpenAICompatible("far", url)
            texts = engine.stream(TALK)
            assert await anext(texts) == "word "
            await texts.aclose()
            await asyncio.wait_for(hung_up.wait(), 2)
            await engine.close()
        return hung_up.is_set()

    assert asyncio.run(run())


def test_key_model_and_limit_are_sent():
    seen: dict[str, object] = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.update(await request.json(), key=request.headers["Authorization"])
        return web.json_response({"choices": [{"message": {"content": "a"}}]})

    async def run() -> None:
        async with serving(handler) as url:
            base = url.removesuffix("/v1/chat/completions")
            engine = make_engine(EngineSettings(name="far", url=base, model="small", key_env="K"), {"K": KEY})
            assert [text async for text in engine.stream(TALK, max_tokens=7)] == ["a"]
            await engine.close()
            with pytest.raises(Trouble, match="closed"):
                await anext(engine.stream(TALK))

    asyncio.run(run())
    assert seen["key"] == f"Bearer {KEY}" and seen["model"] == "small" and seen["max_tokens"] == 7
    assert seen["messages"] == [{"role": "user", "content": SECRET_TEXT}] and seen["stream"] is True


def test_it_speaks_with_the_real_server_of_llama_cpp(gguf):
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.verbosity, params.warmup = str(gguf), 2048, -1, False
    params.api_keys = [KEY]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    url = f"{server.listening_address}/v1"

    async def run() -> None:
        engine = make_engine(EngineSettings(name="llama", url=url, key_env="K"), {"K": KEY})
        question = [Turn("system", "Answer in one sentence."), Turn("user", "What is the capital of France?")]
        pieces = [text async for text in engine.stream(question)]
        assert len(pieces) > 3 and "Paris" in "".join(pieces)
        cut = [text async for text in engine.stream([Turn("user", "Tell a story.")], max_tokens=5)]
        assert cut[-1] == CUT
        with pytest.raises(Trouble, match="exceed_context_size_error"):
            await anext(engine.stream([Turn("user", "word " * 2500)]))
        await engine.close()
        stranger = make_engine(EngineSettings(name="llama", url=url), {})
        with pytest.raises(Trouble, match="does not accept the key"):
            await anext(stranger.stream(TALK))
        await stranger.close()

    asyncio.run(run())
