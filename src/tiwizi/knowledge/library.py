"""All that the instance knows, and finding in it: cards and passages, by words and by meaning.

A question is looked for in five ways, its signals:

    words         BM25 over normal forms: its own keys, and the official names of its everyday words
    meaning       the good encoder (`E5`), centred
    gist          the quick encoder (`Use`), centred: a collection has its vectors minutes after it was read
    student       our small encoder of Darija or Amazigh, which speaks in the space of the good encoder
    student_gist  the same, in the space of the quick one

The best of each are candidates; the signals' z-scores over the candidates are added, with weights fitted on our own
questions (`weights.py`).
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tiwizi.errors import NotThere, Trouble
from tiwizi.knowledge.asked import Asked, for_encoders, terms_in
from tiwizi.knowledge.cards import Card, load_card
from tiwizi.knowledge.encoder import E5, Encoder, Use, Vectors, centred, shipped_means
from tiwizi.knowledge.forms import TONGUES
from tiwizi.knowledge.home import Kept, KeptPassage
from tiwizi.knowledge.matching import CardMatcher
from tiwizi.knowledge.phrase_keys import keys_of
from tiwizi.knowledge.remembered import remembered
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.knowledge.students import Ear, student_of
from tiwizi.knowledge.terms import topics_elsewhere
from tiwizi.knowledge.values import Evidence, FoundCard, FoundPassage
from tiwizi.knowledge.weights import Fusion, Weights, shipped_weights
from tiwizi.store import Store

log = logging.getLogger("tiwizi.knowledge")

CANDIDATES = 80  # passages that each signal brings before they are weighed together
NAMED_ARTICLE = 2.0  # what a passage of the article named in the question gains, in standard deviations
SUPPORTING = 5  # of the best passages, the one that has most of the question's words tells whether there is an answer
MOST_NAMED = 1_000  # passages of an article so numbered that are looked at
PHRASES = 20  # names of cards whose mean may stand for that of questions
CARDS = 3  # cards returned at most

Rows = Mapping[str, Vectors]  # one row each, by the name of a signal


class Page(Struct, frozen=True):
    """A document as the reader's page shows it."""

    id: int
    name: str
    version: str  # SHA-256 of the file's bytes
    title: str
    language: str
    text: str
    passages: tuple[FoundPassage, ...]


class Space(Struct, frozen=True):
    """One encoder's space: the signals of a question in it, the encoder's own first, and the means of texts there."""

    encoder: Encoder
    own: str
    student: str
    part: int  # of what a student says; -1 where no student knows this space
    means: dict[str, NDArray[np.float32]]  # of questions and passages by language; none for an encoder of your own


class _Shelf(Struct, frozen=True):
    """What is held in memory of one state of the library."""

    generation: int
    cards: CardMatcher
    card_files: list[Kept]


def space_of(encoder: Encoder, own: str, student: str) -> Space:
    """Return the space of an encoder; students know those of `E5` and `Use`."""
    part = {E5.name: 0, Use.name: 1}.get(encoder.name, -1)
    return Space(encoder, own, student, part, shipped_means(encoder.name))


