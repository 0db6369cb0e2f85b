"""A first row is told to be the names of the columns, or a row, by those below."""

from __future__ import annotations

import pytest

from services.intake.importers.tables.table_heads import TableHead, table_head
from tests.services.intake.importers.written_files import csv_rows, only_row


@pytest.mark.parametrize("first", ["Timestamp", "Sent"])
def test_the_questions_of_a_form_are_names(first: str) -> None:
    """However many words they have: the times below one of them show that it is none."""
    lines = (
        f"{first};Which site of ours are you calling us from?;What did you do when it happened?",
        "3/2/2026 9:12:11;North;Gate shuts",
        "3/3/2026 9:12:11;South;x",
    )
    assert table_head([line.split(";") for line in lines]) == TableHead()


def test_a_known_name_before_long_ones_is_of_a_header() -> None:
    """No row of its column has it, and no number is beside it."""
    row = only_row(
        csv_rows(
            "Title,Please tell us what you did before that,Please tell us what you wanted to see\n"
            "Gate jams,held the card to the reader of it,that it opens\n"
        )
    )
    assert row.item.title == "Gate jams"


LONG = "It jams whenever it rains a lot;The card reader of it stays dark then"


@pytest.mark.parametrize(
    "lines",
    [
        [LONG, "The light went out during the storm;x"],
        [f"{LONG};closed", "The light went out during the storm;x;open"],
        [f"{LONG};summary", "The light went out during the storm;x;summary"],
        [f"7;{LONG};closed", "8;The light went out during the storm;x;open"],
        [f"7;{LONG};closed;kim@x.example;n/a", "8;Dark hall;x;open;bo@x.example;2026-01-02"],
    ],
)
def test_texts_without_names_are_a_row(lines: list[str]) -> None:
    """Also beside a state, a word that other rows have, and values above values."""
    assert table_head([line.split(";") for line in lines]).names is not None
