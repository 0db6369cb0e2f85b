"""Rules of retention: what is too old is erased once a day, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import utc_now
from bot.jobs.kinds import Lease
from bot.jobs.upkeep_kinds import RetentionRun
from bot.server.schedule import due_jobs
from bot.tasks.retention import Retention, retention_jobs
from models import Channel, Erasure, Item
from services.channels.settings import find_channel
from services.erasure.retention import RuleState, set_rule, too_old
from services.errors import RetryLaterError
from tests.bot.tasks.ticket_texts import PRINTER
from tests.conftest import NOW
from tests.serving import Desk

DAY = timedelta(days=1)


def keep(desk: Desk, state: RuleState, days: int | None, channel: str | None = None) -> None:
    """Set a rule, of all channels or one."""
    with desk.services.database.write() as session:
        place = None if channel is None else find_channel(session, desk.workspace_id, channel)
        set_rule(session, desk.workspace_id, place, state, days, by="admin", now=NOW)


def store(
    desk: Desk, name: str, age: int, *, solved: int | None = None, place: int | None = None
) -> None:
    """Store a ticket of some days ago, solved some days ago."""
    with desk.services.database.write() as session:
        session.add(
            Item(
                workspace_id=desk.workspace_id, kind="ticket", source="t", external_id=name,
                text=name, channel_id=place, created_at=NOW - age * DAY, updated_at=NOW,
                status="open" if solved is None else "solved",
                resolved_at=None if solved is None else NOW - solved * DAY,
            )
        )  # fmt: skip


def old(desk: Desk) -> set[str]:
    """Return the names of the tickets that are too old."""
    with desk.services.database.read() as session:
        subject = too_old(session, desk.workspace_id, NOW)
        if subject is None:
            return set()
        return set(session.scalars(select(Item.external_id).where(subject.tickets)))


@pytest.mark.both_databases
def test_rules_by_state_age_and_channel(desk: Desk) -> None:
    """A rule of a channel goes before that of all; an answer begins the time of solved ones."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    with desk.services.database.read() as session:
        here = session.scalars(select(Channel.id)).one()
    store(desk, "open-young", 10)
    store(desk, "open-old", 1100)
    store(desk, "solved-lately", 1100, solved=5)
    store(desk, "solved-long-ago", 1100, solved=800)
    store(desk, "here-open-old", 1100, place=here)
    store(desk, "here-solved", 1100, solved=40, place=here)
    assert old(desk) == set()
    keep(desk, "solved", 730)
    keep(desk, "open", 1095)
    assert old(desk) == {"open-old", "solved-long-ago", "here-open-old"}
    keep(desk, "open", None, "C1")
    keep(desk, "solved", 30, "C1")
    assert old(desk) == {"open-old", "solved-long-ago", "here-solved"}


def test_a_running_bot_erases_once_a_day(desk: Desk) -> None:
    """The job of the day does it, and is on record; a second one finds nothing."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    services = desk.services
    keep(desk, "open", 30)
    desk.clock.advance(40 * DAY.total_seconds())
    jobs = [
        one for one in due_jobs(services, desk.workspace_id, desk.clock.now) if one.kind == "retain"
    ]
    desk.enqueue(*jobs)
    desk.drain()
    assert desk.item("C1", ts).text == ""
    with services.database.read() as session:
        [row] = session.scalars(select(Erasure)).all()
    assert (row.kind, row.asked_by, row.counts["tickets and products"]) == ("age", "deja", 1)
    desk.clock.advance(DAY.total_seconds())
    desk.enqueue(*due_jobs(services, desk.workspace_id, desk.clock.now))
    desk.drain()
    with services.database.read() as session:
        assert len(session.scalars(select(Erasure)).all()) == 1


def test_a_clock_that_runs_ahead_erases_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The job waits and the log says why; with the right time it erases what is too old then."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    keep(desk, "open", 30)
    desk.enqueue(*retention_jobs(desk.services, desk.workspace_id, desk.clock.now))
    [claimed] = desk.claim("test", RetentionRun.kind)
    job = RetentionRun(key=claimed.key)
    later = NOW + 400 * DAY
    wrong = Retention(desk.services, desk.tasks.slack, lambda: utc_now() + 400 * DAY)
    with pytest.raises(RetryLaterError, match="clock"):
        wrong.run(job, Lease.of(claimed), later)
    assert desk.item("C1", ts).text == PRINTER
    assert "ahead of Slack's" in caplog.text
    Retention(desk.services, desk.tasks.slack).run(job, Lease.of(claimed), later)
    assert desk.item("C1", ts).text == ""
