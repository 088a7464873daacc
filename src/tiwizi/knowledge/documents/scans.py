"""Scanned pages: Tesseract recognises the letters on a picture, within its own time, through pipes and no files."""

import subprocess
import time
from collections.abc import Callable

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.values import Limits

LANGUAGES = ("ara", "fra")  # in this order; words of either are found on the same page
INSTALL = (
    "Tesseract with Arabic and French (on Debian: apt-get install tesseract-ocr tesseract-ocr-ara tesseract-ocr-fra)"
)
LISTING = 15  # seconds to say which languages are there
GRACE = 2  # seconds to draw the picture before, and to end the process after
# of 100: lines that were read in the wrong language, or off a photograph, have less than 40 and clean ones above 90
SURE = 50
WORD, SHAPE = "5", 12  # the kind of row that is a word, and the columns that it has
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}  # one core: answers need the others


class Scans:
    """Tesseract at the path `program`, or none when that is empty; `more_time` is told before each page."""

    def __init__(self, program: str, limits: Limits, more_time: Callable[[int], None]) -> None:
        self._program, self._limits, self._more_time = program, limits, more_time
        self._listed: list[str] | None = None
        self._left = 0.0

    def begin(self) -> None:
        """Give a new file the time that all its scanned pages may take together."""
        self._left = self._limits.ocr_total_seconds

    def end(self) -> None:
        """Give the time that is needed to hand over what was recognised."""
        self._more_time(self._limits.seconds)

    def recognise(self, picture: Callable[[], bytes], dots: int) -> str:
        """Return the words on a picture (PGM, at `dots` an inch); raises Unreadable with the reason for the page."""
        if self._left <= 0:
            allowed = self._limits.ocr_total_seconds
            raise Unreadable(f"recognising the scanned pages takes longer than the {allowed} seconds allowed; split it")
        started = time.monotonic()
        try:
            installed = self._installed()
            languages = [language for language in LANGUAGES if language in installed]
            if not languages:
                raise Unreadable(f"it is a picture of text; to read it, install {INSTALL}")
            seconds = min(self._limits.ocr_seconds, self._left)
            self._more_time(round(seconds) + GRACE)
            # 1: finds which way is up, when the data for it is there; 3: takes the page as it is
            options = ["-l", "+".join(languages), "--psm", "1" if "osd" in installed else "3", "--dpi", str(dots)]
            begun = time.monotonic()
            dots_of_page = picture()
            left = max(1.0, seconds - (time.monotonic() - begun))
            table = self._run(["stdin", "stdout", *options, "tsv"], dots_of_page, left)
        finally:
            self._left -= time.monotonic() - started
        return _trusted(table, languages)

    def _installed(self) -> list[str]:
        if not self._program:
            return []
        if self._listed is None:
            self._more_time(LISTING + GRACE)
            self._listed = self._run(["--list-langs"], b"", LISTING).split()
        return self._listed

    def _run(self, arguments: list[str], given: bytes, seconds: float) -> str:
        try:
            done = subprocess.run(
                [self._program, *arguments],
                input=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            raise Unreadable(f"recognising it takes longer than the {seconds:.0f} seconds allowed") from None
        except OSError as error:
            raise Unreadable(f"Tesseract cannot be started: {error.strerror}") from None
        if done.returncode:
            raise Unreadable("Tesseract cannot recognise it")
        return done.stdout.decode("utf-8", "replace")


def _trusted(table: str, languages: list[str]) -> str:
    """Return the lines that Tesseract is sure of, from its table of words; raises Unreadable when they are few."""
    lines: dict[tuple[str, ...], list[tuple[float, str]]] = {}
    for row in table.split("\n"):
        cells = row.split("\t")
        if len(cells) == SHAPE and cells[0] == WORD and cells[-1].strip():
            lines.setdefault(tuple(cells[1:5]), []).append((float(cells[10]), cells[-1]))
    text, words, kept = "", 0, 0
    paragraph: tuple[str, ...] = ()
    for place, line in lines.items():
        words += len(line)
        if sum(sure for sure, _ in line) >= SURE * len(line):
            kept += len(line)
            text += ("\n" if place[:3] == paragraph else "\n\n") + " ".join(word for _, word in line)
            paragraph = place[:3]
    if kept * 2 < words:
        missing = " and ".join(language for language in LANGUAGES if language not in languages)
        mend = f"install the language {missing} of Tesseract" if missing else "scan it straight, at 300 dots an inch"
        raise Unreadable(f"too little of it can be recognised to be trusted; {mend}")
    return text.strip()
