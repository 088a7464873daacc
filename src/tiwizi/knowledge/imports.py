"""The list of everything that was handed in, and what became of it: all SQL on the table `imports`.

A row goes `waiting → reading → searchable → complete`, or `failed` with its reason. Every change is one short
transaction, so a process may be killed at any moment: what it left in `reading` waits again.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Select, Update, and_, bindparam, case, delete, func, literal_column, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.elements import ColumnElement

from tiwizi.store import Store, tables

AT_ONCE = 400  # values asked of the database in one statement
PACK = "pack:"  # source of what an installed pack looks after: installing it reads it, not the worker
# A file found in `reading` that often ended its process at each of them: once among others, twice by itself.
MOST_TRIES = 3
INSIDE = "!/"  # stands in a path between a file and what is inside it

State = Literal["waiting", "reading", "searchable", "complete", "failed"]
STATES: tuple[State, ...] = ("waiting", "reading", "searchable", "complete", "failed")
DONE = ("searchable", "complete")

imports, documents, passages, vectors = tables.imports, tables.documents, tables.passages, tables.vectors


class Handed(Struct, frozen=True):
    """A file as it is handed in; `source` is what a sync looks after, empty when a person named the file itself."""

    path: str
    name: str
    source: str = ""
    digest: str = ""
    state: State = "waiting"
    reason: str = ""


class Import(Struct, frozen=True, kw_only=True):
    """One row, and the document it led to, if any."""

    path: str
    name: str
    source: str
    state: State
    reason: str
    digest: str
    tries: int
    asked: float
    kept: str = ""  # digest of the document that can be found under this path
    added: float = 0.0  # when that was read
    passages: int = 0  # of it


class Listed(Struct, frozen=True, kw_only=True):
    """What a person is shown of one row."""

    path: str
    name: str
    state: State
    reason: str
    passages: int
    document: int | None
    kind: str
    title: str
    language: str


class Settled(Struct, frozen=True):
    """What became of a row that was read."""

    path: str
    state: State
    reason: str
    digest: str


class Imports:
    """The list of one instance."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # handing in

    async def known(self, paths: Sequence[str]) -> dict[str, Import]:
        """Return the rows that are there for these paths."""
        found: dict[str, Import] = {}
        async with self.store.reading() as connection:
            for some in _slices(paths):
                rows = await connection.execute(_rows().where(imports.c.path.in_(some)))
                found |= {row.path: _import(row) for row in rows}
        return found

    async def hand_in(self, handed: Sequence[Handed], stamp: float) -> None:
        """List files as waiting (or failed, where their row says so), whatever they were before.

        What a person named stays a person's; what another source looks after stays with that one. One whose reading
        was begun and not ended stays under suspicion.
        """
        now = time.time()
        rows = [
            {"path": one.path, "name": one.name, "source": one.source, "state": one.state, "reason": one.reason}
            | {"digest": one.digest, "tries": 0, "asked": stamp, "changed": now}
            for one in handed
        ]
        if not rows:
            return
        row = upsert(imports)
        new = row.excluded
        takes_over = or_(new.source == "", new.source.startswith(PACK))
        kept = case((takes_over, new.source), else_=imports.c.source)
        unfinished = or_(imports.c.state == "waiting", imports.c.state == "reading")
        tries = case((unfinished, imports.c.tries), else_=0)
        changes = {name: new[name] for name in ("name", "state", "reason", "digest", "asked", "changed")}
        async with self.store.writing() as connection:
            await connection.execute(
                row.on_conflict_do_update(index_elements=["path"], set_={**changes, "source": kept, "tries": tries}),
                rows,
            )

    async def seen(self, paths: Sequence[str], stamp: float, *, named: bool) -> None:
        """Note that these, and what lies inside them, were handed in again and need no reading.

        With `named`, a person named each of them.
        """
        if not paths:
            return
        changes: dict[str, Any] = {"asked": stamp, **({"source": ""} if named else {})}
        outer = imports.alias()
        before = select(outer.c.asked).where(outer.c.path == bindparam("of")).scalar_subquery()
        # what was no longer inside the last time, and not removed since, is still not there
        inside = _inside_of_each().where(imports.c.asked >= before)
        rows = [_inside_of(path, stamp) | {"of": path} for path in paths]
        async with self.store.writing() as connection:
            await connection.execute(inside, rows)
            for some in _slices(paths):
                await connection.execute(update(imports).where(imports.c.path.in_(some)).values(changes))

    async def still_inside(self, paths: Sequence[tuple[str, float]]) -> None:
        """Treat what lies inside these files as handed in with them, each with its stamp."""
        if not paths:
            return
        async with self.store.writing() as connection:
            await connection.execute(_inside_of_each(), [_inside_of(path, stamp) for path, stamp in paths])

    async def seen_below(self, folder: str, stamp: float) -> None:
        """Treat all that lies in a folder as still there, because the folder cannot be looked into."""
        async with self.store.writing() as connection:
            await connection.execute(update(imports).where(_below(folder + "/")).values(asked=stamp))

    # the worker's steps

    async def recover(self, pack: str) -> list[Import]:
        """Let what a killed worker left in `reading` wait again; return what failed because it kills every worker."""
        mine = and_(imports.c.state == "reading", _of(pack))
        unread = imports.c.state.in_(("reading", "waiting"))  # waiting: it was handed in again since
        lethal = and_(unread, imports.c.tries >= MOST_TRIES, _of(pack))
        async with self.store.writing() as connection:
            failing = [_import(row) for row in await connection.execute(_rows().where(lethal))]
            reason = "reading it ended the whole process twice; it stays out until it is retried"
            changes = {"state": "failed", "reason": reason, "changed": time.time()}
            await connection.execute(update(imports).where(lethal).values(changes))
            await connection.execute(update(imports).where(mine).values(state="waiting", changed=time.time()))
        return failing

    async def begin(self, pack: str, most: int, *, suspects: bool) -> list[Import]:
        """Return the next rows to read, now `reading`; `suspects` are those that a worker did not survive once."""
        chance = imports.c.tries > 0 if suspects else imports.c.tries == 0
        waiting = and_(imports.c.state == "waiting", _of(pack), chance)
        query = _rows().where(waiting).order_by(literal_column("imports.rowid")).limit(most)
        async with self.store.reading() as connection:
            if (await connection.execute(query.limit(1))).first() is None:
                return []  # nothing is written, so nobody waits, when nothing is to be done
        async with self.store.writing() as connection:
            rows = [_import(row) for row in await connection.execute(query)]
            changes = {"state": "reading", "tries": imports.c.tries + 1, "changed": time.time()}
            await connection.execute(
                update(imports).where(imports.c.path.in_([row.path for row in rows])).values(changes)
            )
        return rows

    async def settle(self, settled: Sequence[Settled], found: Sequence[tuple[Handed, float]] = ()) -> list[str]:
        """Write down what became of rows that were read, and list the files found inside them.

        Returns the paths that a person removed meanwhile: they stay removed.
        """
        now = time.time()
        # one that was handed in again meanwhile is no longer `reading`: it waits again
        change = (
            update(imports)
            .where(imports.c.path == bindparam("of"), imports.c.state == "reading")
            .values({name: bindparam(f"new_{name}") for name in ("state", "reason", "digest")} | {"changed": now})
        )
        rows = [
            {"of": one.path, "new_state": one.state, "new_reason": one.reason, "new_digest": one.digest}
            for one in settled
        ]
        paths = [one.path for one in settled]
        there: set[str] = set()
        async with self.store.writing() as connection:
            if rows:
                await connection.execute(change, rows)
            for some in _slices(paths):
                there |= set(await connection.scalars(select(imports.c.path).where(imports.c.path.in_(some))))
        by_stamp: dict[float, list[Handed]] = {}
        for handed, stamp in found:
            by_stamp.setdefault(stamp, []).append(handed)
        for stamp, handed_in in by_stamp.items():
            await self.hand_in(handed_in, stamp)
        return [path for path in paths if path not in there]

    async def put_back(self, paths: Sequence[str]) -> None:
        """Undo `begin` for rows that an orderly end left unread."""
        changes = {"state": "waiting", "tries": imports.c.tries - 1}
        async with self.store.writing() as connection:
            for some in _slices(paths):
                mine = and_(imports.c.path.in_(some), imports.c.state == "reading")
                await connection.execute(update(imports).where(mine).values(changes))

    async def digests(self) -> dict[str, str]:
        """Return a path of each document that can be found, by the digest of its bytes."""
        async with self.store.reading() as connection:
            rows = await connection.execute(select(documents.c.digest, documents.c.path))
            return {digest: path for digest, path in rows}

    async def wake_copies(self) -> int:
        """Let the copies of documents that are gone wait to be read themselves; return how many there are."""
        other = documents.alias()
        without = and_(
            imports.c.state.in_(DONE),
            imports.c.digest != "",
            imports.c.reason.startswith(COPY),
            ~select(other.c.id).where(other.c.digest == imports.c.digest).exists(),
        )
        async with self.store.reading() as connection:
            if (await connection.execute(select(imports.c.path).where(without).limit(1))).first() is None:
                return 0
        async with self.store.writing() as connection:
            changes = {"state": "waiting", "tries": 0, "reason": "", "changed": time.time()}
            return (await connection.execute(update(imports).where(without).values(changes))).rowcount

    async def note_meaning(self, encoder: str) -> None:
        """Bring `searchable` and `complete` up to date with the vectors that are there."""
        lacking = (
            select(passages.c.id)
            .select_from(
                documents.join(passages).outerjoin(
                    vectors, and_(vectors.c.digest == passages.c.meaning, vectors.c.encoder == encoder)
                )
            )
            .where(documents.c.path == imports.c.path, vectors.c.digest.is_(None))
            .exists()
        )
        for state, wanted, new in (("searchable", ~lacking, "complete"), ("complete", lacking, "searchable")):
            async with self.store.reading() as connection:  # the long look is taken where nobody waits for it
                rows = await connection.scalars(select(imports.c.path).where(imports.c.state == state, wanted))
                paths = rows.all()
            async with self.store.writing() as connection:
                for some in _slices(paths):
                    mine = and_(imports.c.path.in_(some), imports.c.state == state)
                    await connection.execute(update(imports).where(mine).values(state=new, changed=time.time()))

    # looking

    async def counts(self) -> dict[State, int]:
        """Return how many rows are in each state."""
        query = select(imports.c.state, func.count()).group_by(imports.c.state)
        async with self.store.reading() as connection:
            found = {state: count for state, count in await connection.execute(query)}
        return {state: found.get(state, 0) for state in STATES}

    async def unread(self, pack: str = "") -> bool:
        """Return whether something waits for the worker or is being read."""
        query = select(imports.c.path).where(imports.c.state.in_(("waiting", "reading")), _of(pack)).limit(1)
        async with self.store.reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def of_run(self, stamp: float, since: float = 0.0) -> list[Import]:
        """Return what was handed in with this stamp or later, and changed after `since`."""
        count = select(func.count()).where(passages.c.document == documents.c.id).scalar_subquery()
        query = _rows(count.label("passages")).where(imports.c.asked >= stamp, imports.c.changed >= since)
        async with self.store.reading() as connection:
            return [_import(row) for row in await connection.execute(query)]

    async def listed(
        self, states: Sequence[State] = STATES, first: int = 0, most: int | None = None, kind: str = ""
    ) -> list[Listed]:
        """Return what is in these states: what is under way first, then what failed, then the rest by title."""
        count = select(func.count()).where(passages.c.document == documents.c.id).scalar_subquery()
        order = case({"reading": 0, "waiting": 1, "failed": 2}, value=imports.c.state, else_=3)
        query = (
            select(
                imports.c.path,
                imports.c.name,
                imports.c.state,
                imports.c.reason,
                documents.c.id,
                documents.c.kind,
                documents.c.title,
                documents.c.language,
                count,
            )
            .select_from(imports.outerjoin(documents, documents.c.path == imports.c.path))
            .where(imports.c.state.in_(states))
            .order_by(order, func.coalesce(documents.c.title, imports.c.name), imports.c.path)
            .offset(first)
            .limit(most)
        )
        if kind:
            query = query.where(documents.c.kind == kind)
        async with self.store.reading() as connection:
            return [
                Listed(
                    path=path,
                    name=name,
                    state=state,
                    reason=reason,
                    passages=passages,
                    document=number,
                    kind=kind or "",
                    title=title or "",
                    language=language or "",
                )
                for path, name, state, reason, number, kind, title, language, passages in await connection.execute(
                    query
                )
            ]

    async def looked_after_by(self, source: str) -> list[Import]:
        """Return all that a folder, archive or site looks after."""
        query = _rows().where(imports.c.source == source)
        async with self.store.reading() as connection:
            return [_import(row) for row in await connection.execute(query)]

    async def gone(self, source: str, stamp: float) -> list[Import]:
        """Return what a source looked after before the run `stamp` and that this run did not find there."""
        query = _rows().where(imports.c.source == source, imports.c.asked < stamp).order_by(imports.c.path)
        async with self.store.reading() as connection:
            return [_import(row) for row in await connection.execute(query)]

    async def below(self, path: str) -> list[Import]:
        """Return the row of a path and of all that lies in it or is looked after by it."""
        mine = or_(imports.c.path == path, imports.c.source == path, _below(path + INSIDE), _below(path + "/"))
        async with self.store.reading() as connection:
            return [_import(row) for row in await connection.execute(_rows().where(mine).order_by(imports.c.path))]

    # on request

    async def retry(self, stamp: float, paths: Sequence[str] | None = None) -> list[str]:
        """Let what failed wait again, all of it without `paths` but what was left out by rule; return what that is."""
        changes = {"state": "waiting", "tries": 0, "reason": "", "asked": stamp, "changed": stamp}
        failed = and_(imports.c.state == "failed", _of(""))
        async with self.store.writing() as connection:
            rows = (await connection.execute(select(imports.c.path, imports.c.reason).where(failed))).all()
            wanted = set(paths or ())
            chosen = [path for path, why in rows if (why not in (ABOUT, NOT_UTF8) if paths is None else path in wanted)]
            for some in _slices(chosen):
                await connection.execute(update(imports).where(imports.c.path.in_(some)).values(changes))
        return chosen

    async def remove(self, paths: Sequence[str]) -> None:
        """Take rows off the list; their documents are the home's to forget."""
        async with self.store.writing() as connection:
            for some in _slices(paths):
                await connection.execute(delete(imports).where(imports.c.path.in_(some)))


