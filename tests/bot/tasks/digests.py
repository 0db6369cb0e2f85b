"""Channels with similar tickets, the weekly digest of these, and what was decided."""

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
# From `tests.remembering.START` to the day before `NOW`, which is a Monday.
YESTERDAY = 31_000
WEEK = timedelta(days=7)


def fill(desk: Desk, slack_id: str, number: int = 20, word: str = "room", **facts: bool) -> None:
    """Give a channel similar tickets of yesterday."""
    with desk.services.database.read() as session:
        workspace = find_workspace(session)
    place = channel(desk.services, workspace, slack_id, **facts)
    items = [
        ticket(
            f"{slack_id}/{n}",
            f"{TEXT} {word}{n}",
            minutes=YESTERDAY + n,
            channel_id=place.id,
            ts=f"1795200{n:03}.000100",
        )
        for n in range(number)
    ]
    remember(desk.services, workspace, items)


def chores(desk: Desk) -> list[Json]:
    """Do what is due by itself now, and return the bot's messages."""
    desk.put_in(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.drain()
    return deepcopy(desk.slack.posted())  # the stand-in's own change when they are updated


def questions(desk: Desk) -> list[Question]:
    """Return what was asked."""
    with desk.services.database.read() as session:
        return list(session.scalars(select(Question).order_by(Question.id)))


def verdicts(desk: Desk) -> list[Verdict]:
    """Return what was decided."""
    with desk.services.database.read() as session:
        return list(session.scalars(select(Verdict).order_by(Verdict.id)))
