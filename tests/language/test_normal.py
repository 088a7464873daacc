"""Normal forms settle at once; search keys meet across scripts and spellings, and are keys of themselves."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiwizi.language.normal import SEAL, normal_form, search_keys
from tiwizi.language.transliteration.tables import rows

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "search_key_cases.jsonl").read_text(encoding="utf-8").splitlines()
]
LANGUAGES = [None, "ary-Latn", "ary-Arab", "zgh-Latn", "zgh-Tfng", "zgh-Arab", "fr", "ar", "en", "es", "und"]
LANGUAGES += ["kab", "rif", "shi"]
LETTERS = st.text(
    st.one_of(
        st.sampled_from("aeiouks37925ghlst'’-./0٠٩ابتةىأإآؤئءـًّڭگݣﻻﷲﬁΣςßİıÅⴰⴽⵯⵖ\u200b\u200f\u2060\u0307\u0345\u00a0"),
        st.characters(exclude_categories=[]),
    ),
    max_size=60,
)
WORDS = st.lists(
    st.sampled_from(
        [row[0] for table in ("attested", "words", "french", "amazigh_attested", "acronyms") for row in rows(table)]
        + [spelling for row in rows("words") for spelling in row[1].split(", ")]
        + [row[0] for row in rows("stop_english") + rows("stop_french")]
        + "danse fins notes · fin· CNSS XKQZ http://localhost:80/A?b=C a.b@c.ma 9.08 ٩.٠٨ 75dh 1-2-3-4 8lagh".split()
    ),
    max_size=9,
).map(" ".join)


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
    for text, language in wanted:
        found = search_keys(str(case["text"]), str(case["language"]))
        assert set(search_keys(text, language)) <= set(found), found


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
        stem = key.removesuffix(SEAL)
        again = search_keys(f"ال{stem}", "ar")
        assert not again or again[0] == key or len(stem) < 3


@given(st.one_of(LETTERS, WORDS, st.tuples(WORDS, LETTERS).map("".join)), st.sampled_from(LANGUAGES))
@settings(max_examples=1500, deadline=None)
def test_keys_are_keys_of_themselves(text: str, language: str | None) -> None:
    """What was filed once can be filed again: an index may be rebuilt from its own keys."""
    keys = search_keys(text, language)
    assert search_keys(" ".join(keys), language) == keys


@given(st.lists(st.one_of(LETTERS, WORDS), max_size=4), st.sampled_from(["fr", "ar", "en", "zgh-Latn", "zgh-Arab"]))
@settings(max_examples=500, deadline=None)
def test_words_are_read_alike_in_whatever_text_they_stand(texts: list[str], language: str) -> None:
    """Outside Darija in Latin letters, which has phrases, and but for capitals, which mean less among capitals."""
    small = [text.lower() for text in texts]
    assert search_keys(" ".join(small), language) == [key for text in small for key in search_keys(text, language)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["\x00", "\ud800", "a\udfffb", "\u202eabc\u202c", "·", "··", "a·b·", "ﷺ", "\u0301" * 99]
)
def test_nothing_is_refused(text: str, language: str | None) -> None:
    keys = search_keys(text, language)
    assert search_keys(" ".join(keys), language) == keys
    " ".join(keys).encode()  # what the index cannot hold is no key


def test_a_word_keeps_its_count() -> None:
    """Ranking needs to know how often a document says a word."""
    assert search_keys("جواز السفر، جواز", "ar").count(search_keys("جواز", "ar")[0]) == 2


def test_long_texts_of_one_thing_are_read_in_linear_time() -> None:
    for piece in ("a", "1.", "ال", "khassni ", "l'", "[", "x@", "www.", "ⴰ", "٣", "a· ", "\u0301\u0323", "gh"):
        for language in (None, "zgh-Latn", "zgh-Arab"):
            assert isinstance(search_keys(piece * (60_000 // len(piece)), language), list)


@pytest.mark.parametrize("marks", ["\u0301\u0323", "\u0323\u0301", "\u0301"])
def test_ten_megabytes_of_marks_on_one_letter(marks: str) -> None:
    """Sorting them is quadratic in the Unicode standard's own algorithm; a text of them must not stop a server."""
    text = "a" + marks * (10_000_000 // len(marks))
    assert len(normal_form(text)) < 40 and search_keys(text, "fr") == []
