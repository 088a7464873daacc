"""Opening one file that was handed in: whether it changed, which words it has, and which files lie inside it."""

import hashlib
import os
import stat
import time
from pathlib import Path

from msgspec import Struct

from tiwizi.errors import Unreadable
from tiwizi.knowledge.cards import load_card
from tiwizi.knowledge.documents import HoldsFiles, Limits, Member, Read, Reader
from tiwizi.knowledge.home import NewDocument, NewPassage
from tiwizi.knowledge.imports import ABOUT, COPY, INSIDE, PACK, Handed, Import, State
from tiwizi.knowledge.sites import file_of, is_address

ABOUT_THE_FOLDER = {"readme", "license", "licence", "notice", "changelog", "pack"}
ESCAPED = "!%2F"  # for `INSIDE` in the name of a file inside another
MAIL = "message/rfc822"


class Outcome(Struct, frozen=True, kw_only=True):
    """What opening one file led to; `read` are words that are still to be cut into passages."""

    row: Import
    state: State = "searchable"
    reason: str = ""
    digest: str = ""
    read: Read | None = None
    document: NewDocument | None = None
    passages: list[NewPassage] = []
    found: list[Handed] = []  # files inside it
    unchanged: bool = False
    outdated: bool = False  # the document kept under its path is no longer what is there


class Places(Struct, frozen=True):
    """Where the files are whose paths are on the list."""

    limits: Limits
    pages: Path  # pages of sites, as they were fetched
    pack: Path | None = None

    def of(self, row: Import) -> tuple[Path, tuple[str, ...]]:
        """Return the file, and the names that lead to the member meant inside it."""
        if self.pack is not None and row.source == PACK + self.pack.name:
            return self.pack / row.path.removeprefix(f"{self.pack.name}:"), ()
        if is_address(row.path):
            whole, _, inside = row.path.partition(INSIDE)
            return file_of(self.pages, whole), names_of(inside)
        file, inside = row.path, ""
        while INSIDE in file and not os.path.isfile(file):  # a folder's own name may end in "!"
            file, _, last = file.rpartition(INSIDE)
            inside = last + INSIDE + inside if inside else last
        return Path(file), names_of(inside)


def names_of(inside: str) -> tuple[str, ...]:
    return tuple(name.replace(ESCAPED, INSIDE) for name in inside.split(INSIDE)) if inside else ()


def opened(row: Import, reader: Reader, places: Places, digests: dict[str, str]) -> Outcome:
    """Return what the file of a row led to; never raises Unreadable: that is an outcome.

    `digests` says under which path a document with these bytes is kept; what is read now is added to it.
    """
    digest = row.digest
    try:
        file, inside = places.of(row)
        digest = _digest(row, file, inside, places)
        if row.kept and row.kept == digest:
            return Outcome(row=row, digest=digest, unchanged=True, found=_inside(row, reader.members(file, inside)))
        if digests.get(row.kept) == row.path:
            del digests[row.kept]
        other = digests.get(digest, row.path)
        if other != row.path:
            return Outcome(row=row, state="complete", reason=COPY + other, digest=digest, unchanged=True, outdated=True)
        outcome = _words(row, file, inside, digest, reader)
        digests[digest] = row.path
        return outcome
    except HoldsFiles:
        try:
            found = _inside(row, reader.members(file, inside))
        except Unreadable as error:
            return failed(row, digest, str(error))
        reason = f"{len(found)} files inside"
        return Outcome(row=row, state="complete", reason=reason, digest=digest, found=found, outdated=True)
    except Unreadable as error:
        return failed(row, digest, str(error))


def failed(row: Import, digest: str, reason: str) -> Outcome:
    """Return the outcome of a file that cannot be read; what was read of it before stays."""
    return Outcome(row=row, state="failed", reason=reason + still_in_use(row), digest=digest)


def still_in_use(row: Import) -> str:
    """Return what is added to the reason why a file cannot be read that could be read before."""
    day = time.strftime("%Y-%m-%d", time.localtime(row.added))
    return f"; the version of {day} is still in use" if row.kept else ""


def digest_of_file(path: Path, limits: Limits) -> str:
    """Return the SHA-256 of a file's bytes, "" when there are more than are read. Raises Unreadable."""
    try:
        # not blocking: opening a pipe that nobody writes to would wait for ever
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable("it is not an ordinary file")
            return hashlib.file_digest(file, "sha256").hexdigest() if found.st_size <= limits.max_bytes else ""
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror}") from None


def _digest(row: Import, file: Path, inside: tuple[str, ...], places: Places) -> str:
    if is_address(row.path) and not file.exists():
        raise Unreadable("its page is no longer kept here; ingest its site again")
    if not inside:
        return digest_of_file(file, places.limits)
    try:
        changed = file.stat().st_mtime
    except OSError as error:
        raise Unreadable(f"the file around it cannot be opened: {error.strerror}") from None
    if row.asked < changed < time.time():
        raise Unreadable("the file around it changed after it was handed in; ingest that again")
    return row.digest


def _words(row: Import, file: Path, inside: tuple[str, ...], digest: str, reader: Reader) -> Outcome:
    if file.suffix == ".toml" and not inside:
        return Outcome(row=row, digest=digest, document=_card(row, file, digest))
    read = reader.read(file, inside)
    found = _inside(row, reader.members(file, inside)) if read.media_type == MAIL else []
    return Outcome(row=row, digest=digest, read=read, reason=_left_out(read), found=found)


def _card(row: Import, file: Path, digest: str) -> NewDocument:
    card = load_card(file)
    title, tag = card.name_in("fr")
    source = file.read_text("utf-8")
    if any(text not in source for fact in card.facts for text in fact.texts.values()):
        raise Unreadable(f"{file.name}: a text must stand as people read it, for it is quoted: write it without \\")
    return NewDocument(
        path=row.path,
        name=row.name,
        digest=digest,
        kind="card",
        media_type="application/toml",
        title=title,
        language=tag,
        text=source,
        added=time.time(),
    )


def _inside(row: Import, members: list[Member]) -> list[Handed]:
    return [_handed(row, member) for member in members]


def _handed(row: Import, member: Member) -> Handed:
    path = row.path + INSIDE + member.name.replace(INSIDE, ESCAPED)
    name = Path(member.name).name
    source = row.source or row.path
    reason = member.reason or (ABOUT if Path(name).stem.lower() in ABOUT_THE_FOLDER else "")
    return Handed(path, name, source, member.digest, "failed" if reason else "waiting", reason)


def _left_out(read: Read) -> str:
    if not read.unread_pages:
        return ""
    pages = ", ".join(str(page) for page in read.unread_pages[:20])
    more = "…" if len(read.unread_pages) > 20 else ""
    return f"pages that could not be read: {pages}{more}" + (f" ({read.unread_why})" if read.unread_why else "")
