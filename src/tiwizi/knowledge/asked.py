"""A question made ready for search: its keys, the official names of its everyday words, what it asks for."""

import re
from collections.abc import Set

from msgspec import Struct

from tiwizi.knowledge.encoder import unshouted
from tiwizi.knowledge.terms import Term, need_of, official_terms
from tiwizi.language import normal_form, search_keys, transliterate

NAMED = 0.6  # least share of an official name that a passage must have to speak of it
ARTICLE = re.compile(  # "article 12", «المادة 12», "lmadda 12": on the normal form
    r"(?:^|\W)(?:article|art|artikl|الماده|ماده|الفصل|فصل|lmadda|lmada|madda|mada|lfasl|fasl)\W*(?:n|no|numero|رقم)?\W*"
    r"(\d{1,4})(?!\d)"
)
PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")  # a masked value is not a word to look for


class Asked(Struct, frozen=True):
    """What the search looks for."""

    language: str
    keys: tuple[str, ...]
    subject: tuple[str, ...]  # the keys without those that only say what is asked for: "how much", "papers"
    terms: tuple[Term, ...]  # its everyday words that have official names
    text: str  # the question itself
    encoded: tuple[str, str]  # what the encoders are given, and in which language that is
    need: str
    article: str  # the article that the question names, "" when it names none

    @classmethod
    def of(cls, question: str, language: str) -> "Asked":
        """Read a masked question in `language` (BCP 47)."""
        question = PLACEHOLDER.sub(" ", question)
        keys = tuple(search_keys(question, language))
        terms = official_terms(keys)
        official = " ".join(dict.fromkeys(term.ar for term in terms if term.ar))
        own, tag = unshouted(question), language
        if language == "ary-Latn":  # the encoders have hardly seen Darija in Latin letters
            own = transliterate(question, "Arab", language).text
        if language == "zgh-Tfng":  # they read Tifinagh byte by byte, in twice the time and to no more avail
            own, tag = transliterate(question, "Latn", language).text, "zgh-Latn"
        if official and language not in {"fr", "ar"}:
            own, tag = f"{own} ({official})", "ar"
        need = need_of(question, language)
        spent = set(search_keys(need.phrase, language))
        return cls(
            language=language,
            keys=keys,
            subject=tuple(key for key in keys if key not in spent) or keys,
            terms=tuple(terms),
            text=question,
            encoded=(own, tag),
            need=need.name,
            article=named[1] if (named := ARTICLE.search(normal_form(question))) else "",
        )

    @property
    def official_keys(self) -> tuple[str, ...]:
        """All keys of the official names, each once."""
        return tuple(dict.fromkeys(key for term in self.terms for name in term.names for key in sorted(name)))

    def share_in(self, keys: Set[str]) -> float:
        """Return how much of the question is among `keys`, from 0 to 1: a word itself, or its official name."""
        met = dict.fromkeys(keys & set(self.keys), 1.0)
        for term in self.terms:
            share = max((len(keys & name) / len(name) for name in term.names), default=0.0)
            if share >= NAMED:
                met |= {key: max(share, met.get(key, 0.0)) for key in term.said}
        return sum(met.values()) / max(1, len(set(self.keys)))
