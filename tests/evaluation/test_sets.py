"""Our own questions are what their README says: well formed, in all languages, in two even halves."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tiwizi.evaluation import Wanted, read_questions
from tiwizi.evaluation.outcomes import told
from tiwizi.knowledge import Card, load_card

QUESTIONS = Path(__file__).parents[1] / "questions"
DOCUMENTS = QUESTIONS / "documents"
CARDS = QUESTIONS.parents[1] / "src" / "tiwizi" / "packs" / "starter" / "cards"
SETS = ["procedures", "documents", "unanswerable", "articles"]
TAGS = ["fr", "ar", "ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn", "en", "es"]
KINDS = {"off-topic", "near-miss", "local", "personal", "other-country"}


def questions(name: str) -> list[Wanted]:
    return read_questions(QUESTIONS / f"{name}.jsonl")


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return {path.stem: load_card(path) for path in CARDS.glob("*.toml")}


@pytest.mark.parametrize("name", SETS)
def test_ids_are_built_alike_and_each_language_has_two_even_halves(name: str) -> None:
    for question in questions(name):
        assert re.fullmatch(rf"{name.removesuffix('s')}-{question.tag}-\d\d", question.id), question.id
    halves = Counter((q.tag, q.split) for q in questions(name))
    for tag in {tag for tag, _ in halves}:
        assert tag in TAGS
        assert abs(halves[tag, "dev"] - halves[tag, "test"]) <= 1, tag


def test_no_question_is_asked_twice() -> None:
    texts = Counter(q.text.strip(" ?؟.!").casefold() for name in SETS for q in questions(name))
    assert [text for text, times in texts.items() if times > 1] == []


@pytest.mark.parametrize(
    ("name", "most", "amazigh", "others"),  # the least there must be: of the main languages, of Amazigh, of en and es
    [("procedures", 50, 40, 5), ("documents", 20, 20, 3), ("unanswerable", 20, 12, 5)],
)
def test_every_language_has_enough_questions(name: str, most: int, amazigh: int, others: int) -> None:
    tags = Counter(q.tag for q in questions(name))
    least = {tag: amazigh if tag.startswith("zgh") else others if tag in ("en", "es") else most for tag in TAGS}
    assert {tag: (tags[tag], number) for tag, number in least.items() if tags[tag] < number} == {}


def test_every_card_asked_about_exists_and_tells_the_needed_fact(cards: dict[str, Card]) -> None:
    asked = questions("procedures")
    assert {q.card for q in asked} - cards.keys() == set()
    assert [(q.id, q.card, q.facts) for q in asked if q.facts and not told(cards[q.card], q)] == []


def test_every_card_is_asked_about(cards: dict[str, Card]) -> None:
    assert cards.keys() - {q.card for q in questions("procedures")} == set()


def test_most_questions_on_procedures_name_the_needed_fact() -> None:
    asked = questions("procedures")
    assert sum(bool(q.facts) for q in asked) >= 0.95 * len(asked)


def test_every_quote_stands_once_in_its_document() -> None:
    texts = {path.name: path.read_text("utf-8") for path in DOCUMENTS.iterdir()}
    wrong = [q.id for q in questions("documents") if texts[q.document].count(q.quote) != 1]
    assert wrong == []
    assert {q.document for q in questions("documents")} == texts.keys()


def test_every_document_says_in_its_first_line_that_it_is_invented() -> None:
    first = {path.name: path.read_text("utf-8").split("\n", 1)[0] for path in DOCUMENTS.iterdir()}
    assert [name for name, line in first.items() if not re.search("invent|مختلق", line)] == []


def test_questions_without_answer_are_of_several_kinds() -> None:
    asked = questions("unanswerable")
    assert not any(q.answerable for q in asked)
    assert {kind for kind, number in Counter(q.kind for q in asked).items() if number >= 15} == KINDS


def test_the_readme_counts_them_right() -> None:
    """When this fails, put the row that it prints into tests/questions/README.md."""
    readme = (QUESTIONS / "README.md").read_text("utf-8")
    for name in SETS:
        tags = Counter(q.tag for q in questions(name))
        row = f"| {name} | {sum(tags.values())} | " + " | ".join(str(tags[tag] or "") for tag in TAGS) + " |"
        print(row)
        assert row in readme
