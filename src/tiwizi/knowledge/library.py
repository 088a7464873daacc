"""All that the instance knows, and finding in it: cards and passages, by words and by meaning.

Words: BM25 over normal forms (SQLite's FTS5), asked with the question's own keys and with the official names of its
everyday words. Meaning: a multilingual encoder, centred. The two are added as z-scores over the candidates, with
weights fitted on our own questions (`weights.py`).
"""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from sqlalchemy import Row, func, select, text

from tiwizi.errors import NotThere
from tiwizi.knowledge.asked import Asked
from tiwizi.knowledge.cards import Card, load_card
from tiwizi.knowledge.encoder import Encoder, Vectors, centred, shipped_means
from tiwizi.knowledge.matching import CardMatcher
from tiwizi.knowledge.remembered import remembered
from tiwizi.knowledge.values import Evidence, FoundCard, FoundPassage
from tiwizi.knowledge.weights import Weights, shipped_weights
from tiwizi.store import Store, tables

CANDIDATES = 80  # passages that each signal brings before they are weighed together
NAMED_ARTICLE = 2.0  # what a passage of the article named in the question gains, in standard deviations
MOST_NAMED = 1_000  # passages of an article so numbered that are looked at
PRIOR = 200  # passages whose shipped mean is mixed into that of a small collection
CARDS = 3  # cards returned at most


class Page(Struct, frozen=True):
    """A document as the reader's page shows it."""

    id: int
    name: str
    title: str
    language: str
    text: str
    passages: tuple[FoundPassage, ...]


class _Shelf(Struct, frozen=True):
    """What is held in memory of one state of the library."""

    generation: int
    ids: NDArray[np.int64]
    rows: dict[int, int]  # passage id → row of `vectors`
    vectors: Vectors
    cards: CardMatcher
    card_files: list[tuple[str, str]]  # name and text


