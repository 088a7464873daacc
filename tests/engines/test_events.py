"""Server-sent events survive every way of cutting them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiwizi.engines.events import LONGEST, TooLong, events

ROWS = [
    ("one event", "data: a\n\n", ["a"]),
    ("no space after the colon", "data:a\n\n", ["a"]),
    ("only one space is taken away", "data:  a\n\n", [" a"]),
    ("carriage returns", "data: a\r\rdata: b\r\n\r\n", ["a", "b"]),
    ("two lines of data are one event", "data: a\ndata: b\n\n", ["a\nb"]),
    ("comments and other fields", ": ping\n\nevent: x\nid: 4\ndata: a\nretry: 3\n\n", ["a"]),
    ("an event without data", "event: x\n\n\n\n", []),
    ("no blank line at the end", "data: a\n\ndata: b", ["a", "b"]),
    ("a byte order mark", "\ufeffdata: a\n\n", ["a"]),
    ("a field without a colon", "data\n\ndata: a\n\n", ["", "a"]),
    ("letters of several bytes", "data: ⵜⵉⵡⵉⵣⵉ تويزة é\r\n\r\n", ["ⵜⵉⵡⵉⵣⵉ تويزة é"]),
]


def read(pieces: list[bytes]) -> list[str]:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def all_of_them() -> list[str]:
        return [event async for event in events(chunks())]

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(("label", "text", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_events_are_read_whole_and_byte_by_byte(label, text, expected):
    raw = text.encode()
    assert read([raw]) == expected
    assert read([raw[i : i + 1] for i in range(len(raw))]) == expected


@given(st.binary(max_size=60), st.integers(1, 7))
def test_any_bytes_are_read_alike_however_they_are_cut(raw, size):
    assert read([raw]) == read([raw[i : i + size] for i in range(0, len(raw), size)])


@pytest.mark.parametrize("pieces", [[b"data: "] + [b"x" * 300_000] * 4, [b"data: " + b"x" * 300_000 + b"\n"] * 4])
def test_an_event_without_end_is_refused(pieces):
    assert sum(map(len, pieces)) > LONGEST
    with pytest.raises(TooLong):
        read(pieces)
