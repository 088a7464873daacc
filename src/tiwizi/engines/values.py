"""A turn of a conversation, and what an engine is. Here is no engine."""

from collections.abc import AsyncGenerator, Sequence
from typing import Literal, Protocol

from msgspec import Struct

CUT = " …"  # ends a text that stopped at `max_tokens`, so that a half sentence is not taken for a whole one


class Turn(Struct, frozen=True):
    """What one side said."""

    role: Literal["system", "user", "assistant"]
    content: str


class Engine(Protocol):
    """Something that writes text from turns."""

    @property
    def name(self) -> str: ...

    @property
    def jurisdiction(self) -> str:
        """Where the text goes: "local", or a country or union ("MA", "FR", "EU")."""
        ...

    @property
    def digest(self) -> str:
        """SHA-256 of the weights, in hexadecimal; "" when they are on another machine."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """The language tags (BCP 47) in which this engine may write."""
        ...

    def stream(self, turns: Sequence[Turn], *, max_tokens: int = 400) -> AsyncGenerator[str]:
        """Yield the text in pieces as they are written, never an empty one; leaving early stops the writing.

        A text that reaches `max_tokens` ends with CUT. Raises Trouble when the engine fails before the end.
        """
        ...

    async def close(self) -> None:
        """Stop what is being written and free what the engine holds; closing twice is closing once."""
        ...
