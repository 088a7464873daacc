"""Files inside files: what a ZIP file holds and what is attached to an e-mail. Nothing is ever unpacked to disk."""

import hashlib
import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.mail import attachments, is_mail
from tiwizi.knowledge.documents.package import BROKEN, CHUNK, LOCKED, check_unpacked, open_zip
from tiwizi.knowledge.documents.plain import NOISE
from tiwizi.knowledge.documents.values import HoldsFiles, Limits, Member

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# what makes a ZIP file a document: a part, and what it is
PACKAGES = [
    ("xl/workbook.xml", "spreadsheet"),
    ("xl/workbook.bin", "an Excel file in a binary form; save it as .xlsx"),
    ("ppt/presentation.xml", "a PowerPoint file; save it as PDF"),
    ("META-INF/container.xml", "book"),
    ("content.xml", "opendocument"),
    ("[Content_Types].xml", "word"),
]
LITTER = {"__macosx", "thumbs.db", "desktop.ini"}  # what computers leave beside the files of people
LINK = 0o120000
NAME = 200  # characters of a member's name
PLAIN_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
UTF8_NAME = 0x800
# how programs write names that are not UTF-8: what DOS wrote, then Windows in French and in Arabic, then DOS in Arabic
NAME_PAGES = ("cp850", "cp1252", "cp1256", "cp720")
LETTERS = re.compile("[àâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÙÛŒ°’«»\u0621-\u063a\u0640-\u064a\u060c]")

TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # marks that could show "exe.txt" where the name ends in "txt.exe"
NO_STEP = re.compile(r"\s*\.{0,2}\s*|[A-Za-z]:")  # steps of a path that lead nowhere, up, or to a drive

Box = dict[str, Callable[[], bytes]]


def kind_of_package(raw: bytes) -> str:
    """Return what the ZIP file in `raw` is: a kind of document, what it is that is not read, or "box"."""
    with open_zip(raw) as zipped:
        names = set(zipped.namelist())
    return next((kind for part, kind in PACKAGES if part in names), "box")


def box_of(raw: bytes, name: str, limits: Limits) -> Box | None:
    """Return the files inside a ZIP file or an e-mail by their names, in order, or None when it holds none by nature.

    Left out are folders and what is hidden, as in the folders that are taken in.
    """
    if raw.startswith(ZIP):
        return _zip(raw, limits) if kind_of_package(raw) == "box" else None
    if is_mail(raw, PurePosixPath(name).suffix.lower()):
        return _named(attachments(raw, limits))
    return None


