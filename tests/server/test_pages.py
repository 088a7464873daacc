"""The pages as a browser without JavaScript gets them: plain requests, plain HTML."""

import json
import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.conftest import Reply, Running
from tiwizi.governance import verify
from tiwizi.knowledge import Page
from tiwizi.server.reading import AROUND, window
from tiwizi.server.tongues import TONGUES, examples, preferred

QUOTE = "Combien de livres un lecteur peut-il emprunter à la bibliothèque communale ?"
FEE = "شحال كيدير الباسبور؟"


class Reader(HTMLParser):
    """Collects what a test asks about: tags with their attributes, and those left open."""

    VOID = {"meta", "link", "input", "img", "br", "path"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def links(self) -> list[str]:
        return [str(attrs["href"]) for tag, attrs in self.tags if tag == "a"]


def well_formed(reply: Reply) -> Reader:
    reader = Reader(reply.text)
    assert not reader.open
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    return reader


@pytest.mark.parametrize("code", TONGUES)
def test_the_ask_page_speaks_each_language(server: Running, code: str) -> None:
    reply = server.call(f"/?lang={code}&keep=1")
    tags = dict(well_formed(reply).tags)
    assert tags["html"] == {"lang": code, "dir": "rtl" if code in ("ar", "ary") else "ltr"}
    assert f"lang={code};" in reply.headers["set-cookie"] and "HttpOnly" in reply.headers["set-cookie"]
    again = server.call("/", Cookie=f"lang={code}", Accept_Language="es")
    assert f'<html lang="{code}"' in again.text and "set-cookie" not in again.headers


def test_a_translation_nobody_checked_says_so(server: Running) -> None:
    assert "Traduction à vérifier" in server.call("/?lang=zgh").text
    assert "Traduction à vérifier" not in server.call("/?lang=fr").text


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "fr"),
        ("fr-FR,fr;q=0.9", "fr"),
        ("ar-MA", "ar"),
        ("ary, ar;q=0.5", "ary"),
        ("tzm-Latn-MA,fr;q=0.8", "zgh"),
        ("shi;q=0.3,en;q=0.7", "en"),
        ("de,nl;q=0.5", "fr"),
        ("en;q=0,ar;q=0.1", "ar"),
        ("en;q=x", "fr"),
        (",,;;q=,", "fr"),
    ],
)
def test_the_browsers_language_is_followed(accepted: str, code: str) -> None:
    assert preferred(accepted) == code


@pytest.mark.parametrize("code", TONGUES)
def test_every_example_is_answered_from_a_card(server: Running, code: str) -> None:
    assert examples(TONGUES[code])
    for _, question in examples(TONGUES[code]):
        reply = server.form("/ask", question=question)
        assert reply.status == 200 and 'class="need' in reply.text, question


def test_an_answer_from_a_card_begins_with_what_was_asked(server: Running) -> None:
    reply = server.form("/ask?lang=fr", question=FEE)
    reader = well_formed(reply)
    assert ("article", {"class": "answer", "lang": "ary-Arab", "dir": "rtl"}) in reader.tags
    first, rest = reply.text.split("</section>", 1)
    assert "الثمن" in first and "500 درهم" in first and "passeport.ma" in first
    assert "<details" not in first and "<details" in rest
    assert reply.text.count("ماشي قرار") == 1, "told once that this is not a decision"
    assert "مسودة" in reply.text, "the card is a draft, and says so"
    fact = next(link for link in reader.links() if link.startswith("/cards/"))
    page = server.call(fact.partition("#")[0])
    anchor = fact.partition("#")[2]
    assert re.search(rf'<li id="{anchor}"><span lang="ary-Arab" dir="rtl">[^<]*500 درهم', page.text)


def test_an_answer_in_quotations_links_to_the_very_words(server: Running) -> None:
    reply = server.form("/ask", question=QUOTE)
    reader = well_formed(reply)
    words = re.search(r'<blockquote lang="fr" dir="ltr"><p class="text">(.*?)</p>', reply.text, re.S)
    assert words and "quatre livres" in words[1]
    link = next(link for link in reader.links() if link.startswith("/documents/"))
    page = server.call(link.partition("#")[0])
    well_formed(page)
    marked = re.search(r'<mark id="quote" tabindex="-1">(.*?)</mark>', page.text, re.S)
    assert marked and marked[1] == words[1]
    assert "<bdi>article 1</bdi>" in page.text and 'rel="next"' in page.text
    assert len(page.body) < 30_000


