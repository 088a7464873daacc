"""The ZIP files that office documents and books are: their parts, unpacked and parsed within limits."""

import io
import zipfile
import zlib
from types import TracebackType
from typing import Self

from lxml import etree  # type: ignore[import-untyped]  # comes without types

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.values import Limits

CHUNK = 1 << 16
MOST_PARTS = 10_000
TIGHT = 20_000_000  # bytes: below, even blank pages that pack a thousandfold do no harm
LOCKED = "it is protected by a password; save a copy without it and take that in"
DAMAGED = "it is a damaged compressed file; save or download it again"
NESTED = "its parts are nested too deeply to be an ordinary document"
# what zipfile raises on damaged files
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


def open_zip(raw: bytes) -> zipfile.ZipFile:
    """Return the ZIP file in `raw`; raises Unreadable when its list of contents is damaged or cut off."""
    try:
        return zipfile.ZipFile(io.BytesIO(raw))
    except BROKEN:
        raise Unreadable("it is a damaged or cut-off compressed file; save or download it again") from None


class Package:
    """The parts of one document, of a `kind` that its messages name ("Word document").

    Refused before unpacking when what it declares goes beyond the limits, and counted while unpacking, for what it
    declares may be a lie.
    """

    def __init__(self, raw: bytes, kind: str, limits: Limits) -> None:
        self._zip = open_zip(raw)
        self._kind, self._limits = kind, limits
        self._packed, self._unpacked = len(raw), 0
        members = self._zip.infolist()
        if len(members) > MOST_PARTS:
            raise Unreadable(f"it holds {len(members):,} compressed parts and at most {MOST_PARTS:,} are read")
        if sum(member.file_size for member in members) > limits.max_unpacked_bytes:
            raise unpacks_too_far(limits)
        if any(member.flag_bits & 1 for member in members):
            raise Unreadable(LOCKED)
        self.names = {member.filename for member in members}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def unpack(self, name: str) -> bytes:
        """Return the bytes of one part; raises Unreadable when it is missing, damaged, or beyond the limits."""
        if name not in self.names:
            raise self.damaged(f"{name} is missing")
        pieces = []
        try:
            with self._zip.open(name) as part:
                while piece := part.read(CHUNK):
                    self._unpacked += len(piece)
                    check_unpacked(self._unpacked, self._packed, self._limits)
                    pieces.append(piece)
        except BROKEN:
            raise Unreadable(DAMAGED) from None
        return b"".join(pieces)

    def xml(self, name: str) -> etree._Element:
        """Return the root of one part; raises Unreadable when it declares entities, is nested too deeply or damaged."""
        raw = self.unpack(name)
        root = self._parsed(raw, None)
        declared = root.getroottree().docinfo.internalDTD
        if declared is not None and any(True for _ in declared.iterentities()):  # in UTF-16 the bytes differ
            raise self._entities()
        return root

    def check_xml(self, raw: bytes) -> None:
        """Raise Unreadable as `xml` does, building no tree: for a library that trusts what it is given."""
        self._parsed(raw, _Nothing())

    def _parsed(self, raw: bytes, target: "_Nothing | None") -> etree._Element:
        if b"<!ENTITY" in raw:
            raise self._entities()
        parser = etree.XMLParser(
            target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            return etree.fromstring(raw, parser)
        except etree.XMLSyntaxError as error:
            if error.code == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from None
            if "depth" in str(error):
                raise Unreadable(NESTED) from None
            raise self.damaged("its XML is not well formed") from None

    def title(self, name: str) -> str:
        """Return the title that the part `name`, which may be missing, gives the document, or an empty string."""
        if name not in self.names:
            return ""
        return (self.xml(name).findtext(".//{http://purl.org/dc/elements/1.1/}title") or "").strip()

    def damaged(self, how: str) -> Unreadable:
        """Return the error that says how this document is damaged."""
        return Unreadable(f"it is a damaged {self._kind}: {how}")

    def _entities(self) -> Unreadable:
        return Unreadable(f"its XML declares entities, which no {self._kind} needs and attacks do; it is not read")


class _Nothing:
    """What a parser tells its events to when only their order matters."""

    def close(self) -> None:
        return None


def check_unpacked(unpacked: int, packed: int, limits: Limits) -> None:
    """Raise Unreadable when `unpacked` bytes, counted so far, are more than allowed for `packed` ones."""
    if unpacked > limits.max_unpacked_bytes:
        raise unpacks_too_far(limits)
    if unpacked > TIGHT and unpacked > packed * limits.max_ratio:
        raise Unreadable(f"it unpacks to more than {limits.max_ratio:,} times its size (a zip bomb?)")


def unpacks_too_far(limits: Limits) -> Unreadable:
    """Return the error for what unpacks to more bytes than allowed."""
    return Unreadable(f"it unpacks to more than the {limits.max_unpacked_bytes:,} bytes allowed (a zip bomb?)")
