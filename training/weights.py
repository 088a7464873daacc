"""Fit the weights of the search on the development half of `tests/questions`, and measure them on the other half.

    TIWIZI_DATA=... python training/weights.py [--home DIR] [--measure]

Needs an instance that has the starter pack, the sample documents of `tests/questions` and the official texts, with
their vectors: `--home` names one, which is made when it is not there (about a quarter of an hour). Writes
`src/tiwizi/knowledge/models/weights.json` and prints the figures; with `--measure` it only prints them. Of the other
half, only the totals are looked at.
"""

import argparse
import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import scipy.optimize
from msgspec.structs import asdict, replace
from numpy.typing import NDArray

from tiwizi.assistant import Desk, limits, open_desk, prepare
from tiwizi.evaluation import Outcome, Wanted, ask_all, by_language, read_questions
from tiwizi.evaluation.outcomes import quotes
from tiwizi.knowledge import (
    FoundPassage,
    Fusion,
    Library,
    Logistic,
    Weights,
    add_vectors,
    files_below,
    shipped_weights,
    take_in,
)
from tiwizi.knowledge.weights import SIGNALS

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests/questions"
OUT = ROOT / "src/tiwizi/knowledge/models/weights.json"
LANGUAGES = ("fr", "ar", "ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn")
LOW, ALL = 0.02, 10_000  # how strongly weights are held near zero; more passages than are ever candidates
PULL = 0.3  # how strongly those of one language are held near those of all: there are few questions
# where the weights of `SIGNALS` start from: with so few questions, what did well over wide ranges
ENCODERS, STUDENTS = (0.5, 1.2, 0.4, 0.0, 0.0), (0.45, 1.0, 0.35, 0.9, 0.7)
CARD_SIGNALS = (*SIGNALS, "ahead")
PASSAGE_SIGNALS = ("support", "meaning", "gist", "student", "student_gist", "elsewhere")
AGAINST = {"elsewhere"}  # what may only speak against an answer
LOOSE = 0.004  # how strongly the weights of a score are held near zero
# what is added to the bias of a score, chosen on the development half: of ten questions without an answer hardly
# more than one gets one, at the price of saying more often that nothing was found in documents
CARD_SHIFT, PASSAGE_SHIFT = 0.2, -0.35

Found = dict[str, list[Outcome]]
Case = tuple[NDArray[np.float64], NDArray[np.bool_]]  # standardised signals of the candidates, and which are right


