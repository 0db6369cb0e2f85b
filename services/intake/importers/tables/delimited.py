"""Reading tables as text: CSV and TSV as spreadsheets of any country and help desks write them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TextIO

from services.errors import InputError
from services.intake.importers.entries import RowError
from services.intake.importers.files.lines import MAX_RECORD, escapes_quotes, unescaped
from services.intake.importers.records import Record
from services.intake.importers.tables.table_heads import (
    HEAD_ROWS,
    MIN_KNOWN_NAMES,
    TableHead,
    count_known_names,
    table_head,
)
from services.intake.importers.tables.wiki_rows import wiki_cells

DELIMITERS = ",;\t|"
# That of a table with one column: no text has it.
NO_DELIMITER = "\x1f"

# A cell of dashes, in a line that separates the rows of a drawn table.
RULER = re.compile(r":?[-=_+]{2,}:?")

# Characters and records that are read to find the delimiter.
_HEAD = 1 << 17
_HEAD_RECORDS = 50


class _Lines(Iterator[str]):
    """The lines of a text, some of which may be given back.

    `taken` are those of the record; none if it is one line that is too long to be read.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._escapes = escapes_quotes(text.read(_HEAD))
        text.seek(0)
        self._returned: list[str] = []
        self.taken: list[str] = []
        self.number = 0
        self._size = 0

    def start_record(self) -> int:
        """Start a record; return the number of its first line."""
        self.taken, self._size = [], 0
        return self.number + 1

    def give_back(self) -> str:
        """Give back all lines of the record but the first, which is returned."""
        first, *rest = self.taken
        self._returned += reversed(rest)
        self.number -= len(rest)
        return first

    def skip_cell(self) -> None:
        """Move behind the cell in quotes in which the record ends that is too long."""
        while (line := self._read()) and line.count('"') % 2 == 0:
            self.number += line.endswith("\n")
        self.number += 1

    def _read(self) -> str:
        if self._returned:
            return self._returned.pop()
        line = self._text.readline(MAX_RECORD)
        return unescaped(line) if self._escapes else line

    def __next__(self) -> str:
        line = self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._size += len(line)
        self.taken.append(line.replace("\x00", "").lstrip("\ufeff"))
        if len(line) == MAX_RECORD and not line.endswith("\n"):
            while (more := self._text.readline(MAX_RECORD)) and not more.endswith("\n"):
                pass
            self.taken, self._size = [], MAX_RECORD + 1
        if self._size > MAX_RECORD:
            raise InputError(f"longer than {MAX_RECORD:,} characters: is a quote or line end lost?")
        return self.taken[-1]


def delimiter_of(text: TextIO) -> str:
    """Return the delimiter of a table: the one that gives its rows most and equal cells."""
    head = text.read(_HEAD)
    text.seek(0)
    named = head.lstrip("\ufeff").splitlines()[:1]
    if named and named[0].strip('" ').lower().startswith("sep="):
        return named[0].strip('" ')[4:5] or "\t"
    lines = head.splitlines(keepends=True)
    fits = {one: _fit(lines, one) for one in DELIMITERS}
    best = max(DELIMITERS, key=lambda one: fits[one])
    return best if fits[best][1] else _inner_delimiter(lines)


