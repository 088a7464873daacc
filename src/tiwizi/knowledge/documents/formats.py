"""Which kind of file this is, told from its bytes; only Markdown and CSV, which look like text, by their names."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePath

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.boxes import ZIP, Boxes, holds_files, kind_of_package
from tiwizi.knowledge.documents.mail import is_mail, parts_of_mail
from tiwizi.knowledge.documents.package import LOCKED
from tiwizi.knowledge.documents.plain import assemble, declared_encoding, decode, is_text, parts_of_text
from tiwizi.knowledge.documents.scans import Scans
from tiwizi.knowledge.documents.values import Limits, Parts, Read

KINDS = "PDF, DOCX, ODT, XLSX, ODS, EPUB, HTML, Markdown, CSV, e-mail (.eml), plain text, and ZIP files of these"
MARKDOWN = {".md", ".markdown"}
TABLES = {".csv", ".tsv", ".tab"}
DATA = {".json", ".jsonl", ".yaml", ".yml", ".xml"}  # text for programs: passages of it answer nobody
HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*){0,9}"
    r"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h[1-6]|table|ul|ol|main|article|section)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # where Office keeps a document under a password
# beginnings of the files that people hand in by mistake, so that the message can name them
OTHERS = [
    (OLD_OFFICE, "an old Office file (.doc, .xls, .msg); save it as .docx or .xlsx"),
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


def read_file(
    path: Path, limits: Limits, inside: Sequence[str] = (), boxes: Boxes | None = None, scans: Scans | None = None
) -> Read:
    """Return the text of the file at `path`, or of the member `inside` it, whatever its name says it is.

    Without `scans`, scanned pages are unread. Raises Unreadable with a plain reason: not a file, empty, too large, of
    a kind that is not read, or damaged; HoldsFiles when it is a ZIP file.
    """
    name = PurePath(inside[-1]) if inside else path
    raw = (boxes or Boxes(limits)).content(path, inside)
    if not raw:
        raise Unreadable("it is empty")
    return assemble(_parts(raw, name, limits, scans or Scans("", limits, lambda _: None)), name.stem, limits)


def _parts(raw: bytes, name: PurePath, limits: Limits, scans: Scans) -> Parts:
    # the parsers are imported when a file needs them: the first text file does not wait for PDFium
    if raw.startswith(ZIP):  # first: the bytes of a PDF may stand in it as they are
        return _package(raw, name, limits)
    if b"%PDF-" in raw[:1024]:
        from tiwizi.knowledge.documents.pdf import parts_of_pdf

        return parts_of_pdf(raw, limits, scans)
    if raw.startswith(OLD_OFFICE) and ENCRYPTED in raw:
        raise Unreadable(LOCKED)
    for beginning, what in OTHERS:
        if raw.startswith(beginning) and not (beginning == b"MZ" and is_text(raw[:65_536])):
            raise _not_read(what)
    if is_mail(raw, name.suffix.lower()):
        return parts_of_mail(raw)
    if not is_text(raw[:65_536]):
        raise _not_read("of an unknown kind")
    return _text(decode(raw, declared_encoding(raw)), name, limits)


def _text(text: str, name: PurePath, limits: Limits) -> Parts:
    suffix = name.suffix.lower()
    if HTML.search(text[:8192]):
        from tiwizi.knowledge.documents.markup import parts_of_html

        return parts_of_html(text)
    if suffix in MARKDOWN:
        from tiwizi.knowledge.documents.markup import parts_of_markdown

        source = parts_of_markdown(text)
        # the parser drops what is nested too deeply: rather the text as it stands than none
        return source if any(part.text.strip() for part in source.parts) else parts_of_text(text)
    if suffix in TABLES:
        from tiwizi.knowledge.documents.tables import parts_of_csv

        return parts_of_csv(text, name.stem, limits)
    if text.lstrip("\ufeff \n\t").startswith("<?xml"):
        raise _not_read("an XML file")
    if suffix in DATA:
        raise _not_read(f"a file of data ({suffix})")
    return parts_of_text(text)


def _package(raw: bytes, name: PurePath, limits: Limits) -> Parts:
    match kind_of_package(raw):
        case "box":
            raise holds_files(raw)
        case "word":
            from tiwizi.knowledge.documents.office import parts_of_docx

            return parts_of_docx(raw, limits)
        case "spreadsheet":
            from tiwizi.knowledge.documents.tables import parts_of_workbook

            return parts_of_workbook(raw, name.stem, limits)
        case "book":
            from tiwizi.knowledge.documents.epub import parts_of_epub

            return parts_of_epub(raw, limits)
        case "opendocument":
            return _opendocument(raw, name, limits)
        case what:
            raise _not_read(what)


def _opendocument(raw: bytes, name: PurePath, limits: Limits) -> Parts:
    from tiwizi.knowledge.documents.opendocument import declared_kind, parts_of_odt

    match declared_kind(raw, limits):
        case "text" | "":
            return parts_of_odt(raw, limits)
        case "spreadsheet":
            from tiwizi.knowledge.documents.tables import parts_of_workbook

            return parts_of_workbook(raw, name.stem, limits)
        case kind:
            raise _not_read(f"an OpenDocument file of another kind ({kind}); save it as PDF")


def _not_read(what: str) -> Unreadable:
    return Unreadable(f"it is {what}; what is read: {KINDS}")
