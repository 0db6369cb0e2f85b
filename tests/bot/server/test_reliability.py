"""Slack misbehaves, processes die, things happen at once: one answer, late if need be."""

from __future__ import annotations

import itertools
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
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.tasks.registry import BATCHED, SINGLE
from models import Answer, Job
from services.answers.thread_answers import lease_answer
from services.issues.verdicts import decide
from services.queue import MAX_ATTEMPTS, retry_delay
from tests.conftest import NOW
from tests.serving import Desk, buttons, words
from tests.slack_server import Fault, broken, done_but_dropped, done_later, dropped, rate_limited

PRINTER = "printer prints blank pages after the firmware update"
VPN = "vpn drops every hour on the hotel wifi"

# Long enough for another thread to come to where it waits. Nothing is asserted of it.
A_MOMENT = 0.2


def _duplicate(desk: Desk) -> str:
    """Say the same twice and return the second's `ts`; nothing is done yet."""
    desk.ticket("C1", PRINTER)
    return desk.ticket("C1", PRINTER)


def _job(desk: Desk, kind: str) -> Job:
    with desk.services.database.read() as session:
        return session.scalars(select(Job).where(Job.kind == kind)).one()


@pytest.mark.parametrize(
    "method", ["conversations.info", "conversations.replies", "chat.postMessage"]
)
def test_slack_is_not_asked_again_before_it_said(desk: Desk, method: str) -> None:
    """429 is honoured to the second, and costs no attempt."""
    ts = _duplicate(desk)
    desk.slack.fail(method, rate_limited(17), rate_limited(3))
    assert desk.answers("C1", ts) == []
    calls = desk.slack.count(method)
    desk.wait(16.9)
    assert desk.slack.count(method) == calls
    desk.wait(0.1)
    assert desk.slack.count(method) == calls + 1
    assert all(job.attempts == 0 for job in desk.jobs("ready"))
    desk.wait(3)
    assert len(desk.answers("C1", ts)) == 1


