"""PDF: one text a page, through PDFium."""

import re
import unicodedata

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # comes without types
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from tiwizi.errors import Unreadable
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


def parts_of_pdf(raw: bytes, limits: Limits) -> Parts:
    """Return the pages of a PDF, Arabic letters in their plain form.

    Raises Unreadable when it is protected, damaged, too long, or holds pictures only.
    """
    try:
        document = pdfium.PdfDocument(raw)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD:
            raise Unreadable("it is protected by a password; save a copy without it and take that in") from None
        raise Unreadable("it is a damaged PDF and cannot be opened; export or download it again") from None
    count = len(document)
    if count > limits.max_pages:
        raise Unreadable(f"it has {count:,} pages and at most {limits.max_pages:,} are read; split it")
    parts, length = [], 0
    for number in range(count):
        text = _page(document, number)
        length += len(text)
        if length > limits.max_unpacked_bytes:
            raise Unreadable(f"its text is longer than the {limits.max_unpacked_bytes:,} characters allowed; split it")
        parts.append(Part(text, page=True))
    if not any(part.text.strip() for part in parts):
        raise Unreadable("it holds no text, it may be a scan; run it through character recognition (OCR) first")
    title = document.get_metadata_value("Title").strip()
    return Parts(parts, "application/pdf", "" if NO_TITLE.search(title) else title)


def _page(document: pdfium.PdfDocument, number: int) -> str:
    try:
        page = document[number]
    except pdfium.PdfiumError:
        raise Unreadable(f"its page {number + 1} is damaged; export or download it again") from None
    words = page.get_textpage()
    text = _put_right(words, words.get_text_range())
    words.close()
    page.close()  # at once: a long document would keep all its pages in memory
    text = DIRECTIONS.sub("", text)
    return DRAWN.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)


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
