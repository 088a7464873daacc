"""The answer: the walk from a question to a cited answer with a receipt."""

from tiwizi.assistant.answer import Question, answer, answer_whole
from tiwizi.assistant.citations import Check, Link, anchor, check_citation, fact_sealed, numbers_of, verify
from tiwizi.assistant.compose import HEADINGS
from tiwizi.assistant.desk import Desk, limits, open_desk, prepare
from tiwizi.assistant.handover import pass_on, waiting
from tiwizi.assistant.values import Answer, Citation, Segment, line_of, numbered

__all__ = [
    "HEADINGS",
    "Answer",
    "Check",
    "Citation",
    "Desk",
    "Link",
    "Question",
    "Segment",
    "anchor",
    "answer",
    "answer_whole",
    "check_citation",
    "fact_sealed",
    "limits",
    "line_of",
    "numbered",
    "numbers_of",
    "open_desk",
    "pass_on",
    "prepare",
    "verify",
    "waiting",
]
