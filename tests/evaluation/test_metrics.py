"""Figures and their intervals."""

from pathlib import Path

import pytest

from tiwizi.errors import Unreadable
from tiwizi.evaluation import mean_reciprocal_rank, rank_of, read_questions, share

QUESTIONS = Path(__file__).parents[1] / "questions"


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),  # Wilson's interval, against the values that tables give
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (81, 263, 0.255, 0.366)],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    figure = share([True] * hits + [False] * (of - hits))
    assert figure.interval == pytest.approx((low, high), abs=0.001)


def test_a_share_of_nothing_says_nothing() -> None:
    assert share([]).interval == (0.0, 1.0) and share([]).value == 0


def test_ranks() -> None:
    assert rank_of({"b", "c"}, ["a", "b", "c"]) == 2
    assert rank_of({"z"}, ["a"]) is None
    assert mean_reciprocal_rank([1, 2, None, 11]) == pytest.approx(1.5 / 4)


@pytest.mark.parametrize("name", ["procedures", "articles", "unanswerable"])
def test_the_questions_are_well_formed_and_each_half_has_every_main_language(name: str) -> None:
    questions = read_questions(QUESTIONS / f"{name}.jsonl")
    assert len({q.id for q in questions}) == len(questions)
    assert len({q.text for q in questions}) == len(questions)
    for split in ("dev", "test"):
        tags = {q.tag for q in questions if q.split == split}
        assert {"fr", "ar", "ary-Arab", "ary-Latn"} <= tags


def test_every_card_asked_about_exists() -> None:
    cards = {path.stem for path in (QUESTIONS.parents[1] / "src/tiwizi/packs/starter/cards").glob("*.toml")}
    assert {q.card for q in read_questions(QUESTIONS / "procedures.jsonl")} <= cards


def test_a_line_that_is_no_question_is_named(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "1", "tag": "fr", "text": "a", "split": "dev"}\n{"id": 2}\n')
    with pytest.raises(Unreadable, match=r"q\.jsonl, line 2"):
        read_questions(tmp_path / "q.jsonl")
