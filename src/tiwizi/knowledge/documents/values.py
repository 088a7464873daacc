"""What is asked of a reader and what it gives back. All offsets count characters of `Read.text`."""

from msgspec import Struct

from tiwizi.errors import Unreadable


class Limits(Struct, frozen=True):
    """What reading one file may cost. What is beyond a limit is refused with a message that names the limit."""

    max_bytes: int  # of a file on disk, and of a file inside a ZIP or an e-mail
    max_unpacked_bytes: int  # of what a compressed file unpacks to, and of all files of a ZIP together
    max_pages: int
    seconds: int
    memory: int  # bytes
    max_ratio: int = 200  # unpacked to packed, beyond the first megabytes; ordinary documents stay below 50
    max_members: int = 20_000  # files in a ZIP, attachments of an e-mail
    max_nesting: int = 3  # ZIP files and e-mails around one another
    max_cells: int = 5_000_000  # of a sheet, from its first filled cell to its last
    max_pixels: int = 150_000_000  # of one picture on a scanned page: A4 at 1,200 dots an inch has 139 million
    ocr_seconds: int = 30  # for recognising one scanned page
    ocr_total_seconds: int = 600  # for all scanned pages of a file; those not reached are listed as unread


class Heading(Struct, frozen=True):
    """A line that the file itself marks as a title (a sheet by its name); level 1 is the highest of 6."""

    start: int
    end: int
    level: int


class Read(Struct, frozen=True):
    """The text of one file: Unicode NFC, lines ended by `\\n`, no soft hyphen, no NUL.

    `page_starts` has the offset where each page begins; it is empty where there are no pages. Pages have numbers from
    1: `ocr_pages` were recognised from pictures, so a word may be wrong; what stands on the pictures of `unread_pages`
    is missing in `text`, for the reason `unread_why`.
    """

    text: str
    title: str
    media_type: str
    page_starts: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    unread_pages: tuple[int, ...] = ()
    unread_why: str = ""


class Member(Struct, frozen=True):
    """A file inside a ZIP file or an e-mail, under a name that is unique there and safe to show or to keep.

    `digest` is the SHA-256 of its content. With a `reason` it cannot be read: `bytes` is 0 and `digest` empty.
    """

    name: str
    bytes: int
    digest: str
    holds: bool = False  # it may have members itself
    reason: str = ""


class HoldsFiles(Unreadable):
    """A ZIP file: it has no words of its own; its members have."""


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
    ocr_pages: tuple[int, ...] = ()
    unread_pages: tuple[int, ...] = ()
    unread_why: str = ""
