"""Reading CSV: columns by name, bad rows, and files that are refused as a whole."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, Row, RowError
from services.intake.importers.rows import as_text, count_lines
from tests.services.intake.importers.files import csv_rows, jsonl, only_row


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
    """A wrong number of values, a missing quote or bad bytes are errors of their line only."""
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
    """Any input is read or ends in an error that is meant for people."""
    for read in (jsonl, csv_rows, lambda data: csv_rows(b"id,text\n" + data)):
        entries: list[ImportEntry] = []
        with suppress(InputError):
            entries = read(data)
        assert all(isinstance(entry, Row | RowError) for entry in entries)
        steps = [entry.step for entry in entries]
        assert steps == sorted(set(steps))
