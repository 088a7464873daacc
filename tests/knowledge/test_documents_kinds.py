"""Every kind of file that is read: whole, cut off, empty, under a password, misnamed, in an old code page."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import files
import msgspec
import pytest
from files import LIMITS

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents import HoldsFiles, Reader

PRICES = [["Acte", "Prix"], ["Timbre", "75 DH"]]
HTML = "<!doctype html><html><body><h1>Délais</h1><p>Trente jours</body></html>"
# kind, file, words that it must give, media type
KINDS: list[tuple[str, Callable[[Path], Path], str, str]] = [
    ("pdf", lambda f: files.pdf(f, ["Trente jours"] * 9), "Trente jours", "application/pdf"),
    ("docx", lambda f: files.word(f, ["Délais", "Trente jours"]), "Délais\nTrente jours", files.DOCX),
    ("odt", lambda f: files.odt(f, "<text:p>Trente jours</text:p>"), "Trente jours", files.ODT),
    ("xlsx", lambda f: files.xlsx(f, {"Tarifs": files.rows(*PRICES)}), "Acte: Timbre; Prix: 75 DH", files.XLSX),
    ("ods", lambda f: files.ods(f, {"Tarifs": PRICES}), "Acte: Timbre; Prix: 75 DH", files.ODS),
    ("epub", lambda f: files.epub(f, {"un.xhtml": "<p>Trente jours</p>"}), "Trente jours", "application/epub+zip"),
    ("eml", lambda f: files.eml(f, "Trente jours"), "\nTrente jours", "message/rfc822"),
    ("html", lambda f: files.text(f, HTML, name="p.html"), "Délais\nTrente jours", "text/html"),
    ("md", lambda f: files.text(f, "# Délais\n\nTrente **jours**", name="a.md"), "Trente jours", "text/markdown"),
    ("csv", lambda f: files.text(f, "Acte;Prix\nTimbre;75", name="a.csv"), "Acte: Timbre; Prix: 75", "text/csv"),
    ("tsv", lambda f: files.text(f, "Acte\tPrix\nTimbre\t75", name="a.tsv"), "Timbre; Prix: 75", files.TSV),
    ("txt", lambda f: files.text(f, "Trente jours"), "Trente jours", "text/plain"),
]
PACKED = {"docx", "odt", "xlsx", "ods", "epub"}
LOCKED: list[tuple[str, Callable[[Path], Path], str]] = [
    ("pdf", lambda f: files.pdf(f, ["secret"], password="1234"), "protected by a password"),
    ("docx", lambda f: files.locked_office(f, "secret.docx"), "protected by a password"),
    ("xlsx", lambda f: files.locked_office(f, "secret.xlsx"), "protected by a password"),
    ("odt", files.locked_odt, "protected by a password"),
    ("ods", files.locked_ods, "protected by a password"),
    ("epub", files.locked_epub, "protected against copying"),
    ("zip within", lambda f: files.raw(f, files.locked_member("content.xml"), "a.odt"), "protected by a password"),
    ("eml", files.locked_eml, "its words are encrypted"),
]
FRENCH = "Délivrée à l'intéressé, dès réception, où il réside"
ARABIC = "تسلم البطاقة الوطنية للتعريف في أجل ثلاثين يوما"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS, tesseract="") as reader:
        yield reader


every_kind = pytest.mark.parametrize(("kind", "make", "words", "media"), KINDS, ids=[row[0] for row in KINDS])


@every_kind
def test_a_whole_file_gives_its_words_under_any_name(
    reader: Reader, tmp_path: Path, kind: str, make: Callable[[Path], Path], words: str, media: str
) -> None:
    path = make(tmp_path)
    read = reader.read(path)
    assert words in read.text
    assert read.media_type == media
    assert reader.members(path) == []
    for wrong in ("faux.pdf", "faux.txt", "sans-extension"):
        misnamed = reader.read(shutil.copy(path, tmp_path / wrong))
        # only what looks like text is told by its name: without it, its signs stay among its words
        assert misnamed.media_type == (media if kind not in {"md", "csv", "tsv"} else "text/plain")
        assert words.split()[-1].strip("*") in misnamed.text


@every_kind
@pytest.mark.parametrize("share", [0.15, 0.5, 0.9])
def test_a_cut_off_file_is_read_in_part_or_refused_plainly(
    reader: Reader, tmp_path: Path, kind: str, make: Callable[[Path], Path], words: str, media: str, share: float
) -> None:
    whole = make(tmp_path).read_bytes()
    path = files.raw(tmp_path, whole[: max(1, int(len(whole) * share))], f"coupe.{kind}")
    if kind in PACKED:
        with pytest.raises(Unreadable, match="cut-off compressed file"):
            reader.read(path)
    elif kind == "pdf":  # PDFium looks for the pages of a file whose end is missing
        with pytest.raises(Unreadable, match="damaged"):
            reader.read(path)
    else:
        assert reader.read(path).text.strip()


@every_kind
def test_an_empty_file_is_said_to_be_empty(
    reader: Reader, tmp_path: Path, kind: str, make: Callable[[Path], Path], words: str, media: str
) -> None:
    with pytest.raises(Unreadable, match="it is empty"):
        reader.read(files.raw(tmp_path, b"", f"vide.{kind}"))


@pytest.mark.parametrize(("make", "reason"), [row[1:] for row in LOCKED], ids=[row[0] for row in LOCKED])
def test_a_protected_file_is_said_to_be_protected(
    reader: Reader, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        reader.read(make(tmp_path))


@pytest.mark.parametrize("kind", ["txt", "html", "md", "csv", "eml"])
@pytest.mark.parametrize(("words", "encoding"), [(FRENCH, "cp1252"), (ARABIC, "cp1256")])
def test_old_code_pages_are_told_apart_in_every_kind_of_text(
    reader: Reader, tmp_path: Path, kind: str, words: str, encoding: str
) -> None:
    """Nothing in the file says which code page it is in."""
    shapes = {
        "html": f"<html><body><p>{words}</p></body></html>",
        "md": f"# {words}\n",
        "csv": f"{words};{words}\n{words};{words}\n",
        "eml": f"From: a@b.example\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nSubject: {words}\r\n\r\n{words}\r\n",
    }
    path = files.raw(tmp_path, shapes.get(kind, words).encode(encoding), f"a.{kind}")
    read = reader.read(path)
    assert read.text.count(words) == {"csv": 4, "eml": 2}.get(kind, 1)
    assert kind != "eml" or read.title == words


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Acte,Prix\nCNIE,75\n", ["Acte: CNIE; Prix: 75"]),
        ("Tarifs 2026\n\nActe;Prix;Note\nCNIE;75;\n;;\nPasseport;500;urgent\n", ["Tarifs 2026", "Acte: CNIE; Prix: 75",
         "Acte: Passeport; Prix: 500; Note: urgent"]),
        ("CNIE;75\nPasseport;500\n", ["CNIE; 75", "Passeport; 500"]),  # no names of columns: a number stands there
        ("sep=|\nActe|Prix\nCNIE|75;50\n", ["Acte: CNIE; Prix: 75;50"]),
        ("Acte\tPrix, TTC\nCNIE\t75\n", ["Acte: CNIE; Prix, TTC: 75"]),
        ('Acte;Adresse\nCNIE;"Rue 1;\nétage 2"\n', ["Acte: CNIE; Adresse: Rue 1; étage 2"]),
        ("Acte;Prix\nCNIE;75;de plus\n", ["Acte: CNIE; Prix: 75; de plus"]),
        ("Communes\nSefrou\nAzrou\n", ["Communes", "Sefrou", "Azrou"]),
        ("Acte;Prix\n", ["Acte; Prix"]),
        ("الوثيقة;الثمن\nالبطاقة;75\n", ["الوثيقة: البطاقة; الثمن: 75"]),
    ],
)  # fmt: skip
def test_a_row_of_a_table_reads_as_a_line_that_names_its_columns(
    reader: Reader, tmp_path: Path, text: str, lines: list[str]
) -> None:
    read = reader.read(files.text(tmp_path, text, name="services.csv"))
    assert [line for line in read.text.split("\n") if line] == lines
    assert read.title == "services"


def test_a_quotation_mark_that_is_never_closed_is_a_character(reader: Reader, tmp_path: Path) -> None:
    text = "Acte;Prix\n" + '"CNIE;75\n' + "Passeport;500\n" * 80_000
    read = reader.read(files.text(tmp_path, text, name="a.csv"))
    assert read.text.startswith('Acte: "CNIE; Prix: 75\n\nActe: Passeport; Prix: 500\n')


def test_a_workbook_gives_its_visible_sheets_with_values_as_people_write_them(reader: Reader, tmp_path: Path) -> None:
    prices = files.rows(["Acte", "Prix", "Depuis"], ["CNIE", 75], ["Passeport", 0.1])
    dated = '<row r="4"><c r="A4" t="b"><v>1</v></c><c r="C4" s="1"><v>46000</v></c></row>'
    sheets = {"Tarifs": prices + dated, "Réserve": files.rows(["secret"]), "Vide": "", "دليل": files.rows(["فاس"])}
    read = reader.read(files.xlsx(tmp_path, sheets, hidden=["Réserve"]))
    assert [line for line in read.text.split("\n") if line] == [
        "Tarifs", "Acte: CNIE; Prix: 75", "Acte: Passeport; Prix: 0.1", "Acte: TRUE; Depuis: 2025-12-09", "دليل", "فاس",
    ]  # fmt: skip
    assert [read.text[h.start : h.end] for h in read.headings] == ["Tarifs", "دليل"]
    assert read.title == "tarifs"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (files.far_xlsx, "spreads over more than the 5,000,000 cells"),
        (lambda f: files.text(f, ";" * 5_000_001, name="a.csv"), "spreads over more than the 5,000,000 cells"),
        (lambda f: files.xlsx(f, {"A": "<row"}), "a damaged spreadsheet"),
        (files.endless_ods, "a damaged spreadsheet: its XML is not well formed"),
        (lambda f: files.xlsx(f, {"A": ""}), "it holds no text"),
        (lambda f: files.package(f, {"xl/workbook.xml": b"a"}, "a.xlsx"), "a damaged spreadsheet"),
        (lambda f: files.package(f, {"xl/workbook.bin": b"a"}, "a.xlsb"), "an Excel file in a binary form"),
    ],
    ids=["corners", "wide csv", "broken xml", "endless", "no rows", "no workbook", "binary"],
)
def test_a_bad_table_gets_its_own_reason(
    reader: Reader, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        reader.read(make(tmp_path))


def test_a_sheet_that_only_claims_to_be_vast_is_read(reader: Reader, tmp_path: Path) -> None:
    """Formatted rows down to the last, as Excel writes them, hold nothing and cost nothing."""
    styled = '<row r="1048576" s="1"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"/></row>'
    claim = '<worksheet xmlns="{}"><dimension ref="A1:XFD1048576"/><sheetData>{}</sheetData></worksheet>'
    sheet = claim.format(files.SHEETS, files.rows(*PRICES) + styled).encode()
    path = files.xlsx(tmp_path, {"Tarifs": ""}, extra={"xl/worksheets/sheet1.xml": sheet})
    assert "Acte: Timbre; Prix: 75 DH" in reader.read(path).text


def test_odt_gives_paragraphs_headings_lists_and_tables_in_order(reader: Reader, tmp_path: Path) -> None:
    body = """<text:tracked-changes><text:p>ancien</text:p></text:tracked-changes>
    <text:h text:outline-level="2">Délais</text:h><text:p>Trente<text:s text:c="2"/>jours<office:annotation>
    <text:p>à revoir</text:p></office:annotation><text:line-break/>au <text:span>plus</text:span> tard<text:note>
    <text:note-body><text:p>voir loi</text:p></text:note-body></text:note>.</text:p><text:section><text:list>
    <text:list-item><text:p>CNIE</text:p></text:list-item></text:list></text:section><table:table><table:table-row>
    <table:table-cell><text:p>Prix</text:p></table:table-cell><table:table-cell><text:p>75</text:p><text:p>DH</text:p>
    </table:table-cell></table:table-row></table:table>"""
    read = reader.read(files.odt(tmp_path, body, title="Mon guide"))
    assert read.text == "Délais\nTrente  jours\nau plus tard.\nCNIE\nPrix | 75 DH"
    assert [(read.text[h.start : h.end], h.level) for h in read.headings] == [("Délais", 2)]
    assert read.title == "Mon guide"


def test_epub_gives_its_chapters_in_the_order_of_reading(reader: Reader, tmp_path: Path) -> None:
    chapters = {"z.xhtml": "<h1>Un</h1><p>d'abord</p>", "a%20b.xhtml": ""}
    named = {"OEBPS/a b.xhtml": b"<html><body><h1>Deux</h1><p>ensuite"}
    read = reader.read(files.epub(tmp_path, chapters, title="Guide du citoyen", extra=named))
    assert [line for line in read.text.split("\n") if line] == ["Un", "d'abord", "Deux", "ensuite"]
    assert [read.text[h.start : h.end] for h in read.headings] == ["Un", "Deux"]
    assert read.title == "Guide du citoyen"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda f: files.odt(f, "", extra={"content.xml": files.ENTITIES}), "declares entities"),
        (lambda f: files.odt(f, "", extra={"content.xml": files.ENTITIES_UTF16}), "declares entities"),
        (lambda f: files.odt(f, "<text:section>" * 9_000 + "</text:section>" * 9_000), "nested too deeply"),
        (lambda f: files.odt(f, "<text:p>"), "a damaged OpenDocument text"),
        (lambda f: files.package(f, {"mimetype": files.ODP, "content.xml": b""}, "a.odp"), "presentation"),
        (lambda f: files.epub(f, {"a.xhtml": ""}, extra={"META-INF/container.xml": b"<c/>"}), "a damaged EPUB book"),
        (lambda f: files.epub(f, {"a.xhtml": ""}, extra={"OEBPS/content.opf": files.ENTITIES}), "declares entities"),
        (lambda f: files.epub(f, {"..%2f..%2fetc.xhtml": ""}), "etc.xhtml is missing"),
        (lambda f: files.zip_bomb(f, 40_000_000), "more than 200 times its size"),
    ],
    ids=[
        "entities",
        "entities in UTF-16",
        "depth",
        "xml",
        "slides",
        "no contents",
        "book entities",
        "outside",
        "ratio",
    ],
)
def test_a_hostile_package_gets_its_own_reason(
    reader: Reader, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        reader.read(make(tmp_path))
    assert reader.read(files.text(tmp_path, FRENCH, name="suite.txt")).text == FRENCH


def test_a_pdf_of_two_thousand_pages_is_read_or_refused_by_its_limit(reader: Reader, tmp_path: Path) -> None:
    path = files.pdf(tmp_path, [f"Article {number}" for number in range(2_000)])
    with pytest.raises(Unreadable, match="2,000 pages and at most 50 are read"):
        reader.read(path)
    with Reader(msgspec.structs.replace(LIMITS, max_pages=5_000)) as patient:
        read = patient.read(path)
    assert len(read.page_starts) == 2_000
    assert read.text.endswith("Article 1999")


def test_a_zip_file_has_no_words_of_its_own(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(HoldsFiles, match="whose files are read one by one"):
        reader.read(files.zipped(tmp_path, [("a.txt", b"bonjour")]))
    with pytest.raises(Unreadable, match="holds nothing"):
        reader.read(files.zipped(tmp_path, [], "vide.zip"))
