"""Channels with similar tickets, their weekly digest, and the verdicts from it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

from sqlalchemy import select

from bot.server.schedule import due_jobs
from models import Question, Verdict
from services.memory.workspaces import find_workspace
from tests.remembering import channel, remember, ticket
from tests.serving import Desk
from tests.slack_server import Json

TEXT = "the printer on the second floor prints blank pages"
# Minutes from `tests.remembering.START` to the day before `NOW`, which is a Monday.
YESTERDAY = 31_000
WEEK = timedelta(days=7)


def fill_channel(
    desk: Desk, slack_id: str, number: int = 20, word: str = "room", **facts: bool
) -> None:
    """Store similar tickets of yesterday in a channel."""
    with desk.services.database.read() as session:
        workspace = find_workspace(session)
    added = channel(desk.services, workspace, slack_id, **facts)
    items = [
        ticket(
            f"{slack_id}/{n}",
            f"{TEXT} {word}{n}",
            minutes=YESTERDAY + n,
            channel_id=added.id,
            ts=f"1795200{n:03}.000100",
        )
        for n in range(number)
    ]
    remember(desk.services, workspace, items)


def run_due_jobs(desk: Desk) -> list[Json]:
    """Run the jobs of the schedule that are due now, and return the bot's messages."""
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.drain()
    return deepcopy(desk.slack.posted())  # the stand-in changes its own in place


def questions(desk: Desk) -> list[Question]:
    """Return the stored questions of digests."""
    with desk.services.database.read() as session:
        return list(session.scalars(select(Question).order_by(Question.id)))


def verdicts(desk: Desk) -> list[Verdict]:
    """Return the stored verdicts."""
    with desk.services.database.read() as session:
        return list(session.scalars(select(Verdict).order_by(Verdict.id)))
