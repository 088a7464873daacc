"""Choosing the way to answer: a card, quoted passages, a model's words, or a person."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from tiwizi.engines import Engine
from tiwizi.governance import Policy
from tiwizi.knowledge import Evidence

ENOUGH = 0.5  # least score of evidence that may carry an answer
NEARLY = 0.4  # a card this sure is told once passages agree that there is an answer
CLEARLY = 0.4  # passages must be better than a card by this much: a card is exact, and they are quoted below it anyway
PERHAPS = 0.2  # and by this much than a card that is not sure enough by itself


class Route(Struct, frozen=True):
    """The way chosen, and why, in one sentence for staff and auditors."""

    kind: Literal["card", "quote", "generate", "handoff"]
    reason: str
    engine: Engine | None = None


def route(language: str, evidence: Evidence, engines: Sequence[Engine], policy: Policy) -> Route:
    """Return how to answer a question in `language` (BCP 47) from what was found."""
    card = evidence.cards[0].score if evidence.cards else 0.0
    passage = evidence.passages[0].score if evidence.passages else 0.0
    if max(card, passage) < ENOUGH:
        return Route("handoff", f"nothing found supports an answer (card {card:.2f}, passage {passage:.2f})")
    if (card >= ENOUGH and card + CLEARLY >= passage) or (card >= NEARLY and card + PERHAPS >= passage):
        return Route("card", f"the card {evidence.cards[0].card.id} is about the very thing asked ({card:.2f})")
    refused = []
    for engine in engines:
        if language not in engine.languages:
            refused.append(f"{engine.name} was not measured in {language}")
            continue
        decision = policy.may_send(engine.name, engine.jurisdiction, "masked")
        if decision.allowed:
            return Route("generate", f"{engine.name} is trusted in {language}, {decision.rule} allows it", engine)
        refused.append(f"{decision.rule} keeps masked text from {engine.name}")
    why = "; ".join(refused) or "no model is configured"
    return Route("quote", f"passages support an answer ({passage:.2f}) and {why}")