def test_nothing_found_is_said_and_a_person_is_offered(server: Running) -> None:
    reply = server.form("/ask", question="recette du tajine de poulet aux olives")
    well_formed(reply)
    assert "pas trouvé de réponse" in reply.text and 'action="/handover?lang=fr"' in reply.text
    number = re.search(r'name="receipt" value="([^"]+)"', reply.text)
    assert number
    passed = server.form("/handover", receipt=number[1], question="mon CIN est AB123456, 0612345678")
    well_formed(passed)
    assert passed.status == 200 and number[1] in passed.text and "bureau" in passed.text


def test_a_receipt_is_a_file_that_verifies(server: Running) -> None:
    page = server.form("/ask", question=FEE).text
    link = re.search(r'href="(/receipts/[^"]+)"', page)
    assert link
    reply = server.call(link[1])
    assert (
        reply.headers["content-disposition"].startswith("attachment") and reply.headers["cache-control"] == "no-store"
    )
    assert f"/receipts/{verify(reply.body).number}.json" == link[1]
    assert server.call("/receipts/0000-0000-0000-0000.json").status == 404


def test_what_was_masked_comes_back_to_the_person_alone(server: Running) -> None:
    """The person sees their own number in the question; no one else is told it: no cookie, no address, no link."""
    reply = server.form("/ask", question="تيليفون ديالي 0612345678 شحال كيدير الباسبور؟")
    assert "0612345678" in reply.text
    assert "set-cookie" not in reply.headers and not [x for x in well_formed(reply).links() if "0612345678" in x]


BAD = [
    ("", 400, "Écrivez une question"),
    ("  \n ", 400, "Écrivez une question"),
    ("é" * 5_000, 413, "5000"),
    ("a" * 1_000_000, 413, "1000000"),
]


@pytest.mark.parametrize(("question", "status", "words"), BAD)
def test_bad_questions_are_told_and_nothing_typed_is_lost(
    server: Running, question: str, status: int, words: str
) -> None:
    reply = server.form("/ask?lang=fr", question=question)
    well_formed(reply)
    assert reply.status == status and words in reply.text
    assert f">\n{question}</textarea>" in reply.text


@pytest.mark.parametrize(
    ("code", "words"), [("ar", "UTF-8 صالحا"), ("ary", "(البايت 4)"), ("zgh", "ⵜⵣⴳⵍⵜ"), ("en", "byte 4")]
)
def test_what_is_not_utf8_is_told_in_the_persons_language(server: Running, code: str, words: str) -> None:
    reply = server.call(f"/ask?lang={code}", b"question=caf%c3%28+chhal")
    assert reply.status == 400
    reply = server.call(f"/ask?lang={code}", b"question=cafe%ff+chhal")
    assert reply.status == 400 and words in reply.text and "cafe� chhal</textarea>" in reply.text


def test_a_form_too_large_to_read_is_refused(server: Running) -> None:
    assert server.form("/ask?lang=fr", question="a" * 2_000_001).status == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/documents/99999", 404),
        ("GET", "/documents/abc", 404),
        ("GET", "/documents/1?start=-1", 400),
        ("GET", "/documents/1?start=x", 400),
        ("GET", "/cards/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/cards/nothing", 404),
        ("GET", "/receipts/..%2f..%2fkeys.json", 404),
        ("GET", "/static/..%2fapp.py", 404),
        ("GET", "/static/../app.py", 404),
        ("PUT", "/ask", 405),
        ("POST", "/cards", 405),
        ("POST", "/handover", 400),
    ],
)
def test_wrong_addresses_get_a_page_with_a_way_on(server: Running, method: str, path: str, status: int) -> None:
    reply = server.call(path, b"" if method == "POST" else None, method, Accept_Language="ar")
    well_formed(reply)
    assert reply.status == status and '<html lang="ar" dir="rtl">' in reply.text and "<textarea" in reply.text
    assert "Traceback" not in reply.text


def test_an_answer_read_again_by_its_address_leads_to_the_box(server: Running) -> None:
    assert "<textarea" in server.call("/ask").text


SCRIPTS = [
    '<script>alert("1")</script>',
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "</title><svg/onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "شحال <b onmouseover=alert(1)>الباسبور</b> ‮\u202e؟",
    "ⵎⵏⵛⴽ <script>ⴰ</script> ⵜⴰⴽⴰⵕⴹⴰ",
    "javascript:alert(1) '\"`\u2028<!-- -->",
    "\N{FULLWIDTH LESS-THAN SIGN}script\N{FULLWIDTH GREATER-THAN SIGN}",
]


