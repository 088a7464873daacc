import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiwizi.language.identify import BY_SCRIPT, FEATURES, LANGUAGES, MODELS, arabic_features, probabilities

LINES = st.lists(
    st.lists(st.text(st.characters(exclude_categories=("Z", "C")), min_size=1), min_size=1, max_size=5), max_size=5
)


@pytest.mark.parametrize("script", [*BY_SCRIPT, "Cyrl", "Zyyy"])
@given(lines=LINES)
def test_every_row_sums_to_one_over_the_languages_of_the_script(script, lines):
    rows = probabilities(lines, script)
    assert rows.shape == (len(lines), len(LANGUAGES))
    assert np.allclose(rows.sum(axis=1), 1.0)
    impossible = [LANGUAGES.index(name) for name in LANGUAGES if name not in BY_SCRIPT.get(script, ("und",))]
    assert not rows[:, impossible].any()


@pytest.mark.parametrize(
    ("line", "feature"),
    [
        ("شنو", "ary-Arab words"),
        ("وشحال", "ary-Arab words"),
        ("أشنو", "ary-Arab words"),
        ("كنكتب", "ary-Arab prefixes"),
        ("فهموش", "ary-Arab suffixes"),
        ("مافهمش", "ary-Arab around"),
        ("ماذا", "ar words"),
        ("ستكتب", "ar prefixes"),
        ("مسافرون", "ar suffixes"),
    ],
)
def test_a_marker_counts_for_its_language(line, feature):
    assert arabic_features(line.split(), 0.0)[feature] == 1.0


@pytest.mark.parametrize("word", ["كتب", "كان", "سلام", "جديد", "باب"])
def test_a_word_of_both_languages_counts_for_neither(word):
    features = arabic_features([word], 0.0)
    assert not any(features[name] for name in FEATURES)


def test_every_row_of_the_tables_is_language_kind_and_form():
    kinds = {"markers.tsv": {"word", "prefix", "suffix", "around"}, "phrases.tsv": {"frame", "thing"}}
    for name, allowed in kinds.items():
        lines = (MODELS / name).read_text("utf-8").splitlines()
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        assert all(len(row) == 3 and row[0] in LANGUAGES and row[1] in allowed for row in rows)
        assert len({tuple(row) for row in rows}) == len(rows), f"{name} has a row twice"
        assert all(row[2].count("{}") == (row[1] == "frame") for row in rows)


def test_no_marker_is_claimed_by_both_languages():
    rows = [line.split("\t") for line in (MODELS / "markers.tsv").read_text("utf-8").splitlines() if line[0] != "#"]
    words = [{form for language, kind, form in rows if (language, kind) == (of, "word")} for of in ("ary-Arab", "ar")]
    assert not words[0] & words[1]


def test_the_model_is_small_and_has_its_card():
    assert (MODELS / "identify.ftz").stat().st_size <= 2_500_000
    assert "macro-F1" in (MODELS / "identify.md").read_text("utf-8")