ABOUT = "it describes the folder; name it alone to take it in"
NOT_UTF8 = "its name is not UTF-8; give it another name"
COPY = "the same file as "  # how the reason begins of a copy, which is found under the other's name


def _rows(passages: ColumnElement[int] = literal_column("0").label("passages")) -> Select[Any]:  # noqa: B008
    columns = (imports, documents.c.digest.label("kept"), documents.c.added, passages)
    return select(*columns).select_from(imports.outerjoin(documents, documents.c.path == imports.c.path))


def _import(row: Any) -> Import:
    return Import(
        path=row.path,
        name=row.name,
        source=row.source,
        state=row.state,
        reason=row.reason,
        digest=row.digest,
        tries=row.tries,
        asked=row.asked,
        kept=row.kept or "",
        added=row.added or 0.0,
        passages=row.passages,
    )


def _of(pack: str) -> ColumnElement[bool]:
    return imports.c.source == PACK + pack if pack else ~imports.c.source.startswith(PACK)


def _below(beginning: str) -> ColumnElement[bool]:
    # a range, which the index of paths answers, where LIKE would need every sign escaped
    return and_(imports.c.path >= beginning, imports.c.path < _after(beginning))


def _after(beginning: str) -> str:
    """The first text, in the database's order, that no longer begins so."""
    return beginning[:-1] + chr(ord(beginning[-1]) + 1)


def _inside_of_each() -> Update:
    inside = and_(imports.c.path >= bindparam("first"), imports.c.path < bindparam("after"))
    return update(imports).where(inside).values(asked=bindparam("stamp"))


def _inside_of(path: str, stamp: float) -> dict[str, Any]:
    return {"first": path + INSIDE, "after": path + _after(INSIDE), "stamp": stamp}


def _slices(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[first : first + AT_ONCE] for first in range(0, len(values), AT_ONCE))
