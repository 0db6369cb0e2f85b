"""The app is uninstalled: work stops at once, and later all data is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from models import Base, Item
from services.search.indexes.hnsw import HnswIndex
from tests.serving import Desk, restarted

PRINTER = "printer prints blank pages after the firmware update"

UNINSTALLED = {"type": "app_uninstalled"}
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": ["U0DEJA"]}}
OTHERS = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}


def rows(desk: Desk) -> int:
    """Return the number of rows in all tables."""
    with desk.services.database.read() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        )


@pytest.mark.parametrize(
    "events", [[UNINSTALLED, REVOKED], [REVOKED, UNINSTALLED], [REVOKED], [UNINSTALLED]]
)
def test_an_uninstalled_app_does_nothing(desk: Desk, events: list[dict[str, Any]]) -> None:
    """In whatever order the events arrive, waiting jobs do not run, and nothing is posted."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    waiting = desk.ticket("C1", PRINTER)
    for event in events:
        desk.deliver(event)
    calls = len(desk.slack.calls)
    assert desk.answers("C1", waiting) == []
    assert len(desk.slack.calls) == calls


def test_another_persons_token_does_not_matter(desk: Desk) -> None:
    """A person who revokes their own token does not end the installation."""
    desk.ticket("C1", PRINTER)
    desk.deliver(OTHERS)
    assert len(desk.answers("C1", desk.ticket("C1", PRINTER))) == 1


def test_after_the_grace_period_nothing_is_left(desk: Desk) -> None:
    """Tickets, vectors, words, answers, jobs and their index are deleted then, not before."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.deliver(UNINSTALLED)
    desk.clock.advance(23 * 3600)
    desk.bot.workspaces.purge(desk.clock())
    with desk.services.database.read() as session:
        assert session.scalar(select(func.count(Item.id))) == 2
    desk.clock.advance(2 * 3600)
    desk.bot.workspaces.purge(desk.clock())
    assert rows(desk) == 0
    assert desk.services.queue.counts()["ready"] == 0
    if isinstance(desk.services.index, HnswIndex):
        assert desk.services.index.count() == (0, 0)


@pytest.mark.both_databases
def test_reinstalling_in_time_restores_everything(desk: Desk) -> None:
    """Stored tickets are still there, and waiting jobs run."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    waiting = desk.ticket("C1", PRINTER)
    desk.deliver(UNINSTALLED)
    assert desk.answers("C1", waiting) == []
    desk.clock.advance(3600)
    again = restarted(desk)
    again.bot.workspaces.purge(again.clock())
    assert len(again.answers("C1", waiting)) == 1


def test_a_token_revoked_during_a_job_loses_nothing(desk: Desk) -> None:
    """The job waits for the uninstall event or a new token, and does not fail."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    ts = desk.ticket("C1", PRINTER)
    desk.slack.tokens.clear()
    for _ in range(20):
        desk.wait(90)
    assert desk.jobs("failed") == []
    desk.slack.tokens.add("xoxb-stand-in")
    desk.wait(90)
    assert len(desk.slack.replies("C1", ts)) == 1
