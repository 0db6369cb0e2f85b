"""Workbooks that unpack to very much, or are damaged, are refused in one line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from services.errors import InputError
from services.intake.importers.files.unpack_limits import MIN_TOTAL_BYTES
from services.intake.importers.inputs import open_inputs

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def _names(path: Path) -> list[str]:
    with open_inputs(path, io.BytesIO) as inputs:
        return [one.name for one in inputs]


def _book(path: Path, rows: int = 1) -> None:
    book = openpyxl.Workbook()
    for number in range(rows):
        book.worksheets[0].append([number, "Gate jams", "The gate of hall 2 jams."])
    book.save(path)


def _changed(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Change a part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
    parts[part] = change(parts.get(part, b"<sst></sst>"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def _padded(data: bytes) -> bytes:
    start, end, rest = data.rpartition(b"</")
    return start + b" " * (2 * MIN_TOTAL_BYTES) + end + rest


@pytest.mark.parametrize("part", [SHEET, STRINGS, "xl/styles.xml"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_parts_of_a_workbook_have_a_bound(tmp_path: Path, part: str, is_packed: bool) -> None:
    """Rows, texts and styles, also of a workbook in an archive; it is told before they are read."""
    path = tmp_path / "t.xlsx"
    _book(path)
    _changed(path, part, _padded)
    if is_packed:
        with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
            archive.write(path, "t.xlsx")
    with pytest.raises(InputError, match=r"^t\.xlsx unpacks to over 200 times its size: no such"):
        _names(path.with_suffix(".zip") if is_packed else path)


def test_many_workbooks_in_an_archive_have_a_bound(tmp_path: Path) -> None:
    """Each unpacks to less than a file may, all of them to more than the archive may."""
    _book(tmp_path / "t.xlsx")
    some = b" " * 900_000
    _changed(
        tmp_path / "t.xlsx",
        SHEET,
        lambda data: data.replace(b"</sheetData>", some + b"</sheetData>"),
    )
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.write(tmp_path / "t.xlsx", f"{number}.xlsx")
    with pytest.raises(InputError, match=r"^all\.zip unpacks to over 200 times its size"):
        _names(tmp_path / "all.zip")


def test_a_cell_merged_over_everything_has_a_bound(tmp_path: Path) -> None:
    """What holds for all rows is written for each of them."""
    _book(tmp_path / "t.xlsx", rows=2500)
    merged = b'<mergeCells count="1"><mergeCell ref="D1:D2500"/></mergeCells>'
    long = b'<c r="D1" t="inlineStr"><is><t>' + b"x" * 20_000 + b"</t></is></c></row>"

    def change(data: bytes) -> bytes:
        data = data.replace(b"</row>", long, 1)
        return data.replace(b"</sheetData>", b"</sheetData>" + merged)

    _changed(tmp_path / "t.xlsx", SHEET, change)
    with pytest.raises(InputError, match=r"^t\.xlsx unpacks to over 200 times its size"):
        _names(tmp_path / "t.xlsx")


def test_a_cell_far_from_all_others_costs_nothing(tmp_path: Path) -> None:
    """A format at the very end of a sheet makes neither rows nor columns."""
    _book(tmp_path / "t.xlsx", rows=2)
    far = b'<row r="1048576"><c r="XFD1048576"/></row></sheetData>'
    _changed(tmp_path / "t.xlsx", SHEET, lambda data: data.replace(b"</sheetData>", far))
    _changed(tmp_path / "t.xlsx", SHEET, lambda data: data.replace(b"A1:C2", b"A1:XFD1048576"))
    with open_inputs(tmp_path / "t.xlsx", io.BytesIO) as (sheet,), sheet.open() as stream:
        assert len(stream.read().splitlines()) == 2


@pytest.mark.parametrize("part", [SHEET, STRINGS, "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize(
    "change", [lambda data: data[: len(data) // 2], lambda _: b"", bytes.upper]
)
def test_a_workbook_with_a_damaged_part_is_named(
    tmp_path: Path, part: str, change: Callable[[bytes], bytes]
) -> None:
    """However it is damaged: an error, or the rows that can be read."""
    _book(tmp_path / "t.xlsx")
    _changed(tmp_path / "t.xlsx", part, change)
    with suppress(InputError):
        assert _names(tmp_path / "t.xlsx") == ["t.xlsx"]
