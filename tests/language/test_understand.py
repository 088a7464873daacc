import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tiwizi.language import understand, understand_many
from tiwizi.language.identify import LANGUAGES
from tiwizi.language.understand import CERTAIN

TRAINING = Path(__file__).parents[2] / "training" / "texts"

SCRIPT = {"Arab": "Arab", "Latn": "Latn", "Tfng": "Tfng", "ar": "Arab", "fr": "Latn", "en": "Latn", "es": "Latn"}

# Made up for these tests; none is in the training phrases (checked below).
QUESTIONS = [
    ("ary-Latn", "chno khassni bach njedded la carte nationale?"),
    ("ary-Latn", "chhal taman dyal lpaspor"),
    ("ary-Latn", "Salam, wach n9dar njib l'acte de naissance dyal mama ?"),
    ("ary-Latn", "fin kayna lmo9ata3a li katswb lwra9"),
    ("ary-Latn", "bghit nsawb passeport l weldi sghir"),
    ("ary-Latn", "ch7al khassni n khelles f carte grise"),
    ("ary-Latn", "fo9ach kat7ell l3amala nhar sebt"),
    ("ary-Latn", "dert la demande hadi chhar o mazal ma jawbouni"),
    ("ary-Latn", "3lach l amo ma bghatch tkhlless dwa"),
    ("ary-Latn", "lwalida katsowel 3la d3m"),
    ("ary-Latn", "kifach n3mr formulaire dial RNP"),
    ("ary-Latn", "wach khass certificat de résidence bach ndir la CNIE"),
    ("ary-Latn", "SALAM BGHIT NBDEL L ADRESSE F LA CARTE"),
    ("ary-Latn", "3lach hakka"),
    ("ary-Latn", "bch7al lpermis"),
    ("ary-Arab", "شنو خاصني باش نجدد لاكارط ناسيونال؟"),
    ("ary-Arab", "بشحال الباسبور"),
    ("ary-Arab", "فين نقدر نجيب عقد الازدياد ديال الوالدة"),
    ("ary-Arab", "واش كاين شي حل باش ناخد الدعم بلا مانمشي للمقاطعة"),
    ("ary-Arab", "وليدي عندو 12 عام واش خاصو لاكارط"),
    ("ary-Arab", "شكون لي غادي يوقع ليا على الورقة"),
    ("ary-Arab", "طلبت البطاقة هادي شهر ومازال ماوصلاتش"),
    ("ary-Arab", "شحال ديال الفلوس خاصني نخلص فالتنبر"),
    ("ary-Arab", "كيفاش نتسجل ف RSU"),
    ("ary-Arab", "بغيت renouvellement ديال passeport"),
    ("ary-Arab", "علاش ماقبلوش ليا الملف؟"),
    ("ary-Arab", "فوقاش كيحلو الجماعة"),
    ("ary-Arab", "واش الطلاق كيتدار بلا محامي"),
    ("zgh-Latn", "manik rad skrgh takarda n tmagit"),
    ("zgh-Latn", "mani gh ra d asigh lpaspor"),
    ("zgh-Latn", "mnck atig n takarda ad"),
    ("zgh-Latn", "azul, riɣ ad skreɣ arra n tlalit i yiwi"),
    ("zgh-Latn", "ma yi ikhssan ad skrgh lakart nasyonal"),
    ("zgh-Latn", "is tzemrm ad yi tawsm f lwraq n tmghra"),
    ("zgh-Latn", "mamek ad zzriɣ tuttra-inu"),
    ("zgh-Latn", "mayd ixessan i wawal n tmaziɣt g tedbelt"),
    ("zgh-Tfng", "ⵎⴰⵏⵉⴽ ⵔⴰⴷ ⵙⴽⵔⵖ ⵜⴰⴽⴰⵕⴹⴰ ⵏ ⵜⵎⴰⴳⵉⵜ"),
    ("zgh-Tfng", "ⵎⵏⵛⴽ ⴰⵜⵉⴳ ⵏ ⵜⴽⴰⵕⴹⴰ?"),
    ("zgh-Tfng", "ⵎⴰⵏⵉ ⵖ ⵜⵍⵍⴰ ⵜⴳⵔⴰⵡⵜ"),
    ("ar", "ما هي الوثائق المطلوبة لتجديد البطاقة الوطنية؟"),
    ("ar", "كم ثمن جواز السفر البيومتري؟"),
    ("ar", "كيف يمكن للمواطن أن يقدم شكاية ضد الإدارة؟"),
    ("ar", "أين توجد أقرب ملحقة إدارية؟"),
    ("ar", "هل يحق للقاصر الحصول على بطاقة التعريف؟"),
    ("ar", "متى ينتهي أجل التصريح بالولادة؟"),
    ("ar", "فقدت بطاقتي الوطنية ماذا أفعل"),
    ("ar", "ما هي مدة الرخصة السنوية المؤدى عنها"),
    ("ar", "شروط الاستفادة من الدعم الاجتماعي المباشر"),
    ("ar", "من يسلم شهادة الملكية؟"),
    ("ar", "تصحيح إمضاء الوكالة"),
    ("fr", "Quels papiers pour renouveler la carte nationale ?"),
    ("fr", "CNIE prix"),
    ("fr", "Combien coûte un passeport pour un enfant ?"),
    ("fr", "je veux changer mon adresse sur la carte grise"),
    ("fr", "J'ai perdu ma CIN, que faire ?"),
    ("fr", "delai passeport"),
    ("fr", "Où se trouve la commune la plus proche ?"),
    ("fr", "Suis-je obligé de légaliser ma signature pour un bail ?"),
    ("fr", "extrait d'acte de naissance en ligne maroc"),
    ("fr", "congé maternité durée"),
    ("fr", "c'est quoi le RNP"),
    ("en", "how much does the passport cost"),
    ("en", "Where do I renew my national ID card?"),
    ("en", "What papers does a child need for a passport?"),
    ("en", "Is the residence certificate free of charge?"),
    ("en", "my card was stolen what should I do"),
    ("en", "opening hours of the town hall"),
    ("es", "¿Qué documentos necesito para renovar la tarjeta nacional?"),
    ("es", "cuanto cuesta el pasaporte"),
    ("es", "¿Dónde puedo pedir mi certificado de nacimiento?"),
    ("es", "se me ha perdido la tarjeta de residencia"),
    ("es", "quiero cambiar mi dirección"),
    ("und", "12345 ?!"),
    ("und", "🙂🙂"),
    ("und", "Wo kann ich meinen Reisepass verlängern lassen?"),
    ("und", "Где можно продлить паспорт?"),
]
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(("language", "text"), QUESTIONS)
def test_the_language_of_an_everyday_question_is_right(language, text):
    found = understand(text)
    assert found.language == language, found.candidates
    if language != "und":
        assert found.script == SCRIPT[language.rpartition("-")[2]]


