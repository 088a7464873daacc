"""What counts as right, on evidence built by hand; the search itself is measured elsewhere."""

from typing import Any

import pytest

from tiwizi.errors import NotThere
from tiwizi.evaluation import Outcome, Wanted, report, task
from tiwizi.evaluation.outcomes import quotes, told
from tiwizi.knowledge import Evidence, FoundCard, FoundPassage, load_card

CARD = load_card(
    """
    id = "ice"
    review = "drafted"
    updated = 2026-11-22
    [name]
    fr = "ICE"
    ar = "التعريف الموحد"
    ary-Arab = "ICE"
    [aliases]
    fr = ["ice"]
    ar = ["ice"]
    ary-Arab = ["ice"]
    ary-Latn = ["ice"]
    [sources.law]
    fr = "Décret 2-11-63"
    ar = "المرسوم رقم 2.11.63"
    [[facts]]
    field = "fee"
    confidence = "high"
    source = "law"
    fr = "C'est gratuit jusqu'à 2 288 DH."
    ar = "بالمجان."
    ary-Arab = "فابور."
    [[facts]]
    field = "legal_basis"
    confidence = "high"
    source = "law"
    fr = "Décret 2-11-63, article 75."
    ar = "المرسوم رقم 2.11.63، المادة 75."
    ary-Arab = "المرسوم رقم 2.11.63، المادة 75."
    """
)


def wanted(**changed: Any) -> Wanted:
    return Wanted(**{"id": "a", "tag": "fr", "text": "?"} | changed)


def outcome(one: Wanted, route: str = "card", need: str = "fee", passages: tuple[FoundPassage, ...] = ()) -> Outcome:
    found = FoundCard(card=CARD, document="ice.toml", text="", need=need, score=0.9, signals={})
    return Outcome(one, one.tag, Evidence((found,), passages), route)


def passage(number: int, text: str, document: str = "a.md", article: str | None = None) -> FoundPassage:
    return FoundPassage(
        id=number,
        document_id=1,
        document=document,
        title="",
        article=article,
        page=None,
        heading="",
        start=0,
        end=len(text),
        text=text,
        language="fr",
        score=0.5,
        signals={},
    )


@pytest.mark.parametrize(
    ("fact", "need", "there"),
    [
        (["gratuit"], "fee", True),
        (["payant", "مجان"], "fee", True),
        ("Gratuit", "fee", True),
        ("2288", "fee", True),
        ("2 288 DH", "", True),
        ("228", "fee", False),  # part of a number is another number
        ("288", "fee", False),
        ("75", "fee", False),  # an article's number is no fee
        ("75", "legal_basis", True),
        ("2.11.63", "legal_basis", True),
    ],
)
def test_the_needed_fact_is_looked_for_in_all_languages_of_the_card(fact: Any, need: Any, there: bool) -> None:
    assert told(CARD, wanted(card="ice", need=need, fact=fact)) is there


QUOTE = "Le ticket est posé derrière le pare-brise, du côté du trottoir, et reste lisible."


@pytest.mark.parametrize(
    ("text", "there"),
    [
        (f"On paie. {QUOTE} Et après.", True),
        (QUOTE.replace(" ", "\n  "), True),
        ("Article 3. Le ticket est posé derrière le pare-brise, du côté", True),  # cut in two at a sentence's middle
        ("du trottoir, et reste lisible. Article 4.", False),  # less than half of it
        ("du côté du trottoir, et reste lisible. Article 4.", True),
        ("Le ticket est perdu.", False),
    ],
)
def test_a_passage_holds_a_quote(text: str, there: bool) -> None:
    assert quotes(text, QUOTE) is there


def test_a_short_quote_is_not_halved() -> None:
    assert not quotes("le mardi et le jeudi", "le mardi à 9 h")


def test_the_place_of_a_quote_and_of_an_article() -> None:
    found = (passage(1, QUOTE, "b.md"), passage(2, "rien"), passage(3, QUOTE))
    assert outcome(wanted(document="a.md", quote=QUOTE), passages=found).place == 3
    assert outcome(wanted(document="c.md", quote=QUOTE), passages=found).place is None
    articles = (passage(1, "x", article="3"), passage(2, "y", article="3"), passage(3, "z", article="7"))
    asked = wanted(document="a.md", articles=("7",))
    assert outcome(asked, passages=articles).place == 2  # two passages of one article count once
    assert outcome(asked, passages=articles).right_article(2) and not outcome(asked, passages=articles).right_article(1)


def test_retrieval_counts_at_each_depth() -> None:
    asked = wanted(document="a.md", quote=QUOTE)
    third = outcome(asked, passages=(passage(1, "x"), passage(2, "y"), passage(3, QUOTE)))
    first = outcome(asked, passages=(passage(1, QUOTE),))
    figures = report("retrieval", [first, third, outcome(asked)])["*"]
    assert {name: share.hits for name, share in figures.shares.items()} == {"R@1": 1, "R@5": 2, "R@10": 2}
    assert figures.means["MRR@10"] == pytest.approx((1 + 1 / 3) / 3)


def test_cards_count_the_card_the_need_and_the_fact_each_where_it_is_asked_for() -> None:
    outcomes = [
        outcome(wanted(card="ice", need="fee", fact="gratuit")),
        outcome(wanted(card="ice", need="place", fact="ice.gov.ma")),  # right card, wrong need, fact not on the card
        outcome(wanted(card="ice", fact="gratuit"), route="handoff"),
        outcome(wanted(card="rnp", need="fee", fact="gratuit")),
        outcome(wanted(card="ice", tag="ar"), need=""),
    ]
    figures = report("cards", outcomes)
    counted = {name: (share.hits, share.of) for name, share in figures["*"].shares.items()}
    assert counted == {"right card": (3, 5), "right need first": (1, 3), "needed fact told": (1, 4)}
    assert figures["ar"].shares["right card"].hits == figures["ar"].shares["right card"].of == 1


def test_refusal_counts_both_ways_and_by_kind() -> None:
    outcomes = [
        outcome(wanted(kind="local"), route="handoff"),
        outcome(wanted(kind="near-miss")),
        outcome(wanted(card="ice"), route="handoff"),
        outcome(wanted(document="a.md", quote="x"), route="quote"),
    ]
    figures = report("refusal", outcomes)
    assert list(figures) == ["fr", "local", "near-miss", "*"]
    counted = {name: (share.hits, share.of) for name, share in figures["*"].shares.items()}
    assert counted == {"says so": (1, 2), "wrongly says so": (1, 2)}
    assert figures["local"].shares["says so"].value == 1 and figures["near-miss"].shares["says so"].value == 0


def test_a_task_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(NotThere, match="retrieval, cards, refusal"):
        task("poetry")
