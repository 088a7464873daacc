"""The page in a real Chromium, with and without JavaScript: what a person sees and touches."""

import pytest
from playwright.sync_api import Browser, Page, expect

from server.conftest import Running

PAPERS = "شنو خاصني باش نجدد لاكارط؟"
AMAZIGH = "ⵎⴰⵏ ⴰⵔⵔⴰⵜⵏ ⵉ ⵡⴰⵔⵔⴰ ⵏ ⵜⵣⴷⴷⵓⵖⵜ?"
QUOTE = "Combien de livres un lecteur peut-il emprunter à la bibliothèque communale ?"
DIRECTION = "element => getComputedStyle(element).direction"


def ask(page: Page, language: str, question: str) -> None:
    page.goto(f"/?lang={language}&keep=1")
    page.fill("textarea", question)
    page.click(".ask button")
    expect(page.locator("article.answer")).to_be_visible()


def test_darija_is_asked_and_answered_right_to_left(page: Page) -> None:
    ask(page, "ary", PAPERS)
    for place in ("html", "article.answer", ".need.asked li >> nth=0"):
        assert page.locator(place).evaluate(DIRECTION) == "rtl"
    card, item = page.locator(".need.asked").bounding_box(), page.locator(".need.asked li >> nth=0").bounding_box()
    assert card and item and item["x"] + item["width"] > card["x"] + card["width"] / 2, "the list hangs on the right"
    expect(page.locator(".need.asked h2")).to_have_text("الوراق اللي خاصكم تجيبو")
    for code in (".receipt .number bdi", ".mark >> nth=0"):
        assert page.locator(code).evaluate(DIRECTION) == "ltr"
    font = page.evaluate("document.fonts.check('18px \"Tiwizi Arabic\"', 'ش')")
    assert font


def test_tifinagh_runs_left_to_right_beside_arabic(page: Page) -> None:
    ask(page, "zgh", AMAZIGH)
    assert page.locator("html").evaluate(DIRECTION) == "ltr"
    assert page.locator("article.answer").evaluate(DIRECTION) == "ltr"
    assert page.locator("article.answer").get_attribute("lang") == "zgh-Tfng"
    assert page.locator(".need.asked").first.evaluate(DIRECTION) == "ltr"
    arabic = page.locator(".sources [lang=ar] >> nth=0")
    assert arabic.evaluate(DIRECTION) == "rtl", "the names of laws are told in Arabic"
    assert page.evaluate("document.fonts.check('18px \"Tiwizi Tifinagh\"', 'ⵣ')")
    expect(page.locator(".disclosure")).to_contain_text("ⴳⵉⵖ ⴰⵖⴰⵡⴰⵙ")


def test_a_link_to_the_page_in_a_language_leads_to_answers_in_it(page: Page) -> None:
    """A poster says ?lang=ary and nothing more: nothing is remembered, and still the page does not change."""
    page.goto("/?lang=ary")
    page.fill("textarea", PAPERS)
    page.click(".ask button")
    expect(page.locator("article.answer")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "ary"
    assert page.context.cookies() == []


def test_the_answer_keeps_the_questions_language_on_a_page_in_another(page: Page) -> None:
    ask(page, "fr", PAPERS)
    assert page.locator("html").evaluate(DIRECTION) == "ltr"
    assert page.locator("article.answer").evaluate(DIRECTION) == "rtl"
    ask(page, "ar", "chno khassni bach njedded la carte nationale?")
    assert page.locator("html").evaluate(DIRECTION) == "rtl"
    assert page.locator("article.answer").evaluate(DIRECTION) == "ltr"
    expect(page.locator("article.answer h1")).to_contain_text("lakart")


def test_a_citation_opens_the_document_at_the_words(page: Page) -> None:
    ask(page, "fr", QUOTE)
    words = page.locator("blockquote .text >> nth=0").inner_text()
    page.click("blockquote .mark >> nth=0")
    page.wait_for_url("**/documents/**#quote")
    mark = page.locator("mark#quote")
    expect(mark).to_be_in_viewport()
    assert mark.inner_text() == words
    page.click("a[rel=next]")
    assert page.locator("mark").count() == 0


def test_a_citation_of_a_card_opens_at_the_fact(page: Page) -> None:
    ask(page, "fr", PAPERS)
    told = page.locator(".need.asked li >> nth=2").inner_text().rsplit("[", 1)[0].strip()
    page.click(".need.asked li >> nth=2 >> .mark")
    page.wait_for_url("**/cards/**#fact-*")
    fact = page.locator("li:target")
    expect(fact).to_be_in_viewport()
    assert told in fact.inner_text()


def test_a_question_can_be_passed_to_a_person(page: Page) -> None:
    ask(page, "fr", "recette du tajine de poulet aux olives")
    number = page.locator(".receipt .number").inner_text()
    page.click("form.person button")
    expect(page.locator(".receipt .number")).to_have_text(number)
    with page.expect_download() as download:
        page.click(".receipt a")
    assert download.value.suggested_filename == f"tiwizi-{number}.json"


def test_an_example_is_one_touch_away(page: Page) -> None:
    page.goto("/?lang=ary&keep=1")
    page.click(".examples button >> nth=0")
    expect(page.locator(".need.asked")).to_be_visible()


def test_a_hostile_document_does_nothing(page: Page) -> None:
    ask(page, "fr", "Quand les vendeurs du marché aux tapis paient-ils leur emplacement ?")
    page.click("blockquote .mark >> nth=0")
    expect(page.locator("mark#quote")).to_be_in_viewport()
    assert page.title() != "stolen"
    assert page.locator("main img, main script").count() == 0


@pytest.mark.parametrize(
    ("language", "width"), [("fr", 320), ("ar", 320), ("ary", 320), ("zgh", 320), ("fr", 1280), ("ary", 1280)]
)
def test_no_page_scrolls_sideways(browser: Browser, server: Running, language: str, width: int) -> None:
    question = AMAZIGH if language == "zgh" else PAPERS
    with browser.new_context(base_url=server.address, viewport={"width": width, "height": 640}) as context:
        page = context.new_page()
        ask(page, language, question)
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        for path in ("", "/", "/cards", "/cards/direct-social-aid", "/documents", "/nothing"):
            if path:
                page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (language, path)
        assert float(page.locator("p >> nth=0").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 16
        assert page.locator("textarea").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 18


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, server: Running, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    with browser.new_context(base_url=server.address, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/")
        for one, other in (
            ("ink", "paper"),
            ("soft", "paper"),
            ("green", "paper"),
            ("green", "sheet"),
            ("on-green", "green"),
            ("ink", "saffron-paper"),
            ("ink", "mark"),
        ):
            pair = page.evaluate(
                "names => names.map(n => getComputedStyle(document.documentElement).getPropertyValue('--' + n))",
                [one, other],
            )
            assert contrast(*pair) >= 4.5, (scheme, one, other)


def contrast(*colours: str) -> float:
    dark, light = sorted(luminance(colour.strip()) for colour in colours)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
