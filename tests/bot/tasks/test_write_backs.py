"""What people decide is written to the tracker, once, and taken back by Undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from bot.tasks.source_polls import poll_jobs
from bot.tasks.write_backs import write_back_jobs
from models import Channel, Connection, Item, Verdict, Workspace, WriteBack
from services.issues.verdicts import decide, undo
from services.sources.connections import add_connection
from tests.serving import Desk
from tests.trackers.github import REPOSITORY, GitHubStandIn
from tests.trackers.server import Reply, serving


@dataclass
class Writing:
    """A bot that reads a repository with two issues, and writes to it."""

    desk: Desk
    github: GitHubStandIn

    def ids(self) -> tuple[int, int]:
        """Return the items of both issues."""
        with self.desk.services.database.read() as session:
            first, second = session.scalars(select(Item.id).order_by(Item.external_id))
            return first, second

    def decide(self) -> None:
        """Confirm that both are the same."""
        with self.desk.services.database.write() as session:
            now = self.desk.clock.now
            decide(session, self.desk.workspace_id, self.ids(), "duplicate", by="U2", now=now)

    def undo(self) -> None:
        """Take that back."""
        with self.desk.services.database.write() as session:
            undo(session, self.ids(), by="U2", now=self.desk.clock.now)

    def work(self) -> list[list[str]]:
        """Do what is due, and return the comments on both issues."""
        self.desk.enqueue(*write_back_jobs(self.desk.services, self.desk.workspace_id))
        self.desk.drain()
        return [[one["body"] for one in self.github.comments.get(n, [])] for n in (1, 2)]

    def states(self) -> list[str]:
        """Return what became of each write."""
        with self.desk.services.database.read() as session:
            return list(session.scalars(select(WriteBack.state).order_by(WriteBack.id)))

    def switch(self, *, on: bool) -> None:
        """Switch writing on or off."""
        with self.desk.services.database.write() as session:
            connection = session.scalars(select(Connection)).one()
            connection.writes_since = self.desk.clock.now if on else None


@pytest.fixture
def writing(desk: Desk) -> Iterator[Writing]:
    """Read two issues, the second one newer."""
    tracker = GitHubStandIn(is_public=True)
    with serving(tracker):
        tracker.open(1)
        tracker.open(2, created_at="2026-05-05T10:00:00Z")
        with desk.services.database.write() as session:
            workspace = session.get_one(Workspace, desk.workspace_id)
            add_connection(
                session, workspace, kind="github", account=REPOSITORY, address=tracker.address,
                scope=REPOSITORY, channel=None, now=desk.clock.now,
            )  # fmt: skip
        desk.enqueue(*poll_jobs(desk.services, desk.workspace_id, desk.clock.now))
        desk.drain()
        yield Writing(desk, tracker)


@pytest.mark.both_databases
def test_a_duplicate_is_told_there_and_undo_takes_it_back(writing: Writing) -> None:
    """On both issues, with the link of the other; the newer one is marked as GitHub does."""
    writing.switch(on=True)
    writing.decide()
    first, second = writing.work()
    address = f"https://github.com/{REPOSITORY}/issues"
    assert len(first) == len(second) == 1
    assert first[0].startswith(f"Déjà: people found that this is the same as {address}/2 (deja-")
    assert second[0].startswith("Duplicate of #1\n\nDéjà: people found")
    assert f"{address}/1" in second[0]
    assert writing.work() == [first, second]
    writing.switch(on=False)
    writing.undo()
    assert writing.work() == [[], []]
    assert writing.states() == ["undone", "undone"]


def test_nothing_is_written_unless_it_is_switched_on(writing: Writing) -> None:
    """Neither before that, nor about what was decided before."""
    writing.decide()
    assert writing.work() == [[], []]
    writing.desk.clock.advance(60)
    writing.switch(on=True)
    assert writing.work() == [[], []]


def test_an_error_after_the_comment_was_written_makes_no_second_one(writing: Writing) -> None:
    """It is looked for before it is written again."""
    writing.switch(on=True)
    writing.decide()
    lost = writing.github.answer

    def answer_and_lose(call):  # type: ignore[no-untyped-def]
        reply = lost(call)
        return Reply(502) if call.method == "POST" else reply

    writing.github.answer = answer_and_lose  # type: ignore[method-assign]
    assert [len(some) for some in writing.work()] == [1, 1]
    assert writing.states() == ["begun", "begun"]
    writing.github.answer = lost  # type: ignore[method-assign]
    writing.desk.clock.advance(61)
    assert [len(some) for some in writing.work()] == [1, 1]
    assert writing.states() == ["done", "done"]


def test_undo_takes_back_what_was_written_although_the_answer_was_none(writing: Writing) -> None:
    """A proxy answered with a page in the tracker's place: nobody knew whether it was written."""
    writing.switch(on=True)
    writing.decide()
    answer = writing.github.answer

    def answer_with_a_page(call):  # type: ignore[no-untyped-def]
        reply = answer(call)
        return Reply(403) if call.method == "POST" else reply

    writing.github.answer = answer_with_a_page  # type: ignore[method-assign]
    assert [len(some) for some in writing.work()] == [1, 1]
    assert writing.states() == ["failed", "failed"]
    writing.github.answer = answer  # type: ignore[method-assign]
    writing.desk.clock.advance(60)
    writing.undo()
    assert writing.work() == [[], []]
    assert writing.states() == ["undone", "undone"]


