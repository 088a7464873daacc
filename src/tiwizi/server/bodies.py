"""Reading what was sent: how much of it, and as text."""

from typing import Any

from litestar import Request
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from tiwizi.errors import NotUtf8

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
