"""Reading what was sent: how much of it, and as text."""

from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from tiwizi.errors import BadInput, NotUtf8

LIMIT = 2_000_000  # bytes: many times the longest question, with the conversation before it
READ = 16_000_000  # bytes read all the same, so that who sends too much hears it rather than a broken connection


async def body_of(request: Request[Any, Any, Any]) -> bytes:
    """Return the body of a request. Raises RequestEntityTooLarge."""
    body = await request.body()
    if len(body) > LIMIT:
        raise RequestEntityTooLarge(f"it has {len(body)} bytes, and at most {LIMIT} are read")
    return body


def text_of(data: bytes) -> str:
    """Return bytes as text. Raises NotUtf8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NotUtf8(position=error.start) from None


async def read_as_text(request: Request[Any, Any, Any]) -> None:
    """Look at a JSON body before it is decoded: what is wrong is told in our words. Raises NotUtf8 and BadInput."""
    body = await body_of(request)
    try:
        msgspec.json.decode(text_of(body))
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(f"The body is not valid JSON: {error}.") from None
