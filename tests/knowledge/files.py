"""Sample files, ordinary and hostile, made on the spot: each function writes one and returns its path."""

import hashlib
import io
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from xml.sax.saxutils import escape

import docx as python_docx
import pypdfium2

from tiwizi.knowledge.documents import Limits

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT, ODS = ("application/vnd.oasis.opendocument." + kind for kind in ("text", "spreadsheet"))
ODP, TSV = b"application/vnd.oasis.opendocument.presentation", "text/tab-separated-values"
ENTITIES = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>'
ENTITIES_UTF16 = b"\xff\xfe" + ENTITIES.decode().encode("utf-16-le")
LIMITS = Limits(max_bytes=20_000_000, max_unpacked_bytes=50_000_000, max_pages=50, seconds=20, memory=2_000_000_000)

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
STYLES = (
    f"<w:styles {W}>"
    '<w:style w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Titre2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:styleId="Rubrique"><w:name w:val="Rubrique"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    "</w:styles>"
)
ODF = "urn:oasis:names:tc:opendocument:xmlns"
ODF_NAMES = " ".join(f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "text", "table", "manifest"))
SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def text(folder: Path, content: str, encoding: str = "utf-8", name: str = "texte.txt") -> Path:
    return raw(folder, content.encode(encoding), name)


def raw(folder: Path, content: bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def pdf(folder: Path, pages: Sequence[str], name: str = "doc.pdf", title: str = "", password: str = "") -> Path:
    """Write a PDF with the lines of each page in Helvetica; with a password, under 40-bit RC4 (PDF 1.4, 3.5.2)."""
    key = b""
    identity = hashlib.md5(b"tiwizi").digest()
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    locked = b""
    if password:
        owner = _rc4(hashlib.md5(_padded(password)).digest()[:5], _padded(password))
        seed = _padded(password) + owner + struct.pack("<i", -4) + identity
        key = hashlib.md5(seed).digest()[:5]
        user = _rc4(key, PADDING)
        objects.append(
            b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <"
            + owner.hex().encode()
            + b"> /U <"
            + user.hex().encode()
            + b"> >>"
        )
        locked = f" /Encrypt {len(objects)} 0 R".encode()
    if title:
        objects.append(b"<< /Title (" + title.encode("cp1252") + b") >>")
        locked += f" /Info {len(objects)} 0 R".encode()
    kids = []
    for page in pages:
        drawn = [
            f"1 0 0 1 50 {780 - 14 * i} Tm ({_escaped(line)}) Tj" for i, line in enumerate(page.split("\n")) if line
        ]
        stream = ("BT /F1 11 Tf " + " ".join(drawn) + " ET").encode("cp1252")
        number = len(objects) + 1
        if key:
            stream = _rc4(hashlib.md5(key + struct.pack("<I", number)[:3] + b"\0\0").digest()[:10], stream)
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % number
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (
        len(kids),
        b" ".join(b"%d 0 R" % kid for kid in kids),
    )
    return raw(folder, _pdf_file(objects, locked + b" /ID [<%b> <%b>]" % ((identity.hex().encode(),) * 2)), name)


def printed_pdf(folder: Path, lines: Sequence[str], browser: str) -> Path:
    """Print lines of Arabic with a browser, which draws the letters of each word from left to right."""
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    page = text(folder, f"<!doctype html><html lang=ar dir=rtl><meta charset=utf-8>{paragraphs}", name="page.html")
    path = folder / "page.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={path}"]
    profile = f"--user-data-dir={folder / 'profile'}"
    subprocess.run([browser, *options, profile, page.as_uri()], check=True, capture_output=True, timeout=60)
    return path


def broken_pdf(folder: Path) -> Path:
    whole = pdf(folder, ["Une page", "Une autre"]).read_bytes()
    return raw(folder, whole[:120] + b"\xff" * 200, "broken.pdf")


