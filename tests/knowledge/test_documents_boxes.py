"""Files inside files: what ZIP files and e-mails hold, all of it accounted for, none of it able to do harm."""

import email.message
import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import files
import msgspec
import pytest
from files import LIMITS

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents import HoldsFiles, Reader


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS, tesseract="") as reader:
        yield reader


def listed(reader: Reader, path: Path, *inside: str) -> dict[str, str]:
    return {member.name: member.reason for member in reader.members(path, inside)}


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


def test_every_file_of_a_zip_is_read_as_if_it_stood_alone(reader: Reader, tmp_path: Path) -> None:
    alone = [
        files.pdf(tmp_path, ["Trente jours"]),
        files.word(tmp_path, ["Délais", "Trente jours"]),
        files.xlsx(tmp_path, {"Tarifs": files.rows(["Acte", "Prix"], ["CNIE", 75])}),
        files.eml(tmp_path, "Bonjour"),
        files.text(tmp_path, "Acte;Prix\nCNIE;75", "cp1252", "tarifs.csv"),
    ]
    path = files.zipped(tmp_path, [(f"dossier/{file.name}", file.read_bytes()) for file in alone])
    members = reader.members(path)
    assert [member.name for member in members] == [f"dossier/{file.name}" for file in alone]
    for member, file in zip(members, alone, strict=True):
        assert (member.bytes, member.reason) == (file.stat().st_size, "")
        assert member.digest == hashlib.sha256(file.read_bytes()).hexdigest()
        assert member.holds == (file.suffix == ".eml")
        assert reader.read(path, (member.name,)) == reader.read(file)


def test_a_stored_pdf_does_not_make_its_zip_a_pdf(reader: Reader, tmp_path: Path) -> None:
    content = files.pdf(tmp_path, ["Trente jours"]).read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as zipped:
        zipped.writestr("a.pdf", content)
    with pytest.raises(HoldsFiles):
        reader.read(tmp_path / "a.zip")
    assert "Trente jours" in reader.read(tmp_path / "a.zip", ("a.pdf",)).text


def test_what_cannot_be_read_in_a_zip_is_listed_with_its_reason(reader: Reader, tmp_path: Path) -> None:
    inside = [
        ("bon.txt", b"bonjour"),
        ("dossier/", b""),
        ("vide.txt", b""),
        (link("lien"), b"/etc/passwd"),
        ("gros.txt", b"ab" * 10_500_000),
        ("image.png", b"\x89PNG\r\n"),
        ("casse.zip", b"PK\x03\x04 non"),
        ("__MACOSX/._bon.txt", b"x"),
        (".DS_Store", b"x"),
        ("a/.git/config", b"x"),
    ]
    path = files.zipped(tmp_path, inside)
    assert listed(reader, path) == {
        "bon.txt": "",
        "vide.txt": "it is empty",
        "lien": "it is a link to another file",
        "gros.txt": "it has 21,000,000 bytes and at most 20,000,000 are read; split it",
        "image.png": "",
        "casse.zip": "",
    }
    for name, reason in {
        "vide.txt": "it is empty",
        "lien": "a link",
        "gros.txt": "21,000,000 bytes",
        "image.png": "a picture",
        "casse.zip": "cut-off compressed file",
        "absent.txt": "no longer inside",
    }.items():
        with pytest.raises(Unreadable, match=reason):
            reader.read(path, (name,))
    assert reader.read(path, ("bon.txt",)).text == "bonjour"


def test_one_bad_member_leaves_the_others_alone(reader: Reader, tmp_path: Path) -> None:
    mixed = files.zipped(tmp_path, [("un.txt", b"bonjour" * 99), ("deux.txt", b"salut")]).read_bytes()
    damaged = files.raw(tmp_path, mixed[:40] + b"\xff" * 4 + mixed[44:], "casse.zip")
    assert listed(reader, damaged)["un.txt"].startswith("it is damaged inside its ZIP file")
    assert reader.read(damaged, ("deux.txt",)).text == "salut"
    locked = files.raw(tmp_path, files.locked_member(), "secret.zip")
    assert listed(reader, locked)["secret.txt"].startswith("it is protected by a password")
    with zipfile.ZipFile(tmp_path / "rare.zip", "w", zipfile.ZIP_BZIP2) as zipped:
        zipped.writestr("a.txt", b"bonjour" * 99)
    assert "in an unusual way" in listed(reader, tmp_path / "rare.zip")["a.txt"]
    with pytest.raises(Unreadable, match="cut-off compressed file"):
        reader.members(files.raw(tmp_path, mixed[:-9], "coupe.zip"))


