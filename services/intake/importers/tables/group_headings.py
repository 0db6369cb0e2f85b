"""Tables in groups, as monday.com writes them: each has its name above the header once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.intake.importers.entries import RowError
from services.intake.importers.records import Record, is_empty, with_next


def mark_headings(entries: Iterable[Record | RowError]) -> Iterator[Record | RowError]:
    """Yield the entries of a table, with a mark on those that only name a group."""
    for entry, following in with_next(entries):
        is_name = isinstance(following, Record) and is_header(following)
        yield _as_heading(entry) if is_name else entry


def is_header(record: Record) -> bool:
    """Say whether a row is the header once more."""
    filled = 0
    for name, value in record.values.items():
        if is_empty(value):
            continue
        if str(value).strip() != name:
            return False
        filled += 1
    return filled > 1


def _as_heading(entry: Record | RowError) -> Record | RowError:
    if isinstance(entry, Record) and sum(not is_empty(one) for one in entry.values.values()) == 1:
        return replace(entry, is_heading=True)
    return entry
