"""Importing JSON lines and CSV: valid and invalid rows, and importing the same file again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.wiring import Services
from models import Channel, Item, Workspace
from services.errors import InputError
from services.intake.importers import store
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError
from services.intake.importers.fields import read_time
from services.intake.importers.rows import MAX_RECORD, as_text, count_lines, read_csv, read_jsonl
from services.intake.importers.store import BATCH, OUTDATED, ImportSummary, import_entries
from tests.conftest import NOW

TICKETS = RowDefaults("import", "ticket", NOW)
LATER = NOW + timedelta(days=1)

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


def jsonl(data: bytes | str, defaults: RowDefaults = TICKETS) -> list[ImportEntry]:
    """Read JSON lines."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return list(read_jsonl(as_text(io.BytesIO(raw)), defaults))


def csv_rows(data: bytes | str, defaults: RowDefaults = TICKETS) -> list[ImportEntry]:
    """Read CSV."""
    raw = data.encode() if isinstance(data, str) else data
    return list(read_csv(as_text(io.BytesIO(raw)), defaults))


def only_row(entries: list[ImportEntry]) -> Row:
    """Return the only entry, which is a row."""
    assert [type(entry) for entry in entries] == [Row], entries
    assert isinstance(entries[0], Row)
    return entries[0]


def reason(entries: list[ImportEntry]) -> str:
    """Return the reason of the only entry, which is an error."""
    assert [type(entry) for entry in entries] == [RowError], entries
    assert isinstance(entries[0], RowError)
    return entries[0].reason


def test_every_field_of_a_line_is_read() -> None:
    """Known fields become those of the item, others its metadata."""
    fields = {
        "id": 7,
        "title": "Printer",
        "text": "prints\u202e blank  pages",
        "created": "2026-01-02T03:04:05+01:00",
        "author": "mei",
        "channel": "#help",
        "url": "https://desk.example/7",
        "status": "resolved",
        "resolution": "New drum",
        "resolved": 1_767_322_800,
        "priority": 3,
        "tags": ["a", {"b": None}],
    }
    row = only_row(jsonl(json.dumps(fields), RowDefaults("desk", "product", NOW, "other")))
    item = row.item
    assert (item.source, item.external_id, item.kind) == ("desk", "7", "product")
    assert (item.title, item.text, item.author) == ("Printer", "prints blank pages", "mei")
    assert item.created_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert (item.url, item.status, item.resolution) == (
        "https://desk.example/7", "resolved", "New drum",
    )  # fmt: skip
    assert item.resolved_at == datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert item.extra == {"priority": 3, "tags": ["a", {"b": None}]}
    assert (row.channel, row.step, row.is_dated) == ("help", 1, True)


def test_missing_fields_have_defaults() -> None:
    """A row without date and channel gets the time and the channel of the import."""
    row = only_row(jsonl('{"id": "a", "title": "x", "text": ""}', replace(TICKETS, channel="help")))
    assert (row.item.text, row.item.author, row.item.status) == ("", None, None)
    assert (row.item.created_at, row.is_dated, row.channel) == (NOW, False, "help")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("20260102", datetime(2026, 1, 2, tzinfo=UTC)),
        (" 2026-01-02 03:04:05Z ", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.5-0500", datetime(2026, 1, 2, 8, 4, 5, 500_000, tzinfo=UTC)),
        (1_700_000_000, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("1700000000.25", datetime(2023, 11, 14, 22, 13, 20, 250_000, tzinfo=UTC)),
        (None, None),
        (" ", None),
    ],
)
def test_dates_are_iso_or_epoch_seconds(value: object, expected: datetime | None) -> None:
    """Dates are ISO 8601, in UTC if they name no zone, or seconds since 1970."""
    assert read_time("created", value) == expected