FAULTS: dict[str, Callable[[], Fault]] = {
    "500": broken,
    "dropped": dropped,
    "done but dropped": done_but_dropped,
    "done but 500": lambda: Fault(status=500, does=True),
    "200 without JSON": lambda: Fault(status=200, body="<html>"),
    "refused for an unknown reason": lambda: Fault(
        200, body='{"ok": false, "error": "fatal_error"}'
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize(
    "method", ["conversations.info", "conversations.replies", "chat.postMessage"]
)
@pytest.mark.both_databases
def test_a_failing_call_makes_the_answer_late_not_missing_and_not_double(
    desk: Desk, method: str, fault: Callable[[], Fault]
) -> None:
    """After any failure, twice in a row, the thread has exactly one message."""
    ts = _duplicate(desk)
    desk.slack.fail(method, fault(), fault())
    desk.drain()
    desk.wait(2)
    desk.wait(4)
    desk.wait(60)
    assert len(desk.slack.replies("C1", ts)) == 1
    assert len(desk.slack.posted()) == 1
    assert desk.jobs("ready") == desk.jobs("failed") == []


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("method", ["chat.update", "chat.delete"])
def test_a_failing_change_is_made_later(
    desk: Desk, method: str, fault: Callable[[], Fault]
) -> None:
    """An update or a deletion that failed is made again."""
    ts = _duplicate(desk)
    [answer] = desk.answers("C1", ts)
    desk.slack.fail(method, fault())
    if method == "chat.update":
        desk.click("C1", "duplicate", buttons(answer)["duplicate"])
    else:
        desk.delete("C1", ts)
    desk.drain()
    desk.wait(10)
    if method == "chat.update":
        assert "undo" in buttons(desk.slack.replies("C1", ts)[0])
    else:
        assert desk.slack.posted() == []
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_a_reply_to_a_mention_is_not_posted_twice(desk: Desk) -> None:
    """A mention's reply that was posted before the connection broke is found again."""
    message = desk.slack.say("C1", "<@U0DEJA> help")
    desk.slack.fail("chat.postMessage", done_but_dropped())
    desk.deliver_message("C1", message)
    desk.drain()
    desk.wait(10)
    assert len(desk.slack.replies("C1", message["ts"])) == 1
    assert desk.jobs("ready") == []


def test_a_hanging_slack_is_given_up_and_found_out_about(desk: Desk) -> None:
    """A post that Slack makes after the client stopped waiting is found, and not made again."""
    ts = _duplicate(desk)
    hold = Event()
    late = done_later(hold)
    desk.slack.fail("chat.postMessage", late)
    desk.tasks.slack.client.timeout = 1
    assert desk.answers("C1", ts) == []
    hold.set()
    assert late.over.wait(10)
    desk.wait(2)
    assert len(desk.slack.posted()) == 1
    assert desk.jobs("ready") == []
    answer = desk.answer("C1", ts)
    assert answer is not None
    assert answer.message_ts == desk.slack.posted()[0]["ts"]


def test_a_long_thread_is_searched_to_its_end(desk: Desk) -> None:
    """The bot's message is found on the last page of a long thread too."""
    desk.ticket("C1", PRINTER)
    ts = desk.slack.say("C1", PRINTER)["ts"]
    for number in range(230):
        desk.slack.say("C1", f"reply {number}", thread_ts=ts)
    desk.slack.fail("chat.postMessage", done_but_dropped())
    desk.deliver_message("C1", {"type": "message", "ts": ts, "user": "U1", "text": PRINTER})
    desk.drain()
    desk.wait(2)
    assert len(desk.slack.replies("C1", ts)) == 1


def test_an_exhausted_job_stays_visible_and_can_be_retried(desk: Desk) -> None:
    """After its last attempt a job is failed with its reason; people retry it; it succeeds."""
    ts = _duplicate(desk)
    desk.slack.fail("chat.postMessage", *[broken() for _ in range(MAX_ATTEMPTS)])
    desk.drain()
    for attempt in range(1, MAX_ATTEMPTS):
        desk.wait(retry_delay(attempt))
    [failed] = desk.jobs("failed")
    assert (failed.kind, failed.attempts) == ("answer", MAX_ATTEMPTS)
    assert "SlackApiError" in str(failed.error)
    assert PRINTER not in str(failed.error)
    desk.wait(3600)
    assert desk.slack.posted() == []
    assert desk.services.queue.retry_failed(desk.clock.now) == 1
    assert len(desk.answers("C1", ts)) == 1
    assert desk.jobs("failed") == []


def test_a_job_that_cannot_be_done_does_not_hold_up_the_others(desk: Desk) -> None:
    """One bad job in a batch is retried by itself; the rest of the batch is done."""
    desk.ticket("C1", PRINTER)
    desk.slack.add_channel("C2")
    desk.slack.fail("conversations.info", *[broken() for _ in range(3)])
    desk.ticket("C2", VPN)
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.wait(2)
    assert len(desk.answers("C1", ts)) == 1


@pytest.mark.parametrize(
    "kind",
    [NewMessage, ItemJudgement, AnswerUpdate, AnswerClick, Mention, DeletedMessage],
    ids=lambda kind: str(kind.kind),
)
@pytest.mark.both_databases
def test_a_worker_that_dies_before_it_finishes_loses_nothing(
    desk: Desk, kind: type[BotJob]
) -> None:
    """Whatever kind of job was done but not finished, what follows comes with the next worker."""
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
    """Do all the work, but each job of `kind` first by a worker that dies before it finishes."""
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
def test_a_worker_that_dies_while_it_posts_leaves_the_turn_to_the_next(desk: Desk) -> None:
    """The turn to show an answer is free again after its lease, and the message is found."""
    ts = _duplicate(desk)
    desk.bot.worker.run_once(BATCHED, BATCH)
    view = lease_answer(desk.services.database, desk.item("C1", ts).id, desk.clock.now)
    assert view is not None
    desk.tasks.slack.post("C1", ts, render_answer(view, NOW, ENGLISH))
    assert len(desk.slack.replies("C1", ts)) == 1
    desk.drain()
    assert _job(desk, "answer").state == "ready"
    desk.wait(60)
    assert len(desk.slack.replies("C1", ts)) == 1
    assert _job(desk, "answer").state == "done"


class _Other:
    """Other work that goes on at the same time, until it waits for what its test holds."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._errors: list[BaseException] = []
        self._thread = Thread(target=self._run)
        self._thread.start()
        sleep(A_MOMENT)

    def end(self) -> None:
        """Wait for its end; whatever went wrong in it goes wrong here."""
        self._thread.join(20)
        assert not self._thread.is_alive()
        assert self._errors == []

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._errors.append(error)


@pytest.mark.both_databases
def test_what_is_shown_is_read_after_the_turn_is_taken(desk: Desk) -> None:
    """A decision that is stored while an answer waits for its turn is shown, not overwritten."""
    ts = _duplicate(desk)
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
@pytest.mark.both_databases
def test_an_answer_planned_while_the_last_one_is_deleted_is_posted(
    desk: Desk, answers: bool
) -> None:
    """Taking an empty answer back does not take the next one with it."""
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
    """While one worker posts, another one with the same answer to show waits for its turn."""
    ts = _duplicate(desk)
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


def test_a_refused_token_is_an_error_not_an_empty_thread(desk: Desk) -> None:
    """A token revoked while the bot runs fails jobs visibly; nothing is taken for gone."""
    ts = _duplicate(desk)
    desk.slack.tokens.clear()
    desk.drain()
    assert len(desk.jobs("ready")) > 0
    desk.slack.tokens.add("xoxb-stand-in")
    desk.wait(60)
    assert len(desk.answers("C1", ts)) == 1


@pytest.mark.parametrize("asks", ["command", "mention", "button"])
def test_whoever_waits_is_told_when_it_fails_for_good(desk: Desk, asks: str) -> None:
    """Ephemerally, once, and with nothing of the error; also where Slack gave no address."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    if asks == "command":
        desk.command("C1", f"similar {PRINTER}")
        desk.slack.fail("users.info", *[broken()] * MAX_ATTEMPTS)
    elif asks == "mention":
        desk.ticket("C1", f"<@U0DEJA> {PRINTER}")
        desk.slack.fail("conversations.replies", *[broken()] * MAX_ATTEMPTS)
    else:
        desk.click("C1", "share", f"similar {PRINTER}")
        desk.slack.fail("conversations.history", *[broken()] * MAX_ATTEMPTS)
    for _ in range(MAX_ATTEMPTS + 1):
        desk.wait(600)
    [whisper] = desk.slack.private_replies
    assert "gave up" in whisper["text"]
    assert "SlackApiError" not in whisper["text"]


def test_what_is_gone_is_told_apart_from_what_failed(desk: Desk) -> None:
    """A channel that is not there raises `GoneError`, which no retry follows."""
    slack: Slack = desk.tasks.slack
    with pytest.raises(GoneError):
        slack.channel("C404")
    assert slack.find_in_thread("C404", "1.1", "mark").exists is False
    assert slack.find_in_thread("C1", "1.1", "mark").exists is False


def test_a_channel_the_bot_was_removed_from_is_given_up(desk: Desk) -> None:
    """An answer for a channel that is gone is dropped without a retry."""
    ts = _duplicate(desk)
    desk.bot.worker.run_once(BATCHED, BATCH)
    del desk.slack.channels["C1"]
    desk.drain()
    assert desk.jobs("ready") == desk.jobs("failed") == []
    assert desk.answer("C1", ts) is None


def test_a_burst_is_answered_a_message_a_second(desk: Desk) -> None:
    """In one channel; another one does not wait for it, and nothing is lost or said twice."""
    pacer = desk.tasks.slack.pacer
    pacer.interval, pacer.clock = 1.0, lambda: desk.clock().timestamp()
    desk.slack.add_channel("C2")
    for number in range(4):
        desk.ticket("C1", f"printer number {number} prints blank pages")
    desk.drain()
    said = [desk.ticket("C1", f"printer number {n} prints blank pages") for n in range(4)]
    other = desk.ticket("C2", "printer number 2 prints blank pages")
    desk.drain()
    posted = [len(desk.slack.posted())]
    for _ in range(9):
        desk.wait(1)
        posted.append(len(desk.slack.posted()))
    assert posted[0] == 2  # one in each channel
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(posted))
    assert [len(desk.slack.replies("C1", ts)) for ts in said] == [1] * 4
    assert len(desk.slack.replies("C2", other)) == 1
