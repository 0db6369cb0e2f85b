"""The formats of an export: each gives back what was written, and no CSV is a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.exports.formats import FORMATS, Format, guarded, read_table, unguarded, write_table
from services.exports.tables import ExportTable

TABLE = ExportTable(
    "things",
    {
        "text": "text",
        "number": "number",
        "integer": "integer",
        "flag": "flag",
        "time": "time",
        "json": "json",
    },
)
# What a database stores: neither NUL nor lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(st.none() | st.booleans() | st.integers() | TEXT, st.lists, max_leaves=4)
ROW = st.fixed_dictionaries(
    {
        "text": st.none() | TEXT,
        "number": st.none() | st.floats(allow_nan=False),
        "integer": st.none() | st.integers(-(2**63), 2**63 - 1),
        "flag": st.none() | st.booleans(),
        "time": st.none() | st.datetimes(timezones=st.just(UTC)),
        "json": st.none() | st.dictionaries(TEXT, JSON),
    }
)


@pytest.mark.parametrize("format_", FORMATS)
@given(rows=st.lists(ROW, max_size=5))
def test_what_is_written_is_read_back(format_: Format, rows: list[dict[str, object]]) -> None:
    """Any text, number, date and JSON comes back as it was, and nothing is not the same as ""."""
    file = io.BytesIO()
    write_table(format_, TABLE, rows, file)
    file.seek(0)
    assert list(read_table(format_, TABLE, file)) == rows


@given(TEXT)
def test_no_cell_is_a_formula(text: str) -> None:
    """No cell begins like a formula, not even after blanks; the guard can be undone."""
    cell = guarded(text)
    assert unguarded(cell) == text
    assert not cell.lstrip().startswith(tuple("=+-@＝＋－＠"))
    assert cell[:1] not in ("", "\t", "\r", "\n")


def test_formulas_are_texts_in_the_file() -> None:
    """A title that is a formula has an apostrophe before it in the file itself."""
    file = io.BytesIO()
    row = {**dict.fromkeys(TABLE.columns), "text": '=HYPERLINK("http://evil")'}
    write_table("csv", TABLE, [row], file)
    (found,) = csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig")))
    assert found["text"] == '\'=HYPERLINK("http://evil")'


@pytest.mark.parametrize(
    ("format_", "content"),
    [
        ("jsonl", b'{"time": "yesterday"}\n'),
        ("jsonl", b'{"text": 1}\n'),
        ("jsonl", b"[]\n"),
        ("jsonl", b"\xff\n"),
        ("csv", b"text,flag\nx,maybe\n"),
        ("csv", b'text\n"x\n'),
        ("parquet", b"PAR1 is how it begins"),
        ("parquet", b""),
    ],
)
def test_damaged_tables_are_named(format_: Format, content: bytes) -> None:
    """What is damaged is one error with the table's name, no traceback."""
    with pytest.raises(InputError, match="things"):
        list(read_table(format_, TABLE, io.BytesIO(content)))


def test_times_keep_their_microseconds() -> None:
    """A time is not rounded."""
    time = datetime(2026, 11, 28, 12, 0, 0, 123_457, tzinfo=UTC)
    for format_ in FORMATS:
        file = io.BytesIO()
        write_table(format_, TABLE, [{**dict.fromkeys(TABLE.columns), "time": time}], file)
        file.seek(0)
        (row,) = read_table(format_, TABLE, file)
        assert row["time"] == time