def docx(
    folder: Path, body: str, name: str = "lettre.docx", title: str = "", extra: dict[str, bytes] | None = None
) -> Path:
    """Write a Word document; `body` is the inner XML of w:body, see `paragraph` and `table`."""
    parts = {
        "[Content_Types].xml": TYPES.encode(),
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>".encode(),
        "word/styles.xml": STYLES.encode(),
        "docProps/core.xml": f'<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></c>'.encode(),
    }
    return package(folder, parts | (extra or {}), name)


def paragraph(words: str, style: str = "") -> str:
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{styled}<w:r><w:t>{words}</w:t></w:r></w:p>"


def table(*rows: Sequence[str]) -> str:
    cells = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def package(folder: Path, parts: dict[str, bytes], name: str) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for part, content in parts.items():
            zipped.writestr(part, content)
    return path


def word(folder: Path, paragraphs: Sequence[str], name: str = "lettre.docx") -> Path:
    """Write a Word document as python-docx does, the first line a heading."""
    document = python_docx.Document()
    document.add_heading(paragraphs[0], 1)
    for paragraph in paragraphs[1:]:
        document.add_paragraph(paragraph)
    path = folder / name
    document.save(str(path))
    return path


def odt(
    folder: Path, body: str, name: str = "lettre.odt", title: str = "", extra: Mapping[str, bytes] | None = None
) -> Path:
    """Write an OpenDocument text; `body` is the inner XML of office:text."""
    content = f"<office:document-content {ODF_NAMES}><office:body><office:text>{body}</office:text></office:body>"
    meta = f'<m xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></m>'
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": (content + "</office:document-content>").encode(),
        "meta.xml": meta.encode(),
    }
    return package(folder, parts | dict(extra or {}), name)


def locked_odt(folder: Path) -> Path:
    return package(folder, _locked(b"application/vnd.oasis.opendocument.text"), "secret.odt")


def locked_ods(folder: Path) -> Path:
    return package(folder, _locked(b"application/vnd.oasis.opendocument.spreadsheet"), "secret.ods")


def _locked(kind: bytes) -> dict[str, bytes]:
    manifest = f"<manifest:manifest {ODF_NAMES}><manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    closed = (manifest + "</manifest:manifest>").encode()
    return {"mimetype": kind, "content.xml": b"\x8f\x01" * 90, "META-INF/manifest.xml": closed}


def ods(folder: Path, sheets: Mapping[str, Sequence[Sequence[str]]], name: str = "tarifs.ods") -> Path:
    """Write an OpenDocument spreadsheet; all cells are words."""
    cells = {
        sheet: "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
                for cell in row
            )
            + "</table:table-row>"
            for row in rows
        )
        for sheet, rows in sheets.items()
    }
    tables = "".join(f'<table:table table:name="{sheet}">{rows}</table:table>' for sheet, rows in cells.items())
    content = (
        f"<office:document-content {ODF_NAMES}><office:body><office:spreadsheet>{tables}</office:spreadsheet>"
        "</office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest {ODF_NAMES}><manifest:file-entry manifest:full-path="/"/></manifest:manifest>'
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": manifest.encode(),
        "content.xml": content.encode(),
    }
    return package(folder, parts, name)


def endless_ods(folder: Path) -> Path:
    """A spreadsheet whose only table has no end."""
    content = f'<office:document-content {ODF_NAMES}><office:body><office:spreadsheet><table:table table:name="A">'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return package(folder, {"mimetype": kind, "content.xml": content.encode()}, "sans-fin.ods")


