"""Reading CSV: separators, quotes and columns as spreadsheets of any country write them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.intake.importers.entries import ImportEntry, Row, RowError, Skipped
from services.intake.importers.files.lines import MAX_RECORD
from tests.services.intake.importers.written_files import csv_rows, jsonl, only_row


@pytest.mark.parametrize("read", [jsonl, csv_rows])
@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf\n \n"[:4], b"\x00\x00"])
def test_an_empty_file_is_one_clear_error(
    read: Callable[[bytes], list[ImportEntry]], data: bytes
) -> None:
    """A file without a word is refused as a whole."""
    with pytest.raises(InputError, match="empty"):
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


def test_a_table_without_names_is_known_by_what_it_holds() -> None:
    """A first row that is a row of data names no columns; the long texts are the tickets'."""
    row, _ = csv_rows("7,The printer is broken again since noon\n8,The VPN is down since Monday")
    assert isinstance(row, Row)
    assert (row.step, row.item.text) == (1, "The printer is broken again since noon")


def test_a_report_title_above_the_header_is_passed_over() -> None:
    """Rows of a cell or two above the names of the columns are no tickets."""
    row = only_row(csv_rows("Open tickets,,\nMay 2026,,\n\nid,title,text\n1,Printer,blank pages\n"))
    assert (row.step, row.item.external_id, row.item.title) == (5, "1", "Printer")


def test_the_first_of_two_columns_of_a_name_may_be_empty() -> None:
    """A repeated column is a list, whose first value that says something counts."""
    row = only_row(csv_rows("id,text,Labels,Labels,ID\n7,x,a,b,8\n"))
    assert row.item.external_id == "7"
    assert row.item.extra["Labels"] == ["a", "b"]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_in_which_excel_names_the_separator_is_no_row(first: str) -> None:
    """It decides, and is not read as a header."""
    row = only_row(csv_rows(f"{first}\r\nid;text\r\n1;a, b, c, d\r\n"))
    assert row.item.text == "a, b, c, d"


def test_separators_inside_quotes_do_not_count() -> None:
    """A text full of commas does not make a comma the separator."""
    row = only_row(csv_rows('id;text\n1;"a, b, c, d, e, f"\n'))
    assert row.item.text == "a, b, c, d, e, f"


def test_odd_rows_lose_nothing() -> None:
    """Missing cells are empty, further ones metadata, and a wrong quote costs only itself."""
    data = 'id,title,text\n1,a\n2,b,c,d,\n\n3,"d"e,f\n4,x,"g\n5,y,h\n'
    entries = csv_rows(data)
    rows = [entry for entry in entries if isinstance(entry, Row)]
    assert len(rows) == len(entries)
    assert [(row.step, row.item.external_id, row.item.title, row.item.text) for row in rows] == [
        (2, "1", "a", ""), (3, "2", "b", "c"), (5, "3", "de", "f"), (6, "4", "x", '"g'),
        (7, "5", "y", "h"),
    ]  # fmt: skip
    assert rows[1].item.extra == {"column 4": "d"}


def test_csv_takes_long_fields_and_survives_an_open_quote() -> None:
    """A field may exceed the csv module's limit; an open quote takes no other rows along."""
    long = only_row(csv_rows("id,text\n1," + "a" * 200_000))
    assert len(long.item.text) == 200_000
    lines = ["id,text", '1,"open', *(f"{number},{'x' * 99_990}" for number in range(2, 47))]
    entries = csv_rows("\n".join(lines))
    assert [entry.item.external_id for entry in entries if isinstance(entry, Row)] == [
        str(number) for number in range(1, 47)
    ]


@given(st.binary(max_size=300) | st.lists(st.sampled_from(
    [b'"', b",", b"\n", b"\r", b"id,text", b"1,a", b"\x00", b"\xff", b"{", b"}", b'{"id":1}']
), max_size=30).map(b"".join))  # fmt: skip
def test_any_bytes_are_read_or_refused_clearly(data: bytes) -> None:
    """Any input is read or ends in an error that is meant for people."""
    for read in (jsonl, csv_rows, lambda data: csv_rows(b"id,text\n" + data)):
        entries: list[ImportEntry] = []
        with suppress(InputError):
            entries = read(data)
        assert all(isinstance(entry, Row | RowError | Skipped) for entry in entries)
        steps = [entry.step for entry in entries]
        assert steps == sorted(steps)


def test_a_line_that_is_too_long_costs_itself() -> None:
    """Others around it are read, wherever it stands."""
    long = "x" * (MAX_RECORD + 5)
    entries = csv_rows(f"id,title\n1,Gate\n2,{long}\n3,Door\n")
    assert [one.item.title for one in entries if isinstance(one, Row)] == ["Gate", "Door"]
    assert [one.step for one in entries if isinstance(one, RowError)] == [3]