@pytest.mark.filterwarnings("ignore:Duplicate name")  # what is tested
def test_names_do_no_harm(reader: Reader, tmp_path: Path) -> None:
    names = [
        "../../etc/passwd", "/racine.txt", "C:\\Users\\a.txt", "a/../b.txt", "b.txt", "b.txt", "a\u202e\x07b.txt", "..",
    ]  # fmt: skip
    path = files.zipped(tmp_path, [(name, f"contenu {n}".encode()) for n, name in enumerate(names)])
    safe = list(listed(reader, path))
    assert safe == [
        "etc/passwd", "racine.txt", "Users/a.txt", "a/b.txt", "b.txt", "b (2).txt", "ab.txt", "unnamed",
    ]  # fmt: skip
    for number, name in enumerate(safe):
        assert reader.read(path, (name,)).text == f"contenu {number}"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("cp850", "décision à l'été.txt"),
        ("cp1252", "Réunion, où.txt"),
        ("cp1256", "البطاقة الوطنية.txt"),
        ("cp720", "الحالة المدنية.txt"),
        ("utf-8", "ⵜⴰⴽⴰⵔⴹⴰ.txt"),
    ],
)
def test_names_in_old_code_pages_are_told(reader: Reader, tmp_path: Path, page: str, name: str) -> None:
    path = files.raw(tmp_path, files.named_in(page, name), "noms.zip")
    assert list(listed(reader, path)) == [name]
    assert reader.read(path, (name,)).title == "bonjour"


def test_a_member_without_a_name_is_read(reader: Reader, tmp_path: Path) -> None:
    path = files.raw(tmp_path, files.named_in("ascii", "\0"), "noms.zip")
    assert listed(reader, path) == {"unnamed": ""}
    assert reader.read(path, ("unnamed",)).text == "bonjour"


def test_files_are_found_within_zips_within_zips_down_to_the_limit(reader: Reader, tmp_path: Path) -> None:
    content, way = b"bonjour", []
    for name in ("quatre.zip", "trois.zip", "deux.zip", "un.zip"):
        content = files.zipped(tmp_path, [("fond.txt", content if not way else b"bonjour"), *way], name).read_bytes()
        way = [(name, content)]
    path = tmp_path / "un.zip"
    assert listed(reader, path) == {"fond.txt": "", "deux.zip": ""}
    assert reader.read(path, ("deux.zip", "trois.zip", "fond.txt")).text == "bonjour"
    assert reader.read(path, ("deux.zip", "fond.txt")).text == "bonjour"
    deep = listed(reader, path, "deux.zip", "trois.zip")
    assert deep["fond.txt"] == ""
    assert "more than 3 files inside one another" in deep["quatre.zip"]
    with pytest.raises(Unreadable, match="more than 3 files"):
        reader.read(path, ("deux.zip", "trois.zip", "quatre.zip", "fond.txt"))


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"max_members": 5}, "holds 9 files and at most 5 are read"),
        ({"max_unpacked_bytes": 300}, "the files before it unpack to more than the 300 bytes"),
        ({"max_nesting": 0}, "more than 0 files"),
    ],
)
def test_a_zip_beyond_a_limit_says_which(tmp_path: Path, limits: dict[str, int], reason: str) -> None:
    path = files.zipped(tmp_path, [(f"{n}.txt", b"bonjour " * 10) for n in range(9)])
    with Reader(msgspec.structs.replace(LIMITS, **limits)) as strict:
        try:
            reasons = list(listed(strict, path).values())
            strict.read(path, ("0.txt",))
        except Unreadable as error:
            reasons = [str(error)]
    assert reason in reasons[-1]


def test_a_bomb_in_a_zip_is_one_member_that_is_not_read(tmp_path: Path) -> None:
    wide = msgspec.structs.replace(LIMITS, max_bytes=200_000_000, max_unpacked_bytes=200_000_000)
    path = files.zipped(tmp_path, [("bombe.txt", b" " * 60_000_000), ("bon.txt", b"bonjour")])
    with Reader(wide) as reader:
        reasons = listed(reader, path)
        assert "more than 200 times its size" in reasons["bombe.txt"]
        assert reasons["bon.txt"] == ""


