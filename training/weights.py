"""Fit the weights of the search on the development half of `tests/questions`, and measure them on the other half.

    TIWIZI_DATA=... python training/weights.py [--home DIR] [--measure]

Needs an instance that has the starter pack and the official texts with their vectors: `--home` names one, which is made
when it is not there (about a quarter of an hour). Writes `src/tiwizi/knowledge/models/weights.json` and prints the
figures; with `--measure` it only prints them. Of the other half, only the totals are looked at.
"""

import argparse
import asyncio
import itertools
import os
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from tiwizi.assistant import Desk, limits, open_desk, prepare
from tiwizi.evaluation import Outcome, Wanted, ask_all, by_language, mean_reciprocal_rank, rank_of, read_questions
from tiwizi.knowledge import (
    Evidence,
    Fusion,
    Library,
    Logistic,
    Weights,
    add_vectors,
    files_below,
    shipped_weights,
    take_in,
)

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests/questions"
OUT = ROOT / "src/tiwizi/knowledge/models/weights.json"
LANGUAGES = ("fr", "ar", "ary-Arab", "ary-Latn")
WORDS = (0.1, 0.2, 0.35, 0.5, 0.8, 1.2, 2.0)  # weights of words tried, beside 1 for meaning
PULL = 0.02  # how strongly a fit is held near zero: there are few questions


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
    texts = files_below(Path(os.environ["TIWIZI_DATA"]) / "official-texts")
    async for _ in take_in(desk.store, desk.library.encoder, texts, limits(desk.settings)):
        pass
    async for _ in add_vectors(desk.store, desk.library.encoder):
        pass


def questions(name: str, split: str) -> list[Wanted]:
    """Return one set of questions."""
    return read_questions(QUESTIONS / f"{name}.jsonl", split)


async def fit(desk: Desk) -> Weights:
    """Return the weights that do best on the development half."""
    weights = shipped_weights()
    articles = questions("articles", "dev")
    best: tuple[float, Weights] = (-1.0, weights)
    for about, official in itertools.product((0.1, 0.3, 0.6), (0.6, 1.2, 2.0)):
        trial = replace(weights, about=about, official=official)
        outcomes = await ask_all(Library(desk.store, desk.library.encoder, trial), articles, desk.policy, limit=10_000)
        scores, fusion = {}, {}
        for tag in LANGUAGES:
            mine = [outcome for outcome in outcomes if outcome.wanted.tag == tag]
            tried = [(mean_reciprocal_rank([place_with(o, words) for o in mine]), -words) for words in WORDS]
            scores[tag], words = max(tried)
            fusion[tag] = Fusion(-words, 1.0)
        fusion["*"] = Fusion(float(np.median([f.words for f in fusion.values()])), 1.0)
        total = sum(scores.values()) / len(LANGUAGES)
        print(f"titles {about}, official terms {official}: MRR {total:.3f}", {t: f.words for t, f in fusion.items()})
        best = max(best, (total, replace(trial, fusion=fusion)), key=lambda pair: pair[0])
    weights = best[1]
    library = Library(desk.store, desk.library.encoder, weights)
    found = {
        name: await ask_all(library, questions(name, "dev"), desk.policy)
        for name in ("procedures", "articles", "unanswerable")
    }
    return replace(weights, card={"*": fit_cards(found)}, passage={"*": fit_passages(found)})


def place_with(outcome: Outcome, words: float) -> int | None:
    """Return where the right article would stand if words weighed so much."""
    passages = outcome.evidence.passages
    signals = [np.array([p.signals[name] for p in passages]) for name in ("words", "meaning")]
    order = np.argsort(-Fusion(words, 1.0).fuse(*signals))
    return place(replace(outcome, evidence=Evidence(outcome.evidence.cards, tuple(passages[i] for i in order))))


def place(outcome: Outcome) -> int | None:
    """Return where the right article stands among the distinct articles found."""
    wanted = [(p.document, a) for p in (outcome.wanted, *outcome.wanted.also) for a in p.articles]
    return rank_of(wanted, list(dict.fromkeys((p.document, p.article) for p in outcome.evidence.passages)))


def fit_cards(found: dict[str, list[Outcome]]) -> Logistic:
    """A card is right when it is the one asked about; the first of a question without answer is wrong."""
    rows, right = [], []
    for outcome in found["procedures"] + found["unanswerable"]:
        for card in outcome.evidence.cards[:2]:
            rows.append((card.signals["words"], card.signals["meaning"]))
            right.append(card.card.id == outcome.wanted.card)
    return logistic(np.array(rows), np.array(right))


def fit_passages(found: dict[str, list[Outcome]]) -> Logistic:
    """A passage supports an answer when it is the right article; the first of a question without answer does not."""
    rows, right = [], []
    for outcome in found["articles"] + found["unanswerable"]:
        at = place(outcome)
        if outcome.wanted.articles and (at is None or at > 3):
            continue
        first = outcome.evidence.passages[0]
        rows.append((first.signals["shared"], first.signals["meaning"]))
        right.append(bool(outcome.wanted.articles))
    return logistic(np.array(rows), np.array(right))


def logistic(rows: NDArray[np.float64], right: NDArray[np.bool_]) -> Logistic:
    """Logistic regression with both sides weighing the same, by Newton's method."""
    features = np.hstack([np.ones((len(rows), 1)), rows])
    share = right.mean()
    balance = np.where(right, 0.5 / share, 0.5 / (1 - share))
    weights = np.zeros(features.shape[1])
    hold = PULL * np.array([0.0, 1.0, 1.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (balance * (chance - right)) + hold * weights
        curve = (features * (balance * chance * (1 - chance))[:, None]).T @ features + np.diag(hold)
        weights -= np.linalg.solve(curve, slope)
    bias, words, meaning = (round(float(w), 3) for w in weights)
    return Logistic(bias, words, meaning)


async def measure(desk: Desk, weights: Weights, split: str) -> None:
    """Print the figures of one half."""
    library = Library(desk.store, desk.library.encoder, weights)
    procedures = await ask_all(library, questions("procedures", split), desk.policy)
    articles = await ask_all(library, questions("articles", split), desk.policy)
    none = await ask_all(library, questions("unanswerable", split), desk.policy)
    print(f"\n{split}")
    for name, outcomes, right in (
        ("right card answers", procedures, lambda o: o.right_card),
        ("and the thing asked comes first", procedures, lambda o: o.right_need),
        ("right article first", articles, lambda o: o.right_article(1)),
        ("right article among five", articles, lambda o: o.right_article(5)),
        ("says that there is no answer", none, lambda o: o.route == "handoff"),
        ("wrongly says so (procedures)", procedures, lambda o: o.route == "handoff"),
        ("wrongly says so (articles)", articles, lambda o: o.route == "handoff"),
    ):
        print(f"  {name}: " + "; ".join(f"{tag} {share}" for tag, share in by_language(outcomes, right).items()))


if __name__ == "__main__":
    asyncio.run(main())
