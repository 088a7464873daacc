"""The dialect of OpenAI's clients: `POST /v1/chat/completions`, whole and streamed, and `GET /v1/models`.

The last message of role `user` is the question. What the dialect has and we do not (temperature, tools, n …) is
accepted and left aside: `ChatRequest` is the one place where unknown fields are let through, so that every client
works unchanged. `tiwizi` is the one field that is ours: language, route, citations and receipt.

Usage counts words between white space: of the question, and of the answer. No model's tokens are involved.
"""

import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import Body, Parameter
from litestar.response import Stream
from msgspec import UNSET, Meta, Struct, UnsetType

from tiwizi.assistant import Answer, Citation, Desk, Question, Segment, answer, line_of
from tiwizi.errors import BadInput, NotThere
from tiwizi.governance import Receipt
from tiwizi.server.bodies import read_as_text
from tiwizi.server.errors import problem_of

MODEL = "tiwizi"


class Part(Struct, frozen=True):
    """A part of a message; only text is read."""

    type: str
    text: str = ""


class Message(Struct, frozen=True):
    """One message of a conversation."""

    role: str
    content: str | list[Part] | None = None

    def words(self) -> str:
        """Return the text of the message. Raises BadInput for a part that is not text."""
        if not isinstance(self.content, list):
            return self.content or ""
        if other := next((part.type for part in self.content if part.type != "text"), None):
            raise BadInput(f"Only parts of type 'text' are read, and this message has one of type {other!r}.")
        return "\n".join(part.text for part in self.content)


class StreamOptions(Struct, frozen=True):
    include_usage: bool | None = False


class ChatRequest(Struct, frozen=True):
    """A question in OpenAI's dialect. Fields that are not listed here are accepted and left aside."""

    model: Annotated[str, Meta(description="`tiwizi`")]
    messages: Annotated[list[Message], Meta(description="The last message of role `user` is the question")]
    stream: bool | None = False
    stream_options: StreamOptions | None = None


class Usage(Struct, frozen=True):
    """Words between white space, under OpenAI's names."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class UrlCitation(Struct, frozen=True):
    """A source, and the stretch of the answer that rests on it: code points of `content`, end not included."""

    start_index: int
    end_index: int
    url: str
    title: str


class Annotation(Struct, frozen=True):
    url_citation: UrlCitation
    type: Literal["url_citation"] = "url_citation"


class ReplyMessage(Struct, frozen=True):
    content: str
    annotations: list[Annotation]
    role: Literal["assistant"] = "assistant"
    refusal: str | None = None


class Choice(Struct, frozen=True):
    message: ReplyMessage
    index: int = 0
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Extension(Struct, frozen=True):
    """What OpenAI's dialect has no word for."""

    language: str  # BCP 47
    route: str
    topic: str
    disclosure: str
    citations: tuple[Citation, ...]
    receipt: Receipt


class Completion(Struct, frozen=True):
    """A whole answer."""

    id: str
    created: int
    choices: list[Choice]
    usage: Usage
    tiwizi: Extension
    model: str = MODEL
    object: Literal["chat.completion"] = "chat.completion"


class Delta(Struct, frozen=True):
    content: str | UnsetType = UNSET
    role: Literal["assistant"] | UnsetType = UNSET
    annotations: list[Annotation] | UnsetType = UNSET


class ChunkChoice(Struct, frozen=True):
    delta: Delta
    index: int = 0
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class Chunk(Struct, frozen=True):
    """A piece of a streamed answer; the last one that has a choice also carries `tiwizi`."""

    id: str
    created: int
    choices: list[ChunkChoice]
    usage: Usage | None | UnsetType = UNSET
    tiwizi: Extension | UnsetType = UNSET
    model: str = MODEL
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"


class Model(Struct, frozen=True):
    owned_by: str
    created: int = 0  # it is as old as its documents
    id: str = MODEL
    object: Literal["model"] = "model"


class Models(Struct, frozen=True):
    data: list[Model]
    object: Literal["list"] = "list"


