"""What a sheet's XML says that its cells do not: what is merged or hidden, and empty formulas."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20
# Longer than what is looked for, so that a block's end is looked at again with the next one.
_OVERLAP = 256
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
_NO_VALUE = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_HIDDEN = re.compile(rb'<(?:\w+:)?(?P<kind>row|col) (?P<given>[^>]*?\bhidden="(?:1|true)"[^>]*)>')
_PLACE = re.compile(rb'\b(r|min|max)="(\d{1,7})"')


@dataclass
class SheetFacts:
    """The columns that are merged over several rows, by their first row, and empty formulas.

    `hidden_rows` are numbers from 1, `hidden_columns` from 0.
    """

    merged: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    empty_formulas: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    _open: dict[int, tuple[int, Any]] = field(default_factory=dict)

    def filled(self, row: int, cells: list[Any]) -> list[Any]:
        """Return the cells of a row with what is merged into them from above; rows in order."""
        for column, (last, value) in list(self._open.items()):
            if row > last:
                del self._open[column]
            else:
                cells += [""] * (column + 1 - len(cells))
                cells[column] = cells[column] if cells[column] != "" else value
        for column, last in self.merged.get(row, ()):
            if column < len(cells):
                self._open[column] = (last, cells[column])
        return cells

    def shown(self, row: int, cells: list[Any]) -> list[Any]:
        """Return the cells of a row that people see, the others as empty."""
        if row in self.hidden_rows:
            return []
        return ["" if at in self.hidden_columns else one for at, one in enumerate(cells)]

    def hide(self, kind: bytes, given: bytes) -> None:
        """Note a row, or columns, that the XML hides."""
        places = {name: int(number) for name, number in _PLACE.findall(given)}
        if kind == b"row":
            self.hidden_rows.update({places[b"r"]} if b"r" in places else ())
        else:
            last = min(places.get(b"max", 0), MAX_COLUMNS)
            self.hidden_columns.update(range(places.get(b"min", last + 1) - 1, last))


# Excel has no more.
MAX_COLUMNS = 16_384


def look_at_sheet(path: Path, sheet: Any) -> SheetFacts:
    """Read the XML of a sheet, which openpyxl opened; where there is none, nothing is known."""
    facts = SheetFacts()
    merged: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    with suppress(KeyError, AttributeError, zipfile.BadZipFile, OSError):
        for found in _matches(path, sheet._worksheet_path):
            if found.re is _NO_VALUE:
                facts.empty_formulas += 1
            elif found.re is _HIDDEN:
                facts.hide(found["kind"], found["given"])
            elif int(found[3]) > int(found[2]):
                merged[int(found[2])].append((_column(found[1]), int(found[3])))
    facts.merged = dict(merged)
    return facts


def _matches(path: Path, member: str) -> Iterator[re.Match[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(member.lstrip("/")) as stream:
        rest = b""
        while block := stream.read(_BLOCK):
            text = rest + block
            end = 0
            for pattern in (_MERGED, _NO_VALUE, _HIDDEN):
                for found in pattern.finditer(text):
                    yield found
                    end = max(end, found.end())
            rest = text[max(end, len(text) - _OVERLAP) :]


def _column(letters: bytes) -> int:
    """Return the number of a column, from 0: A, B … Z, AA."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number - 1