def test_a_ticket_solved_before_it_was_created_is_refused() -> None:
    """The error names both dates. Equal dates and missing ones are fine."""
    line = '{{"id": "a", "text": "x", "created": {}, "resolved": {}}}'
    why = reason(jsonl(line.format('"2026-01-02"', '"2026-01-01"')))
    assert why == "resolved is '2026-01-01': before created, '2026-01-02'"
    assert "resolved is 'soon': no date" in reason(jsonl(line.format('"2026-01-02"', '"soon"')))
    for created in ('"2026-01-02"', "null"):
        row = only_row(jsonl(line.format(created, '"2026-01-02"')))
        assert row.item.resolved_at == datetime(2026, 1, 2, tzinfo=UTC)
    row = only_row(csv_rows("id,text,Resolved\na,x,\n"))
    assert row.item.resolved_at is None
    row = only_row(csv_rows("id,text,created,Resolved\na,x,2026-01-01,2026-01-02T01:00:00Z\n"))
    assert row.item.resolved_at == datetime(2026, 1, 2, 1, tzinfo=UTC)


def test_importing_again_corrects_the_date_of_the_solution(
    services: Services, workspace: Workspace
) -> None:
    """A row without the date leaves the stored one."""
    line = '{{"id": "solved-{}", "text": "x", "created": "2026-01-02"{}}}'
    for said, expected in ((', "resolved": "2026-01-03"', 3), (', "resolved": "2026-01-04"', 4),
                           ("", 4)):  # fmt: skip
        import_entries(services.ingest, workspace.id, jsonl(line.format("a", said)), NOW)
        with services.database.read() as session:
            item = session.scalars(select(Item).where(Item.external_id == "solved-a")).one()
        assert item.resolved_at == datetime(2026, 1, expected, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "not JSON"),
        ("[1]", "an array"),
        ('"x"', "a string"),
        ("null", "null"),
        ("[" * 100_000, "nested too deep"),
        ('{"id": ' + "9" * 5_000 + "}", "number too long"),
        ('{"id": "a", "text": "x", "n": NaN}', "NaN is no number"),
        ('{"id": "a", "text": "x", "n": 1e999}', "n is no number"),
        ('{"id": "a", "text": "x", "n": ' + "[" * 50 + "]" * 50 + "}", "nested too deep"),
        ('{"text": "x"}', "no id"),
        ('{"id": " \\u0000", "text": "x"}', "no id"),
        ('{"id": "a"}', "neither text nor title"),
        ('{"id": "a", "text": " ", "title": null}', "neither text nor title"),
        ('{"id": true, "text": "x"}', "must be text"),
        ('{"id": 1e999, "text": "x"}', "must be text"),
        ('{"id": "a", "text": ["x"]}', "text is a list"),
        ('{"id": "' + "a" * 256 + '", "text": "x"}', "256 characters"),
        ('{"id": "a", "text": "x", "status": "' + "s" * 33 + '"}', "33 characters"),
        ('{"id": "a", "text": "x", "created": "yesterday"}', "created is 'yesterday'"),
        ('{"id": "a", "text": "x", "created": {}}', "created is an object"),
        ('{"id": "a", "text": "x", "created": 1700000000000}', "created is 1700000000000"),
        ('{"id": "a", "text": "x", "created": "0001-01-01"}', "not between 1970 and 2999"),
        ('{"id": "a", "text": "\ud800"}', "not UTF-8"),
    ],
)
def test_an_invalid_line_is_refused_with_a_reason(line: str, expected: str) -> None:
    """Each kind of mistake has its own reason."""
    assert expected in reason(jsonl(line))


def test_a_bad_line_does_not_affect_others() -> None:
    """Errors have the right line numbers, and the lines around them are imported."""
    data = b'\xef\xbb\xbf{"id":1,"text":"a"}\n\n\xff\n{"id":2,"text":"b"}\r\n{"id":1,"text":"c"}'
    entries = jsonl(data)
    assert [type(entry) for entry in entries] == [Row, RowError, Row, RowError]
    assert [entry.step for entry in entries] == [1, 3, 4, 5]
    assert isinstance(entries[3], RowError)
    assert entries[3].reason == "the id 1 stands in line 1 already"
    assert entries[3].location == {"line": 5}


def test_nul_and_lone_surrogates_do_not_reach_the_database() -> None:
    """Characters that a database cannot store are removed or replaced, also in ids and metadata."""
    line = r'{"id": "a\u0000b", "text": "x\ud800y", "k\ud800": ["\u0000z", {"\udfff": "\ud800"}]}'
    item = only_row(jsonl(line)).item
    assert (item.external_id, item.text) == ("ab", "x?y")
    assert item.extra == {"k?": ["z", {"?": "?"}]}


