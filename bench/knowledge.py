"""Taking documents in and finding them again: passages a second, and the time of a search among a hundred thousand.

    make bench            (or: python bench/knowledge.py [--passages N] [--quick])

Each figure stands beside a bound measured in the same run: what cannot be avoided whoever does it. Documents are made
up from the words of the sample documents; where TIWIZI_DATA names them, the official texts are taken in too. Ratios
travel between machines; times do not.

    ingestion     files to passages that are found by their words, per core; its bound: the same files read and split
                  into words by a pattern
    meaning       passages encoded and kept; its bound: the encoder alone, on the same passages
    search        whole searches, one core; its bound: both encoders on the same questions, and one exact product of
                  a question with all vectors. Beside it: exact search by NumPy over as many vectors, and BM25 by bm25s
                  over as many texts, where `make bench` installed it
"""

import argparse
import asyncio
import importlib.util
import json
import os
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import select

from tiwizi.assistant import limits
from tiwizi.knowledge import E5, Encoder, Library, add_vectors, files_below, take_in
from tiwizi.knowledge.home import Unencoded
from tiwizi.settings import Settings
from tiwizi.store import open_store, tables

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests/questions"
LIMITS = limits(Settings())
WORD = re.compile(r"\w+")
IN_ONE_FILE = 100  # passages, roughly
ENCODED = 256  # passages given to an encoder: what is fetched at once


async def main() -> None:
    """Print everything."""
    chosen = argparse.ArgumentParser(description=__doc__)
    chosen.add_argument("--passages", type=int, default=100_000)
    chosen.add_argument("--quick", action="store_true", help="a tenth of the passages")
    options = chosen.parse_args()
    count = options.passages // 10 if options.quick else options.passages
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        library = Library(open_store(home), E5())
        files = list(made_up(Path(folder) / "files", count))
        await ingestion(library, files)
        await meaning(library)
        await pretend_encoded(library)
        await library.home.store.close()
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        library = Library(open_store(home), E5())  # loads its models for one core
        await search(library)
        await library.home.store.close()
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    if os.environ.get("TIWIZI_DATA"):
        await official_texts(Path(os.environ["TIWIZI_DATA"]) / "official-texts")


