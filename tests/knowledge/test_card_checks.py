"""What a clerk is told of a card: each rule on a good card with one thing changed, and the cards we ship."""

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from tiwizi.knowledge import card_files, coverage
from tiwizi.knowledge.card_checks import RULES, Problem, articles_held, check_cards
from tiwizi.knowledge.card_file import schema, schema_text

TODAY = date(2026, 11, 24)
CARDS = card_files(Path(str(files("tiwizi").joinpath("packs/starter/cards"))))

GOOD = """
id = "tree-permit"
review = "reviewed"
reviewed_by = "division des espaces verts, Fès"
reviewed_on = 2026-11-23
updated = 2026-11-22

[name]
fr = "Permis d'arbre"
ar = "رخصة الشجرة"
ary-Arab = "الرخصة ديال الشجرة"
zgh-Tfng = "ⵜⵓⵔⴰⴳⵜ ⵏ ⵓⵙⴽⵍⵓ"

[aliases]
fr = ["planter un arbre"]
ar = ["غرس شجرة"]
ary-Arab = ["بغيت نغرس شجرة"]
ary-Latn = ["bghit nghres chejra"]
zgh-Tfng = ["ⵜⵓⵔⴰⴳⵜ ⵏ ⵓⵙⴽⵍⵓ"]
zgh-Latn = ["turagt n usklu"]

[sources.law]
fr = "Loi 12-34 sur les arbres"
ar = "القانون رقم 12.34 المتعلق بالأشجار"
article = "1"

[sources.page]
fr = "Page de la ville"
ar = "صفحة المدينة"
site = "example.ma/arbres"
seen = 2026-11-20

[[facts]]
field = "fee"
confidence = "low"
source = "page"
confirm = "example.ma"
fr = "Selon nos informations : 1 500 DH, en deux fois."
ar = "حسب المعلومات المتوفرة لدينا: 1.500 درهم، على مرتين."
ary-Arab = "على حساب المعلومات اللي عندنا: 1500 درهم، على 2 ديال المرات."
zgh-Tfng = "ⵙⴳ ⵉⵏⵖⵎⵉⵙⵏ ⵏⵏⵖ: 1500 DH, ⵙⵏⴰⵜ ⵜⵉⴽⴽⴰⵍ."

[[facts]]
field = "place"
confidence = "high"
source = "law"
fr = "À la commune, de 08:00 à 16:00."
ar = "لدى الجماعة، من 8 إلى 16."
ary-Arab = "فالجماعة، من 8 حتى ل 16."
zgh-Tfng = "ⴳ ⵜⴳⵔⴰⵡⵜ, ⵙⴳ 8 ⴰⵔ 16."
"""


def problems(tmp_path: Path, text: str, name: str = "tree-permit", **laws: frozenset[str]) -> tuple[Problem, ...]:
    path = tmp_path / f"{name}.toml"
    path.write_text(text, "utf-8")
    return check_cards([path], TODAY, {"12.34": laws["held"]} if laws else None).problems


def test_a_good_card_has_nothing_to_be_told(tmp_path: Path) -> None:
    """Figures joined in three ways, hours with zeros, and numbers in words are all the same figures."""
    assert problems(tmp_path, GOOD) == ()


