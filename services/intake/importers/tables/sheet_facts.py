"""What a sheet's XML says that its cells do not: merged cells, and formulas without a value."""

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


@dataclass
class SheetFacts:
    """The columns that are merged over several rows, by their first row, and empty formulas."""

    merged: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    empty_formulas: int = 0
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


def look_at_sheet(path: Path, sheet: Any) -> SheetFacts:
    """Read the XML of a sheet, which openpyxl opened; where there is none, nothing is known."""
    facts = SheetFacts()
    merged: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    with suppress(KeyError, AttributeError, zipfile.BadZipFile, OSError):
        for found in _matches(path, sheet._worksheet_path):
            if found.re is _NO_VALUE:
                facts.empty_formulas += 1
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
            for pattern in (_MERGED, _NO_VALUE):
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
