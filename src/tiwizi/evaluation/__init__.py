"""The measure: questions with what should come back, and figures with their intervals."""

from tiwizi.evaluation.metrics import Share, mean_reciprocal_rank, rank_of, share
from tiwizi.evaluation.outcomes import Outcome, ask_all, ask_each, by_language
from tiwizi.evaluation.questions import Wanted, read_questions
from tiwizi.evaluation.tasks import TASKS, Figures, Task, report, task

__all__ = [
    "Figures",
    "Outcome",
    "Share",
    "TASKS",
    "Task",
    "Wanted",
    "ask_all",
    "ask_each",
    "by_language",
    "mean_reciprocal_rank",
    "rank_of",
    "read_questions",
    "report",
    "share",
    "task",
]
