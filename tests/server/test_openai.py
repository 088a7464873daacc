"""OpenAI's dialect, asked with OpenAI's and Mistral's own clients and with plain requests."""

import json
from collections.abc import AsyncIterator, Iterator

import msgspec
import openai
import pytest
from mistralai.client import Mistral

from server.conftest import Running
from tiwizi.assistant import Answer, Segment
from tiwizi.errors import Trouble
from tiwizi.governance import Receipt, encode_receipt, verify
from tiwizi.server.openai import events

CARD = "chno khassni bach njedded la carte nationale?"
QUOTE = "Combien de livres un lecteur peut-il emprunter à la bibliothèque communale ?"
ASK = [{"role": "user", "content": CARD}]


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.address}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_openai_client_gets_a_whole_answer(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="tiwizi", messages=ASK)  # type: ignore[arg-type]
    choice = reply.choices[0]
    assert (choice.finish_reason, choice.message.role, reply.object) == ("stop", "assistant", "chat.completion")
    extra = (reply.model_extra or {})["tiwizi"]
    assert (extra["language"], extra["route"]) == ("ary-Latn", "card")
    assert extra["citations"] and set(extra["citations"][0]) >= {
        "document",
        "article",
        "page",
        "start",
        "end",
        "quote",
        "url",
    }
    assert reply.usage and reply.usage.total_tokens == len(CARD.split()) + len((choice.message.content or "").split())
    verify(encode_receipt(msgspec.convert(extra["receipt"], Receipt)))


@pytest.mark.parametrize("question", [CARD, QUOTE, "recette du tajine de poulet aux olives"])
def test_a_stream_joins_to_the_whole_answer(client: openai.OpenAI, question: str) -> None:
    asked = [{"role": "user", "content": question}]
    whole = client.chat.completions.create(model="tiwizi", messages=asked)  # type: ignore[arg-type]
    chunks = list(client.chat.completions.create(model="tiwizi", messages=asked, stream=True))  # type: ignore[arg-type]
    joined = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert joined == whole.choices[0].message.content
    last = chunks[-1]
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert last.choices[0].finish_reason == "stop" and last.usage == whole.usage
    ours, theirs = (last.model_extra or {})["tiwizi"], (whole.model_extra or {})["tiwizi"]
    assert ours["citations"] == theirs["citations"]
    assert ours["receipt"]["record"]["receipt"] != theirs["receipt"]["record"]["receipt"], "each answer has its own"


def test_usage_comes_in_a_chunk_of_its_own_when_asked_for(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="tiwizi",
            messages=ASK,
            stream=True,
            stream_options={"include_usage": True},  # type: ignore[arg-type]
        )
    )
    assert chunks[-1].choices == [] and chunks[-1].usage is not None
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-2].choices[0].finish_reason == "stop"


@pytest.mark.parametrize("question", [CARD, QUOTE])
def test_annotations_point_at_the_words_that_rest_on_a_source(client: openai.OpenAI, question: str) -> None:
    reply = client.chat.completions.create(model="tiwizi", messages=[{"role": "user", "content": question}])
    message = reply.choices[0].message
    content, citations = message.content or "", (reply.model_extra or {})["tiwizi"]["citations"]
    assert message.annotations and len(message.annotations) == len(citations)
    for annotation, citation in zip(message.annotations, citations, strict=True):
        place = annotation.url_citation
        assert (place.url, place.title) == (citation["url"], citation["title"])
        if question == QUOTE:
            assert content[place.start_index : place.end_index] == citation["quote"]
        else:  # told in Latin letters, quoted from Arabic ones: one item of the list
            assert (
                content[place.start_index - 2 : place.start_index] == "- "
                and "\n" not in content[place.start_index : place.end_index]
            )


def test_mistral_client_gets_whole_and_streamed_answers(server: Running) -> None:
    with Mistral(api_key="none", server_url=server.address) as client:
        whole = client.chat.complete(model="tiwizi", messages=ASK)  # type: ignore[arg-type]
        with client.chat.stream(model="tiwizi", messages=ASK) as stream:  # type: ignore[arg-type]
            chunks = [event.data for event in stream]
    content = whole.choices[0].message.content  # type: ignore[union-attr]
    assert "".join(str(chunk.choices[0].delta.content or "") for chunk in chunks) == content
    assert chunks[-1].choices[0].finish_reason == "stop" and chunks[-1].usage is not None


