"""The page that tells languages in a real Chromium: without JavaScript, from the keyboard, on a telephone."""

import pytest
from playwright.sync_api import Browser, Page, expect

from server.conftest import Running
from server.test_browser import contrast
from tiwizi.language import understand

DIRECTION = "element => getComputedStyle(element).direction"
MIXED = "bghit n3ref l'état d'avancement dyal dossier diali"
ARABIC = "واش كاين la vignette فهاد البيرو؟"
LANGUAGES = ("ary", "zgh", "ar", "fr", "en", "es", "und")


def look(page: Page, language: str, text: str) -> None:
    page.goto(f"/understand?lang={language}&keep=1")
    page.fill("#text", text)
    page.click(".ask button")
    expect(page.locator("article.seen")).to_be_visible()


def test_a_text_is_read_and_corrected_and_the_correction_taken_back(page: Page) -> None:
    look(page, "fr", MIXED)
    expect(page.locator(".piece").first).to_contain_text("darija")
    assert page.url.endswith("/understand?lang=fr"), "no text in the address"
    page.click(".correct > summary")
    number, span = next((n, span) for n, span in enumerate(understand(MIXED).spans, 1) if span.language == "fr")
    page.select_option("#about", f"language:{number}")
    page.select_option("#language", "fr")
    page.fill("#note", "appelez 0612345678")
    page.check("#consent")
    page.click(".correction button")
    code = page.locator(".number").inner_text()
    page.click("text=Voir ce qui est conservé")
    expect(page.locator("dl.kept")).to_contain_text("[PHONE_1]")
    expect(page.locator("dl.kept dd >> nth=2")).to_have_text(MIXED[span.start : span.end])
    page.goto("/corrections")
    page.fill("#code", code)
    page.click("text=Supprimer")
    expect(page.locator("[role=status]")).to_be_visible()


def test_the_browser_itself_asks_for_the_consent(page: Page) -> None:
    look(page, "ary", MIXED)
    page.click(".correct > summary")
    page.select_option("#about", "language")
    page.select_option("#language", "fr")
    page.click(".correction button")
    expect(page.locator("#consent")).to_be_visible()
    assert page.locator("#consent").evaluate("box => box.validity.valueMissing")


def test_a_darija_page_is_right_to_left_and_words_in_latin_letters_are_not(page: Page) -> None:
    look(page, "ary", ARABIC)
    for place in ("html", ".pieces", ".words[lang=ary-Arab] >> nth=0", ".tag bdi >> nth=0"):
        assert page.locator(place).evaluate(DIRECTION) == "rtl", place
    for place in (".words[lang=fr]", ".written >> nth=0"):
        assert page.locator(place).evaluate(DIRECTION) == "ltr", place
    first, second = (page.locator(f".words >> nth={n}").bounding_box() for n in (0, 1))
    assert first and second and (first["x"] > second["x"] or first["y"] < second["y"]), "reading begins on the right"
    look(page, "ary", MIXED)
    assert page.locator(".pieces").evaluate(DIRECTION) == "ltr"
    tag, words = page.locator(".tag >> nth=0").bounding_box(), page.locator(".words >> nth=0").bounding_box()
    assert tag and words and tag["x"] >= words["x"] + words["width"] - 1, "the label follows its words"


def test_tifinagh_is_shown_in_its_font_and_in_two_other_scripts(page: Page) -> None:
    look(page, "zgh", "ⵎⴰⵏ ⴰⵔⵔⴰⵜⵏ ⵉ ⵡⴰⵔⵔⴰ ⵏ ⵜⵣⴷⴷⵓⵖⵜ?")
    assert page.locator("html").evaluate(DIRECTION) == page.locator(".pieces").evaluate(DIRECTION) == "ltr"
    assert page.evaluate("document.fonts.check('18px \"Tiwizi Tifinagh\"', 'ⵣ')")
    assert page.locator(".written >> nth=0").evaluate(DIRECTION) == "ltr"
    assert page.locator(".written >> nth=1").evaluate(DIRECTION) == "rtl"
    expect(page.locator(".written >> nth=0")).to_contain_text("arratn")


def test_it_can_all_be_done_from_the_keyboard(page: Page) -> None:
    page.goto("/understand?lang=fr&keep=1")
    reach(page, "#text")
    page.keyboard.type(MIXED)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("article.seen")).to_be_visible()
    reach(page, ".correct > summary")
    page.keyboard.press("Enter")
    reach(page, "#about")
    page.keyboard.press("ArrowDown")
    reach(page, "#language")
    page.keyboard.press("ArrowDown")
    reach(page, "#consent")
    page.keyboard.press("Space")
    reach(page, ".correction button")
    page.keyboard.press("Enter")
    expect(page.locator(".number")).to_be_visible()
    reach(page, "main form button")
    page.keyboard.press("Enter")
    reach(page, "main form button")
    expect(page.locator("main form button")).to_have_text("Supprimer")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_be_visible()


def reach(page: Page, place: str) -> None:
    for _ in range(60):
        if page.locator(place).evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{place} cannot be reached with the tab key")


@pytest.mark.parametrize("language", ["fr", "ar", "ary", "zgh"])
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways_and_a_long_text_is_whole(
    browser: Browser, server: Running, language: str, width: int
) -> None:
    long = (MIXED + " " + ARABIC + "\nⴰⵣⵓⵍ ")[:100] * 30 + "x" * 900
    with browser.new_context(base_url=server.address, viewport={"width": width, "height": 640}) as context:
        page = context.new_page()
        for text in (MIXED, ARABIC, long):
            look(page, language, text)
            page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (language, text[:20])
            words = page.locator(".pieces").evaluate(
                "box => { for (const tag of box.querySelectorAll('.tag')) tag.remove(); return box.textContent }"
            )
            assert words == text
        assert page.locator("#about").evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 16
        for path in ("/understand", "/corrections"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (language, path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_colour_of_their_language(browser: Browser, server: Running, scheme: str) -> None:
    """WCAG 2.2, 1.4.3; and 1.4.1: each stretch also has its label in words."""
    with browser.new_context(base_url=server.address, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto("/understand?example=1&lang=fr")
        for name in LANGUAGES:
            pair = page.evaluate(
                "names => names.map(n => getComputedStyle(document.documentElement).getPropertyValue('--' + n))",
                ["ink", name],
            )
            assert contrast(*pair) >= 4.5, (scheme, name)
        assert page.locator(".piece").count() == page.locator(".piece .tag").count() > 1


def test_forced_colours_leave_a_border(browser: Browser, server: Running) -> None:
    with browser.new_context(base_url=server.address, forced_colors="active") as context:
        page = context.new_page()
        page.goto("/understand?example=1&lang=fr")
        assert page.locator(".piece >> nth=0").evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
