"""The tasks: which questions each is for, and the figures it gives of what came back.

To add one, write a function from outcomes to `Figures` here, name it in `TASKS`, and give it a command in
`cli/evaluate.py`.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from tiwizi.errors import NotThere
from tiwizi.evaluation.metrics import Share, mean_reciprocal_rank, share
from tiwizi.evaluation.outcomes import Outcome, groups
from tiwizi.evaluation.questions import Wanted

DEPTHS = (1, 5, 10)


class Figures(Struct, frozen=True):
    """What was measured on one group of questions."""

    shares: dict[str, Share]
    means: dict[str, float] = {}


class Task(Struct, frozen=True, kw_only=True):
    """One thing that is measured."""

    asks: Callable[[Wanted], bool]  # whether a question is one of its own
    lacks: str  # what a set lacks when none of its questions is
    figures: Callable[[Sequence[Outcome]], Figures]
    missed: Callable[[Outcome], bool]
    sets: tuple[str, ...]  # our own questions
    samples: bool  # whether our own questions need the sample documents


def retrieval(outcomes: Sequence[Outcome]) -> Figures:
    """Among the first 1, 5 and 10 passages is one that answers; and the mean of 1/rank."""
    ranks = [outcome.place for outcome in outcomes]
    found = {f"R@{depth}": share([rank is not None and rank <= depth for rank in ranks]) for depth in DEPTHS}
    return Figures(found, {"MRR@10": mean_reciprocal_rank(ranks, 10)})


def cards(outcomes: Sequence[Outcome]) -> Figures:
    """The right card answers; the thing asked comes first; the needed fact is in the answer."""
    return Figures(
        {
            "right card": share([o.right_card for o in outcomes]),
            "right need first": share([o.right_need for o in outcomes if o.wanted.need]),
            "needed fact told": share([o.right_fact for o in outcomes if o.wanted.facts]),
        }
    )


def refusal(outcomes: Sequence[Outcome]) -> Figures:
    """Says that it found nothing where there is nothing to find; wrongly says so where there is."""
    return Figures(
        {
            "says so": share([o.handed_over for o in outcomes if not o.wanted.answerable]),
            "wrongly says so": share([o.handed_over for o in outcomes if o.wanted.answerable]),
        }
    )


TASKS = {
    "retrieval": Task(
        asks=lambda wanted: bool(wanted.document),
        lacks="names a document",
        figures=retrieval,
        missed=lambda outcome: outcome.place is None or outcome.place > max(DEPTHS),
        sets=("documents",),
        samples=True,
    ),
    "cards": Task(
        asks=lambda wanted: bool(wanted.card),
        lacks="names a card",
        figures=cards,
        missed=lambda outcome: not (outcome.right_fact if outcome.wanted.facts else outcome.right_card),
        sets=("procedures",),
        samples=False,
    ),
    "refusal": Task(
        asks=lambda wanted: True,
        lacks="can be asked",
        figures=refusal,
        missed=lambda outcome: outcome.handed_over == outcome.wanted.answerable,
        sets=("procedures", "documents", "unanswerable"),
        samples=True,
    ),
}


def task(name: str) -> Task:
    """Return a task by its name. Raises NotThere."""
    if name not in TASKS:
        raise NotThere(kind="task", name=name, available=", ".join(TASKS))
    return TASKS[name]


def report(name: str, outcomes: Sequence[Outcome]) -> dict[str, Figures]:
    """Return a task's figures for each language, for each kind of question without answer, and for all (`*`)."""
    return {group: task(name).figures(mine) for group, mine in groups(outcomes).items()}
