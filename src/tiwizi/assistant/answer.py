"""The walk: how a question becomes an answer. Each step is one call into one room."""

import time
from collections.abc import AsyncIterator

from msgspec import Struct
from msgspec.structs import replace

from tiwizi.assistant.compose import compose
from tiwizi.assistant.desk import Desk
from tiwizi.assistant.values import Answer, Segment, plain_text
from tiwizi.assistant.values import Route as Way
from tiwizi.errors import EmptyText, TextTooLong
from tiwizi.language import understand
from tiwizi.models import route
from tiwizi.privacy import restore, screen
from tiwizi.wording import say

DISCLOSURE = "I am software. This answer is not a decision of the administration."


class Question(Struct, frozen=True):
    """What a person asks, and the language to answer in when their words do not tell."""

    text: str
    fallback: str = "fr"


async def answer(question: Question, desk: Desk) -> AsyncIterator[Segment | Answer]:
    """Yield the answer piece by piece, then whole with its receipt; the last value is always an Answer.

    Raises EmptyText, TextTooLong, and Trouble when the machine is at fault.
    """
    started = time.perf_counter()
    _check(question, desk)
    # (1) what was said, and in which language
    utterance = understand(question.text)
    language = question.fallback if utterance.language == "und" else utterance.language
    # (2) personal data is masked before anything is searched, stored or generated
    screened = screen(question.text)
    # (3) what do we know about it
    evidence = await desk.library.search(screened.masked, language)
    # (4) how may it be answered
    chosen = route(language, evidence, desk.engines, desk.policy)
    # (5, 6) write it, each piece tied to its evidence; what no passage supports is left out
    reply = compose(chosen, evidence, screened.masked, language, desk)
    pieces: list[Segment] = []
    async for piece in reply.segments:
        pieces.append(piece)
        # (7) the person's own data comes back, for them alone
        yield replace(piece, text=restore(piece.text, screened.vault))
    engine = reply.engine if any(piece.part == "sentence" for piece in pieces) else None
    way: Way = "quote" if reply.route == "generate" and engine is None else reply.route
    # (8) the answer is on the record before it is acknowledged
    whole = tuple(replace(piece, text=restore(piece.text, screened.vault)) for piece in pieces)
    cited = {number for piece in pieces for number in piece.citations}
    receipt = await desk.ledger.append(
        question=screened.masked,
        answer=plain_text(tuple(pieces)),
        language=language,
        route=way,
        quotes=[reply.citations[number].quote for number in sorted(cited)],
        model=engine.name if engine else "",
        model_digest=engine.digest if engine else "",  # known by now: writing worked it out
        policy=desk.policy.digest,
        milliseconds=round((time.perf_counter() - started) * 1000),
    )
    yield Answer(
        language=language,
        route=way,
        reason=chosen.reason,
        topic=reply.topic,
        segments=whole,
        citations=reply.citations,
        disclosure=say(DISCLOSURE, language),
        receipt=receipt,
    )


async def answer_whole(question: Question, desk: Desk) -> Answer:
    """Return the whole answer: the last value of `answer`."""
    async for piece in answer(question, desk):
        if isinstance(piece, Answer):
            return piece
    raise AssertionError("the walk ends with an Answer")


def _check(question: Question, desk: Desk) -> None:
    if not question.text.strip("\0 \t\r\n\N{NO-BREAK SPACE}\N{RIGHT-TO-LEFT MARK}\N{LEFT-TO-RIGHT MARK}"):
        raise EmptyText
    if len(question.text) > desk.settings.max_question:
        raise TextTooLong(length=len(question.text), limit=desk.settings.max_question)
