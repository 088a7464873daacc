"""What any home of passages must do. Another home is one more line in `HOMES`."""

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from tiwizi.knowledge.home import Home, NewDocument, NewPassage
from tiwizi.knowledge.remembered import digest_of, given
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.store import open_store

ENCODER = "test/3"
TEXTS = {
    "a.txt": ("La bibliothèque", ["Elle ouvre le lundi.", "Le prêt dure quinze jours."]),
    "b.txt": ("Le marché", ["Il ouvre le jeudi.", "Le stand coûte vingt dirhams."]),
}
HOMES: dict[str, Callable[[Path], Home]] = {"sqlite": lambda folder: SqliteHome(open_store(folder))}


@pytest.fixture(params=HOMES)
async def home(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Home]:
    made = HOMES[request.param](tmp_path)
    yield made
    if isinstance(made, SqliteHome):
        await made.store.close()


async def keep(home: Home, name: str, version: str = "1", texts: tuple[str, list[str]] | None = None) -> int:
    """Keep a document of a few passages, one article each; return its number."""
    title, bodies = texts or TEXTS[name]
    whole, passages = "", []
    for number, body in enumerate(bodies, start=1):
        start, whole = len(whole), whole + body + "\n"
        passages.append(
            NewPassage(
                start=start,
                end=start + len(body),
                page=number,
                article=str(number),
                heading="",
                language="fr",
                meaning=digest_of("passage", given(title, "", body)),
                words=" ".join(body.lower().strip(".").split()),
                about=title.lower(),
            )
        )
    document = NewDocument(
        path=f"/folder/{name}",
        name=name,
        digest=hashlib.sha256(version.encode()).hexdigest(),
        kind="document",
        media_type="text/plain",
        title=title,
        language="fr",
        text=whole,
        added=1.0,
    )
    return await home.keep(document, passages)


async def encode(home: Home, vectors: dict[str, list[float]]) -> None:
    """Give passages, by their first word but one, a vector."""
    async for batch in home.unencoded(ENCODER, 2):
        rows = {}
        for one in batch:
            vector = next((v for word, v in vectors.items() if word in one.text), [0.0, 0.0, 1.0])
            rows[one.digest] = np.array(vector, dtype=np.float16).tobytes()
        await home.keep_vectors(ENCODER, rows)


async def test_what_is_kept_comes_back_whole(home: Home) -> None:
    number = await keep(home, "a.txt")
    document = await home.document(number)
    assert document and (document.name, document.title) == ("a.txt", "La bibliothèque")
    first, second = await home.passages_of(number)
    assert (first.text, first.article, first.page) == ("Elle ouvre le lundi.", "1", 1)
    assert document.text[second.start : second.end] == second.text and second.version == document.digest
    assert await home.passages([second.id]) == {second.id: second}


async def test_a_second_version_replaces_the_first_and_no_number_is_given_again(home: Home) -> None:
    before = await home.generation()
    old = await keep(home, "a.txt")
    gone = {passage.id for passage in await home.passages_of(old)}
    new = await keep(home, "a.txt", "2", ("La bibliothèque", ["Elle ouvre le mardi."]))
    assert await home.document(old) is None or old == new
    assert await home.by_words(["lundi"], 0.3, 10) == {} and await home.by_words(["mardi"], 0.3, 10)
    assert len(await home.passages_of(new)) == 1 and not await home.passages(sorted(gone - await ids(home, new)))
    assert await home.generation() > before


async def ids(home: Home, document: int) -> set[int]:
    return {passage.id for passage in await home.passages_of(document)}


async def test_what_is_forgotten_is_found_no_more(home: Home) -> None:
    await keep(home, "a.txt")
    market = await keep(home, "b.txt")
    await encode(home, {"jeudi": [1, 0, 0]})
    assert await home.forget(["/folder/a.txt", "/folder/never"]) == 1
    assert set(await home.by_words(["ouvre"], 0.3, 10)) == {(await home.passages_of(market))[0].id}
    numbers, _ = await home.by_meaning(ENCODER, np.array([[0, 0, 1]], dtype=np.float32), 10)
    there = await home.passages(numbers.tolist())
    assert {kept.document for kept in there.values()} == {market}


