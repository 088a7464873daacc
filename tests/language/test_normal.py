"""Normal forms settle at once; search keys meet across scripts and spellings."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiwizi.language.normal import normal_form, search_keys

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "search_key_cases.jsonl").read_text(encoding="utf-8").splitlines()
]
LANGUAGES = [None, "ary-Latn", "ary-Arab", "zgh-Latn", "zgh-Tfng", "fr", "ar", "en", "und"]
LETTERS = st.text(
    st.one_of(
        st.sampled_from("aeiouks37925ghlst'’-./0٠٩ابتةىأإآؤئءـًّڭگݣﻻﷲﬁΣςßİıÅⴰⴽⵯⵖ\u200b\u200f\u2060\u0307\u0345\u00a0"),
        st.characters(),
    ),
    max_size=60,
)


@given(LETTERS)
@settings(max_examples=600, deadline=None)
def test_normal_form_applied_twice_changes_nothing_more(text: str) -> None:
    assert normal_form(normal_form(text)) == normal_form(text)


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("ﻻ إِلَٰهَ", "لا إله"),
        ("ســـلام", "سلام"),
        ("٠٩-٠٨", "09-08"),
        ("\u200fرقم\u200e 5", "رقم 5"),
        ("بزاااااف", "بزاف"),
        ("Bzaaaaaf  KHASSSSNI", "bzaf khassni"),
        ("l’État\u00a0civil", "l'état civil"),
        ("ⴰⵣⵓⵍ", "ⴰⵣⵓⵍ"),
        ("ﬁche", "fiche"),
        ("1000000", "1000000"),
        ("", ""),
    ],
)
def test_normal_form_folds_what_people_and_machines_vary(text: str, expect: str) -> None:
    assert normal_form(text) == expect


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_search_keys_of_each_case(case: dict[str, object]) -> None:
    for name, holds in (("same", _all_same), ("differ", _all_differ), ("none", _all_empty)):
        rows = case.get(name, [])
        assert isinstance(rows, list)
        keys = [search_keys(text, language) for text, language in rows]
        assert holds(keys), keys
    wanted = case.get("has", [])
    assert isinstance(wanted, list)
    if wanted:
        found = search_keys(str(case["text"]), str(case["language"]))
        assert set(wanted) <= set(found), found


def _all_same(keys: list[list[str]]) -> bool:
    return not keys or (bool(keys[0]) and all(each == keys[0] for each in keys))


def _all_differ(keys: list[list[str]]) -> bool:
    return len({tuple(each) for each in keys}) == len(keys)


def _all_empty(keys: list[list[str]]) -> bool:
    return not any(keys)


@given(LETTERS, st.sampled_from(LANGUAGES))
@settings(max_examples=500, deadline=None)
def test_any_text_gives_keys_without_spaces(text: str, language: str | None) -> None:
    for key in search_keys(text, language):
        assert key and len(key) <= 64 and not any(letter.isspace() for letter in key)


@given(st.text(st.sampled_from("ابتةيونهكملوفال"), min_size=1, max_size=12))
@settings(max_examples=300, deadline=None)
def test_the_ending_of_an_arabic_key_is_final(word: str) -> None:
    """A stem that could be cut again would put the singular and the plural under two keys."""
    for key in search_keys(f"ال{word}", "ar")[:1]:
        again = search_keys(f"ال{key}", "ar")
        assert not again or again[0] == key or len(key) < 3


def test_a_word_keeps_its_count() -> None:
    """Ranking needs to know how often a document says a word."""
    assert search_keys("جواز السفر، جواز", "ar").count(search_keys("جواز", "ar")[0]) == 2


def test_long_texts_of_one_thing_are_read_in_linear_time() -> None:
    for piece in ("a", "1.", "ال", "khassni ", "l'", "[", "x@", "www.", "ⴰ", "٣"):
        assert isinstance(search_keys(piece * (60_000 // len(piece)), None), list)
