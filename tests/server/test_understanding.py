"""The page that tells languages, and corrections: plain requests, plain HTML, nothing kept without consent."""

import json
import re
import sqlite3
import subprocess
import sys
from html import escape, unescape
from urllib.parse import quote, urlencode

import pytest

from server.conftest import Reply, Running
from server.test_pages import Reader, well_formed
from tiwizi.language import understand
from tiwizi.server.seen import WRITTEN_IN, letters_for, seen
from tiwizi.server.tongues import TONGUES, percent
from tiwizi.server.understanding import CONSENT, consent_version, samples

MIXED = "bghit n3ref l'état d'avancement dyal dossier diali"
PERSONAL = "smiti Karim, CIN AB123456, tel 0612345678, bghit n3ref l'état dyal dossier"
OVERRIDES = "abc \u202edef\u202c שלום \u2067ghi \u200f! \ufeff"
BAD_TEXTS = [
    "\0",
    "a\0b",
    OVERRIDES,
    "\u202e" * 50 + "salam",
    "e" + "\u0301" * 500,
    "🇲🇦👩🏽‍💻" * 40,
    "x" * 4_000,
    "\ufffe\uffff",
]


def look(server: Running, text: str, **query: str) -> Reply:
    return server.form(f"/understand?{urlencode(query)}", text=text)


def send(server: Running, lang: str = "fr", **fields: str) -> Reply:
    return server.form(f"/corrections?lang={lang}", **{"text": MIXED, "about": "language", "language": "fr", **fields})


def rows(server: Running) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(server.home / "tiwizi.db")
    try:
        return connection.execute("SELECT * FROM corrections ORDER BY id").fetchall()
    finally:
        connection.close()


def code_in(reply: Reply) -> str:
    found = re.search(r'class="number"><bdi dir="ltr">([^<]+)<', reply.text)
    assert found, reply.text
    return found[1]


@pytest.mark.parametrize("code", TONGUES)
def test_the_page_speaks_each_language_and_its_examples_have_numbers(server: Running, code: str) -> None:
    reply = server.call(f"/understand?lang={code}")
    reader = well_formed(reply)
    assert f'<html lang="{code}"' in reply.text
    links = [link for link in reader.links() if "example=" in link]
    assert len(links) == len(samples())
    for link, (_, text) in zip(links, samples(), strict=True):
        shown = server.call(link)
        well_formed(shown)
        assert shown.status == 200 and escape(text).replace("&#x27;", "&#39;") in shown.text
        assert quote(text) not in link, "no text in an address"


def test_every_page_links_to_it(server: Running) -> None:
    assert "/understand" in well_formed(server.call("/")).links()
    assert 'name="text"' not in server.call("/").text, "the ask page keeps to one thing"


def test_each_stretch_has_its_language_direction_and_label(server: Running) -> None:
    reply = look(server, MIXED, lang="fr")
    reader = well_formed(reply)
    words = [attrs for tag, attrs in reader.tags if tag == "bdi" and attrs.get("class") == "words"]
    assert [attrs["lang"] for attrs in words] == [span.language for span in understand(MIXED).spans]
    assert {"ary-Latn", "fr"} <= {attrs["lang"] for attrs in words} and {attrs["dir"] for attrs in words} == {"ltr"}
    labels = re.findall(r'class="tag"><bdi dir="ltr">([^<]+)<', reply.text)
    assert len(labels) == len(words) and {label.rstrip(" ?") for label in labels} == {"darija", "français"}
    assert "darija en lettres latines" in reply.text


def test_arabic_words_in_a_latin_page_run_right_to_left_and_the_reverse(server: Running) -> None:
    arabic = look(server, "واش كاين la vignette فهاد البيرو؟", lang="fr")
    assert '<p class="pieces" dir="rtl">' in arabic.text
    assert 'lang="fr" dir="ltr">la vignette</bdi>' in arabic.text
    assert re.search(r'lang="ary-Arab" dir="rtl">[^<]*البيرو</bdi>', arabic.text)
    tifinagh = look(server, "ⴰⵣⵓⵍ", lang="ar")
    assert '<p class="pieces" dir="ltr">' in tifinagh.text and 'lang="zgh-Tfng" dir="ltr">ⴰⵣⵓⵍ</bdi>' in tifinagh.text


