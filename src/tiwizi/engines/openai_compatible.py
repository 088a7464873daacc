"""Any OpenAI-compatible server: vLLM, llama-server, Ollama, Mistral's API, another Tiwizi.

What is sent goes to the host of the `url` and nowhere else: redirects are refused and proxies are not looked for.
No message holds the key, nor any text that was sent or received.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from urllib.parse import urlsplit
from weakref import WeakSet

import aiohttp
import msgspec

from tiwizi.engines.chat import END, Completion, request
from tiwizi.engines.events import LONGEST, TooLong, events
from tiwizi.engines.providers import provider
from tiwizi.engines.values import Turn
from tiwizi.errors import BadInput, Trouble
from tiwizi.settings import EngineSettings, in_our_network

CONNECT = 10.0  # seconds until the server answers the door
SILENCE = 120.0  # seconds between two pieces; a model on a processor reads long passages before its first word
REASONS = {
    401: "it does not accept the key",
    403: "it does not accept the key",
    404: "it knows no such address or model",
    413: "the text is too long for it",
    429: "it is busy or the quota is used up",
}


class OpenAICompatible:
    """Writes with a model on a server that speaks OpenAI's chat completions."""

    digest = ""  # the weights are elsewhere

    def __init__(
        self,
        name: str,
        url: str,
        *,
        model: str = "",
        key: str = "",
        jurisdiction: str = "local",
        languages: frozenset[str] = frozenset(),
        connect: float = CONNECT,
        silence: float = SILENCE,
    ) -> None:
        self.name, self.jurisdiction, self.languages = name, jurisdiction, languages
        self._url, self._model, self._key = url, model or name, key
        self._host = urlsplit(url).netloc
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect, sock_read=silence)
        self._session: aiohttp.ClientSession | None = None
        self._live: WeakSet[aiohttp.ClientResponse] = WeakSet()
        self._closed = False

    async def stream(self, turns: Sequence[Turn], *, max_tokens: int = 400) -> AsyncGenerator[str]:
        if self._closed:
            raise self._trouble("")
        ended = False
        try:
            async with self._opened().post(
                self._url, json=request(self._model, turns, max_tokens), allow_redirects=False
            ) as response:
                self._live.add(response)
                async for completion in self._completions(response):
                    ended = ended or completion.ended
                    for text in completion.texts():
                        yield text
        except TimeoutError:
            raise self._trouble("it did not answer in time") from None
        except TooLong:
            raise self._trouble("it sent more than a chat completion holds") from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._trouble(f"the connection failed ({type(error).__name__})") from None
        if not ended:
            raise self._trouble("the connection was cut")

    async def close(self) -> None:
        self._closed = True
        for response in list(self._live):  # closing the session alone leaves those that wait for a piece waiting
            response.close()
        if self._session:
            await self._session.close()

    async def _completions(self, response: aiohttp.ClientResponse) -> AsyncIterator[Completion]:
        """Yield what the server sends, piece by piece or in one; raises Trouble at the first error in it."""
        if response.status != 200:
            raise self._trouble(await self._refusal(response))
        if response.content_type == "text/event-stream":
            async for data in events(response.content.iter_any()):
                if data.strip() == "[DONE]":
                    yield END
                    return
                yield self._read(data)
        else:  # a server that does not stream answers in one
            yield self._read(await _body(response))

    async def _refusal(self, response: aiohttp.ClientResponse) -> str:
        status = response.status
        if status in REASONS or status < 400:
            return f"{REASONS.get(status, 'a redirect is not followed')} (HTTP {status})"
        try:
            problem = msgspec.json.decode(await _body(response), type=Completion).problem
        except (msgspec.DecodeError, UnicodeDecodeError):
            problem = ""
        return f"it reports {problem or 'an error'} (HTTP {status})"

    def _read(self, data: str | bytes) -> Completion:
        try:
            completion = msgspec.json.decode(data, type=Completion)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._trouble("it sent something else than a chat completion") from None
        if completion.problem:
            raise self._trouble(f"it reports {completion.problem}")
        return completion

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            # one connection a text: a kept one may be closed by the server at the moment it is used again
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=headers, connector=connector)
        return self._session

    def _trouble(self, reason: str) -> Trouble:
        if self._closed:
            reason = "the engine is closed"
        return Trouble(f"Engine {self.name!r} at {self._host} gave no answer: {reason}.")


@provider("http", "https")
def make_openai_compatible(settings: EngineSettings, environ: Mapping[str, str]) -> OpenAICompatible:
    """Return an engine for a server, whose `url` is what OpenAI's own clients call the base URL.

    Raises BadInput when the address has no host or holds a password, when the variable of the key is not set, and
    when a server outside our network has no jurisdiction.
    """
    try:
        parts = urlsplit(settings.url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host:
        raise BadInput(f"Engine {settings.name!r} has a url without a host. Write it as https://host:port/v1.")
    if parts.username or parts.password or parts.query:
        raise BadInput(
            f"Engine {settings.name!r} has a secret in its url. Put it in a variable and name that in key_env."
        )
    if settings.key_env and not environ.get(settings.key_env):
        raise BadInput(f"Engine {settings.name!r} needs its key in {settings.key_env}. Set that environment variable.")
    if settings.jurisdiction == "local" and not in_our_network(host):
        raise BadInput(
            f"Engine {settings.name!r} sends text to {host}. Say which law holds there: jurisdiction = "
            '"MA", "FR", "EU", "US"…'
        )
    return OpenAICompatible(
        settings.name,
        _completions_address(settings.url),
        model=settings.model,
        key=environ.get(settings.key_env, ""),
        jurisdiction=settings.jurisdiction,
        languages=frozenset(settings.languages),
    )


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Return the whole body, or raise TooLong as soon as it is."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LONGEST:
            raise TooLong
    return bytes(body)


def _completions_address(url: str) -> str:
    url = url.rstrip("/")
    if url.endswith("/chat/completions"):
        return url
    return f"{url}/chat/completions" if urlsplit(url).path else f"{url}/v1/chat/completions"
