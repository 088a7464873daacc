"""What came back: questions asked of a library as people would, and what is right about each answer."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence

from msgspec import Struct

from tiwizi.evaluation.metrics import Share, rank_of, share
from tiwizi.evaluation.questions import Place, Wanted
from tiwizi.governance import Policy
from tiwizi.knowledge import Card, Evidence, Fact, Library
from tiwizi.language import understand
from tiwizi.models import route
from tiwizi.privacy import screen

ALL = "*"  # the group of all questions
THOUSANDS = re.compile(r"(?<=\d)[ .,](?=\d{3}(?!\d))")


class Outcome(Struct, frozen=True):
    """What came back for one question."""

    wanted: Wanted
    language: str
    evidence: Evidence
    route: str

    @property
    def right_card(self) -> bool:
        """The card asked about comes first, and is what is answered from."""
        return self.route == "card" and self.evidence.cards[0].card.id == self.wanted.card

    @property
    def right_need(self) -> bool:
        """The right card, and the thing asked comes first."""
        return self.right_card and self.evidence.cards[0].need == self.wanted.need

    @property
    def right_fact(self) -> bool:
        """The right card, and the needed fact is on it: a card is told whole, so that is what the person reads."""
        return self.right_card and told(self.evidence.cards[0].card, self.wanted)

    @property
    def handed_over(self) -> bool:
        """The answer says that nothing was found, and offers a person."""
        return self.route == "handoff"

    @property
    def place(self) -> int | None:
        """Where the first right passage stands, from 1: one with the quote, or the article among the articles."""
        wanted, passages = self.wanted, self.evidence.passages
        if wanted.quote:
            return rank_of([True], [p.document == wanted.document and quotes(p.text, wanted.quote) for p in passages])
        places = [(one.document, article) for one in self._places() for article in one.articles]
        return rank_of(places, list(dict.fromkeys((p.document, p.article) for p in passages)))

    def right_article(self, among: int) -> bool:
        """One of the articles wanted is among the first so many articles."""
        return self.place is not None and self.place <= among

    def _places(self) -> tuple[Place, ...]:
        return (Place(self.wanted.document, self.wanted.articles), *self.wanted.also)


async def ask_each(
    library: Library, questions: Sequence[Wanted], policy: Policy, limit: int = 20
) -> AsyncIterator[Outcome]:
    """Ask every question as a person would: its language is not told, personal data is masked, no model writes."""
    for wanted in questions:
        language = understand(wanted.text).language
        evidence = await library.search(screen(wanted.text).masked, "fr" if language == "und" else language, limit)
        yield Outcome(wanted, language, evidence, route(language, evidence, (), policy).kind)


async def ask_all(library: Library, questions: Sequence[Wanted], policy: Policy, limit: int = 20) -> list[Outcome]:
    """Ask every question (see `ask_each`) and return what came back, in order."""
    return [outcome async for outcome in ask_each(library, questions, policy, limit)]


def groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Return the outcomes of each language, then of each kind of question without answer, then all (`*`)."""
    tags, kinds = defaultdict(list), defaultdict(list)
    for outcome in outcomes:
        tags[outcome.wanted.tag].append(outcome)
        if outcome.wanted.kind:
            kinds[outcome.wanted.kind].append(outcome)
    return {**dict(sorted(tags.items())), **dict(sorted(kinds.items())), ALL: list(outcomes)}


def by_language(outcomes: Sequence[Outcome], right: Callable[[Outcome], bool]) -> dict[str, Share]:
    """Count the right ones for each language, and for all (`*`)."""
    tags = {outcome.wanted.tag for outcome in outcomes} | {ALL}
    counted = {tag: share([right(o) for o in mine]) for tag, mine in groups(outcomes).items() if tag in tags}
    return dict(sorted(counted.items()))


def quotes(passage: str, quote: str) -> bool:
    """Tell whether a passage holds a quote, or half of one that was cut in two; white space does not count."""
    body, words = " ".join(passage.split()), quote.split()
    half = len(words) // 2
    parts = [words, words[:half], words[half:]] if len(words) > 7 else [words]
    return any(" ".join(part) in body for part in parts)


def told(card: Card, wanted: Wanted) -> bool:
    """Tell whether one of a card's facts holds the words of the needed fact, in whatever language it is read.

    The numbers of laws and articles count only when the law is asked for.
    """
    law = wanted.need == "legal_basis"
    return any(_holds(fact, wanted.facts) for fact in card.facts if law or fact.field != "legal_basis")


def _holds(fact: Fact, wanted: Sequence[str]) -> bool:
    texts = [_plain(text) for text in fact.texts.values()]
    return any(re.search(rf"(?<!\d){re.escape(_plain(word))}(?!\d)", text) for word in wanted for text in texts)


def _plain(text: str) -> str:
    """One form for what is written in several ways: `2 288`, `2,288` and `2.288` are `2288`."""
    return THOUSANDS.sub("", " ".join(text.split())).casefold()
