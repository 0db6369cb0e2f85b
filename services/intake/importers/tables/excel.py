"""Excel workbooks: each sheet is copied to a temporary file once, as opening cells is slow."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from services.errors import InputError
from services.intake.importers.audience.private_texts import is_title_of_team
from services.intake.importers.files.archive import DAMAGE
from services.intake.importers.files.unpack_limits import Budget
from services.intake.importers.records import EXACT_DIGITS, MAX_EXACT, Record, without_escapes
from services.intake.importers.tables.delimited import read_grid
from services.intake.importers.tables.sheet_facts import SheetFacts, look_at_sheet

# What a formula that failed shows.
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})

# What openpyxl raises for damaged workbooks; a `ParseError` is of their XML.
_BROKEN = (*DAMAGE, ParseError, KeyError, IndexError, TypeError, AttributeError)


@dataclass(frozen=True)
class Sheet:
    """A sheet with rows: `file` has them as JSON lines, `[number, [cell, …]]`.

    `empty_formulas` counts the formulas whose value is not in the file, `unread` are the sheets
    beside it that are private by their titles. `hidden` counts the rows and the columns with cells
    that people do not see in Excel: nobody meant to show them.
    """

    name: str
    file: Path
    rows: int
    empty_formulas: int = 0
    unread: tuple[str, ...] = ()
    hidden: tuple[int, int] = (0, 0)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about it."""
        names = ", ".join(self.unread)
        unread = (f"not read, as its title says that it is private: {names}",) if names else ()
        return (*self._of_formulas(), *unread, *self._of_hidden())

    def _of_hidden(self) -> tuple[str, ...]:
        found = [
            f"{number} {name}{'' if number == 1 else 's'}"
            for number, name in zip(self.hidden, _PARTS, strict=True)
            if number
        ]
        if not found:
            return ()
        return (
            f"not read, as they are hidden: {' and '.join(found)};"
            " show them in Excel and save the workbook to have them, too",
        )

    def _of_formulas(self) -> tuple[str, ...]:
        if not self.empty_formulas:
            return ()
        cells = "1 cell holds" if self.empty_formulas == 1 else f"{self.empty_formulas} cells hold"
        return (
            f"{cells} a formula without its value:"
            " open the workbook in Excel and save it, then import it again",
        )


_PARTS = ("row", "column")


def unpack_workbook(path: Path, folder: Path, name: str, budget: Budget) -> list[Sheet]:
    """Copy the visible sheets of a workbook into a folder, the one with most rows first.

    Raises `InputError` if it is damaged, protected by a password or empty, or unpacks to more than
    the budget has.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _check_size(path, name, budget)
    copied = Budget.of_input(path.stat().st_size, name)
    with path.open("rb") as stream:  # openpyxl leaves what it cannot read open
        try:
            # What it warns of are styles and rules for entering values, which nobody needs here.
            with warnings.catch_warnings(action="ignore"):
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        except (InvalidFileException, *_BROKEN) as error:
            raise InputError(f"{name} is not an Excel workbook, or it is damaged.") from error
        try:
            sheets = [
                _copy(sheet, look_at_sheet(path, sheet), folder / f"{number}.jsonl", copied)
                for number, sheet in enumerate(book.worksheets)
                if sheet.sheet_state == "visible"
            ]
        except _BROKEN as error:
            reason = f"{name} is damaged: it cannot be read as an Excel workbook."
            raise InputError(reason) from error
        finally:
            book.close()
    found = sorted((one for one in sheets if one.rows), key=lambda one: -one.rows)
    if not found:
        raise InputError(f"{name} is an empty workbook.")
    return _without_private(found)


def _without_private(sheets: list[Sheet]) -> list[Sheet]:
    """Return sheets without those that their titles call private; the only one is what is meant."""
    private = [one for one in sheets if is_title_of_team(one.name)]
    rest = [one for one in sheets if one not in private]
    if not rest or not private:
        return sheets
    return [replace(rest[0], unread=tuple(one.name for one in private)), *rest[1:]]


def _check_size(path: Path, name: str, budget: Budget) -> None:
    """Spend what the parts that are read unpack to; no more of them is unpacked than is told."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [one for one in archive.infolist() if one.filename.endswith(_READ)]
    except DAMAGE:  # told below
        return
    for part in parts:
        Budget.of_file(part.compress_size, name).spend(part.file_size)
        budget.spend(part.file_size)


# Pictures are not read.
_READ = (".xml", ".rels")


def read_sheet(open_: Callable[[], BinaryIO]) -> Iterator[Record]:
    """Read a copied sheet as a table."""
    with open_() as stream:
        yield from read_grid(map(json.loads, stream))


def _copy(sheet: Any, facts: SheetFacts, file: Path, budget: Budget) -> Sheet:
    """Copy a sheet; `budget` bounds what is written, as merged cells are written many times."""
    number, rows, columns = 0, 0, set[int]()
    # Rows are as long as they are, not up to where a cell was formatted once.
    sheet.reset_dimensions()
    with file.open("w", encoding="utf-8") as copy:
        for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
            whole = facts.filled(line, [_plain(cell) for cell in row])
            cells = facts.shown(line, whole)
            if cells != whole:
                rows += not cells and any(one != "" for one in whole)
                columns |= {at for at, one in enumerate(whole[: len(cells)]) if one != cells[at]}
            while cells and cells[-1] == "":
                cells.pop()
            if cells:
                number += 1
                budget.spend(copy.write(json.dumps([line, cells]) + "\n"))
    hidden = rows, len(columns)
    return Sheet(sheet.title, file, number, facts.empty_formulas, hidden=hidden)


def _plain(cell: Any) -> Any:
    """Return a cell as a JSON value."""
    if cell is None or (isinstance(cell, str) and cell in _ERRORS):
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    if isinstance(cell, str):
        return without_escapes(cell)
    is_long = isinstance(cell, int | float) and abs(cell) >= MAX_EXACT
    if is_long and isinstance(cell, int) and not str(abs(cell))[EXACT_DIGITS:].strip("0"):
        return float(cell)  # Excel makes zeros of the digits beyond
    if isinstance(cell, float) and cell.is_integer() and not is_long:
        return int(cell)
    return cell if isinstance(cell, str | int | float | bool) else str(cell)
