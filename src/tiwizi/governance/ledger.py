"""The ledger of an instance: each answer is an entry, each entry is in the tree, each receipt proves it.

Nothing is acknowledged before it is on the disk, and no root is signed before what it stands for is. Answers that
arrive while a commit is under way share the next one. Several processes may append to one ledger.

`asyncio` and the database are loaded by the first call, so that checking a receipt does not wait for them.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from tiwizi.errors import NotThere, Unverified
from tiwizi.governance import merkle
from tiwizi.governance.keys import Key, open_key
from tiwizi.governance.notes import Checkpoint, write_checkpoint
from tiwizi.governance.receipts import (
    Receipt,
    Record,
    answer_commitment,
    encode_record,
    question_commitment,
    quote_digests,
    receipt_number,
    spell_number,
)

if TYPE_CHECKING:
    import asyncio

    from tiwizi.store import Store

KEYS = "keys"  # folder of an instance


class Waiting(Struct, frozen=True):
    """A record on its way to the disk, and where its receipt is awaited."""

    record: Record
    leaf: bytes
    salt: bytes
    receipt: "asyncio.Future[Receipt]"


class Ledger:
    """The log of one instance. Made by `open_ledger`; used from one event loop at a time."""

    def __init__(self, store: "Store", key: Key) -> None:
        self._store = store
        self._key = key
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        """The verifier key to publish: `tiwizi verify --key` takes it."""
        return self._key.verifier

    async def append(
        self,
        *,
        question: str,
        answer: str,
        language: str,
        route: str,
        quotes: Sequence[str],
        model: str,
        model_digest: str,
        policy: str,
        milliseconds: int,
    ) -> Receipt:
        """Return the receipt of an answer, once its entry is on the disk. The words themselves are not kept.

        Raises Trouble when the database is at fault, Unverified when it was altered, NotUtf8 for half a surrogate pair.
        """
        import asyncio

        salt = secrets.token_bytes(32)
        record = Record(
            receipt=receipt_number(salt),
            time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            language=language,
            route=route,
            question=question_commitment(salt, question),
            answer=answer_commitment(salt, answer),
            passages=quote_digests(quotes),
            model=model,
            model_digest=model_digest,
            policy=policy,
            milliseconds=milliseconds,
        )
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(record, encode_record(record), salt, receipt))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await receipt

    async def receipt(self, number: str) -> Receipt:
        """Return a receipt again, as it was first given: same proof, same tree and, while the key stays, same bytes.

        Raises NotThere when there is none or its salt was destroyed, and Unverified, before signing anything, when the
        ledger no longer leads to the root it should. Takes time in proportion to the ledger's length.
        """
        import asyncio

        from tiwizi.governance import entries

        number = spell_number(number)
        async with self._store.reading() as connection:
            salt = await entries.salt_of(connection, number)
            entry = None if salt is None else await entries.entry_of(connection, number)
            if salt is None or entry is None:
                raise NotThere(kind="receipt", name=number, available="numbers given here, such as 7F3K-9QTM-4C2A-X0RD")
            tree = await entries.tree(connection)
            hashes = await entries.hashes(connection, merkle.size(tree))
        index, leaf = entry
        before, after = await asyncio.to_thread(_around, index, leaf, hashes, tree)
        return self._signed(_record(index, leaf), salt, before, after)

    async def audit(self) -> int:
        """Return how many entries the ledger has, after computing all of it again.

        Raises Unverified naming the first entry at fault: (1) one missing or too many, (2) a record that is not what
        was hashed, (3) not in its one form or (4) there twice, (5) a tree that they do not make, (6) a salt that opens
        nothing.
        """
        import asyncio

        from tiwizi.governance import entries

        seen: set[str] = set()
        peaks: merkle.Peaks = ()
        async with self._store.reading() as connection:
            salts = await entries.all_salts(connection)  # before the tree: then each salt has its entry in it
            tree = await entries.tree(connection)
            async for page in entries.pages(connection, merkle.size(tree)):
                peaks = await asyncio.to_thread(_audited, page, peaks, seen)
        _same_tree(peaks, tree)  # (5)
        for number, salt in salts.items():  # (6)
            if receipt_number(salt) != number or number not in seen:
                raise Unverified(f"The salt kept for receipt {number} does not belong to an entry: it was altered.")
        return len(seen)

    async def _write_all(self) -> None:
        import asyncio

        while self._waiting:
            batch = [waiting for waiting in self._waiting if not waiting.receipt.done()]  # done: nobody waits any more
            self._waiting = []
            if not batch:
                continue
            try:
                receipts = await self._write(batch)
            except asyncio.CancelledError:
                for waiting in batch:
                    waiting.receipt.cancel()
                raise
            except Exception as error:  # whatever it is belongs to those who wait, each of whom raises it
                for waiting in batch:
                    if not waiting.receipt.done():
                        waiting.receipt.set_exception(error)
            else:
                for waiting, receipt in zip(batch, receipts, strict=True):
                    if not waiting.receipt.done():
                        waiting.receipt.set_result(receipt)

    async def _write(self, batch: Sequence[Waiting]) -> list[Receipt]:
        from tiwizi.governance import entries

        hashes = [merkle.leaf_hash(waiting.leaf) for waiting in batch]
        leaves = [(waiting.leaf, hash) for waiting, hash in zip(batch, hashes, strict=True)]
        async with self._store.writing() as connection:
            trees = [await entries.tree(connection)]
            for leaf in hashes:
                trees.append(merkle.grow(trees[-1], leaf))
            await entries.add(connection, merkle.size(trees[0]), leaves, trees[-1])
            await entries.keep_salts(connection, {waiting.record.receipt: waiting.salt for waiting in batch})
        return [
            self._signed(waiting.record, waiting.salt, before, after)
            for waiting, before, after in zip(batch, trees, trees[1:], strict=False)
        ]

    def _signed(self, record: Record, salt: bytes, before: merkle.Peaks, after: merkle.Peaks) -> Receipt:
        size = merkle.size(after)
        return Receipt(
            record=record,
            salt=salt.hex(),
            index=size - 1,
            size=size,
            proof=tuple(sibling.hex() for sibling in merkle.newest_path(before)),
            checkpoint=self._key.sign(write_checkpoint(Checkpoint(self._key.name, size, merkle.root(after)))),
            key=self._key.verifier,
        )


def open_ledger(store: "Store", home: Path, origin: str) -> Ledger:
    """Return the ledger in `store`, with its key in `home`, made on first use.

    `origin`, the institution's name or address, names the log in everything it signs. Once the key is made its name
    stays, whatever `origin` is, so that one log never has two. Raises BadInput when it is empty, and Trouble when the
    key cannot be used.
    """
    return Ledger(store, open_key(home / KEYS, origin))


def _around(index: int, leaf: bytes, hashes: Sequence[bytes], tree: merkle.Peaks) -> tuple[merkle.Peaks, merkle.Peaks]:
    """The tree just before entry `index` and just after, if all the hashes still lead to `tree`."""
    peaks: merkle.Peaks = ()
    for number, hash in enumerate(hashes):
        if number == index:
            before = peaks
        peaks = merkle.grow(peaks, hash)
    _same_tree(peaks, tree)
    if merkle.leaf_hash(leaf) != hashes[index]:
        raise Unverified(f"Entry {index} of the ledger was altered: its record is not what was hashed.")
    return before, merkle.grow(before, hashes[index])


def _audited(page: Sequence[tuple[int, bytes, bytes]], peaks: merkle.Peaks, seen: set[str]) -> merkle.Peaks:
    """The tree grown by a page of entries, each checked; `seen` gains their receipts."""
    for number, leaf, hash in page:
        if number < len(seen):
            raise Unverified(f"Entry {number} of the ledger is one too many: Tiwizi did not write it.")
        if number != len(seen):  # (1)
            raise Unverified(f"Entry {len(seen)} of the ledger is missing.")
        if merkle.leaf_hash(leaf) != hash:  # (2)
            raise Unverified(f"Entry {number} of the ledger was altered: its record is not what was hashed.")
        receipt = _record(number, leaf).receipt  # (3)
        if receipt in seen:  # (4)
            raise Unverified(f"Entry {number} of the ledger has receipt {receipt}, as an earlier one does.")
        seen.add(receipt)
        peaks = merkle.grow(peaks, hash)
    return peaks


def _record(number: int, leaf: bytes) -> Record:
    try:
        record = msgspec.json.decode(leaf, type=Record)
    except (msgspec.DecodeError, UnicodeDecodeError):
        record = None
    if record is None or encode_record(record) != leaf:
        raise Unverified(f"Entry {number} of the ledger is not a record as Tiwizi writes it.")
    return record


def _same_tree(peaks: merkle.Peaks, tree: merkle.Peaks) -> None:
    start = 0
    for (level, hash), (kept_level, kept) in zip(peaks, tree, strict=False):
        if (level, hash) != (kept_level, kept):
            last = start + 2**kept_level - 1
            named = f"Entry {start}" if start == last else f"One of the entries {start} to {last}"
            raise Unverified(f"{named} of the ledger was altered: the tree that was kept is another.")
        start += 2**level
    if len(peaks) != len(tree):
        raise Unverified(f"Entry {start} of the ledger is missing.")
