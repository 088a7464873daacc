"""What people write: which language and script it is, the same words in another script, and their forms for search."""

from tiwizi.language.explain import Evidence
from tiwizi.language.normal import normal_form, search_keys, without_seal
from tiwizi.language.transliterate import Written, transliterate
from tiwizi.language.transliteration.darija import Convention
from tiwizi.language.understand import Candidate, Span, Utterance, understand, understand_many

__all__ = [
    "Candidate",
    "Convention",
    "Evidence",
    "Span",
    "Utterance",
    "Written",
    "normal_form",
    "search_keys",
    "transliterate",
    "understand",
    "understand_many",
    "without_seal",
]