class Library:
    """The library of one instance; `search` may be called by many tasks at once."""

    def __init__(self, store: Store, encoder: Encoder, weights: Weights | None = None) -> None:
        self.store = store
        self.encoder = encoder
        self._means = shipped_means()
        self._weights = weights or shipped_weights()
        self._shelf: _Shelf | None = None
        self._loading = asyncio.Lock()
        self._encoding = ThreadPoolExecutor(1, thread_name_prefix="encoder")  # one at a time: it uses all cores itself

    async def search(self, question: str, language: str, limit: int = 10) -> Evidence:
        """Return the cards and passages that may answer `question`, best first.

        `question` is masked text in `language` (BCP 47). At most `limit` passages and three cards.
        """
        shelf = await self._present()
        asked = Asked.of(question, language)
        vectors = await self._encode(asked.variants)
        cards = self._cards(shelf, asked, vectors)
        words = await self._by_words(asked)
        passages = await self._passages(shelf, asked, vectors, words, limit)
        return Evidence(tuple(cards), tuple(passages))

    async def page(self, number: int) -> Page:
        """Return a whole document, for reading. Raises NotThere."""
        documents = tables.documents
        async with self.store.reading() as connection:
            row = (await connection.execute(select(documents).where(documents.c.id == number))).first()
            if row is None or row.kind != "document":
                raise NotThere(kind="document", name=str(number), available="see /documents")
            cuts = select(tables.passages).where(tables.passages.c.document == number)
            cut = (await connection.execute(cuts.order_by(tables.passages.c.start))).all()
        passages = (_found(one, row.name, row.title, row.text[one.start : one.end]) for one in cut)
        return Page(row.id, row.name, row.title, row.language, row.text, tuple(passages))

    async def cards(self) -> list[Card]:
        """Return all cards, in the order of their files."""
        return (await self._present()).cards.cards

    async def ready(self) -> None:
        """Load what is held in memory, so that the first question does not wait for it."""
        await self._present()
        await self._encode([("chhal", "ary-Latn")])

    # meaning

    async def _encode(self, variants: Sequence[tuple[str, str]]) -> Vectors:
        texts = [words for words, _ in variants]
        vectors = await asyncio.get_running_loop().run_in_executor(self._encoding, self.encoder.questions, texts)
        return centred(vectors, self._question_means(variants))

    def _question_means(self, variants: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        return np.stack([self._mean("question", tag) for _, tag in variants])

    def _mean(self, side: str, tag: str) -> NDArray[np.float32]:
        zero = np.zeros(self.encoder.dimension, dtype=np.float32)
        return self._means.get(f"{side}/{tag}", self._means.get(f"{side}/fr", zero))

    # words

    async def _by_words(self, asked: Asked) -> dict[int, float]:
        """BM25 of the best candidates: own keys, and the official terms' keys at their weight."""
        found: dict[int, float] = {}
        query = text(
            "SELECT rowid, -bm25(passage_words, 1.0, :about) AS score FROM passage_words"
            " WHERE passage_words MATCH :keys ORDER BY score DESC LIMIT :most"
        )
        async with self.store.reading() as connection:
            for keys, weight in ((asked.keys, 1.0), (asked.official_keys, self._weights.official)):
                if not keys:
                    continue
                match = " OR ".join(f'"{key}"' for key in dict.fromkeys(keys))
                values = {"keys": match, "most": CANDIDATES, "about": self._weights.about}
                for number, score in await connection.execute(query, values):
                    found[number] = found.get(number, 0.0) + weight * score
        return found

    # together

    async def _passages(
        self, shelf: _Shelf, asked: Asked, vectors: Vectors, words: dict[int, float], limit: int
    ) -> list[FoundPassage]:
        cosines = (shelf.vectors @ vectors.T).max(axis=1) if len(shelf.vectors) else np.zeros(0, dtype=np.float32)
        near = np.argsort(-cosines)[:CANDIDATES]
        named = await self._of_article(asked.article) if asked.article else set()
        candidates = sorted({*words, *shelf.ids[near].tolist(), *named})
        if not candidates:
            return []
        meaning = np.array([cosines[shelf.rows[n]] if n in shelf.rows else 0.0 for n in candidates])
        lexical = np.array([words.get(n, 0.0) for n in candidates])
        weights = self._weights.of(asked.language)
        fused = weights.fuse(lexical, meaning)
        fused += NAMED_ARTICLE * np.array([number in named for number in candidates])
        best = np.argsort(-fused)[:limit]
        shared = await self._shared(asked, [candidates[place] for place in best])
        scored = {}
        for place in best:
            number = candidates[place]
            signals = {
                "words": round(float(lexical[place]), 3),
                "shared": round(shared.get(number, 0.0), 3),
                "meaning": round(float(meaning[place]), 4),
            }
            scored[number] = (self._weights.passage_score(asked, signals), signals)
        return await self._fetch(scored)

    async def _of_article(self, article: str) -> set[int]:
        """The passages of the article that the question names, in whatever document."""
        query = select(tables.passages.c.id).where(tables.passages.c.article == article).limit(MOST_NAMED)
        async with self.store.reading() as connection:
            return set((await connection.scalars(query)).all())

    async def _shared(self, asked: Asked, numbers: list[int]) -> dict[int, float]:
        """How much of the question each passage names, from 0 to 1; unlike BM25, the same in a small collection."""
        query = text(
            "SELECT rowid, words, about FROM passage_words WHERE rowid IN (SELECT value FROM json_each(:numbers))"
        )
        async with self.store.reading() as connection:
            rows = (await connection.execute(query, {"numbers": json.dumps(numbers)})).all()
        return {number: asked.share_in({*words.split(), *about.split()}) for number, words, about in rows}

    def _cards(self, shelf: _Shelf, asked: Asked, vectors: Vectors) -> list[FoundCard]:
        matcher = shelf.cards
        words = matcher.by_words(asked.subject + asked.official_keys)
        own = matcher.by_words(asked.subject)
        meaning = matcher.by_meaning(vectors[:1])
        found = []
        for number, card in enumerate(matcher.cards):
            signals = {"words": round(max(words[number], own[number]), 4), "meaning": round(meaning[number], 4)}
            score = self._weights.card_score(asked, signals)
            document, source = shelf.card_files[number]
            need = asked.need
            found.append(FoundCard(card=card, document=document, text=source, need=need, score=score, signals=signals))
        return sorted(found, key=lambda f: -f.score)[:CARDS]

    async def _fetch(self, scored: dict[int, tuple[float, dict[str, float]]]) -> list[FoundPassage]:
        passages, documents = tables.passages, tables.documents
        body = func.substr(documents.c.text, passages.c.start + 1, passages.c.end - passages.c.start)
        query = select(passages, documents.c.name, documents.c.title, body.label("body")).join(documents)
        async with self.store.reading() as connection:
            rows = {row.id: row for row in await connection.execute(query.where(passages.c.id.in_(scored)))}
        return [
            _found(row, row.name, row.title, row.body, score, signals)
            for number, (score, signals) in scored.items()
            if (row := rows.get(number)) is not None  # it may have been replaced since it was found
        ]

    # memory

    async def _present(self) -> _Shelf:
        """What is in memory, loaded again when this or another process changed the library."""
        async with self.store.reading() as connection:
            query = select(tables.generations.c.number).where(tables.generations.c.subject == "library")
            generation = await connection.scalar(query) or 0
        async with self._loading:
            if self._shelf is None or self._shelf.generation != generation:
                self._shelf = await self._load(generation)
            return self._shelf

    async def _load(self, generation: int) -> _Shelf:
        passages, documents, kept = tables.passages, tables.documents, tables.vectors
        encoded = select(passages.c.id, passages.c.language, kept.c.vector).join_from(
            passages, kept, passages.c.meaning == kept.c.digest
        )
        async with self.store.reading() as connection:
            rows = (await connection.execute(encoded)).all()
            files = (
                await connection.execute(
                    select(documents.c.name, documents.c.text)
                    .where(documents.c.kind == "card")
                    .order_by(documents.c.name)
                )
            ).all()
        matcher = CardMatcher([load_card(source) for _, source in files])
        matcher.vectors = await self._phrase_vectors(matcher)
        vectors = self._centred_passages([tag for _, tag, _ in rows], [blob for _, _, blob in rows])
        ids = np.array([number for number, _, _ in rows], dtype=np.int64)
        return _Shelf(
            generation=generation,
            ids=ids,
            rows={int(number): row for row, number in enumerate(ids)},
            vectors=vectors,
            cards=matcher,
            card_files=[(name, source) for name, source in files],
        )

    def _centred_passages(self, tags: list[str], blobs: list[bytes]) -> Vectors:
        """The passages' vectors less the mean of their language, measured here and steadied by the shipped one."""
        if not blobs:
            return np.zeros((0, self.encoder.dimension), dtype=np.float32)
        vectors = np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(blobs), -1).astype(np.float32)
        languages = np.array(tags)
        for tag in set(tags):
            mine = languages == tag
            prior = self._mean("passage", tag)
            mean = (vectors[mine].sum(axis=0) + PRIOR * prior) / (mine.sum() + PRIOR)
            vectors[mine] = centred(vectors[mine], mean)
        return vectors

    async def _phrase_vectors(self, matcher: CardMatcher) -> Vectors:
        """Vectors of the cards' names and aliases, kept in the database from one start to the next."""
        variants = [Asked.of(phrase.text, phrase.tag).variants[0] for phrase in matcher.phrases]
        texts = [words for words, _ in variants]
        vectors = await remembered(self.store, self.encoder, "question", texts, self._encoding)
        return centred(vectors, self._question_means(variants)) if variants else vectors


def _found(
    row: Row[Any], document: str, title: str, body: str, score: float = 0.0, signals: dict[str, float] | None = None
) -> FoundPassage:
    return FoundPassage(
        id=row.id,
        document_id=row.document,
        document=document,
        title=title,
        article=row.article,
        page=row.page,
        heading=row.heading,
        start=row.start,
        end=row.end,
        text=body,
        language=row.language,
        score=score,
        signals=signals or {},
    )
