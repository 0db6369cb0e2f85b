"""An outage of Slack delays answers but loses none: jobs wait, and one call at a time probes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

import pytest

from bot.jobs.event_kinds import HomeOpened
from bot.slack.breaker import FIRST_PROBE, MAX_FAILURES, MAX_PROBE
from bot.slack.client import SETTLE_SECONDS
from models import Channel
from services.job_waits import MAX_PAUSE, MAX_WAIT
from tests.bot.server.duplicate_tickets import PRINTER, VPN, post_duplicate
from tests.serving import Desk, restarted
from tests.slack_server import Fault, broken, done_later, dropped, rate_limited

FEW_ANSWERS, MANY_ANSWERS = 18, 60
CHANNELS = ("C1", "C2", "C3")
OUTAGES: dict[str, Callable[[], Fault]] = {
    "500": broken,
    "no connection": dropped,
    "200 without JSON": lambda: Fault(200, body="<html>"),
    "rate limit": lambda: rate_limited(30),
    "out of order": lambda: Fault(200, body='{"ok": false, "error": "service_unavailable"}'),
}


def _problem(number: int) -> str:
    return " ".join(f"{word}{number}" for word in ("alpha", "beta", "gamma", "delta", "omega"))


def _repeat_all(desk: Desk, answers: int) -> dict[str, str]:
    """Report known problems again, and return the channel and `ts` of each."""
    reported = {}
    for number in range(answers):
        channel = CHANNELS[number % len(CHANNELS)]
        reported[desk.ticket(channel, _problem(number))] = channel
    return reported


def _remember_all(desk: Desk, answers: int) -> None:
    for channel in CHANNELS[1:]:
        desk.slack.add_channel(channel)
    for number in range(answers):
        desk.ticket(CHANNELS[number % len(CHANNELS)], _problem(number))
    desk.drain()


def _pass(desk: Desk, seconds: float, step: float) -> None:
    for _ in range(int(seconds / step)):
        desk.wait(step)


@pytest.mark.parametrize(
    ("fault", "seconds", "answers"),
    [
        ("500", 600, FEW_ANSWERS),
        ("no connection", 3600, FEW_ANSWERS),
        *(
            pytest.param(fault, seconds, MANY_ANSWERS, marks=pytest.mark.thorough)
            for fault in OUTAGES
            for seconds in (600, 3600)
        ),
    ],
)
def test_an_outage_loses_no_answer(desk: Desk, fault: str, seconds: int, answers: int) -> None:
    """All answers due during it are posted soon after it, each once."""
    _remember_all(desk, answers)
    desk.slack.outage = OUTAGES[fault]
    reported = _repeat_all(desk, answers)
    _pass(desk, seconds, seconds / 10)
    assert desk.slack.posted() == []
    desk.slack.outage = None
    desk.wait(MAX_PROBE)
    assert desk.jobs("ready") == desk.jobs("failed") == []
    given = [len(desk.slack.replies(channel, ts)) for ts, channel in reported.items()]
    assert given == [1] * answers
    assert len(desk.slack.posted()) == answers


def test_an_outage_is_probed_by_one_call_at_a_time(desk: Desk) -> None:
    """However many jobs wait, few calls are made; a long outage is probed once a minute."""
    _remember_all(desk, FEW_ANSWERS)
    desk.slack.outage = broken
    _repeat_all(desk, FEW_ANSWERS)
    before = len(desk.slack.calls)
    desk.drain()
    assert len(desk.slack.calls) - before == MAX_FAILURES
    before = len(desk.slack.calls)
    _pass(desk, 600, 20)
    assert 9 <= len(desk.slack.calls) - before <= 14


def test_the_log_names_an_outage_once_an_hour(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """One line when it begins, one an hour, one when it ends; none contains a ticket."""
    post_duplicate(desk)
    with caplog.at_level(logging.INFO):
        desk.slack.outage = broken
        _pass(desk, 3 * 3600, 60)
        desk.slack.outage = None
        _pass(desk, 120, 60)
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(lines) == 4
    assert lines[0] == ("Slack cannot be reached, and work that needs it waits: Slack answers 500")
    assert "has not been reached for 1:0" in lines[1]
    assert lines[-1].startswith("Slack can be reached again, after 2:5")


def test_what_slack_may_still_be_doing_is_not_done_again_when_it_recovers(desk: Desk) -> None:
    """A post that timed out is looked for as late as before, though all that waited goes on."""
    ts = post_duplicate(desk)
    hold = Event()
    late = done_later(hold)
    desk.slack.fail("chat.postMessage", late)
    desk.tasks.slack.client.timeout = 1
    assert desk.answers("C1", ts) == []
    desk.slack.outage = broken
    desk.enqueue(*(HomeOpened(key=f"home{n}", team="T1", user=f"U{n}") for n in range(5)))
    desk.drain()
    desk.slack.outage = None
    desk.wait(FIRST_PROBE)
    assert len(desk.slack.calls) > 0
    assert desk.jobs("ready") != []  # the answer, and nothing else
    hold.set()
    assert late.over.wait(10)
    desk.wait(SETTLE_SECONDS)
    assert len(desk.slack.replies("C1", ts)) == 1
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_tickets_are_stored_and_judged_during_an_outage(desk: Desk) -> None:
    """Only jobs that need Slack wait."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.outage = dropped
    ts = desk.ticket("C1", PRINTER)
    desk.slack.add_channel("C2")
    elsewhere = desk.ticket("C2", VPN)  # a channel that has to be looked up
    desk.drain()
    assert desk.answer("C1", ts) is not None
    desk.slack.outage = None
    desk.wait(MAX_PROBE)
    assert desk.item("C2", elsewhere).text == VPN