def test_an_endless_line_is_not_read_completely() -> None:
    """A line beyond the limit is an error, and the next one is read."""
    entries = jsonl(b"x" * (2 * MAX_RECORD + 5) + b'\n{"id": 1, "text": "a"}')
    assert [(type(entry), entry.step) for entry in entries] == [(RowError, 1), (Row, 2)]


@pytest.mark.parametrize("read", [jsonl, csv_rows])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n \n"[:4], "empty"),
        ("id,text\na,b\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_an_unreadable_file_is_one_clear_error(
    read: Callable[[bytes], list[ImportEntry]], data: bytes, expected: str
) -> None:
    """An empty file and a file in another encoding are refused as a whole."""
    with pytest.raises(InputError, match=expected):
        read(data)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_columns_are_found_by_name(delimiter: str) -> None:
    """Columns may have any order and case and the usual delimiters; unknown ones are metadata."""
    lines = ["Priority,ID , Text,,CREATED", '3, 7,"two', 'lines","",2026-01-02']
    row = only_row(csv_rows("\r\n".join(lines).replace(",", delimiter)))
    assert (row.item.external_id, row.item.text) == ("7", "two\nlines")
    assert row.item.created_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert row.item.extra == {"Priority": "3"}
    assert row.step == 2


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("number,text", "among them id"),
        ("id,author", "text or title"),
        ("7,The printer is broken", "must name the columns"),
        ("id,text,ID", "Two columns are named id"),
        ('"id"x,text', "not CSV"),
        ("id,te\xfft", "not UTF-8"),
    ],
)
def test_csv_needs_a_line_that_names_the_columns(header: str, expected: str) -> None:
    """Without a valid header nothing is read, and one error says so."""
    with pytest.raises(InputError, match=expected):
        csv_rows(header.encode("latin-1") + b"\na,b\n")


def test_a_bad_csv_row_does_not_affect_others() -> None:
    """A wrong number of values, a lost quote and bad bytes are errors of their own lines."""
    data = b'id,text\n1,a\n2\n3,b,c\n\n4,"d"e\n5,\xff\n6,f\n7,"g\n8,h\n'
    entries = csv_rows(data)
    assert [(type(entry), entry.step) for entry in entries] == [
        (Row, 2), (RowError, 3), (RowError, 4), (RowError, 6), (RowError, 7), (Row, 8),
        (RowError, 9),
    ]  # fmt: skip


def test_csv_takes_long_fields_and_survives_an_open_quote() -> None:
    """A field may exceed the csv module's limit; an open quote costs one record, not the file."""
    long = only_row(csv_rows("id,text\n1," + "a" * 200_000))
    assert len(long.item.text) == 200_000
    lines = ["id,text", '1,"open'] + ["x" * 99_999] * 45 + ["2,b"]
    entries = csv_rows("\n".join(lines))
    assert isinstance(entries[0], RowError)
    assert "longer than" in entries[0].reason
    assert isinstance(entries[-1], Row)


def test_lines_are_counted_with_and_without_a_last_line_end() -> None:
    """The progress bar's total is the number of lines."""
    texts = [as_text(io.BytesIO(data)) for data in (b"", b"a", b"a\n", b"a\nb")]
    assert [count_lines(text) for text in texts] == [0, 1, 1, 2]


@given(st.binary(max_size=300) | st.lists(st.sampled_from(
    [b'"', b",", b"\n", b"\r", b"id,text", b"1,a", b"\x00", b"\xff", b"{", b"}", b'{"id":1}']
), max_size=30).map(b"".join))  # fmt: skip
def test_any_bytes_are_read_or_refused_clearly(data: bytes) -> None:
    """A reader fails on no input, except with an error that is meant for people."""
    for read in (jsonl, csv_rows, lambda data: csv_rows(b"id,text\n" + data)):
        entries: list[ImportEntry] = []
        with suppress(InputError):
            entries = read(data)
        assert all(isinstance(entry, Row | RowError) for entry in entries)
        steps = [entry.step for entry in entries]
        assert steps == sorted(set(steps))


