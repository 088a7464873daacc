"""Citations are checked when they are shown, links find their words again, and a card tells first what was asked."""

from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tiwizi.assistant import HEADINGS, Citation, Desk, Link, Segment, check_citation, limits, open_desk, verify
from tiwizi.assistant.citations import document_url, seal
from tiwizi.assistant.compose import compose, passage_citation
from tiwizi.knowledge import Card, Evidence, FoundCard, card_files, load_card, take_in
from tiwizi.models import Route
from tiwizi.settings import Settings
from tiwizi.wording import say

CARDS = [load_card(path) for path in card_files(Path(str(files("tiwizi").joinpath("packs/starter/cards"))))]
TAGS = ("fr", "ar", "ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn", "en")
NEEDS = ("fee", "place", "documents", "delay", "steps", "who", "validity", "legal_basis")

OLD = "Article 1\nLe marché ouvre le lundi.\n\nArticle 2\nLa place coûte 20 dirhams par jour.\n"
WORDS = "La place coûte 20 dirhams par jour."


def cited(text: str, words: str, version: str = "a" * 64) -> Citation:
    start = text.index(words)
    return Citation(
        document="marche.md",
        title="Marché",
        article="2",
        page=None,
        start=start,
        end=start + len(words),
        quote=words,
        language="fr",
        url=document_url("", 7, "marche.md", words, start, version),
        version=version,
        document_id=7,
    )


def link_in(url: str) -> Link:
    """What the reader's page gets of an address."""
    given = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    given.pop("file", None)
    return Link(start=int(given.pop("start")), end=int(given.pop("end")), **given)


# (what the document says now, outcome, the words that are shown)
CHANGES = [
    (OLD, "as quoted", WORDS),
    (OLD + "\nArticle 3\nNouveau.", "as quoted", WORDS),
    ("Préambule.\n\n" + OLD, "moved", WORDS),
    (OLD.replace("place coûte", "place\n  coûte"), "moved", WORDS.replace("place coûte", "place\n  coûte")),
    (
        "Préambule\u200f.\n" + OLD.replace("dirhams", "dir\u00adhams"),
        "moved",
        WORDS.replace("dirhams", "dir\u00adhams"),
    ),
    (OLD.replace("20 dirhams", "25 dirhams"), "gone", ""),
    (OLD.replace(" par jour", ""), "gone", ""),
    ("", "gone", ""),
]


@pytest.mark.parametrize(("now", "outcome", "shown"), CHANGES)
def test_a_citation_and_its_link_find_the_words_or_say_that_they_are_gone(now: str, outcome: str, shown: str) -> None:
    citation = cited(OLD, WORDS)
    version = "a" * 64 if now == OLD else "b" * 64
    for found in (check_citation(citation, now, version), link_in(citation.url).find_in(now, version)):
        assert (found.outcome, now[found.start : found.end]) == (outcome, shown)
        assert found.changed is (now != OLD)


def test_of_two_places_the_nearest_is_meant() -> None:
    now = f"{WORDS}\n{'x' * 500}\n{WORDS}\n{'y' * 40}\n"
    citation = replace(cited(OLD, WORDS), start=500, end=500 + len(WORDS))
    assert check_citation(citation, now, "b").start == now.rindex(WORDS)


def test_a_document_read_better_than_before_is_not_taken_for_the_same_words() -> None:
    """The same bytes may give another text one day: offsets alone prove nothing."""
    citation = cited(OLD, WORDS)
    now = "Préambule.\n" + OLD
    found = check_citation(citation, now, citation.version)
    assert found.outcome == "moved" and now[found.start : found.end] == WORDS
    assert link_in(citation.url).find_in(now, citation.version).outcome == "moved"


def test_an_address_without_a_version_opens_at_its_offsets() -> None:
    assert document_url("", 7, "marche.md", WORDS, 45, "") == f"/documents/7?start=45&end={45 + len(WORDS)}#quote"
    found = Link(start=3, end=9).find_in(OLD, "b" * 64)
    assert (found.outcome, found.changed, found.start, found.end) == ("as quoted", False, 3, 9)


def test_an_address_that_was_cut_claims_nothing_of_a_changed_document() -> None:
    found = Link(start=3, end=9, version="aaaa").find_in(OLD, "b" * 64)
    assert (found.outcome, found.changed) == ("gone", True)


@pytest.mark.parametrize(
    "check",
    ["", "12", "-", "0-00000000", "99999-00000000", "9999999-00000000", "5-zzzzzzzz", "٣-00000000", "1-" + "0" * 99],
)
def test_a_hostile_link_finds_nothing_and_costs_little(check: str) -> None:
    text = "a" * 200_000
    found = Link(start=5, end=10**9, version="ffff", words="a", check=check).find_in(text, "b" * 64)
    assert found.outcome == "gone"