def test_a_member_that_ends_its_reader_leaves_the_others_alone(tmp_path: Path) -> None:
    greedy = files.docx(tmp_path, files.paragraph("a") * 300_000).read_bytes()
    path = files.zipped(tmp_path, [("gros.docx", greedy), ("bon.txt", b"bonjour")])
    with Reader(msgspec.structs.replace(LIMITS, memory=200_000_000), tesseract="") as reader:
        with pytest.raises(Unreadable, match="200,000,000 bytes of memory"):
            reader.read(path, ("gros.docx",))
        assert reader.read(path, ("bon.txt",)).text == "bonjour"


def test_a_zip_that_changed_on_disk_is_opened_anew(reader: Reader, tmp_path: Path) -> None:
    path = files.zipped(tmp_path, [("a.txt", b"avant")])
    assert reader.read(path, ("a.txt",)).text == "avant"
    files.zipped(tmp_path, [("b.txt", b"apr\xc3\xa8s")])
    assert listed(reader, path) == {"b.txt": ""}
    assert reader.read(path, ("b.txt",)).text == "après"


def test_ten_thousand_files_in_a_zip_are_accounted_for(reader: Reader, tmp_path: Path) -> None:
    path = files.zipped(tmp_path, [(f"{n % 100}/{n}.txt", b"fiche %d" % n) for n in range(10_000)])
    members = reader.members(path)
    assert len({member.name for member in members}) == 10_000
    assert len({member.digest for member in members}) == 10_000
    assert reader.read(path, (members[9_999].name,)).text == "fiche 9999"


def test_an_email_gives_who_when_and_what(reader: Reader, tmp_path: Path) -> None:
    path = files.eml(tmp_path, "Bonjour,\nvoici la liste.\n", html="<p>Autre <b>forme</b>", name="courrier.txt")
    read = reader.read(path)
    assert read.text.strip().split("\n") == [
        "Légalisation de signature", "From: Mairie de Sefrou <contact@sefrou.example>",
        "To: فاطمة <fatima@example.org>", "Date: Tue, 24 Nov 2026 10:00:00 +0100", "", "Bonjour,", "voici la liste.",
    ]  # fmt: skip
    assert read.title == "Légalisation de signature"
    assert [(h.start, h.level) for h in read.headings] == [(0, 1)]
    only_html = reader.read(files.eml(tmp_path, " ", html="<p>Autre <b>forme</b><script>x()</script>"))
    assert only_html.text.endswith("\n\nAutre forme")


def test_what_is_attached_to_an_email_are_files_of_their_own(reader: Reader, tmp_path: Path) -> None:
    table, letter = "الوثيقة;الثمن\nالبطاقة;75".encode("cp1256"), files.zipped(tmp_path, [("a.txt", b"fond")])
    attached = {"الأثمنة.csv": table, "../../lettres.zip": letter.read_bytes(), "x" * 300 + ".txt": b"long"}
    path = files.eml(tmp_path, "Ci-joint", html="<p>Ci-joint", attached=attached)
    members = reader.members(path)
    assert [member.name for member in members][:2] == ["الأثمنة.csv", "lettres.zip"]
    assert len(members[2].name) <= 200 and members[2].name.endswith(".txt")
    assert reader.read(path, ("الأثمنة.csv",)).text == "الوثيقة: البطاقة; الثمن: 75\n"
    assert members[1].holds
    assert reader.read(path, ("lettres.zip", "a.txt")).text == "fond"
    assert "Ci-joint" in reader.read(path).text


def test_a_forwarded_email_is_a_member_and_a_picture_in_the_words_is_none(reader: Reader, tmp_path: Path) -> None:
    inner = email.message.EmailMessage()
    inner["From"], inner["Date"], inner["Subject"] = "a@b.example", "Mon, 23 Nov 2026 10:00:00 +0100", "Première"
    inner.set_content("Le délai est de trente jours.\n")
    outer = email.message.EmailMessage()
    outer["From"], outer["Date"], outer["Subject"] = "c@d.example", "Tue, 24 Nov 2026 10:00:00 +0100", "TR: Première"
    outer.set_content("<p>Voyez <img src=cid:logo>", subtype="html")
    outer.add_related(b"\x89PNG", "image", "png", cid="<logo>")
    outer.add_attachment(inner)
    path = files.raw(tmp_path, outer.as_bytes(), "tr.eml")
    assert listed(reader, path) == {"Première.eml": ""}
    assert "trente jours" in reader.read(path, ("Première.eml",)).text
    assert reader.read(path).text.endswith("Voyez")


