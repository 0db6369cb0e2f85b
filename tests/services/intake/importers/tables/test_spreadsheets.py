"""Tables that a spreadsheet, or somebody by hand, has changed."""

from __future__ import annotations

import pytest

from services.intake.importers.entries import Row, Skipped
from services.intake.importers.rows.report_lines import HEADERS
from tests.services.intake.importers.written_files import csv_rows, plan_of


def test_a_header_in_the_middle_is_no_ticket() -> None:
    """Files that were put together one after the other have it again."""
    part = "id,subject,created\n{},Door jams,2026-01-02\n"
    entries = csv_rows(part.format(1) + part.format(2))
    assert [row.item.external_id for row in entries if isinstance(row, Row)] == ["1", "2"]
    assert [row.reason for row in entries if isinstance(row, Skipped)] == [HEADERS]


def test_ids_that_a_spreadsheet_has_shortened_are_not_used() -> None:
    """All long numbers become the same one, and would be one ticket; a warning says so."""
    data = "Ticket ID,Subject\n1.23457E+12,Screen flickers\n1.23457E+12,Mouse is dead\n"
    rows = [row for row in csv_rows(data) if isinstance(row, Row)]
    assert [row.item.title for row in rows] == ["Screen flickers", "Mouse is dead"]
    assert len({row.item.external_id for row in rows}) == 2
    (warning,) = plan_of("tickets.csv", data).warnings
    assert "2 ids were shortened" in warning


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ("Printer jam,Onboarding is broken", "Printer jam"),
        ("Ana Diaz,Juan de Mar,Bo Li", None),
    ],
)
def test_names_are_titles_unless_they_are_those_of_people(names: str, title: str | None) -> None:
    """Notion calls the title of a page its name; people are written with capitals."""
    rows = "".join(
        f'{name},2026-01-02,"It happened again on floor two"\n' for name in names.split(",")
    )
    first = csv_rows(f"Name,Created,Notes\n{rows}")[0]
    assert isinstance(first, Row)
    assert first.item.title == title
