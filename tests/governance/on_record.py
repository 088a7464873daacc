"""Opening a ledger, and the answer that the tests put on record."""

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from tiwizi.governance import Ledger, Receipt, open_ledger
from tiwizi.store import open_store

T = TypeVar("T")

QUESTION = "chno khassni bach njedded la carte nationale?"
ANSWER = "خاصك الأوراق هادو"


def append(ledger: Ledger, question: str = QUESTION) -> Coroutine[Any, Any, Receipt]:
    """Put one answer on record."""
    return ledger.append(
        question=question,
        answer=ANSWER,
        language="ary-Latn",
        route="card",
        quotes=["Article 4. La demande est déposée…", "المادة 4"],
        model="",
        model_digest="",
        policy="00" * 32,
        milliseconds=12,
    )


async def with_ledger(home: Path, use: Callable[[Ledger], Awaitable[T]], origin: str = "Commune de Tiwizi") -> T:
    """Open the ledger in `home`, use it and close it."""
    store = open_store(home)
    try:
        return await use(open_ledger(store, home, origin))
    finally:
        await store.close()


async def append_many(ledger: Ledger, count: int) -> list[Receipt]:
    """Put answers on record, one after the other."""
    return [await append(ledger) for _ in range(count)]
