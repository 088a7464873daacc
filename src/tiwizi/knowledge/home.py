"""Where passages live and how they are found there: what any home of them must do.

`SqliteHome` is the one that comes with Tiwizi. A home in another database is written against this page and passes the
same tests (`tests/knowledge/test_home.py`).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tiwizi.knowledge.encoder import Vectors

Numbers = NDArray[np.int64]  # (passages,)


class NewPassage(Struct, frozen=True, kw_only=True):
    """A passage on its way in: where it stands in its document, and what it is found by."""

    start: int
    end: int
    page: int | None
    article: str | None
    heading: str
    language: str
    meaning: str  # digest of what encoders are given: see `remembered.digest_of`
    words: str  # search keys of its own words, with spaces between
    about: str  # those of its document's title and its headings


class NewDocument(Struct, frozen=True, kw_only=True):
    """A document or card on its way in."""

    path: str  # it is known again by this, and replaces what had it before
    name: str
    digest: str  # SHA-256 of the file's bytes
    kind: str  # document | card
    media_type: str
    title: str
    language: str
    text: str
    added: float  # seconds since 1970


class Kept(Struct, frozen=True):
    """A document or card as it is kept; `id` is never given again to another one."""

    id: int
    name: str
    digest: str
    kind: str
    title: str
    language: str
    text: str


class KeptPassage(Struct, frozen=True):
    """A passage with its words and its document."""

    id: int
    document: int
    name: str  # of the document
    title: str  # of the document
    version: str  # SHA-256 of the document's bytes
    start: int
    end: int
    page: int | None
    article: str | None
    heading: str
    language: str
    text: str


class Unencoded(Struct, frozen=True):
    """What an encoder that has not met a passage is to be given."""

    digest: str
    text: str


class Home(Protocol):
    """A home of documents, passages and their vectors. Every call sees one moment of it, or changes it whole."""

    async def keep(self, document: NewDocument, passages: Sequence[NewPassage]) -> int:
        """Keep a document in the place of the one with its path; return its number."""
        ...

    async def keep_all(self, several: Sequence[tuple[NewDocument, Sequence[NewPassage]]]) -> list[int]:
        """Keep several documents, all or none of them: one change costs little more than one document's."""
        ...

    async def forget(self, paths: Sequence[str]) -> int:
        """Forget documents with all their passages; return how many there were."""
        ...

    async def document(self, number: int) -> Kept | None: ...

    async def cards(self) -> list[Kept]:
        """Return the cards by the names of their files."""
        ...

    async def passages_of(self, document: int) -> list[KeptPassage]:
        """Return the passages of a document in their order."""
        ...

    async def passages(self, numbers: Sequence[int]) -> dict[int, KeptPassage]:
        """Return those that are still there."""
        ...

    async def places(self, numbers: Sequence[int]) -> dict[int, tuple[int, str]]:
        """Return document and article ("" where there is none) of those that are still there."""
        ...

    async def by_words(self, keys: Sequence[str], about: float, most: int) -> dict[int, float]:
        """Return the BM25 score of the best passages that have any of the keys, a title's keys weighing `about`."""
        ...

    async def keys_of(self, numbers: Sequence[int]) -> dict[int, frozenset[str]]:
        """Return all keys by which passages are found, their titles' too."""
        ...

    async def of_article(self, article: str, most: int) -> set[int]:
        """Return passages of an article with this number, in whatever document."""
        ...

    async def by_meaning(self, encoder: str, questions: Vectors, most: int) -> tuple[Numbers, Vectors]:
        """Return the nearest passages of each question (centred, of unit length): numbers and cosines, (n,) and (n, q).

        All passages near to any of the questions are returned, each with its cosine to all of them.
        """
        ...

    async def cosines(self, encoder: str, questions: Vectors, numbers: Sequence[int]) -> Vectors:
        """Return the cosines of passages and questions, (numbers, questions); 0 where a passage has no vector yet."""
        ...

    async def waiting(self, encoder: str) -> int:
        """Return the number of passages without a vector of this encoder."""
        ...

    def unencoded(self, encoder: str, batch: int) -> AsyncIterator[list[Unencoded]]:
        """Yield what is to be encoded, in batches, until nothing waits; keep each before asking for the next."""
        ...

    async def keep_vectors(self, encoder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors (little-endian float16) under the digests of their texts."""
        ...

    async def vectors(self, encoder: str, digests: Sequence[str]) -> dict[str, bytes]:
        """Return the vectors that are there."""
        ...

    async def generation(self) -> int:
        """Return a number that grows when documents or cards come or go, in this process or another."""
        ...