def made_up(folder: Path, passages: int) -> Iterator[Path]:
    """Files of sentences made from the words of the sample documents, as rare and as common as there."""
    folder.mkdir()
    chance = random.Random(1)
    texts = [path.read_text("utf-8") for path in sorted((QUESTIONS / "documents").iterdir()) if path.is_file()]
    languages = [
        [w for text in texts if ("\u0627" in text) == arabic for w in text.split()] for arabic in (False, True)
    ]
    for number in range(passages // IN_ONE_FILE):
        words = languages[number % 2]
        # rare words of its own: a collection is not one text again and again
        own = ["".join(chance.choices("abcdefghiklmnoprstu", k=7)) for _ in range(60)]
        path = folder / f"text-{number:05}.txt"
        with path.open("w", encoding="utf-8") as file:
            for article in range(1, IN_ONE_FILE + 1):
                body = chance.choices(words, k=90) + chance.choices(own, k=6)
                chance.shuffle(body)
                file.write(f"Article {article}\n{' '.join(body)}.\n\n")
        yield path


async def ingestion(library: Library, files: list[Path]) -> None:
    """Files to passages."""
    size = sum(path.stat().st_size for path in files)
    bound = timed(lambda: [WORD.findall(path.read_text("utf-8")) for path in files])
    before, started = cpu_seconds(), time.perf_counter()
    async for _ in take_in(library.home, files, LIMITS):
        pass
    took, worked = time.perf_counter() - started, cpu_seconds() - before
    async with library.home.store.reading() as connection:
        passages = len((await connection.execute(select(tables.passages.c.id))).all())
    print(f"ingestion: {len(files)} files, {passages} passages, {size / 1e6:.0f} MB")
    print(f"  {passages / took:,.0f} passages a second on {os.cpu_count()} cores, {passages / worked:,.0f} for each")
    print(f"  second of a core; the bound takes {bound / worked:.3f} of that")


async def meaning(library: Library) -> None:
    """Passages to vectors, by each encoder."""
    for encoder in library.encoders:
        batch = [one async for one in some(library, encoder)][:ENCODED]
        texts = [one.text for one in batch]
        encoder.passages(texts[:2])
        alone = timed(lambda encoder=encoder, texts=texts: in_batches(encoder, texts))
        started = time.perf_counter()
        done = 0
        async for count in add_vectors(library.home, [encoder]):
            done += count
            if done >= ENCODED:
                break
        kept = (time.perf_counter() - started) / max(1, done)
        share = alone / len(texts) / kept
        print(f"meaning by {encoder.name}: {1 / kept:,.1f} passages a second, {share:.2f} of its own rate")


def in_batches(encoder: Encoder, texts: Sequence[str]) -> None:
    """The encoder alone, sixteen texts at a time, those of a length together."""
    ordered = sorted(texts, key=len)
    for first in range(0, len(ordered), 16):
        encoder.passages(ordered[first : first + 16])


async def some(library: Library, encoder: Encoder):  # type: ignore[no-untyped-def]
    """The first passages that wait for an encoder."""
    async for batch in library.home.unencoded(encoder.name, ENCODED):
        for one in batch:
            yield one
        return


async def search(library: Library) -> None:
    """Whole searches beside their bound, on one core."""
    await library.ready()
    rows = [json.loads(line) for line in (QUESTIONS / "documents.jsonl").read_text("utf-8").splitlines()]
    asked = [(row["text"], row["tag"]) for row in random.Random(2).sample(rows, 120)]
    for text, tag in asked[:10]:
        await library.search(text, tag)
    times = [await timed_async(lambda text=text, tag=tag: library.search(text, tag)) for text, tag in asked]
    vectors = np.random.default_rng(1).normal(size=(100_000, library.encoder.dimension)).astype(np.float32)
    question = vectors[0].copy()
    product = statistics.median(timed(lambda: vectors @ question) for _ in range(9))
    encoders = [[timed(lambda e=e, text=text: e.questions([text])) for e in library.encoders] for text, _ in asked]
    bound = [sum(both) + product for both in encoders]
    print(f"search among {len(vectors)} passages, one core: median {ms(times, 50)}, 95 of 100 within {ms(times, 95)}")
    print(f"  bound (both encoders and one exact product): {ms(bound, 50)}, {ms(bound, 95)}; of which encoding")
    print(f"  {ms([sum(both) for both in encoders], 50)}, {ms([sum(both) for both in encoders], 95)}")
    print(f"  ratio of the medians {statistics.median(times) / statistics.median(bound):.2f}")
    peers(vectors)


async def pretend_encoded(library: Library) -> None:
    """Give all passages vectors in clusters: real ones would take hours, and take no longer to search."""
    chance = np.random.default_rng(3)
    for encoder in library.encoders:
        middles = chance.normal(size=(500, encoder.dimension))
        async for batch in library.home.unencoded(encoder.name, 5_000):
            rows = middles[chance.integers(500, size=len(batch))] + 0.5 * chance.normal(
                size=(len(batch), encoder.dimension)
            )
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            kept = rows.astype(np.float16)
            await library.home.keep_vectors(encoder.name, named(batch, kept))


def named(batch: Sequence[Unencoded], rows: np.ndarray) -> dict[str, bytes]:  # type: ignore[type-arg]
    """Vectors under their digests."""
    return {one.digest: row.tobytes() for one, row in zip(batch, rows, strict=True)}


def peers(vectors: np.ndarray) -> None:  # type: ignore[type-arg]
    """Others over as many vectors and texts."""
    questions = vectors[:50] + 0.1
    exact = [timed(lambda q=q: np.argpartition(-(vectors @ q), 80)[:80]) for q in questions]
    print(f"  exact search by NumPy: {ms(exact, 50)}, {ms(exact, 95)}")
    if importlib.util.find_spec("bm25s"):
        import bm25s

        chance = random.Random(4)
        words = [f"w{number}" for number in range(20_000)]
        weights = [1 / (number + 1) for number in range(20_000)]
        texts = [chance.choices(words, weights, k=90) for _ in range(len(vectors))]
        index = bm25s.BM25()
        index.index(texts, show_progress=False)
        asked = [chance.choices(words, weights, k=8) for _ in range(50)]
        times = [timed(lambda q=q: index.retrieve([q], k=80, show_progress=False)) for q in asked]
        print(f"  BM25 by bm25s: {ms(times, 50)}, {ms(times, 95)}")


async def official_texts(folder: Path) -> None:
    """The collection that the figures on articles are about."""
    with tempfile.TemporaryDirectory() as home:
        library = Library(open_store(Path(home)), E5())
        files = files_below(folder)
        started = time.perf_counter()
        kept = [taken async for taken in take_in(library.home, files, LIMITS)]
        took = time.perf_counter() - started
        passages = sum(taken.passages for taken in kept)
        print(f"official texts: {len(files)} files, {passages} passages, searchable after {took:.1f} s")
        await library.home.store.close()


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


async def timed_async(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def ms(times: Sequence[float], percent: int) -> str:
    """A percentile in milliseconds."""
    return f"{1e3 * float(np.percentile(times, percent)):.1f} ms"


def cpu_seconds() -> float:
    """Seconds that all cores have worked for this process and those it started, once they ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("This bench keeps itself to one core, which only Linux allows.")
    asyncio.run(main())
