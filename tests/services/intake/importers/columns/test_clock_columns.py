"""Times in a column of their own belong to the date beside them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.intake.importers.columns.clock_columns import with_clock
from services.intake.importers.entries import Row
from tests.services.intake.importers.written_files import csv_rows, only_row, plan_of

TEXT = "The blinds of room 8 stay shut."


@pytest.mark.parametrize(
    ("header", "row", "created", "resolved"),
    [
        ("Datum;Uhrzeit;Erledigt am;Erledigt um", "04.05.2026;10:15;05.05.2026;08:30:05",
         (10, 15), (8, 30)),
        ("Fecha;Hora;Fecha de cierre;Hora de cierre", "13/05/2026;9:05 a. m.;14/05/2026;3:40 p. m.",
         (9, 5), (15, 40)),
        ("Created Date;Created Time;Closed Date;Closed Time", "5/14/2026;14:05;5/15/2026;9:10 PM",
         (14, 5), (21, 10)),
        ("Meldedatum;Meldezeit;Geschlossen am;x", "2026-05-04 00:00:00;10.15 Uhr;2026-05-05;1",
         (10, 15), (0, 0)),
        ("Date de création;Heure de création;Clos le;x", "04/05/2026;10h15;05/05/2026;1",
         (10, 15), (0, 0)),
        ("Datum aangemaakt;Tijd aangemaakt;Sluitdatum;Sluittijd", "4-5-2026;10:15;15-5-2026;8:30",
         (10, 15), (8, 30)),
        ("Opened;Opened (time);Closed;Closed (time)", "2026-05-04;10:15;2026-05-05;08:30",
         (10, 15), (8, 30)),
    ],
)  # fmt: skip
def test_a_time_is_that_of_the_date_called_alike(
    header: str, row: str, created: tuple[int, int], resolved: tuple[int, int]
) -> None:
    """In any of the languages, and the column of times counts as used."""
    table = f"Nr;{header};Text\n1;{row};{TEXT}\n"
    item = only_row(csv_rows(table)).item
    assert item.resolved_at is not None
    assert (item.created_at.hour, item.created_at.minute) == created
    assert (item.resolved_at.hour, item.resolved_at.minute) == resolved
    assert set(plan_of("t.csv", table).unused) <= {"x"}


def test_a_date_with_a_time_of_its_own_needs_none() -> None:
    """The other column is something else."""
    table = f"ID,Date,Time,Text\n1,2026-05-04 10:15,11:00,{TEXT}\n"
    item = only_row(csv_rows(table)).item
    assert item.created_at == datetime(2026, 5, 4, 10, 15, tzinfo=UTC)
    assert item.extra["Time"] == "11:00"


def test_how_long_it_took_is_no_time_of_the_day() -> None:
    """ "Resolution time" is a span."""
    table = f"ID,Date,Resolution date,Resolution time,Text\n1,2026-05-04,2026-05-05,02:15,{TEXT}\n"
    item = only_row(csv_rows(table)).item
    assert item.resolved_at == datetime(2026, 5, 5, tzinfo=UTC)
    assert item.extra["Resolution time"] == "02:15"


def test_a_bad_time_costs_itself() -> None:
    """The day is known, and what the cell holds is kept."""
    table = f"ID,Date,Time,Text\n1,2026-05-04,10:15,{TEXT}\n2,2026-05-05,29:77,{TEXT}\n"
    rows = [one for one in csv_rows(table) if isinstance(one, Row)]
    assert [one.item.created_at.day for one in rows] == [4, 5]
    assert rows[1].item.extra["Time"] == "29:77"


def test_rows_of_one_ticket_are_ordered_by_their_times() -> None:
    """All are of one day."""
    table = (
        "Ticket ID;Datum;Uhrzeit;Autor;Text\n"
        "7;04.05.2026;11:00;Uwe;Press both buttons for five seconds.\n"
        f"7;04.05.2026;10:15;Ira;{TEXT}\n"
    )
    row = only_row(csv_rows(table))
    assert (row.item.text, row.item.author) == (TEXT, "Ira")


@pytest.mark.parametrize(
    ("date", "clock", "both"),
    [
        ("04.05.2026", "10:15", "04.05.2026 10:15"),
        ("2026-05-04T00:00:00", "10:15:20", "2026-05-04 10:15:20"),
        (46146, "10:15", 46146),
        ("04.05.2026", "", "04.05.2026"),
        ("", "10:15", ""),
    ],
)
def test_dates_and_times_are_put_together(date: object, clock: object, both: object) -> None:
    """What is no text stays as it is."""
    assert with_clock(date, clock) == both
