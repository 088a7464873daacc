"""Sample files, ordinary and hostile, made on the spot: each function writes one and returns its path."""

import hashlib
import io
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

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
