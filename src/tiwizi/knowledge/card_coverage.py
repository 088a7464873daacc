"""How far a card has come: in which languages it is written, what it says, how sure that is, and who has read it."""

from datetime import date

from msgspec import Struct

from tiwizi.knowledge.card_file import Field, Review
from tiwizi.knowledge.cards import Card

WANTED = ("fr", "ar", "ary-Arab", "zgh-Tfng")  # in which every text of a card is to be; Latin letters are derived
SEVEN: tuple[Field, ...] = ("legal_basis", "place", "documents", "fee", "delay", "silence", "inquiry")  # art. 6
ALSO: dict[Field, tuple[Field, ...]] = {"documents": ("documents_obtained",)}  # these too fill the field on the left


class Coverage(Struct, frozen=True, kw_only=True):
    """How far one card has come."""

    id: str
    name: dict[str, str]
    texts: int  # its name and its facts
    written: dict[str, int]  # how many of them there are in each language of `WANTED`
    said: tuple[Field, ...]  # those of the seven fields of law 55-19, article 6, on which it says something
    silent: tuple[Field, ...]  # the others
    certain: int  # facts
    to_confirm: int  # facts
    review: Review
    reviewed_by: str
    reviewed_on: date | None
    updated: date

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which nothing is missing."""
        return tuple(tag for tag, count in self.written.items() if count == self.texts)


def coverage(card: Card) -> Coverage:
    """Return how far a card has come."""
    texts = [card.name, *(fact.texts for fact in card.facts)]
    said = tuple(field for field in SEVEN if {field, *ALSO.get(field, ())} & set(card.fields))
    certain = sum(fact.certain for fact in card.facts)
    return Coverage(
        id=card.id,
        name=card.name,
        texts=len(texts),
        written={tag: sum(tag in text for text in texts) for tag in WANTED},
        said=said,
        silent=tuple(field for field in SEVEN if field not in said),
        certain=certain,
        to_confirm=len(card.facts) - certain,
        review=card.review,
        reviewed_by=card.reviewed_by,
        reviewed_on=card.reviewed_on,
        updated=card.updated,
    )
