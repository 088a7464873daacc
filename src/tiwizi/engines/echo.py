"""An engine for tests and for extension writers: it repeats, word by word, what it was told."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence

from tiwizi.engines.providers import provider
from tiwizi.engines.values import CUT, Turn
from tiwizi.errors import Trouble
from tiwizi.settings import EngineSettings


class Echo:
    """Repeats the last turn of the user; a word counts as a token. Its setting is `url = "echo:"`."""

    digest = ""

    def __init__(
        self, name: str = "echo", jurisdiction: str = "local", languages: frozenset[str] = frozenset()
    ) -> None:
        self.name, self.jurisdiction, self.languages = name, jurisdiction, languages
        self._closed = False

    async def stream(self, turns: Sequence[Turn], *, max_tokens: int = 400) -> AsyncGenerator[str]:
        words = next((turn.content for turn in reversed(turns) if turn.role == "user"), "").split()
        for number, word in enumerate(words[:max_tokens]):
            await asyncio.sleep(0)  # others get their turn between two words, as with a real engine
            if self._closed:
                raise Trouble(f"Engine {self.name!r} is closed. Start it again.")
            yield f" {word}" if number else word
        if len(words) > max_tokens:
            yield CUT

    async def close(self) -> None:
        self._closed = True


@provider("echo")
def make_echo(settings: EngineSettings, _environ: Mapping[str, str]) -> Echo:
    """Return the engine that repeats."""
    return Echo(settings.name, settings.jurisdiction, frozenset(settings.languages))
