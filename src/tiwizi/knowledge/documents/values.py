"""What is asked of a reader and what it gives back. All offsets count characters of `Read.text`."""

from msgspec import Struct


class Limits(Struct, frozen=True):
    """What reading one file may cost: bytes on disk, bytes unpacked, pages, seconds, bytes of memory."""

    max_bytes: int
    max_unpacked_bytes: int
    max_pages: int
    seconds: int
    memory: int


class Heading(Struct, frozen=True):
    """A line that the file itself marks as a title (HTML, Markdown, DOCX); level 1 is the highest of 6."""

    start: int
    end: int
    level: int


class Read(Struct, frozen=True):
    """The text of one file: Unicode NFC, lines ended by `\\n`, no soft hyphen, no NUL.

    `page_starts` has the offset where each page begins; it is empty where there are no pages.
    """

    text: str
    title: str
    media_type: str
    page_starts: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()


class Part(Struct, frozen=True):
    """A stretch of a file as its format gave it: some lines, a heading when `level` is not 0, or a page."""

    text: str
    level: int = 0
    page: bool = False


class Parts(Struct, frozen=True):
    """A whole file as its format gave it, not yet cleaned; `title` is empty when the file names none."""

    parts: list[Part]
    media_type: str
    title: str = ""
