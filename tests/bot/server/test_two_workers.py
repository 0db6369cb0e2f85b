"""Workers die or run at the same time: each answer is posted once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from time import sleep

import pytest
from sqlalchemy import select

from bot.blocks.thread_answer import render_answer
from bot.i18n.texts import ENGLISH
from bot.jobs.event_kinds import DeletedMessage, Mention, NewMessage
from bot.jobs.kinds import BotJob
from bot.jobs.request_kinds import AnswerClick
from bot.jobs.update_kinds import AnswerUpdate, ItemJudgement
from bot.server.worker import BATCH
from bot.tasks.registry import BATCHED, SINGLE
from models import Answer
from services.answers.thread_answers import lease_answer
from services.issues.verdicts import decide
from tests.bot.server.duplicate_tickets import PRINTER, VPN, job_of_kind, post_duplicate
from tests.conftest import NOW
from tests.serving import Desk, buttons, words
from tests.slack_server import Fault, done_later

# Long enough for another thread to reach the point where it waits. No assertion depends on it.
A_MOMENT = 0.2


@pytest.mark.parametrize(
    "kind",
    [NewMessage, ItemJudgement, AnswerUpdate, AnswerClick, Mention, DeletedMessage],
    ids=lambda kind: str(kind.kind),
)
@pytest.mark.both_databases
def test_a_worker_that_dies_before_it_finishes_loses_nothing(
    desk: Desk, kind: type[BotJob]
) -> None:
    """Whatever the kind of its job, the next worker does the follow-up jobs."""
    early = desk.slack.say("C1", PRINTER)
    ts = desk.ticket("C1", f"{PRINTER} again")
    third = desk.ticket("C1", f"{PRINTER} third")
    _drain_dying(desk, kind)
    desk.deliver_message("C1", early)  # the two others were judged without it
    _drain_dying(desk, kind)
    [answer] = desk.answers("C1", ts)
    desk.click("C1", "related", buttons(answer)["related"])
    mention = desk.ticket("C1", "<@U0DEJA> help")
    desk.delete("C1", third)
    _drain_dying(desk, kind)
    desk.wait(3600)
    [answer] = desk.slack.replies("C1", ts)
    assert "Related*" in words(answer)
    assert desk.slack.replies("C1", third) == []
    assert len(desk.slack.replies("C1", mention)) == 1
    assert len(desk.slack.posted()) == 2
    assert desk.jobs("ready") == desk.jobs("running") == desk.jobs("failed") == []


def _drain_dying(desk: Desk, kind: type[BotJob]) -> None:
    """Run all jobs, each job of `kind` first in a worker that dies before it finishes."""
    handlers = {**BATCHED, **SINGLE}
    others = {one: handler for one, handler in handlers.items() if one is not kind}
    while True:
        while desk.bot.worker.run_once(others, 1):
            pass
        dying = desk.claim("dying", kind.kind)
        if not dying:
            return
        handlers[kind](desk.tasks)(dying, desk.clock.now)
        desk.clock.advance(60)
        desk.bot.worker.run_once({kind: handlers[kind]}, 256)


@pytest.mark.both_databases
def test_another_worker_takes_over_from_one_that_dies_while_it_posts(desk: Desk) -> None:
    """After the lease on the answer has run out, the next worker finds the posted message."""
    ts = post_duplicate(desk)
    desk.bot.worker.run_once(BATCHED, BATCH)
    view = lease_answer(desk.services.database, desk.item("C1", ts).id, desk.clock.now)
    assert view is not None
    desk.tasks.slack.post("C1", ts, render_answer(view, ENGLISH))
    assert len(desk.slack.replies("C1", ts)) == 1
    desk.drain()
    assert job_of_kind(desk, "answer").state == "ready"
    desk.wait(60)
    assert len(desk.slack.replies("C1", ts)) == 1
    assert job_of_kind(desk, "answer").state == "done"


class _Other:
    """Work in another thread, until it waits for something that its test holds."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._errors: list[BaseException] = []
        self._thread = Thread(target=self._run)
        self._thread.start()
        sleep(A_MOMENT)

    def end(self) -> None:
        """Wait for its end, and raise its error if it had one."""
        self._thread.join(20)
        assert not self._thread.is_alive()
        assert self._errors == []

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._errors.append(error)


@pytest.mark.both_databases
def test_an_answer_is_read_after_its_lease_is_taken(desk: Desk) -> None:
    """A decision stored while an answer waits for its lease is shown, not overwritten."""
    ts = post_duplicate(desk)
    [answer] = desk.answers("C1", ts)
    other, item = sorted(int(part) for part in buttons(answer)["related"].split(":"))
    desk.edit("C1", ts, f"{PRINTER} too", "1795400000.000100")
    desk.bot.worker.run_once(BATCHED, BATCH)
    with desk.services.database.write() as session:
        session.scalars(select(Answer).with_for_update()).all()
        showing = _Other(desk.drain)
        decide(session, 1, (other, item), "related", by="U7", now=NOW)
    showing.end()
    assert "<@U7>" in words(desk.slack.replies("C1", ts)[0])


@pytest.mark.parametrize("answers", [True, False], ids=["answered", "dropped"])
@pytest.mark.both_databases(every=True)
def test_an_answer_planned_while_the_last_one_is_deleted_is_posted(
    desk: Desk, answers: bool
) -> None:
    """Deleting an empty answer does not delete the next one."""
    first = desk.ticket("C1", PRINTER)
    ts = desk.ticket("C1", PRINTER)
    desk.ticket("C1", VPN, ts="1795200000.000100")
    assert len(desk.answers("C1", ts)) == 1
    hold = Event()
    desk.slack.fail("chat.delete", Fault(does=True, answers=answers, hold=hold))
    desk.delete("C1", first)
    deleting = _Other(desk.drain)
    desk.edit("C1", ts, VPN, "1795400000.000100")
    desk.bot.worker.run_once(BATCHED, BATCH)
    hold.set()
    deleting.end()
    desk.wait(60)
    [answer] = desk.slack.replies("C1", ts)
    assert VPN in words(answer)


@pytest.mark.both_databases
def test_two_workers_show_one_answer_once(desk: Desk) -> None:
    """While one worker posts an answer, another one with the same answer waits."""
    ts = post_duplicate(desk)
    desk.bot.worker.run_once(BATCHED, BATCH)
    hold = Event()
    desk.slack.fail("chat.postMessage", done_later(hold))
    posting = _Other(desk.drain)
    desk.edit("C1", ts, f"{PRINTER} too", "1795400000.000100")
    desk.drain()
    assert desk.slack.posted() == []
    hold.set()
    posting.end()
    desk.wait(60)
    assert len(desk.slack.posted()) == 1
    assert desk.jobs("ready") == []
