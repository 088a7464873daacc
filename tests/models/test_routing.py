"""The way to answer is chosen by evidence, trust and policy, in this order, and the reason is told."""

from pathlib import Path

import pytest

from tiwizi.engines import make_engine
from tiwizi.governance import load_policy
from tiwizi.knowledge import Evidence, FoundCard, FoundPassage, load_card
from tiwizi.models import cards, route
from tiwizi.settings import EngineSettings

CARD = Path(__file__).parents[2] / "src/tiwizi/packs/starter/cards/passport-adult.toml"
ECHO = make_engine(EngineSettings(name="echo", url="echo:", languages=["fr"]))


def found(card: float | None = None, passage: float | None = None) -> Evidence:
    passages = [
        FoundPassage(
            id=1,
            document_id=1,
            document="a.txt",
            title="",
            article=None,
            page=None,
            heading="",
            start=0,
            end=1,
            text="a",
            language="fr",
            score=passage or 0,
            signals={},
        )
    ]
    sheet = FoundCard(card=load_card(CARD), document=CARD.name, text="", need="fee", score=card or 0, signals={})
    return Evidence((sheet,) if card is not None else (), tuple(passages) if passage is not None else ())


@pytest.mark.parametrize(
    ("card", "passage", "language", "kind"),
    [
        (None, None, "fr", "handoff"),
        (0.49, 0.49, "fr", "handoff"),
        (0.5, None, "fr", "card"),
        (0.5, 0.85, "fr", "card"),  # a card is exact: passages must be clearly better
        (0.5, 0.95, "fr", "generate"),
        (0.4, 0.61, "fr", "generate"),  # less so when it is not sure by itself
        (0.4, 0.49, "fr", "handoff"),
        (0.4, 0.6, "fr", "card"),
        (0.39, 0.6, "fr", "generate"),
        (0.4, 0.95, "fr", "generate"),
        (0.4, 0.95, "ary-Arab", "quote"),  # echo was not measured in Darija
        (None, 0.7, "fr", "generate"),
        (None, 0.7, "zgh-Tfng", "quote"),
    ],
)
def test_the_way_follows_the_evidence_and_the_trust(
    tmp_path: Path, card: float | None, passage: float | None, language: str, kind: str
) -> None:
    chosen = route(language, found(card, passage), [ECHO], load_policy(tmp_path))
    assert chosen.kind == kind and chosen.reason
    assert (chosen.engine is ECHO) == (kind == "generate")


def test_without_a_model_passages_are_quoted(tmp_path: Path) -> None:
    chosen = route("fr", found(passage=0.9), [], load_policy(tmp_path))
    assert chosen.kind == "quote" and "no model is configured" in chosen.reason


def test_models_are_listed_with_the_languages_they_are_trusted_in() -> None:
    named = {card.name: card for card in cards([ECHO])}
    assert named["echo"].languages == ("fr",)
    assert "zgh-Tfng" in named["tiwizi-language"].languages
