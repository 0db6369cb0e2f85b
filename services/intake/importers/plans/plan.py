"""How the rows of a table become tickets: decided from a sample, then checked over all rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import blake2b
from typing import Any

from services.intake.importers.columns.clock_columns import clocks_of, with_clock
from services.intake.importers.columns.plausible_columns import MOSTLY
from services.intake.importers.columns.row_links import may_repeat_titles
from services.intake.importers.columns.sampled_columns import Column
from services.intake.importers.dates.column_zones import zone_of
from services.intake.importers.dates.date_columns import DayOrderEvidence
from services.intake.importers.dates.date_parsing import DateReader, DayOrder
from services.intake.importers.documents.json_people import REPORTERS
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.plans.table_columns import SAMPLE, read_columns
from services.intake.importers.recognition import ReadOptions, Table
from services.intake.importers.records import (
    Record,
    each,
    is_empty,
    is_shortened,
    normalized,
    raw_id,
)
from services.intake.importers.replies.reply_titles import is_reply_title
from services.intake.importers.tables.table_heads import HEAD_ROWS, count_known_names
from services.intake.importers.vocabulary.synonyms import Field, Mapping_, is_day_first_name

DATE_FIELDS: tuple[Field, ...] = ("created", "resolved")


@dataclass(frozen=True)
class Plan:
    """How a table's rows become tickets.

    `mapping` gives the columns of each field and `readers` those of dates by column. `undecided`
    are date columns in which day and month cannot be told apart. `unused` are the columns of no
    field. `rows` counts the rows, `overlong` those with more cells than the header names, `width`
    the columns, `shortened` the ids that a spreadsheet has cut; `is_turned` says that a column has
    what the header should have, `has_found_parents` that only its values told which column names a
    row's parent. `people` are the names of those that rows name by their ids; `clocks` are the
    columns of times by those of their dates.
    """

    table: Table
    layout: Layout
    mapping: Mapping_
    readers: Mapping[str, DateReader]
    undecided: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    rows: int = 0
    overlong: int = 0
    width: int = 0
    has_repeated_ids: bool = False
    has_reply_titles: bool = False
    shortened: int = 0
    is_turned: bool = False
    has_found_parents: bool = False
    people: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[str, str] = field(default_factory=dict)

    def dates_in(self, record: Record, column: str) -> list[Any]:
        """Return the dates in a row's column as they are written, with a time that stands apart."""
        clock = record.values.get(self.clocks.get(column, ""))
        return [with_clock(one, clock) for one in each(record.values.get(column))]

    def has_any(self, record: Record, *fields: Field) -> bool:
        """Say whether a row has a value in a column of any of these fields."""
        names = (name for field_ in fields for name in self.mapping.get(field_, ()))
        return any(not is_empty(record.values.get(name)) for name in names)

    @property
    def reply_dates(self) -> DateReader:
        """What reads the times of replies: as those of the tickets, which one program wrote."""
        return next(iter(self.readers.values()), DateReader())

    @property
    def is_threaded(self) -> bool:
        """Whether several rows may form a ticket."""
        return self.has_repeated_ids or self.has_reply_titles or "parent" in self.mapping

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the table as a whole."""
        found = [*self.table.warnings, *filter(None, [self.layout.warning])]
        if self.undecided:
            found.append(
                f"day and month of {', '.join(self.undecided)} cannot be told apart, so these dates"
                " are not known: say --dates day-first or month-first"
            )
        if self.shortened:
            ids = "1 id was" if self.shortened == 1 else f"{self.shortened} ids were"
            found.append(
                f"{ids} shortened by a spreadsheet, such as 1.23457E+12, and not used: save the"
                " file with that column as text"
            )
        if self.overlong:
            rows = "1 row has" if self.overlong == 1 else f"{self.overlong} rows have"
            found.append(
                f"{rows} more cells than the header has names: is a separator in a text without"
                " quotes? What is beyond is kept, but is no part of a text"
            )
        return tuple(found)

    @property
    def hint(self) -> str:
        """What to do about a table whose columns are not known."""
        if self.is_turned:
            return "its first column names the fields, so swap its rows and columns (transpose it)"
        return "name it with --map COLUMN=text"

    @property
    def is_unclear(self) -> bool:
        """Whether no column is known to have words of the tickets."""
        # A list of replies alone may be those of any tickets.
        has_replies = bool(self.mapping.get("replies") and self.mapping.get("id"))
        return not (self.mapping.get("title") or self.mapping.get("text") or has_replies)


@dataclass
class _Scan:
    """What is learned from all rows of a table."""

    id_columns: Sequence[str]
    # By field, as only the first of its columns that a row fills is read.
    date_columns: Sequence[tuple[str, ...]]
    evidence: dict[str, DayOrderEvidence]
    # Those of mails that name no other one.
    title_columns: Sequence[str] = ()
    columns: dict[str, None] = field(default_factory=dict)
    rows: int = 0
    overlong: int = 0
    has_repeated_ids: bool = False
    has_reply_titles: bool = False
    shortened: int = 0
    # Eight bytes for each id, as a digest: ids may be long.
    _seen: set[int] = field(default_factory=set)

    def add(self, record: Record) -> None:
        """Count a row."""
        self.rows += 1
        self.overlong += record.is_overlong
        self.columns.update(dict.fromkeys(record.values))
        for names in self.date_columns:
            filled = ((name, each(record.values.get(name))) for name in names)
            name, values = next((one for one in filled if one[1]), ("", []))
            for value in values:
                self.evidence[name].add(value)
        self.shortened += any(is_shortened(record.values.get(name)) for name in self.id_columns)
        if self.title_columns and not self.has_reply_titles:
            self.has_reply_titles = is_reply_title(raw_id(record, self.title_columns) or "")
        if self.has_repeated_ids:
            return
        id_ = raw_id(record, self.id_columns)
        if id_ is not None:
            digest = int.from_bytes(blake2b(id_.encode("utf-8", "replace"), digest_size=8).digest())
            self.has_repeated_ids = digest in self._seen
            self._seen.add(digest)


def make_plan(
    table: Table, options: ReadOptions, on_rows: Callable[[int], object] = lambda _rows: None
) -> Plan:
    """Read a table to its end and return how its rows become tickets.

    `on_rows` takes how many rows were read, from time to time. Raises `InputError` if the user
    named a column that is not there, or the table has no rows.
    """
    found = read_columns(table, options)
    layout, mapping, columns = found.layout, found.mapping, found.columns
    repeats_titles = may_repeat_titles(layout, mapping, columns)
    titles = mapping.get("title", ()) if repeats_titles else ()
    scan = _scan(table, mapping, titles, on_rows)
    readers = _date_readers(scan.evidence, options, columns)
    clocks = clocks_of(columns, mapping)
    used = {name for names in mapping.values() for name in names} | {*clocks.values()}
    return Plan(
        table,
        layout,
        mapping,
        readers,
        undecided=tuple(
            n for n, e in scan.evidence.items() if e.is_undecided and readers[n].order is None
        ),
        unused=tuple(name for name in scan.columns if name not in used),
        rows=scan.rows,
        overlong=scan.overlong,
        width=len(scan.columns),
        has_repeated_ids=scan.has_repeated_ids,
        has_reply_titles=scan.has_reply_titles,
        shortened=scan.shortened,
        is_turned=table.is_grid and _is_turned(found.sample),
        has_found_parents=found.has_found_parents,
        people=table.people() if not set(REPORTERS).isdisjoint(map(normalized, columns)) else {},
        clocks=clocks,
    )


def _scan(
    table: Table, mapping: Mapping_, titles: Sequence[str], on_rows: Callable[[int], object]
) -> _Scan:
    """Read a table to its end for what only all of its rows tell."""
    dates = [mapping.get(one, ()) for one in DATE_FIELDS]
    evidence = {name: DayOrderEvidence() for names in dates for name in names}
    scan = _Scan(mapping.get("id", ()), dates, evidence, titles)
    for entry in table.read():
        if isinstance(entry, Record):
            scan.add(entry)
        if scan.rows % SAMPLE == 0:
            on_rows(scan.rows)
    return scan


def _is_turned(sample: Sequence[Record]) -> bool:
    """Say whether the first column of a table has the names that its header should have."""
    firsts = [str(next(iter(record.values.values()), "")) for record in sample[:HEAD_ROWS]]
    return count_known_names(firsts) >= MIN_TURNED


# So many known names are no chance.
MIN_TURNED = 3


def _date_readers(
    evidence: Mapping[str, DayOrderEvidence], options: ReadOptions, columns: Mapping[str, Column]
) -> dict[str, DateReader]:
    """Return how the dates of each column are read.

    A column that does not show the order of day and month has that of the others: one program
    wrote them all. Where none shows it, the language of the columns' names may. So it is with the
    zone that a name says, unless the user says one.
    """
    zones = {zone for name in columns if (zone := zone_of(name)) is not None}
    zone = next(iter(zones)) if len(zones) == 1 and options.zone is UTC else options.zone
    shown = {one.order for one in evidence.values()} - {None}
    if not shown and any(one.is_undecided for one in evidence.values()):
        # Other dates of the same program show it, too, such as those of the last changes.
        shown = {_order_of(one) for name, one in columns.items() if name not in evidence} - {None}
    common: DayOrder | None = next(iter(shown)) if len(shown) == 1 else None
    if common is None and not shown and any(map(is_day_first_name, columns)):
        common = "day"
    return {
        name: DateReader(
            options.order or one.order or _fallback(one, common),
            zone_of(name) or zone,
            one.has_serials,
            options.exported,
            options.now,
        )
        for name, one in evidence.items()
    }


def _order_of(column: Column) -> DayOrder | None:
    """Return the order of day and month in a column of dates; None for any other column."""
    if column.dates <= MOSTLY:
        return None
    found = DayOrderEvidence()
    for value in column.values:
        for one in each(value):
            found.add(one)
    return found.order


def _fallback(evidence: DayOrderEvidence, common: DayOrder | None) -> DayOrder | None:
    """Return the order of the other columns, unless this one has both."""
    return None if evidence.day_first and evidence.month_first else common
