"""The measure: questions with what should come back, and figures with their intervals."""

from tiwizi.evaluation.metrics import Share, mean_reciprocal_rank, rank_of, share
from tiwizi.evaluation.questions import Outcome, Wanted, ask_all, by_language, read_questions

__all__ = [
    "Outcome",
    "Share",
    "Wanted",
    "ask_all",
    "by_language",
    "mean_reciprocal_rank",
    "rank_of",
    "read_questions",
    "share",
]
