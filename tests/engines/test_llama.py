"""The embedded engine, with a real model."""

import asyncio
import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tiwizi.engines import CUT, Engine, Turn, make_engine
from tiwizi.errors import Trouble
from tiwizi.settings import EngineSettings

CAPITAL = [Turn("system", "Answer in one sentence."), Turn("user", "What is the capital of France?")]
STORY = [Turn("user", "Tell a very long story about the sea.")]


def engine_of(gguf: Path) -> Engine:
    return make_engine(EngineSettings(name="small", path=str(gguf), languages=["en"]))


async def read(engine: Engine, turns: list[Turn], max_tokens: int = 400) -> str:
    return "".join([text async for text in engine.stream(turns, max_tokens=max_tokens)])


def test_it_writes_and_the_same_turns_give_the_same_text(gguf):
    async def run() -> None:
        engine = engine_of(gguf)
        texts = [await read(engine, CAPITAL) for _ in range(2)]
        assert "Paris" in texts[0] and texts[0] == texts[1]
        assert engine.digest == hashlib.sha256(gguf.read_bytes()).hexdigest()
        assert (engine.jurisdiction, engine.languages) == ("local", {"en"})
        assert (await read(engine, STORY, max_tokens=8)).endswith(CUT)
        with pytest.raises(Trouble, match="exceed_context_size_error"):
            await read(engine, [Turn("user", "word " * 9000)])
        await engine.close()

    asyncio.run(run())


def test_the_event_loop_goes_on_while_it_loads_and_writes(gguf):
    async def run() -> float:
        engine = engine_of(gguf)
        job = asyncio.create_task(read(engine, STORY, max_tokens=30))
        longest = 0.0
        while not job.done():
            start = time.perf_counter()
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - start)
        await engine.close()
        return longest

    assert asyncio.run(run()) < 0.25  # loading alone takes longer


def test_two_people_are_answered_at_once(gguf):
    async def run() -> list[str]:
        engine = engine_of(gguf)
        texts = await asyncio.gather(*(read(engine, CAPITAL) for _ in range(3)))
        await engine.close()
        return texts

    assert all("Paris" in text for text in asyncio.run(run()))


def test_leaving_early_stops_the_writing(gguf):
    """Six abandoned stories of 4,000 tokens would keep the two places busy for minutes."""

    async def run() -> float:
        engine = engine_of(gguf)
        await read(engine, CAPITAL, max_tokens=1)
        for _ in range(3):
            texts = engine.stream(STORY, max_tokens=4000)
            await anext(texts)
            await texts.aclose()
            job = asyncio.create_task(read(engine, STORY, max_tokens=4000))
            await asyncio.sleep(0.05)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
        start = time.perf_counter()
        assert "Paris" in await read(engine, CAPITAL)
        took = time.perf_counter() - start
        await engine.close()
        return took

    assert asyncio.run(run()) < 15


def test_closing_stops_what_is_written_and_says_so(gguf):
    async def run() -> None:
        engine = engine_of(gguf)
        jobs = [asyncio.create_task(read(engine, STORY, max_tokens=4000)) for _ in range(4)]  # two wait
        await asyncio.sleep(0.8)
        await engine.close()
        for ending in await asyncio.gather(*jobs, return_exceptions=True):
            assert isinstance(ending, Trouble) and "closed" in str(ending)
        with pytest.raises(Trouble, match="closed"):
            await read(engine, CAPITAL)
        await engine.close()

    asyncio.run(run())


def test_a_process_that_died_is_named_and_started_again(gguf):
    async def run() -> None:
        engine = engine_of(gguf)
        texts = engine.stream(STORY, max_tokens=4000)
        await anext(texts)
        engine._process.kill()
        with pytest.raises(Trouble, match="the connection"):
            async for _ in texts:
                pass
        assert "Paris" in await read(engine, CAPITAL)
        await engine.close()

    asyncio.run(run())


def test_nothing_is_left_running_when_tiwizi_is_killed(gguf, tmp_path):
    code = (
        "import asyncio, sys, time\nfrom pathlib import Path\nfrom tiwizi.engines.llama import Llama\n"
        "async def main():\n engine = Llama('small', Path(sys.argv[1]), frozenset())\n await engine.start()\n"
        " print(engine._process.pid, flush=True)\n await asyncio.sleep(60)\nasyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(gguf)], stdout=subprocess.PIPE, text=True) as tiwizi:
        child = int(tiwizi.stdout.readline())
        tiwizi.kill()
    deadline = time.monotonic() + 5
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_damaged_file_is_named(gguf, tmp_path):
    damaged = tmp_path / "half.gguf"
    damaged.write_bytes(gguf.read_bytes()[:100_000])

    async def run() -> None:
        engine = engine_of(damaged)
        with pytest.raises(Trouble, match=r"half\.gguf could not be loaded"):
            await read(engine, CAPITAL)
        await engine.close()

    asyncio.run(run())