def test_the_questions_are_not_training_material():
    lines = (TRAINING / "phrases.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line[0] != "#"]
    frames = [(language, form.split("{}")) for language, kind, form in rows if kind == "frame"]
    things = {language: [form for of, kind, form in rows if (of, kind) == (language, "thing")] for language, *_ in rows}
    made = {thing.join(parts).strip() for language, parts in frames for thing in [*things[language], ""]}
    for path in TRAINING.glob("*.tsv"):
        made |= {line.split("\t")[-1] for line in path.read_text("utf-8").splitlines()}
    assert sorted(made & {text.strip(" ?؟").lower() for _, text in QUESTIONS}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("بغيت renouvellement ديال passeport", ["ary-Arab", "fr", "ary-Arab", "fr"]),
        ("ⵎⴰⵏⵉⴽ ⵔⴰⴷ ⵙⴽⵔⵖ البطاقة الوطنية؟", ["zgh-Tfng", "ar"]),
        ("wach momkin t3tiwni wa7ed lma3louma, je voudrais savoir les horaires", ["ary-Latn", "fr"]),
        ("how much does the passport cost", ["en"]),
        ("Паспорт bghit njedded", ["und", "ary-Latn"]),
        ("2024 🙂", []),
    ],
)
def test_spans_follow_the_languages_of_the_words(text, expected):
    assert [span.language for span in understand(text).spans] == expected


def test_spans_are_offsets_into_the_text_as_it_was_written():
    text = "\N{RIGHT-TO-LEFT MARK}شُنُو\N{ARABIC FATHA} خاصني، passe\N{COMBINING ACUTE ACCENT}port?"
    arabic, latin = understand(text).spans
    assert text[arabic.start : arabic.end] == "شُنُو\N{ARABIC FATHA} خاصني"
    assert text[latin.start : latin.end] == "passe\N{COMBINING ACUTE ACCENT}port"