class Library:
    """The library of one instance; `search` may be called by many tasks at once."""

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        weights: Weights | None = None,
        quick: Encoder | None = None,
        cards: int = CARDS,
    ) -> None:
        """`encoder` and `quick` give passages their meaning and gist; at most `cards` cards are found."""
        self.encoder = encoder
        self.encoders = (quick or Use(), encoder)  # in the order in which passages are given their vectors
        self._spaces = (space_of(self.encoders[0], "gist", "student_gist"), space_of(encoder, "meaning", "student"))
        means = {space.encoder.name: _means_of("passage", space.means) for space in self._spaces}
        self.home = SqliteHome(store, means)
        self._most = cards
        self._of_cards: dict[str, dict[str, NDArray[np.float32]]] = {}
        self._weights = weights or shipped_weights()
        self._shelf: _Shelf | None = None
        self._loading = asyncio.Lock()
        self._encoding = ThreadPoolExecutor(1, thread_name_prefix="encoder")  # one at a time: it uses all cores itself

    async def search(self, question: str, language: str, limit: int = 10) -> Evidence:
        """Return the cards and passages that may answer `question`, best first, no article twice before all others.

        `question` is masked text in `language` (BCP 47). At most `limit` passages and three cards.
        """
        shelf = await self._present()
        asked = Asked.of(question, language)
        rows = await asyncio.get_running_loop().run_in_executor(self._encoding, self._encoded, asked)
        cards, elsewhere = self._cards(shelf, asked, rows)
        words = await self._by_words(asked)
        passages = await self._passages(asked, rows, words, elsewhere, limit)
        return Evidence(tuple(cards), tuple(passages))

    async def page(self, number: int) -> Page:
        """Return a whole document, for reading. Raises NotThere."""
        kept = await self.home.document(number)
        if kept is None or kept.kind != "document":
            raise NotThere(kind="document", name=str(number), available="see /documents")
        passages = tuple(_found(one) for one in await self.home.passages_of(number))
        return Page(kept.id, kept.name, kept.digest, kept.title, kept.language, kept.text, passages)

    async def cards(self) -> list[Card]:
        """Return all cards, in the order of their files."""
        return (await self._present()).cards.cards

    async def ready(self) -> None:
        """Load what is held in memory, so that the first question does not wait for it."""
        await self._present()
        await asyncio.get_running_loop().run_in_executor(self._encoding, self._encoded, Asked.of("chhal", "ary-Latn"))

    # meaning

    def _encoded(self, asked: Asked) -> Rows:
        """The question in each space, by each signal, of unit length; a language without student has two signals."""
        text, tag = asked.encoded
        student = student_of(asked.language)
        said = student.vectors([asked.text], asked.language) if student else ()
        rows: dict[str, Vectors] = {}
        for space in self._spaces:
            try:
                rows[space.own] = centred(space.encoder.questions([text]), self._mean(space, "question", tag))
            except Trouble as error:  # a server elsewhere: the other signals answer
                log.warning("%s Searching without it.", error)
            if said and space.part >= 0:
                rows[space.student] = said[space.part]
        return rows

    def _mean(self, space: Space, side: str, tag: str) -> NDArray[np.float32]:
        """The mean of texts in a language: as it was measured, else of the cards' names, else that of French."""
        zero = np.zeros(space.encoder.dimension, dtype=np.float32)
        means = space.means or self._of_cards.get(space.own, {})
        return means.get(f"{side}/{tag}", means.get(f"{side}/fr", zero))

    async def _near(self, rows: Rows, weights: Fusion) -> set[int]:
        """The passages that are nearest to what the signals of each space say together."""
        found: set[int] = set()
        for space in self._spaces:
            mine = [(rows[name], getattr(weights, name)) for name in (space.own, space.student) if name in rows]
            if not mine:
                continue
            together = np.asarray(sum(row * weight for row, weight in mine), dtype=np.float32)
            numbers, _ = await self.home.by_meaning(space.encoder.name, _unit(together), CANDIDATES)
            found |= set(numbers.tolist())
        return found

    async def _cosines(self, rows: Rows, candidates: Sequence[int]) -> dict[str, NDArray[np.float64]]:
        signals: dict[str, NDArray[np.float64]] = {}
        for space in self._spaces:
            names = [name for name in (space.own, space.student) if name in rows]
            if not names:
                continue
            both = np.concatenate([rows[name] for name in names])
            found = await self.home.cosines(space.encoder.name, both, candidates)
            signals |= {name: found[:, place].astype(np.float64) for place, name in enumerate(names)}
        return signals

    # words

    async def _by_words(self, asked: Asked) -> dict[int, float]:
        """BM25 of the best candidates: own keys, and at their weight those of what its words are called."""
        found: dict[int, float] = {}
        for keys, weight in ((asked.keys, 1.0), (asked.named_keys, self._weights.official)):
            if keys:
                for number, score in (await self.home.by_words(keys, self._weights.about, CANDIDATES)).items():
                    found[number] = found.get(number, 0.0) + weight * score
        return found

    # together

    async def _passages(
        self, asked: Asked, rows: Rows, words: dict[int, float], elsewhere: float, limit: int
    ) -> list[FoundPassage]:
        weights = self._weights.of(asked.language)
        named = await self.home.of_article(asked.article, MOST_NAMED) if asked.article else set()
        candidates = sorted({*words, *await self._near(rows, weights), *named})
        if not candidates:
            return []
        signals = {"words": np.array([words.get(number, 0.0) for number in candidates])}
        signals |= await self._cosines(rows, candidates)
        fused = weights.fuse(signals)
        signals["elsewhere"] = np.full(len(candidates), elsewhere)
        fused += NAMED_ARTICLE * np.array([number in named for number in candidates])
        best = [int(place) for place in np.argsort(-fused)[: 4 * limit]]  # enough to see an article come again
        stand = await self.home.places([candidates[place] for place in best])
        ordered = _each_article_once([(place, stand[n]) for place in best if (n := candidates[place]) in stand])[:limit]
        there = await self.home.passages([candidates[place] for place in ordered])
        # what was replaced since it was found is left out
        shown = [(place, there[n]) for place in ordered if (n := candidates[place]) in there]
        keys = await self.home.keys_of([kept.id for _, kept in shown])
        support = max((asked.support_in(keys.get(kept.id, frozenset())) for _, kept in shown[:SUPPORTING]), default=0.0)
        found = []
        for place, kept in shown:
            mine = {name: round(float(scores[place]), 4) for name, scores in signals.items()}
            mine["shared"] = round(asked.share_in(keys.get(kept.id, frozenset())), 4)
            mine["support"] = round(support, 4)
            found.append(_found(kept, self._weights.passage_score(asked, mine), mine))
        return found

    def _cards(self, shelf: _Shelf, asked: Asked, rows: Rows) -> tuple[list[FoundCard], float]:
        """The likeliest cards, and how near the question is to what no card is about."""
        matcher = shelf.cards
        words = matcher.by_words(asked.subject + asked.official_keys)
        own = matcher.by_words(asked.subject)
        meaning = {
            name: matcher.by_meaning(space.own, rows[name])
            for space in self._spaces
            for name in (space.own, space.student)
            if name in rows
        }
        signals = [
            {"words": round(max(words[number], own[number]), 4)}
            | {name: round(scores[number], 4) for name, scores in meaning.items()}
            for number in range(matcher.count)
        ]
        order = [self._weights.card_order(asked.language, mine) for mine in signals]
        elsewhere = max(order[len(matcher.cards) :], default=0.0)
        best = sorted(range(len(matcher.cards)), key=lambda number: -order[number])[: self._most]
        found = []
        for number in best:
            card = matcher.cards[number]
            # by how much it is nearer than anything that no card is about
            mine = signals[number] | {"ahead": round(min(0.0, order[number] - elsewhere), 4)}
            score = self._weights.card_score(asked, mine)
            file = shelf.card_files[number]
            found.append(
                FoundCard(
                    card=card,
                    document=file.name,
                    version=file.digest,
                    text=file.text,
                    need=asked.need,
                    score=score,
                    signals=mine,
                )
            )
        return found, elsewhere

    # memory

    async def _present(self) -> _Shelf:
        """What is in memory, loaded again when this or another process changed the library."""
        generation = await self.home.generation()
        async with self._loading:
            if self._shelf is None or self._shelf.generation != generation:
                self._shelf = await self._load(generation)
            return self._shelf

    async def _load(self, generation: int) -> _Shelf:
        files = await self.home.cards()
        if self._shelf is not None and [f.digest for f in files] == [f.digest for f in self._shelf.card_files]:
            return _Shelf(generation=generation, cards=self._shelf.cards, card_files=files)
        matcher = CardMatcher([load_card(kept.text) for kept in files], topics_elsewhere() if files else ())
        phrases = await asyncio.to_thread(_Phrases.of, matcher)
        said = [(places, await self._said(matcher, places, tag)) for tag, places in sorted(phrases.by_tag.items())]
        for space in self._spaces:
            try:
                matcher.vectors[space.own] = await self._phrase_vectors(phrases, said, space)
            except Trouble as error:
                log.warning("%s Cards are found without it.", error)
        return _Shelf(generation=generation, cards=matcher, card_files=files)

    async def _said(self, matcher: CardMatcher, places: list[int], tag: str) -> tuple[Vectors, Vectors]:
        """What the student of a language says of phrases; it hears each once."""
        student = student_of(tag)
        assert student is not None  # every tag of `STUDENT_ONLY` has one
        texts = [matcher.phrases[place].text for place in places]
        return student.spoken(await remembered(self.home, Ear(student, tag), "question", texts, self._encoding))

    async def _phrase_vectors(self, phrases: "_Phrases", said: "_Said", space: Space) -> Vectors:
        """Vectors of the cards' names and aliases in a space: the encoder's, or a student's where it knows better.

        They are kept in the database from one start to the next.
        """
        vectors = np.zeros((phrases.count, space.encoder.dimension), dtype=np.float32)
        if phrases.encoded:
            texts = [words for _, words, _ in phrases.encoded]
            tags = [tag for _, _, tag in phrases.encoded]
            raw = await remembered(self.home, space.encoder, "question", texts, self._encoding)
            self._of_cards[space.own] = _means_by_language(raw, tags)
            means = np.stack([self._mean(space, "question", tag) for tag in tags])
            vectors[[place for place, _, _ in phrases.encoded]] = centred(raw, means)
        for places, both in said if space.part >= 0 else ():
            vectors[places] = both[space.part]
        return vectors


