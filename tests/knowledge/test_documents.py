"""Reading files: every kind gives its words, every bad file its reason, and no file harms the process that asks."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import files
import msgspec
import pytest
from files import LIMITS

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents import Reader

FRENCH = "Le délai est fixé à trente jours ; l'été, où il gèle, ça suffit.\nSa durée dépend du dossier.\n"
ARABIC = "يجب على كل مواطن مغربي أن يتوفر على البطاقة الوطنية للتعريف الإلكترونية.\n"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS) as reader:
        yield reader


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("content", [FRENCH, ARABIC, FRENCH + ARABIC])
def test_text_is_read_in_every_unicode_encoding(reader: Reader, tmp_path: Path, encoding: str, content: str) -> None:
    read = reader.read(files.text(tmp_path, content, encoding))
    assert read.text == content
    assert (read.media_type, read.page_starts) == ("text/plain", ())


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (FRENCH, "cp1252"),
        (ARABIC, "cp1256"),
        (ARABIC * 3 + FRENCH, "cp1256"),
        ("« Décret » n° 2‑20\n".replace("‑", "-"), "cp1252"),
    ],
)
def test_windows_code_pages_are_told_apart(reader: Reader, tmp_path: Path, content: str, encoding: str) -> None:
    assert reader.read(files.text(tmp_path, content, encoding)).text == content


def test_one_damaged_byte_does_not_turn_utf8_into_another_encoding(reader: Reader, tmp_path: Path) -> None:
    content = ARABIC.encode() * 3
    read = reader.read(files.raw(tmp_path, content[:-4], "coupe.txt"))
    assert read.text.startswith(ARABIC * 2)


def test_clean_text_keeps_every_offset(reader: Reader, tmp_path: Path) -> None:
    content = "  Titre\n\n\n\tUn  espace\u00a0:\n" + ARABIC
    assert reader.read(files.text(tmp_path, content)).text == content


def test_line_ends_and_unseen_characters_are_made_plain(reader: Reader, tmp_path: Path) -> None:
    read = reader.read(files.text(tmp_path, "e\u0301te\u0301\r\nadmi\u00adnis\u00adtra\x00tion\rfin"))
    assert read.text == "été\nadministration\nfin"


def test_form_feeds_part_the_pages_of_a_text(reader: Reader, tmp_path: Path) -> None:
    read = reader.read(files.text(tmp_path, "page une\n\fpage deux\n\fpage trois"))
    assert [read.text[start:][:8] for start in read.page_starts] == ["page une", "page deu", "page tro"]


def test_html_gives_what_a_reader_sees(reader: Reader, tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html><head><title>État civil</title><style>p{}</style></head><body>
    <nav>Accueil</nav><script>alert(1)</script><h1>Acte de  naissance</h1><p>Le délai est de<br><b>30</b>
    jours&nbsp;: <i>gratuit</i>.<p hidden>caché</p><ul><li>CIN<li>Livret</ul>
    <table><tr><th>Pièce<th>Prix<tr><td>Copie<td>2 DH</table><h2>Où ?</h2><pre>a  b\n c</pre>fin</body></html>"""
    read = reader.read(files.text(tmp_path, page, name="page.txt"))
    assert read.text.split("\n") == [
        "Acte de naissance", "Le délai est de", "30 jours : gratuit.", "CIN", "Livret", "Pièce | Prix", "Copie | 2 DH",
        "Où ?", "a  b", " c", "fin",
    ]  # fmt: skip
    assert (read.title, read.media_type) == ("État civil", "text/html")
    assert [(read.text[h.start : h.end], h.level) for h in read.headings] == [
        ("Acte de naissance", 1),
        ("Où ?", 2),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1256", "windows-1252"])
def test_html_declares_its_encoding(reader: Reader, tmp_path: Path, encoding: str) -> None:
    words = {"windows-1256": "مدة", "windows-1252": "durée"}.get(encoding, "مدة durée")
    page = f"<html><head><meta charset={encoding}></head><body><p>{words}</p></body></html>"
    assert reader.read(files.text(tmp_path, page, encoding, "p.html")).text == words


def test_markdown_gives_readable_text_with_its_headings(reader: Reader, tmp_path: Path) -> None:
    source = """---
title: "Guide de la CNIE"
---
# Renouveler

Il faut **deux** [photos](http://x.ma)
et `30` jours.

1. Prendre rendez-vous
2. Payer

- un
- deux

| Pièce | Prix |
|---|---|
| Timbre | 75 DH |

## Où ?
<div>Au <b>commissariat</b></div>
"""
    read = reader.read(files.text(tmp_path, source, name="guide.md"))
    lines = [line for line in read.text.split("\n") if line]
    assert lines == [
        "Renouveler", "Il faut deux photos", "et 30 jours.", "1. Prendre rendez-vous", "2. Payer", "- un", "- deux",
        "Pièce | Prix", "Timbre | 75 DH", "Où ?", "Au commissariat",
    ]  # fmt: skip
    assert (read.title, read.media_type) == ("Guide de la CNIE", "text/markdown")
    assert [(read.text[h.start : h.end], h.level) for h in read.headings] == [("Renouveler", 1), ("Où ?", 2)]


def test_pdf_gives_one_text_a_page(reader: Reader, tmp_path: Path) -> None:
    read = reader.read(
        files.pdf(tmp_path, ["Article premier\nLe délai est écrit.", "Suite", ""], title="Loi sur l'eau")
    )
    assert [read.text[start:][:5] for start in read.page_starts] == ["Artic", "Suite", ""]
    assert "Le délai est écrit." in read.text
    assert (read.title, read.media_type) == ("Loi sur l'eau", "application/pdf")


def test_arabic_words_of_a_pdf_are_read_from_their_first_letter(reader: Reader, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium to print with")
    lines = ["المادة الأولى", "تثبت البطاقة الوطنية للتعريف هوية صاحبها", "في أجل لا يتعدى 30 يوما"]
    assert reader.read(files.printed_pdf(tmp_path, lines, browser)).text.split("\n") == lines


def test_docx_gives_paragraphs_headings_and_tables_in_order(reader: Reader, tmp_path: Path) -> None:
    pieces = [
        files.paragraph("Cahier", "Titre1"),
        files.paragraph("المادة 1"),
        files.table(["Pièce", "Prix"], ["CIN", "75"]),
        files.paragraph("Délais", "Rubrique"),
        "<w:sdt><w:sdtContent>" + files.paragraph("30 jours") + "</w:sdtContent></w:sdt>",
        "<w:p><w:del><w:r><w:delText>vieux</w:delText></w:r></w:del>",
        "<w:ins><w:r><w:t>neuf</w:t><w:br/><w:t>ligne</w:t></w:r></w:ins></w:p>",
    ]
    body = "".join(pieces)
    read = reader.read(files.docx(tmp_path, body, name="sans-extension", title="Mon cahier"))
    assert read.text == "Cahier\nالمادة 1\nPièce | Prix\nCIN | 75\nDélais\n30 jours\nneuf\nligne"
    assert [(read.text[h.start : h.end], h.level) for h in read.headings] == [("Cahier", 1), ("Délais", 3)]
    assert read.title == "Mon cahier"


def test_a_title_is_found_where_the_file_names_none(reader: Reader, tmp_path: Path) -> None:
    law = "LOI N 09-08\nRELATIVE À LA PROTECTION\n\nCHAPITRE PREMIER\n"
    assert reader.read(files.text(tmp_path, law)).title == "LOI N 09-08 RELATIVE À LA PROTECTION"
    assert reader.read(files.text(tmp_path, "# Titre\n\ntexte", name="a.md")).title == "Titre"
    assert reader.read(files.pdf(tmp_path, ["Un mot"], title="Microsoft Word - x.doc")).title == "Un mot"


UNREADABLE: list[tuple[str, Callable[[Path], Path], str]] = [
    ("empty", lambda f: files.raw(f, b"", "vide.txt"), "it is empty"),
    ("blank", lambda f: files.raw(f, b" \n\n", "blanc.txt"), "it holds no text"),
    (
        "binary",
        lambda f: files.raw(f, bytes(range(256)) * 9, "x.txt"),
        "unknown kind; what is read: PDF, DOCX, ODT",
    ),
    ("picture", lambda f: files.png(f, "photo.pdf"), "a picture (PNG); what is read: PDF"),
    (
        "old office",
        lambda f: files.raw(f, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "a.docx"),
        "save it as .docx",
    ),
    ("rtf", lambda f: files.raw(f, b"{\\rtf1 bonjour}", "a.doc"), "an RTF file"),
    ("xml", lambda f: files.raw(f, b"<?xml version='1.0'?><a>b</a>", "a.html"), "an XML file"),
    ("zip", lambda f: files.package(f, {"a.txt": b"a"}, "a.docx"), "a ZIP file"),
    ("slides", lambda f: files.package(f, {"ppt/presentation.xml": b"a"}, "a.pptx"), "a PowerPoint file"),
    ("folder", lambda f: f, "not an ordinary file"),
    ("nothing there", lambda f: f / "absent.txt", "cannot be opened: No such file"),
    (
        "too large",
        lambda f: files.raw(f, b"a" * 20_000_001, "a.txt"),
        "20,000,001 bytes and at most 20,000,000",
    ),
    ("broken pdf", files.broken_pdf, "a damaged PDF"),
    ("encrypted pdf", lambda f: files.pdf(f, ["secret"], password="1234"), "protected by a password"),
    ("blank pdf", lambda f: files.pdf(f, ["", ""]), "it holds no text: its pages are blank"),
    ("long pdf", lambda f: files.pdf(f, ["p"] * 51), "51 pages and at most 50"),
    ("long text", lambda f: files.raw(f, b"p\f" * 51, "a.txt"), "more than the 50 pages"),
    ("zip bomb", files.zip_bomb, "unpacks to more than the 50,000,000 bytes"),
    ("lying zip", files.lying_zip_bomb, "damaged compressed file"),
    (
        "cut zip",
        lambda f: files.raw(f, files.docx(f, "").read_bytes()[:300], "a.docx"),
        "cut-off compressed file",
    ),
    (
        "no text part",
        lambda f: files.package(f, {"[Content_Types].xml": b""}, "a.docx"),
        "word/document.xml is missing",
    ),
    ("bad xml", lambda f: files.docx(f, "<w:p>"), "not well formed"),
    ("entities", files.entity_bomb, "declares entities"),
    ("nesting", files.nested_docx, "nested too deeply"),
]


@pytest.mark.parametrize(("make", "reason"), [row[1:] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_a_bad_file_gets_its_own_reason(
    reader: Reader, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        reader.read(make(tmp_path))
    assert reason in str(refused.value)
    assert reader.read(files.text(tmp_path, "Toujours là.\n", name="suite.txt")).text == "Toujours là.\n"


def test_a_pipe_is_refused_and_not_waited_for(reader: Reader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tuyau.txt")
    with pytest.raises(Unreadable, match="not an ordinary file"):
        reader.read(tmp_path / "tuyau.txt")


def test_a_deeply_nested_page_is_read(reader: Reader, tmp_path: Path) -> None:
    page = "<html><body>" + "<div>" * 20_000 + "fond" + "</div>" * 20_000
    assert reader.read(files.text(tmp_path, page, name="p.html")).text == "fond"


def test_a_slow_file_is_given_up(tmp_path: Path) -> None:
    """A long Markdown text takes more than the second it gets; the next file is read as if nothing had been."""
    slow = files.text(tmp_path, "- *a* `b` [c](d)\n" * 500_000, name="lent.md")
    with Reader(msgspec.structs.replace(LIMITS, seconds=1)) as reader:
        started = time.monotonic()
        with pytest.raises(Unreadable, match="longer than the 1 seconds"):
            reader.read(slow)
        assert time.monotonic() - started < 8
        assert reader.read(files.text(tmp_path, FRENCH)).text == FRENCH


def test_memory_is_bounded(tmp_path: Path) -> None:
    greedy = files.docx(tmp_path, files.paragraph("a") * 300_000)
    with Reader(msgspec.structs.replace(LIMITS, memory=160_000_000)) as reader:
        with pytest.raises(Unreadable, match="160,000,000 bytes of memory"):
            reader.read(greedy)
        assert reader.read(files.text(tmp_path, FRENCH)).text == FRENCH


def test_a_killed_process_is_replaced(tmp_path: Path) -> None:
    path = files.text(tmp_path, FRENCH)
    with Reader(LIMITS) as reader:
        reader.read(path)
        os.kill(_children(reader), signal.SIGKILL)
        time.sleep(0.05)
        assert reader.read(path).text == FRENCH


def test_the_process_gets_no_secret_and_ends_with_its_parent(tmp_path: Path) -> None:
    """Killed without warning, the parent leaves no process behind; what it knew was never handed down."""
    path = files.text(tmp_path, FRENCH)
    program = (
        "import sys, time; from pathlib import Path\n"
        "from tiwizi.knowledge.documents import Limits, Reader\n"
        "reader = Reader(Limits(10**6, 10**6, 9, 9, 2 * 10**9)); reader.read(Path(sys.argv[1]))\n"
        "print(reader._child.pid, flush=True); time.sleep(60)\n"
    )
    environment = os.environ | {"TIWIZI_SECRET": "s3cr3t", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        if sys.platform == "linux":
            assert b"s3cr3t" not in Path(f"/proc/{child}/environ").read_bytes()
        parent.kill()
    for _ in range(100):
        if _gone(child):
            return
        time.sleep(0.05)
    pytest.fail("the reading process outlived its parent")


def _children(reader: Reader) -> int:
    assert reader._child is not None
    return int(reader._child.pid)


def _gone(process: int) -> bool:
    try:
        os.kill(process, 0)
        status = Path(f"/proc/{process}/stat")
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"
    except ProcessLookupError:
        return True
