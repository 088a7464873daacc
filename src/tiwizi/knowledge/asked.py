"""A question made ready for search: its keys, the official names of its everyday words, what it asks for."""

import math
import re
from collections.abc import Iterable, Set

from msgspec import Struct

from tiwizi.knowledge.encoder import unshouted
from tiwizi.knowledge.phrase_keys import Keys
from tiwizi.knowledge.terms import Term, everyday_terms, need_of, official_terms
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
    terms: tuple[Term, ...]  # what it speaks of: official names, and names of words in Darija or Amazigh
    text: str  # the question itself
    encoded: tuple[str, str]  # what the encoders are given, and in which language that is
    need: str
    article: str  # the article that the question names, "" when it names none

    @classmethod
    def of(cls, question: str, language: str) -> "Asked":
        """Read a masked question in `language` (BCP 47)."""
        question = PLACEHOLDER.sub(" ", question)
        keys = tuple(search_keys(question, language))
        terms = terms_in(keys, language)
        need = need_of(question, language)
        spent = set(search_keys(need.phrase, language))
        return cls(
            language=language,
            keys=keys,
            subject=tuple(key for key in keys if key not in spent) or keys,
            terms=terms,
            text=question,
            encoded=for_encoders(question, language, terms),
            need=need.name,
            article=article[1] if (article := ARTICLE.search(normal_form(question))) else "",
        )

    @property
    def official_keys(self) -> tuple[str, ...]:
        """All keys of the official names, each once; those of everyday words are not among them."""
        return _keys_of_names(official_terms(self.keys))

    @property
    def named_keys(self) -> tuple[str, ...]:
        """All keys of all names, each once."""
        return _keys_of_names(self.terms)

    def share_in(self, keys: Set[str]) -> float:
        """Return how much of the question is among `keys`, from 0 to 1: a word itself, or what it is called."""
        return self._met_in(keys) / max(1, len(set(self.keys)))

    def support_in(self, keys: Set[str]) -> float:
        """Return how much it says that this share is among `keys`: five words of six say more than one of one.

        Words met by the root of all words, as chance would have it (a standard deviation grows with that root).
        """
        return self._met_in(keys) / math.sqrt(max(1, len(set(self.keys))))

    def _met_in(self, keys: Set[str]) -> float:
        met = dict.fromkeys(keys & set(self.keys), 1.0)
        for term in self.terms:
            share = max((len(keys & name) / len(name) for name in term.names), default=0.0)
            if share >= NAMED:
                met |= {key: max(share, met.get(key, 0.0)) for key in term.said}
        return sum(met.values())


def for_encoders(text: str, language: str, terms: Iterable[Term]) -> tuple[str, str]:
    """Return what the encoders are given of a masked text with these terms, and in which language that is."""
    own, tag = unshouted(text), language
    if language in {"fr", "ar"}:
        return own, tag
    if language == "ary-Latn":  # the encoders have hardly seen Darija in Latin letters
        own = transliterate(text, "Arab", language).text
    if language == "zgh-Tfng":  # they read Tifinagh byte by byte, in twice the time and to no more avail
        own, tag = transliterate(text, "Latn", language).text, "zgh-Latn"
    # each word once: an encoder takes its time by the word
    words = dict.fromkeys(word for term in terms for word in term.ar.split())
    return (f"{own} ({' '.join(words)})", "ar") if words else (own, tag)


def terms_in(keys: Keys, language: str) -> tuple[Term, ...]:
    """Return all that a text with these keys speaks of: the official names first, then those of everyday words."""
    return (*official_terms(keys), *everyday_terms(keys, language))


def _keys_of_names(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for term in terms for name in term.names for key in sorted(name)))
