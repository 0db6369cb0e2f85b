"""Channels in which one topic comes up much more often than usual, and the alerts to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.server.schedule import due_jobs
from models import Channel
from services.memory.workspaces import find_workspace
from tests.bot.tasks.topics import DETAILS
from tests.conftest import NOW
from tests.remembering import START, channel, remember, ticket
from tests.serving import Desk, words
from tests.slack_server import Json
from tests.worlds import begin

DAY = timedelta(days=1)
PAST = START - timedelta(days=60)


def store_tickets(desk: Desk, slack_id: str, subject: str, days: list[datetime]) -> None:
    """Store tickets about a subject in a channel, one on each of these days."""
    with desk.services.database.read() as session:
        workspace = find_workspace(session)
        channel_id = session.scalars(select(Channel.id).where(Channel.slack_id == slack_id)).one()
    items = [
        ticket(
            f"{slack_id}/{subject}/{at:%m%d}/{number}",
            f"{subject} {DETAILS[number % 6]} {number}",
            minutes=int((at - START).total_seconds()) // 60,
            author=f"U{number}",
            channel_id=channel_id,
        )
        for number, at in enumerate(days)
    ]
    remember(desk.services, workspace, items)


def store_rise(
    desk: Desk, slack_id: str = "C1", *, private: bool = False, **settings: object
) -> None:
    """Store a channel with an even past, and one subject that comes up much more often now."""

    def store() -> None:
        with desk.services.database.read() as session:
            workspace = find_workspace(session)
        channel(desk.services, workspace, slack_id, private=private)
        weekly = [PAST + timedelta(days=9 * week) for week in range(8)]
        store_tickets(desk, slack_id, "printer prints blank pages", weekly)
        store_tickets(desk, slack_id, "invoice total looks wrong", weekly)
        store_tickets(desk, slack_id, "vpn drops every hour", [weekly[1], *[NOW - DAY] * 9])

    begin(desk, f"a rise in {slack_id}, private: {private}", store)
    set_channel(desk, slack_id, **settings)


def set_channel(desk: Desk, slack_id: str = "C1", **settings: object) -> None:
    """Change a channel's settings."""
    with desk.services.database.write() as session:
        session.execute(update(Channel).where(Channel.slack_id == slack_id).values(**settings))


def run_due_jobs(desk: Desk, now: datetime | None = None) -> None:
    """Run the jobs of the schedule that are due now, or at a given time."""
    desk.clock.now = now or desk.clock.now
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.drain()
    assert desk.jobs("failed") == []


def alerts(desk: Desk) -> list[Json]:
    """Return the alerts that are posted."""
    return [one for one in desk.slack.posted() if "Asked more than usual" in words(one)]
