"""Reading what was quoted: at the very words, where they moved to, or told that they are gone; and how cards fare."""

import asyncio
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from server.conftest import Running, ingest, running, without_settings
from server.test_pages import well_formed
from tiwizi.assistant import open_desk
from tiwizi.assistant.citations import card_url, document_url
from tiwizi.knowledge import FoundPassage, Page, load_card
from tiwizi.server.reading import window
from tiwizi.server.tongues import TONGUES

ARABIC = "المادة 3\nيؤدي الباعة واجب المكان كل يوم اثنين صباحا لدى وكيل المداخيل بالسوق."
FRENCH = "Article {n}\nLe vendeur numéro {n} du marché communal paie sa place chaque lundi matin au régisseur."
MIXED = "\n\n".join([FRENCH.format(n=1), FRENCH.format(n=2), ARABIC, FRENCH.format(n=4)])
ZOO = "Le zoo de la ville ouvre tous les jours, même le dimanche."
CARD = "cnie-renewal"


class Read(Running, frozen=True):
    """A server, the folder that it was filled from, and the addresses of what an answer quoted then."""

    folder: Path
    french: str
    arabic: str
    zoo: str
    fee: str


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    base = tmp_path_factory.mktemp("reading")
    folder, home = base / "documents", base / "home"
    folder.mkdir()
    home.mkdir()
    (home / "tiwizi.toml").write_text("starter = false\n", "utf-8")
    (folder / "marche.md").write_text(MIXED, "utf-8")
    (folder / "zoo.md").write_text(ZOO, "utf-8")
    (folder / f"{CARD}.toml").write_text(card_file(), "utf-8")
    with without_settings():
        asyncio.run(ingest(home, folder))
        quoted = asyncio.run(addresses(home))
        with running(home) as server:
            yield Read(server.process, server.address, home, folder, *quoted)


def card_file() -> str:
    return files("tiwizi").joinpath(f"packs/starter/cards/{CARD}.toml").read_text("utf-8")


async def addresses(home: Path) -> tuple[str, str, str, str]:
    """What answers link to: the French article 2, the Arabic article, the zoo, and the fee on the card in Arabic."""
    async with open_desk(home) as desk:
        market, zoo = [
            await desk.library.page((await desk.library.search(words, "fr")).passages[0].document_id)
            for words in ("place du marché communal", "zoo de la ville")
        ]
        (kept,) = await desk.library.home.cards()
    card = load_card(kept.text)
    (fee,) = card.facts_about("fee")
    french, arabic = (at(market, words) for words in (FRENCH.format(n=2).split("\n")[1], ARABIC.split("\n")[1]))
    return french, arabic, at(zoo, ZOO), card_url("", card, fee.texts["ar"], "ar", kept.digest)


def at(document: Page, words: str) -> str:
    return document_url("", document.id, document.name, words, document.text.index(words), document.version)


def change(read: Read, name: str, text: str) -> None:
    (read.folder / name).write_text(text, "utf-8")
    asyncio.run(ingest(read.home, read.folder))


def marked(html: str) -> str | None:
    found = re.search(r'<mark id="quote" tabindex="-1">(.*?)</mark>', html, re.S)
    return found and found[1]


def test_the_words_are_marked_and_an_arabic_article_runs_its_own_way(read: Read) -> None:
    """In a French document: the page of a citation in either language, each part in its own direction."""
    for url, words in ((read.french, FRENCH.format(n=2)), (read.arabic, ARABIC)):
        page = read.call(url.partition("#")[0])
        well_formed(page)
        assert marked(page.text) == words.split("\n")[1] and 'role="status"' not in page.text
        parts = re.findall(r'<div class="stretch" lang="([\w-]+)" dir="(\w+)">(.*?)</div>', page.text, re.S)
        assert [direction for _, direction, _ in parts] == ["ltr", "rtl", "ltr"]
        assert "المادة 3" in parts[1][2] and "Article" not in parts[1][2]


def test_after_a_change_the_words_are_marked_where_they_are_now_or_said_to_be_gone(read: Read) -> None:
    change(read, "marche.md", "Préambule du conseil communal.\n\n" + MIXED)
    for code in TONGUES:
        page = read.call(read.french.partition("#")[0] + f"&lang={code}")
        well_formed(page)
        assert marked(page.text) == FRENCH.format(n=2).split("\n")[1], "at other offsets"
        assert 'role="status"' in page.text and 'href="#quote"' in page.text
    change(
        read, "marche.md", MIXED.replace("numéro 2 du marché communal paie", "numéro 2 du marché communal ne paie plus")
    )
    page = read.call(read.french.partition("#")[0])
    well_formed(page)
    assert marked(page.text) is None, "words that nobody quoted are never marked"
    assert 'role="status"' in page.text and 'href="#quote"' not in page.text and "ne paie plus" in page.text
    assert marked(read.call(read.arabic.partition("#")[0]).text) == ARABIC.split("\n")[1]
    change(read, "marche.md", MIXED)
    assert 'role="status"' not in read.call(read.french.partition("#")[0]).text, "what was quoted is there again"


