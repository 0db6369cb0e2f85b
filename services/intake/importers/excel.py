"""Excel workbooks: each sheet is copied to a temporary file once, as opening cells is slow."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from services.errors import InputError
from services.intake.importers.delimited import read_grid
from services.intake.importers.records import Record
from services.intake.importers.sheet_facts import SheetFacts, look_at_sheet

# What a formula that failed shows.
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


@dataclass(frozen=True)
class Sheet:
    """A sheet with rows: `file` has them as JSON lines, `[number, [cell, …]]`.

    `empty_formulas` counts the formulas whose value is not in the file.
    """

    name: str
    file: Path
    rows: int
    empty_formulas: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about it."""
        if not self.empty_formulas:
            return ()
        cells = "1 cell holds" if self.empty_formulas == 1 else f"{self.empty_formulas} cells hold"
        return (
            f"{cells} a formula without its value:"
            " open the workbook in Excel and save it, then import it again",
        )


def unpack_workbook(path: Path, folder: Path, name: str) -> list[Sheet]:
    """Copy the visible sheets of a workbook into a folder, the one with most rows first.

    Raises `InputError` if it is damaged, protected by a password or empty.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputError(f"{name} is not an Excel workbook, or it is damaged.") from error
    try:
        sheets = [
            _copy(sheet, look_at_sheet(path, sheet), folder / f"{number}.jsonl")
            for number, sheet in enumerate(book.worksheets)
            if sheet.sheet_state == "visible"
        ]
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{name} is damaged: it cannot be read as an Excel workbook.") from error
    finally:
        book.close()
    found = sorted((one for one in sheets if one.rows), key=lambda one: -one.rows)
    if not found:
        raise InputError(f"{name} is an empty workbook.")
    return found


def read_sheet(open_: Callable[[], BinaryIO]) -> Iterator[Record]:
    """Read a copied sheet as a table."""
    with open_() as stream:
        yield from read_grid(map(json.loads, stream))


def _copy(sheet: Any, facts: SheetFacts, file: Path) -> Sheet:
    number = 0
    with file.open("w", encoding="utf-8") as copy:
        for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = facts.filled(line, [_plain(cell) for cell in row])
            while cells and cells[-1] == "":
                cells.pop()
            if cells:
                number += 1
                copy.write(json.dumps([line, cells]) + "\n")
    return Sheet(sheet.title, file, number, facts.empty_formulas)


def _plain(cell: Any) -> Any:
    """Return a cell as a JSON value."""
    if cell is None or (isinstance(cell, str) and cell in _ERRORS):
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if isinstance(cell, str | int | float | bool) else str(cell)
