"""`ask`, `search`, `verify`: from a question to an answer with a receipt that holds."""

import json
from pathlib import Path

import pytest

from .conftest import Run

QUESTION = "chno khassni bach njedded la carte nationale?"
CITATION = {"document", "article", "page", "start", "end", "quote", "url"}


def test_a_question_in_darija_is_answered_in_its_letters_with_sources(tiwizi: Run) -> None:
    done = tiwizi("ask", "--json", QUESTION)
    row = json.loads(done.stdout)
    assert (row["language"], row["route"]) == ("ary-Latn", "card")
    assert row["citations"] and CITATION <= row["citations"][0].keys()
    assert not any("\N{ARABIC LETTER ALEF}" <= c <= "\N{ARABIC LETTER YEH}" for c in row["answer_text"].split("\n")[0])
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Quels papiers pour renouveler la carte nationale ?", "fr"),
        ("ما هي الوثائق المطلوبة لتجديد البطاقة الوطنية؟", "ar"),
        ("شنو خاصني باش نجدد لاكارط ناسيونال؟", "ary-Arab"),
    ],
)
def test_the_answer_is_in_the_language_of_the_question(tiwizi: Run, question: str, language: str) -> None:
    row = json.loads(tiwizi("ask", "--json", question).stdout)
    assert (row["language"], row["route"]) == (language, "card")


def test_a_receipt_kept_in_a_file_is_valid_and_a_changed_byte_is_found(tiwizi: Run, tmp_path: Path) -> None:
    kept = tmp_path / "receipt.json"
    answered = tiwizi("ask", "--receipt", str(kept), QUESTION)
    assert answered.returncode == 0, answered.stderr
    assert tiwizi("verify", str(kept)).stdout.startswith(b"valid")
    data = kept.read_bytes()
    for place in range(0, len(data), 97):
        kept.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        done = tiwizi("verify", str(kept))
        assert done.returncode == 1 and b"valid" not in done.stdout, place


def test_the_receipt_in_the_json_is_the_one_that_verifies(tiwizi: Run, tmp_path: Path) -> None:
    """Whoever takes the receipt out of the answer and writes it with their own JSON library has a valid file."""
    receipt = json.loads(tiwizi("ask", "--json", QUESTION).stdout)["receipt"]
    for style in ({}, {"indent": 2}, {"ensure_ascii": False}, {"separators": (",", ":")}):
        kept = tmp_path / "receipt.json"
        kept.write_text(json.dumps(receipt, **style))  # type: ignore[arg-type]
        assert tiwizi("verify", str(kept)).returncode == 0, style


def test_search_says_where_and_which_signals(tiwizi: Run) -> None:
    stdin = json.dumps({"id": "a", "text": "droit d'accès aux données personnelles"}).encode()
    row = json.loads(tiwizi("search", "--jsonl", stdin=stdin).stdout)
    assert row["id"] == "a"
    first = row["results"][0]
    assert {"document", "article", "page", "start", "end", "text", "score", "signals"} <= first.keys()
    assert first["document"] == "donnees-personnelles.md"
    assert set(first["signals"]) == {"words", "shared", "support", "meaning", "gist", "elsewhere"}


@pytest.mark.parametrize(
    ("text", "told"), [("", "no text"), ("   ", "no text"), ("a" * 1_000_000, "1000000 characters")]
)
def test_a_question_that_cannot_be_used_is_told_on_one_line(tiwizi: Run, text: str, told: str) -> None:
    done = tiwizi("ask", stdin=text.encode())
    assert done.returncode == 2 and done.stdout == b""
    assert told in done.stderr.decode() and done.stderr.count(b"\n") == 1


def test_a_setting_that_does_not_exist_stops_the_start(tiwizi: Run) -> None:
    done = tiwizi("ask", QUESTION, TIWIZI_POORT="80")
    assert done.returncode == 2 and b"'poort'" in done.stderr and b"Available" in done.stderr


def test_personal_data_comes_back_in_no_file(tiwizi: Run, tmp_path: Path) -> None:
    tiwizi("ask", "smiti CIN QX904417 w tel 0661907733, chhal taman dyal lpaspor?", home=tmp_path)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"QX904417" not in kept and b"0661907733" not in kept


def test_the_doctor_finds_a_new_instance_well(tiwizi: Run, tmp_path: Path) -> None:
    done = tiwizi("doctor", "--json", home=tmp_path)
    assert json.loads(done.stdout)["well"], done.stdout


def test_the_doctor_and_ask_name_a_damaged_database(tiwizi: Run, tmp_path: Path) -> None:
    (tmp_path / "tiwizi.db").write_bytes(b"\0broken" * 5_000)
    assert tiwizi("doctor", home=tmp_path).returncode == 1
    done = tiwizi("ask", QUESTION, home=tmp_path)
    assert done.returncode == 2 and b"damaged" in done.stderr and done.stderr.count(b"\n") == 1
