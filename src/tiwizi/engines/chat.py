"""The chat-completion objects of OpenAI's API, as llama.cpp and every compatible server speak them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tiwizi.engines.values import CUT, Turn

SAFE_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")  # an identifier cannot hold a key or somebody's words


class _Text(Struct, frozen=True):
    content: str | None = None


class _Choice(Struct, frozen=True):
    delta: _Text | None = None  # in a piece of a stream
    message: _Text | None = None  # in a whole answer
    finish_reason: str | None = None


class Completion(Struct, frozen=True):
    """A whole answer or a piece of a streamed one; fields that nobody here reads are accepted and left out."""

    choices: tuple[_Choice, ...] | None = None
    error: Any = None

    @property
    def ended(self) -> bool:
        """Whether the writer says that nothing more comes."""
        return any(choice.finish_reason or choice.message for choice in self.choices or ())

    def texts(self) -> Iterator[str]:
        """The text in it, never empty, and CUT when it stopped at the limit."""
        for choice in (self.choices or ())[:1]:
            part = choice.delta or choice.message
            if part and part.content:
                yield part.content
            if choice.finish_reason == "length":
                yield CUT

    @property
    def problem(self) -> str:
        """The kind of error as its short code, never its message, which may repeat the text; "" when there is none."""
        if not self.error:
            return ""
        fields = self.error if isinstance(self.error, dict) else {}
        codes = (str(fields.get(key, "")) for key in ("code", "type"))
        return next((code for code in codes if SAFE_CODE.fullmatch(code)), "error")


END = Completion(choices=(_Choice(finish_reason="stop"),))


def request(model: str, turns: Sequence[Turn], max_tokens: int) -> dict[str, Any]:
    """Return the body of a streamed request; always the likeliest word, so that the same sources give the same text."""
    return {
        "model": model,
        "messages": msgspec.to_builtins(list(turns)),
        "max_tokens": max_tokens,
        "temperature": 0,
        "stream": True,
    }