@pytest.mark.parametrize(("lang", "words"), [("fr", "87\xa0%"), ("ar", "87%"), ("en", "87%"), ("zgh", "87\xa0%")])
def test_how_sure_is_said_in_words_and_in_per_cent(lang: str, words: str) -> None:
    assert percent(0.87, lang).replace("\u200e", "") == words
    assert percent(0.9996, "en") == "99%" and percent(0.0004, "en") == "1%" and percent(1.0, "en") == "99%"


def test_what_is_not_certain_is_said_plainly(server: Running) -> None:
    maybe = ("الكتاب", "المدرسة", "محمد", "البيت", "شكرا", "السوق", "الدار البيضاء")
    text = next(text for text in maybe if not (found := understand(text)).certain and len(found.candidates) > 1)
    reply = look(server, text, lang="fr")
    assert "<h1>Arabe</h1>" in reply.text and "le texte ne permet pas de trancher" in reply.text
    assert "darija" in reply.text and "arabe standard" in reply.text
    assert "lettres latines" in reply.text, "it may be Darija: so it is also shown in Latin letters"


def test_a_text_in_two_languages_is_called_so(server: Running) -> None:
    maybe = ("je voudrais savoir fin kayn lbiro", "merci khoya wakha", "fin kayn la gare svp", "bonjour khoya labas")
    text = next(text for text in maybe if seen(understand(text)).mixed)
    assert not seen(understand("fin kayn lbiro?")).mixed
    reply = look(server, text, lang="fr")
    assert "<h1>Plusieurs langues</h1>" in reply.text and "trancher" not in reply.text
    assert "français" in reply.text and "darija en lettres latines" in reply.text


@pytest.mark.parametrize("text", ["12 🙂 +212", "…", "Привет, как дела?"])
def test_what_has_no_language_that_we_know_is_told(server: Running, text: str) -> None:
    reply = look(server, text, lang="en")
    well_formed(reply)
    assert reply.status == 200 and "No language that we know" in reply.text


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        (MIXED, ["lettres arabes"]),
        ("شنو خاصني باش نجدد لاكارط؟", ["lettres latines"]),
        ("ⵎⴰⵏ ⴰⵔⵔⴰⵜⵏ ⵉ ⵡⴰⵔⵔⴰ ⵏ ⵜⵣⴷⴷⵓⵖⵜ?", ["lettres latines", "lettres arabes"]),
        ("Où puis-je déposer ma demande de passeport ?", []),
        ("يجب على صاحب الطلب أن يدلي بالوثائق المطلوبة لدى الإدارة المختصة.", []),
    ],
)
def test_only_letters_that_people_use_for_a_language_are_shown(server: Running, text: str, letters: list[str]) -> None:
    found = re.findall(r"<h3>(lettres [a-z]+|tifinaghe)</h3>", look(server, text, lang="fr").text)
    assert found == letters


def test_other_ways_to_write_it_are_at_most_four_and_none_twice() -> None:
    for _, text in samples():
        for written in seen(understand(text, explain=True)).letters:
            assert len(written.others) <= 4 and len({written.text, *written.others}) == 1 + len(written.others)
    assert all(script in letters for letters in WRITTEN_IN.values() for script in letters)
    assert letters_for(understand("Bonjour, je voudrais un rendez-vous")) == ()


def test_the_explanation_shows_words_of_the_text(server: Running) -> None:
    reply = look(server, MIXED, lang="en")
    why = reply.text.partition("Why?")[2].partition("</details>")[0]
    shown = [unescape(word) for word in re.findall(r'<li><span class="words"><bdi dir="auto">([^<]+)</bdi>', why)]
    assert shown and all(word in MIXED for word in shown)


