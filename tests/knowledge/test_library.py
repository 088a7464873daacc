"""Finding across languages and letters, on real vectors; and being told when the library changed."""

import asyncio
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tiwizi.knowledge import (
    E5,
    Library,
    Limits,
    Taken,
    add_vectors,
    files_below,
    install_starter,
    load_card,
    take_in,
    waiting_for_vectors,
)
from tiwizi.knowledge.asked import Asked
from tiwizi.knowledge.encoder import Vectors, centred
from tiwizi.knowledge.matching import CardMatcher
from tiwizi.knowledge.phrase_keys import FILE, Phrases, keys_of, phrase_keys
from tiwizi.knowledge.terms import need_of, official_terms, told_phrases, topics_elsewhere
from tiwizi.language import search_keys
from tiwizi.store import Store, open_store

LIMITS = Limits(max_bytes=10**7, max_unpacked_bytes=10**8, max_pages=100, seconds=20, memory=10**9)
CARDS = Path(__file__).parents[2] / "src/tiwizi/packs/starter/cards"
LAW = """القانون المتعلق بالمكتبات العمومية

المادة 1
تفتح المكتبة العمومية أبوابها من الاثنين إلى الجمعة، وتغلق يوم الأحد.

المادة 2
لا يمكن للقارئ أن يستعير أكثر من ثلاثة كتب في المرة الواحدة لمدة خمسة عشر يوما.
"""


