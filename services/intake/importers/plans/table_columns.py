"""Which columns of a table give which fields: decided from a sample of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from services.errors import InputError, NoTicketsError
from services.intake.importers.columns.column_mapping import map_columns
from services.intake.importers.columns.plausible_columns import holds_outcomes
from services.intake.importers.columns.row_links import find_parents, find_topic
from services.intake.importers.columns.sampled_columns import Column, columns_of
from services.intake.importers.layouts.layout import Layout
from services.intake.importers.layouts.table import TABLE, layout_of
from services.intake.importers.recognition import ReadOptions, Table
from services.intake.importers.records import Record, is_empty, normalized
from services.intake.importers.vocabulary.synonyms import Mapping_

# Rows from which the columns are told.
SAMPLE = 1000

# Names shown where a column that the user named is not there.
_MAX_SHOWN_NAMES = 40

# What every message of a Slack export has, and hardly any other table.
_SLACK_COLUMNS = frozenset({"type", "ts", "text", "user"})

_SLACK_CHANNEL = (
    "these are messages of a channel of Slack: import the whole export, with its channels.json,"
    " which says who may read them."
)


@dataclass(frozen=True)
class TableColumns:
    """The first rows of a table, its columns by name, and which of them give which fields.

    `has_found_parents` says that only their values told which column names a row's parent.
    """

    sample: Sequence[Record]
    columns: Mapping[str, Column]
    layout: Layout
    mapping: Mapping_
    has_found_parents: bool


def read_columns(table: Table, options: ReadOptions) -> TableColumns:
    """Return which columns of a table give which fields, from its first rows.

    Raises `InputError` if the user named a column that is not there, or the table has no rows.
    """
    sample = list(islice((one for one in table.read() if isinstance(one, Record)), SAMPLE))
    if not sample and not table.is_known:
        raise NoTicketsError("no tickets are recognised in it.")
    columns = columns_of(_of_table(sample) if table.is_grid else sample)
    layout = layout_of(frozenset(map(normalized, columns)))
    if layout is TABLE and (columns.keys() >= _SLACK_COLUMNS or _lists_slack(columns)):
        raise InputError(_SLACK_CHANNEL)
    mapping = map_columns(columns, layout, _given(columns, options))
    _move_outcomes(mapping, columns, layout)
    has_found_parents = _add_parents(mapping, sample, layout)
    return TableColumns(sample, columns, layout, mapping, has_found_parents)


def _lists_slack(columns: Mapping[str, Column]) -> bool:
    """Say whether a column has lists of Slack's messages, as slackdump records them in chunks."""
    lists = (value for one in columns.values() for value in one.values if isinstance(value, list))
    firsts = (one[0] for one in lists if one and isinstance(one[0], dict))
    return any(one.get("type") == "message" and one.keys() >= _SLACK_COLUMNS for one in firsts)


def _add_parents(mapping: Mapping_, sample: Sequence[Record], layout: Layout) -> bool:
    """Add what the values tell of which rows belong together; say whether it is their parents."""
    if "parent" in mapping or "parent" in layout.columns:
        return False
    if layout is TABLE and (topic := find_topic(sample, mapping)):
        mapping["id"] = topic
    elif found := find_parents(sample, mapping):
        mapping["parent"] = found
    return "parent" in mapping


def _of_table(sample: Sequence[Record]) -> Sequence[Record]:
    """Return the rows of a sample without lines in one cell, which stand below a table."""
    width = max((len(record.values) for record in sample), default=0)
    filled = [sum(not is_empty(cell) for cell in record.values.values()) for record in sample]
    rows = [record for record, cells in zip(sample, filled, strict=True) if cells > 1]
    return rows if width > 2 and rows else sample  # noqa: PLR2004 - a list of texts has as few


def _given(columns: Mapping[str, Column], options: ReadOptions) -> Mapping_:
    """Return the columns that the user named, as the file writes them."""
    known = {normalized(name): name for name in reversed(list(columns))} | {
        one: one for one in columns
    }
    given: Mapping_ = {}
    for field_, names in options.columns.items():
        found = [known.get(name) or known.get(normalized(name)) for name in names if name]
        if None in found and columns:
            missing = names[found.index(None)]
            shown = ", ".join(list(columns)[:_MAX_SHOWN_NAMES])
            raise InputError(f"There is no column {missing} for {field_}. Columns: {shown}")
        given[field_] = tuple(name for name in found if name)
    return given


def _move_outcomes(mapping: Mapping_, columns: Mapping[str, Column], layout: Layout) -> None:
    """Take a column of answers that holds words for states as what it is."""
    if layout is not TABLE and "answer" in layout.columns:
        return
    outcomes = [name for name in mapping.get("answer", ()) if holds_outcomes(columns[name])]
    if outcomes:
        mapping["answer"] = tuple(one for one in mapping["answer"] if one not in outcomes)
        mapping["outcome"] = (*mapping.get("outcome", ()), *outcomes)
