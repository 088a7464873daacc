"""ODT: paragraphs, headings, lists and tables of a text of LibreOffice, in their order."""

import re
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]  # comes without types

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.package import LOCKED, Package
from tiwizi.knowledge.documents.values import Limits, Part, Parts

ODT = "application/vnd.oasis.opendocument.text"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
MANIFEST = "META-INF/manifest.xml"
PARAGRAPHS = {TEXT + "p", TEXT + "h"}
# words that were taken out, comments, footnotes, and the table of contents, which repeats the headings
GONE = {TEXT + "tracked-changes", OFFICE + "annotation", TEXT + "note", TEXT + "table-of-content"}
MOST_SPACES = 100  # that one element may stand for
KIND = re.compile(rb"application/vnd\.oasis\.opendocument\.([a-z]{1,20})")


def declared_kind(raw: bytes, limits: Limits) -> str:
    """Return what an OpenDocument file says it is ("text", "spreadsheet", "presentation"), or an empty string."""
    with Package(raw, "OpenDocument file", limits) as package:
        said = KIND.match(package.unpack("mimetype")) if "mimetype" in package.names else None
        return said[1].decode() if said else ""


def parts_of_odt(raw: bytes, limits: Limits) -> Parts:
    """Return the paragraphs of an ODT text, and its table rows with cells parted by " | "; not its footnotes."""
    with Package(raw, "OpenDocument text", limits) as package:
        if MANIFEST in package.names and b"encryption-data" in package.unpack(MANIFEST):
            raise Unreadable(LOCKED)
        body = package.xml("content.xml").find(f"{OFFICE}body/{OFFICE}text")
        if body is None:
            raise package.damaged("its text is missing")
        return Parts(list(_blocks(body)), ODT, package.title("meta.xml"))


def _blocks(parent: etree._Element) -> Iterator[Part]:
    for element in parent:
        if element.tag in PARAGRAPHS:
            level = element.get(TEXT + "outline-level", "1") if element.tag == TEXT + "h" else "0"
            yield Part(_paragraph(element), int(level) if level.isdecimal() else 1)
        elif element.tag == TABLE + "table-row":
            cells = [child for child in element if child.tag == TABLE + "table-cell"]
            yield Part(" | ".join(" ".join(" ".join(_paragraphs(cell)).split()) for cell in cells))
        elif element.tag not in GONE:
            yield from _blocks(element)


def _paragraphs(cell: etree._Element) -> Iterator[str]:
    return (_paragraph(paragraph) for paragraph in cell.iter(*PARAGRAPHS))


def _paragraph(paragraph: etree._Element) -> str:
    pieces = [paragraph.text or ""]
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        if isinstance(element, str):  # what stands after an element, kept until its inside is done
            pieces.append(element)
            continue
        stack.append(element.tail or "")
        if element.tag == TEXT + "s":
            count = element.get(TEXT + "c", "1")
            pieces.append(" " * (min(int(count), MOST_SPACES) if count.isdecimal() else 1))
        elif element.tag == TEXT + "tab":
            pieces.append("\t")
        elif element.tag == TEXT + "line-break":
            pieces.append("\n")
        elif element.tag not in GONE and isinstance(element.tag, str):  # the tag of a comment is no string
            pieces.append(element.text or "")
            stack.extend(reversed(element))
    return "".join(pieces)
