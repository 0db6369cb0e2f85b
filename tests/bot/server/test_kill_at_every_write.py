"""A worker that dies before or after any of its commits: the next one brings about the same end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from models import FollowUp, Item
from services.queue import LEASE
from tests.databases import SqliteFile
from tests.hashing import HashingEmbedder
from tests.serving import Desk, buttons, open_desk, restarted, words
from tests.slack_standin import SlackStandIn

PRINTER = "printer prints blank pages after the firmware update"
VPN = "vpn drops every hour on the hotel wifi"
ANSWER = "Set the tray to plain paper and restart it"
START = 1_795_350_000
# Leases have ended by then, in seconds.
LATER = 40 * LEASE.total_seconds()

Story = Callable[["Shift"], None]


class KilledError(BaseException):
    """The process ends here: nothing may catch it."""


class Shift:
    """A desk whose worker dies at the commit `dies_at`, and is replaced when its leases end."""

    def __init__(self, desk: Desk, dies_at: int | None) -> None:
        self.desk, self._dies_at, self.points = desk, dies_at, 0

    def work(self) -> None:
        """Run all jobs, also those that a dead worker leaves."""
        try:
            with self._commits():
                self.desk.drain()
        except KilledError:
            self._dies_at, self.desk = None, restarted(self.desk)
        self.desk.wait(LATER)

    @contextmanager
    def _commits(self) -> Iterator[None]:
        def pass_point(_session: Session) -> None:
            self.points += 1
            if self.points == self._dies_at:
                raise KilledError

        for name in ("before_commit", "after_commit"):
            event.listen(Session, name, pass_point)
        try:
            yield
        finally:
            for name in ("before_commit", "after_commit"):
                event.remove(Session, name, pass_point)

    def say(self, second: int, text: str, **more: Any) -> str:
        """Say something at a second."""
        ts = self.desk.ticket("C1", text, ts=f"{START + second}.000100", **more)
        self.work()
        return ts

    def report(self, second: int, text: str, **more: Any) -> str:
        """Report an issue again and confirm that it is the same."""
        ts = self.say(second, text, **more)
        [answer] = self.desk.slack.replies("C1", ts)
        self.desk.click("C1", "duplicate", buttons(answer)["duplicate"])
        self.work()
        return ts

    def do(self, action: Callable[[Desk], Any]) -> None:
        """Let people do something."""
        action(self.desk)
        self.work()


def _solved(shift: Shift) -> None:
    """A marked reply solves an issue; its other reports are told, and it is edited and deleted."""
    first = shift.say(0, PRINTER)
    shift.report(1000, PRINTER)
    reply = shift.desk.slack.say("C1", ANSWER, user="U5", thread_ts=first)
    shift.do(lambda desk: desk.react("C1", reply["ts"]))
    shift.say(2000, PRINTER)
    shift.do(lambda desk: desk.delete("C1", reply["ts"]))


def _resolved(shift: Shift) -> None:
    """A mention solves an issue."""
    first = shift.say(0, PRINTER)
    shift.report(1000, PRINTER)
    shift.say(2000, f"<@U0DEJA> resolve {ANSWER}", user="U4", thread_ts=first)


def _edited(shift: Shift) -> None:
    """An earlier ticket is edited until it is another issue, and back."""
    first = shift.say(0, PRINTER)
    shift.say(1000, PRINTER)
    shift.do(lambda desk: desk.edit("C1", first, VPN, f"{START + 1100}.000000"))
    shift.do(lambda desk: desk.edit("C1", first, PRINTER, f"{START + 1200}.000000"))


def _edited_into_talk(shift: Shift) -> None:
    """An earlier ticket turns into small talk, or is deleted."""
    first = shift.say(0, PRINTER)
    second = shift.say(500, PRINTER)
    shift.say(1000, PRINTER)
    shift.do(lambda desk: desk.edit("C1", first, "thanks!", f"{START + 1100}.000000"))
    shift.do(lambda desk: desk.delete("C1", second))


def _late(shift: Shift) -> None:
    """An earlier ticket arrives after later ones."""
    shift.say(1000, PRINTER)
    shift.say(2000, PRINTER)
    shift.say(0, PRINTER)


def _overridden(shift: Shift) -> None:
    """Reactions make small talk a ticket, and a ticket none."""
    first = shift.say(0, "good morning everyone")
    shift.say(1000, "good morning everyone")
    pin = {"mark": "pushpin", "user": "U3"}
    shift.do(lambda desk: desk.react("C1", first, **pin))
    shift.do(lambda desk: desk.react("C1", f"{START + 1000}.000100", **pin))
    shift.do(lambda desk: desk.react("C1", first, mark="no_bell", user="U3"))


def _late_ticket(shift: Shift) -> None:
    """Small talk with a marked answer becomes a ticket, after a later one that says the same."""
    first = shift.say(0, "good morning everyone")
    reply = shift.desk.slack.say("C1", ANSWER, user="U5", thread_ts=first)
    reply["reactions"] = [{"name": "white_check_mark", "users": ["U2"], "count": 1}]
    shift.do(lambda desk: desk.react("C1", reply["ts"]))
    second = shift.say(1000, "good morning everyone")
    shift.do(lambda desk: desk.react("C1", second, mark="pushpin", user="U3"))
    shift.do(lambda desk: desk.react("C1", first, mark="pushpin", user="U3"))


def _followed(shift: Shift) -> None:
    """A second person says "same here", and takes it back."""
    shift.say(0, PRINTER)
    same = shift.say(30, "same here", user="U6")
    shift.say(2000, PRINTER, user="U7")
    shift.do(lambda desk: desk.delete("C1", same))


def _in_burst(shift: Shift) -> None:
    """A ticket in three messages, of which one goes."""
    shift.say(0, "the printer in room 5 is broken again")
    middle = shift.say(20, PRINTER)
    shift.say(40, "and the display shows the error E-41")
    shift.say(2000, PRINTER, user="U7")
    shift.do(lambda desk: desk.delete("C1", middle))


def _undecided(shift: Shift) -> None:
    """A decision is taken back, and the other one is made."""
    shift.say(0, PRINTER)
    ts = shift.report(1000, PRINTER)
    for action in ("undo", "distinct"):
        [answer] = shift.desk.slack.replies("C1", ts)
        value = buttons(answer)[action]
        shift.do(methodcaller("click", "C1", action, value))
    shift.say(2000, PRINTER)


STORIES: list[Story] = [
    _solved, _resolved, _edited, _edited_into_talk, _late, _overridden, _late_ticket, _followed,
    _in_burst, _undecided,
]  # fmt: skip


class Workplace:
    """Makes a new Slack and a new database for every run of a story."""

    def __init__(self, file: SqliteFile, folder: Path, embedder: HashingEmbedder) -> None:
        self._file, self._folder, self._embedder, self._runs = file, folder, embedder, 0

    def run(self, story: Story, dies_at: int | None = None) -> tuple[list[Any], int]:
        """Return what a story ends in, and how many points to die at it has."""
        self._runs += 1
        folder = str(self._folder / str(self._runs))
        with (
            SlackStandIn().running() as slack,
            open_desk(slack, self._file.renew(), folder, self._embedder, burst_seconds=120) as desk,
        ):
            slack.add_channel("C1")
            shift = Shift(desk, dies_at)
            story(shift)
            return _outcome(shift.desk), shift.points


def _outcome(desk: Desk) -> list[Any]:
    """Return all that people see and that is kept for later."""
    with desk.services.database.read() as session:
        items = session.scalars(select(Item).order_by(Item.ts))
        tickets = [
            (one.ts, one.text, one.status, one.resolution, one.deleted_at is None) for one in items
        ]
        followed = session.execute(select(FollowUp.ts, FollowUp.kind).order_by(FollowUp.ts)).all()
    posted = sorted((str(one.get("thread_ts", "")), words(one)) for one in desk.slack.posted("C1"))
    waiting = [(job.kind, job.key) for job in desk.jobs("ready") + desk.jobs("running")]
    failed = [(job.kind, job.error) for job in desk.jobs("failed")]
    return [tickets, [tuple(row) for row in followed], posted, waiting, failed]


@pytest.fixture
def place(sqlite_file: SqliteFile, tmp_path: Path, embedder: HashingEmbedder) -> Workplace:
    """Give a place where stories run."""
    return Workplace(sqlite_file, tmp_path, embedder)


@pytest.mark.parametrize(
    ("story", "every"),
    [(_solved, 16), *(pytest.param(story, 1, marks=pytest.mark.thorough) for story in STORIES)],
    ids=lambda value: value.__name__.lstrip("_") if callable(value) else f"every {value}",
)
def test_a_worker_may_die_at_any_commit(place: Workplace, story: Story, every: int) -> None:
    """What is posted and kept is the same as if no worker had died, and no job is left."""
    expected, points = place.run(story)
    ends = {point: place.run(story, point)[0] for point in range(1, points + 1, every)}
    assert points > every
    assert {point: end for point, end in ends.items() if end != expected} == {}