class Counting(E5):
    """The encoder, remembering what it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def questions(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return super().questions(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return super().passages(texts)


async def take(store: Store, path: Path, encoder: E5) -> list[Taken]:
    home = Library(store, encoder).home
    taken = [t async for t in take_in(home, files_below(path), LIMITS)]
    async for _ in add_vectors(home, [encoder]):
        pass
    return taken


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("كم كتابا يمكن أن يستعير القارئ؟", "ar"),
        ("Combien de livres un lecteur peut-il emprunter ?", "fr"),
        ("شحال من كتاب يقدر القارئ يستعير؟", "ary-Arab"),
        ("How many books may a reader borrow?", "en"),
    ],
)
async def test_an_arabic_article_is_found_from_other_languages(tmp_path: Path, question: str, language: str) -> None:
    (tmp_path / "law.txt").write_text(LAW)
    store, encoder = open_store(tmp_path / "home"), E5()
    await take(store, tmp_path / "law.txt", encoder)
    first = (await Library(store, encoder).search(question, language)).passages[0]
    assert (first.document, first.article) == ("law.txt", "2") and LAW[first.start : first.end] == first.text
    await store.close()


async def test_words_are_found_before_the_vectors_are_there(tmp_path: Path) -> None:
    (tmp_path / "law.txt").write_text(LAW)
    store, encoder = open_store(tmp_path / "home"), E5()
    library = Library(store, encoder)
    home = library.home
    assert [t.state async for t in take_in(home, files_below(tmp_path / "law.txt"), LIMITS)] == ["kept"]
    assert await waiting_for_vectors(home, encoder) == 3
    assert {p.article for p in (await library.search("المكتبة العمومية", "ar")).passages} == {None, "1", "2"}
    assert [done async for done in add_vectors(home, [encoder])] == [3]
    assert all(p.signals["meaning"] for p in (await library.search("المكتبة العمومية", "ar")).passages)
    await store.close()


async def test_a_library_sees_what_another_process_added(tmp_path: Path) -> None:
    store, other, encoder = open_store(tmp_path / "home"), open_store(tmp_path / "home"), E5()
    library = Library(store, encoder)
    assert (await library.search("المكتبة", "ar")).passages == ()
    (tmp_path / "law.txt").write_text(LAW)
    await take(other, tmp_path / "law.txt", encoder)
    assert (await library.search("المكتبة", "ar")).passages
    await store.close()
    await other.close()


async def test_many_may_search_at_once(tmp_path: Path) -> None:
    (tmp_path / "law.txt").write_text(LAW)
    store, encoder = open_store(tmp_path / "home"), E5()
    await take(store, tmp_path / "law.txt", encoder)
    library = Library(store, encoder)
    found = await asyncio.gather(*(library.search("متى تفتح المكتبة؟", "ar") for _ in range(20)))
    assert len({evidence.passages[0].id for evidence in found}) == 1
    await store.close()


@pytest.mark.parametrize("text", ["", " ", "؟؟؟", '"OR" NEAR(a b) *', "a\0b", "\ud800", "[CIN_1]", "x" * 4_000])
async def test_nothing_that_people_type_breaks_a_search(tmp_path: Path, text: str) -> None:
    (tmp_path / "law.txt").write_text(LAW)
    store, encoder = open_store(tmp_path / "home"), E5()
    await take(store, tmp_path / "law.txt", encoder)
    await Library(store, encoder).search(text, "und")
    await store.close()


async def test_a_card_whose_text_cannot_be_quoted_is_listed_as_unread(tmp_path: Path) -> None:
    source = (CARDS / "passport-adult.toml").read_text("utf-8").replace('fr = "', 'fr = "\\u0041', 9)
    (tmp_path / "passport-adult.toml").write_text(source)
    store = open_store(tmp_path / "home")
    (taken,) = await take(store, tmp_path / "passport-adult.toml", E5())
    assert taken.state == "unread" and "quoted" in taken.reason
    await store.close()


async def test_the_pack_brings_the_vectors_of_all_its_texts(tmp_path: Path) -> None:
    """When this fails, the pack changed: run `python training/pack.py`."""
    store = open_store(tmp_path)
    counted = Counting()
    library = Library(store, counted)
    await install_starter(library.home, library.encoders, LIMITS)
    assert len(await library.cards()) > 40 and counted.given == []
    await store.close()


def test_centring_leaves_unit_vectors_without_their_mean() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 8)).astype(np.float32) + 3
    moved = centred(rows, rows.mean(axis=0))
    assert np.allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)
    assert abs(float(moved.mean())) < abs(float(rows.mean())) / 10


@pytest.mark.parametrize(
    ("text", "language", "need"),
    [
        ("combien coûte le passeport ?", "fr", "fee"),
        ("combien de temps faut-il pour le passeport ?", "fr", "delay"),
        ("شحال ثمن الباسبور؟", "ary-Arab", "fee"),
        ("شحال ديال الوقت كياخد الباسبور؟", "ary-Arab", "delay"),
        ("fin nmchi l lpaspor", "ary-Latn", "place"),
        ("ما هي الوثائق المطلوبة", "ar", "documents"),
        ("le passeport", "fr", ""),
    ],
)
def test_what_is_asked_for_is_seen(text: str, language: str, need: str) -> None:
    assert need_of(text, language).name == need


def test_everyday_words_bring_their_official_names() -> None:
    terms = official_terms(tuple(search_keys("واش ناخد الكونجي؟", "ary-Arab")))
    assert any("العطلة" in term.ar or "الرخصة" in term.ar for term in terms)
    assert official_terms(()) == []


@pytest.mark.parametrize(
    ("text", "tag", "name"),
    [
        ("فين كاين البيسين", "ary-Arab", "piscine"),
        ("fin kayna la piscine", "ary-Latn", "piscine"),
        ("ⵎⴰⵏⵉ ⴳ ⵜⵍⵍⴰ ⵜⵉⵏⵎⵍ", "zgh-Tfng", "école"),
        ("mani gh tlla tinml", "zgh-Latn", "école"),
    ],
)
def test_words_of_darija_and_amazigh_bring_what_they_are_called(text: str, tag: str, name: str) -> None:
    asked = Asked.of(text, tag)
    assert name in [term.fr for term in asked.terms]
    assert set(search_keys(name, "fr")) <= set(asked.named_keys), "the page in French is found by its words"
    assert asked.encoded[1] == "ar" and any(term.ar in asked.encoded[0] for term in asked.terms)


def test_five_words_of_six_support_more_than_one_of_one() -> None:
    long, short = Asked.of("piscine municipale horaires dimanche enfants gratuit", "fr"), Asked.of("piscine", "fr")
    assert long.support_in(set(long.keys[:5])) > short.support_in(set(short.keys))
    assert long.share_in(set(long.keys[:5])) < short.share_in(set(short.keys)) == 1
    assert short.support_in(set()) == 0


def test_the_keys_that_are_shipped_are_those_of_today() -> None:
    """When this fails, a table, a card or `search_keys` changed: run `python training/keys.py`."""
    matcher = CardMatcher([load_card(path) for path in sorted(CARDS.glob("*.toml"))], topics_elsewhere())
    told = [*told_phrases(), *((phrase.text, phrase.tag) for phrase in matcher.phrases)]
    shipped = msgspec.json.decode((files("tiwizi.knowledge") / FILE).read_bytes(), type=Phrases)
    assert phrase_keys(told) == shipped


def test_a_phrase_of_your_own_is_read_when_it_is_needed() -> None:
    assert keys_of("horaires du hammam communal", "fr") == tuple(search_keys("horaires du hammam communal", "fr"))


def test_a_card_is_matched_in_other_letters_and_with_a_slip() -> None:
    cards = [load_card(path) for path in sorted(CARDS.glob("*.toml"))]
    matcher = CardMatcher(cards)
    said = (("lpaspor", "ary-Latn"), ("الباسبور", "ary-Arab"), ("passport biométrique", "fr"), ("paseport", "fr"))
    for text, tag in said:
        scores = matcher.by_words(search_keys(text, tag))
        assert cards[int(np.argmax(scores))].id.startswith("passport"), text