async def main() -> None:
    """Fit, write, measure."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--home", type=Path, default=ROOT / ".weights")
    chosen.add_argument("--measure", action="store_true")
    options = chosen.parse_args()
    async with open_desk(options.home) as desk:
        await fill(desk)
        if not options.measure:
            weights = await fit(desk)
            OUT.write_bytes(msgspec.json.format(msgspec.json.encode(weights), indent=2) + b"\n")
        weights = msgspec.json.decode(OUT.read_bytes(), type=Weights)
        for split in ("dev", "test"):
            await measure(desk, weights, split)


async def fill(desk: Desk) -> None:
    """See that the instance has what the questions are about."""
    await prepare(desk)
    texts = files_below(Path(os.environ["TIWIZI_DATA"]) / "official-texts") + files_below(QUESTIONS / "documents")
    async for _ in take_in(desk.library.home, texts, limits(desk.settings)):
        pass
    async for _ in add_vectors(desk.library.home, desk.library.encoders):
        pass


def questions(name: str, split: str) -> list[Wanted]:
    """Return one set of questions."""
    return read_questions(QUESTIONS / f"{name}.jsonl", split)


async def ask(library: Library, desk: Desk, split: str, limit: int) -> Found:
    """Ask all sets."""
    names = ("procedures", "articles", "documents", "unanswerable")
    return {name: await ask_all(library, questions(name, split), desk.policy, limit) for name in names}


async def fit(desk: Desk) -> Weights:
    """Return the weights that do best on the development half."""
    weights = shipped_weights()
    every_card = Library(desk.store, desk.library.encoder, weights, cards=1_000)
    found = await ask(every_card, desk, "dev", ALL)
    cases = {tag: [] for tag in LANGUAGES}
    for outcome in found["articles"] + found["documents"]:
        if outcome.wanted.tag in cases and (case := candidates(outcome)) is not None:
            cases[outcome.wanted.tag].append(case)
    groups = {"of the encoders": (LANGUAGES[:2], ENCODERS), "of the students": (LANGUAGES[2:], STUDENTS)}
    fusion: dict[str, Fusion] = {}
    for name, (tags, start) in groups.items():
        prior = order([case for tag in tags for case in cases[tag]], np.array(start), PULL)
        print(name, dict(zip(SIGNALS, prior.round(2), strict=True)))
        for tag in tags:
            mine = order(cases[tag], prior, PULL)
            fusion[tag] = Fusion(**{s: round(float(w), 3) for s, w in zip(SIGNALS, mine, strict=True)})
            print(f"  {tag} ({len(cases[tag])})", asdict(fusion[tag]))
    fusion["*"] = fusion["fr"]
    weights = replace(weights, fusion=fusion, order=fit_order(found["procedures"]))
    found = await ask(Library(desk.store, desk.library.encoder, weights), desk, "dev", 20)
    return replace(weights, card=fit_cards(found), passage=fit_passages(found))


def right(wanted: Wanted, passage: FoundPassage) -> bool:
    """Tell whether a passage is one that was wanted."""
    if wanted.quote:
        return passage.document == wanted.document and quotes(passage.text, wanted.quote)
    places = {(wanted.document, a) for a in wanted.articles} | {
        (p.document, a) for p in wanted.also for a in p.articles
    }
    return (passage.document, passage.article) in places


def candidates(outcome: Outcome) -> Case | None:
    """Return the signals of all candidates of a question, None when the right one is not among them."""
    passages = outcome.evidence.passages
    marks = np.array([right(outcome.wanted, passage) for passage in passages])
    if not marks.any():
        return None
    rows = np.array([[passage.signals.get(name, 0.0) for name in SIGNALS] for passage in passages])
    return (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-9), marks


def order(cases: Sequence[Case], near: NDArray[np.float64], pull: float) -> NDArray[np.float64]:
    """Return weights, none below zero, under which right passages are likeliest (softmax over the candidates)."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        worth, slope = 0.0, np.zeros_like(weights)
        for rows, marks in cases:
            chance = np.exp(rows @ weights - (rows @ weights).max())
            chance /= chance.sum()
            mine = np.where(marks, chance, 0) / chance[marks].sum()
            worth += np.log(chance[marks].sum() + 1e-12)
            slope += (mine - chance) @ rows
        count = max(1, len(cases))
        far = weights - near
        return -worth / count + pull * far @ far, -slope / count + 2 * pull * far

    start = np.maximum(near, 0.3)
    bounds = [(0, None)] * len(near)
    return np.asarray(scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def fit_order(outcomes: Sequence[Outcome]) -> dict[str, Fusion]:
    """The weights under which the right card is likeliest: one fit for several languages."""
    fitted: dict[str, Fusion] = {}
    for tags in (LANGUAGES[2:], LANGUAGES[:2] + ("en", "es")):
        cases = []
        for outcome in outcomes:
            cards = outcome.evidence.cards
            marks = np.array([card.card.id == outcome.wanted.card for card in cards])
            if outcome.wanted.tag in tags and marks.any():
                rows = np.array([[card.signals.get(name, 0.0) for name in SIGNALS] for card in cards])
                cases.append((rows, marks))
        found = order(cases, np.zeros(len(SIGNALS)), LOW)
        print("cards", tags, dict(zip(SIGNALS, found.round(2), strict=True)))
        one = Fusion(**{s: round(float(w), 3) for s, w in zip(SIGNALS, found, strict=True)})
        fitted |= dict.fromkeys(tags, one)
    return fitted | {"*": fitted["fr"]}


def fit_cards(found: Found) -> dict[str, Logistic]:
    """A card is right when it is the one asked about; the first of any other question is wrong."""
    rows: list[tuple[str, Mapping[str, float], bool]] = []
    for outcome in found["procedures"]:
        card = outcome.evidence.cards[0]
        rows.append((outcome.wanted.tag, card.signals, card.card.id == outcome.wanted.card))
    for outcome in found["unanswerable"] + found["documents"]:
        rows.append((outcome.wanted.tag, outcome.evidence.cards[0].signals, False))
    return logistics(rows, CARD_SIGNALS, CARD_SHIFT)


def fit_passages(found: Found) -> dict[str, Logistic]:
    """A passage supports an answer when it is the right one; the first of a question without answer does not."""
    rows: list[tuple[str, Mapping[str, float], bool]] = []
    for outcome in found["articles"] + found["documents"]:
        if outcome.evidence.passages and outcome.place is not None and outcome.place <= 3:
            rows.append((outcome.wanted.tag, outcome.evidence.passages[0].signals, True))
    for outcome in found["unanswerable"]:
        if outcome.evidence.passages:
            rows.append((outcome.wanted.tag, outcome.evidence.passages[0].signals, False))
    return logistics(rows, PASSAGE_SIGNALS, PASSAGE_SHIFT)


def logistics(
    rows: Sequence[tuple[str, Mapping[str, float], bool]], names: Sequence[str], shift: float
) -> dict[str, Logistic]:
    """One regression for the languages of the students and one for the others; the threshold of each its own."""
    fitted: dict[str, Logistic] = {}
    for tags in (LANGUAGES[2:], LANGUAGES[:2] + ("en", "es")):
        mine = [row for row in rows if row[0] in tags]
        used = [name for name in names if any(row[1].get(name) for row in mine)]
        features = np.array([[1.0, *(signals.get(name, 0.0) for name in used)] for _, signals, _ in mine])
        marks = np.array([mark for _, _, mark in mine])
        bounds = [(None, None), *[(None, 0.0) if name in AGAINST else (0.0, None) for name in used]]
        found = logistic(features, marks, bounds)
        for tag in tags:
            at = np.array([row[0] == tag for row in mine])
            bias = threshold(features[at] @ found, marks[at]) + shift
            weights = {name: round(float(w), 3) for name, w in zip(used, found[1:], strict=True)}
            fitted[tag] = Logistic(round(float(found[0] + bias), 3), weights)
    return fitted | {"*": fitted["fr"]}


def logistic(
    features: NDArray[np.float64], marks: NDArray[np.bool_], bounds: Sequence[tuple[float | None, float | None]]
) -> NDArray[np.float64]:
    """Logistic regression with both sides weighing the same, every weight held near zero but the first."""
    balance = balanced(marks)
    hold = np.array([0.0, *[LOOSE] * (features.shape[1] - 1)])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        chance = 1 / (1 + np.exp(-features @ weights))
        worth = np.where(marks, np.log(chance + 1e-12), np.log(1 - chance + 1e-12))
        slope = features.T @ (balance * (chance - marks))
        return -(balance * worth).sum() + (hold * weights**2).sum() / 2, slope + hold * weights

    start = np.zeros(features.shape[1])
    return np.asarray(scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def threshold(scores: NDArray[np.float64], marks: NDArray[np.bool_]) -> float:
    """What a language adds to the bias of all; held near nothing, for a language has few questions."""
    if not 0 < marks.sum() < len(marks):
        return 0.0
    balance = balanced(marks)

    def loss(bias: float) -> float:
        chance = 1 / (1 + np.exp(-scores - bias))
        worth = np.where(marks, np.log(chance + 1e-12), np.log(1 - chance + 1e-12))
        return float(-(balance * worth).sum() + PULL * bias**2)

    return float(scipy.optimize.minimize_scalar(loss, bounds=(-2, 2), method="bounded").x)


def balanced(marks: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights under which right and wrong rows count the same."""
    share = marks.mean()
    return np.asarray(np.where(marks, 1 / share, 1 / (1 - share)) / len(marks))


async def measure(desk: Desk, weights: Weights, split: str) -> None:
    """Print the figures of one half."""
    found = await ask(Library(desk.store, desk.library.encoder, weights), desk, split, 20)
    print(f"\n{split}")
    for name, outcomes, good in (
        ("right card answers", found["procedures"], lambda o: o.right_card),
        ("and the thing asked comes first", found["procedures"], lambda o: o.right_need),
        ("and the needed fact is on it", [o for o in found["procedures"] if o.wanted.facts], lambda o: o.right_fact),
        ("right article first", found["articles"], lambda o: o.right_article(1)),
        ("right article among five", found["articles"], lambda o: o.right_article(5)),
        ("right passage first", found["documents"], lambda o: o.place == 1),
        ("right passage among five", found["documents"], lambda o: o.place is not None and o.place <= 5),
        ("says that there is no answer", found["unanswerable"], lambda o: o.route == "handoff"),
        ("wrongly says so (procedures)", found["procedures"], lambda o: o.route == "handoff"),
        ("wrongly says so (articles)", found["articles"], lambda o: o.route == "handoff"),
        ("wrongly says so (documents)", found["documents"], lambda o: o.route == "handoff"),
    ):
        print(f"  {name}: " + "; ".join(f"{tag} {share}" for tag, share in by_language(outcomes, good).items()))


if __name__ == "__main__":
    asyncio.run(main())