class _Phrases(Struct, frozen=True):
    """The phrases of a matcher made ready for both spaces at once."""

    count: int
    encoded: list[tuple[int, str, str]]  # place, what the encoders are given, and in which language that is
    by_tag: dict[str, list[int]]  # places of the phrases that only a student knows, by their language

    @classmethod
    def of(cls, matcher: CardMatcher) -> "_Phrases":
        encoded: list[tuple[int, str, str]] = []
        by_tag: dict[str, list[int]] = defaultdict(list)
        for place, phrase in enumerate(matcher.phrases):
            if phrase.tag in STUDENT_ONLY:
                by_tag[phrase.tag].append(place)
            else:
                terms = terms_in(keys_of(phrase.text, phrase.tag), phrase.tag)
                encoded.append((place, *for_encoders(phrase.text, phrase.tag, terms)))
        return cls(len(matcher.phrases), encoded, by_tag)


_Said = list[tuple[list[int], tuple[Vectors, Vectors]]]  # places of phrases, and what a student says of them
STUDENT_ONLY = frozenset(TONGUES) - {"ary", "ary-Arab"}  # what the encoders do not know at all


def _means_by_language(vectors: Vectors, tags: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    languages = np.array(tags)
    counts = {tag: int((languages == tag).sum()) for tag in sorted(set(tags))}
    return {f"question/{tag}": vectors[languages == tag].mean(axis=0) for tag, n in counts.items() if n >= PHRASES}


def _each_article_once(ordered: list[tuple[int, tuple[int, str]]]) -> list[int]:
    """The places in the same order, but further passages of an article that came before behind all others."""
    met: set[tuple[int, str]] = set()
    first: list[int] = []
    again: list[int] = []
    for place, stands in ordered:
        (again if stands[1] and stands in met else first).append(place)
        met.add(stands)
    return first + again


def _unit(row: Vectors) -> Vectors:
    return np.asarray(row / max(float(np.linalg.norm(row)), 1e-9), dtype=np.float32)


def _found(kept: KeptPassage, score: float = 0.0, signals: dict[str, float] | None = None) -> FoundPassage:
    return FoundPassage(
        id=kept.id,
        document_id=kept.document,
        document=kept.name,
        version=kept.version,
        title=kept.title,
        article=kept.article,
        page=kept.page,
        heading=kept.heading,
        start=kept.start,
        end=kept.end,
        text=kept.text,
        language=kept.language,
        score=score,
        signals=signals or {},
    )


def _means_of(side: str, means: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    return {name.partition("/")[2]: mean for name, mean in means.items() if name.startswith(f"{side}/")}
