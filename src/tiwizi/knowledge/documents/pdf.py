"""PDF: one text a page, through PDFium; pages that are pictures of text are drawn by it and recognised."""

import re
import unicodedata

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # comes without types
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.package import LOCKED
from tiwizi.knowledge.documents.scans import Scans
from tiwizi.knowledge.documents.values import Limits, Part, Parts

# the letters of Arabic as they are drawn at the start, middle or end of a word; PDF files often hold these
DRAWN = re.compile("[\ufb50-\ufbb1\ufbd3-\ufbff\ufe80-\ufefc]+")
# marks that only turn the direction of writing; PDF readers scatter them between words
DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ARABIC_RUN = re.compile("[\u0620-\u065f\u066e-\u06d3\ufb50-\ufbff\ufe70-\ufefc]{2,}")
LETTER = re.compile("[^\u064b-\u065f\u0670][\u064b-\u065f\u0670]*")  # with the vowel marks on it
NO_TITLE = re.compile(
    r"^(microsoft |untitled|sans titre|document ?\d*$)|\.(docx?|pdf|html?|indd|qxd|xlsx?|rtf|odt)$", re.I
)

# a page with fewer letters than this, mostly covered by pictures, is a scan that a program has put its name on
FEW_LETTERS = 80
MOSTLY = 0.5
OUTLINES = 50  # drawn shapes: letters that a printer's program turned into lines
DOTS = (300, 100)  # dots an inch of the picture to recognise, and the fewest that letters can be told by
DRAWN_PIXELS = 20_000_000  # of that picture: A3 has 17 million
DEPTH = 5  # pictures are found in this many forms around one another
FEW_REASONS = 3  # pages named in a message
SHORTEST, POINTS = 1.0, 72  # points: of a page's side, and to an inch


def parts_of_pdf(raw: bytes, limits: Limits, scans: Scans) -> Parts:
    """Return the pages of a PDF, Arabic letters in their plain form; pages that could not be read are empty and listed.

    Raises Unreadable when it is protected, damaged, too long, or when no page of it can be read.
    """
    try:
        document = pdfium.PdfDocument(raw)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD:
            raise Unreadable(LOCKED) from None
        raise Unreadable("it is a damaged PDF and cannot be opened; export or download it again") from None
    count = len(document)
    if count > limits.max_pages:
        raise Unreadable(f"it has {count:,} pages and at most {limits.max_pages:,} are read; split it")
    texts, scanned, unread = _texts(document, count, limits)
    recognised = _recognise(document, texts, scanned, unread, limits, scans)
    if not any(text.strip() for number, text in enumerate(texts, 1) if number not in unread):
        raise Unreadable(_summary(unread) or "it holds no text: its pages are blank")
    title = document.get_metadata_value("Title").strip()
    return Parts(
        [Part(text, page=True) for text in texts],
        "application/pdf",
        "" if NO_TITLE.search(title) else title,
        recognised,
        tuple(sorted(unread)),
        "; ".join(dict.fromkeys(unread.values())),
    )


def _texts(document: pdfium.PdfDocument, count: int, limits: Limits) -> tuple[list[str], list[int], dict[int, str]]:
    """Return the text of each page, the numbers of those that are pictures, and the damaged ones with that reason."""
    texts, scanned, unread, length = [""] * count, [], {}, 0
    for index in range(count):
        try:
            page = document[index]
            texts[index] = _text(page)
        except pdfium.PdfiumError:
            unread[index + 1] = "the page is damaged"
            continue
        if _is_scan(page, texts[index]):
            scanned.append(index + 1)
        page.close()  # at once: a long document would keep all its pages in memory
        length += len(texts[index])
        if length > limits.max_unpacked_bytes:
            raise Unreadable(f"its text is longer than the {limits.max_unpacked_bytes:,} characters allowed; split it")
    return texts, scanned, unread


