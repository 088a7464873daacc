"""The answer: the walk from a question to a cited answer with a receipt."""

from tiwizi.assistant.answer import Question, answer, answer_whole
from tiwizi.assistant.compose import HEADINGS, anchor
from tiwizi.assistant.desk import Desk, limits, open_desk, prepare
from tiwizi.assistant.handover import pass_on, waiting
from tiwizi.assistant.values import Answer, Citation, Segment, line_of, numbered

__all__ = [
    "HEADINGS",
    "Answer",
    "Citation",
    "Desk",
    "Question",
    "Segment",
    "anchor",
    "answer",
    "answer_whole",
    "limits",
    "line_of",
    "numbered",
    "open_desk",
    "pass_on",
    "prepare",
    "waiting",
]
