"""Scanned pages: recognised where Tesseract is installed, listed as unread where it is not, always within limits."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import files
import msgspec
import pytest
from files import LIMITS

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents import Reader

TESSERACT = shutil.which("tesseract") or ""
PAGE = "Article premier\nLa carte nationale est valable dix ans."
TYPED = "Une page ordinaire que tout le monde sait lire, avec assez de lettres pour ne pas passer pour une photo."


def installed(*languages: str) -> bool:
    if not TESSERACT:
        return False
    listed = subprocess.run([TESSERACT, "--list-langs"], capture_output=True, text=True, check=False).stdout.split()
    return set(languages) <= set(listed)


needs_tesseract = pytest.mark.skipif(
    not installed("ara", "fra"), reason="no Tesseract with ara and fra: tools/tesseract"
)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS) as reader:
        yield reader


def mixed(folder: Path, scanned: Path) -> Path:
    """A PDF of a typed page, the scanned ones, and a blank one."""
    import pypdfium2

    typed = pypdfium2.PdfDocument(files.pdf(folder, [TYPED, ""], "typed.pdf"))
    with pypdfium2.PdfDocument(scanned) as pages:
        typed.import_pages(pages, index=1)
    typed.save(folder / "mixed.pdf")
    return folder / "mixed.pdf"


WORD = r"printf '5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t{sure}\tmot\n'"  # as Tesseract's table has it


def stand_in(folder: Path, recognising: str) -> str:
    """A program that lists languages as Tesseract does, and does what `recognising` says when it is given a picture."""
    path = files.text(folder, f'#!/bin/sh\n[ "$1" = --list-langs ] && echo "ara" && exit\n{recognising}\n', name="ocr")
    path.chmod(0o755)
    return str(path)


@needs_tesseract
def test_scanned_pages_are_recognised_and_named(reader: Reader, tmp_path: Path) -> None:
    scanned = files.scan(tmp_path, files.pdf(tmp_path, [PAGE, PAGE]))
    read = reader.read(mixed(tmp_path, scanned))
    assert read.text.split("\f")[1:] == [PAGE, PAGE, ""]
    assert (read.ocr_pages, read.unread_pages, read.unread_why) == ((2, 3), (), "")


@needs_tesseract
def test_arabic_and_french_are_recognised_on_one_page_and_upside_down(reader: Reader, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium to print with")
    lines = ["البطاقة الوطنية للتعريف", "تسلم في أجل ثلاثين يوما", "La carte nationale d'identité", "valable dix ans"]
    printed = files.printed_pdf(tmp_path, lines * 3, browser)
    words = reader.read(files.scan(tmp_path, printed, dots=300)).text.split("\n")
    assert [line for line in words if line] == lines * 3
    turned = files.scan(tmp_path, printed, dots=300, turned=True)
    assert [line for line in reader.read(turned).text.split("\n") if line] == lines * 3


@needs_tesseract
def test_the_mark_of_a_scanning_program_does_not_make_a_page_of_text(reader: Reader, tmp_path: Path) -> None:
    marked = files.scan(tmp_path, files.pdf(tmp_path, [PAGE]), words="Scanned with an application")
    read = reader.read(marked)
    assert PAGE in read.text
    assert read.ocr_pages == (1,)


def test_a_title_over_a_photograph_keeps_its_own_letters(tmp_path: Path) -> None:
    cover = files.scan(tmp_path, files.pdf(tmp_path, [""]), words="Guide du citoyen", dots=50)
    with Reader(LIMITS, tesseract=stand_in(tmp_path, "cat >/dev/null")) as reader:
        read = reader.read(cover)
    assert (read.text, read.ocr_pages, read.unread_pages) == ("Guide du citoyen", (), ())
    with Reader(LIMITS, tesseract="") as reader, pytest.raises(Unreadable, match="install Tesseract"):
        reader.read(cover)  # for what is on the picture may be the whole page


@needs_tesseract
def test_a_scan_inside_a_zip_is_recognised_too(reader: Reader, tmp_path: Path) -> None:
    scanned = files.scan(tmp_path, files.pdf(tmp_path, [PAGE]))
    path = files.zipped(tmp_path, [("scan.pdf", scanned.read_bytes())])
    assert PAGE in reader.read(path, ("scan.pdf",)).text


def test_without_tesseract_scanned_pages_are_listed_as_unread(tmp_path: Path) -> None:
    scanned = files.scan(tmp_path, files.pdf(tmp_path, [PAGE]), dots=50)
    with Reader(LIMITS, tesseract="") as reader:
        with pytest.raises(Unreadable, match="install Tesseract .*apt-get install tesseract-ocr tesseract-ocr-ara"):
            reader.read(scanned)
        read = reader.read(mixed(tmp_path, scanned))
    assert read.text.startswith(TYPED)
    assert (read.ocr_pages, read.unread_pages) == ((), (2,))
    assert "install Tesseract" in read.unread_why


@pytest.mark.parametrize(
    ("recognising", "limits", "reason"),
    [
        ("exec sleep 60", {"ocr_seconds": 1}, "longer than the 1 seconds allowed"),
        ("cat >/dev/null; " + WORD.format(sure=30), {}, "too little of it .* install the language fra of Tesseract"),
        ("cat >/dev/null; exit 1", {}, "Tesseract cannot recognise it"),
        ("kill -9 $$", {}, "Tesseract cannot recognise it"),
        ("cat >/dev/null; " + WORD.format(sure=95), {"max_pixels": 1_000}, "pixels and at most 1,000 are recognised"),
    ],
    ids=["slow", "unsure", "failing", "crashing", "large picture"],
)
def test_a_page_that_cannot_be_recognised_is_unread_and_the_others_are_read(
    tmp_path: Path, recognising: str, limits: dict[str, int], reason: str
) -> None:
    scanned = files.scan(tmp_path, files.pdf(tmp_path, [PAGE]), dots=50)
    with Reader(msgspec.structs.replace(LIMITS, **limits), tesseract=stand_in(tmp_path, recognising)) as reader:
        read = reader.read(mixed(tmp_path, scanned))
        assert read.text.startswith(TYPED)
        assert read.unread_pages == (2,)
        assert re.search(reason, read.unread_why)
        with pytest.raises(Unreadable, match=reason):
            reader.read(scanned)


def test_all_pages_of_a_file_share_one_time_and_each_may_exceed_that_of_reading(tmp_path: Path) -> None:
    """A page gets longer than the two seconds that a file is given, and the pages together no longer than their sum."""
    scanned = files.scan(tmp_path, files.pdf(tmp_path, [PAGE] * 3), dots=50)
    limits = msgspec.structs.replace(LIMITS, seconds=2, ocr_seconds=30, ocr_total_seconds=6)
    slow = stand_in(tmp_path, "cat >/dev/null; sleep 4; " + WORD.format(sure=95))
    with Reader(limits, tesseract=slow) as reader:
        read = reader.read(scanned)
    assert (read.ocr_pages, read.unread_pages) == ((1,), (2, 3))
    assert "the 6 seconds allowed" in read.unread_why
    assert read.text.split("\f") == ["mot", "", ""]


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    scanned = files.scan(tmp_path, files.pdf(tmp_path, [PAGE]), dots=50)
    with Reader(LIMITS, tesseract=str(tmp_path / "absent")) as reader:
        with pytest.raises(Unreadable, match="Tesseract cannot be started: No such file"):
            reader.read(scanned)


def test_a_picture_far_larger_than_a_page_is_not_even_opened(tmp_path: Path) -> None:
    with Reader(LIMITS, tesseract=stand_in(tmp_path, WORD.format(sure=95))) as reader:
        with pytest.raises(Unreadable, match="400,000,000 pixels and at most 150,000,000"):
            reader.read(files.huge_picture(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the process in /proc")
def test_a_recognising_process_ends_with_its_reader(tmp_path: Path) -> None:
    scanned = files.scan(tmp_path, files.pdf(tmp_path, [PAGE]), dots=50)
    seconds = f"9{os.getpid()}"  # by which it is found again
    slow = stand_in(tmp_path, f"exec sleep {seconds}")
    program = (
        "import sys; from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[3]); from files import LIMITS\n"
        "from tiwizi.knowledge.documents import Reader\n"
        "Reader(LIMITS, tesseract=sys.argv[2]).read(Path(sys.argv[1]))\n"
    )
    command = [sys.executable, "-c", program, str(scanned), slow, str(Path(__file__).parent)]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}) as parent:
        started = _becomes(True, seconds)
        parent.send_signal(signal.SIGKILL)
    assert started
    assert _becomes(False, seconds)


def _becomes(there: bool, seconds: str) -> bool:
    for _ in range(200):
        if _sleeping(seconds) == there:
            return True
        time.sleep(0.05)
    return False


def _sleeping(seconds: str) -> bool:
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if command.read_bytes().split(b"\0")[:2] == [b"sleep", seconds.encode()]:
                return True
        except OSError:  # it ended while we looked
            continue
    return False
