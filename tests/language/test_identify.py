"""The models: probabilities, features, the linguist's marks, the chain of words, and the card of the files."""

import hashlib
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiwizi.language import ngrams, spans
from tiwizi.language.identify import BY_SCRIPT, FILES, LANGUAGES, MODELS, TOGETHER, Chain, in_groups, model
from tiwizi.language.markers import marks
from tiwizi.language.transliteration.tables import TABLES

WORD = st.text(st.characters(codec=None, exclude_categories=()), min_size=1, max_size=20)
LINES = st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=1, max_size=6)
TRAINING = Path(__file__).parents[2] / "training" / "texts"


@pytest.mark.parametrize("script", FILES)
@given(lines=LINES)
def test_every_row_is_a_distribution_over_the_languages_of_the_script(script, lines):
    rows = model(script).chances(lines)
    assert rows.shape == (len(lines), len(BY_SCRIPT[script]))
    assert np.allclose(rows.sum(axis=1), 1.0, atol=1e-5) and (rows >= 0).all()


@given(lines=LINES)
def test_a_line_is_judged_the_same_alone_and_among_others(lines):
    of = model("Latn")
    together = of.chances(lines)
    assert np.allclose(together, np.concatenate([of.chances([line]) for line in lines]), atol=1e-4)


@given(words=st.lists(WORD, min_size=2, max_size=6))
def test_the_features_of_a_word_depend_on_the_word_alone(words):
    ids, firsts, names = ngrams.features(words)
    ends = [*firsts[1:], ids.shape[1]]
    for word, first, end, name in zip(words, firsts, ends, names, strict=True):
        alone, _, (number,) = ngrams.features([word])
        assert (alone == ids[:, first:end]).all() and number == name


@pytest.mark.parametrize(
    ("word", "count"), [("a", 1 + 2 + 1), ("ab", 2 + 3 + 2 + 1), ("abcdef", 6 + 7 + 6 + 5 + 4 + 2)]
)
def test_a_word_has_its_ngrams_with_boundaries_its_ends_and_itself(word, count):
    ids, *_ = ngrams.features([word])
    assert (ids != ngrams.NONE).sum() == count


@given(lines=st.lists(st.lists(st.just("a"), min_size=1, max_size=3_000), max_size=8))
def test_groups_hold_every_line_once_and_little_more_than_they_should(lines):
    groups = list(in_groups(lines))
    assert [line for group in groups for line in group] == lines
    assert all(sum(map(len, group[:-1])) < TOGETHER for group in groups)


@pytest.mark.parametrize(
    ("word", "language", "kind"),
    [
        ("شنو", "ary-Arab", "word"),
        ("وشحال", "ary-Arab", "word"),
        ("أشنو", "ary-Arab", "word"),
        ("كنكتب", "ary-Arab", "prefix"),
        ("فهموش", "ary-Arab", "suffix"),
        ("مافهمش", "ary-Arab", "around"),
        ("ماذا", "ar", "word"),
        ("ستكتب", "ar", "prefix"),
        ("مسافرون", "ar", "suffix"),
    ],
)
def test_a_marker_counts_for_its_language(word, language, kind):
    assert (language, kind) in {(mark.language, mark.kind) for mark in marks(word)}


@pytest.mark.parametrize("word", ["كتب", "كان", "سلام", "جديد", "باب"])
def test_a_word_of_both_languages_counts_for_neither(word):
    assert not list(marks(word))


def test_every_row_of_the_tables_is_language_kind_and_form():
    kinds = {
        TABLES / "markers.tsv": {"word", "prefix", "suffix", "around"},
        TRAINING / "phrases.tsv": {"frame", "thing"},
    }
    for path, allowed in kinds.items():
        rows = _rows(path)
        assert all(len(row) == 3 and row[0] in LANGUAGES and row[1] in allowed for row in rows)
        assert len({tuple(row) for row in rows}) == len(rows), f"{path.name} has a row twice"
        assert all(row[2].count("{}") == (row[1] == "frame") for row in rows)


def test_no_marker_is_claimed_by_both_languages():
    rows = _rows(TABLES / "markers.tsv")
    words = [{form for language, kind, form in rows if (language, kind) == (of, "word")} for of in ("ary-Arab", "ar")]
    assert not words[0] & words[1]


def test_every_mixed_sentence_to_learn_from_has_a_label_for_each_token():
    labels = {"ary-Arab", "ary-Latn", "arb-Arab", "zgh-Tfng", "ber-Latn", "fra-Latn", "eng-Latn", "spa-Latn", "und"}
    rows = _rows(TRAINING / "mixed.tsv")
    assert len(rows) > 500
    for text, tags, _ in rows:
        assert len(text.split()) == len(tags.split()) and set(tags.split()) <= labels, text


def test_the_marginals_of_a_chain_are_those_of_all_its_paths():
    """Forward-backward against the sum over every path, on a chain short enough to write out."""
    draw = np.random.default_rng(5)
    scores = draw.normal(size=(2, 4, 3))
    chain = Chain(np.zeros((1, 3)), draw.normal(size=(3, 3)))
    sizes = np.array([4, 2])
    forward, backward = spans.forward_backward(scores, sizes, chain)
    for row, size in enumerate(sizes):
        total = np.zeros((size, 3))
        for path in itertools.product(range(3), repeat=int(size)):
            score = sum(scores[row, at, state] for at, state in enumerate(path))
            score += sum(chain.steps[one, other] for one, other in itertools.pairwise(path))
            for at, state in enumerate(path):
                total[at, state] += np.exp(score)
        chances = np.exp(forward[row, :size] + backward[row, :size])
        assert np.allclose(chances / chances.sum(axis=1, keepdims=True), total / total.sum(axis=1, keepdims=True))


def test_the_models_are_those_of_the_card():
    card = (MODELS / "identify.md").read_text("utf-8")
    for name in FILES.values():
        digest = hashlib.sha256((MODELS / name).read_bytes()).hexdigest()
        assert re.search(rf"made: {name} \| {digest}", card), f"{name} is not the file that identify.md is about"


def test_all_shipped_language_models_are_small_together():
    assert sum(path.stat().st_size for path in MODELS.iterdir()) <= 12 * 2**20


def _rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
