"""The embedded engine: a GGUF file run by llama.cpp, through xllamacpp.

It runs in a process of its own: loading a file holds Python's lock for as long as it takes, and a fault in native
code ends the process in which it happens.
"""

import asyncio
import hashlib
import importlib.util
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import msgspec

from tiwizi.engines.openai_compatible import OpenAICompatible
from tiwizi.engines.providers import provider
from tiwizi.engines.values import Turn
from tiwizi.errors import BadInput, Trouble
from tiwizi.settings import EngineSettings

GOODBYE = 3.0  # seconds that the process has to end by itself


class Llama:
    """Writes with one GGUF file; loaded by the first text (or by `start`), freed by `close`."""

    def __init__(self, name: str, path: Path, languages: frozenset[str], jurisdiction: str = "local") -> None:
        self.name, self.path, self.languages, self.jurisdiction = name, path, languages, jurisdiction
        self._process: Process | None = None
        self._server: OpenAICompatible | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file; starting works it out, so that it costs nothing once a text was written."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    async def start(self) -> None:
        """Load the file now, so that the first person need not wait. Raises Trouble when it cannot be loaded."""
        await self._running()

    async def stream(self, turns: Sequence[Turn], *, max_tokens: int = 400) -> AsyncGenerator[str]:
        server = await self._running()
        texts = server.stream(turns, max_tokens=max_tokens)
        try:
            async for text in texts:
                yield text
        except Trouble:
            if self._process:  # the connection breaks a moment before the end of the process is known
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), 0.2)
            raise
        finally:
            await texts.aclose()

    async def close(self) -> None:
        self._closed = True
        if self._server:
            await self._server.close()
        await self._end()

    async def _running(self) -> OpenAICompatible:
        """The server, started when there is none or when it died."""
        async with self._starting:
            if self._closed:
                raise self._is_closed()
            if self._server is None or self._process is None or self._process.returncode is not None:
                if self._server:
                    await self._server.close()
                self._server = await self._start()
            return self._server

    async def _start(self) -> OpenAICompatible:
        await asyncio.to_thread(lambda: self.digest)
        key = secrets.token_urlsafe(32)  # llama.cpp opens a port on 127.0.0.1: nobody else on this machine may use it
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tiwizi.engines.llama_process", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        assert process.stdin and process.stdout
        try:
            process.stdin.write(msgspec.json.encode({"path": str(self.path), "key": key}) + b"\n")
            line = await process.stdout.readline()
        except BaseException:  # whoever asked has left: the next one starts anew
            await self._end()
            raise
        if self._closed:
            raise self._is_closed()
        url = msgspec.json.decode(line, type=dict[str, str]).get("url") if line else None
        if url is None:
            await self._end()
            raise Trouble(
                f"{self.path} could not be loaded. Is the file whole, and is there enough free memory for it?"
            )
        return OpenAICompatible(self.name, f"{url}/v1/chat/completions", key=key)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), GOODBYE)
        except TimeoutError:
            process.kill()
            await process.wait()

    def _is_closed(self) -> Trouble:
        return Trouble(f"Engine {self.name!r} is closed. Start it again.")


@provider("file")
def make_llama(settings: EngineSettings, _environ: Mapping[str, str]) -> Llama:
    """Return the embedded engine for a GGUF file. Raises BadInput when the file or the extra is missing."""
    path = Path(settings.path).expanduser()
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise BadInput(
            f"Engine {settings.name!r}: {path} cannot be read ({error.strerror}). Correct its path."
        ) from None
    if magic != b"GGUF":
        raise BadInput(f"Engine {settings.name!r}: {path} is no GGUF file. Give the path of a model in GGUF format.")
    if importlib.util.find_spec("xllamacpp") is None:
        raise BadInput(f"Engine {settings.name!r} needs an extra: pip install 'tiwizi[local]'")
    return Llama(settings.name, path, frozenset(settings.languages), settings.jurisdiction)
