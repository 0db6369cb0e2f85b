"""Dates that say when only together with another one: how long ago, or without a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

import pytest
from babel.dates import format_date, format_timedelta
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.dates.relative_dates import span_ago

EXPORTED = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
KNOWING = DateReader(exported=EXPORTED)
Unit = Literal["second", "minute", "hour", "day", "week"]
LOCALES = st.sampled_from(["en", "de", "es", "fr"])


@pytest.mark.parametrize(
    ("written", "ago"),
    [
        ("3 days ago", timedelta(days=3)),
        ("vor 3 Tagen", timedelta(days=3)),
        ("hace 3 días", timedelta(days=3)),
        ("il y a 3 jours", timedelta(days=3)),
        ("an hour ago", timedelta(hours=1)),
        ("vor einer Woche", timedelta(weeks=1)),
        ("about 2 hours ago", timedelta(hours=2)),
        ("1 day, 4 hours ago", timedelta(days=1, hours=4)),
        ("2d ago", timedelta(days=2)),
        ("2h 5m ago", timedelta(hours=2, minutes=5)),
        ("1.5 hours ago", timedelta(hours=1.5)),
        ("vor 1,5 Stunden", timedelta(hours=1.5)),
        ("just now", timedelta(0)),
    ],
)
def test_how_long_ago_counts_from_the_export(written: str, ago: timedelta) -> None:
    """Only who says when the file was written gets a date: otherwise it is not known."""
    assert KNOWING.read(written) == EXPORTED - ago
    with pytest.raises(InputError, match="--exported"):
        DateReader(now=EXPORTED).read(written)


@pytest.mark.parametrize(
    ("written", "day"),
    [("yesterday at 2:30 PM", 10), ("gestern um 14:30 Uhr", 10), ("ayer, 14:30", 10),
     ("Today 14:30", 11), ("vorgestern 14:30", 9)],
)  # fmt: skip
def test_a_named_day_counts_from_the_export(written: str, day: int) -> None:
    """With the time of day that is written beside it."""
    assert KNOWING.read(written) == datetime(2026, 3, day, 14, 30, tzinfo=UTC)
    with pytest.raises(InputError, match="--exported"):
        DateReader(now=EXPORTED).read(written)


@pytest.mark.parametrize(
    "written",
    ["Tue 3 Mar", "martes 3 de marzo", "Dienstag, 3. März", "mar., 3 mar", "Tuesday, March 3rd"],
)
def test_a_weekday_tells_the_year(written: str) -> None:
    """Exactly one of the recent years has that day on that weekday."""
    assert DateReader(now=EXPORTED).read(written) == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_weekday_that_none_of_the_recent_years_has_is_refused() -> None:
    """3 March was a Monday in 2025, and a Saturday last in 2018, too long ago to be meant."""
    assert DateReader(now=EXPORTED).read("lunes 3 mar") == datetime(2025, 3, 3, tzinfo=UTC)
    with pytest.raises(InputError, match="another weekday"):
        DateReader(now=EXPORTED).read("Sat 3 Mar")


def test_a_day_without_a_year_is_the_last_before_the_export() -> None:
    """Where nobody says when that was, the year is not known."""
    assert KNOWING.read("3. März") == datetime(2026, 3, 3, tzinfo=UTC)
    assert KNOWING.read("4 févr.") == datetime(2026, 2, 4, tzinfo=UTC)
    assert KNOWING.read("Dec 24, 09:15") == datetime(2025, 12, 24, 9, 15, tzinfo=UTC)
    with pytest.raises(InputError, match="names no year"):
        DateReader(now=EXPORTED).read("3. März")


@pytest.mark.parametrize("said", ["Step 3 may fail", "March 2026", "vor allem"])
def test_other_words_are_no_dates(said: str) -> None:
    """Prose stays prose."""
    assert span_ago(said) is None
    with pytest.raises(InputError):
        DateReader().read(said)


@given(
    st.dates(EXPORTED.date() - timedelta(days=4 * 365), EXPORTED.date()),
    LOCALES,
    st.sampled_from(["EEEE, d MMMM", "EEE d MMM", "d MMMM"]),
)
def test_any_recent_day_is_read_back(day: datetime, locale: str, pattern: str) -> None:
    """As each language writes weekday and month; without a weekday only within a year."""
    written = format_date(day, pattern, locale)
    found = KNOWING.read(written)
    assert found is not None
    assert (found.month, found.day) == (day.month, day.day)
    if pattern[0] == "E":
        assert found.year == day.year
    assert found <= EXPORTED + timedelta(days=1)


@given(
    st.integers(1, 40),
    st.sampled_from(get_args(Unit)),
    LOCALES,
)
def test_any_span_is_read_back(number: int, unit: Unit, locale: str) -> None:
    """As each language says how long ago something was."""
    span = timedelta(**{f"{unit}s": number})
    written = format_timedelta(
        -span, granularity=unit, threshold=10**6, add_direction=True, locale=locale
    )
    assert KNOWING.read(written) == EXPORTED - span


@pytest.mark.parametrize(
    "said", ["half an hour ago", "5 business days ago", "2h and a bit min ago"]
)
def test_what_cannot_be_read_is_no_day_in_august(said: str) -> None:
    """In Spanish, "5 ago" is one."""
    with pytest.raises(InputError):
        KNOWING.read(said)
    assert KNOWING.read("5 ago") is not None
