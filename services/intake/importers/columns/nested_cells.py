"""Cells that hold objects, as JSON or as Python shows them: each field becomes a column.

Databases write the one, and scripts that put what an API gave them into a table the other.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from services.intake.importers.audience.reply_audience import is_public
from services.intake.importers.columns.column_mapping import OF_TEXTS
from services.intake.importers.entries import RowError
from services.intake.importers.records import MAX_PATH, Record, each, flat, is_empty, normalized
from services.intake.importers.replies.reply_objects import PARTS_OF_TEXT, fields_of, text_of
from services.intake.importers.vocabulary.synonyms import KNOWN_NAMES

Read = Callable[[], Iterator[Record | RowError]]

# Rows by which such columns are known: somebody may paste an object into a text.
_SAMPLE = 50

# Characters of a cell that is read as Python: parsing takes a hundred times as much memory.
MAX_SHOWN = 20_000


def with_fields_of_cells(read: Read) -> Iterator[Record | RowError]:
    """Read a table with the fields of objects in cells as columns, under dotted names.

    A column is such where all of its first cells that say something hold an object, and these have
    fields of tickets: an alert's text may be an object of its own. An object or a list with a
    private note is read in any column, so that what says so is seen.
    """
    entries = read()
    first = list(islice(entries, _SAMPLE))
    columns = _columns_of_objects([one for one in first if isinstance(one, Record)])
    for entry in chain(first, entries):
        yield _unfolded(entry, columns) if isinstance(entry, Record) else entry


def _columns_of_objects(records: Sequence[Record]) -> frozenset[str]:
    found: set[str] = set()
    others: set[str] = set()
    for record in records:
        for name, value in record.values.items():
            if name in others or is_empty(value):
                continue
            inner = _object_in(value)
            if inner is None:
                others.add(name)
            elif _has_fields(name, {normalized(one): value for one, value in inner.items()}):
                found.add(name)
    return frozenset(found - others)


def _has_fields(column: str, inner: Mapping[str, Any]) -> bool:
    """Say whether an object in a cell has fields of a ticket, and is not its text as a whole.

    That of an alert's description says `{"message": …, "status": "firing"}`. One that says who may
    read it is taken apart, so that this is seen.
    """
    is_text = normalized(column) in OF_TEXTS and inner.keys().isdisjoint(PARTS_OF_TEXT)
    return not is_public(inner) or not (is_text or KNOWN_NAMES.isdisjoint(inner))


def _unfolded(record: Record, columns: frozenset[str]) -> Record:
    held = {
        name: inner
        for name, value in record.values.items()
        if (inner := _held_in(value)) and (name in columns or _has_private_note(inner))
    }
    if not held:
        return record
    values: dict[str, Any] = {}
    for name, value in record.values.items():
        cells = flat({name: held[name]}) if name in held else {name: value}
        for path, one in cells.items():
            values.setdefault(path, one)
    return replace(record, values=values)


def _has_private_note(value: Any, depth: int = MAX_PATH) -> bool:
    """Say whether an object is what the team writes to itself, or has or lists such an object."""
    if not isinstance(value, dict | list) or depth == 0:
        return False
    inner: Iterable[Any] = value
    if isinstance(value, dict):
        fields = fields_of(value)
        if text_of(fields) is not None and not is_public(fields):
            return True
        inner = value.values()
    return any(_has_private_note(one, depth - 1) for one in inner)


def _object_in(value: object) -> dict[str, Any] | None:
    """Return the object that a cell holds; None if it holds none."""
    found = _held_in(value)
    return found if isinstance(found, dict) else None


def _held_in(value: object) -> dict[str, Any] | list[Any] | None:
    """Return the object or list that a cell holds; None if it holds none, or an empty one."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return None
    with suppress(ValueError, RecursionError):
        found: dict[str, Any] | list[Any] = json.loads(value, parse_constant=lambda _name: None)
        return found or None
    return _shown_by_python(value.strip()) if len(value) <= MAX_SHOWN else None


def _shown_by_python(value: str) -> dict[str, Any] | list[Any] | None:
    """Return the object or list of objects that a cell holds as Python shows it: `{'id': 7}`."""
    if not value.startswith(("{'", "[{'")):
        return None
    with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
        found = ast.literal_eval(value)
        if isinstance(found, dict | list) and all(map(_has_names, each(found))):
            return found or None
    return None


def _has_names(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) for name in value)
