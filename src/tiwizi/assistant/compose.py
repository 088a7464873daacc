"""Writing the answer that was chosen: from a card, in quotations, by a model, or by handing over to a person."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence

from msgspec import Struct

from tiwizi.assistant.citations import card_url, document_url
from tiwizi.assistant.desk import Desk
from tiwizi.assistant.grounding import check, prompt, sentences
from tiwizi.assistant.values import Citation, Part, Segment
from tiwizi.assistant.values import Route as RouteName
from tiwizi.engines import Engine
from tiwizi.errors import Trouble
from tiwizi.knowledge import Evidence, Fact, FoundCard, FoundPassage
from tiwizi.language import transliterate
from tiwizi.models import ENOUGH, Route
from tiwizi.wording import say

log = logging.getLogger("tiwizi.assistant")

QUOTES = 3  # passages quoted at most
NEAR = 0.7  # a further passage is quoted when its score is at least this share of the first one's

HEADINGS = {  # in the order in which a card is told
    "who": "Who may ask",
    "documents": "Papers to bring",
    "documents_obtained": "Papers the administration gets by itself",
    "fee": "Fee or amount",
    "place": "Where",
    "steps": "Steps",
    "delay": "How long it takes",
    "validity": "How long it is valid",
    "silence": "If there is no answer",
    "inquiry": "Expert or public inquiry",
    "legal_basis": "The law",
}
ASKED = {  # what is told first, for what is asked
    "documents": ("documents", "documents_obtained"),
    "place": ("place", "steps"),
    "delay": ("delay", "silence"),
    "steps": ("steps", "place"),
}


class Reply(Struct, frozen=True, kw_only=True):
    """An answer being written: its citations are known, its segments come one by one."""

    route: RouteName
    topic: str
    citations: tuple[Citation, ...]
    segments: AsyncIterator[Segment]
    engine: Engine | None = None  # what writes them


def compose(chosen: Route, evidence: Evidence, question: str, language: str, desk: Desk) -> Reply:
    """Return the reply that `chosen` asks for, in `language` (BCP 47)."""
    address = desk.settings.address
    if chosen.kind == "card":
        return _from_card(evidence.cards[0], evidence.passages, language, address)
    if chosen.kind == "generate" and chosen.engine is not None:
        return _generated(chosen.engine, evidence.passages, question, language, address)
    if chosen.kind == "quote":
        return _quoted(evidence.passages, language, address)
    return _handed_over(language)


# card: no model writes anything


def _from_card(found: FoundCard, passages: tuple[FoundPassage, ...], language: str, address: str) -> Reply:
    name, tag = found.card.name_in(language)
    topic = _in_script(name, tag, language)
    segments = [_line(say("You asked about: {topic}", language, topic=topic), language)]
    if not _same(tag, language):
        note = say("This sheet has not been written in your language yet: here it is in another one.", language)
        segments.append(_line(note, language))
    citations: list[Citation] = []
    if found.need in HEADINGS and found.need not in found.card.fields:
        silent = say("This sheet does not say: {topic}", language, topic=_heading(found.need, language))
        segments.append(_line(silent, language))
    first = ASKED.get(found.need, (found.need,))
    for field in [*first, *(f for f in HEADINGS if f not in first)]:
        if facts := found.card.facts_about(field):
            segments.append(_line(_heading(field, language), language, "heading"))
            for fact in facts:
                segments.append(_told(fact, "asked" if field in first else "fact", len(citations), language))
                citations.append(_card_citation(found, fact, language, address))
    if passages and passages[0].score > max(ENOUGH, found.score):  # the documents say more about this question
        segments += _quotations(passages, len(citations), language, "lead")
        citations += [passage_citation(passage, address) for passage in _worth_quoting(passages)]
    if found.card.review == "drafted":
        segments.append(_line(say("Draft: no official has reviewed this sheet yet.", language), language, "closing"))
    return Reply(route="card", topic=topic, citations=tuple(citations), segments=_each(segments))


def _heading(field: str, language: str) -> str:
    return say(HEADINGS[field], language)


def _told(fact: Fact, part: Part, number: int, language: str) -> Segment:
    text, written = fact.text_in(language)
    return Segment(
        text=_in_script(text, written, language),
        language=language if _same(written, language) else written,
        part=part,
        citations=(number,),
        to_confirm="" if fact.certain else say("to be confirmed: {where}", language, where=fact.confirm),
    )


def _card_citation(found: FoundCard, fact: Fact, language: str, address: str) -> Citation:
    text, written = fact.text_in(language)
    start = found.text.index(text)
    return Citation(
        document=found.document,
        title=fact.source.named_in(written),
        article=fact.source.article or None,
        page=None,
        start=start,
        end=start + len(text),
        quote=text,
        language=written,
        url=card_url(address, found.card, text, written, found.version),
        version=found.version,
    )


# quote


def _quoted(passages: tuple[FoundPassage, ...], language: str, address: str) -> Reply:
    citations = tuple(passage_citation(passage, address) for passage in _worth_quoting(passages))
    return Reply(route="quote", topic="", citations=citations, segments=_each(_quotations(passages, 0, language)))


def _quotations(passages: Sequence[FoundPassage], first: int, language: str, part: Part = "opening") -> list[Segment]:
    """The passages worth quoting, after a line that says so; `first` is the position of their first citation."""
    quotes = [
        Segment(text=passage.text, language=passage.language, part="quote", citations=(first + number,))
        for number, passage in enumerate(_worth_quoting(passages))
    ]
    return [_line(say("Here is what the texts say:", language), language, part), *quotes]


def _worth_quoting(passages: Sequence[FoundPassage]) -> list[FoundPassage]:
    return [passage for passage in passages[:QUOTES] if passage.score >= NEAR * passages[0].score]


def passage_citation(passage: FoundPassage, address: str) -> Citation:
    """Return the citation of a whole passage; its address opens the document at its words."""
    return Citation(
        document=passage.document,
        title=passage.title,
        article=passage.article,
        page=passage.page,
        start=passage.start,
        end=passage.end,
        quote=passage.text,
        language=passage.language,
        url=document_url(address, passage.document_id, passage.document, passage.text, passage.start, passage.version),
        version=passage.version,
        document_id=passage.document_id,
    )


# generate: a sentence that no passage supports is not shown


def _generated(engine: Engine, passages: tuple[FoundPassage, ...], question: str, language: str, address: str) -> Reply:
    used = _worth_quoting(passages)
    citations = tuple(passage_citation(passage, address) for passage in used)
    return Reply(
        route="generate",
        topic="",
        citations=citations,
        segments=_supported(engine, used, question, language),
        engine=engine,
    )


async def _supported(
    engine: Engine, passages: list[FoundPassage], question: str, language: str
) -> AsyncIterator[Segment]:
    texts = [passage.text for passage in passages]
    shown = 0
    try:
        async for sentence in sentences(engine.stream(prompt(question, texts, language))):
            support = await asyncio.to_thread(check, sentence, texts, language)
            if support.supported:
                shown += 1
                yield Segment(text=sentence, language=language, part="sentence", citations=support.passages)
    except Trouble as error:
        log.warning("%s The passages are quoted instead.", error)
    if not shown:  # the model said nothing that the passages support, or nothing at all: let them speak
        for segment in _quotations(passages, 0, language):
            yield segment


# handoff


def _handed_over(language: str) -> Reply:
    found = say("I found no answer in my sources.", language)
    offer = say("You can send your question to a person: keep the receipt and come back with it.", language)
    segments = [_line(found, language), _line(offer, language, "closing")]
    return Reply(route="handoff", topic="", citations=(), segments=_each(segments))


def _line(text: str, language: str, part: Part = "opening") -> Segment:
    return Segment(text=text, language=language, part=part)


def _same(written: str, language: str) -> bool:
    return written.partition("-")[0] == language.partition("-")[0]


def _in_script(text: str, written: str, language: str) -> str:
    """A text of the same language in the letters that the person uses: Darija and Amazigh have two ways of writing."""
    if language.endswith("-Latn") and written != language and _same(written, language):
        return transliterate(text, "Latn").text
    return text


async def _each(segments: Iterable[Segment]) -> AsyncIterator[Segment]:
    for segment in segments:
        yield segment
