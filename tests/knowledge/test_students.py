"""The small encoders and tables of ours, as they are shipped."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiwizi.knowledge import E5, Use, rank
from tiwizi.knowledge.encoder import centred, shipped_means, unshouted
from tiwizi.knowledge.forms import TONGUES, forms_of
from tiwizi.knowledge.remembered import digest_of, remembered
from tiwizi.knowledge.sqlite_home import SqliteHome
from tiwizi.knowledge.students import Ear, packed, student_of
from tiwizi.knowledge.students import _unpacked as unpacked
from tiwizi.knowledge.translation import compare_words, names_in, stems, translation_of
from tiwizi.language import transliterate
from tiwizi.store import open_store

MODELS = Path(__file__).parents[2] / "src/tiwizi/knowledge/models"
SAID = [  # in Darija, what it is called officially
    ("بغيت نجدد لاكارط", "renouvellement de la carte nationale d'identité"),
    ("شهادة السكنى", "certificat de résidence"),
    ("ضاع ليا البيرمي", "perte du permis de conduire"),
    ("كريدي ديال الدار فالبنكة", "crédit immobilier"),
    ("الضريبة على الدار", "taxe d'habitation"),
]


@pytest.mark.parametrize("name", sorted(path.name for path in MODELS.glob("*-*.npz")))
def test_a_card_tells_where_a_model_comes_from(name: str) -> None:
    import hashlib

    card = json.loads((MODELS / name).with_suffix(".json").read_text("utf-8"))
    assert card["sha256"] == hashlib.sha256((MODELS / name).read_bytes()).hexdigest()
    assert all("(" in source or "project" in source for source in card["data"]), "data without its licence"


@pytest.mark.parametrize("tag", sorted(TONGUES))
def test_a_student_speaks_in_both_spaces(tag: str) -> None:
    student = student_of(tag)
    assert student is not None
    first, second = student.vectors(["ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ", "salam 3likom", "السلام عليكم"], tag)
    assert first.shape == (3, E5.dimension) and second.shape == (3, Use.dimension)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-3)


@pytest.mark.parametrize("tag", ["fr", "ar", "en", "und"])
def test_other_languages_have_none(tag: str) -> None:
    assert student_of(tag) is None and translation_of(tag) is None


def test_both_scripts_of_amazigh_are_one_text() -> None:
    student = student_of("zgh-Tfng")
    assert student is not None
    tifinagh = "ⵔⵉⵖ ⴰⴷ ⴽⵛⵎⵖ ⵖⵔ ⵜⵉⵏⵎⵍ"
    one, _ = student.vectors([tifinagh], "zgh-Tfng")
    other, _ = student.vectors([transliterate(tifinagh, "Latn").text], "zgh-Latn")
    assert float(one[0] @ other[0]) > 0.8


def test_a_student_knows_what_people_mean_among_all_that_they_might() -> None:
    student = student_of("ary-Arab")
    assert student is not None
    encoder = Use()
    names = centred(encoder.passages([name for _, name in SAID]), shipped_means(encoder.name)["passage/fr"])
    _, said = student.vectors([text for text, _ in SAID], "ary-Arab")
    assert (np.argmax(said @ names.T, axis=1) == np.arange(len(SAID))).sum() >= len(SAID) - 1


async def test_what_a_student_heard_is_remembered(tmp_path: Path) -> None:
    student = student_of("zgh-Latn")
    assert student is not None
    store, texts = open_store(tmp_path), ["mani gh tlla tinml", "azul"]
    home, ear = SqliteHome(store, {}), Ear(student, "zgh-Latn")
    first = await remembered(home, ear, "question", texts)
    again = await remembered(home, ear, "question", texts)
    assert np.array_equal(first, again) and len(await home.vectors(ear.name, [digest_of("question", texts[0])])) == 1
    for said, fresh in zip(student.spoken(again), student.vectors(texts, "zgh-Latn"), strict=True):
        assert float((said * fresh).sum(axis=1).min()) > 0.999
    await store.close()


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_has_a_vector_of_unit_length_or_none(text: str) -> None:
    for tag in ("ary-Latn", "zgh-Tfng"):
        student = student_of(tag)
        assert student is not None
        first, _ = student.vectors([text], tag)
        length = float(np.linalg.norm(first[0]))
        assert length == 0 or abs(length - 1) < 1e-3


def test_four_bits_keep_what_they_can() -> None:
    numbers = np.random.default_rng(1).normal(size=(50, 16)).astype(np.float32)
    numbers[3] = 0
    small, scale = packed(numbers)
    back = unpacked(small) * scale[:, None]
    assert small.nbytes == numbers.size // 2 and np.all(np.abs(back - numbers) <= scale[:, None] / 2 + 1e-6)


def test_word_translation_finds_the_english_of_a_sentence() -> None:
    texts = ["The bread is expensive in the market.", "My father works in the city.", "He drinks water every day."]
    for tag, said in (
        ("ary-Latn", ["lkhobz ghali f souq", "bba khddam f lmdina", "kaychreb lma kol nhar"]),
        ("zgh-Tfng", ["ⴰⵖⵔⵓⵎ ⵉⵖⵍⴰ ⴳ ⵓⴳⴰⴷⵉⵔ", "ⴱⴰⴱⴰ ⴰⵔ ⵉⵙⵡⵓⵔⵉ ⴳ ⵜⵎⴷⵉⵏⵜ", "ⴰⵔ ⵉⵙⵙⴰ ⴰⵎⴰⵏ ⴽⵓ ⴰⵙⵙ"]),
    ):
        tables = translation_of(tag)
        assert tables is not None
        there, _ = compare_words(tables, said, tag, texts)
        assert np.argmax(there, axis=1).tolist() == [0, 1, 2], tag


def test_names_and_numbers_look_alike_everywhere() -> None:
    assert set(names_in(["khalid", "1956"])) & set(names_in(["kalid"])) and "#1956" in names_in(["1956"])
    assert stems("Books, opening closed") == ["book", "open", "clos"]


def test_sentences_find_their_translations_without_word_translation_too() -> None:
    asked = ["شحال ثمن الخبز؟", "فين كاين السبيطار؟", "غدا غادي تطيح الشتا", "خويا خدام فالبنك"]
    answers = [
        "Combien coûte le pain ?",
        "Où est l'hôpital ?",
        "Il va pleuvoir demain.",
        "Mon frère travaille dans une banque.",
        "La porte est fermée.",
        "Les enfants jouent au ballon.",
        "Le train part à midi.",
        "Elle a acheté une robe rouge.",
    ]
    first = rank(asked, answers, "ary-Arab", E5(), Use())[:, 0].tolist()
    assert sum(mine == right for mine, right in zip(first, range(4), strict=True)) >= 3


def test_a_form_for_every_way_of_writing() -> None:
    latin, arabic = forms_of("bghit lakart", "ary-Latn"), forms_of("بغيت لاكارط", "ary-Arab")
    assert [form.mark for form in latin.forms] == ["A", "L"] and [form.mark for form in arabic.forms] == ["A"]
    assert set(latin.forms[0].words) & set(arabic.forms[0].words)
    with pytest.raises(KeyError):
        forms_of("bonjour", "fr")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("LOI N° 09-08 RELATIVE AUX DONNÉES", "loi n° 09-08 relative aux données"),
        ("La CNIE et la CNSS", "La CNIE et la CNSS"),
        ("CNSS", "CNSS"),
        ("القانون رقم 09.08", "القانون رقم 09.08"),
    ],
)
def test_what_is_all_in_capitals_is_read_in_small_letters(text: str, read: str) -> None:
    assert unshouted(text) == read