# what was written, what stands there instead, the line that the clerk reads begins with, words in it
CHANGES = [
    ('zgh-Tfng = "ⵜⵓⵔⴰⴳⵜ ⵏ ⵓⵙⴽⵍⵓ"\n\n[al', "\n[al", "name: warning:", "zgh-Tfng"),
    ('zgh-Tfng = "ⴳ ⵜⴳⵔⴰⵡⵜ, ⵙⴳ 8 ⴰⵔ 16."', "", "fact 2: warning:", "zgh-Tfng"),
    ('zgh-Latn = ["turagt n usklu"]', "", "aliases: warning:", "zgh-Latn"),
    ('fr = ["planter un arbre"]', "fr = []", "aliases: warning:", "fr"),
    ('fr = ["planter un arbre"]', 'fr = ["planter un arbre", "??"]', "aliases: warning:", "'??'"),
    ('source = "law"', 'source = "page"', "source law: warning:", "no fact"),
    ("seen = 2026-11-20", "", "source page: warning:", "seen"),
    ('site = "example.ma/arbres"\nseen = 2026-11-20', "", "source page: warning:", "which site"),
    ('site = "example.ma/arbres"', 'site = "https://example.ma"', "source page: ", "without https://"),
    ('site = "example.ma/arbres"', 'site = "example"', "source page: ", "'example'"),
    ("Loi 12-34", "Loi 1234", "source law: ", "55-19"),
    ("Loi 12-34", "Loi n° 12-34", "", ""),
    ("Loi 12-34", "Loi organique 12-34", "", ""),
    ("Loi 12-34 sur", "Décret 12-34 sur", "source law: ", "2-20-521"),
    ("Loi 12-34 sur", "Dahir portant loi 12-34 sur", "source law: ", "1-09-15"),
    ("Loi 12-34 sur les arbres", "Loi 12-34 du 12 août 1913", "", ""),
    ("القانون رقم 12.34", "القانون رقم 12.43", "source law: ", "12.43"),
    ("القانون رقم 12.34", "القانون رقم ١٢.٣٤", "", ""),
    ("updated = 2026-11-22", "updated = 2026-11-25", "updated is", "still to come"),
    ("updated = 2026-11-22", "updated = 2024-01-01", "warning: updated is", "review due"),
    ("seen = 2026-11-20", "seen = 2027-01-01", "source page: seen", "still to come"),
    ("seen = 2026-11-20", "seen = 2025-01-01", "source page: warning: seen", "review due"),
    ("reviewed_on = 2026-11-23", "", "warning: say when", "espaces verts"),
    ("reviewed_on = 2026-11-23", "reviewed_on = 2026-11-21", "warning: it was changed", "after its review"),
    ('confirm = "example.ma"', 'confirm = "the town hall"', "fact 1 (fee): ", "'the town hall'"),
    ('confirm = "example.ma"', 'confirm = "مثال.ma"', "fact 1 (fee): ", "confirm"),
    ("de 08:00 à 16:00", "de 08:00 à 61:00", "fact 2 (place): the figures differ", "fr 61, ar 16"),
    ("من 8 إلى 16", "من ٨ إلى ١٦", "", ""),
    ("من 8 إلى 16", "من ٨ إلى ٦١", "fact 2 (place): the figures differ", "ar 61"),
    ("ⵙⴳ 8 ⴰⵔ 16", "ⵙⴳ ⵜⴰⵎ ⴰⵔ 16", "", ""),
    ("ⵙⴳ 8 ⴰⵔ 16", "ⵙⴳ ⵜⴰⵎ", "fact 2 (place): warning:", "16 stands in fr"),
    ("1 500 DH, en deux fois", "1 500 DH (voir le360.ma)", "fact 1 (fee): warning:", "2 stands in ary-Arab"),
    ("على مرتين", "مرتين، ثم 3", "fact 1 (fee): warning:", "3 stands in ar"),
    ("Permis d'arbre", "Permis d'arbre (moins de 18 ans)", "", ""),
    ("Selon nos informations : 1", "Il faut 1", "fact 1 (fee): ", "Selon nos informations"),
    ("ⵙⴳ ⵉⵏⵖⵎⵉⵙⵏ ⵏⵏⵖ", "ⴰⵜⵉⴳ", "fact 1 (fee): ", "ⵙⴳ ⵉⵏⵖⵎⵉⵙⵏ"),
    ("À la commune, de", "Selon nos informations, à la commune, de", "fact 2 (place): warning:", "need not"),
    ("À la commune, de", "\\u00c0 la commune, de", "fact 2 (place): ", "without \\"),
    ('confidence = "high"', 'confidence = "sure"', "Invalid enum value 'sure', in fact 2", "high, medium"),
    ('confirm = "example.ma"', "", "fact 1 (fee): ", "confirm must name"),
    ('source = "law"', 'source = "lay"', "fact 2 (place): ", "'lay'"),
    ("[name]", "[name", "", "line"),
]


@pytest.mark.parametrize(("was", "becomes", "begins", "words"), CHANGES)
def test_each_thing_that_is_wrong_or_lacks_is_one_line(
    tmp_path: Path, was: str, becomes: str, begins: str, words: str
) -> None:
    assert was in GOOD
    lines = [str(problem) for problem in problems(tmp_path, GOOD.replace(was, becomes, 1))]
    if not begins and not words:
        assert lines == []
    else:
        assert [line for line in lines if line.startswith(f"tree-permit.toml: {begins}") and words in line], lines
        assert not [line for line in lines if "\n" in line]


def test_every_rule_is_tried_above() -> None:
    assert set(RULES) == {
        "languages", "sources", "law numbers", "dates", "references", "figures", "to be confirmed", "escapes"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("article", "held", "told"),
    [
        ("1", {"1", "2"}, None),
        ("1-2", {"1", "2"}, None),
        ("3", {"1", "2"}, "Loi 12-34 sur les arbres is held here and ends with article 2, not 3"),
        ("2-3", {"1", "2"}, "Loi 12-34 sur les arbres is held here and ends with article 2, not 3"),
        ("2", {"1", "10"}, "warning: Loi 12-34 sur les arbres is held here and no article 2 was found in it"),
        ("10", {"9", "11"}, "warning: Loi 12-34 sur les arbres is held here and no article 10 was found in it"),
    ],
)
def test_an_article_that_a_held_law_does_not_have_is_told(
    tmp_path: Path, article: str, held: set[str], told: str | None
) -> None:
    """Past the last one it is wrong; before it, the copy of the law may have lost its heading."""
    text = GOOD.replace('article = "1"', f'article = "{article}"')
    assert problems(tmp_path, text) == ()
    lines = [str(problem) for problem in problems(tmp_path, text, held=frozenset(held))]
    assert lines == ([f"tree-permit.toml: fact 2 (place): {told}"] if told else [])


