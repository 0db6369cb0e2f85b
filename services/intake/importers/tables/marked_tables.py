"""Tables in HTML and in Excel's XML of 2003, which many programs save under the name .xls."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from services.errors import InputError, NoTicketsError
from services.intake.importers.entries import RowError
from services.intake.importers.files.encoding import detect_encoding
from services.intake.importers.files.json_cursor import CUT
from services.intake.importers.records import Record
from services.intake.importers.tables.delimited import read_grid
from services.text.markup.html_text import html_to_text

# Such a file is read as a whole. Larger tables are written by no program as HTML.
MAX_SIZE = 128 << 20
# Columns that a cell may skip or span, and rows: Excel has no more columns, HTML no more rows.
MAX_COLUMNS = 16_384
MAX_ROWS = 65_534


@dataclass(frozen=True)
class _Cell:
    """A cell that spans `columns` and `rows`; `at` is its column, from 0, where that is given."""

    text: str
    columns: int = 1
    rows: int = 1
    at: int | None = None


@dataclass
class _Table:
    """The rows of a table, and those of its first `columns` that are `hidden`, from 0."""

    rows: list[Sequence[_Cell]] = field(default_factory=list)
    columns: int = 0
    hidden: set[int] = field(default_factory=set)

    def note_columns(self, number: int, at: int | None, *, is_hidden: bool) -> None:
        """Note columns, which stand behind the last ones unless `at` says where."""
        first = self.columns if at is None else at
        self.columns = min(first + number, MAX_COLUMNS)
        if is_hidden:
            self.hidden.update(range(first, self.columns))

    def shown_rows(self) -> Iterator[list[str]]:
        """Yield the texts of rows by column; those that people hid are empty."""
        for row in _placed(self.rows):
            yield ["" if at in self.hidden else text for at, text in enumerate(row)]


def read_marked_table(open_: Callable[[], BinaryIO]) -> Iterator[Record | RowError]:
    """Read the largest table of a document.

    Raises `NoTicketsError` if it has none, `InputError` if it is too large or may be an attack.
    """
    with open_() as stream:
        source = stream.read(MAX_SIZE + 1)
    if len(source) > MAX_SIZE:
        raise InputError("a table in HTML of this size is not read: export the tickets as CSV.")
    is_excel = b"Workbook" in source[:2000] and b"urn:schemas-microsoft-com" in source[:4000]
    errors: list[RowError] = []
    tables = _sheets(source, errors) if is_excel else _html_tables(source)
    largest = max(tables, key=lambda one: sum(map(len, one.rows)), default=_Table())
    rows = [(number, cells) for number, cells in enumerate(largest.shown_rows(), 1) if any(cells)]
    if not rows:
        raise NoTicketsError("no table is in it.")
    yield from read_grid(iter(rows))
    yield from errors


def _placed(rows: Iterable[Sequence[_Cell]]) -> Iterator[list[str]]:
    """Yield the texts of rows by column; those that reach into rows below are repeated there."""
    below: dict[int, tuple[int, str]] = {}
    for cells in rows:
        placed = {column: text for column, (_, text) in below.items()}
        below = {column: (left - 1, text) for column, (left, text) in below.items() if left > 1}
        column = 0
        for cell in cells:
            column = max(column, cell.at or 0)
            while column in placed:
                column += 1
            for at in range(column, min(column + cell.columns, MAX_COLUMNS)):
                placed[at] = cell.text if at == column else ""
                if cell.rows > 1:
                    below[at] = (cell.rows - 1, placed[at])
            column += cell.columns
        yield [placed.get(at, "") for at in range(max(placed, default=-1) + 1)]


def _html_tables(source: bytes) -> list[_Table]:
    """Return the tables; the rows of a table in a cell are its own."""
    from selectolax.lexbor import LexborHTMLParser

    encoding = detect_encoding(io.BytesIO(source))
    document = LexborHTMLParser(source.decode(encoding.codec, encoding.errors))
    tables: dict[int, _Table] = {}
    for node in document.css("col, tr"):
        parent = node.parent
        while parent is not None and parent.tag != "table":
            parent = parent.parent
        if parent is None:
            continue
        table = tables.setdefault(parent.mem_id, _Table())
        if node.tag == "col":
            span = _count(node.attributes.get("span"), MAX_COLUMNS)
            table.note_columns(span, None, is_hidden=_is_hidden(node))
        elif not _is_hidden(node):
            table.rows.append(_html_cells(node))
    return list(tables.values())


def _is_hidden(node: Any) -> bool:
    """Say whether a row, column or cell is not shown, as Excel writes what people hid."""
    style = (node.attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in node.attributes or "display:none" in style


def _html_cells(row: Any) -> list[_Cell]:
    return [
        _Cell(
            ""
            if _is_hidden(cell)
            else html_to_text(cell.html or "")
            if cell.css_first("br, p, li, div, tr")
            else cell.text().strip(),
            _count(cell.attributes.get("colspan"), MAX_COLUMNS),
            _count(cell.attributes.get("rowspan"), MAX_ROWS),
        )
        for cell in row.iter()
        if cell.tag in ("td", "th")
    ]


def _sheets(source: bytes, errors: list[RowError]) -> list[_Table]:
    """Return the sheets of a workbook; if it is cut off, what is there."""
    sheets = [_Table()]
    try:
        for _, element in iterparse(io.BytesIO(source)):
            name = element.tag.rpartition("}")[2]
            if name == "Row":
                sheets[-1].rows += [] if _hides(element) else [_excel_cells(element)]
                element.clear()
            elif name == "Column":
                given = _attributes(element)
                number = _count(given.get("Span"), MAX_COLUMNS, 0) + 1
                sheets[-1].note_columns(number, _place(given), is_hidden=_hides(element))
            elif name == "Visible" and "Hidden" in (element.text or ""):
                sheets[-1].rows.clear()
            elif name == "Worksheet":
                sheets.append(_Table())
    except ParseError:
        errors.append(RowError(len(sheets[-1].rows) + 1, CUT))
    except DefusedXmlException as error:
        raise InputError("The file defines entities of its own: that is not read.") from error
    return sheets


def _hides(element: Element) -> bool:
    return _attributes(element).get("Hidden", "0") != "0"


def _attributes(element: Element) -> dict[str, str]:
    return {name.rpartition("}")[2]: value for name, value in element.items()}


def _place(given: Mapping[str, str]) -> int | None:
    """Return the column of a cell, or of columns, from 0; None if it stands behind the last."""
    return _count(given.get("Index"), MAX_COLUMNS) - 1 if "Index" in given else None


def _excel_cells(row: Element) -> list[_Cell]:
    cells = []
    for cell in row:
        given = _attributes(cell)
        # Beside its data a cell may have a comment.
        data = next((part for part in cell if part.tag.rpartition("}")[2] == "Data"), None)
        cells.append(
            _Cell(
                "" if data is None else "".join(data.itertext()).strip(),
                _count(given.get("MergeAcross"), MAX_COLUMNS, 0) + 1,
                _count(given.get("MergeDown"), MAX_ROWS, 0) + 1,
                _place(given),
            )
        )
    return cells


def _count(written: str | None, most: int, least: int = 1) -> int:
    """Return a number of an attribute; `least` where it is none, or out of range."""
    number = int(written) if written and written.isascii() and written.isdecimal() else least
    return number if least <= number <= most else least