def test_models_are_listed_and_described(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["tiwizi"]
    assert client.models.retrieve("tiwizi").object == "model"
    with pytest.raises(openai.NotFoundError, match="Available: tiwizi"):
        client.models.retrieve("gpt-4")


def test_unknown_fields_are_accepted_on_purpose(server: Running) -> None:
    """Clients send what they know (temperature, tools, a vendor's own): none of it stands in the way."""
    odd = {"temperature": 0.2, "n": 1, "tools": [], "safe_prompt": True, "x": {"y": [1]}, "seed": 7, "user": "u"}
    reply = server.chat(model="tiwizi", messages=[{**ASK[0], "name": "n", "z": 1}], **odd)
    assert reply.status == 200


def test_the_last_message_of_the_person_is_the_question(server: Running) -> None:
    talk = [
        {"role": "system", "content": "Answer in English about football."},
        {"role": "user", "content": "recette du tajine"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {
            "role": "user",
            "content": [{"type": "text", "text": "chno khassni bach"}, {"type": "text", "text": "njedded lakart?"}],
        },
        {"role": "assistant", "content": "…"},
    ]
    assert server.chat(model="tiwizi", messages=talk).json["tiwizi"]["route"] == "card"


BAD = [  # body, status, code, a part of the message
    ({"model": "gpt-4", "messages": ASK}, 404, "not_found", "'gpt-4'. Available: tiwizi"),
    ({"model": "tiwizi", "messages": []}, 400, None, "No message has the role 'user'"),
    ({"model": "tiwizi", "messages": [{"role": "user", "content": " \n"}]}, 400, "empty_text", "no text"),
    ({"model": "tiwizi", "messages": [{"role": "user", "content": None}]}, 400, "empty_text", "no text"),
    ({"model": "tiwizi", "messages": [{"role": "user", "content": "a " * 500_000}]}, 413, "text_too_long", "1000000"),
    ({"model": "tiwizi", "messages": [{"role": "user", "content": "a" * 2_000_001}]}, 413, None, "too large"),
    ({"model": "tiwizi", "messages": [{"role": "user", "content": 3}]}, 400, None, "messages[0].content"),
    ({"model": "tiwizi"}, 400, None, "messages"),
    ({"messages": ASK}, 400, None, "model"),
    ({"model": "tiwizi", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, None, "'image_url'"),
    ({"model": "tiwizi", "messages": [{"role": "user", "content": "\ud800"}]}, 400, None, ""),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("body", "status", "code", "words"), BAD)
def test_bad_requests_get_an_error_in_openais_shape(
    server: Running, body: dict[str, object], status: int, code: str | None, words: str, stream: bool
) -> None:
    reply = server.chat(**body, stream=stream)
    assert reply.status == status, reply.text[:300]
    error = reply.json["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["type"] == "invalid_request_error"
    assert error["code"] == code and words in error["message"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "JSON"),
        (b'{"model": "tiwizi", ', "JSON"),
        (b'{"model": "tiwizi", "messages": [{"role": "user", "content": "\xff\xfe"}]}', "UTF-8 (byte 62)"),
        (b"[" * 100_000, "JSON"),
        (b"null", "null"),
    ],
)
def test_what_is_not_json_is_refused_plainly(server: Running, body: bytes, words: str) -> None:
    reply = server.call("/v1/chat/completions", body, content_type="application/json")
    assert reply.status == 400 and words in reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/chat/completions", 405), ("DELETE", "/v1/models", 405), ("GET", "/v1/nothing", 404)],
)
def test_wrong_methods_and_addresses_have_openais_shape_too(
    server: Running, method: str, path: str, status: int
) -> None:
    reply = server.call(path, method=method)
    assert reply.status == status and reply.json["error"]["type"] == "invalid_request_error"


async def test_an_error_on_the_way_is_sent_as_an_error_object() -> None:
    """Once a stream has begun, its status is sent: only the stream can say that the answer is not whole."""

    async def pieces() -> AsyncIterator[Segment | Answer]:
        yield Segment(text="one", language="fr", part="sentence")
        raise Trouble("The disk that holds the ledger is full.")

    sent = [event async for event in events(pieces(), "q", include_usage=False)]
    values = [json.loads(event.removeprefix(b"data: ")) for event in sent]
    assert [value["choices"][0]["delta"].get("content") for value in values[:-1]] == ["", "one"]
    assert values[-1]["error"]["message"] == "The disk that holds the ledger is full."
    assert values[-1]["error"]["type"] == "server_error"
