"""Damage by chance: whatever happens to a file, it is read or refused with a reason, and the next one is read."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import files
import pytest
from files import LIMITS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents import Reader

HTML = "<!doctype html><html><head><meta charset=utf-8></head><body><p>Bonjour<table><tr><td>a<td hidden>b"
MARKDOWN = "---\ntitle: a\n---\n# A\n\n- b\n> c\n\n| d | e |\n|---|---|\n| f | g |\n\n```\nh"
WHOLE: dict[str, Callable[[Path], Path]] = {
    "pdf": lambda f: files.pdf(f, ["Article premier"] * 3, title="Loi"),
    "scan": lambda f: files.scan(f, files.pdf(f, ["Article premier"]), dots=20),
    "docx": lambda f: files.docx(f, files.paragraph("Bonjour", "Titre1") + files.table(["a", "b"]), title="Lettre"),
    "odt": lambda f: files.odt(f, "<text:h>Bonjour</text:h><text:p>a<text:s/>b</text:p>", title="Lettre"),
    "xlsx": lambda f: files.xlsx(f, {"A": files.rows(["a", "b"], ["c", 1]), "B": files.rows(["d"])}),
    "ods": lambda f: files.ods(f, {"A": [["a", "b"], ["c", "d"]]}),
    "epub": lambda f: files.epub(f, {"a.xhtml": "<h1>Bonjour</h1>", "b.xhtml": "<p>là</p>"}),
    "eml": lambda f: files.eml(f, "Bonjour", html="<p>Bonjour", attached={"é.csv": b"a;b\nc;d"}),
    "zip": lambda f: files.zipped(f, [("a.txt", b"bonjour"), ("é.csv", b"a;b\nc;d")]),
    "html": lambda f: files.text(f, HTML, name="a.html"),
    "md": lambda f: files.text(f, MARKDOWN, name="a.md"),
    "csv": lambda f: files.text(f, 'a;b\n"c;d";e\nf;"g\nh"\n' * 5, name="a.csv"),
    "txt": lambda f: files.text(f, "Bonjour, النص والكلمات\n" * 5),
}
PACKED = ["docx", "odt", "xlsx", "ods", "epub"]
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=10)
CUT = st.one_of(st.just(1.0), st.floats(0, 1))

often = settings(
    max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS, tesseract="") as reader:
        yield reader


@pytest.mark.parametrize("kind", WHOLE)
@often
@given(changes=CHANGES, cut=CUT)
def test_a_damaged_file_is_read_or_refused(
    reader: Reader, tmp_path: Path, kind: str, changes: list[tuple[float, int]], cut: float
) -> None:
    path = WHOLE[kind](tmp_path)
    path.write_bytes(_damaged(path.read_bytes(), changes, cut))
    _read_or_refused(reader, path)


@pytest.mark.parametrize("kind", PACKED)
@often
@given(changes=CHANGES, cut=CUT, chosen=st.integers(0, 20))
def test_a_package_with_a_damaged_part_is_read_or_refused(
    reader: Reader, tmp_path: Path, kind: str, changes: list[tuple[float, int]], cut: float, chosen: int
) -> None:
    """The damage is done before packing, so that it meets the parser and not the checksum."""
    path = WHOLE[kind](tmp_path)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as zipped:
        parts = {name: zipped.read(name) for name in zipped.namelist()}
    name = list(parts)[chosen % len(parts)]
    parts[name] = _damaged(parts[name], changes, cut)
    _read_or_refused(reader, files.package(tmp_path, parts, path.name))


def test_the_reader_still_reads(reader: Reader, tmp_path: Path) -> None:
    for make in WHOLE.values():
        path = make(tmp_path)
        if path.suffix == ".zip":
            assert [member.name for member in reader.members(path)] == ["a.txt", "é.csv"]
        elif path.name != "scan.pdf":
            assert reader.read(path).text.strip()


def _damaged(content: bytes, changes: list[tuple[float, int]], cut: float) -> bytes:
    changed = bytearray(content)
    for place, byte in changes:
        changed[int(place * len(changed))] = byte
    return bytes(changed[: int(cut * len(changed))])


def _read_or_refused(reader: Reader, path: Path) -> None:
    process = reader._child
    for inside in [(), *_members(reader, path)]:
        try:
            assert reader.read(path, inside).text.strip()
        except Unreadable as error:
            assert str(error)
            assert "no reader expected" not in str(error)
    assert process is None or reader._child is process  # nothing of it ended the process


def _members(reader: Reader, path: Path) -> list[tuple[str, ...]]:
    try:
        return [(member.name,) for member in reader.members(path)]
    except Unreadable as error:
        assert "no reader expected" not in str(error)
        return []