def test_search_words_and_the_plain_form_are_shown(server: Running) -> None:
    reply = look(server, "BGHIIIT   La CARTE", lang="en")
    assert "Plain form" in reply.text and "bghit la carte" in reply.text and 'class="keys"' in reply.text


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_any_text_is_survived_and_its_overrides_end_where_it_ends(server: Running, text: str) -> None:
    reply = look(server, text, lang="en")
    reader = well_formed(reply)
    assert reply.status == 200, reply.text[:300]
    for tag, attrs in reader.tags:
        assert tag != "script" or attrs.get("src"), "only our own script"
    held = re.sub(r"<(bdi|p|option|textarea|td|li)\b[^>]*>[^<]*</\1>", "", reply.text)
    assert "\u202e" not in held and "\u2067" not in held, "every override stands in an element of its own direction"


def test_bytes_that_are_no_text_are_told(server: Running) -> None:
    for body in (b"text=caf%ff", b"text=%ed%a0%80"):  # the second is half a character pair
        reply = server.call("/understand?lang=en", body)
        well_formed(reply)
        assert reply.status == 400 and "UTF-8" in reply.text and 'name="text"' in reply.text


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", 400, "Écrivez une question"),
        (" \n", 400, "Écrivez"),
        ("é" * 4_001, 413, "4001"),
        ("é" * 100_000, 413, "4000"),
    ],
)
def test_bad_texts_are_told_with_the_box_and_nothing_is_lost(
    server: Running, text: str, status: int, words: str
) -> None:
    for reply in (look(server, text, lang="fr"), send(server, text=text)):
        well_formed(reply)
        assert reply.status == status and words in reply.text
        assert 'action="/understand?lang=fr"' in reply.text and f">\n{text}</textarea>" in reply.text


@pytest.mark.parametrize("path", ["/understand?example=0", "/understand?example=x", "/understand?example=99"])
def test_an_example_that_is_not_there_is_told(server: Running, path: str) -> None:
    reply = server.call(path)
    well_formed(reply)
    assert reply.status in (400, 404) and 'name="text"' in reply.text


def test_a_text_in_an_address_is_not_read(server: Running) -> None:
    reply = server.call("/understand?text=" + quote("salam 0612345678"))
    assert reply.status == 200 and "0612345678" not in reply.text


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script> salam", "</textarea><img src=x onerror=alert(1)>", "{{ 7*7 }} bghit"]
)
def test_a_hostile_text_is_only_ever_text(server: Running, text: str) -> None:
    for reply in (
        look(server, text),
        send(server, text=text, note=text, about=text),
        send(server, text=text, note=text, consent="yes"),
    ):
        reader = well_formed(reply)
        assert not [a for _, attrs in reader.tags for a in attrs if a.startswith("on") or a == "style"]
        assert len([1 for tag, _ in reader.tags if tag == "script"]) == 1
        assert not [1 for tag, attrs in reader.tags if tag == "img" and attrs.get("src") == "x"]
        assert "49" not in reply.text.partition("bghit")[0][-20:]


# corrections ------------------------------------------------------------------------------------------------------


def test_without_consent_nothing_is_kept_and_nothing_typed_is_lost(server: Running) -> None:
    before = rows(server)
    reply = send(server, note="c'est du français", consent="")
    reader = well_formed(reply)
    assert reply.status == 400 and "Cochez la case" in reply.text and "#consent" in reader.links()
    assert ">\nc&#39;est du français</textarea>" in reply.text
    assert '<option value="fr" selected>' in reply.text and '<option value="language" selected>' in reply.text
    assert '<details class="need correct" open>' in reply.text
    assert rows(server) == before