@given(rows=st.lists(ROWS | JSON, min_size=1, max_size=12))
@A_FEW
def test_every_line_is_imported_or_listed_and_a_second_import_changes_nothing(
    services: Services, workspace: Workspace, rows: list[Any]
) -> None:
    """Whatever the lines contain, each is accounted for; importing them again changes nothing."""
    data = "\n".join(json.dumps(row) for row in rows)
    _check_twice(services, workspace, lambda defaults: iter(jsonl(data, defaults)), len(rows))


@given(rows=CELLS)
@A_FEW
def test_every_record_is_imported_or_listed_and_a_second_import_changes_nothing(
    services: Services, workspace: Workspace, rows: list[dict[str, str]]
) -> None:
    """Whatever the cells contain, each record is accounted for; again, nothing changes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["id", "text", "created", "channel"])
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode("utf-8", "surrogatepass")
    _check_twice(services, workspace, lambda defaults: iter(csv_rows(data, defaults)), len(rows))


def _check_twice(
    services: Services,
    workspace: Workspace,
    read: Callable[[RowDefaults], Iterator[ImportEntry]],
    rows: int,
) -> None:
    source = f"source-{next(_sources)}"
    first = _import(services, workspace, read(RowDefaults(source, "ticket", NOW)))
    assert first.outcomes.total() + first.skipped.total() + first.unreadable == rows
    assert first.outcomes.keys() <= {"added"}
    again = _import(services, workspace, read(RowDefaults(source, "ticket", LATER)), LATER)
    assert again.outcomes["unchanged"] == again.outcomes.total() == first.outcomes["added"]
    assert again.unreadable == first.unreadable


def _import(
    services: Services, workspace: Workspace, entries: Iterator[ImportEntry], now: datetime = NOW
) -> ImportSummary:
    return import_entries(services.ingest, workspace.id, entries, now)


def _items(services: Services) -> dict[str, Item]:
    with services.database.read() as session:
        return {item.external_id: item for item in session.scalars(select(Item))}


def test_a_changed_file_updates_items(services: Services, workspace: Workspace) -> None:
    """Changed rows are updated, others stay; a value that a row no longer has is kept."""
    lines = [{"id": 1, "text": "printer", "status": "resolved"}, {"id": 2, "text": "vpn"}]
    first = _import(services, workspace, iter(jsonl("\n".join(map(json.dumps, lines)))))
    lines = [{"id": 1, "text": "printer"}, {"id": 2, "text": "vpn down"}, {"id": 3, "text": "x"}]
    second = _import(services, workspace, iter(jsonl("\n".join(map(json.dumps, lines)))), LATER)
    assert first.outcomes == {"added": 2}
    assert second.outcomes == {"unchanged": 1, "updated": 1, "added": 1}
    items = _items(services)
    assert (items["1"].status, items["2"].text) == ("resolved", "vpn down")
    assert items["2"].created_at == NOW


def test_a_deleted_item_is_not_restored(services: Services, workspace: Workspace) -> None:
    """A row whose item was deleted is skipped with a reason."""
    _import(services, workspace, iter(jsonl('{"id": 1, "text": "printer"}')))
    with services.database.write() as session:
        services.items.remove(session, workspace.id, ("import", "1"), NOW)
    summary = _import(services, workspace, iter(jsonl('{"id": 1, "text": "printer"}')))
    assert summary.skipped == {OUTDATED: 1}
    assert _items(services)["1"].text == ""


def test_rows_find_their_channel_by_name(services: Services, workspace: Workspace) -> None:
    """A new channel is added once, as a public one; rows without a channel have none."""
    data = "\n".join(
        json.dumps({"id": number, "text": "x", "channel": name})
        for number, name in enumerate(["help", "#help", None])
    )
    _import(services, workspace, iter(jsonl(data)))
    with services.database.read() as session:
        (channel,) = session.scalars(select(Channel)).all()
    assert (channel.name, channel.is_private) == ("help", False)
    channels = [item.channel_id for _, item in sorted(_items(services).items())]
    assert channels == [channel.id, channel.id, None]


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
    for line in range(store.MAX_ERRORS + 5):
        summary.count(RowError(line, "bad"))
    assert (len(summary.errors), summary.unreadable) == (store.MAX_ERRORS, store.MAX_ERRORS + 5)
