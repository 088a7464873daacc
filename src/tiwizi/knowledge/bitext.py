"""Which of some texts says the same as a sentence: every signal there is, weighed as `training/bitext.py` found best.

It is how the encoders, students and tables are measured against texts in another language. The candidates are plain
texts, not a library; where they are English, word translation helps too.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
from numpy.typing import NDArray

from tiwizi.knowledge.asked import Asked
from tiwizi.knowledge.encoder import Encoder, Vectors, centred, shipped_means
from tiwizi.knowledge.students import Student, student_of
from tiwizi.knowledge.translation import (
    Scores,
    Translation,
    compare_names,
    compare_words,
    standard,
    translation_of,
)
from tiwizi.language import search_keys, understand_many

ENOUGH = 100  # texts whose own mean is taken away; fewer are centred with a measured one
SIGNALS = ("meaning", "gist", "student", "student_gist", "there", "back", "names", "words")


def rank(
    sentences: Sequence[str], candidates: Sequence[str], tag: str, encoder: Encoder, quick: Encoder
) -> NDArray[np.int64]:
    """Return the candidates of each sentence in `tag` (BCP 47), likeliest first: (sentences, candidates)."""
    signals = compare(sentences, candidates, tag, encoder, quick, student_of(tag), translation_of(tag))
    return np.argsort(-together(signals, weights_of(tag)), axis=1, kind="stable")


def compare(
    sentences: Sequence[str],
    candidates: Sequence[str],
    tag: str,
    encoder: Encoder,
    quick: Encoder,
    student: Student | None,
    tables: Translation | None,
) -> dict[str, Scores]:
    """Return every signal that can be had for `tag` and these candidates."""
    asked = [Asked.of(sentence, tag) for sentence in sentences]
    written = _language_of(candidates)
    said = student.vectors(sentences, tag) if student else None
    signals: dict[str, Scores] = {}
    for place, (one, own, name) in enumerate(((encoder, "meaning", "student"), (quick, "gist", "student_gist"))):
        means = shipped_means(one.name)
        mine = _centred(
            one.questions([question.encoded[0] for question in asked]),
            [means.get(f"question/{question.encoded[1]}") for question in asked],
        )
        theirs = _centred(_in_batches(one, candidates), [means.get(f"passage/{written}")] * len(candidates))
        signals[own] = mine @ theirs.T
        if said:
            signals[name] = said[place] @ theirs.T
    if tables and written == "en":
        signals["there"], signals["back"] = compare_words(tables, sentences, tag, candidates)
        signals["names"] = compare_names(sentences, tag, candidates)
    signals["words"] = _shared_keys(asked, candidates)
    return signals


def together(signals: Mapping[str, Scores], weights: Mapping[str, float]) -> Scores:
    """Return the weighted sum of the signals' z-scores over the candidates."""
    return np.asarray(sum(weights.get(name, 0.0) * standard(scores) for name, scores in signals.items()))


@cache
def _weights() -> dict[str, dict[str, float]]:
    raw = files("tiwizi.knowledge").joinpath("models/bitext.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, dict[str, float]])


def weights_of(tag: str) -> dict[str, float]:
    """Return the weight of each signal for sentences in `tag`; "*" has those of the other languages."""
    return _weights().get(tag, _weights()["*"])


def _centred(vectors: Vectors, measured: Sequence[NDArray[np.float32] | None]) -> Vectors:
    """Many texts less their own mean; few less the one that was measured for their language, where one was."""
    own = vectors.mean(axis=0)
    few = len(vectors) < ENOUGH
    return centred(vectors, np.stack([mean if few and mean is not None else own for mean in measured]))


def _in_batches(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Vectors of passages, those of a length together: a batch takes as long as its longest."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    vectors = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
    for first in range(0, len(order), 64):
        some = order[first : first + 64]
        vectors[some] = encoder.passages([texts[number] for number in some])
    return vectors


def _language_of(candidates: Sequence[str]) -> str:
    told = [one.language for one in understand_many(list(candidates[:200]), spans=False)]
    return max(told, key=told.count)


def _shared_keys(asked: Sequence[Asked], candidates: Sequence[str]) -> Scores:
    """How much of each candidate's search keys a sentence has, with the official names of its everyday words."""
    mine = [{*question.keys, *question.official_keys} for question in asked]
    theirs = [set(search_keys(candidate)) for candidate in candidates]
    number = {key: place for place, key in enumerate(sorted({key for keys in theirs for key in keys}))}
    rows = np.zeros((len(theirs), len(number)), dtype=np.float32)
    for row, keys in zip(rows, theirs, strict=True):
        row[[number[key] for key in keys]] = 1
    rows *= np.log(1 + len(theirs) / np.maximum(rows.sum(axis=0), 1))
    wanted = np.zeros((len(mine), len(number)), dtype=np.float32)
    for row, keys in zip(wanted, mine, strict=True):
        row[[number[key] for key in keys if key in number]] = 1
    lengths = np.maximum(np.linalg.norm(rows, axis=1), 1e-9)
    return np.asarray(wanted @ rows.T / lengths, dtype=np.float32)
