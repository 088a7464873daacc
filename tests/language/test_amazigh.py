"""Amazigh in three scripts: what is typed becomes the standard, and Tifinagh comes back letter for letter."""

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiwizi.language.transliteration.amazigh import (
    arabic_to_tifinagh,
    chat_to_tifinagh,
    standard_forms,
    standard_latin,
    tifinagh_forms,
    typed_as_in_chats,
)
from tiwizi.language.transliteration.tables import rows
from tiwizi.language.transliteration.tifinagh import to_latin, to_tifinagh

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "amazigh_cases.jsonl").read_text(encoding="utf-8").splitlines()
]
READ = {"latin": standard_latin, "arabic": arabic_to_tifinagh}
TIFINAGH = "".join(row[0] for row in rows("tifinagh"))
ANY = st.text(
    st.one_of(
        st.sampled_from(TIFINAGH + "abchkgostdzr345789'’-_ .ḍṭɣɛεʷéأإآئؤءاويتمزغڭگݣژّـة،؟٢"),
        st.characters(exclude_categories=[]),
    ),
    max_size=60,
)


def _case(case: dict[str, object]) -> object:
    marks = [pytest.mark.xfail(strict=True)] if case.get("known_failure") else []
    return pytest.param(case, id=f"{case['way']}: {case['label']}", marks=marks)


@pytest.mark.parametrize("case", [_case(case) for case in CASES])
def test_each_case_is_read_as_expected(case: dict[str, str]) -> None:
    assert "".join(read.text for read in READ[case["way"]](case["text"])) == case["expect"]


@given(ANY)
@settings(max_examples=500, deadline=None)
def test_the_sources_join_back_to_the_text(text: str) -> None:
    """A page shows what was typed beside what was read, stretch by stretch; no text is refused."""
    for read in (standard_latin, chat_to_tifinagh, arabic_to_tifinagh):
        assert "".join(part.source for part in read(text)) == text


@given(st.text(st.sampled_from(TIFINAGH + "abchkgost345789 '’.é°ε"), max_size=60))
@settings(max_examples=800, deadline=None)
def test_what_was_tifinagh_never_looks_typed(text: str) -> None:
    """Else the way back would guess where it has to be exact."""
    latin = to_latin(f"ⴰ{text}")
    assert not typed_as_in_chats(latin) and to_tifinagh(latin) == f"ⴰ{text}"


@pytest.mark.parametrize(
    ("text", "typed"),
    [("tamazight", True), ("akhkham", True), ("ma3na", True), ("azul", False), ("tamaziɣt", False), ("2024", False)],
)
def test_typed_spelling_is_recognised(text: str, typed: bool) -> None:
    assert typed_as_in_chats(text) is typed


def test_chat_spelling_in_tifinagh() -> None:
    assert "".join(part.text for part in chat_to_tifinagh("thamazighth, certificat")) == "ⵜⴰⵎⴰⵣⵉⵖⵜ, certificat"


def test_candidates_are_different_and_at_most_as_many_as_asked() -> None:
    for forms in (standard_forms("izran", 5), tifinagh_forms("أزرو", 5)):
        assert len(forms) == len({form for form, _ in forms}) == 5
    assert ("izran", "attested") in standard_forms("izran") or ("iẓṛan", "attested") in standard_forms("izran")


def test_a_word_of_the_table_is_read_as_itself() -> None:
    """The standard spelling is one of the spellings that people type."""
    words = [to_latin(row[0]) for row in rows("amazigh_attested")[::40]]
    read = [standard_forms(word)[0][0] for word in words]
    assert sum(a == b for a, b in zip(words, read, strict=True)) > 0.93 * len(words)


def test_every_tifinagh_row_comes_back() -> None:
    folder = os.environ.get("TIWIZI_DATA")
    if not folder:
        pytest.skip("TIWIZI_DATA is not set: the corpora are not part of the project")
    lines = (Path(folder) / "parallel/seed.zgh_Tfng.txt").read_text(encoding="utf-8").splitlines()
    for line in (Path(folder) / "language/train.tsv").read_text(encoding="utf-8").splitlines():
        text, label, _ = line.split("\t")
        if label == "zgh-Tfng":
            lines.append(text)
    assert len(lines) > 12_000 and [line for line in lines if to_tifinagh(to_latin(line)) != line] == []


@pytest.mark.parametrize("piece", ["a", "gh", "e", "أ", "ّ", "ⴰ", "kh ", "أزول ", "'", "\u2060", "\u200c", "tt"])
def test_reading_takes_time_linear_in_the_length(piece: str) -> None:
    for read in (standard_latin, arabic_to_tifinagh, to_latin, to_tifinagh):
        read(piece * 50)
        start = time.perf_counter()
        read(piece * (400_000 // len(piece)))
        assert time.perf_counter() - start < 10  # about one second; quadratic time would be minutes


def test_the_tables_have_three_columns_and_no_row_twice() -> None:
    for name in ("amazigh_readings", "amazigh_arabic"):
        pairs = [row[:2] for row in rows(name)]
        assert len(pairs) == len(set(pairs)) and all(float(row[2]) >= 0 for row in rows(name))
    words = [row[0] for row in rows("amazigh_words")]
    assert len(words) == len(set(words))