def _recognise(
    document: pdfium.PdfDocument,
    texts: list[str],
    scanned: list[int],
    unread: dict[int, str],
    limits: Limits,
    scans: Scans,
) -> tuple[int, ...]:
    """Put what stands on scanned pages into `texts`, and why it could not be told into `unread`; return the pages."""
    recognised = []
    scans.begin()
    for number in scanned:
        page = document[number - 1]
        try:
            _check_pictures(page, limits)
            dots = _dots(page)
            text = _plain(scans.recognise(lambda page=page, dots=dots: _picture(page, dots), dots))  # type: ignore[misc]
            if _letters(text) > _letters(texts[number - 1]):  # or it is a title over a photograph
                texts[number - 1] = text
                recognised.append(number)
        except Unreadable as error:
            unread[number] = str(error)
        except pdfium.PdfiumError:
            unread[number] = "the page is damaged"
        page.close()
    if scanned:
        scans.end()
    return tuple(recognised)


def _text(page: pdfium.PdfPage) -> str:
    words = page.get_textpage()
    text = _put_right(words, words.get_text_range())
    words.close()
    return _plain(text)


def _letters(text: str) -> int:
    return sum(len(word) for word in text.split())


def _plain(text: str) -> str:
    return DRAWN.sub(lambda run: unicodedata.normalize("NFKC", run[0]), DIRECTIONS.sub("", text))


def _is_scan(page: pdfium.PdfPage, text: str) -> bool:
    letters = _letters(text)
    if letters >= FEW_LETTERS:
        return False
    covered, shapes = 0.0, 0
    for drawn in page.get_objects(max_depth=DEPTH):
        if drawn.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = drawn.get_bounds()
            covered += (right - left) * (top - bottom)
        shapes += drawn.type == pdfium_c.FPDF_PAGEOBJ_PATH
    if not letters:
        return covered > 0 or shapes >= OUTLINES
    return bool(covered >= page.get_width() * page.get_height() * MOSTLY)


def _check_pictures(page: pdfium.PdfPage, limits: Limits) -> None:
    for drawn in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=DEPTH):
        width, height = drawn.get_px_size()
        if width * height > limits.max_pixels:
            raise Unreadable(
                f"a picture on it has {width * height:,} pixels and at most {limits.max_pixels:,} are recognised"
            )


def _dots(page: pdfium.PdfPage) -> int:
    area = max(page.get_width(), SHORTEST) * max(page.get_height(), SHORTEST) / POINTS**2
    dots = min(DOTS[0], int((DRAWN_PIXELS / area) ** 0.5))
    if dots < DOTS[1]:
        raise Unreadable("the page is too wide and high to be recognised")
    return dots


def _picture(page: pdfium.PdfPage, dots: int) -> bytes:
    drawn = page.render(scale=dots / POINTS, grayscale=True, may_draw_forms=False)
    rows = memoryview(drawn.buffer).cast("B")
    lines = b"".join(rows[start : start + drawn.width] for start in range(0, drawn.height * drawn.stride, drawn.stride))
    return b"P5 %d %d 255\n" % (drawn.width, drawn.height) + lines


def _summary(unread: dict[int, str]) -> str:
    reasons = list(dict.fromkeys(unread.values()))
    if len(reasons) > 1:
        reasons = [f"page {number}: {why}" for number, why in sorted(unread.items())[:FEW_REASONS]]
    return "; ".join(reasons)


def _put_right(words: pdfium.PdfTextPage, text: str) -> str:
    """Return `text` with the Arabic words whose letters came out from left to right turned round.

    PDFium guesses the direction of each stretch of a line and is often wrong; where the letters stand on the page
    says it for certain.
    """

    def centre(position: int) -> float:
        left, _, right, _ = words.get_charbox(pdfium_c.FPDFText_GetCharIndexFromTextIndex(words, position))
        return float(left + right)

    def turned(run: re.Match[str]) -> str:
        if centre(run.start()) >= centre(run.end() - 1):
            return run[0]
        return "".join(reversed(LETTER.findall(run[0]))) if LETTER.match(run[0]) else run[0][::-1]

    if max(text, default="") > "\uffff":  # positions count two for a character beyond that: they would not fit
        return text
    return ARABIC_RUN.sub(turned, text)
