"""`tiwizi evaluate bitext`, as a person runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SAID = ["فين كاين السبيطار؟", "شحال ثمن الخبز؟", "غدا غادي تطيح الشتا", "خويا خدام فالبنك", "شحال ثمن الخبز"]
MEANT = [
    "Where is the hospital?",
    "How much is the bread?",
    "It will rain tomorrow",
    "My brother works at the bank",
    "How much is the bread?",
]


def bitext(queries: Path, candidates: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tiwizi.cli", "evaluate", "bitext", "--language", "ary-Arab", *more]
    files = ["--queries", str(queries), "--candidates", str(candidates)]
    return subprocess.run([*command, *files], capture_output=True, text=True)


def test_each_sentence_finds_its_own_and_what_is_alike_counts_once(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("\n".join(SAID) + "\n")
    (tmp_path / "c.txt").write_text("\r\n".join(MEANT))
    done = bitext(tmp_path / "q.txt", tmp_path / "c.txt", "--json")
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert (row["sentences"], row["candidates"], row["language"]) == (5, 4, "ary-Arab")
    assert row["recall@1"] >= 0.8 and row["recall@10"] == 1.0 and row["recall@1"] <= row["mrr@10"] <= 1
    assert row["recall@1_interval"][0] < row["recall@1"] <= row["recall@1_interval"][1]
    assert "first" in bitext(tmp_path / "q.txt", tmp_path / "c.txt").stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"one\ntwo\n", "5 lines"), (b"", "no sentence"), (b"\xff\xfe", "not UTF-8"), (None, "cannot be opened")],
)
def test_a_file_that_will_not_do_is_refused_with_its_name(tmp_path: Path, content: bytes | None, reason: str) -> None:
    (tmp_path / "q.txt").write_text("\n".join(SAID))
    if content is not None:
        (tmp_path / "c.txt").write_bytes(content)
    done = bitext(tmp_path / "q.txt", tmp_path / "c.txt")
    assert done.returncode == 2 and reason in done.stderr and "c.txt" in done.stderr
