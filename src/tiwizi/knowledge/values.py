"""What a search returns."""

from msgspec import Struct

from tiwizi.knowledge.cards import Card


class FoundPassage(Struct, frozen=True, kw_only=True):
    """A passage, where it stands, and which signals found it."""

    id: int
    document_id: int
    document: str  # the file's name as it was ingested
    version: str = ""  # SHA-256 of the file's bytes
    title: str
    article: str | None
    page: int | None
    heading: str
    start: int
    end: int
    text: str
    language: str
    score: float  # 0 to 1: how well the evidence supports an answer, comparable between questions
    signals: dict[str, float]  # words: BM25; shared: part of the question; meaning: cosine


class FoundCard(Struct, frozen=True, kw_only=True):
    """A card, what is asked of it, and which signals found it."""

    card: Card
    document: str
    version: str = ""  # SHA-256 of the file's bytes
    text: str  # the card's file, which its citations quote
    need: str  # fee, documents, place …; "" when the question names none
    score: float
    signals: dict[str, float]


class Evidence(Struct, frozen=True):
    """What the library found for one question, best first."""

    cards: tuple[FoundCard, ...]
    passages: tuple[FoundPassage, ...]
