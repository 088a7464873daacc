"""From errors to HTTP: one table of statuses, one shape for the API, one page for people.

What we raise on purpose is told to the person; anything else is a fault of ours, logged whole and answered plainly.
"""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import Struct

from tiwizi.errors import BadInput, EmptyText, NotThere, NotUtf8, TextTooLong, TiwiziError, Trouble, Unverified

log = logging.getLogger("tiwizi.server")

STATUS: dict[type[TiwiziError], int] = {  # the nearest ancestor counts
    TextTooLong: 413,
    BadInput: 400,
    NotThere: 404,
    Unverified: 500,
    Trouble: 503,
    TiwiziError: 500,
}
CODES: dict[type[TiwiziError], str] = {
    EmptyText: "empty_text",
    TextTooLong: "text_too_long",
    NotUtf8: "not_utf8",
    NotThere: "not_found",
    Trouble: "unavailable",
}
PLAINLY = "Something went wrong on our side. It has been noted; please try again."
APOLOGY = "Sorry, there was an error. Please try again."
CLOSED = "This service cannot answer right now. Please try again later."
NOWHERE = "This page does not exist."
UNREAD = "What was sent could not be read."


class Problem(Struct, frozen=True):
    """The body of an error in OpenAI's shape, under the key `error`."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


def status_of(error: Exception) -> int:
    """Return the HTTP status of any error."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem_of(error: Exception) -> Problem:
    """Return an error in OpenAI's shape, told in English; a fault of ours is logged here and not described."""
    status = status_of(error)
    note(error)
    kind = "invalid_request_error" if status < 500 else "server_error"
    if isinstance(error, TiwiziError):
        code = next((CODES[k] for k in type(error).__mro__ if k in CODES), None)
        return Problem(str(error), kind, code=code)
    if isinstance(error, HTTPException) and status < 500:
        return Problem(_reason(error), kind, param=_field(error))
    return Problem(PLAINLY, kind)


def note(error: Exception) -> None:
    """Log an error that is not the person's own, with its traceback unless it was raised on purpose."""
    if isinstance(error, TiwiziError) and status_of(error) >= 500:
        log.error("%s: %s", type(error).__name__, error)
    elif status_of(error) >= 500:
        log.error("unexpected %s", type(error).__name__, exc_info=error)


def told(error: Exception) -> tuple[str, dict[str, object]]:
    """Return what a page says of an error: a message of the catalogues and its values.

    A sentence with paths or names in it is for those who run the instance: people get a plain one.
    """
    if isinstance(error, EmptyText | TextTooLong | NotUtf8):
        return error.template, error.values
    status = status_of(error)
    if status in (404, 405):
        return NOWHERE, {}
    if status == 503:
        return CLOSED, {}
    return (UNREAD if status < 500 else APOLOGY), {}


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The one exception handler: OpenAI's shape below /v1 and where JSON is asked for, else a page."""
    if request.url.path.startswith("/v1/") or request.url.path == "/health":
        headers = error.headers if isinstance(error, HTTPException) else None
        body = {"error": problem_of(error)}
        return Response(body, status_code=status_of(error), media_type="application/json", headers=headers)
    from tiwizi.server.pages import error_page

    note(error)
    return error_page(request, error)


def _reason(error: HTTPException) -> str:
    found = error.extra if isinstance(error.extra, list) else []
    details = [f"{one.get('key', 'body')}: {one.get('message', '')}" for one in found if isinstance(one, dict)]
    detail = "; ".join(details) or error.detail
    return {
        404: f"There is nothing at this address ({detail}).",
        405: f"This address does not take this method ({detail}).",
        413: f"The request is too large ({detail}).",
    }.get(error.status_code, f"The request could not be read: {detail}.")


def _field(error: HTTPException) -> str | None:
    found = error.extra if isinstance(error.extra, list) else []
    return next((str(one["key"]) for one in found if isinstance(one, dict) and one.get("key")), None)