def epub(
    folder: Path,
    chapters: Mapping[str, str],
    name: str = "guide.epub",
    title: str = "Guide",
    extra: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a book; `chapters` are file names and the inner XHTML of their bodies, in the order of reading."""
    items = "".join(
        f'<item id="c{n}" href="{chapter}" media-type="application/xhtml+xml"/>' for n, chapter in enumerate(chapters)
    )
    order = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    book = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
    )
    pages = {
        f"OEBPS/{chapter}": (
            '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
            f'<head><title/></head><body><a id="top"/>{body}</body></html>'
        ).encode()
        for chapter, body in chapters.items()
    }
    parts = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": container.encode(),
        "OEBPS/content.opf": book.encode(),
    }
    return package(folder, parts | pages | dict(extra or {}), name)


def locked_epub(folder: Path) -> Path:
    encryption = (
        '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:CipherData>'
        '<e:CipherReference URI="OEBPS/un%20deux.xhtml"/></e:CipherData></e:EncryptedData></encryption>'
    )
    extra = {"META-INF/encryption.xml": encryption.encode(), "OEBPS/un deux.xhtml": b"\x8f\x01" * 90}
    return epub(folder, {"un%20deux.xhtml": ""}, extra=extra)


def xlsx(
    folder: Path,
    sheets: Mapping[str, str],
    name: str = "tarifs.xlsx",
    hidden: Sequence[str] = (),
    extra: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a workbook; the inner XML of each sheet's sheetData comes from `rows` or from a test. Style 1 is a date."""
    states = ("visible", "hidden")
    parts = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _relations({"xl/workbook.xml": "officeDocument"}),
        "xl/_rels/workbook.xml.rels": _relations(
            {f"worksheets/sheet{n}.xml": "worksheet" for n in range(1, len(sheets) + 1)} | {"styles.xml": "styles"}
        ),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{SHEETS}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
        ).encode(),
        "xl/workbook.xml": (
            f'<workbook xmlns="{SHEETS}" xmlns:r="{OFFICE}"><sheets>'
            + "".join(
                f'<sheet name="{sheet}" sheetId="{n}" r:id="rId{n}" state="{states[sheet in hidden]}"/>'
                for n, sheet in enumerate(sheets, 1)
            )
            + "</sheets></workbook>"
        ).encode(),
    }
    for number, data in enumerate(sheets.values(), 1):
        sheet = f'<worksheet xmlns="{SHEETS}"><sheetData>{data}</sheetData></worksheet>'
        parts[f"xl/worksheets/sheet{number}.xml"] = sheet.encode()
    return package(folder, parts | dict(extra or {}), name)


def rows(*lines: Sequence[str | float]) -> str:
    """Return the XML of rows for `xlsx`: words, numbers, and nothing for an empty string."""

    def cell(place: str, value: str | float) -> str:
        if isinstance(value, str):
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else ""
        return f'<c r="{place}"><v>{value}</v></c>'

    return "".join(
        f'<row r="{n}">' + "".join(cell(f"{chr(65 + i)}{n}", value) for i, value in enumerate(line)) + "</row>"
        for n, line in enumerate(lines, 1)
    )


def far_xlsx(folder: Path) -> Path:
    """A workbook of two cells, in the opposite corners of its only sheet."""
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>fin</t></is></c></row>'
    return xlsx(folder, {"Feuil1": rows(["début"]) + far}, "loin.xlsx")


