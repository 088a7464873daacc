"""Cards: what a good file gives, what a bad one is told, and that every card we ship keeps the house's rules.

What `tiwizi cards check` finds is tested in `test_card_checks.py`, on the shipped cards too.
"""

import re
import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

from tiwizi.errors import Unreadable
from tiwizi.knowledge.cards import Card, Fact, Field, load_card, load_cards

PACK = Path(str(files("tiwizi").joinpath("packs/starter")))
FILES = sorted((PACK / "cards").glob("*.toml"))
LANGUAGES = ("fr", "ar", "ary-Arab")

GOOD = """
id = "tree-permit"
review = "drafted"
updated = 2026-11-22

[name]
fr = "Permis d'arbre"
ar = "رخصة الشجرة"
ary-Arab = "الرخصة ديال الشجرة"

[aliases]
fr = ["planter un arbre"]
ar = ["غرس شجرة"]
ary-Arab = ["بغيت نغرس شجرة"]
ary-Latn = ["bghit nghres chejra"]
en = ["plant a tree"]

[sources.law]
fr = "Loi sur les arbres"
ar = "قانون الأشجار"
article = "1"

[[facts]]
field = "fee"
confidence = "memory"
source = "law"
article = "7"
confirm = "example.ma"
fr = "Selon nos informations : 5 DH."
ar = "حسب المعلومات المتوفرة لدينا: 5 دراهم."
ary-Arab = "على حساب المعلومات اللي عندنا: 5 دراهم."

[[facts]]
field = "place"
confidence = "high"
source = "law"
fr = "À la commune."
ar = "لدى الجماعة."
ary-Arab = "فالجماعة."
zgh-Tfng = "ⴳ ⵜⴳⵔⴰⵡⵜ."
"""


@pytest.fixture(scope="module")
def shipped() -> tuple[Card, ...]:
    return load_cards(PACK / "cards")


def facts_of(shipped: tuple[Card, ...]) -> list[tuple[str, Fact]]:
    return [(f"{card.id}, fact {n}", fact) for card in shipped for n, fact in enumerate(card.facts, start=1)]


# what a good file gives


def test_a_card_tells_its_facts_by_field_with_their_sources() -> None:
    card = load_card(GOOD)
    (fee,) = card.facts_about("fee")
    assert (fee.source.fr, fee.source.article, fee.certain, fee.confirm) == (
        "Loi sur les arbres",
        "7",
        False,
        "example.ma",
    )
    (place,) = card.facts_about("place")
    assert (place.source.article, place.certain) == ("1", True)
    assert card.facts_about("delay") == ()
    assert card.fields == ("fee", "place")


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("fr", "fr"),
        ("ar", "ar"),
        ("ary-Arab", "ary-Arab"),
        ("ary-Latn", "ary-Arab"),
        ("zgh-Tfng", "zgh-Tfng"),
        ("zgh-Latn", "zgh-Tfng"),
        ("rif", "zgh-Tfng"),
        ("en", "fr"),
        ("es", "fr"),
        ("und", "fr"),
        ("tlh", "fr"),
    ],
)
def test_a_text_is_given_in_the_nearest_language_and_says_which(asked: str, given: str) -> None:
    (place,) = load_card(GOOD).facts_about("place")
    text, tag = place.text_in(asked)
    assert (text, tag) == (place.texts[given], given)


def test_amazigh_readers_get_arabic_where_no_amazigh_is_written() -> None:
    card = load_card(GOOD)
    assert card.facts[0].text_in("zgh-Latn")[1] == "ar"
    assert card.name_in("zgh-Tfng") == ("رخصة الشجرة", "ar")
    assert card.facts[0].source.named_in("zgh-Tfng") == card.facts[0].source.named_in("ary-Latn") == "قانون الأشجار"


def test_phrases_are_the_names_and_the_aliases() -> None:
    card = load_card(GOOD)
    assert card.phrases("fr") == ("Permis d'arbre", "planter un arbre")
    assert card.phrases("ary-Latn") == ("bghit nghres chejra",)
    assert card.phrases("kab") == ()
    assert set(card.phrases("en")) < set(card.phrases())