@pytest.mark.parametrize(
    "text",
    ["", " ", "12:30", "🙂🙂", "\x00", "\u200f\u202e", "ـــ", "\ud83d", "https://www.service-public.ma/fr", "a.b@c.ma"],
)
def test_text_without_letters_is_undetermined(text):
    found = understand(text)
    assert (found.language, found.script, found.confidence, found.spans) == ("und", "Zyyy", 0.0, ())
    assert not found.certain and understand(text, explain=True).evidence == ()


@given(ANY_TEXT)
@example("\ud800\udfff salam\x00")
@example("<b>\u202eabc\u202c</b> \u0600 \u0600\u0301")
@example("__label__fr </s> \n\r\t\v\f\x1c\x85\u2028 mot")
@example("👩\u200d🔧 3️⃣ é\u200d")
def test_any_string_has_an_answer(text):
    found = understand(text)
    assert found.text == text and found.language in LANGUAGES and 0.0 <= found.confidence <= 1.0
    assert (found.script == "Zyyy") == (not found.spans)
    assert sum(candidate.probability for candidate in found.candidates) <= 1.001
    position = 0
    for span in found.spans:
        assert position <= span.start < span.end <= len(text) and span.language in LANGUAGES
        assert unicodedata.category(text[span.start])[0] != "M"
        assert span.end == len(text) or unicodedata.category(text[span.end])[0] != "M"
        position = span.end


