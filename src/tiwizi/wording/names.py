"""What languages and scripts are called, in the language of the reader."""

from tiwizi.wording.catalogues import say

LANGUAGES = {
    "ary-Arab": "Darija",
    "ary-Latn": "Darija in Latin letters",
    "zgh-Tfng": "Amazigh",
    "zgh-Latn": "Amazigh in Latin letters",
    "zgh-Arab": "Amazigh in Arabic letters",
    "ar": "Standard Arabic",
    "fr": "French",
    "en": "English",
    "es": "Spanish",
    "und": "another language, or none",
}
LABELS = {"ary": "Darija", "zgh": "Amazigh", "und": "other"}  # beside the words, whose letters everybody sees
SCRIPTS = {"Arab": "Arabic letters", "Latn": "Latin letters", "Tfng": "Tifinagh letters"}


def name_in(code: str, tag: str) -> str:
    """Return the name of a language (BCP 47) or script (ISO 15924) in the language `tag`; its code if it has none."""
    message = LANGUAGES.get(code) or SCRIPTS.get(code)
    return say(message, tag) if message else code


def label_in(code: str, tag: str) -> str:
    """Return a short name of a language for a label beside words in it, in the language `tag`."""
    message = LABELS.get(code.partition("-")[0])
    return say(message, tag) if message else name_in(code, tag)
