"""Readers of JSON lines and CSV, one record at a time, so that files may have any size."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, NoReturn, TextIO, TypeVar

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, RowDefaults, RowError
from services.intake.importers.fields import FIELDS, row_from
from services.intake.importers.lines import MAX_RECORD, Lines

# Characters read to guess the format.
_HEAD = 8192
_UTF16 = ("\udcff\udcfe", "\udcfe\udcff")  # its byte order marks, which are invalid UTF-8

T = TypeVar("T")


def as_text(stream: BinaryIO) -> TextIO:
    """Return a file as text for the readers; closing the text closes the file.

    Invalid UTF-8 becomes lone surrogates, so that a bad line does not affect the others.
    """
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def read_jsonl(text: TextIO, defaults: RowDefaults) -> Iterator[ImportEntry]:
    """Read one JSON object per line. Raises `InputError` if the file is empty or in UTF-16."""
    _first_line(text)
    lines = Lines(text)
    entries = _read(lines, lines, _json_fields, defaults)
    first = next(entries, None)
    if first is None:
        raise InputError("The file is empty.")
    yield first
    yield from entries


def read_csv(text: TextIO, defaults: RowDefaults) -> Iterator[ImportEntry]:
    """Read records separated by commas, semicolons or tabs; the first line names the columns.

    Raises `InputError` if the first line does not name an id and a text or title.
    """
    csv.field_size_limit(MAX_RECORD)  # `Lines` passes no longer one
    delimiter = max(",;\t", key=_first_line(text).count)
    lines = Lines(text)
    records = csv.reader(lines, delimiter=delimiter, strict=True)
    columns = _columns(records)
    yield from _read(records, lines, lambda cells: _csv_fields(columns, cells), defaults)


def count_lines(text: TextIO) -> int:
    """Return the number of lines, and rewind."""
    number, last = 0, "\n"
    while block := text.read(1 << 20):
        number += block.count("\n")
        last = block[-1]
    text.seek(0)
    return number if last == "\n" else number + 1


def _read(
    records: Iterator[T],
    lines: Lines,
    fields_of: Callable[[T], Mapping[str, Any] | None],
    defaults: RowDefaults,
) -> Iterator[ImportEntry]:
    """Yield an entry for each record. A row whose id occurred before is an error."""
    # A few hundred bytes per row, which is little compared with its embedding.
    first_lines: dict[str, int] = {}
    while True:
        line = lines.start_record()
        try:
            fields = fields_of(next(records))
            if fields is None:
                continue
            row = row_from(fields, line, defaults)
            _check_first(row.item.external_id, line, first_lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield RowError(line, f"not CSV: {error}")
        except InputError as error:
            yield RowError(line, str(error))
        else:
            yield row


def _check_first(external_id: str, line: int, first_lines: dict[str, int]) -> None:
    first = first_lines.setdefault(external_id, line)
    if first != line:
        raise InputError(f"the id {external_id} stands in line {first} already")


def _json_fields(line: str) -> dict[str, Any] | None:
    if not line.strip():
        return None
    _check_utf8(line)
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg} at character {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise InputError("not JSON: a number too long, or nested too deep") from error
    if not isinstance(value, dict):
        raise InputError(f"not a JSON object, but {_KINDS.get(type(value), 'null')}")
    return value


def _csv_fields(columns: list[str], cells: list[str]) -> dict[str, str] | None:
    if not cells:
        return None
    _check_utf8("".join(cells))
    if len(cells) != len(columns):
        raise InputError(f"there are {len(cells)} values for {len(columns)} columns")
    return {name: cell for name, cell in zip(columns, cells, strict=True) if name}


def _columns(records: Iterator[list[str]]) -> list[str]:
    try:
        header = next((cells for cells in records if cells), None)
    except csv.Error as error:
        raise InputError(f"The first line is not CSV: {error}.") from error
    if header is None:
        raise InputError("The file is empty.")
    _check_utf8("".join(header))
    names = [name.strip() for name in header]
    names = [name.lower() if name.lower() in FIELDS else name for name in names]
    if "id" not in names or not {"text", "title"} & set(names):
        shown = ", ".join(names)[:200]
        raise InputError(
            f"The first line must name the columns, among them id, and text or title: {shown}"
        )
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"Two columns are named {twice}.")
    return names


def _first_line(text: TextIO) -> str:
    """Return the first line that is not blank, at most `_HEAD` characters of it, and rewind."""
    head = text.read(_HEAD)
    text.seek(0)
    if head.startswith(_UTF16):
        raise InputError("The file is in UTF-16: save it as UTF-8.")
    return next((line for line in head.splitlines() if line.strip()), "")


def _check_utf8(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError("not UTF-8") from error


def _refuse_constant(constant: str) -> NoReturn:
    raise InputError(f"not JSON: {constant} is no number")


_KINDS = {
    list: "an array", str: "a string", int: "a number", float: "a number", bool: "a truth value",
}  # fmt: skip