@post(
    "/v1/chat/completions",
    status_code=200,
    before_request=read_as_text,
    tags=["chat"],
    summary="Answer a question, with sources and receipt",
)
async def chat_completions(data: Annotated[ChatRequest, Body()], desk: Desk) -> Response[Any]:
    _known(data.model)
    question = Question(_question(data.messages))
    pieces = answer(question, desk)
    if data.stream:
        first = await anext(pieces)  # what is wrong with the question is an HTTP error, not a broken stream
        usage = data.stream_options is not None and bool(data.stream_options.include_usage)
        return Stream(events(_from(first, pieces), question.text, include_usage=usage), media_type="text/event-stream")
    whole = [piece async for piece in pieces][-1]
    assert isinstance(whole, Answer), "the walk ends with an Answer"
    message = ReplyMessage(whole.text, annotations(whole.segments, whole.citations))
    return Response(
        Completion(_identity(), _now(), [Choice(message)], _usage(question.text, whole.text), _extension(whole)),
        media_type="application/json",
    )


@get("/v1/models", tags=["models"], summary="List the models that may be asked")
async def models(desk: Desk) -> Models:
    return Models([Model(desk.settings.name)])


@get("/v1/models/{name:str}", tags=["models"], summary="Describe one model")
async def model(name: Annotated[str, Parameter(description="`tiwizi`")], desk: Desk) -> Model:
    _known(name)
    return Model(desk.settings.name)


async def events(
    pieces: AsyncIterator[Segment | Answer], question: str, *, include_usage: bool
) -> AsyncGenerator[bytes, None]:
    """Yield an answer as server-sent events: a chunk for each segment, then the end with receipt and sources.

    Joined, the chunks' contents are the whole content. Usage comes as OpenAI sends it: asked for, in a chunk of its
    own without choices; not asked for, in the last chunk, where Mistral's clients look for it. An error on the way
    is sent as an OpenAI error object, and nothing after it.
    """
    identity, created = _identity(), _now()
    none_yet = None if include_usage else UNSET

    def chunk(delta: Delta, usage: Usage | None | UnsetType = none_yet, **last: Any) -> bytes:
        finish: Literal["stop"] | None = "stop" if "tiwizi" in last else None
        return _event(Chunk(identity, created, [ChunkChoice(delta, finish_reason=finish)], usage, **last))

    yield chunk(Delta(role="assistant", content=""))
    before = ""
    try:
        async for piece in pieces:
            if isinstance(piece, Segment):
                yield chunk(Delta(content=before + line_of(piece)))
                before = "\n"
                continue
            usage = _usage(question, piece.text)
            notes = Delta(annotations=annotations(piece.segments, piece.citations))
            yield chunk(notes, none_yet if include_usage else usage, tiwizi=_extension(piece))
            if include_usage:
                yield _event(Chunk(identity, created, [], usage))
    except Exception as error:  # the status is long sent: the stream itself must say it
        yield _event({"error": problem_of(error)})
        return
    yield b"data: [DONE]\n\n"


def annotations(segments: tuple[Segment, ...], citations: tuple[Citation, ...]) -> list[Annotation]:
    """Return for each stretch of the answer's text the sources that it rests on."""
    found, start = [], 0
    for segment in segments:
        line = line_of(segment)
        begin = start + line.index(segment.text)
        for number in segment.citations:
            cited = citations[number]
            place = UrlCitation(begin, begin + len(segment.text), cited.url, cited.title)
            found.append(Annotation(place))
        start += len(line) + 1  # the line break
    return found


def _question(messages: list[Message]) -> str:
    asked = next((message for message in reversed(messages) if message.role == "user"), None)
    if asked is None:
        raise BadInput("No message has the role 'user'. The last message of that role is the question.")
    return asked.words()


def _known(name: str) -> None:
    if name != MODEL:
        raise NotThere(kind="model", name=name, available=MODEL)


async def _from(first: Segment | Answer, rest: AsyncIterator[Segment | Answer]) -> AsyncIterator[Segment | Answer]:
    yield first
    async for piece in rest:
        yield piece


def _extension(whole: Answer) -> Extension:
    return Extension(whole.language, whole.route, whole.topic, whole.disclosure, whole.citations, whole.receipt)


def _usage(question: str, content: str) -> Usage:
    asked, told = len(question.split()), len(content.split())
    return Usage(asked, told, asked + told)


def _identity() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"


def _now() -> int:
    return int(time.time())


def _event(value: object) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"
