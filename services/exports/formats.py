"""Writing and reading the tables of an archive: JSON lines, CSV, Parquet."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import IO, Any, Literal

from services.errors import InputError
from services.exports.tables import ColumnType, ExportTable, Values, as_json, as_time

Format = Literal["jsonl", "csv", "parquet"]
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "parquet")

# Spreadsheets calculate a cell that begins with one of these (full width, too), even after blanks.
_FORMULA = tuple("=+-@＝＋－＠|%")
_GUARD = "'"

# Rows in memory at once.
BATCH = 1_000

NO_PYARROW = "Parquet needs pyarrow: pip install 'deja[parquet]'."


def write_table(
    format_: Format, table: ExportTable, rows: Iterable[Values], file: IO[bytes]
) -> None:
    """Write rows to a file that stays open."""
    _WRITERS[format_](table, rows, file)


def read_table(format_: Format, table: ExportTable, file: IO[bytes]) -> Iterator[Values]:
    """Yield the rows of a file. Raises `InputError` if it is damaged."""
    try:
        yield from _READERS[format_](table, file)
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        raise InputError(f"the table {table.name} is damaged: {error}") from error


def guarded(text: str) -> str:
    """Return a text as a CSV cell that no spreadsheet takes for a formula.

    An apostrophe goes before it, and before texts that begin with one or are empty, so that
    `unguarded` can undo it.
    """
    first = text.lstrip()
    is_dangerous = first.startswith(_FORMULA) or text[:1] in ("", _GUARD, "\t", "\r", "\n")
    return _GUARD + text if is_dangerous else text


def unguarded(cell: str) -> str:
    """Return the text that `guarded` made a cell of."""
    return cell.removeprefix(_GUARD)


def import_pyarrow() -> tuple[Any, Any]:
    """Return pyarrow and its module for Parquet. Raises `InputError` if it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InputError(NO_PYARROW) from error
    return pyarrow, pyarrow.parquet


def _write_jsonl(table: ExportTable, rows: Iterable[Values], file: IO[bytes]) -> None:
    for row in rows:
        line = {name: as_json(row[name]) for name in table.columns if row[name] is not None}
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def _read_jsonl(table: ExportTable, file: IO[bytes]) -> Iterator[Values]:
    for line in file:
        found = json.loads(line)
        if not isinstance(found, dict):
            raise TypeError("a line is no object")
        yield {
            name: _from_json(kind, found.get(name)) for name, kind in table.columns.items()
        }  # fmt: skip


def _from_json(kind: ColumnType, value: Any) -> Any:
    """Return a value of JSON as its column has it. Raises `TypeError` if it is of another type."""
    if value is None or kind == "json":
        return value
    types: dict[str, Any] = {
        "text": str,
        "time": str,
        "flag": bool,
        "integer": int,
        "number": (int, float),
    }
    if not isinstance(value, types[kind]):
        raise TypeError(f"{value!r} is no {kind}")
    return as_time(value) if kind == "time" else value


def _write_csv(table: ExportTable, rows: Iterable[Values], file: IO[bytes]) -> None:
    # The byte order mark tells Excel that it is UTF-8.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    for row in rows:
        writer.writerow([_cell(kind, row[name]) for name, kind in table.columns.items()])
    text.flush()
    text.detach()


def _cell(kind: ColumnType, value: Any) -> str:
    if value is None:
        return ""
    if kind == "text":
        return guarded(value)
    if kind == "json":
        return json.dumps(value, ensure_ascii=False)
    if kind == "flag":
        return "true" if value else "false"
    return str(as_json(value))


def _read_csv(table: ExportTable, file: IO[bytes]) -> Iterator[Values]:
    # A ticket has no length limit, but the module has: 131,072 characters.
    csv.field_size_limit(sys.maxsize)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    for row in csv.DictReader(text, strict=True):
        yield {name: _from_cell(kind, row.get(name)) for name, kind in table.columns.items()}


def _from_cell(kind: ColumnType, cell: str | None) -> Any:
    if not cell:
        return None
    read: dict[str, Callable[[str], Any]] = {
        "text": unguarded,
        "json": json.loads,
        "flag": lambda word: {"true": True, "false": False}[word.lower()],
        "time": as_time,
        "integer": int,
        "number": float,
    }
    return read[kind](cell)


def _write_parquet(table: ExportTable, rows: Iterable[Values], file: IO[bytes]) -> None:
    arrow, parquet = import_pyarrow()
    types = {
        "text": arrow.string(),
        "json": arrow.string(),
        "flag": arrow.bool_(),
        "time": arrow.timestamp("us", tz="UTC"),
        "integer": arrow.int64(),
        "number": arrow.float64(),
    }
    schema = arrow.schema([(name, types[kind]) for name, kind in table.columns.items()])
    rest = iter(rows)
    with parquet.ParquetWriter(file, schema) as writer:
        while batch := list(islice(rest, BATCH)):
            lines = [
                {name: _for_parquet(kind, row[name]) for name, kind in table.columns.items()}
                for row in batch
            ]
            writer.write_table(arrow.Table.from_pylist(lines, schema=schema))


def _for_parquet(kind: ColumnType, value: Any) -> Any:
    is_json = kind == "json" and value is not None
    return json.dumps(value, ensure_ascii=False) if is_json else value


def _read_parquet(table: ExportTable, file: IO[bytes]) -> Iterator[Values]:
    arrow, parquet = import_pyarrow()
    try:
        for batch in parquet.ParquetFile(file).iter_batches(batch_size=BATCH):
            for row in batch.to_pylist():
                yield {
                    name: _from_parquet(kind, row.get(name)) for name, kind in table.columns.items()
                }
    except arrow.ArrowException as error:
        raise InputError(f"the table {table.name} is damaged: {error}") from error


def _from_parquet(kind: ColumnType, value: Any) -> Any:
    if value is None:
        return None
    if kind == "json":
        return json.loads(value)
    # In the zone of Python's own, so that times compare and print as those of the database.
    return as_time(value.isoformat()) if kind == "time" else value


_WRITERS: dict[Format, Callable[[ExportTable, Iterable[Values], IO[bytes]], None]] = {
    "jsonl": _write_jsonl,
    "csv": _write_csv,
    "parquet": _write_parquet,
}
_READERS: dict[Format, Callable[[ExportTable, IO[bytes]], Iterator[Values]]] = {
    "jsonl": _read_jsonl,
    "csv": _read_csv,
    "parquet": _read_parquet,
}