# what a bad one is told


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('ary-Arab = "فالجماعة."', "", ("fact 2", "missing", "ary-Arab")),
        ('ar = "رخصة الشجرة"', "", ("missing", "ar", "name")),
        ('ary-Latn = ["bghit nghres chejra"]', "", ("missing", "ary-Latn", "aliases")),
        ('field = "fee"', 'field = "price"', ("price", "fact 1")),
        ('field = "fee"', "", ("fact 1", "missing", "field")),
        ('confidence = "high"', 'confidence = "sure"', ("sure", "fact 2")),
        ('confidence = "high"\nsource = "law"', 'confidence = "high"', ("fact 2", "missing", "source")),
        ('confidence = "high"\nsource = "law"', 'confidence = "high"\nsource = "lax"', ("fact 2", "'lax'", "law")),
        ('confirm = "example.ma"', "", ("fact 1 (fee)", "memory", "confirm")),
        ("updated = 2026-11-22", "updated = 2026-13-45", ("card",)),
        ("updated = 2026-11-22", 'updated = "tomorrow"', ("updated",)),
        ('fr = "À la commune."', 'fr = "  "', ("fact 2", "fr")),
        ('fr = "À la commune."', 'fr = "À la commune."\nprice = 5', ("fact 2", "unknown field price")),
        ('id = "tree-permit"', 'id = "Tree permit"', ("id",)),
        ('review = "drafted"', 'review = "reviewed"', ("reviewed_by",)),
        ('review = "drafted"', 'review = "perfect"', ("perfect",)),
        ("[name]", "[name", ("line",)),
    ],
)
def test_a_bad_card_is_told_where_and_what(was: str, becomes: str, told: tuple[str, ...]) -> None:
    assert was in GOOD
    with pytest.raises(Unreadable) as caught:
        load_card(GOOD.replace(was, becomes, 1))
    assert all(word in str(caught.value) for word in told), str(caught.value)


def test_a_card_without_facts_is_refused() -> None:
    with pytest.raises(Unreadable, match="facts"):
        load_card(GOOD.partition("[[facts]]")[0])


def test_a_file_that_is_not_utf8_or_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    bad = tmp_path / "latin.toml"
    bad.write_bytes("id = 'é'".encode("latin-1"))
    with pytest.raises(Unreadable, match=r"latin\.toml.*UTF-8"):
        load_card(bad)
    with pytest.raises(Unreadable, match=r"none\.toml"):
        load_card(tmp_path / "none.toml")


def test_a_card_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(GOOD, "utf-8")
    with pytest.raises(Unreadable, match=r"other\.toml.*tree-permit"):
        load_card(path)


def test_a_bad_card_never_stops_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("id = ", "utf-8")
    (tmp_path / "tree-permit.toml").write_text(GOOD, "utf-8")
    listed: list[str] = []
    cards = load_cards(tmp_path, on_error=lambda path, error: listed.append(f"{path.name}: {error}"))
    assert [card.id for card in cards] == ["tree-permit"]
    assert len(listed) == 1 and listed[0].startswith("broken.toml")
    with pytest.raises(Unreadable, match=r"broken\.toml"):
        load_cards(tmp_path)


# the cards we ship


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_card_loads_as_a_draft_and_says_what_people_ask(path: Path) -> None:
    card = load_card(path)
    assert card.review == "drafted"
    assert {"place", "documents"} & set(card.fields)
    from_law = any(re.search(r"(?i)\b(loi|décret|dahir)\b", fact.source.fr) for fact in card.facts)
    assert not from_law or "legal_basis" in card.fields
    assert set(card.fields) <= set(get_args(Field))
    assert all(len(card.aliases[tag]) >= 5 for tag in (*LANGUAGES, "ary-Latn"))


def test_at_least_the_promised_procedures_are_there(shipped: tuple[Card, ...]) -> None:
    promised = """cnie-first cnie-renewal cnie-lost cnie-abroad passport-adult passport-minor birth-extract
    birth-declaration criminal-record residence-certificate signature-legalisation driving-licence-renewal rnp rsu
    amo-tadamon direct-social-aid auto-entrepreneur building-permit complaint access-to-information
    personal-data-rights""".split()
    assert set(promised) <= {card.id for card in shipped}


def test_ids_and_names_are_unique(shipped: tuple[Card, ...]) -> None:
    for tag in LANGUAGES:
        assert max(Counter(card.name[tag] for card in shipped).values()) == 1
    assert max(Counter(card.id for card in shipped).values()) == 1


def test_every_fact_has_its_languages_and_a_source(shipped: tuple[Card, ...]) -> None:
    for where, fact in facts_of(shipped):
        assert set(LANGUAGES) <= set(fact.texts), where
        assert fact.source.fr and fact.source.ar, where


def test_a_fact_read_in_a_law_names_the_law(shipped: tuple[Card, ...]) -> None:
    for where, fact in facts_of(shipped):
        if fact.confidence == "high":
            assert re.search(r"(?i)\b(loi|décret|dahir|code)\b|narsa|cnss", fact.source.fr), where


def test_a_memory_says_that_it_is_one_and_where_to_check(shipped: tuple[Card, ...]) -> None:
    for where, fact in facts_of(shipped):
        if fact.confidence == "memory":
            assert "De mémoire" in fact.source.fr and "من الذاكرة" in fact.source.ar, where
        assert fact.certain or fact.confirm, where


def test_a_plain_space_never_splits_a_figure(shipped: tuple[Card, ...]) -> None:
    """Between right-to-left words, "500 000" with a plain space is shown as "000 500"."""
    for where, fact in facts_of(shipped):
        for tag, text in fact.texts.items():
            assert not re.search(r"\d \d{3}(?!\d)", text), f"{where}, {tag}"


