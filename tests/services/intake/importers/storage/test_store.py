"""Storing the rows of a file: each is counted, and importing it again changes nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.wiring import Services
from models import Channel, Item, Workspace
from services.intake.importers.entries import ImportEntry, RowDefaults, RowError
from services.intake.importers.storage.store import BATCH, import_entries
from services.intake.importers.storage.summary import MAX_ERRORS, OUTDATED, ImportSummary
from tests.conftest import NOW
from tests.services.intake.importers.written_files import (
    LATER,
    csv_rows,
    jsonl,
    only_row,
    store_entries,
    stored_items,
)

_sources = count()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(["", " ", "printer", "1", "2", "\x00", "\ud800", "naïve", "x" * 40])
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "id": WORDS | JSON,
        "title": WORDS | JSON,
        "text": WORDS | JSON,
        "created": st.sampled_from(["2026-01-02", 1_700_000_000, "never"]) | JSON,
        "channel": WORDS,
        "status": WORDS,
        "priority": JSON,
    },
)
CELLS = st.lists(
    st.fixed_dictionaries(dict.fromkeys(("id", "text", "created", "channel"), WORDS)),
    max_size=8,
)
A_FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_a_second_import_corrects_the_date_of_the_solution(
    services: Services, workspace: Workspace
) -> None:
    """A row with a date changes the stored one, a row without keeps it."""
    line = '{{"id": "solved-{}", "text": "x", "created": "2026-01-02"{}}}'
    for resolved, expected in ((', "resolved": "2026-01-03"', 3), (', "resolved": "2026-01-04"', 4),
                           ("", 4)):  # fmt: skip
        import_entries(services.ingest, workspace.id, jsonl(line.format("a", resolved)), NOW)
        with services.database.read() as session:
            item = session.scalars(select(Item).where(Item.external_id == "solved-a")).one()
        assert item.resolved_at == datetime(2026, 1, expected, tzinfo=UTC)


@given(
    rows=st.lists(
        ROWS | JSON.filter(lambda one: not isinstance(one, list)), min_size=1, max_size=12
    )
)
@example(rows=[{"title": "printer"}, {"title": "printer", "priority": False}])
@example(rows=[{"id": "\ud800"}, {"id": "\ud800"}])
@A_FEW
def test_every_line_is_accounted_for_and_a_second_import_changes_nothing(
    services: Services, workspace: Workspace, rows: list[Any]
) -> None:
    """Any line is added, skipped or listed as an error; a second import changes nothing."""
    data = "\n".join(json.dumps(row) for row in rows)
    _check_twice(services, workspace, lambda defaults: iter(jsonl(data, defaults)), len(rows))


@given(rows=CELLS.filter(bool))
@example(rows=[{"id": "", "text": "", "created": "", "channel": "\x00"}])
@example(rows=[{"id": "\x00", "text": "a", "created": " ", "channel": "\x00"}] * 8)
@A_FEW
def test_every_record_is_accounted_for_and_a_second_import_changes_nothing(
    services: Services, workspace: Workspace, rows: list[dict[str, str]]
) -> None:
    """Any record is added, skipped or listed as an error; a second import changes nothing."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["id", "text", "created", "channel"])
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode("utf-8", "surrogatepass")
    filled = sum(any(cell.replace("\x00", "").strip() for cell in row.values()) for row in rows)
    _check_twice(services, workspace, lambda defaults: iter(csv_rows(data, defaults)), filled)


def _check_twice(
    services: Services,
    workspace: Workspace,
    read: Callable[[RowDefaults], Iterator[ImportEntry]],
    rows: int,
) -> None:
    source = f"source-{next(_sources)}"
    first = store_entries(services, workspace, read(RowDefaults(source, "ticket", NOW)))
    assert first.read == rows
    assert first.outcomes.keys() <= {"added", "unchanged"}
    again = store_entries(services, workspace, read(RowDefaults(source, "ticket", LATER)), LATER)
    assert again.read == rows
    assert again.outcomes["unchanged"] == again.outcomes.total() == first.outcomes.total()
    assert (again.joined, again.unreadable) == (first.joined, first.unreadable)


@pytest.mark.both_databases
def test_a_changed_file_updates_items(services: Services, workspace: Workspace) -> None:
    """Changed rows are updated, others are not; a value that a row no longer has is kept."""
    lines = [{"id": 1, "text": "printer", "status": "resolved"}, {"id": 2, "text": "vpn"}]
    first = store_entries(services, workspace, iter(jsonl("\n".join(map(json.dumps, lines)))))
    lines = [{"id": 1, "text": "printer"}, {"id": 2, "text": "vpn down"}, {"id": 3, "text": "x"}]
    second = store_entries(
        services, workspace, iter(jsonl("\n".join(map(json.dumps, lines)))), LATER
    )
    assert first.outcomes == {"added": 2}
    assert second.outcomes == {"unchanged": 1, "updated": 1, "added": 1}
    items = stored_items(services)
    assert (items["1"].status, items["2"].text) == ("resolved", "vpn down")
    assert items["2"].created_at == NOW


def test_a_deleted_item_is_not_restored(services: Services, workspace: Workspace) -> None:
    """A row whose item was deleted is skipped, with the reason."""
    store_entries(services, workspace, iter(jsonl('{"id": 1, "text": "printer"}')))
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "1"), NOW)
    summary = store_entries(services, workspace, iter(jsonl('{"id": 1, "text": "printer"}')))
    assert summary.skipped == {OUTDATED: 1}
    assert stored_items(services)["1"].text == ""


def test_rows_find_their_channel_by_name(services: Services, workspace: Workspace) -> None:
    """A new channel is added once, as a public one; rows without a channel have none."""
    data = "\n".join(
        json.dumps({"id": number, "text": "x", "channel": name})
        for number, name in enumerate(["help", "#help", None])
    )
    store_entries(services, workspace, iter(jsonl(data)))
    with services.database.read() as session:
        (channel,) = session.scalars(select(Channel)).all()
    assert (channel.name, channel.is_private) == ("help", False)
    channels = [item.channel_id for _, item in sorted(stored_items(services).items())]
    assert channels == [channel.id, channel.id, None]


@pytest.mark.both_databases
def test_a_long_file_is_read_and_stored_in_batches(
    services: Services, workspace: Workspace
) -> None:
    """No more than a batch is read before it is stored, and progress is reported."""
    reached: list[int] = []
    ahead: list[int] = []

    def entries() -> Iterator[ImportEntry]:
        for number in range(2 * BATCH + 7):
            ahead.append(number - (reached[-1] if reached else 0))
            row = only_row(jsonl(f'{{"id": {number}, "text": "ticket {number}"}}'))
            yield replace(row, step=number)

    summary = import_entries(services.ingest, workspace.id, entries(), NOW, reached.append)
    assert summary.outcomes == {"added": 2 * BATCH + 7}
    assert reached == [BATCH - 1, 2 * BATCH - 1, 2 * BATCH + 6]
    assert max(ahead) <= BATCH


def test_endless_errors_do_not_fill_the_memory() -> None:
    """The first errors are kept, and all are counted."""
    summary = ImportSummary()
    for line in range(MAX_ERRORS + 5):
        summary.count(RowError(line, "bad"))
    assert (len(summary.errors), summary.unreadable) == (MAX_ERRORS, MAX_ERRORS + 5)
