"""Which kind of file this is, told from its bytes; only Markdown, which looks like text, is told by its name."""

import os
import re
import stat
from pathlib import Path

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.plain import assemble, declared_encoding, decode, is_text, parts_of_text
from tiwizi.knowledge.documents.values import Limits, Parts, Read

KINDS = "PDF, DOCX, HTML, Markdown and plain text"
MARKDOWN = {".md", ".markdown"}
DATA = {".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".xml"}  # text for programs: passages of it answer nobody
HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*){0,9}"
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h[1-6]|table|ul|ol|main|article|section)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
# beginnings of the files that people hand in by mistake, so that the message can name them
OTHERS = [
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file (.doc, .xls) or one with a password; save it as .docx",
    ),
    (b"{\\rtf", "an RTF file; save it as .docx"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"%!PS", "a PostScript file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\0", "a database"),
]
PACKAGES = [
    ("xl/workbook.xml", "an Excel file"),
    ("ppt/presentation.xml", "a PowerPoint file"),
    ("META-INF/container.xml", "an EPUB book"),
    ("content.xml", "an OpenDocument file; save it as .docx"),
]


def read_file(path: Path, limits: Limits) -> Read:
    """Return the text of the file at `path`, whatever its name says it is.

    Raises Unreadable with a plain reason: not a file, empty, too large, of a kind that is not read, or damaged.
    """
    raw = _bytes(path, limits)
    return assemble(_parts(raw, path, limits), path.stem, limits)


def _parts(raw: bytes, path: Path, limits: Limits) -> Parts:
    # the parsers are imported when a file needs them: the first text file does not wait for PDFium
    if b"%PDF-" in raw[:1024]:
        from tiwizi.knowledge.documents.pdf import parts_of_pdf

        return parts_of_pdf(raw, limits)
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _package(raw, limits)
    for beginning, name in OTHERS:
        if raw.startswith(beginning) and not (beginning == b"MZ" and is_text(raw[:65_536])):
            raise _not_read(name)
    if not is_text(raw[:65_536]):
        raise _not_read("of an unknown kind")
    text = decode(raw, declared_encoding(raw))
    if HTML.search(text[:8192]):
        from tiwizi.knowledge.documents.markup import parts_of_html

        return parts_of_html(text)
    if path.suffix.lower() in MARKDOWN:
        from tiwizi.knowledge.documents.markup import parts_of_markdown

        source = parts_of_markdown(text)
        # the parser drops what is nested too deeply: rather the text as it stands than none
        return source if any(part.text.strip() for part in source.parts) else parts_of_text(text)
    if text.lstrip("\ufeff \n\t").startswith("<?xml"):
        raise _not_read("an XML file")
    if path.suffix.lower() in DATA:
        raise _not_read(f"a file of data ({path.suffix.lower()})")
    return parts_of_text(text)


def _package(raw: bytes, limits: Limits) -> Parts:
    from tiwizi.knowledge.documents.office import open_package, parts_of_docx

    with open_package(raw, limits) as package:
        names = set(package.namelist())
        for member, name in PACKAGES:
            if member in names:
                raise _not_read(name)
        if "[Content_Types].xml" not in names:
            raise _not_read("a ZIP file")
        return parts_of_docx(package, limits)


def _bytes(path: Path, limits: Limits) -> bytes:
    try:
        # not blocking: opening a pipe that nobody writes to would wait for ever
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}") from None
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode):
        os.close(file)
        raise Unreadable("it is not an ordinary file")
    with os.fdopen(file, "rb") as opened:
        if found.st_size == 0:
            raise Unreadable("it is empty")
        if found.st_size > limits.max_bytes:
            raise Unreadable(f"it has {found.st_size:,} bytes and at most {limits.max_bytes:,} are read; split it")
        try:
            return opened.read(limits.max_bytes)
        except OSError as error:
            raise Unreadable(f"it cannot be read: {error.strerror}") from None


def _not_read(what: str) -> Unreadable:
    return Unreadable(f"it is {what}; what is read: {KINDS}")