def locked_office(folder: Path, name: str = "secret.docx") -> Path:
    """The beginning of what Office writes under a password: no ZIP file, but a compound one with such a part."""
    return raw(folder, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le"), name)


def eml(
    folder: Path,
    body: str,
    html: str = "",
    attached: Mapping[str, bytes] | None = None,
    name: str = "message.eml",
    encoding: str = "utf-8",
) -> Path:
    """Write an e-mail from a town hall, with its words in two forms when `html` is given."""
    message = EmailMessage()
    message["From"] = "Mairie de Sefrou <contact@sefrou.example>"
    message["To"] = "فاطمة <fatima@example.org>"
    message["Date"] = "Tue, 24 Nov 2026 10:00:00 +0100"
    message["Subject"] = "Légalisation de signature"
    message.set_content(body, charset=encoding)
    if html:
        message.add_alternative(html, subtype="html", charset=encoding)
    for file, content in (attached or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=file)
    return raw(folder, message.as_bytes(), name)


def locked_eml(folder: Path) -> Path:
    head = "From: a@b.example\nDate: Tue, 24 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n"
    kind = 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="-"\n\n'
    body = "---\nContent-Type: application/octet-stream\n\nabc\n-----\n"
    return text(folder, head + kind + body, name="secret.eml")


def zipped(folder: Path, members: Sequence[tuple[str | zipfile.ZipInfo, bytes]], name: str = "dossier.zip") -> Path:
    """Write a ZIP file that may hold the same name twice."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members:
            archive.writestr(member, content)
    return path


def named_in(page: str, name: str) -> bytes:
    """A ZIP file with one text, whose name is written in the code page `page` and not marked as UTF-8."""
    coded = name.encode(page)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x" * len(coded), b"bonjour")
    return buffer.getvalue().replace(b"x" * len(coded), coded)


def locked_member(name: str = "secret.txt") -> bytes:
    """A ZIP file whose only member says that it is encrypted."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"secret")
    content = bytearray(buffer.getvalue())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    return bytes(content)


def scan(
    folder: Path, source: Path, name: str = "scan.pdf", words: str = "", dots: int = 200, turned: bool = False
) -> Path:
    """Write the pages of the PDF `source` as pictures, as a scanner does, with `words` on each as its program may."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    with pypdfium2.PdfDocument(source) as document:
        for page in document:
            drawn = page.render(scale=dots / 72, grayscale=True, rotation=180 * turned)
            lines = memoryview(drawn.buffer).cast("B")
            pixels = b"".join(lines[y * drawn.stride :][: drawn.width] for y in range(drawn.height))
            kids.append(_picture_page(objects, drawn.width, drawn.height, pixels, words))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    return raw(folder, _pdf_file(objects, b""), name)


def huge_picture(folder: Path, side: int = 20_000) -> Path:
    """A PDF of some kilobytes that holds a picture of `side` times `side` dots."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< >>"]
    kid = _picture_page(objects, side, side, bytes(1000), "")
    objects[1] = b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % kid
    return raw(folder, _pdf_file(objects, b""), "enorme.pdf")


def zip_bomb(folder: Path, unpacked: int = 60_000_000) -> Path:
    """A .docx of some hundred kilobytes whose text is `unpacked` spaces."""
    path = folder / "bombe.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("[Content_Types].xml", TYPES)
        with zipped.open("word/document.xml", "w", force_zip64=True) as member:
            for _ in range(unpacked // 1_000_000):
                member.write(b" " * 1_000_000)
    return path


def lying_zip_bomb(folder: Path) -> Path:
    """A .docx that declares a small text and unpacks to a large one."""
    path = zip_bomb(folder, 5_000_000)
    content = path.read_bytes().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 1_000))
    return raw(folder, content, "menteur.docx")


def entity_bomb(folder: Path) -> Path:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<!DOCTYPE d [<!ENTITY l0 "ha">{levels}]><w:document {W}><w:body>&l11;</w:body></w:document>'
    return docx(folder, "", "entites.docx", extra={"word/document.xml": bomb.encode()})


def nested_docx(folder: Path, depth: int = 100_000) -> Path:
    return docx(folder, "<w:sdt>" * depth + "</w:sdt>" * depth, "profond.docx")


def png(folder: Path, name: str = "photo.png") -> Path:
    pixels = zlib.compress(b"\0\xff\xff\xff")
    return raw(folder, b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + pixels, name)


def _relations(targets: Mapping[str, str]) -> bytes:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (target, kind) in enumerate(targets.items(), 1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{lines}</Relationships>'.encode()


def _picture_page(objects: list[bytes], width: int, height: int, pixels: bytes, words: str) -> int:
    packed = zlib.compress(pixels, 1)
    objects.append(
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream" % (width, height, len(packed), packed)
    )
    picture = len(objects)
    drawn = b"q 595 0 0 842 0 0 cm /Im Do Q BT /F1 8 Tf 20 20 Td (%b) Tj ET" % _escaped(words).encode("cp1252")
    objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn))
    objects.append(
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
        b" /Resources << /Font << /F1 3 0 R >> /XObject << /Im %d 0 R >> >> >>" % (len(objects), picture)
    )
    return len(objects)


def _pdf_file(objects: list[bytes], trailer: bytes) -> bytes:
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R%b >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start))
    return out.getvalue()


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _padded(password: str) -> bytes:
    return (password.encode("latin-1") + PADDING)[:32]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
