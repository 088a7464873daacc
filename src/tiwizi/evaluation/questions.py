"""Sets of questions with what should come back: read from files, asked of a library, counted by language.

A set is a file of JSON lines: `{"id", "tag", "text", "split"}` and what is wanted: `card` and `need`, or `document`
and `articles`, or nothing at all (a question that should find no answer).
"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from tiwizi.errors import Unreadable
from tiwizi.evaluation.metrics import Share, share
from tiwizi.governance import Policy
from tiwizi.knowledge import Evidence, Library
from tiwizi.language import understand
from tiwizi.models import route
from tiwizi.privacy import screen


class Place(Struct, frozen=True):
    """Articles of one document."""

    document: str
    articles: tuple[str, ...]


class Wanted(Struct, frozen=True, kw_only=True):
    """One question and what should come back."""

    id: str
    tag: str
    text: str
    split: str
    card: str = ""
    need: str = ""
    document: str = ""
    articles: tuple[str, ...] = ()
    also: tuple[Place, ...] = ()  # the same rule elsewhere, in the other language for example


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

    def right_article(self, among: int) -> bool:
        """One of the articles wanted is among the first so many passages."""
        found = [(p.document, p.article) for p in self.evidence.passages]
        distinct = list(dict.fromkeys(found))[:among]
        places = (Place(self.wanted.document, self.wanted.articles), *self.wanted.also)
        return any((place.document, article) in distinct for place in places for article in place.articles)


def read_questions(path: Path, split: str | None = None) -> list[Wanted]:
    """Return the questions of a file, of one split (`dev`, `test`) or all. Raises Unreadable with the line at fault."""
    questions = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            questions.append(msgspec.json.decode(line, type=Wanted))
        except msgspec.DecodeError as error:
            raise Unreadable(f"{path.name}, line {number}: {error}") from None
    return [q for q in questions if split in (None, q.split)]


async def ask_all(library: Library, questions: list[Wanted], policy: Policy, limit: int = 20) -> list[Outcome]:
    """Ask every question as a person would: its language is not told, personal data is masked."""
    outcomes = []
    for wanted in questions:
        language = understand(wanted.text).language
        evidence = await library.search(screen(wanted.text).masked, "fr" if language == "und" else language, limit)
        outcomes.append(Outcome(wanted, language, evidence, route(language, evidence, (), policy).kind))
    return outcomes


def by_language(outcomes: list[Outcome], right: Callable[[Outcome], bool]) -> dict[str, Share]:
    """Count the right ones for each language, and for all (`*`)."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.wanted.tag].append(right(outcome))
        groups["*"].append(right(outcome))
    return {tag: share(rights) for tag, rights in sorted(groups.items())}