def test_no_law_number_is_shown_backwards(shipped: tuple[Card, ...]) -> None:
    """By the Unicode bidirectional algorithm "2-18-577" straight after an Arabic word is shown as "577-18-2"."""
    for where, fact in facts_of(shipped):
        for tag, text in fact.texts.items():
            assert not re.search(r"[\u0600-\u06ff][^A-Za-z\u00c0-\u024f\u2d30-\u2d7f\n]*\d-\d", text), f"{where}, {tag}"


# Darija as the wording guide writes it: (what must not be found, what to write)
REFUSED = [
    (r"[٠-٩۰-۹]", "figures 0-9"),
    (r"\bخصكم|\bخصك|\bيلزم", "خاصكم"),
    (r"\bتاع", "ديال"),
    (r"(?<!\S)د(?!\S)", "ديال"),
    (r"(?<!\S)كا[يتن](?![نوت])\w{2,}|(?<!\S)تي(?=[عكد]\w)", "كـ joined, for the present"),
    (r"(?<!\S)غا(?!\S)|(?<!\S)غ(?!\S)", "غادي"),
    (r"(?<!\S)بش(?!\S)", "باش"),
    (r"(?<!\S)لي(?!\S)", "اللي"),
    (r"(?<!\S)(هذا|هذه|هاذ|هاذا|ذلك)(?!\S)", "هاد"),
    (r"(?<!\S)(أو|او)(?!\S)", "ولا"),
    (r"(?<!\S)(إلى|الى)(?!\S)", "إلا for if, لـ for to"),
    (r"(?<!\S)(لكم|لكوم)(?!\S)", "ليكم"),
    (r"(?<!\S)(الذي|التي|ليس|سوف|لديكم|لدى|هل|يجب|يمكنكم|توجهوا)(?!\S)", "Darija, not Standard Arabic"),
    (r"(?<!قبل )(?<!بعد )(?<!\S)ما(?=\s)", "ما joined to its verb"),
    (r"(?<!\S)م(?=كاين|عند|يمكن|غادي)", "ما with its alif"),
    (r"\b(?!ال|الدوا|دوا)[؀-ۿ]{2,}وا\b", "the plural without alif"),
    (r"[گݣ]", "ڭ"),
    (r"(?<!\d)([3-9]|10) (درهم|عام|شهر|نهار|يوم)\b", "the plural from 3 to 10"),
    (r"(?<!\d)(1[1-9]|[2-9]\d|\d{3,}) (دراهم|سنين|شهور|أيام)\b", "the singular from 11"),
    (r"\b(أغسطس|سبتمبر|نوفمبر|ديسمبر)\b", "the months of Morocco"),
]
ALLOWED = re.compile(r"\([^)]*\)|الحق في الحصول على المعلومات|شتنبر")  # an official name stays as it is


@pytest.mark.parametrize(("pattern", "write"), REFUSED, ids=[write for _, write in REFUSED])
def test_darija_is_spelled_as_the_guide_says(shipped: tuple[Card, ...], pattern: str, write: str) -> None:
    texts = [(card.id, card.name["ary-Arab"]) for card in shipped]
    texts += [(where, fact.texts["ary-Arab"]) for where, fact in facts_of(shipped)]
    wrong = [(where, text) for where, text in texts if re.search(pattern, ALLOWED.sub(" ", text))]
    assert wrong == [], f"write {write}"


@pytest.mark.parametrize(
    "text", ["خصكم ورقة", "الورقة تاعكم", "الورقة د الولد", "5 درهم", "30 أيام", "لي بغا", "جيبوا", "ما كاينش", "٣"]
)
def test_the_rules_do_catch_what_they_are_for(text: str) -> None:
    assert any(re.search(pattern, text) for pattern, _ in REFUSED)


@pytest.mark.parametrize(
    "text",
    ["خاصكم 3 شهور", "12 شهر", "10 دراهم", "300 درهم فالشهر", "ماكاينش", "قبل ما تمشيو", "أول مرة", "اللي ديالكم"],
)
def test_the_rules_leave_good_darija_alone(text: str) -> None:
    assert not any(re.search(pattern, text) for pattern, _ in REFUSED)


# the rest of the pack


def test_the_pack_says_what_it_is_and_who_may_use_it() -> None:
    pack = tomllib.loads((PACK / "pack.toml").read_text("utf-8"))
    assert pack["name"] == "starter" and pack["licence"] == "CC-BY-4.0"
    assert set(LANGUAGES) <= set(pack["description"])
    assert pack["review"] == {tag: "drafted" for tag in LANGUAGES}


@pytest.mark.parametrize("name", ["vos-droits-face-a-ladministration", "huquq-almurtafiq", "donnees-personnelles"])
def test_our_own_documents_say_that_they_are_drafts_and_cite_articles(name: str) -> None:
    text = (PACK / "documents" / f"{name}.md").read_text("utf-8")
    head = text[:600]
    assert "Tiwizi" in head and re.search("non officiel|غير رسمية", head)
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        assert re.search(r"article|المادة|المواد|المادتين", section), section[:60]