def test_the_comment_of_another_decision_is_not_taken_for_the_lost_one(writing: Writing) -> None:
    """The number of one decision may begin with that of another, as 12 does with 1."""
    writing.switch(on=True)
    writing.decide()
    other = "Déjà: people found that this is the same as https://x.example (deja-{}2)."
    with writing.desk.services.database.read() as session:
        verdict_id = session.scalars(select(Verdict.id)).one()
    for number in (1, 2):
        writing.github.note(number, other.format(verdict_id))
    answer = writing.github.answer
    writing.github.answer = lambda call: (  # type: ignore[method-assign]
        Reply(502) if call.method == "POST" else answer(call)
    )
    assert [len(some) for some in writing.work()] == [1, 1]
    writing.github.answer = answer  # type: ignore[method-assign]
    writing.desk.clock.advance(61)
    assert [len(some) for some in writing.work()] == [2, 2]
    writing.undo()
    assert writing.work() == [[other.format(verdict_id)]] * 2


def test_of_two_tickets_of_one_moment_only_one_is_a_duplicate(writing: Writing) -> None:
    """Tickets without a date of their own have that of the import."""
    writing.switch(on=True)
    with writing.desk.services.database.write() as session:
        first, second = (session.get_one(Item, id_) for id_ in writing.ids())
        second.created_at = first.created_at
    writing.decide()
    marked = [some[0].startswith("Duplicate of #") for some in writing.work()]
    assert marked == [False, True]


def test_what_is_refused_is_not_tried_again(writing: Writing) -> None:
    """A token that may only read: nothing is written, and no job fails."""
    writing.switch(on=True)
    writing.decide()
    for _ in range(2):
        writing.github.fail(Reply(403), "/comments")
    assert writing.work() == [[], []]
    assert writing.states() == ["failed", "failed"]
    assert writing.desk.jobs("failed") == []


def test_a_ticket_that_not_everybody_may_read_is_not_named(writing: Writing) -> None:
    """The link of a ticket of a private channel stays in Slack."""
    writing.switch(on=True)
    with writing.desk.services.database.write() as session:
        channel = Channel(
            workspace_id=writing.desk.workspace_id, slack_id="C9", is_private=True, is_shared=False
        )
        session.add(channel)
        session.flush()
        session.get_one(Item, writing.ids()[0]).channel_id = channel.id
    writing.decide()
    assert [len(some) for some in writing.work()] == [1, 0]