class Boxes:
    """Reads files and their members; the box opened last stays open, for its members are asked for one by one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._key: tuple[object, ...] = ()
        self._box: Box = {}

    def members(self, path: Path, inside: Sequence[str]) -> list[Member]:
        """Return what the file holds, each with its digest or the reason why it cannot be read."""
        box = self._opened(path, inside)
        return list(self._members(box, len(inside) + 1)) if box is not None else []

    def content(self, path: Path, inside: Sequence[str]) -> bytes:
        """Return the bytes of the file, or of the member that the names `inside` lead to."""
        if len(inside) > self._limits.max_nesting:
            raise Unreadable(self._too_deep())
        if not inside:
            if self._key[:1] != (path,):
                self._close()
            return file_bytes(path, self._limits)
        box = self._opened(path, inside[:-1])
        if box is None or inside[-1] not in box:
            raise Unreadable("it is no longer inside the file that it was found in")
        return box[inside[-1]]()

    def _members(self, box: Box, depth: int) -> Iterator[Member]:
        left = self._limits.max_unpacked_bytes
        for name, unpacked in box.items():
            try:
                if left < 0:
                    allowed = f"{self._limits.max_unpacked_bytes:,}"
                    raise Unreadable(f"the files before it unpack to more than the {allowed} bytes allowed; split them")
                content = unpacked()
                left -= len(content)
                if not content:
                    raise Unreadable("it is empty")
                holds = _may_hold(content, name)
                if holds and depth >= self._limits.max_nesting and content.startswith(ZIP):
                    raise Unreadable(self._too_deep())
                digest = hashlib.sha256(content).hexdigest()
                yield Member(name, len(content), digest, holds and depth < self._limits.max_nesting)
            except Unreadable as error:
                yield Member(name, 0, "", reason=str(error))

    def _opened(self, path: Path, inside: Sequence[str]) -> Box | None:
        key = (path, *inside, *_signature(path))
        if key == self._key:
            return self._box
        content = self.content(path, inside)
        box = box_of(content, inside[-1] if inside else path.name, self._limits)
        self._close()
        if box is not None:
            self._key, self._box = key, box
        return box

    def _close(self) -> None:
        self._key, self._box = (), {}

    def _too_deep(self) -> str:
        return f"it lies within more than {self._limits.max_nesting} files inside one another; take it out of them"


def file_bytes(path: Path, limits: Limits) -> bytes:
    """Return the bytes of an ordinary file; raises Unreadable when it is none, empty or too large."""
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
            raise _too_large(found.st_size, limits)
        try:
            return opened.read(limits.max_bytes)
        except OSError as error:
            raise Unreadable(f"it cannot be read: {error.strerror}") from None


def holds_files(raw: bytes) -> HoldsFiles | Unreadable:
    """Return what is said of a ZIP file that is asked for its own words."""
    with open_zip(raw) as zipped:
        if zipped.namelist():
            return HoldsFiles("it is a ZIP file, whose files are read one by one")
    return Unreadable("it is a ZIP file that holds nothing")


def _zip(raw: bytes, limits: Limits) -> Box:
    zipped = open_zip(raw)
    members = zipped.infolist()
    if len(members) > limits.max_members:
        raise Unreadable(f"it holds {len(members):,} files and at most {limits.max_members:,} are read; split it")
    files = [(_name(info), info) for info in members if not info.filename.endswith("/")]
    return _named(
        (name, lambda info=info: _unpacked(zipped, info, limits))  # type: ignore[misc]
        for name, info in files
        if not _hidden(name)
    )


def _unpacked(zipped: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> bytes:
    if info.flag_bits & 1:
        raise Unreadable(LOCKED)
    if info.external_attr >> 16 & 0o170000 == LINK:
        raise Unreadable("it is a link to another file")
    if info.compress_type not in PLAIN_METHODS:
        raise Unreadable("it is compressed in an unusual way; make an ordinary ZIP file of it")
    if info.file_size > limits.max_bytes:
        raise _too_large(info.file_size, limits)
    pieces, size = [], 0
    try:
        with zipped.open(info) as member:
            while piece := member.read(CHUNK):
                size += len(piece)
                check_unpacked(size, info.compress_size, limits)
                pieces.append(piece)
    except BROKEN:
        raise Unreadable("it is damaged inside its ZIP file; save or download that again") from None
    return b"".join(pieces)


def _named(files: Iterator[tuple[str, Callable[[], bytes]]]) -> Box:
    box: Box = {}
    seen: Counter[str] = Counter()
    for wanted, content in files:
        name = safe = _safe(wanted)
        while name in box:
            seen[safe] += 1
            path = PurePosixPath(safe)
            name = str(path.with_name(f"{path.stem} ({seen[safe] + 1}){path.suffix}"))
        box[name] = content
    return box


def _safe(name: str) -> str:
    """Return a name that stays below any folder it is put in, without characters that nobody sees."""
    name = TURNING.sub("", NOISE.sub("", re.sub(r"[\n\r\t]", " ", name))).replace("\\", "/")
    steps = (step for step in name.split("/") if not NO_STEP.fullmatch(step))
    return "/".join(steps)[-NAME:].lstrip("/") or "unnamed"


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; without the mark of UTF-8, in the code page that gives it the most letters."""
    if info.flag_bits & UTF8_NAME or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")  # how zipfile decodes what is not marked
    except UnicodeEncodeError:
        return info.filename  # from a field of its own, which is UTF-8
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return max((raw.decode(page, "replace") for page in NAME_PAGES), key=lambda name: len(LETTERS.findall(name)))


def _hidden(name: str) -> bool:
    return any(step.startswith(".") and step not in {".", ".."} or step.lower() in LITTER for step in name.split("/"))


def _may_hold(content: bytes, name: str) -> bool:
    if not content.startswith(ZIP):
        return is_mail(content, PurePosixPath(name).suffix.lower())
    try:
        return kind_of_package(content) == "box"
    except Unreadable:  # damaged: reading it says so
        return False


def _signature(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _too_large(size: int, limits: Limits) -> Unreadable:
    return Unreadable(f"it has {size:,} bytes and at most {limits.max_bytes:,} are read; split it")