async def test_rarer_words_weigh_more_and_a_title_weighs_as_it_is_told(home: Home) -> None:
    library, market = await keep(home, "a.txt"), await keep(home, "b.txt")
    found = await home.by_words(["ouvre", "jeudi"], 0.3, 10)
    assert max(found, key=lambda number: found[number]) == (await home.passages_of(market))[0].id
    assert await home.by_words(["jeudi"], 0.3, 10) and not await home.by_words(["samedi"], 0.3, 10)
    titled = await home.by_words(["bibliothèque"], 0.5, 10)
    assert set(titled) == await ids(home, library)
    assert max(titled.values()) > max((await home.by_words(["bibliothèque"], 0.1, 10)).values())
    assert len(await home.by_words(["le", "ouvre", "bibliothèque", "marché"], 0.3, 1)) == 1


@pytest.mark.parametrize("key", ['"', "a OR b", "NEAR(a)", "*", "é", "ⵜⵉⵡⵉⵣⵉ", "·x·", "-"])
async def test_no_key_is_a_query(home: Home, key: str) -> None:
    await keep(home, "a.txt")
    assert await home.by_words([key, "lundi"], 0.3, 10)


async def test_keys_and_articles_are_told(home: Home) -> None:
    library, market = await keep(home, "a.txt"), await keep(home, "b.txt")
    first = (await home.passages_of(library))[0]
    assert (await home.keys_of([first.id]))[first.id] == {"elle", "ouvre", "le", "lundi", "la", "bibliothèque"}
    seconds = {(await home.passages_of(number))[1].id for number in (library, market)}
    assert await home.places([first.id, 10**9]) == {first.id: (library, "1")}
    assert await home.of_article("2", 10) == seconds and len(await home.of_article("2", 1)) == 1


async def test_passages_wait_for_their_vectors_and_are_found_by_them(home: Home) -> None:
    library, market = await keep(home, "a.txt"), await keep(home, "b.txt")
    assert await home.waiting(ENCODER) == 4 and await home.waiting("another") == 4
    await encode(home, {"lundi": [1, 0, 0], "quinze": [0.3, 0, 0.9], "jeudi": [0, 1, 0]})
    assert await home.waiting(ENCODER) == 0 and await home.waiting("another") == 4
    question = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
    numbers, cosines = await home.by_meaning(ENCODER, question, 1)
    monday, thursday = (await home.passages_of(library))[0].id, (await home.passages_of(market))[0].id
    assert set(numbers.tolist()) == {monday, thursday} and cosines.shape == (2, 2)
    best = numbers[np.argmax(cosines, axis=0)].tolist()
    assert best == [monday, thursday]
    same = await home.cosines(ENCODER, question, [*numbers.tolist(), 10**9])
    assert np.allclose(same[:2], cosines) and not same[2].any()


async def test_a_text_met_before_needs_no_second_encoding(home: Home) -> None:
    await keep(home, "a.txt")
    await encode(home, {})
    await home.forget(["/folder/a.txt"])
    await keep(home, "a.txt")
    assert await home.waiting(ENCODER) == 0


async def test_vectors_come_back_by_digest(home: Home) -> None:
    vector = np.arange(3, dtype=np.float16).tobytes()
    await home.keep_vectors(ENCODER, {"x": vector})
    assert await home.vectors(ENCODER, ["x", "y"]) == {"x": vector}
    assert await home.vectors("another", ["x"]) == {}
    many = {f"n{number}": vector for number in range(1_000)}
    await home.keep_vectors(ENCODER, many)
    assert await home.vectors(ENCODER, list(many)) == many


async def test_nothing_in_an_empty_home_is_an_answer_too(home: Home) -> None:
    numbers, cosines = await home.by_meaning(ENCODER, np.ones((2, 3), dtype=np.float32), 5)
    assert len(numbers) == 0 and cosines.shape == (0, 2)
    assert await home.by_words(["x"], 0.3, 5) == {} and await home.document(1) is None and await home.cards() == []
