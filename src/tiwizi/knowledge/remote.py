"""An encoder on a server: any that speaks OpenAI's embeddings (llama-server, vLLM, Ollama, Mistral's API …).

What is sent goes to the host of the `url` and nowhere else. No message holds the key, nor any text that was sent.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import aiohttp
import msgspec
import numpy as np
from msgspec import Struct

from tiwizi.errors import BadInput, Trouble
from tiwizi.knowledge.encoder import LONGEST, UNREADABLE, Vectors
from tiwizi.settings import EncoderSettings, in_our_network

AT_ONCE = 32  # texts in one request
SECONDS = 120.0  # for one request; a model on a processor takes its time
CONNECT = 10.0
MOST_BYTES = 64_000_000  # of one answer


class _One(Struct):
    index: int
    embedding: list[float]


class _Answer(Struct):
    data: list[_One]


class Remote:
    """The encoder that `settings` describe; no connection is opened before the first text.

    Its vectors are kept under the model's name and host, so that another model never meets them.
    """

    def __init__(self, settings: EncoderSettings, environ: Mapping[str, str] = os.environ) -> None:
        """Raises BadInput when the address has no host or holds a secret, the variable of the key is not set, or
        a server outside our network has no jurisdiction.
        """
        parts = urlsplit(settings.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadInput(f"The encoder's url is {settings.url!r}. Write it as https://host:port/v1.")
        if parts.username or parts.password or parts.query:
            raise BadInput("The encoder's url holds a secret. Put it in a variable and name that in key_env.")
        if settings.key_env and not environ.get(settings.key_env):
            raise BadInput(f"The encoder needs its key in {settings.key_env}. Set that environment variable.")
        if settings.jurisdiction == "local" and not in_our_network(parts.hostname):
            raise BadInput(
                f"The encoder is given documents at {parts.hostname}. Say which law holds there: jurisdiction = "
                '"MA", "FR", "EU", "US"…'
            )
        self.name = f"{settings.model}@{parts.netloc}"
        self.dimension = settings.dimension
        self._settings, self._host = settings, parts.netloc
        base = settings.url.rstrip("/")
        self._url = base if base.endswith("/embeddings") else f"{base if parts.path else base + '/v1'}/embeddings"
        self._key = environ.get(settings.key_env, "") if settings.key_env else ""

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector for each question. Raises Trouble when the server does not give them."""
        return self._encoded([self._settings.question_prefix + text for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector for each passage. Raises Trouble when the server does not give them."""
        return self._encoded([self._settings.passage_prefix + text for text in texts])

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        readable = [UNREADABLE.sub(" ", text)[:LONGEST] or " " for text in texts]
        vectors = np.asarray(asyncio.run(self._asked(readable)), dtype=np.float32)  # in the encoder's own thread
        if vectors.shape != (len(texts), self.dimension):
            raise Trouble(
                f"The encoder at {self._host} gave vectors of {vectors.shape[-1]} numbers, and the settings say "
                f"{self.dimension}. Write dimension = {vectors.shape[-1]}."
            )
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)

    async def _asked(self, texts: list[str]) -> list[list[float]]:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        timeout = aiohttp.ClientTimeout(total=SECONDS, connect=CONNECT)
        vectors: list[list[float]] = []
        async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
            for first in range(0, len(texts), AT_ONCE):
                vectors += await self._batch(session, texts[first : first + AT_ONCE])
        return vectors

    async def _batch(self, session: aiohttp.ClientSession, texts: list[str]) -> list[list[float]]:
        request = {"model": self._settings.model, "input": texts, "encoding_format": "float"}
        try:
            async with session.post(self._url, json=request, allow_redirects=False) as response:
                if response.status != 200:
                    raise self._trouble(f"HTTP {response.status}")
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise self._trouble("it sent more than vectors take")
            answer = msgspec.json.decode(body, type=_Answer)
        except TimeoutError:
            raise self._trouble("it did not answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._trouble(f"the connection failed ({type(error).__name__})") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._trouble("it sent something else than embeddings") from None
        rows = {one.index: one.embedding for one in answer.data}
        widths = {len(row) for row in rows.values()}
        if rows.keys() != set(range(len(texts))) or len(widths) != 1:
            raise self._trouble(f"it sent {len(answer.data)} vectors for {len(texts)} texts, or of several lengths")
        return [rows[place] for place in range(len(texts))]

    def _trouble(self, reason: str) -> Trouble:
        return Trouble(f"The encoder at {self._host} gave no vectors: {reason}.")