@pytest.mark.parametrize(
    "unit", ["chno khassni bach njedded ", "شنو خاصني باش نجدد ", "a", "'-a", "\u0600", "ا\u064b", "\x00", "سa", "🙂"]
)
def test_a_long_text_is_read_like_a_short_one(unit):
    """Quadratic time would make this test take minutes."""
    found = understand(unit * (60_000 // len(unit)))
    assert found.language == understand(unit * 3).language or len(unit) < 3


def test_a_megabyte_has_an_answer():
    text = "Quels papiers pour renouveler la carte nationale ? " * 20_600
    found = understand(text)
    assert len(text) > 1_000_000 and found.language == "fr"
    assert [(span.start, span.end, span.language) for span in found.spans] == [(0, len(text) - 3, "fr")]


TYPED = [
    ("ary-Latn", "bzzzzzzaf zwiiiiiin"),
    ("ary-Latn", "SALAM 3LIKOM KHOUYA"),
    ("ary-Latn", "٣lach ma ja٧ch"),
    ("ary-Latn", "chno khassni\u200fbach\u200enjedded"),
    ("ary-Latn", "salam 😀😀 labas 3lik 🙏"),
    ("ary-Latn", "shof https://www.service-public.ma/fr rah kolchi tmma"),
    ("ary-Arab", "بزااااااف عليناااا هادشي"),
    ("ary-Arab", "کیفاش ندیر لهاد المشکل"),
    ("ary-Arab", "شُنُو خَاصّْنِي بَاشْ نْجَدّْدْ"),
    ("ary-Arab", "شـــــنو هـــادشي"),
    ("ary-Arab", "ﺷﻨﻮ ﺧﺎﺻﻨﻲ ﺑﺎﺵ ﻧﺠﺪﺩ"),
    ("ary-Arab", "\u202bواش عندك شي خبار\u202c"),
    ("ar", "اَلْحَمْدُ لِلّٰهِ رَبِّ الْعَالَمِينَ الَّذِي"),
    ("fr", "QUELS PAPIERS POUR LE PASSEPORT"),
    ("fr", "ou est l\N{RIGHT SINGLE QUOTATION MARK}etat civil svp"),
    ("zgh-Tfng", "ⴰⵣⵓⵍ!!! 🙂"),
    ("zgh-Latn", "AZUL FELLAWN, MAMEK TELLAM"),
]


@pytest.mark.parametrize(("language", "text"), TYPED)
def test_what_keyboards_and_copies_do_to_a_text_does_not_change_its_language(language, text):
    found = understand(text)
    assert found.language == language, found.candidates


def test_scripts_that_touch_are_two_words():
    text = "الpassport ديالي"
    assert [text[one.start : one.end] for one in understand(text).spans] == ["ال", "passport", "ديالي"]


@pytest.mark.parametrize("text", ["كان متوسط", "على كل حال", "هاتف", "المغرب", "البطاقة"])
def test_what_is_both_arabics_is_told_as_not_certain(text):
    found = understand(text)
    assert not found.certain and {one.language for one in found.candidates} >= {"ary-Arab", "ar"}


@given(ANY_TEXT)
def test_certain_is_what_the_probability_says(text):
    found = understand(text)
    assert found.confidence >= CERTAIN or not found.certain
    assert [one.probability for one in found.candidates] == sorted(
        (one.probability for one in found.candidates), reverse=True
    )


@given(ANY_TEXT)
@example("chno khassni bach njedded la carte nationale?")
@example("شنو خاصني باش نجدد البطاقة؟")
@example("ⴰⵣⵓⵍ")
def test_evidence_lies_in_the_text_heaviest_first_and_changes_no_answer(text):
    found = understand(text, explain=True)
    assert understand(text) == msgspec.structs.replace(found, evidence=())
    weights = [one.weight for one in found.evidence]
    assert weights == sorted(weights, reverse=True) and all(weight >= 0 for weight in weights)
    for one in found.evidence:
        assert 0 <= one.start < one.end <= len(text) and one.language in LANGUAGES and one.what


def test_the_evidence_names_the_words_the_letters_and_the_row_of_the_table():
    text = "شنو خاصني باش نجدد البطاقة"
    found = understand(text, explain=True).evidence
    told = {(one.kind, one.what, one.language) for one in found}
    assert ("rule", "word شنو", "ary-Arab") in told and ("word", "باش", "ary-Arab") in told
    assert any(one.kind == "letters" for one in found)
    assert {text[one.start : one.end] for one in found if one.what == "word شنو"} == {"شنو"}
    assert [one.kind for one in understand("ⴰⵣⵓⵍ", explain=True).evidence] == ["script"]


def test_whole_texts_without_spans_have_the_same_language():
    texts = [text for _, text in QUESTIONS]
    for one, whole in zip(understand_many(texts), understand_many(texts, spans=False), strict=True):
        assert whole.spans == () and (whole.language, whole.candidates) == (one.language, one.candidates)


@pytest.mark.parametrize("unit", ["chno khassni ", "شنو خاصني ", "a\u0301\u200f'", "\ud800", "\u202e\x00", "a.b@"])
def test_ten_megabytes_have_an_answer(unit):
    found = understand(unit * (10_000_000 // len(unit)))
    assert found.language == understand(unit * 40).language


def test_many_texts_are_answered_in_their_order():
    texts = [text for _, text in QUESTIONS]
    assert understand_many(texts) == [understand(text) for text in texts]
    assert understand_many([]) == []


def test_importing_the_room_loads_no_model():
    code = "import tiwizi.language.identify as i; print(i.model.cache_info().currsize)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "0"
    )


@pytest.mark.skipif("TIWIZI_DATA" not in os.environ, reason="TIWIZI_DATA does not say where the shared data is")
def test_texts_from_other_sources_are_identified():
    """The card's figures for dev_elsewhere.tsv must not quietly fall: accuracy, and what `certain` promises."""
    names = {
        "arb-Arab": "ar",
        "ber-Latn": "zgh-Latn",
        "fra-Latn": "fr",
        "eng-Latn": "en",
        "spa-Latn": "es",
        "other": "und",
    }
    path = Path(os.environ["TIWIZI_DATA"], "language", "dev_elsewhere.tsv")
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    found = understand_many([row[0] for row in rows])
    right = sum(one.language == names.get(row[1], row[1]) for one, row in zip(found, rows, strict=True))
    assert right / len(rows) > 0.96
    sure = [one.language == names.get(row[1], row[1]) for one, row in zip(found, rows, strict=True) if one.certain]
    assert sum(sure) / len(sure) > 0.98 and len(sure) / len(rows) > 0.9


def test_the_room_stands_alone():
    """`pip install tiwizi` brings NumPy and msgspec and no more; every door of the room works with these two."""
    code = """
import sys

class OnlyThese:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in sys.stdlib_module_names | {"tiwizi", "numpy", "msgspec"}:
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, OnlyThese())
from tiwizi.language import normal_form, search_keys, transliterate, understand
understand("chno khassni bach njedded la carte", explain=True), understand("شنو خاصني")
transliterate("chno khassni", "Arab"), transliterate("شنو", "Latn"), transliterate("azul", "Tfng", "zgh-Latn")
search_keys("la carte nationale dyali"), normal_form("A")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
