"""Reading JSON lines: fields and dates of a line, and lines that are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.intake.importers.entries import Row, RowDefaults, RowError
from services.intake.importers.fields import read_time
from services.intake.importers.lines import MAX_RECORD
from tests.conftest import NOW
from tests.services.intake.importers.files import TICKETS, csv_rows, jsonl, only_row, reason


def test_every_field_of_a_line_is_read() -> None:
    """Known fields become the item's, all others its metadata."""
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
    """The error names both dates; equal and missing dates are accepted."""
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
