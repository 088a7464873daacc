"""What comes out of the assistant."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from tiwizi.governance import Receipt

Route = Literal["card", "quote", "generate", "handoff"]
Part = Literal["opening", "heading", "asked", "fact", "lead", "quote", "sentence", "closing"]  # a lead announces quotes

BEFORE = {"asked": "- ", "fact": "- ", "quote": "« "}
AFTER = {"heading": ":", "quote": " »"}


class Citation(Struct, frozen=True, kw_only=True):
    """Exact words of a source, and where they are: `quote == text of the document[start:end]`."""

    document: str  # the file's name as it was ingested
    title: str
    article: str | None
    page: int | None
    start: int
    end: int
    quote: str
    language: str
    url: str  # opens the document at the quoted words
    version: str = ""  # SHA-256 of the document as it was ingested
    document_id: int = 0  # of the document in the library; 0 for a card


class Segment(Struct, frozen=True, kw_only=True):
    """A stretch of an answer, in one language, tied to what supports it."""

    text: str
    language: str  # BCP 47
    part: Part
    citations: tuple[int, ...] = ()  # positions in the answer's citations
    to_confirm: str = ""  # what to say of a fact that is not certain; "" when it is


class Answer(Struct, frozen=True, kw_only=True):
    """A whole answer, as shown to the person: their own data is back in it."""

    language: str
    route: Route
    reason: str  # why this route, one sentence in English for staff and auditors
    topic: str  # what was understood, in the person's language; "" when nothing was
    segments: tuple[Segment, ...]
    citations: tuple[Citation, ...]
    disclosure: str  # "written by software, not a decision", in the person's language
    receipt: Receipt

    @property
    def text(self) -> str:
        """The answer as plain text, without the disclosure."""
        return plain_text(self.segments)


def numbered(answer: Answer) -> dict[int, int]:
    """Number the citations as they come, from 1: by position; those of one article of one text share a number."""
    known: dict[tuple[str, str, str | None, int | None], int] = {}
    numbers = {}
    for segment in answer.segments:
        for place in segment.citations:
            cited = answer.citations[place]
            key = (cited.document, cited.title, cited.article, cited.page)
            numbers[place] = known.setdefault(key, len(known) + 1)
    return numbers


def plain_text(segments: Iterable[Segment]) -> str:
    """Return segments as plain text: one a line, with list marks, quotation marks and what is to be confirmed."""
    return "\n".join(line_of(segment) for segment in segments)


def line_of(segment: Segment) -> str:
    """Return one segment as a line of plain text."""
    confirm = f" ({segment.to_confirm})" if segment.to_confirm else ""
    space = "\N{NO-BREAK SPACE}" if segment.part == "heading" and segment.language == "fr" else ""
    return f"{BEFORE.get(segment.part, '')}{segment.text}{space}{AFTER.get(segment.part, '')}{confirm}"
