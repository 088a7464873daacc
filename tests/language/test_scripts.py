import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiwizi.language.scripts import plain, script_of, words

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))  # lone surrogates and NUL too


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("salam", "Latn"),
        ("3lach", "Latn"),
        ("été", "Latn"),
        ("tamaziɣt", "Latn"),
        ("سلام", "Arab"),
        ("\N{ARABIC LETTER GAF}لاس", "Arab"),
        ("\N{ARABIC LIGATURE LAM WITH ALEF ISOLATED FORM}", "Arab"),
        ("\N{TIFINAGH LETTER YAZ}", "Tfng"),
        ("привет", "Cyrl"),
        ("ελληνικά", "Grek"),
        ("\N{CHEROKEE LETTER A}", "Zzzz"),
        ("", "Zyyy"),
        ("12 ٣٤ !؟ 🙂 \u200f \x00 ـــ", "Zyyy"),
        ("سلام ok", "Arab"),
    ],
)
def test_the_script_is_that_of_most_letters(text, script):
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("BGHIT", "bghit"),
        ("bzzzzzaf", "bzzaf"),
        ("شُنــــو", "شنو"),
        ("e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}", "été"),
        ("l’carte", "l'carte"),
        ("aεraben", "aɛraben"),
        ("\N{RIGHT-TO-LEFT MARK}سلام", "سلام"),
    ],
)
def test_the_plain_form_forgets_what_is_not_spelling(word, expected):
    assert plain(word) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3lach l'acte, 7it?", ["3lach", "l'acte", "7it"]),
        ("yefka-t-id -- 2024", ["yefka-t-id"]),
        ("شُنُو، خاصّني", ["شُنُو", "خاصّني"]),
        ("a_b", ["a", "b"]),
        ("\ud800abc\x00d", ["abc", "d"]),
        ("10 DH 20dh", ["DH", "20dh"]),
        ("🙂", []),
    ],
)
def test_words_have_a_letter_and_their_place_in_the_text(text, expected):
    assert [text[word.start : word.end] for word in words(text)] == expected


@given(ANY_TEXT)
def test_words_are_in_order_and_marks_stay_with_their_letter(text):
    position = 0
    for word in words(text):
        assert position <= word.start < word.end <= len(text) and word.form
        assert unicodedata.category(text[word.start])[0] != "M"
        assert word.end == len(text) or unicodedata.category(text[word.end])[0] != "M"
        position = word.end
