"""Probabilities of the languages for lines of words: a small fastText classifier, and an expert for Arabic script.

The classifier reads character 2-5-grams (Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification"). The
expert is a logistic regression on its log-odds and on the Darija and Standard Arabic words of `models/markers.tsv`.
`models/identify.md` says what both were trained on and how well they do.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import fasttext  # type: ignore[import-untyped]  # the package has no types
import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

MODELS = Path(__file__).with_name("models")
LANGUAGES = ("ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn", "ar", "fr", "en", "es", "und")
BY_SCRIPT = {
    "Arab": ("ary-Arab", "ar", "und"),
    "Latn": ("ary-Latn", "zgh-Latn", "fr", "en", "es", "und"),
    "Tfng": ("zgh-Tfng",),
}

FEATURES = tuple(
    f"{language} {kind}" for language in ("ary-Arab", "ar") for kind in ("words", "prefixes", "suffixes", "around")
)

Probabilities = NDArray[np.float64]


class Expert(Struct, frozen=True):
    """Weights of the regression that tells Darija (above 0) from Standard Arabic, one for each of its features."""

    weights: dict[str, float]


class Markers(Struct, frozen=True):
    """One language's rows of `markers.tsv`."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    around: tuple[tuple[str, str], ...]


def probabilities(lines: Sequence[Sequence[str]], script: str) -> Probabilities:
    """Return one row a line and one column for each of `LANGUAGES`; rows sum to 1.

    A line is the plain forms of words of one `script`; a line without words, or of a script that none of the
    languages is written in, is `und`.
    """
    scores = np.zeros((len(lines), len(LANGUAGES)))
    possible = [LANGUAGES.index(language) for language in BY_SCRIPT.get(script, ("und",))]
    if len(possible) == 1:
        scores[:, possible] = 1.0
        return scores
    scores[:, possible] = _classify([" ".join(line) for line in lines])[:, possible] + 1e-6
    if script == "Arab":
        dialect, standard = LANGUAGES.index("ary-Arab"), LANGUAGES.index("ar")
        both = scores[:, dialect] + scores[:, standard]
        share = _darija_share(lines, np.log(scores[:, dialect] / scores[:, standard]))
        scores[:, dialect], scores[:, standard] = both * share, both * (1.0 - share)
    totals: Probabilities = scores.sum(axis=1, keepdims=True)
    return scores / totals


def arabic_features(line: Sequence[str], log_odds: float) -> dict[str, float]:
    """Return what the expert looks at in one or more Arabic-script words, with the classifier's `log_odds`."""
    features = {"bias": 1.0, "log_odds": max(-6.0, min(log_odds, 6.0))}
    counts = [sum(column) for column in zip(*map(_marks, line), strict=True)]
    for name, count in zip(FEATURES, counts, strict=True):
        features[name] = count / len(line)
        features[f"{name} any"] = min(count, 3) / 3
    return features


def _darija_share(lines: Sequence[Sequence[str]], log_odds: Probabilities) -> Probabilities:
    weights = _expert().weights
    scores = [
        sum(weights.get(name, 0.0) * value for name, value in arabic_features(line, odds).items())
        for line, odds in zip(lines, log_odds.tolist(), strict=True)
    ]
    share: Probabilities = 1.0 / (1.0 + np.exp(-np.clip(scores, -12.0, 12.0)))
    return share


def _classify(lines: list[str]) -> Probabilities:
    scores = np.zeros((len(lines), len(LANGUAGES)))
    columns = {f"__label__{language}": number for number, language in enumerate(LANGUAGES)}
    predict = _classifier().predict
    for row, line in enumerate(lines):  # one by one: the predict-only package cannot take a list
        for name, chance in zip(*predict(line, k=len(LANGUAGES)), strict=True):
            scores[row, columns[name]] = chance
    return scores


@cache
def _classifier() -> Any:  # fasttext carries no types
    path = MODELS / "identify.ftz"
    return fasttext.load_model(str(path))


@cache
def _expert() -> Expert:
    return msgspec.json.decode((MODELS / "arabic.json").read_bytes(), type=Expert)


@cache
def _markers() -> dict[str, Markers]:
    rows = [
        line.split("\t")
        for line in (MODELS / "markers.tsv").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]

    def forms(language: str, kind: str) -> tuple[str, ...]:
        return tuple(
            _fold(form) for row_language, row_kind, form in rows if (row_language, row_kind) == (language, kind)
        )

    return {
        language: Markers(
            words=frozenset(forms(language, "word")),
            prefixes=forms(language, "prefix"),
            suffixes=forms(language, "suffix"),
            around=tuple(
                (before, after) for before, _, after in (form.partition("…") for form in forms(language, "around"))
            ),
        )
        for language in ("ary-Arab", "ar")
    }


_FOLDED = str.maketrans("أإآٱڭݣگ", "ااااككك")
_JOINED = ("و", "ف", "ب", "ل")


def _fold(form: str) -> str:
    return form.translate(_FOLDED)


@lru_cache(maxsize=50_000)
def _marks(word: str) -> tuple[bool, ...]:
    """Return whether the word is a marker, for each of FEATURES."""
    form = _fold(word)
    return tuple(
        found
        for markers in _markers().values()
        for found in (
            _is_marker(form, markers.words),
            _starts(form, markers.prefixes),
            _ends(form, markers.suffixes),
            _encloses(form, markers.around),
        )
    )


def _is_marker(form: str, known: frozenset[str]) -> bool:
    return form in known or (len(form) > 3 and form[0] in _JOINED and form[1:] in known)


def _starts(form: str, prefixes: tuple[str, ...]) -> bool:
    return any(form.startswith(prefix) and len(form) >= len(prefix) + 3 for prefix in prefixes)


def _ends(form: str, suffixes: tuple[str, ...]) -> bool:
    return any(form.endswith(suffix) and len(form) >= len(suffix) + 3 for suffix in suffixes)


def _encloses(form: str, around: tuple[tuple[str, str], ...]) -> bool:
    return any(
        form.startswith(before) and form.endswith(after) and len(form) >= len(before) + len(after) + 2
        for before, after in around
    )
