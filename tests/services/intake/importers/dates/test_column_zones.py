"""Zones that the names of columns say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.intake.importers.dates.column_zones import zone_of
from services.intake.importers.recognition import ReadOptions
from tests.services.intake.importers.written_files import csv_rows, only_row, read_file

SOME_DAY = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "hours"),
    [
        ("Conversation started at (America/New_York)", -4),
        ("Created (UTC+01:00)", 1),
        ("Created At (UTC)", 0),
        ("Erstellt [GMT+2]", 2),
        ("Created (-0330)", -3.5),
        ("Opened (CEST)", 2),
        ("Opened (Central European Summer Time)", 2),
        ("Created", None),
        ("Created (est)", None),
        ("Created (+99)", None),
        ("Created (yyyy/mm)", None),
        ("Created (optional)", None),
        ("Ist-Zeit (h)", None),
    ],
)
def test_a_zone_stands_in_brackets_behind_a_name(column: str, hours: float | None) -> None:
    """As Intercom, GitLab and Outlook write it; other remarks are none."""
    zone = zone_of(column)
    offset = None if zone is None else SOME_DAY.astimezone(zone).utcoffset()
    assert offset == (None if hours is None else timedelta(hours=hours))


def test_times_are_in_the_zone_of_their_column() -> None:
    """All of them, as one program wrote them; what the user says holds for the others."""
    text = (
        "ID,Subject,Created (America/New_York),Closed\n"
        "1,Lamp flickers,2026-07-03 08:15,2026-07-04 10:00\n"
    )
    item = only_row(csv_rows(text)).item
    assert item.created_at.isoformat() == "2026-07-03T12:15:00+00:00"
    assert item.resolved_at is not None
    assert item.resolved_at.isoformat() == "2026-07-04T14:00:00+00:00"
    options = ReadOptions(zone=ZoneInfo("Europe/Berlin"))
    item = only_row(read_file("t.csv", text, options=options)).item
    assert item.created_at.isoformat() == "2026-07-03T12:15:00+00:00"
    assert item.resolved_at is not None
    assert item.resolved_at.isoformat() == "2026-07-04T08:00:00+00:00"
