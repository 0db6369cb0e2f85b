"""Tables in groups, as monday.com writes them: each has its name above the header once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.intake.importers.entries import RowError
from services.intake.importers.records import Record, is_empty


def mark_headings(entries: Iterable[Record | RowError]) -> Iterator[Record | RowError]:
    """Yield the entries of a table, with a mark on those that only name a group."""
    last: Record | RowError | None = None
    for entry in entries:
        if last is not None:
            is_name = isinstance(last, Record) and isinstance(entry, Record) and is_header(entry)
            yield _as_heading(last) if is_name else last
        last = entry
    if last is not None:
        yield last


def is_header(record: Record) -> bool:
    """Say whether a row is the header once more."""
    filled = {name: str(one).strip() for name, one in record.values.items() if not is_empty(one)}
    return len(filled) > 1 and all(name == one for name, one in filled.items())


def _as_heading(entry: Record | RowError) -> Record | RowError:
    if isinstance(entry, Record) and sum(not is_empty(one) for one in entry.values.values()) == 1:
        return replace(entry, is_heading=True)
    return entry
