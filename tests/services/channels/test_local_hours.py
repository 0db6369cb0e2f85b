"""Workspaces and channels may have a time zone and quiet hours of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.wiring import Services
from models import Channel, Workspace
from services.answers.digests import due_channels
from services.channels.quiet_hours import QuietHours, hours_of_channel
from services.topics.alerts import alerting_channels, weekly_channels
from tests.remembering import channel, remember, ticket

SETTINGS = QuietHours(UTC, 20, 7)
AUCKLAND = "Pacific/Auckland"

# 9:30 in Berlin, a Monday; 21:30 in Auckland, and 3:30 in New York.
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
SUNDAY_EVENING = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)  # Monday, 9:30 in Auckland


@pytest.mark.parametrize(
    ("workspace", "channel", "expected"),
    [
        ({}, {}, SETTINGS),
        ({"time_zone": AUCKLAND}, {}, QuietHours(ZoneInfo(AUCKLAND), 20, 7)),
        ({"quiet_hours": "22-6"}, {}, QuietHours(UTC, 22, 6)),
        (
            {"time_zone": AUCKLAND, "quiet_hours": "22-6"},
            {"quiet_hours": "0-0"},
            QuietHours(ZoneInfo(AUCKLAND), 0, 0),
        ),
        (
            {"time_zone": AUCKLAND},
            {"time_zone": "America/New_York"},
            QuietHours(ZoneInfo("America/New_York"), 20, 7),
        ),
    ],
)
def test_a_channel_comes_before_its_workspace_and_that_before_the_settings(
    workspace: dict[str, str], channel: dict[str, str], expected: QuietHours
) -> None:
    """Zone and hours each by themselves; what is empty is that of the level above."""
    empty = {"time_zone": "", "quiet_hours": ""}
    usual = SETTINGS.of(Workspace(**{**empty, **workspace}))
    assert usual.of(Channel(**{**empty, **channel})) == expected


@pytest.fixture
def channels(services: Services, workspace: Workspace) -> tuple[Channel, Channel]:
    """Add two active channels that want everything: one in Auckland, one without a zone."""
    found = []
    for slack_id, zone in (("C1", AUCKLAND), ("C2", "")):
        added = channel(services, workspace, slack_id)
        tickets = [
            ticket(f"{slack_id}{n}", f"ticket {n}", minutes=20 * 24 * 60 + n, channel_id=added.id)
            for n in range(20)
        ]
        remember(services, workspace, tickets)
        with services.database.write() as session:
            stored = session.get_one(Channel, added.id)
            stored.time_zone = zone
            stored.weekly_topics = stored.topic_alerts = True
        found.append(stored)
    return found[0], found[1]


@pytest.mark.both_databases
def test_weekly_posts_come_on_the_monday_of_the_channel(
    services: Services, workspace: Workspace, channels: tuple[Channel, Channel]
) -> None:
    """While it is Sunday elsewhere; with the week that it is there."""
    auckland, other = channels
    with services.database.read() as session:
        for now, due in ((SUNDAY_EVENING, auckland), (MONDAY.replace(hour=9), other)):
            assert due_channels(session, workspace.id, now, SETTINGS) == [(due.id, "2026-W48")]
            weekly = weekly_channels(session, workspace.id, now, SETTINGS)
            assert [one.id for one, _ in weekly] == [due.id]


def test_nobody_is_alerted_in_the_night_of_the_channel(
    services: Services, workspace: Workspace, channels: tuple[Channel, Channel]
) -> None:
    """In the morning in Europe it is night in Auckland."""
    with services.database.read() as session:
        found = alerting_channels(session, workspace.id, MONDAY, SETTINGS)
        assert [one.id for one, _ in found] == [channels[1].id]
        night = alerting_channels(session, workspace.id, SUNDAY_EVENING, SETTINGS)
        assert [one.id for one, _ in night] == [channels[0].id]


def test_the_zone_of_a_workspace_holds_in_its_channels(
    services: Services, workspace: Workspace, channels: tuple[Channel, Channel]
) -> None:
    """Unless they have one of their own."""
    with services.database.write() as session:
        session.get_one(Workspace, workspace.id).time_zone = "Asia/Kolkata"
        own = [
            str(hours_of_channel(session, session.get_one(Channel, one.id), SETTINGS).zone)
            for one in channels
        ]
    assert own == [AUCKLAND, "Asia/Kolkata"]
