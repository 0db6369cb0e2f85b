"""Quiet hours and the start of the week follow the clock of the team's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wiring import Services
from models import Channel, Workspace
from services.channels.quiet_hours import QuietHours, unreadable_hours

BERLIN, AUCKLAND, KOLKATA = map(ZoneInfo, ("Europe/Berlin", "Pacific/Auckland", "Asia/Kolkata"))


def at(moment: str) -> datetime:
    """Return a time in UTC."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "quiet"),
    [
        (22, 6, {22, 23, 0, 1, 2, 3, 4, 5}),
        (1, 3, {1, 2}),
        (23, 0, {23}),
        (0, 1, {0}),
        (0, 0, set()),
        (20, 20, set()),
        (8, 7, set(range(24)) - {7}),
    ],
)
def test_quiet_hours_exclude_the_last_hour(start: int, end: int, quiet: set[int]) -> None:
    """Quiet hours may cross midnight; if both hours are equal, no hour is quiet."""
    hours = QuietHours(UTC, start, end)
    day = at("2026-11-23")
    assert {hour for hour in range(24) if hours.is_quiet(day + timedelta(hours=hour))} == quiet
    almost = timedelta(minutes=59, seconds=59)
    assert {h for h in range(24) if hours.is_quiet(day + timedelta(hours=h) + almost)} == quiet


@pytest.mark.parametrize(
    ("zone", "moment", "is_quiet"),
    [
        # The night of 29 March has no hour from 2 to 3, that of 25 October has it twice.
        (BERLIN, "2026-03-28T05:59", True),
        (BERLIN, "2026-03-28T06:00", False),
        (BERLIN, "2026-03-29T04:59", True),
        (BERLIN, "2026-03-29T05:00", False),
        (BERLIN, "2026-03-29T17:59", False),
        (BERLIN, "2026-03-29T18:00", True),
        (BERLIN, "2026-10-25T05:59", True),
        (BERLIN, "2026-10-25T06:00", False),
        (KOLKATA, "2026-11-23T01:29", True),
        (KOLKATA, "2026-11-23T01:30", False),
        (AUCKLAND, "2026-11-22T17:59", True),
        (AUCKLAND, "2026-11-22T18:00", False),
    ],
)
def test_quiet_hours_follow_the_time_zone(zone: ZoneInfo, moment: str, is_quiet: bool) -> None:
    """The default is from 20:00 to 7:00 local time, in summer and in winter."""
    assert QuietHours(zone).is_quiet(at(moment)) == is_quiet


def test_a_clock_change_doubles_or_skips_a_quiet_hour() -> None:
    """Quiet hours from 2:00 to 3:00 last two hours in autumn and none in spring."""

    def minutes(day: str) -> int:
        start, hours = at(day), QuietHours(BERLIN, 2, 3)
        return sum(hours.is_quiet(start + timedelta(minutes=one)) for one in range(24 * 60))

    assert [minutes(f"2026-{day}") for day in ("03-28", "03-29", "10-25")] == [60, 0, 120]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        (UTC, "2026-11-23T09:00"),
        (BERLIN, "2026-11-23T08:00"),
        (BERLIN, "2026-06-22T07:00"),
        (KOLKATA, "2026-11-23T03:30"),
        (AUCKLAND, "2026-11-22T20:00"),  # a Sunday in UTC, in the week before
    ],
)
def test_weekly_posts_come_on_monday_from_nine(zone: ZoneInfo, first: str) -> None:
    """They are due until the quiet hours begin, and are for the week that begins."""
    hours, start = QuietHours(zone), at(first)
    due = [h for h in range(-48, 48) if hours.is_weekly_time(start + timedelta(hours=h))]
    assert due == list(range(11))
    assert not hours.is_weekly_time(start - timedelta(seconds=1))
    weeks = {hours.week_of(start + timedelta(hours=h)) for h in due}
    assert weeks == {hours.week_of(start + timedelta(days=6))}
    assert hours.day_of(start) == f"{(start + timedelta(hours=6)):%Y-%m-%d}"


def test_weekly_posts_wait_for_the_end_of_quiet_hours() -> None:
    """On Monday morning, too, nothing is posted in quiet hours."""
    hours = QuietHours(UTC, 20, 11)
    assert not hours.is_weekly_time(at("2026-11-23T10:59"))
    assert hours.is_weekly_time(at("2026-11-23T11:00"))


@given(st.integers(0, 23), st.integers(0, 23))
def test_every_week_has_a_time_for_weekly_posts(start: int, end: int) -> None:
    """Whatever the quiet hours are, also those of a team that works at night."""
    hours, monday = QuietHours(UTC, start, end), at("2026-11-23T00:00")
    week = [monday + timedelta(hours=hour) for hour in range(7 * 24)]
    due = [one for one in week if hours.is_weekly_time(one)]
    assert due
    assert not any(hours.is_quiet(one) for one in due)
    assert due[0].hour == hours.weekly_hour


def test_the_description_names_hours_and_zone() -> None:
    """The settings form shows this sentence."""
    assert _description(QuietHours(BERLIN, 22, 6)) == (
        "Mondays from 9:00 AM; nothing from 10:00 PM to 6:00 AM (Europe/Berlin)."
    )
    assert _description(QuietHours(UTC, 0, 0)) == "Mondays from 9:00 AM; alerts at any time (UTC)."


def _description(hours: QuietHours) -> str:
    """Return the description in English; Babel puts a narrow space before AM and PM."""
    return str(hours.description).replace("\u202f", " ")


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 23))
def test_swapping_the_hours_inverts_them(start: int, end: int, hour: int) -> None:
    """An hour is quiet either from the first to the second or from the second to the first."""
    now = at("2026-11-23") + timedelta(hours=hour)
    forth, back = QuietHours(UTC, start, end), QuietHours(UTC, end, start)
    assert (forth.is_quiet(now) != back.is_quiet(now)) == (start != end)


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc/passwd", "\x00", "x" * 300])
def test_what_cannot_be_read_counts_as_none(zone: str) -> None:
    """A zone that this machine does not know must not stop all work of the workspace."""
    team = QuietHours(BERLIN, 20, 7)
    row = Workspace(time_zone=zone, quiet_hours="never")
    assert team.of(row) == team
    assert team.of(Channel(time_zone="Asia/Kolkata", quiet_hours=zone)).zone == KOLKATA


@pytest.mark.both_databases
def test_what_cannot_be_read_is_named(services: Services, workspace: Workspace) -> None:
    """With the workspace or the channel that it belongs to."""
    with services.database.write() as session:
        session.get_one(Workspace, workspace.id).time_zone = "Mars/Base"
        for name, zone, quiet in (("good", "UTC", "20-7"), ("bad", None, "25-1")):
            session.add(
                Channel(
                    workspace_id=workspace.id, slack_id=f"C{name}", name=name, is_private=False,
                    is_shared=False, time_zone=zone, quiet_hours=quiet,
                )
            )  # fmt: skip
    with services.database.read() as session:
        assert unreadable_hours(session) == [("Test", "Mars/Base"), ("#bad", "25-1")]
