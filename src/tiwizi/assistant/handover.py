"""Questions that people asked to pass on to a person. Kept masked, and only because they asked."""

import time

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from tiwizi.assistant.desk import Desk
from tiwizi.language import understand
from tiwizi.privacy import screen
from tiwizi.store import tables


async def pass_on(desk: Desk, receipt: str, question: str) -> None:
    """Put a question, masked, into the queue of the institution's people. Raises NotThere for an unknown receipt."""
    await desk.ledger.receipt(receipt)
    row = {
        "receipt": receipt,
        "question": screen(question).masked,
        "language": understand(question).language,
        "asked": time.time(),
        "answered": False,
    }
    async with desk.store.writing() as connection:
        await connection.execute(upsert(tables.waiting_questions).values(row).on_conflict_do_nothing())


async def waiting(desk: Desk) -> list[tuple[str, str]]:
    """Return (receipt, masked question) of what waits for a person, oldest first."""
    queue = tables.waiting_questions
    query = select(queue.c.receipt, queue.c.question).where(~queue.c.answered).order_by(queue.c.asked)
    async with desk.store.reading() as connection:
        return [(receipt, question) for receipt, question in await connection.execute(query)]
