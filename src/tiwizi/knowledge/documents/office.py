"""DOCX: paragraphs, headings and tables in their order."""

import re
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]  # comes without types

from tiwizi.knowledge.documents.package import Package
from tiwizi.knowledge.documents.values import Limits, Part, Parts

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAIN = re.compile(rb"<Override[^>]*wordprocessingml\.document\.main\+xml[^>]*>")
NAME = re.compile(rb'PartName="/([^"]+)"')
# by English name, which Word writes whatever its language
HEADING = re.compile(r"^(?:heading (\d)|(title))$", re.I)
GONE = {W + "del", W + "moveFrom", W + "instrText", W + "delText", FALLBACK}


def parts_of_docx(raw: bytes, limits: Limits) -> Parts:
    """Return the paragraphs of a Word document, and its table rows with cells parted by " | "; not its footnotes."""
    with Package(raw, "Word document", limits) as package:
        declared = MAIN.search(package.unpack("[Content_Types].xml"))
        named = NAME.search(declared[0]) if declared else None
        main = named[1].decode("utf-8", "replace") if named else "word/document.xml"
        body = package.xml(main).find(W + "body")
        if body is None:
            raise package.damaged("its text is missing")
        return Parts(list(_blocks(body, _heading_levels(package))), DOCX, package.title("docProps/core.xml"))


def _blocks(parent: etree._Element, levels: dict[str, int]) -> Iterator[Part]:
    for element in parent:
        if element.tag == W + "p":
            style = element.find(f"{W}pPr/{W}pStyle")
            yield Part(_paragraph(element), levels.get(style.get(W + "val", ""), 0) if style is not None else 0)
        elif element.tag == W + "tbl":
            for row in element.iter(W + "tr"):
                cells = [" ".join(_paragraph(p) for p in cell.iter(W + "p")) for cell in row.iter(W + "tc")]
                yield Part(" | ".join(" ".join(cell.split()) for cell in cells))
        elif element.tag in {W + "sdt", W + "sdtContent", W + "ins", W + "smartTag", W + "customXml"}:
            yield from _blocks(element, levels)


def _paragraph(paragraph: etree._Element) -> str:
    pieces = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        tag = element.tag
        if tag == W + "t":
            pieces.append(element.text or "")
        elif tag == W + "tab":
            pieces.append("\t")
        elif tag in {W + "br", W + "cr"}:
            pieces.append("\n")
        elif tag == W + "noBreakHyphen":
            pieces.append("-")
        elif tag not in GONE and tag != W + "pPr":
            stack.extend(reversed(element))
    return "".join(pieces)


def _heading_levels(package: Package) -> dict[str, int]:
    if "word/styles.xml" not in package.names:
        return {}
    levels = {}
    for style in package.xml("word/styles.xml").iter(W + "style"):
        name, outline = style.find(W + "name"), style.find(f"{W}pPr/{W}outlineLvl")
        if name is not None and (named := HEADING.match(name.get(W + "val", ""))):
            levels[style.get(W + "styleId", "")] = int(named[1] or 1)
        elif outline is not None and outline.get(W + "val", "").isdecimal() and int(outline.get(W + "val", "")) < 6:
            levels[style.get(W + "styleId", "")] = int(outline.get(W + "val", "")) + 1
    return levels
