"""Taking files in: read in a guarded process, cut into passages, kept, then given vectors.

A document can be found by its words as soon as it is kept; vectors follow, in batches, and may be interrupted at any
moment: what was kept stays, and the next run goes on where this one stopped. A file that cannot be read is listed with
its reason and never stops the others.
"""

import asyncio
import hashlib
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import Select, delete, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from tiwizi.errors import BadInput, Unreadable
from tiwizi.knowledge.cards import load_card
from tiwizi.knowledge.documents import Limits, Read, Reader
from tiwizi.knowledge.encoder import Encoder
from tiwizi.knowledge.passages import cut
from tiwizi.knowledge.remembered import digest_of, remembered
from tiwizi.language import search_keys, understand, understand_many
from tiwizi.store import Store, tables

BATCH = 16  # passages encoded between two commits: about two seconds of work
TITLE = 90  # characters of a title, and of a heading, that go before the words of a passage
NEWS = 16  # batches between two calls to look again: readers in memory load all vectors anew
ABOUT_THE_FOLDER = {"readme", "license", "licence", "notice", "changelog", "pack"}

State = Literal["kept", "unchanged", "unread"]


class Taken(msgspec.Struct, frozen=True):
    """What became of one file."""

    path: str
    state: State
    passages: int = 0
    reason: str = ""