def test_what_is_attached_to_one_form_of_the_words_is_not_lost(reader: Reader, tmp_path: Path) -> None:
    message = email.message.EmailMessage()
    message["From"], message["Date"] = "a@b.example", "Mon, 23 Nov 2026 10:00:00 +0100"
    message.set_content("Bonjour\n")
    message.add_alternative("<p>Bonjour", subtype="html")
    message.get_payload()[1].add_attachment(b"a;b\nc;d", "text", "csv", filename="tarifs.csv")
    message.get_payload()[1].add_attachment("BEGIN:VCALENDAR", "calendar", disposition="inline")
    path = files.raw(tmp_path, message.as_bytes(), "a.eml")
    assert listed(reader, path) == {"tarifs.csv": ""}
    assert reader.read(path).text.strip().endswith("\nBonjour")


@pytest.mark.parametrize(
    ("coded", "words"),
    [
        (b"=?utf-8?q?D=C3=A9cision?=", "Décision"),
        (b"=?UTF-8?B?2KfZhNio2LfYp9mC2Kk=?= 2026", "البطاقة 2026"),
        (b"=?windows-1256?Q?=C7=E1=C8=D8=C7=DE=C9?=", "البطاقة"),
        (b"=?utf-8?q?=C3?=\r\n =?utf-8?q?=A9t=C3=A9?=", "été"),  # a letter cut in two
        ("البطاقة".encode("cp1256"), "البطاقة"),
        ("Décision à l'été".encode("cp1252"), "Décision à l'été"),
        ("Décision".encode(), "Décision"),
        (b"=?utf-8?b?!!!?=", "!!!"),
        (b"=?no-such-page?q?abc?=", "abc"),
    ],
)
def test_a_subject_is_decoded_however_it_was_written(reader: Reader, tmp_path: Path, coded: bytes, words: str) -> None:
    content = b"From: a@b.example\r\nMIME-Version: 1.0\r\nSubject: " + coded + b"\r\n\r\nBonjour\r\n"
    assert reader.read(files.raw(tmp_path, content, "a.eml")).title == words


def test_a_code_page_whose_name_is_none_does_no_harm(reader: Reader, tmp_path: Path) -> None:
    part = b"Content-Type: text/plain; charset*=\0tf-8''utf-8\n\nBonjour\n"
    attached = b"Content-Type: application/pdf\nContent-Disposition: attachment; filename*=\0tf-8''a.pdf\n\nabc\n"
    head = b'From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="-"\n\n'
    path = files.raw(tmp_path, head + b"---\n" + part + b"---\n" + attached + b"-----\n", "a.eml")
    assert reader.read(path).text.strip().endswith("Bonjour")
    assert list(listed(reader, path)) == ["attachment-2.pdf"]


@pytest.mark.parametrize(
    "text",
    [
        "Date: 24 novembre\nObjet: réunion\n\nBonjour",
        "From: the town hall\n\nA letter.",
        "Note: from: date:\n",
        "Bonjour\nFrom: a@b.example\nDate: hier\n",
    ],
)
def test_a_text_that_only_begins_like_an_email_is_a_text(reader: Reader, tmp_path: Path, text: str) -> None:
    read = reader.read(files.text(tmp_path, text))
    assert (read.text, read.media_type) == (text, "text/plain")


def test_an_email_of_too_many_or_too_deep_parts_is_refused(tmp_path: Path) -> None:
    head = "From: a@b.example\nDate: Tue, 24 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n"
    many = head + 'Content-Type: multipart/mixed; boundary="-"\n\n'
    many += "---\nContent-Type: application/pdf\n\nabc\n" * 30 + "-----\n"
    deep = head
    for depth in range(60):
        deep += f'Content-Type: multipart/mixed; boundary="b{depth}"\n\n--b{depth}\n'
    with Reader(msgspec.structs.replace(LIMITS, max_members=20), tesseract="") as reader:
        with pytest.raises(Unreadable, match="more than the 20 parts"):
            reader.members(files.text(tmp_path, many, name="a.eml"))
        with pytest.raises(Unreadable, match="nested too deeply"):
            reader.read(files.text(tmp_path, deep, name="b.eml"))