def test_an_address_without_a_version_works_as_before(read: Read) -> None:
    place = re.sub(r"&(version|file|words|check)=[^&#]*", "", read.zoo).partition("#")[0]
    assert place.count("&") == 1 and marked(read.call(place).text) == ZOO
    assert read.call(place.partition("?")[0]).status == 200


@pytest.mark.parametrize(
    "given", ["version=zz", "version=aa&check=5", "version=aa&words=%FF&check=3-00000000", "version=aa&words=<b>"]
)
def test_a_wrong_address_is_only_ever_a_page(read: Read, given: str) -> None:
    page = read.call(f"{read.zoo.partition('?')[0]}?start=5&end=9&{given.replace('<', '%3C')}")
    assert page.status in (200, 400)
    well_formed(page)
    assert "<b>" not in page.text and "Traceback" not in page.text


def test_a_document_that_is_gone_is_said_to_be_gone(read: Read) -> None:
    other = re.sub(r"/documents/\d+", "/documents/999", read.zoo).partition("#")[0]
    assert marked(read.call(other).text) == ZOO, "a file of that name has the very words"
    page = read.call(other.replace("zoo.md", "gone.md") + "&lang=ar")
    well_formed(page)
    assert page.status == 404 and '<html lang="ar" dir="rtl">' in page.text and "<textarea" in page.text
    assert 'href="/documents"' in page.text


def test_a_card_says_when_it_is_no_longer_what_was_quoted(read: Read) -> None:
    path, _, anchor = read.fee.partition("#")
    before = read.call(path)
    well_formed(before)
    assert f'<li id="{anchor}">' in before.text and 'role="status"' not in before.text
    facts = card_file().split("[[facts]]")
    change(read, f"{CARD}.toml", "[[facts]]".join([facts[0], *reversed(facts[1:])]))
    moved = read.call(path)
    well_formed(moved)
    assert f'<li id="{anchor}">' in moved.text, "a fact keeps its anchor wherever it stands"
    assert 'role="status"' in moved.text and f'href="#{anchor}"' in moved.text
    change(read, f"{CARD}.toml", card_file().replace("75", "90"))
    gone = read.call(path)
    assert f'<li id="{anchor}">' not in gone.text and 'role="status"' in gone.text
    assert 'role="status"' not in read.call(f"/cards/{CARD}").text, "who asks for the card sees no notice"
    change(read, f"{CARD}.toml", card_file())


@pytest.mark.parametrize("code", TONGUES)
def test_coverage_is_a_table_in_the_persons_language(read: Read, code: str) -> None:
    page = read.call(f"/cards/coverage?lang={code}")
    reader = well_formed(page)
    assert f"/cards/{CARD}" in reader.links() and "script" not in page.text.split("<main>")[1]
    card = load_card(card_file())
    assert page.text.count('<tr role="row">') == 2 and page.text.count('role="columnheader"') == 5
    assert f"{len(card.facts) + 1}/{len(card.facts) + 1}" in page.text, "French is whole"
    assert not re.search(r"\{\w+\}", page.text)
    assert "/cards/coverage" in well_formed(read.call("/cards")).links()


def passage(start: int, end: int, language: str) -> FoundPassage:
    return FoundPassage(
        id=start, document_id=1, document="n", title="t", article=None, page=None, heading="", start=start, end=end,
        text="", language=language, score=0.0, signals={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("languages", "mark", "parts"),
    [
        (["fr", "fr"], (0, 4), ["fr:|abcd|efgh"]),
        (["ar", "ary-Arab"], (2, 6), ["ar:ab|cdef|gh"]),
        (["fr", "ar"], (2, 6), ["fr:ab|cd|", "ar:|ef|gh"]),
        (["ar", "und"], (5, 6), ["ar:abcde|f|gh"]),
        ([], (0, 1), ["fr:|a|bcdefgh"]),
        (["und", "ar"], (5, 6), ["fr:abcd||", "ar:e|f|gh"]),
    ],
)
def test_a_window_is_cut_where_the_direction_changes(
    languages: list[str], mark: tuple[int, int], parts: list[str]
) -> None:
    passages = tuple(passage(4 * n, 4 * n + 4, language) for n, language in enumerate(languages))
    document = Page(id=1, name="n", version="", title="t", language="fr", text="abcdefgh", passages=passages)
    shown = window(document, *mark)
    assert [f"{s.lang}:{s.before}|{s.quote}|{s.after}" for s in shown.stretches] == parts
    whole = "".join(s.before + s.quote + s.after for s in shown.stretches)
    assert whole == shown.before + shown.quote + shown.after == document.text
