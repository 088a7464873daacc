"""What people write: which language and script it is, the same words in another script, and their forms for search."""

from tiwizi.language.normal import normal_form, search_keys
from tiwizi.language.transliterate import Written, transliterate
from tiwizi.language.understand import Candidate, Span, Utterance, understand, understand_many

__all__ = [
    "Candidate",
    "Span",
    "Utterance",
    "Written",
    "normal_form",
    "search_keys",
    "transliterate",
    "understand",
    "understand_many",
]