@pytest.mark.parametrize("question", SCRIPTS)
def test_a_hostile_question_is_only_ever_text(server: Running, question: str) -> None:
    for reply in (
        server.form("/ask", question=question),
        server.form("/ask?lang=ar", question=question + "x" * 5_000),
        server.call("/?q=" + quote(question)),
        server.call("/?lang=" + quote(question) + "&keep=1"),
        server.call("/documents?" + quote(question)),
        server.call("//documents?lang=fr"),
        server.call("//evil.example/" + quote(question, safe="")),
        server.form("/handover", receipt=question, question=question),
    ):
        reader = well_formed(reply)
        assert {tag for tag, _ in reader.tags} <= SAFE, reply.text
        assert not [a for _, attrs in reader.tags for a in attrs if a.startswith("on")]
        assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in reader.links())
        assert [attrs for tag, attrs in reader.tags if tag == "script"] == SCRIPT
    shown = server.form("/ask", question=question).text
    assert escape(question).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in shown


SAFE = set(
    "html head meta title link script body header a img bdi nav ul li main h1 h2 p div form label textarea button "
    "section article q span details summary em small ol strong dl dt dd input footer svg path blockquote mark".split()
)
SCRIPT = [{"src": None, "defer": None}]


@pytest.fixture(autouse=True)
def own_script(server: Running) -> None:
    tags = Reader(server.call("/").text).tags
    SCRIPT[0] = next(attrs for tag, attrs in tags if tag == "script")


def test_a_hostile_document_is_only_ever_text(server: Running) -> None:
    listed = server.call("/documents")
    well_formed(listed)
    assert "broken.pdf" in listed.text, "a file that could not be read is listed"
    for link in [link for link in Reader(listed.text).links() if re.match(r"/documents/\d+", link)]:
        reader = well_formed(server.call(link))
        assert {tag for tag, _ in reader.tags} <= SAFE
        assert len([tag for tag, _ in reader.tags if tag == "script"]) == 1
    reply = server.form("/ask", question="Quand les vendeurs du marché aux tapis paient-ils leur emplacement ?")
    reader = well_formed(reply)
    assert "régisseur" in reply.text and {tag for tag, _ in reader.tags} <= SAFE


@pytest.mark.parametrize(
    "path", ["/", "/documents", "/understand", "/v1/models", "/health", "/nothing", "/v1/nothing", "/static/page.css"]
)
def test_every_reply_carries_the_security_headers(server: Running, path: str) -> None:
    headers = server.call(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "font-src", "img-src", "form-action")} == {"'self'"}
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert ("no-store" in headers["cache-control"]) == (not path.startswith("/static/"))


def test_nothing_is_asked_of_any_other_host_and_nothing_is_inline(server: Running) -> None:
    for path in ("/", "/documents", "/cards", "/cards/cnie-renewal", "/understand?example=2", "/corrections"):
        for tag, attrs in well_formed(server.call(path)).tags:
            assert "style" not in attrs and not [name for name in attrs if name.startswith("on")]
            for name in ("href", "src", "action"):
                assert not str(attrs.get(name) or "/").startswith(("http", "//")), (path, tag, attrs)


def test_a_first_visit_is_light(server: Running) -> None:
    """Issue: at most 60 KB for the ask page and 60 KB of fonts, on a link where each second counts."""
    page = server.call("/?lang=ary")
    files = [str(a.get("href") or a.get("src")) for _, a in well_formed(page).tags if "/static/" in str(a)]
    assert len(page.body) + sum(len(server.call(file).body) for file in set(files)) < 60_000
    fonts = set(re.findall(r"/static/fonts/[\w.-]+", server.call("/static/page.css").text))
    assert len(fonts) == 3 and sum(len(server.call(font).body) for font in fonts) < 60_000


def test_health_counts_what_is_there(server: Running) -> None:
    health = server.call("/health").json
    assert health["status"] == "well" and health["version"]
    assert health["cards"] >= 12 and health["documents"] >= 2 and health["unread"] == 1 and health["answers"] >= 0


def test_the_api_is_described(server: Running) -> None:
    described = json.loads(server.call("/schema/openapi.json").body)
    assert {"/v1/chat/completions", "/v1/models", "/health"} <= set(described["paths"])
    assert "/ask" not in described["paths"]


@given(st.integers(0, 9_000), st.integers(0, 9_000))
def test_a_window_shows_the_words_in_their_place(start: int, end: int) -> None:
    text = "".join(chr(0x2D30 + n % 50) if n % 7 else " " for n in range(8_000))
    shown = window(Page(1, "n", "v", "t", "zgh-Tfng", text, ()), start, end)
    whole = shown.before + shown.quote + shown.after
    assert whole in text and shown.quote == text[start:end]
    assert len(whole) <= len(shown.quote) + 2 * AROUND
    at = min(start, len(text)) - len(shown.before)
    assert (shown.previous is None) == (at == 0) and (shown.next is None) == (at + len(whole) == len(text))
