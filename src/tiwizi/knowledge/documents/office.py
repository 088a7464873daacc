"""DOCX: paragraphs, headings and tables in their order, read from the package's XML within limits."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]  # comes without types

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.values import Limits, Part, Parts

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MAIN = re.compile(rb"<Override[^>]*wordprocessingml\.document\.main\+xml[^>]*>")
NAME = re.compile(rb'PartName="/([^"]+)"')
CHUNK = 1 << 16
MOST_PARTS = 10_000
# by English name, which Word writes whatever its language
HEADING = re.compile(r"^(?:heading (\d)|(title))$", re.I)
GONE = {W + "del", W + "moveFrom", W + "instrText", W + "delText", FALLBACK}


def open_package(raw: bytes, limits: Limits) -> zipfile.ZipFile:
    """Return the ZIP file in `raw`, refused before unpacking when what it declares goes beyond the limits."""
    try:
        package = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Unreadable("it is a damaged or cut-off compressed file; save or download it again") from None
    members = package.infolist()
    if len(members) > MOST_PARTS:
        raise Unreadable(f"it holds {len(members):,} compressed parts and at most {MOST_PARTS:,} are read")
    declared = sum(member.file_size for member in members)
    if declared > limits.max_unpacked_bytes:
        raise _bomb(limits)
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("it is protected by a password; save a copy without it and take that in")
    return package


def parts_of_docx(package: zipfile.ZipFile, limits: Limits) -> Parts:
    """Return the paragraphs of a Word document, and its table rows with cells parted by " | "; not its footnotes."""
    left = [limits.max_unpacked_bytes]
    types = _unpack(package, "[Content_Types].xml", left, limits)
    declared = MAIN.search(types)
    named = NAME.search(declared[0]) if declared else None
    main = named[1].decode("utf-8", "replace") if named else "word/document.xml"
    body = _xml(_unpack(package, main, left, limits)).find(W + "body")
    if body is None:
        raise Unreadable("it is a damaged Word document: its text is missing")
    levels = _heading_levels(package, left, limits)
    return Parts(list(_blocks(body, levels)), DOCX, _title(package, left, limits))


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


def _heading_levels(package: zipfile.ZipFile, left: list[int], limits: Limits) -> dict[str, int]:
    if "word/styles.xml" not in package.namelist():
        return {}
    levels = {}
    for style in _xml(_unpack(package, "word/styles.xml", left, limits)).iter(W + "style"):
        name, outline = style.find(W + "name"), style.find(f"{W}pPr/{W}outlineLvl")
        if name is not None and (named := HEADING.match(name.get(W + "val", ""))):
            levels[style.get(W + "styleId", "")] = int(named[1] or 1)
        elif outline is not None and outline.get(W + "val", "").isdecimal() and int(outline.get(W + "val", "")) < 6:
            levels[style.get(W + "styleId", "")] = int(outline.get(W + "val", "")) + 1
    return levels


def _title(package: zipfile.ZipFile, left: list[int], limits: Limits) -> str:
    if "docProps/core.xml" not in package.namelist():
        return ""
    core = _xml(_unpack(package, "docProps/core.xml", left, limits))
    return (core.findtext("{http://purl.org/dc/elements/1.1/}title") or "").strip()


def _unpack(package: zipfile.ZipFile, name: str, left: list[int], limits: Limits) -> bytes:
    # counted while unpacking: what the file declares about itself may be a lie
    pieces = []
    try:
        with package.open(name) as member:
            while piece := member.read(CHUNK):
                left[0] -= len(piece)
                if left[0] < 0:
                    raise _bomb(limits)
                pieces.append(piece)
    except KeyError:
        raise Unreadable(f"it is a damaged Word document: {name} is missing") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise Unreadable("it is a damaged compressed file; save or download it again") from None
    return b"".join(pieces)


def _xml(raw: bytes) -> etree._Element:
    if b"<!DOCTYPE" in raw[:4096] or b"<!ENTITY" in raw:
        raise Unreadable("its XML declares entities, which Word never does and attacks do; it is not read")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from None
        if "depth" in str(error):
            raise Unreadable("its parts are nested too deeply to be an ordinary document") from None
        raise Unreadable("it is a damaged Word document: its XML is not well formed") from None


def _bomb(limits: Limits) -> Unreadable:
    return Unreadable(f"it unpacks to more than the {limits.max_unpacked_bytes:,} bytes allowed (a zip bomb?)")