def test_a_correction_is_kept_shown_and_deleted(server: Running) -> None:
    reply = send(server, "ary", text=PERSONAL, note="رقمي 0612345678", consent="yes")
    well_formed(reply)
    code = code_in(reply)
    assert reply.status == 200 and code not in str(rows(server))
    shown = server.form("/corrections/mine?lang=fr", code=code.lower(), act="show")
    well_formed(shown)
    assert "[CIN_1]" in shown.text and "[PHONE_1]" in shown.text
    assert "AB123456" not in shown.text and "0612345678" not in shown.text
    kept = next(row for row in rows(server) if consent_version("ary") in row)
    assert "proposed" in kept and "ary" in kept and "AB123456" not in str(kept)
    gone = server.form("/corrections/mine?lang=fr", code=code, act="delete")
    well_formed(gone)
    assert gone.status == 200 and "supprimé" in gone.text and kept not in rows(server)
    again = server.form("/corrections/mine?lang=fr", code=code, act="delete")
    well_formed(again)
    assert again.status == 404 and "Aucune correction" in again.text


def test_what_we_said_is_worked_out_here_and_not_taken_from_the_form(server: Running) -> None:
    spans = understand(MIXED).spans
    number = next(n for n, span in enumerate(spans, 1) if span.language == "fr")
    cases = [
        ({"about": f"language:{number}", "language": "ary-Latn"}, ("fr", "ary-Latn")),
        ({"about": "language", "language": "fr", "said": "es"}, ("ary-Latn", "fr")),
        ({"about": "letters:Arab", "writing": "بغيت نعرف"}, (None, "بغيت نعرف")),
    ]
    for fields, (said, should_be) in cases:
        reply = send(server, consent="yes", **fields)
        assert reply.status == 200
        code = code_in(reply)
        exported = exported_by(server)[-1]
        assert exported["should_be"] == should_be and (said is None or exported["said"] == said)
        assert exported["text"] == MIXED and "code" not in exported
        if "span" in str(fields) or fields["about"].startswith("language:"):
            assert MIXED[exported["start"] : exported["end"]] == MIXED[spans[number - 1].start : spans[number - 1].end]  # type: ignore[misc]
        if fields["about"].startswith("letters"):
            assert exported["script"] == "Arab" and "بغيت" in str(exported["said"])
        server.form("/corrections/mine", code=code, act="delete")


def exported_by(server: Running) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "tiwizi.cli", "corrections", "--jsonl", "--home", str(server.home)]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"about": ""}, "Choisissez ce qui est faux"),
        ({"about": "language:99"}, "Choisissez ce qui est faux"),
        ({"about": "language:0"}, "Choisissez ce qui est faux"),
        ({"about": "letters:Cyrl"}, "Choisissez ce qui est faux"),
        ({"about": "letters:Arab", "writing": "  "}, "Écrivez comment"),
        ({"language": ""}, "Choisissez la bonne langue"),
        ({"language": "tlh"}, "Choisissez la bonne langue"),
        ({"note": "é" * 4_001}, "4001"),
        ({"about": "letters:Arab", "writing": "ب" * 4_001}, "4001"),
    ],
)
def test_a_form_that_does_not_say_enough_is_shown_again(server: Running, fields: dict[str, str], words: str) -> None:
    before = rows(server)
    reply = send(server, consent="yes", **fields)
    reader = well_formed(reply)
    assert reply.status == 400 and words in reply.text and rows(server) == before
    ids = {attrs.get("id") for _, attrs in reader.tags}
    assert all(link[1:] in ids for link in reader.links() if link.startswith("#")), "each problem links to its field"


@pytest.mark.parametrize("code", TONGUES)
def test_the_consent_is_in_the_persons_language_and_in_those_that_bind(server: Running, code: str) -> None:
    text = look(server, MIXED, lang=code).text
    assert "CC0 1.0" in text
    if code != "en":
        assert not any(escape(paragraph[:40]) in text for paragraph in CONSENT)
    for words in ("حق الولوج", "droits d&#39;accès"):
        assert (words in text) == (code not in ("ar", "fr") or (code == "ar") == (words == "حق الولوج"))
    assert len({consent_version(one) for one in TONGUES}) == len(TONGUES)


