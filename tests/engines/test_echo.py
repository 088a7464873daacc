"""The engine that repeats behaves as every engine must."""

import asyncio

import pytest

from tiwizi.engines import CUT, Echo, Turn
from tiwizi.errors import Trouble

TALK = [Turn("system", "Be brief."), Turn("user", "السلام عليكم  salam"), Turn("assistant", "Salam.")]


async def read(echo: Echo, max_tokens: int = 400) -> list[str]:
    return [piece async for piece in echo.stream(TALK, max_tokens=max_tokens)]


def test_it_repeats_the_last_user_turn_word_by_word():
    assert asyncio.run(read(Echo())) == ["السلام", " عليكم", " salam"]


def test_a_text_that_reaches_the_limit_says_that_it_was_cut():
    assert asyncio.run(read(Echo(), max_tokens=2)) == ["السلام", " عليكم", CUT]


def test_after_closing_it_says_that_it_is_closed():
    async def closed() -> None:
        echo = Echo()
        await echo.close()
        await echo.close()
        await read(echo)

    with pytest.raises(Trouble, match="'echo' is closed"):
        asyncio.run(closed())
