"""Reading JSON lines: fields and dates of a line, and lines that are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.intake.importers.entries import Row, RowDefaults, RowError
from services.intake.importers.files.lines import MAX_RECORD
from tests.conftest import NOW
from tests.services.intake.importers.written_files import TICKETS, jsonl, only_row, reason


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
    assert (row.channel, row.step, row.item.is_dated) == ("help", 1, True)


def test_missing_fields_have_defaults() -> None:
    """A row without date and channel gets the time and the channel of the import."""
    row = only_row(jsonl('{"id": "a", "title": "x", "text": ""}', replace(TICKETS, channel="help")))
    assert (row.item.text, row.item.author, row.item.status) == ("", None, None)
    assert (row.item.created_at, row.item.is_dated, row.channel) == (NOW, False, "help")


def test_a_ticket_solved_before_it_was_created_keeps_no_such_date() -> None:
    """A bad date costs itself, with a warning, and never the ticket."""
    line = '{{"id": "a", "text": "x", "created": {}, "resolved": {}}}'
    row = only_row(jsonl(line.format('"2026-01-02"', '"2026-01-01"')))
    assert (row.item.resolved_at, row.warnings) == (
        None, ("it is solved before it was created: that time is left out",),
    )  # fmt: skip
    row = only_row(jsonl(line.format('"2026-01-02"', '"soon"')))
    assert (row.item.resolved_at, row.warnings) == (None, ("resolved: 'soon' is not a date",))
    row = only_row(jsonl(line.format("null", '"2026-01-02"')))
    assert (row.item.resolved_at, row.item.is_dated) == (datetime(2026, 1, 2, tzinfo=UTC), False)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{\n", "not JSON"),
        ("[1]", "a number"),
        ('"x"', "a string"),
        ("null", "null"),
        ("[" * 100_000, "nested too deep"),
        ('{"id": ' + "9" * 5_000 + "}", "number too long"),
        ('{"id": "a"}', "neither text nor title"),
        ('{"id": "a", "text": " ", "title": null}', "neither text nor title"),
    ],
)
def test_an_invalid_line_is_refused_with_a_reason(line: str, expected: str) -> None:
    """Each kind of mistake has its own reason."""
    assert expected in reason(jsonl(line))


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ('"n": 1e999', "n is not a number"),
        ('"n": ' + "[" * 50 + "]" * 50, "n is nested too deep"),
        ('"status": "' + "s" * 33 + '"', "too long"),
        ('"created": "some day"', "created: 'some day' is not a date"),
        ('"created": "yesterday"', "created: 'yesterday' is not clear"),
        ('"created": [1]', "created: a list is not a date"),
        ('"created": "0001-01-01"', "not between 1970 and 2999"),
        ('"url": "ticket 7"', "is not a link"),
    ],
)
def test_a_bad_value_costs_itself_and_not_the_ticket(more: str, warning: str) -> None:
    """The ticket is kept, and a warning says what was left out."""
    row = only_row(jsonl('{"id": "a", "text": "x", ' + more + "}"))
    assert (row.item.external_id, row.item.text) == ("a", "x")
    assert any(warning in one for one in row.warnings), row.warnings


@pytest.mark.parametrize("id_", ["", '"id": " \\u0000",', '"id": true,', '"id": null,'])
def test_a_row_without_an_id_has_one_from_its_words(id_: str) -> None:
    """The same words have the same id when they are imported again, other words another one."""
    first, again, other = (
        only_row(jsonl("{" + id_ + f'"text": "{text}"}}')).item.external_id
        for text in ("printer", "printer", "vpn")
    )
    assert first == again != other


def test_rows_without_an_id_that_say_the_same_are_numbered() -> None:
    """Those that are the same in all columns are one; the ids are those of earlier versions."""
    rooms = ["a", "b", "a", "c", "b"]
    data = "\n".join(f'{{"text": "the printer jams", "room": "{one}"}}' for one in rooms)
    ids = [one.item.external_id for one in jsonl(data) if isinstance(one, Row)]
    first = "row-52ade4e9d9b8f0fd"
    assert ids == [first, f"{first}-2", first, f"{first}-3", f"{first}-2"]


def test_a_long_id_is_shortened_and_stays_unique() -> None:
    """An id that no index could hold ends in a digest of the whole."""
    ids = {only_row(jsonl(f'{{"id": "{"a" * 300}{end}", "text": "x"}}')).item.external_id
           for end in "bc"}  # fmt: skip
    assert [len(one) for one in ids] == [255, 255]


def test_a_bad_line_does_not_affect_others() -> None:
    """Errors have the right line numbers, and the lines around them are imported."""
    data = b'\xef\xbb\xbf{"id":1,"text":"a"}\n\n?\n{"id":2,"text":"b"}\r\n{"id":3,"text":"c"}'
    entries = jsonl(data)
    assert [type(entry) for entry in entries] == [Row, RowError, Row, Row]
    assert [entry.step for entry in entries] == [1, 3, 4, 5]
    assert isinstance(entries[1], RowError)
    assert entries[1].location == {"line": 3}


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


def test_lines_with_commas_are_the_lines_of_a_list() -> None:
    """Programs write them so, with and without the brackets of the list."""
    lines = "".join(f'{{"id": {number}, "title": "Door {number}"}},\n' for number in range(3))
    for data in (lines, f"[\n{lines}]\n", "\ufeff" + lines):
        entries = jsonl(data)
        assert [one.item.title for one in entries if isinstance(one, Row)] == [
            "Door 0", "Door 1", "Door 2",
        ]  # fmt: skip
        assert len(entries) == 3
