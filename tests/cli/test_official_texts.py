"""The 76 official texts: none is lost, and questions in four languages find the right article of some of them."""

import csv
import json
from pathlib import Path

import pytest

from .conftest import Run

LAW, DECREE = "ma-adala-electronic-476.txt", "ma-adala-administrative-6856.txt"  # on the national card
PRIVACY = "ma-adala-electronic-38.txt"  # law 09-08
TADAMON = "ma-adala-health-social-4468.txt"  # the decree on AMO Tadamon
QUESTIONS = [  # (question, document, articles)
    ("من أي سن تكون البطاقة الوطنية للتعريف الإلكترونية إجبارية؟", LAW, {"2"}),
    ("كم صورة شخصية تطلب لإنجاز البطاقة الوطنية للتعريف الإلكترونية؟", DECREE, {"3", "5"}),
    ("À partir de quel âge la carte nationale d'identité électronique est-elle obligatoire ?", LAW, {"2"}),
    ("Une entreprise peut-elle m'envoyer de la publicité par e-mail sans mon consentement ?", PRIVACY, {"10"}),
    ("واش الشركة تقدر تصيفط ليا الإشهار فالإيميل بلا موافقة ديالي؟", PRIVACY, {"10"}),
    ("شحال من عام كتبقى لاكارط ناسيونال صالحة؟", DECREE, {"1"}),
    ("chhal mn 3am katb9a lakart nasyonal sal7a?", DECREE, {"1"}),
    ("chno l3o9oba dyal li dar fichier bla tasri7 l CNDP", PRIVACY, {"52"}),
    ("من يقوم بتسجيل المستفيدين من نظام أمو تضامن؟", TADAMON, {"1", "2", "3", "4", "5"}),
]


def test_none_of_the_76_is_lost(tiwizi: Run, data: Path, tmp_path: Path) -> None:
    texts = data / "official-texts"
    done = tiwizi("ingest", "--quick", "--json", str(texts), home=tmp_path, TIWIZI_STARTER="false")
    report = json.loads(done.stdout)
    named = {row["id"] for row in csv.DictReader((texts / "index.csv").read_text("utf-8").splitlines())}
    paths = [Path(file["path"]) for file in report["files"] if file["state"] == "kept"]
    kept = {path.stem for path in paths if path.suffix == ".txt"}
    assert kept == named and len(named) == 76
    unread = {Path(file["path"]).name: file["reason"] for file in report["files"] if file["state"] == "unread"}
    assert set(unread) == {"README.md"} and "describes the folder" in unread["README.md"]


@pytest.fixture(scope="module")
def some_texts(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("some")


def test_the_right_article_is_among_the_first_five(tiwizi: Run, data: Path, some_texts: Path) -> None:
    """With words and meaning, among four texts; the figures over all 76 are those of training/weights.py."""
    paths = [str(data / "official-texts" / "ar" / name) for name in (LAW, DECREE, PRIVACY, TADAMON)]
    report = json.loads(tiwizi("ingest", "--json", *paths, home=some_texts).stdout)
    assert (report["kept"], report["waiting"]) == (4, 0)
    stdin = b"".join(json.dumps({"id": n, "text": q}).encode() + b"\n" for n, (q, _, _) in enumerate(QUESTIONS))
    missed = []
    for line in tiwizi("search", "--jsonl", stdin=stdin, home=some_texts).stdout.splitlines():
        row = json.loads(line)
        question, document, articles = QUESTIONS[row["id"]]
        found = [(result["document"], result["article"]) for result in row["results"][:5]]
        if not any((document, article) in found for article in articles):
            missed.append((question, found))
    assert not missed
