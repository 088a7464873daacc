"""Text: bytes to characters, characters cleaned, parts joined into one `Read` with its pages and headings."""

import codecs
import re
import unicodedata

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.values import Heading, Limits, Part, Parts, Read

TITLE = 200  # longest title, in characters
TITLE_LINES = 4  # a first paragraph of more lines is prose, not a title over several lines

MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
CONTROLS = bytes([*range(9), *range(14, 27)])
LINE_ENDS = re.compile(r"\r\n?|[\x0b\x85\u2028\u2029]")
# the control characters without meaning in text, soft hyphen, byte order mark, noncharacters, lone surrogates
NOISE = re.compile("[\0-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\xad\ufeff\ufffe\uffff\ud800-\udfff]")
HIGH_RUNS = re.compile(rb"[\x80-\xff]+")
DECLARED = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{2,30})|<\?xml[^>]{0,80}encoding=["']([\w-]{2,30})""", re.I
)


def is_text(raw: bytes) -> bool:
    """Tell whether `raw`, the beginning of a file, looks like text in an encoding that `decode` knows."""
    if any(raw.startswith(mark) for mark, _ in MARKS) or _unmarked_utf16(raw):
        return True
    controls = len(raw) - len(raw.translate(None, CONTROLS))
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw)
        return controls * 20 <= len(raw)
    except UnicodeDecodeError:
        return b"\0" not in raw and controls * 100 <= len(raw)


def decode(raw: bytes, declared: str = "") -> str:
    """Return the characters of `raw`: UTF-8 or UTF-16 where they hold, else `declared`, else cp1256 or cp1252.

    The two Windows code pages share their French letters; they are told apart by the length of the runs of bytes
    above 127, which are whole words in Arabic and single letters in French.
    """
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if encoding := _unmarked_utf16(raw):
        return raw.decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    damaged = raw.decode("utf-8", "replace")
    wide = sum(char > "\x7f" for char in damaged)
    if damaged.count("\ufffd") * 20 <= wide:  # one bad byte in a text of many good ones: still UTF-8
        return damaged
    return raw.decode(_known(declared) or _code_page(raw), "replace")


def declared_encoding(raw: bytes) -> str:
    """Return the encoding that the first 4,096 bytes of a page name, or an empty string."""
    found = DECLARED.search(raw[:4096])
    return (found[1] or found[2]).decode("ascii") if found else ""


def parts_of_text(text: str) -> Parts:
    """Return a plain text as it is; form feeds part its pages."""
    if "\f" not in text.strip():
        return Parts([Part(text)], "text/plain")
    return Parts([Part(page, page=True) for page in text.split("\f")], "text/plain")


def assemble(source: Parts, stem: str, limits: Limits) -> Read:
    """Join cleaned parts into one text, each on its own lines; pages are parted by a form feed.

    The title is the file's own, else its first heading, else its first lines, else `stem`.
    """
    pieces: list[str] = []
    pages: list[int] = []
    headings: list[Heading] = []
    length = 0
    for number, part in enumerate(source.parts):
        text = clean(part.text)
        if number:
            pieces.append("\f" if part.page else "\n")
            length += 1
        if part.page:
            pages.append(length)
        if part.level and text.strip():
            headings.append(Heading(length, length + len(text), min(part.level, 6)))
        pieces.append(text)
        length += len(text)
        if length > limits.max_unpacked_bytes:
            raise Unreadable(f"its text is longer than the {limits.max_unpacked_bytes:,} characters allowed; split it")
        if len(pages) > limits.max_pages:
            raise Unreadable(f"it has more than the {limits.max_pages:,} pages allowed; split it")
    whole = "".join(pieces)
    if not whole.strip():
        raise Unreadable("it holds no text")
    first = whole[headings[0].start : headings[0].end] if headings else _first_lines(whole)
    title = _short(clean(source.title)) or _short(first) or stem
    return Read(
        whole,
        title,
        source.media_type,
        tuple(pages),
        tuple(headings),
        source.ocr_pages,
        source.unread_pages,
        source.unread_why,
    )


def clean(text: str) -> str:
    """Return `text` in NFC with `\\n` line ends and without the characters that nobody sees or wants."""
    return unicodedata.normalize("NFC", NOISE.sub("", LINE_ENDS.sub("\n", text)))


def _first_lines(text: str) -> str:
    block = text.strip().split("\n\n", 1)[0]
    lines = block.split("\n")
    whole = len(lines) <= TITLE_LINES and len(block) <= TITLE
    return block if whole else next((line for line in lines if len(line.split()) > 1), lines[0])


def _short(title: str) -> str:
    words = " ".join(title.split())
    return words if len(words) <= TITLE else words[:TITLE].rsplit(" ", 1)[0] + "…"


def _unmarked_utf16(raw: bytes) -> str:
    sample = raw[:4096]
    if len(sample) < 4 or b"\0" not in sample:
        return ""
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        # the high byte of Latin and of Arabic letters is 0 or 6
        if sum(high.count(byte) for byte in (0, 6)) * 10 >= len(high) * 9 and b"\0" in high:
            return encoding
    return ""


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name if "".encode(encoding) == b"" else ""
    except (LookupError, ValueError):  # unknown, or a codec that is no text encoding
        return ""


def _code_page(raw: bytes) -> str:
    runs = HIGH_RUNS.findall(raw)
    long = sum(len(run) for run in runs if len(run) > 2)
    return "cp1256" if long * 2 > sum(map(len, runs)) else "cp1252"