def test_a_document_is_the_law_that_its_title_names_first_or_that_its_dahir_promulgates() -> None:
    titles = [
        ("Loi n° 12-34 relative aux arbres", ["1", "2 bis"]),
        ("مرسوم رقم 2.09.165 لتطبيق القانون رقم 09.08", ["1"]),
        ("مرسوم لتطبيق القانون رقم 36.21 المتعلق بالحالة المدنية", ["1"]),
        ("Décret n° 2-20-521 pris pour l'application de la loi 04-20", ["3"]),
        ("Dahir n° 1-09-15 portant promulgation de la loi n° 09-08", ["7"]),
        ("Loi 55-19, lue de travers", []),
        ("Règlement du marché", ["1"]),
    ]
    assert articles_held(titles) == {
        "12.34": {"1", "2"},
        "2.09.165": {"1"},
        "2.20.521": {"3"},
        "1.09.15": {"7"},
        "09.08": {"7"},
    }


def test_two_cards_that_share_an_alias_are_told_and_a_bad_file_stops_nothing(tmp_path: Path) -> None:
    other = GOOD.replace("tree-permit", "tree-felling").replace("planter un arbre", "Planter  un arbre")
    near = GOOD.replace("tree-permit", "tree-care").replace("planter un arbre", "planter des arbres")
    for name, text in (("tree-permit", GOOD), ("tree-felling", other), ("tree-care", near), ("broken", "id = ")):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    checked = check_cards(card_files(tmp_path), TODAY)
    assert [card.id for card in checked.cards] == ["tree-care", "tree-felling", "tree-permit"]
    french = [str(problem) for problem in checked.problems if "plant" in problem.message.casefold()]
    assert french == [
        "tree-felling.toml: aliases: warning: 'Planter  un arbre' is to search the same as 'planter des arbres' of "
        "tree-care.toml",
        "tree-permit.toml: aliases: warning: 'planter un arbre' is to search the same as 'planter des arbres' of "
        "tree-care.toml",
    ]
    arabic = [problem for problem in checked.problems if "غرس" in problem.message and problem.severity == "error"]
    assert {problem.file for problem in arabic} == {"tree-felling.toml", "tree-permit.toml"}
    (broken,) = [problem for problem in checked.problems if problem.file == "broken.toml"]
    assert (broken.rule, broken.severity) == ("file", "error")


# the cards we ship


def test_no_shipped_card_has_an_error() -> None:
    checked = check_cards(CARDS, date.today())
    assert [str(problem) for problem in checked.problems if problem.severity == "error"] == []
    assert len(checked.cards) == len(CARDS) > 25


def test_coverage_counts_what_a_card_says(tmp_path: Path) -> None:
    path = tmp_path / "tree-permit.toml"
    path.write_text(GOOD.replace('zgh-Tfng = "ⴳ ⵜⴳⵔⴰⵡⵜ, ⵙⴳ 8 ⴰⵔ 16."', ""), "utf-8")
    (card,) = check_cards([path], TODAY).cards
    row = coverage(card)
    assert (row.texts, row.written) == (3, {"fr": 3, "ar": 3, "ary-Arab": 3, "zgh-Tfng": 2})
    assert row.languages == ("fr", "ar", "ary-Arab")
    assert row.said == ("place", "fee") and set(row.silent) == {
        "legal_basis", "documents", "delay", "silence", "inquiry"
    }  # fmt: skip
    assert (row.certain, row.to_confirm, row.review, row.reviewed_on) == (1, 1, "reviewed", date(2026, 11, 23))


# the schema


def test_the_shipped_schema_is_up_to_date() -> None:
    """When this fails: tiwizi cards schema > src/tiwizi/knowledge/card.schema.json"""
    assert files("tiwizi.knowledge").joinpath("card.schema.json").read_text("utf-8") == schema_text()


def test_every_field_of_the_schema_has_a_title_that_helps_who_writes() -> None:
    for name, made in schema()["$defs"].items():
        for field, about in made["properties"].items():
            assert about.get("title") or about.get("description") or about.get("anyOf"), f"{name}.{field}"


def test_the_schema_knows_every_field_that_shipped_cards_use() -> None:
    types = schema()["$defs"]
    used = {word for path in CARDS for word in re.findall(r"(?m)^([\w-]+) = ", path.read_text("utf-8"))}
    assert used <= {field for made in types.values() for field in made["properties"]}
