"""Tables: each row of a CSV file or a spreadsheet as one readable line, "column: value; column: value"."""

import csv
import datetime
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from tiwizi.errors import Unreadable
from tiwizi.knowledge.documents.package import LOCKED, Package
from tiwizi.knowledge.documents.plain import clean
from tiwizi.knowledge.documents.values import Limits, Part, Parts

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
CSV, TSV = "text/csv", "text/tab-separated-values"
DELIMITERS = "\t|;,"
SAMPLE = 50  # lines that show how a CSV file parts its cells
DAMAGED = "it is a damaged spreadsheet; save or export it again"
LONGEST_CELL = 1_000_000
SEPARATOR_LINE = re.compile(r"\Asep=(.)\n", re.I)  # written by Excel, above the table
NUMBER = re.compile(r"[\d\s.,:/%+−-]+(?:dh|mad|€)?", re.I)
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
# a cell with something in it; one that only has a style closes itself
CELL = re.compile(rb'<c\s(?:[^<>]*\s)?r="([A-Z]{1,3})(\d{1,7})"(?:[^<>]*[^<>/])?>')
UNNAMED = re.compile(r"(?:sheet|feuille?|tabelle|hoja|ورقة|ورقه) ?\d*", re.I)  # what programs call a sheet

Cell = str | float | bool | datetime.date | datetime.time | datetime.timedelta


def parts_of_csv(text: str, name: str, limits: Limits) -> Parts:
    """Return the rows of a CSV or TSV file, whichever of ; , tab or | parts its cells."""
    text = clean(text)
    if said := SEPARATOR_LINE.match(text):
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text)
    csv.field_size_limit(LONGEST_CELL)
    try:
        rows = _lines(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), limits)
    except csv.Error:  # a quotation mark that is never closed: then it is a character like others
        plain = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE)
        rows = _lines(plain, limits)
    return Parts(rows, TSV if delimiter == "\t" else CSV, name)


def parts_of_workbook(raw: bytes, name: str, limits: Limits) -> Parts:
    """Return the rows of all sheets that are not hidden, each under its name as a heading; no formulas, no notes."""
    with Package(raw, "spreadsheet", limits) as package:
        excel = "xl/workbook.xml" in package.names
        title = package.title("docProps/core.xml" if excel else "meta.xml")
        # each part is unpacked here within the limits, before the library does it without any; and it would look for
        # the end of a table for ever where that is missing
        for part in sorted(package.names):  # the list of an OpenDocument file, which tells of a password, comes first
            content = package.unpack(part)
            if part == "META-INF/manifest.xml" and b"encryption-data" in content:
                raise Unreadable(LOCKED)
            if part.endswith((".xml", ".rels")):
                package.check_xml(content)
            if SHEET.fullmatch(part):
                _check_spread(content, limits)
    return Parts(list(_sheets(raw, limits)), XLSX if excel else ODS, title or name)


def _sheets(raw: bytes, limits: Limits) -> Iterator[Part]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        seen = [n for n, s in enumerate(workbook.sheets_metadata) if s.visible == SheetVisibleEnum.Visible]
        for number in seen:
            sheet = workbook.get_sheet_by_index(number)
            _check_cells(sheet.height * sheet.width, limits)
            if rows := _lines(([_shown(cell) for cell in row] for row in sheet.iter_rows()), limits):
                if len(seen) > 1 or not UNNAMED.fullmatch(sheet.name):
                    yield Part(sheet.name, 1)
                yield from rows
    except PasswordError:
        raise Unreadable(LOCKED) from None
    except CalamineError:
        raise Unreadable(DAMAGED) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how Rust gives up; no Exception, and its class has no address
            raise
        raise Unreadable(DAMAGED) from None


def _lines(rows: Iterable[Sequence[str]], limits: Limits) -> list[Part]:
    """Return the rows as lines. The first row of several cells without a number names the columns."""
    parts: list[Part] = []
    columns: Sequence[str] | None = None
    cells = 0
    for row in rows:
        cells += len(row)
        _check_cells(cells, limits)
        values = [" ".join(value.split()) for value in row]
        filled = [value for value in values if value]
        if not filled:
            continue
        if columns is None and len(filled) > 1:
            columns = [] if any(NUMBER.fullmatch(value) for value in filled) else values
            if columns:
                names = len(parts)
                parts.append(Part("; ".join(filled)))
                continue
        pairs = zip(columns or [], values, strict=False)
        named = [f"{column}: {value}" if column else value for column, value in pairs if value]
        parts.append(Part("; ".join(named + [value for value in values[len(columns or []) :] if value])))
        parts.append(Part(""))  # a row is a paragraph: a passage does not end within it
    if columns and len(parts) > names + 1:
        del parts[names]  # every row repeats them
    return parts


def _shown(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime.datetime) and not cell.time():
        return str(cell.date())
    return str(cell)


def _delimiter(text: str) -> str:
    """Return the delimiter that parts most lines of a sample into the same number, the rarest in prose first."""
    lines = [line for line in text[:100_000].split("\n")[:SAMPLE] if line.strip()]

    def even(delimiter: str) -> int:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            return 0
        return max((rows for cells, rows in counts.items() if cells > 1), default=0)

    return max(DELIMITERS, key=even)


def _check_spread(sheet: bytes, limits: Limits) -> None:
    # two cells in the corners of a sheet would make the library ask for memory for all those between
    columns, rows = set(), set()
    for column, row in CELL.findall(sheet):
        columns.add(column)
        rows.add(row)
    if rows:
        wide, high = [_column(name) for name in columns], [int(row) for row in rows]
        _check_cells((max(wide) - min(wide) + 1) * (max(high) - min(high) + 1), limits)


def _check_cells(count: int, limits: Limits) -> None:
    if count > limits.max_cells:
        raise Unreadable(f"a sheet of it spreads over more than the {limits.max_cells:,} cells allowed; split it")


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number