def _inner_delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter in a table whose rows are a cell in quotes each, if it names columns.

    So a spreadsheet saves a table that it did not take apart.
    """
    try:
        rows = list(islice(csv.reader(lines, delimiter=NO_DELIMITER), _HEAD_RECORDS))
    except csv.Error:
        return NO_DELIMITER
    cells = [row[0] for row in rows if len(row) == 1]
    fits = {one: _fit(cells, one) for one in DELIMITERS}
    best = max(DELIMITERS, key=lambda one: fits[one])
    return best if fits[best][0] else NO_DELIMITER


def _fit(lines: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    """Return how well a delimiter fits.

    That is whether it gives known names, the share of rows of the usual width, and that width.
    """
    csv.field_size_limit(MAX_RECORD)
    try:
        rows = list(islice(csv.reader(lines, delimiter=delimiter), _HEAD_RECORDS))
    except csv.Error:
        return False, 0.0, 0
    rows = [row for row in rows if any(cell and not RULER.fullmatch(cell) for cell in row)]
    named = [row for row in rows[:HEAD_ROWS] if count_known_names(row) >= MIN_KNOWN_NAMES]
    width = len(named[0]) if named else _usual_width(rows)
    if width < 2:  # noqa: PLR2004 - one cell: not delimited by this
        return False, 0.0, 0
    near = sum(len(row) > width / 2 for row in rows)
    return bool(named), near / len(rows) * min(width, 4), width


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Return that of the first row, unless it is the title of a report above the table."""
    widths = Counter(len(row) for row in rows)
    first = len(rows[0]) if rows else 0
    usual, times = max(widths.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
    return usual if first < usual and times > len(rows) / 2 else first


def read_delimited(
    text: TextIO, delimiter: str, head: TableHead | None = None
) -> Iterator[Record | RowError]:
    """Read a table.

    Cells missing at the end of a row are empty; cells beyond the last column are `column 7` and
    so on. A quote that is never closed costs nothing but itself: its row is read again without.
    """
    head = head or TableHead()
    header = None if head.names is None else list(head.names)
    for line, cells in islice(_rows(text, delimiter), head.above, None):
        if isinstance(cells, str):
            yield RowError(line, cells)
        elif header is None:
            header = column_names(cells)
        else:
            beyond = any(cell.strip() for cell in cells[len(header) :])
            yield Record(line, cells_by_column(header, cells), beyond)


def read_grid(rows: Iterator[tuple[int, Sequence[object]]]) -> Iterator[Record]:
    """Read the numbered rows of a table whose cells need no delimiter."""
    first = list(islice(rows, HEAD_ROWS))
    head = table_head([cells for _, cells in first])
    header = None if head.names is None else list(head.names)
    for number, cells in chain(first[head.above :], rows):
        if header is None:
            header = column_names([str(cell or "") for cell in cells])
        else:
            yield Record(number, cells_by_column(header, cells))


def read_head(text: TextIO, delimiter: str) -> list[list[str]]:
    """Return the rows in which the header of a table is looked for."""
    rows = islice(_rows(text, delimiter), HEAD_ROWS)
    return [cells for _, cells in rows if isinstance(cells, list)]


def _rows(text: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each row that is not blank with its line, or why it cannot be read."""
    csv.field_size_limit(MAX_RECORD)
    lines = _Lines(text)
    records = csv.reader(lines, delimiter=delimiter, strict=True)
    is_first = True
    width = 0
    while True:
        line = lines.start_record()
        try:
            cells = next(records)
        except StopIteration:
            return
        except (csv.Error, InputError) as error:
            records = csv.reader(lines, delimiter=delimiter, strict=True)
            if isinstance(error, InputError) and _is_one_text(lines.taken, delimiter, width):
                lines.skip_cell()
                lines.taken = []
            if not lines.taken:
                yield line, str(error)
                continue
            cells = _leniently(lines, delimiter)
        if is_first and cells and cells[0].lower().startswith("sep="):
            continue
        is_first = False
        cells = _taken_apart(cells, delimiter, width)
        width = max(width, len(cells))
        if any(cell.strip() for cell in cells):
            yield line, [_plain(cell) for cell in cells]


def _taken_apart(cells: list[str], delimiter: str, width: int) -> list[str]:
    """Return the cells of a row that is one in quotes, or has another delimiter than the others."""
    if len(cells) != 1 or width == 1:
        return wiki_cells(cells, width) if delimiter == "|" else cells
    for one in (delimiter, *DELIMITERS):
        inner = _inner_cells(cells[0], one)
        if width == 0 and one == delimiter and count_known_names(inner) >= MIN_KNOWN_NAMES:
            return inner
        if len(inner) == width > 0 and (one == delimiter or width >= MIN_WIDTH):
            return inner
    return cells


# A sentence with a comma is as wide as a table of two columns.
MIN_WIDTH = 3


def _inner_cells(cell: str, delimiter: str) -> list[str]:
    """Return the cells in a cell; none if it does not have exactly one row of them."""
    if delimiter not in cell:
        return []
    try:
        rows = list(csv.reader(cell.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error:
        return []
    return rows[0] if len(rows) == 1 else []


def _plain(cell: str) -> str:
    """Return a cell as a spreadsheet shows it: programs write ="007" so that it keeps the zeros."""
    return cell[2:-1] if cell[:2] == '="' and cell[-1:] == '"' else cell


# Lines of a record that is too long, in which rows are looked for.
_SEEN_LINES = 1000


def _is_one_text(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Say whether the lines in quotes are those of one huge text, and no rows behind a lost quote.

    Most rows have as many delimiters as the widest row before.
    """
    seen = lines[1:_SEEN_LINES]
    return sum(line.count(delimiter) >= width - 1 for line in seen) < len(seen) / 2


def _leniently(lines: _Lines, delimiter: str) -> list[str]:
    """Return the cells of the record whose quotes are wrong.

    As a spreadsheet reads it if it is one whole record like that; else its first line alone, in
    which quotes are characters like others.
    """
    if len(lines.taken) == 1 and lines.taken[0].count('"') % 2 == 0:
        return next(csv.reader(lines.taken, delimiter=delimiter))
    first = lines.give_back()
    return next(csv.reader([first], delimiter=delimiter, quoting=csv.QUOTE_NONE), [])


def column_names(cells: Sequence[str]) -> list[str]:
    """Return the names of columns; a column without a name is numbered."""
    names = [cell.strip().lstrip("\ufeff").strip() for cell in cells]
    return [name or f"column {number}" for number, name in enumerate(names, 1)]


def cells_by_column(header: Sequence[str], cells: Sequence[object]) -> dict[str, object]:
    """Return the cells of a row by column; those of a repeated column are a list."""
    values: dict[str, object] = {}
    for number, cell in enumerate(cells):
        name = header[number] if number < len(header) else f"column {number + 1}"
        if number >= len(header) and cell in ("", None):
            continue
        if name not in values:
            values[name] = cell
            continue
        before = values[name]
        both = before if isinstance(before, list) else [before]
        values[name] = [*both, cell]
    return values
