"""The tickets of an API's records, made as an import makes those of a file of the same form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.entries import Row, RowDefaults, RowError
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.plans.plan import DATE_FIELDS, Plan
from services.intake.importers.recognition import Table
from services.intake.importers.records import Record, flat, normalized
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.storage.hidden_tickets import withheld
from services.intake.importers.vocabulary.synonyms import Field, Mapping_
from services.memory.new_items import NewItem
from services.sources.connector import ApiRecord

# An import finds the column by its name where the layout does not list it.
_STATUS: dict[Field, tuple[str, ...]] = {"status": ("status", "state")}


@dataclass(frozen=True)
class RecordItems:
    """The tickets of a source's records, those that are private, and why others are no tickets."""

    items: list[NewItem] = field(default_factory=list)
    withheld: list[NewItem] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def items_of(
    layout: Layout, source: str, records: Sequence[ApiRecord], now: datetime
) -> RecordItems:
    """Return the tickets of a source's records.

    The records' own words for where they come from do not count.
    """
    rows = [Record(number, flat(one)) for number, one in enumerate(records, 1)]
    reader = TicketReader(
        _plan(layout, rows), RowDefaults(source, "ticket", now), with_discarded=True
    )
    found = RecordItems()
    for row in rows:
        entry = reader.entry(row)
        if isinstance(entry, Row):
            found.items.append(entry.item)
        elif isinstance(entry, RowError):
            found.refused.append(entry.reason)
        else:
            found.withheld.extend(withheld([entry]))
    return found


def _plan(layout: Layout, rows: Iterable[Record]) -> Plan:
    names = dict.fromkeys(name for row in rows for name in row.values)
    columns: dict[str, list[str]] = {}
    for name in names:
        columns.setdefault(normalized(name), []).append(name)
    mapping = _mapping({**_STATUS, **layout.columns}, columns)
    dates = DateReader()
    readers = {name: dates for one in DATE_FIELDS for name in mapping.get(one, ())}
    return Plan(Table("an API", "JSON", lambda: iter(())), layout, mapping, readers)


def _mapping(
    fields: Mapping[Field, tuple[str, ...]], columns: Mapping[str, Sequence[str]]
) -> Mapping_:
    found = {
        field: tuple(name for one in names for name in columns.get(one, ()))
        for field, names in fields.items()
    }
    return {field: names for field, names in found.items() if names}