def test_waiting_is_no_attempt_and_ends_after_a_day(desk: Desk) -> None:
    """After a day a job fails, or is dropped if its message would come too late to be useful."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.outage = broken
    desk.slack.add_channel("C2")
    desk.ticket("C2", VPN)
    desk.enqueue(HomeOpened(key="home", team="T1", user="U1"))
    _pass(desk, MAX_WAIT.total_seconds() - 600, 600)
    assert {(job.kind, job.attempts) for job in desk.jobs("ready")} == {("message", 0), ("home", 0)}
    assert desk.jobs("failed") == desk.jobs("dropped") == []
    _pass(desk, 1800, 600)
    [failed], [dropped_] = desk.jobs("failed"), desk.jobs("dropped")
    assert (failed.kind, failed.error) == (
        "message",
        "waited for 24 hours: Slack answers 500",
    )
    assert (dropped_.kind, dropped_.error) == ("home", "older than 24 hours")
    desk.slack.outage = None
    desk.services.queue.retry_failed(desk.clock.now)
    desk.wait(MAX_PROBE)
    assert desk.jobs("failed") == []


def test_a_restart_in_an_outage_changes_nothing(desk: Desk) -> None:
    """Waiting jobs are in the database; the new process detects the outage itself."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.outage = broken
    ts = desk.ticket("C1", PRINTER)
    _pass(desk, 300, 30)
    desk.slack.outage = None
    again = restarted(desk)
    again.wait(MAX_PAUSE)
    assert len(again.slack.replies("C1", ts)) == 1


USELESS = {
    "solved": "the ticket is solved",
    "deleted": "the message was deleted",
    "muted": "the channel is muted",
    "off": "answers are off in the channel",
    "old": "older than 24 hours",
}


@pytest.mark.parametrize("what", USELESS)
@pytest.mark.both_databases
def test_an_answer_no_longer_needed_is_dropped_with_the_reason(desk: Desk, what: str) -> None:
    """No late answer is posted to a thread that no longer needs one."""
    ts = post_duplicate(desk)
    other = desk.ticket("C1", VPN)
    desk.drain()
    [first] = desk.slack.replies("C1", ts)
    desk.slack.outage = broken
    late = desk.ticket("C1", VPN)
    desk.drain()
    _make_useless(desk, what, late)
    desk.slack.outage = None
    desk.wait(MAX_PAUSE)
    assert desk.slack.replies("C1", late) == []
    assert [job.error for job in desk.jobs("dropped") if job.kind == "answer"] == [USELESS[what]]
    assert desk.jobs("ready") == desk.jobs("failed") == []
    assert desk.slack.replies("C1", ts) == [first]
    assert desk.item("C1", other).deleted_at is None


def _make_useless(desk: Desk, what: str, ts: str) -> None:
    with desk.services.database.write() as session:
        item = session.merge(desk.item("C1", ts))
        if what == "solved":
            item.resolution = "restart it"
        elif what in {"muted", "off"}:
            channel = session.get_one(Channel, item.channel_id)
            if what == "muted":
                channel.muted_at, channel.muted_by = desk.clock.now, "U1"
            else:
                channel.mode = "off"
    if what == "deleted":
        desk.slack.remove("C1", ts)
    elif what == "old":
        desk.clock.advance(MAX_WAIT.total_seconds() - MAX_PAUSE + 1)
