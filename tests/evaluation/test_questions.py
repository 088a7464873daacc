"""Sets of questions are read and checked, and a fault is named with its line and field."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tiwizi.errors import Unreadable
from tiwizi.evaluation import read_questions

DOCS = Path(__file__).parents[2] / "docs" / "evaluation.md"
GOOD = {"id": "a", "tag": "fr", "text": "Combien ?"}


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "q.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"text": None}, "in text"),
        ({"text": "  "}, "in text"),
        ({"id": 2}, "in id"),
        ({"tag": "Darija"}, "ary-Latn"),
        ({"split": "train"}, "accepted: dev, test"),
        ({"card": "ice", "need": "price"}, "accepted: fee"),
        ({"qoute": "x"}, "qoute"),
        ({"need": "fee"}, "need says nothing without card"),
        ({"fact": "75"}, "fact says nothing without card"),
        ({"quote": "75 DH"}, "quote says nothing without document"),
        ({"articles": ["1"]}, "articles says nothing without document"),
        ({"document": "a.md"}, "neither quote nor articles"),
        ({"card": "ice", "kind": "local"}, "kind is for a question without answer"),
    ],
)
def test_what_is_wrong_in_a_line_is_told(changed: dict[str, Any], told: str, tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, GOOD | {"id": "b"} | changed)
    with pytest.raises(Unreadable, match=r"q\.jsonl, line 2") as caught:
        read_questions(path)
    assert told in str(caught.value)


@pytest.mark.parametrize("missing", ["id", "tag", "text"])
def test_a_missing_field_is_named_with_what_it_holds(missing: str, tmp_path: Path) -> None:
    path = written(tmp_path, {name: value for name, value in GOOD.items() if name != missing})
    with pytest.raises(Unreadable, match=rf"q\.jsonl, line 1: .*{missing}.*accepted"):
        read_questions(path)


def test_a_line_that_is_no_object_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "1", "tag": "fr", "text": "a"}\n\nnot json\n')
    with pytest.raises(Unreadable, match=r"q\.jsonl, line 3"):
        read_questions(tmp_path / "q.jsonl")
    with pytest.raises(Unreadable, match="cannot be opened"):
        read_questions(tmp_path / "nothing.jsonl")


def test_a_file_of_another_encoding_is_told_and_a_byte_order_mark_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes('{"id": "a", "tag": "fr", "text": "où ?"}'.encode("cp1252"))
    with pytest.raises(Unreadable, match=r"line 1: byte \d+ is not UTF-8"):
        read_questions(path)
    path.write_bytes('{"id": "a", "tag": "fr", "text": "où ?"}\r\n'.encode("utf-8-sig"))
    assert [q.text for q in read_questions(path)] == ["où ?"]


def test_an_id_given_twice_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="line 2: id 'a' is there already"):
        read_questions(written(tmp_path, GOOD, GOOD))


def test_halves(tmp_path: Path) -> None:
    """A set that does not say is a test set: nobody tuned on it."""
    path = written(tmp_path, GOOD, GOOD | {"id": "b", "split": "dev"}, GOOD | {"id": "c", "split": "test"})
    assert [q.id for q in read_questions(path, "dev")] == ["b"]
    assert [q.id for q in read_questions(path, "test")] == ["a", "c"]
    assert len(read_questions(path)) == 3


def test_a_fact_is_one_word_or_several(tmp_path: Path) -> None:
    one, many = GOOD | {"card": "ice", "fact": "75"}, GOOD | {"id": "b", "card": "ice", "fact": ["75", "80"]}
    assert [q.facts for q in read_questions(written(tmp_path, one, many))] == [("75",), ("75", "80")]


def test_the_set_in_the_docs_is_one(tmp_path: Path) -> None:
    block = re.search(r"```json\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert block
    (tmp_path / "docs.jsonl").write_text(block[1], "utf-8")
    assert [(bool(q.document), bool(q.card)) for q in read_questions(tmp_path / "docs.jsonl")] == [
        (True, False),
        (False, True),
        (False, False),
    ]