def files_below(path: Path) -> list[Path]:
    """Return the files to take in: `path` itself, or all below it in order, hidden ones left out.

    Raises BadInput when there is nothing at `path`.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadInput(f"There is no file or folder at {path}.")
    return sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p.relative_to(path)))


async def take_in(
    store: Store, encoder: Encoder, paths: list[Path], limits: Limits, pack: Path | None = None
) -> AsyncIterator[Taken]:
    """Keep each file that is new or changed, and say what became of each, in order.

    A file is known again by its path; one of a pack by its path below the folder `pack`, wherever that is installed.
    """
    alone = len(paths) == 1
    with Reader(limits) as reader:
        for path in paths:
            key = f"{pack.name}:{path.relative_to(pack)}" if pack else str(path.resolve())
            try:
                if not alone and path.stem.lower() in ABOUT_THE_FOLDER:
                    raise Unreadable("it describes the folder; name it alone to take it in")
                yield await _take_one(store, encoder.name, path, key, reader)
            except Unreadable as error:
                await _list_unread(store, path, key, str(error))
                yield Taken(str(path), "unread", reason=str(error))


async def _take_one(store: Store, encoder: str, path: Path, key: str, reader: Reader) -> Taken:
    digest = await asyncio.to_thread(_digest, path)
    async with store.reading() as connection:
        known = await connection.scalar(select(tables.documents.c.digest).where(tables.documents.c.path == key))
    if known == digest:
        return Taken(str(path), "unchanged")
    if path.suffix == ".toml":
        document = await asyncio.to_thread(_card, path)
        rows: list[dict[str, object]] = []
    else:
        read = await asyncio.to_thread(reader.read, path)
        document, rows = await asyncio.to_thread(_document, read, encoder)
    document |= {"path": key, "name": path.name, "digest": digest, "added": time.time()}
    async with store.writing() as connection:
        await _replace(connection, document, rows)
    return Taken(str(path), "kept", passages=len(rows))


def _card(path: Path) -> dict[str, object]:
    card = load_card(path)
    title, tag = card.name_in("fr")
    source = path.read_text("utf-8")
    if any(text not in source for fact in card.facts for text in fact.texts.values()):
        raise Unreadable(f"{path.name}: a text must stand as people read it, for it is quoted: write it without \\")
    return {"kind": "card", "media_type": "application/toml", "title": title, "language": tag, "text": source}


def _document(read: Read, encoder: str) -> tuple[dict[str, object], list[dict[str, object]]]:
    passages = cut(read)
    texts = [read.text[p.start : p.end] for p in passages]
    languages = [guess.language for guess in understand_many([t[:600] for t in texts])]
    rows: list[dict[str, object]] = [
        msgspec.to_builtins(passage)
        | {
            "language": language,
            "meaning": digest_of(encoder, "passage", _encoded(read.title, passage.heading, body)),
            "words": _words(body, language),
            "about": _words(f"{read.title} {passage.heading}"),
        }
        for passage, body, language in zip(passages, texts, languages, strict=True)
    ]
    main = max(set(languages), key=languages.count) if languages else understand(read.text[:2_000]).language
    document: dict[str, object] = {
        "kind": "document",
        "media_type": read.media_type,
        "title": read.title,
        "language": main,
        "text": read.text,
    }
    return document, rows


async def _replace(connection: AsyncConnection, document: dict[str, object], rows: list[dict[str, object]]) -> None:
    await _forget(connection, str(document["path"]))
    await connection.execute(delete(tables.unread).where(tables.unread.c.path == document["path"]))
    kept = insert(tables.documents).values(document).returning(tables.documents.c.id)
    number = await connection.scalar(kept)
    first = (await connection.scalar(select(func.max(tables.passages.c.id))) or 0) + 1
    numbered = [row | {"id": first + i, "document": number} for i, row in enumerate(rows)]
    if numbered:
        await connection.execute(
            insert(tables.passages), [{k: v for k, v in row.items() if k not in {"words", "about"}} for row in numbered]
        )
        await connection.execute(
            text("INSERT INTO passage_words(rowid, words, about) VALUES (:id, :words, :about)"), numbered
        )
    await changed(connection)


async def _forget(connection: AsyncConnection, path: str) -> None:
    number = await connection.scalar(select(tables.documents.c.id).where(tables.documents.c.path == path))
    if number is None:
        return
    await connection.execute(
        text("DELETE FROM passage_words WHERE rowid IN (SELECT id FROM passages WHERE document = :number)"),
        {"number": number},
    )
    await connection.execute(delete(tables.documents).where(tables.documents.c.id == number))


async def _list_unread(store: Store, path: Path, key: str, reason: str) -> None:
    row = {"path": key, "name": path.name, "reason": reason, "seen": time.time()}
    async with store.writing() as connection:
        await connection.execute(
            upsert(tables.unread).values(row).on_conflict_do_update(index_elements=["path"], set_=row)
        )


async def changed(connection: AsyncConnection) -> None:
    """Tell every reader of the library, in this process and in others, that it changed."""
    row = upsert(tables.generations).values(subject="library", number=1)
    await connection.execute(
        row.on_conflict_do_update(index_elements=["subject"], set_={"number": tables.generations.c.number + 1})
    )


async def waiting_for_vectors(store: Store) -> int:
    """Return the number of passages that can be found by words but not yet by meaning."""
    async with store.reading() as connection:
        return await connection.scalar(_waiting(func.count())) or 0


async def add_vectors(store: Store, encoder: Encoder) -> AsyncIterator[int]:
    """Give vectors to the passages that wait for them; after each batch, kept on disk, say how many were done."""
    passages, documents = tables.passages, tables.documents
    body = func.substr(documents.c.text, passages.c.start + 1, passages.c.end - passages.c.start)
    query = _waiting(documents.c.title, passages.c.heading, body).order_by(passages.c.id).limit(BATCH)
    for batch in itertools.count(1):
        async with store.reading() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            return
        await remembered(store, encoder, "passage", [_encoded(*row) for row in rows])
        if batch % NEWS == 0 or len(rows) < BATCH:
            async with store.writing() as connection:
                await changed(connection)
        yield len(rows)


def _waiting(*columns: Any) -> Select[Any]:
    passages, vectors = tables.passages, tables.vectors
    joined = passages.join(tables.documents).outerjoin(vectors, passages.c.meaning == vectors.c.digest)
    return select(*columns).select_from(joined).where(vectors.c.digest.is_(None))


def _encoded(title: str, heading: str, body: str) -> str:
    """What the encoder is given: an article seldom names its own subject, its title does."""
    return f"{title[:TITLE]} {heading[:TITLE]} {body}"


def _words(body: str, language: str | None = None) -> str:
    return " ".join(search_keys(body, language))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}") from None


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def kinds(taken: list[Taken]) -> Iterator[tuple[State, int]]:
    """Count what became of the files: `("kept", 70)`, `("unread", 2)` …"""
    for state in ("kept", "unchanged", "unread"):
        yield state, sum(t.state == state for t in taken)
