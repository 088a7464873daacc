"""The home of passages in SQLite: words in an FTS5 index, vectors in a table and, while it is open, in memory."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, Select, delete, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from tiwizi.knowledge import nearest
from tiwizi.knowledge.encoder import Vectors
from tiwizi.knowledge.home import Kept, KeptPassage, NewDocument, NewPassage, Numbers, Unencoded
from tiwizi.knowledge.nearest import Mean, Nearest
from tiwizi.store import Store, tables

AT_ONCE = 400  # values asked of the database in one statement
SCORED = 6_000  # passages that a question's words may bring to be scored: the rarest words come first
SLOW = 0.1  # seconds: vectors that take longer to follow are followed less often
PATIENCE = 20  # times as long as following took is waited before following again

TERM = re.compile(r"[\w-]+")  # what the index takes for one term

documents, passages, vectors = tables.documents, tables.passages, tables.vectors


class _Held(Struct, frozen=True):
    """The vectors in memory, the state of the library they are of, and when they may be followed again."""

    generation: dict[str, int]
    near: Nearest
    again: float = 0.0


class SqliteHome:
    """See `Home`. `means` are measured means of passages by language, for one encoder each: {encoder: {tag: mean}}."""

    def __init__(
        self, store: Store, means: Mapping[str, Mapping[str, Mean]] | None = None, exact: int = nearest.EXACT
    ) -> None:
        self.store = store
        self._means, self._exact = means or {}, exact
        self._near: dict[str, _Held] = {}
        self._loading = asyncio.Lock()

    # in

    async def keep(self, document: NewDocument, passages: Sequence[NewPassage]) -> int:
        (number,) = await self.keep_all([(document, passages)])
        return number

    async def keep_all(self, several: Sequence[tuple[NewDocument, Sequence[NewPassage]]]) -> list[int]:
        async with self.store.writing() as connection:
            # before anything goes: a number that was given is not given to another one
            number = (await connection.scalar(select(func.max(documents.c.id))) or 0) + 1
            first = (await connection.scalar(select(func.max(tables.passages.c.id))) or 0) + 1
            await _forget(connection, [document.path for document, _ in several])
            papers: list[dict[str, Any]] = []
            rows: list[dict[str, Any]] = []
            for document, cut in several:
                papers.append(_fields(document) | {"id": number + len(papers)})
                for one in cut:
                    rows.append(_fields(one) | {"id": first + len(rows), "document": papers[-1]["id"]})
            await connection.execute(insert(documents), papers)
            if rows:
                await connection.execute(insert(tables.passages), [_without_keys(row) for row in rows])
                await connection.execute(
                    text("INSERT INTO passage_words(rowid, words, about) VALUES (:id, :words, :about)"), rows
                )
            await _changed(connection)
        return [paper["id"] for paper in papers]

    async def forget(self, paths: Sequence[str]) -> int:
        async with self.store.writing() as connection:
            count = await _forget(connection, paths)
            if count:
                await _changed(connection)
        return count

    async def keep_vectors(self, encoder: str, vectors: Mapping[str, bytes]) -> None:
        rows = [{"encoder": encoder, "digest": digest, "vector": vector} for digest, vector in vectors.items()]
        if not rows:
            return
        async with self.store.writing() as connection:
            await connection.execute(upsert(tables.vectors).on_conflict_do_nothing(), rows)
            await _changed(connection, "vectors")

    async def forget_other_vectors(self, encoders: Sequence[str]) -> int:
        """Forget the vectors of all encoders but these; return how many there were."""
        async with self.store.writing() as connection:
            gone = await connection.execute(delete(vectors).where(vectors.c.encoder.not_in(encoders)))
            return gone.rowcount

    # out

    async def document(self, number: int) -> Kept | None:
        async with self.store.reading() as connection:
            row = (await connection.execute(select(documents).where(documents.c.id == number))).first()
        return _kept(row) if row is not None else None

    async def cards(self) -> list[Kept]:
        query = select(documents).where(documents.c.kind == "card").order_by(documents.c.name)
        async with self.store.reading() as connection:
            return [_kept(row) for row in await connection.execute(query)]

    async def passages_of(self, document: int) -> list[KeptPassage]:
        query = _whole().where(passages.c.document == document).order_by(passages.c.start)
        async with self.store.reading() as connection:
            return [_kept_passage(row) for row in await connection.execute(query)]

    async def passages(self, numbers: Sequence[int]) -> dict[int, KeptPassage]:
        found: dict[int, KeptPassage] = {}
        async with self.store.reading() as connection:
            for first in range(0, len(numbers), AT_ONCE):
                query = _whole().where(passages.c.id.in_(numbers[first : first + AT_ONCE]))
                found |= {row.id: _kept_passage(row) for row in await connection.execute(query)}
        return found

    async def places(self, numbers: Sequence[int]) -> dict[int, tuple[int, str]]:
        query = text(
            "SELECT id, document, coalesce(article, '') FROM passages"
            " WHERE id IN (SELECT value FROM json_each(:numbers))"
        )
        async with self.store.reading() as connection:
            rows = await connection.execute(query, {"numbers": json.dumps([int(number) for number in numbers])})
            return {number: (document, article) for number, document, article in rows}

    async def keys_of(self, numbers: Sequence[int]) -> dict[int, frozenset[str]]:
        query = text(
            "SELECT rowid, words, about FROM passage_words WHERE rowid IN (SELECT value FROM json_each(:numbers))"
        )
        async with self.store.reading() as connection:
            rows = await connection.execute(query, {"numbers": json.dumps([int(number) for number in numbers])})
            return {number: frozenset((*words.split(), *about.split())) for number, words, about in rows}

    async def of_article(self, article: str, most: int) -> set[int]:
        query = select(passages.c.id).where(passages.c.article == article).limit(most)
        async with self.store.reading() as connection:
            return set((await connection.scalars(query)).all())

    async def by_words(self, keys: Sequence[str], about: float, most: int) -> dict[int, float]:
        query = text(
            "SELECT rowid, -bm25(passage_words, 1.0, :about) AS score FROM passage_words"
            " WHERE passage_words MATCH :keys ORDER BY score DESC LIMIT :most"
        )
        async with self.store.reading() as connection:
            if not (chosen := await _rarest(connection, list(dict.fromkeys(keys)))):
                return {}
            values = {"keys": " OR ".join(f'"{key}"' for key in chosen), "most": most, "about": about}
            return {number: score for number, score in await connection.execute(query, values)}

    # meaning

    async def by_meaning(self, encoder: str, questions: Vectors, most: int) -> tuple[Numbers, Vectors]:
        near = await self._nearest(encoder, questions.shape[1])
        return await asyncio.to_thread(near.search, questions, most)

    async def cosines(self, encoder: str, questions: Vectors, numbers: Sequence[int]) -> Vectors:
        return (await self._nearest(encoder, questions.shape[1])).cosines(questions, numbers)

    async def waiting(self, encoder: str) -> int:
        async with self.store.reading() as connection:
            return await connection.scalar(_waiting(encoder, func.count())) or 0

    async def unencoded(self, encoder: str, batch: int) -> AsyncIterator[list[Unencoded]]:
        from tiwizi.knowledge.remembered import given

        body = func.substr(documents.c.text, passages.c.start + 1, passages.c.end - passages.c.start)
        columns = (passages.c.meaning, documents.c.title, passages.c.heading, body)
        query = _waiting(encoder, *columns).order_by(passages.c.id).limit(batch)
        while True:
            async with self.store.reading() as connection:
                rows = (await connection.execute(query)).all()
            if not rows:
                return
            once = {digest: given(title, heading, words) for digest, title, heading, words in rows}
            yield [Unencoded(digest, words) for digest, words in once.items()]

    async def vectors(self, encoder: str, digests: Sequence[str]) -> dict[str, bytes]:
        known: dict[str, bytes] = {}
        async with self.store.reading() as connection:
            for first in range(0, len(digests), AT_ONCE):
                query = select(vectors.c.digest, vectors.c.vector).where(
                    vectors.c.encoder == encoder, vectors.c.digest.in_(digests[first : first + AT_ONCE])
                )
                known |= {digest: vector for digest, vector in await connection.execute(query)}
        return known

    async def generation(self) -> int:
        return (await self._generations()).get("library", 0)

    async def _generations(self) -> dict[str, int]:
        table = tables.generations
        query = select(table.c.subject, table.c.number).where(table.c.subject.in_(("library", "vectors")))
        async with self.store.reading() as connection:
            return {subject: number for subject, number in await connection.execute(query)}

    async def _nearest(self, encoder: str, dimension: int) -> Nearest:
        """What is in memory, brought up to date when this or another process changed the library."""
        generation = await self._generations()
        async with self._loading:
            held = self._near.get(encoder)
            if held is None:
                graph = self.store.path.with_name(f"nearest-{_file_name(encoder)}.usearch")
                held = _Held({}, nearest.empty(dimension, self._means.get(encoder, {}), graph, self._exact))
            started = time.monotonic()
            # what went is not shown all the same, and what came is found by its words
            if held.generation != generation and started >= held.again:
                near = await self._followed(held.near, encoder)
                took = time.monotonic() - started
                held = _Held(generation, near, started + took * (1 + PATIENCE) if took > SLOW else 0.0)
                self._near[encoder] = held
            return held.near

    async def _followed(self, near: Nearest, encoder: str) -> Nearest:
        joined = passages.join(vectors, (passages.c.meaning == vectors.c.digest) & (vectors.c.encoder == encoder))
        there = select(passages.c.id).select_from(joined)
        full = select(passages.c.id, passages.c.language, vectors.c.vector).select_from(joined)
        known = {int(number) for number in near.numbers}
        async with self.store.reading() as connection:
            here = set((await connection.scalars(there)).all())
            new = sorted(here - known)
            rows: list[Any] = []
            if len(new) > AT_ONCE * 20:
                rows = [row for row in await connection.execute(full) if row[0] not in known]
            else:
                for first in range(0, len(new), AT_ONCE):
                    some = full.where(passages.c.id.in_(new[first : first + AT_ONCE]))
                    rows += (await connection.execute(some)).all()
        gone = known - here
        if not rows and not gone:
            return near
        numbers, tags, blobs = zip(*rows, strict=True) if rows else ((), (), ())
        return await asyncio.to_thread(near.with_changes, gone, numbers, blobs, tags)


def _fields(value: Struct) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def _without_keys(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("words", "about")}


async def _rarest(connection: AsyncConnection, keys: list[str]) -> list[str]:
    """The keys to ask for: from the rarest on, as long as they do not bring too many passages."""
    query = text("SELECT doc FROM passage_vocabulary WHERE term = :term")
    counts: dict[str, int] = {}
    for key in keys:
        # a seal, and the signs of an address, are no part of the index's own terms; all terms of a key must be there
        terms = TERM.findall(key)
        found = [await connection.scalar(query, {"term": term}) or 0 for term in terms]
        if count := min(found, default=0):
            counts[key] = count
    chosen: list[str] = []
    brought = 0
    for key in sorted(counts, key=lambda key: counts[key]):
        brought += counts[key]
        if chosen and brought > SCORED:
            break
        chosen.append(key)
    return chosen


async def _forget(connection: AsyncConnection, paths: Sequence[str]) -> int:
    gone = 0
    for first in range(0, len(paths), AT_ONCE):
        some = documents.c.path.in_(paths[first : first + AT_ONCE])
        numbers = (await connection.scalars(select(documents.c.id).where(some))).all()
        if numbers:
            await connection.execute(
                text(
                    "DELETE FROM passage_words WHERE rowid IN (SELECT id FROM passages"
                    " WHERE document IN (SELECT value FROM json_each(:numbers)))"
                ),
                {"numbers": json.dumps(list(numbers))},
            )
            await connection.execute(delete(documents).where(documents.c.id.in_(numbers)))
        gone += len(numbers)
    return gone


async def _changed(connection: AsyncConnection, subject: str = "library") -> None:
    row = upsert(tables.generations).values(subject=subject, number=1)
    await connection.execute(
        row.on_conflict_do_update(index_elements=["subject"], set_={"number": tables.generations.c.number + 1})
    )


def _waiting(encoder: str, *columns: Any) -> Select[Any]:
    met = (passages.c.meaning == vectors.c.digest) & (vectors.c.encoder == encoder)
    joined = passages.join(documents).outerjoin(vectors, met)
    return select(*columns).select_from(joined).where(vectors.c.digest.is_(None))


def _whole() -> Select[Any]:
    body = func.substr(documents.c.text, passages.c.start + 1, passages.c.end - passages.c.start)
    columns = (documents.c.name, documents.c.title, documents.c.digest, body.label("body"))
    return select(passages, *columns).join(documents)


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.id, row.name, row.digest, row.kind, row.title, row.language, row.text)


def _kept_passage(row: Row[Any]) -> KeptPassage:
    return KeptPassage(
        id=row.id,
        document=row.document,
        name=row.name,
        title=row.title,
        version=row.digest,
        start=row.start,
        end=row.end,
        page=row.page,
        article=row.article,
        heading=row.heading,
        language=row.language,
        text=row.body,
    )


def _file_name(encoder: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in encoder)