def test_a_wrong_code_is_told_with_the_box(server: Running) -> None:
    for code in ("", "nope", "0000-0000-0000-0000", "' OR 1=1", "\0", "é" * 5_000):
        reply = server.form("/corrections/mine?lang=en", code=code, act="show")
        well_formed(reply)
        assert reply.status == 404 and 'id="code"' in reply.text
    assert server.call("/corrections/mine").text.count('id="code"') == 1, "reloaded by its address: the box again"


# the API ----------------------------------------------------------------------------------------------------------


def post(server: Running, path: str, body: object) -> Reply:
    return server.call(path, json.dumps(body).encode(), content_type="application/json")


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("text", [MIXED, "السلام عليكم", "ⴰⵣⵓⵍ", "", "12 🙂", "a\0b", OVERRIDES])
def test_the_api_says_what_the_command_says(server: Running, text: str, explain: bool) -> None:
    reply = post(server, "/v1/understand", {"text": text, "explain": explain, "other": 1})
    command = [sys.executable, "-m", "tiwizi.cli", "understand", "--jsonl", *["--explain"][: int(explain)]]
    line = json.dumps({"id": 1, "text": text}).encode()
    told = json.loads(subprocess.run(command, input=line, capture_output=True, timeout=60, check=True).stdout)
    assert reply.status == 200 and {"id": 1, **reply.json} == told
    assert ("evidence" in reply.json) == explain and "text" not in reply.json


def test_the_api_transliterates(server: Running) -> None:
    reply = post(server, "/v1/transliterate", {"text": "chno khassni?", "to": "Arab"})
    assert reply.status == 200 and reply.json["text"] == "شنو خاصني؟" and reply.json["candidates"][0] == "شنو خاصني؟"
    assert (
        post(server, "/v1/transliterate", {"text": "azul", "to": "Tfng", "language": "zgh-Latn"}).json["text"] == "ⴰⵣⵓⵍ"
    )


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "words"),
    [
        ("/v1/understand", {}, 400, None, "text"),
        ("/v1/understand", {"text": 3}, 400, None, "text"),
        ("/v1/understand", {"text": "a", "explain": "yes"}, 400, None, "explain"),
        ("/v1/understand", {"text": "a" * 4_001}, 413, "text_too_long", "4001"),
        ("/v1/understand", {"text": "a" * 2_000_001}, 413, None, "too large"),
        ("/v1/understand", {"text": "\ud800"}, 400, None, "JSON"),
        ("/v1/transliterate", {"text": "a"}, 400, None, "to"),
        ("/v1/transliterate", {"text": "a", "to": "Cyrl"}, 400, None, "to"),
        ("/v1/transliterate", {"text": "é" * 5_000, "to": "Arab"}, 413, "text_too_long", "5000"),
    ],
)
def test_bad_requests_have_openais_shape(
    server: Running, path: str, body: object, status: int, code: str | None, words: str
) -> None:
    reply = post(server, path, body)
    assert reply.status == status, reply.text
    error = reply.json["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["type"] == "invalid_request_error"
    assert error["code"] == code and words in error["message"]


def test_the_api_is_described(server: Running) -> None:
    described = json.loads(server.call("/schema/openapi.json").body)
    assert {"/v1/understand", "/v1/transliterate"} <= set(described["paths"])
    assert not {"/understand", "/corrections"} & set(described["paths"])
    assert {"certain", "candidates", "evidence"} <= set(described["components"]["schemas"]["Understood"]["properties"])


def test_links_of_the_page_lead_somewhere(server: Running) -> None:
    for path in ("/understand", "/understand?example=1", "/corrections"):
        for link in Reader(server.call(path).text).links():
            assert link.startswith("#") or server.call(link.replace("&amp;", "&")).status == 200, link
