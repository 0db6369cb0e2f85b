"""Dates: every form that tools write, and the order of day and month over a whole column."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.intake.importers.dates.date_columns import DayOrderEvidence, looks_like_date
from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.entries import Row
from services.intake.importers.recognition import ReadOptions
from tests.services.intake.importers.written_files import plan_of, read_file

AT = datetime(2026, 5, 14, 13, 42, tzinfo=UTC)


FORMS = [
        "2026-05-14T13:42:00Z", "2026-05-14 13:42", "2026-05-14T15:42:00.000+0200", "20260514T1342",
        "14/May/26 1:42 PM", "14/may/26 1:42 PM", "14 may 2026, 13:42", "14.05.2026 13:42",
        "5/14/2026 1:42 p.m.", "14-05-2026 13:42", "May 14, 2026 1:42 PM", "14. Mai 2026 13:42 Uhr",
        "14 de mayo de 2026 13:42", "Thu May 14 13:42:00 +0000 2026", "2026/05/14 13:42:00",
        "Thu, 14 May 2026 15:42:00 +0200 (CEST)", "2026-05-14 13:42:00 UTC", "2026年5月14日 13:42",
        "Thu May 14 2026 15:42:00 GMT+0200 (Central European Summer Time)", 1_778_766_120,
        "Thursday, May 14, 2026 at 3:42:00 PM Central European Summer Time",
        "2026-05-14 15:42 (Europe/Berlin)", "5/14/2026 9:42 AM Eastern Daylight Time",
        "2026-05-14 08:42 (Eastern Standard Time)", "1778766120", 1_778_766_120_000,
        "1778766120000", 1_778_766_120.0,
]  # fmt: skip


@pytest.mark.parametrize("written", FORMS)
def test_dates_are_read_in_every_form(written: object) -> None:
    """One moment, as help desks, trackers, mail programs and spreadsheets write it."""
    assert DateReader().read(written) == AT


@pytest.mark.parametrize(
    "written",
    [
        *(form for form in FORMS if isinstance(form, str) and not form.isdigit()),
        "Montag, 4.5.2026", "lunes, 4 de mayo de 2026", "Sunday the 3rd of May, 2026",
        "4 mai 2026 à 10:30", "5/4/26", "2026-05-14 (estimated)",
        "3 days ago", "about 2 hours ago", "vor einer Stunde", "hace 3 días", "il y a 2 jours",
        "yesterday", "gestern um 14:00", "ayer, 9:15", "hoy", "just now", "Mo 2. März",
        "Tue, Mar 3", "3 de marzo",
    ],
)  # fmt: skip
def test_a_date_looks_like_one(written: str) -> None:
    """Whatever its form, so that a column of dates is found by what it holds."""
    assert looks_like_date(written)


@pytest.mark.parametrize(
    "said",
    [
        "Install firmware 2.2.2", "Update auf 10.4.1", "see section 3.1.2", "Fixed in v1.2.3",
        "actualiza a la 5.6.7", "Router 192.168.1.10", "order 12-11-10 was resent",
        "nightly build of May 4 2026 fails", "Antwort vom 4. Mai 2026 fehlt", "10.4.1 hilft",
        "broken since 3 days ago", "half an hour ago", "vor Ort", "down again today", "el 3 piso",
        "gestern ging es noch", "hours", "day 3",
    ],
)  # fmt: skip
def test_prose_with_numbers_is_no_date(said: str) -> None:
    """A version, an address and a date among other words say something else."""
    assert not looks_like_date(said)


def test_an_answer_with_a_version_stays_the_answer() -> None:
    """A column is what it is called, also where its values have the numbers of dates."""
    plan = plan_of(
        "tickets.csv",
        b"id,title,text,answer\n"
        b"1,Printer blank,prints blank pages after the update,Install firmware 2.2.2\n"
        b"2,VPN drops,vpn drops every hour in the hotel,Update to 10.4.1\n",
    )
    assert plan.mapping["answer"] == ("answer",)
    assert "created" not in plan.mapping


@pytest.mark.parametrize(
    "written",
    ["soon", "12:30", "24.8", 7, True, [1], "2026-13-01", "31.02.2026", "0001-01-01", "4/5/2026",
     "13 PM", "14.15.2026"],
)  # fmt: skip
def test_what_is_no_date_is_refused(written: object) -> None:
    """Hours, counts and days that do not exist are no dates, nor are those that mean two."""
    with pytest.raises(InputError):
        DateReader().read(written)


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_any_value_is_a_date_or_refused(value: object) -> None:
    """Nothing but `InputError` is raised, and a date is in UTC."""
    try:
        found = DateReader("day").read(value)
    except InputError:
        return
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["4/5/2026", "13/5/2026"], "day"),
        (["4/5/2026", "5/13/2026"], "month"),
        (["4.5.2026", "6.7.2026"], "day"),
        (["4/5/2026", "6/7/2026"], None),
        (["13/5/2026", "5/13/2026"], None),
        (["5/5/2026", "2026-05-04", ""], None),
    ],
)
def test_a_column_shows_the_order_of_day_and_month(column: list[str], order: str | None) -> None:
    """One date that can only be read one way decides for all of them."""
    evidence = DayOrderEvidence()
    for value in column:
        evidence.add(value)
    assert evidence.order == order
    assert evidence.is_undecided == (order is None and column[0] == "4/5/2026")


def days(data: str, options: ReadOptions | None = None) -> list[str | None]:
    """Return the days of the tickets in a CSV, None where the date is not known."""
    return [
        f"{row.item.created_at:%d.%m.}" if row.item.is_dated else None
        for row in read_file("t.csv", data, options=options)
        if isinstance(row, Row)
    ]


def test_a_whole_file_decides_and_otherwise_the_dates_are_not_known() -> None:
    """Another column of the file, or its language, may show the order; else somebody says it."""
    unclear = "id,text,created\n1,x,4/5/2026\n2,y,6/7/2026\n"
    assert days(unclear) == [None, None]
    assert plan_of("t.csv", unclear).undecided == ("created",)
    assert days(unclear, ReadOptions(order="month")) == ["05.04.", "07.06."]
    assert days("id,text,created,resolved\n1,x,4/5/2026,4/25/2026\n") == ["05.04."]
    assert days("id,text,opened,updated,room\n1,x,4/5/2026,4/25/2026,1/13\n") == ["05.04."]
    assert days("id;Betreff;Erstellt\n1;x;4/5/2026\n") == ["04.05."]
    late = "id,text,created\n" + "1,x,4/5/2026\n" * 1500 + "2,y,13/5/2026\n"
    assert days(late) == ["04.05.", "13.05."]


def test_times_without_a_zone_are_in_that_of_the_exporter() -> None:
    """UTC, unless another zone is named."""
    assert DateReader(zone=ZoneInfo("Europe/Berlin")).read("2026-05-14 15:42") == AT


@pytest.mark.parametrize("piece", [" ", "12 ", "1 . ", "utc "])
def test_a_long_text_is_no_date(piece: str) -> None:
    """And takes no longer, whatever is repeated in it."""
    started = time.process_time()
    with pytest.raises(InputError):
        DateReader("day").read(f"x{piece * 10_000}x")
    assert time.process_time() - started < 1
