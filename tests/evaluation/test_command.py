"""`tiwizi evaluate` as people use it: a process of its own, the real encoder, a handful of questions."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

DOCUMENTS = Path(__file__).parents[1] / "questions" / "documents"
QUOTE = "La carte coûte 40 dirhams par an pour un adulte et 15 dirhams pour un étudiant."
QUESTIONS = [
    {"id": "found", "tag": "fr", "text": "combien coute la carte de la bibliothèque", "quote": QUOTE},
    {"id": "also", "tag": "ar", "text": "كم ثمن بطاقة القارئ في المكتبة للطالب؟", "quote": QUOTE, "split": "dev"},
    {"id": "card", "tag": "fr", "text": "prix du timbre du passeport adulte", "card": "passport-adult", "need": "fee"},
    {"id": "not", "tag": "fr", "text": "recette de la harira", "kind": "off-topic"},
    {"id": "nor", "tag": "ary-Latn", "text": "chkon rbe7 lmatch lbare7", "kind": "off-topic", "split": "dev"},
]


def tiwizi(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TIWIZI_")}
    command = [sys.executable, "-m", "tiwizi.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=clean, timeout=120)


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "mine.jsonl"
    named = [row | ({"document": "bibliotheque.md"} if "quote" in row else {}) for row in rows]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in named), "utf-8")
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the starter pack and one sample document."""
    folder = tmp_path_factory.mktemp("home")
    done = tiwizi("ingest", DOCUMENTS / "bibliotheque.md", "--home", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return written(tmp_path, QUESTIONS)


def figures(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def test_retrieval_in_an_instance_of_its_own_that_leaves_nothing_behind(mine: Path) -> None:
    given = ("--questions", mine, "--documents", DOCUMENTS / "bibliotheque.md", "--split", "all")
    row = figures(tiwizi("evaluate", "retrieval", *given, "--json"))
    assert (row["task"], row["questions"], row["sets"]) == ("retrieval", 2, ["mine.jsonl"])
    assert row["figures"]["fr"]["R@10"]["hits"] == row["figures"]["fr"]["R@10"]["of"] == 1
    assert 0 < row["figures"]["fr"]["R@10"]["low"] < 1 and 0 < row["figures"]["fr"]["MRR@10"] <= 1
    assert set(row["figures"]) == {"ar", "fr", "*"}


def test_cards_in_an_instance_that_is_there_already_without_a_word_in_its_ledger(home: Path, mine: Path) -> None:
    row = figures(tiwizi("evaluate", "cards", "--questions", mine, "--home", home, "--json"))
    right = row["figures"]["fr"]["right card"]
    assert (row["questions"], right["hits"], right["of"], right["share"]) == (1, 1, 1, 1.0)
    assert row["figures"]["fr"]["needed fact told"]["of"] == 0  # the question names none
    with closing(sqlite3.connect(home / "tiwizi.db")) as database:
        assert database.execute("SELECT count(*) FROM ledger_entries").fetchone() == (0,)


def test_refusal_prints_a_table_for_people_and_lists_misses_of_the_dev_half_only(home: Path, mine: Path) -> None:
    done = tiwizi("--home", home, "evaluate", "refusal", "--questions", mine, "--split", "all", "--missed")
    assert done.returncode == 0, done.stderr
    assert "refusal: 5 questions (all) of mine.jsonl" in done.stdout
    assert "says so" in done.stdout and "Wilson" in done.stdout and "missed, of the dev half" in done.stdout
    missed = done.stdout.split("missed, of the dev half")[1]
    assert not any(f"  {name}  " in missed for name in ("found", "card", "not"))


@pytest.mark.parametrize(
    ("task", "rows", "more", "told"),
    [
        ("retrieval", QUESTIONS[3:4], (), "names a document"),
        ("cards", QUESTIONS[:1], (), "names a card"),
        ("refusal", QUESTIONS[:1], ("--split", "dev"), "of the dev half"),
        ("cards", [{"id": "a", "tag": "fr", "text": "?", "card": "x", "need": "cost"}], (), "line 1"),
        ("retrieval", QUESTIONS[:1], ("--documents", "nowhere"), "nowhere"),
        ("retrieval", QUESTIONS[:1], ("--home", "nowhere"), "no instance"),
        ("retrieval", QUESTIONS[:1], ("--home", ".", "--documents", "."), "tiwizi ingest"),
    ],
)
def test_what_cannot_be_measured_is_told_on_one_line(
    task: str, rows: list[dict[str, Any]], more: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    done = tiwizi("evaluate", task, "--questions", written(tmp_path, rows), *more)
    assert done.returncode == 2 and done.stdout == ""
    assert told in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("task", "row"),
    [
        ("retrieval", {"id": "a", "tag": "fr", "text": "où ?", "document": "loi.pdf", "articles": ["1"]}),
        ("cards", {"id": "a", "tag": "fr", "text": "où ?", "card": "loi.pdf"}),
    ],
)
def test_a_question_about_something_that_is_not_there_is_named(
    task: str, row: dict[str, Any], home: Path, tmp_path: Path
) -> None:
    """Counted as missed, it would make the figures worse and nobody would know why."""
    done = tiwizi("evaluate", task, "--questions", written(tmp_path, [row]), "--home", home)
    assert done.returncode == 2 and "Question a is about" in done.stderr and "'loi.pdf'" in done.stderr