@given(st.text(max_size=60), st.text(min_size=1, max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_words_are_found_again_wherever_they_are(before: str, words: str, after: str, new: str) -> None:
    """In any script, with any letters: what a link finds has the seal of what was quoted."""
    url = document_url("", 1, "n", words, len(before), "a" * 64)
    now = new + before + words + after
    found = link_in(url).find_in(now, "b" * 64)
    if seal(words).startswith("0-"):  # nothing but white space
        return
    assert found.outcome != "gone" and seal(now[found.start : found.end]) == seal(words)


def test_a_link_is_short_enough_to_be_sent_on() -> None:
    arabic = "يحدد هذا القانون شروط وكيفيات ممارسة الحق في الحصول على المعلومات " * 20
    assert len(document_url("", 1, "loi.pdf", arabic, 0, "a" * 64)) < 400


# against the library


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "home", Settings(starter=False)) as desk:
        yield desk


async def keep(desk: Desk, *paths: Path) -> None:
    taken = [one async for one in take_in(desk.library.home, list(paths), limits(desk.settings))]
    assert {one.state for one in taken} == {"kept"}


async def test_a_citation_is_verified_against_the_library_as_it_is_now(desk: Desk, tmp_path: Path) -> None:
    market, other = tmp_path / "marche.md", tmp_path / "autre.md"
    market.write_text(OLD, "utf-8")
    other.write_text("Un autre texte, sur les écoles de la ville.", "utf-8")
    await keep(desk, market, other)
    passages = (await desk.library.page(1)).passages
    (citation,) = [passage_citation(one, desk.settings.address) for one in passages if WORDS in one.text]
    assert len(citation.version) == 64
    now = await verify(citation, desk)
    assert (now.outcome, now.changed, now.url) == ("as quoted", False, citation.url)

    market.write_text("Préambule, écrit plus tard par le conseil.\n\n" + OLD, "utf-8")
    await keep(desk, market)
    moved = await verify(citation, desk)
    assert (moved.outcome, moved.changed) == ("moved", True), "whatever number a changed document has"
    page = await desk.library.page(int(urlsplit(moved.url).path.rpartition("/")[2]))
    assert page.text[moved.start : moved.end] == citation.quote
    assert link_in(moved.url).find_in(page.text, page.version) == replace(
        moved, outcome="as quoted", changed=False, url=""
    )

    market.write_text(OLD.replace("20", "30"), "utf-8")
    await keep(desk, market)
    assert (await verify(citation, desk)).outcome == "gone"
    await desk.library.home.forget([str(market.resolve())])
    assert (await verify(citation, desk)).outcome == "gone"


async def test_a_citation_of_a_card_is_verified_too(desk: Desk, tmp_path: Path) -> None:
    source = files("tiwizi").joinpath("packs/starter/cards/cnie-renewal.toml").read_text("utf-8")
    path = tmp_path / "cnie-renewal.toml"
    path.write_text(source, "utf-8")
    await keep(desk, path)
    (kept,) = await desk.library.home.cards()
    citation = await cite(desk, found(load_card(path), text=source, version=kept.digest), "ar", "fee")
    assert citation.version and (await verify(citation, desk)).outcome == "as quoted"

    path.write_text("# A comment more.\n" + source, "utf-8")
    await keep(desk, path)
    moved = await verify(citation, desk)
    assert (moved.outcome, moved.changed) == ("moved", True)
    assert moved.url.partition("#")[2] == citation.url.partition("#")[2], "a fact keeps its anchor wherever it stands"

    path.write_text(f"# {citation.quote}\n" + source.replace("75", "85"), "utf-8")
    await keep(desk, path)
    assert (await verify(citation, desk)).outcome == "gone", "words in a comment are told to nobody"


def found(card: Card, need: str = "", text: str = "", version: str = "") -> FoundCard:
    text = text or files("tiwizi").joinpath(f"packs/starter/cards/{card.id}.toml").read_text("utf-8")
    return FoundCard(
        card=card, document=f"{card.id}.toml", version=version, text=text, need=need, score=1.0, signals={}
    )


async def cite(desk: Desk, one: FoundCard, language: str, field: str) -> Citation:
    """The citation of the first fact about a field, as an answer gives it."""
    reply = compose(Route("card", ""), Evidence((replace(one, need=field),), ()), "", language, desk)
    asked = [segment async for segment in reply.segments if segment.part == "asked"]
    return reply.citations[asked[0].citations[0]]


# what a card tells


async def told(desk: Desk, card: Card, language: str, need: str) -> list[Segment]:
    reply = compose(Route("card", ""), Evidence((found(card, need),), ()), "", language, desk)
    return [segment async for segment in reply.segments]


@pytest.mark.parametrize("language", TAGS)
async def test_a_fact_that_is_not_certain_always_says_where_to_confirm_it(desk: Desk, language: str) -> None:
    for card in CARDS:
        segments = [s for s in await told(desk, card, language, "") if s.part == "fact"]
        assert len(segments) == len(card.facts), card.id
        in_order = [fact for field in HEADINGS for fact in card.facts if fact.field == field]
        for segment, fact in zip(segments, in_order, strict=True):
            assert (segment.to_confirm == "") is fact.certain, (card.id, segment.text)
            assert fact.certain or fact.confirm in segment.to_confirm, (card.id, segment.text)


@pytest.mark.parametrize("need", NEEDS)
async def test_what_was_asked_comes_first_or_the_card_says_that_it_is_silent(desk: Desk, need: str) -> None:
    for card in CARDS:
        for language in ("fr", "ary-Arab"):
            segments = await told(desk, card, language, need)
            heading = say(HEADINGS[need], language)
            silent = say("This sheet does not say: {topic}", language, topic=heading)
            headings = [segment.text for segment in segments if segment.part == "heading"]
            if need in card.fields:
                assert headings[0] == heading and silent not in [s.text for s in segments], card.id
                parts = [segment.part for segment in segments if segment.part in ("asked", "fact")]
                assert parts[0] == "asked" and parts == sorted(parts), f"{card.id}: what was asked, then the rest"
            else:
                assert heading not in headings
                assert [s.part for s in segments if s.text == silent] == ["opening"], card.id
            assert len([s for s in segments if s.citations]) == len(card.facts), "the rest is told too"
