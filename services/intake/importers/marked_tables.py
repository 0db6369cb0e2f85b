"""Tables in HTML and in Excel's XML of 2003, which many programs save under the name .xls."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from services.errors import InputError, NoTicketsError
from services.intake.importers.delimited import cells_by_column, column_names, table_head
from services.intake.importers.encoding import detect_encoding
from services.intake.importers.entries import RowError
from services.intake.importers.json_cursor import CUT
from services.intake.importers.records import Record

# Such a file is read as a whole. Larger tables are written by no program as HTML.
MAX_SIZE = 128 << 20
# Columns that a cell may skip or span: Excel has no more.
MAX_COLUMNS = 16_384

_HEAD_ROWS = 30


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
    rows = list(_excel_rows(source, errors)) if is_excel else _html_rows(source)
    if not rows:
        raise NoTicketsError("no table is in it.")
    head = table_head(rows[:_HEAD_ROWS])
    header = list(head.names) if head.names else None
    for number, cells in enumerate(rows[head.above :], head.above + 1):
        if header is None:
            header = column_names([str(cell) for cell in cells])
        elif any(cells):
            yield Record(number, cells_by_column(header, cells))
    yield from errors


def _html_rows(source: bytes) -> list[list[str]]:
    """Return the rows of the table with the most cells."""
    from selectolax.lexbor import LexborHTMLParser

    encoding = detect_encoding(io.BytesIO(source))
    document = LexborHTMLParser(source.decode(encoding.codec, encoding.errors))
    tables = [[_cells(row) for row in table.css("tr")] for table in document.css("table")]
    return max(tables, key=lambda rows: sum(map(len, rows)), default=[])


def _cells(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row.iter():
        if cell.tag in ("td", "th"):
            cells.append((cell.html or "") if cell.css_first("br, p, li") else cell.text().strip())
            span = str(cell.attributes.get("colspan") or "1")
            extra = int(span) - 1 if span.isascii() and span.isdecimal() else 0
            cells += [""] * min(max(extra, 0), MAX_COLUMNS - len(cells))
    return cells


def _excel_rows(source: bytes, errors: list[RowError]) -> Iterator[Sequence[str]]:
    """Yield the rows of the workbook's first sheet with rows."""
    number = 0
    try:
        for _, element in iterparse(io.BytesIO(source)):
            name = element.tag.rpartition("}")[2]
            if name == "Row":
                number += 1
                yield _excel_cells(element)
                element.clear()
            elif name == "Worksheet" and number:
                return
    except ParseError:
        errors.append(RowError(number + 1, CUT))
    except DefusedXmlException as error:
        raise InputError("The file defines entities of its own: that is not read.") from error


def _excel_cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        at = next((value for name, value in cell.attrib.items() if name.endswith("}Index")), "")
        if at.isascii() and at.isdecimal() and len(cells) < int(at) <= MAX_COLUMNS:
            cells += [""] * (int(at) - 1 - len(cells))
        cells.append("".join(cell.itertext()).strip())
    return cells
