"""EPUB: the chapters of a book in their order, each a page of HTML."""

import posixpath
import re
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]  # comes without types

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.markup import parts_of_html
from tiwizi.knowledge.documents.package import Package
from tiwizi.knowledge.documents.plain import declared_encoding, decode
from tiwizi.knowledge.documents.values import Limits, Part, Parts

EPUB = "application/epub+zip"
CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
MOST_CHAPTERS = 10_000  # a list of chapters may name the same one again and again
# XHTML closes an empty element at once; a reader of HTML would take the rest of the chapter for the inside of a title
CLOSED = re.compile(r"<(?!(?:br|hr|img|input|link|meta|col|area|base|wbr|embed|source|track)\b)([a-z][\w:-]*)"
                    r"(\s[^<>]*)?/>", re.I)  # fmt: skip


def parts_of_epub(raw: bytes, limits: Limits) -> Parts:
    """Return the lines of all chapters, an empty line between two; raises Unreadable when it is protected."""
    with Package(raw, "EPUB book", limits) as package:
        root = package.xml(CONTAINER).find(".//{*}rootfile")
        if root is None:
            raise package.damaged("it does not say where its list of contents is")
        contents = root.get("full-path", "")
        book = package.xml(contents)
        chapters = _chapters(book, posixpath.dirname(contents))
        if _protected(package) & set(chapters):
            raise Unreadable("it is protected against copying (DRM); ask its publisher for a copy without it")
        parts: list[Part] = []
        for chapter in chapters:
            page = package.unpack(chapter)
            parts += parts_of_html(CLOSED.sub(r"<\1\2></\1>", decode(page, declared_encoding(page)))).parts
            parts.append(Part(""))
        title = book.findtext(".//{http://purl.org/dc/elements/1.1/}title") or ""
        return Parts(parts, EPUB, title.strip())


def _chapters(book: etree._Element, folder: str) -> list[str]:
    pages = {
        item.get("id"): item.get("href", "")
        for item in book.iterfind(".//{*}manifest/{*}item")
        if "html" in item.get("media-type", "")
    }
    order = [item.get("idref") for item in book.iterfind(".//{*}spine/{*}itemref")]
    if len(order) > MOST_CHAPTERS:
        raise Unreadable(f"it lists {len(order):,} chapters and at most {MOST_CHAPTERS:,} are read")
    return [posixpath.normpath(posixpath.join(folder, unquote(pages[name]))) for name in order if name in pages]


def _protected(package: Package) -> set[str]:
    if ENCRYPTION not in package.names:
        return set()
    return {unquote(part.get("URI", "")) for part in package.xml(ENCRYPTION).iterfind(".//{*}CipherReference")}
