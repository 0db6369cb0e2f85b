"""Slack fails, processes die, things happen at once: still one answer, late if necessary."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from itertools import product
from threading import Event

import pytest

from bot.server.worker import BATCH
from bot.slack.client import SETTLE_SECONDS, Slack
from bot.slack.errors import GoneError
from bot.tasks.registry import BATCHED
from services.queue import MAX_ATTEMPTS, retry_delay
from tests.bot.server.duplicate_tickets import PRINTER, VPN, post_duplicate
from tests.serving import Desk, buttons
from tests.slack_server import (
    Fault,
    broken,
    done_but_dropped,
    done_later,
    dropped,
    rate_limited,
    refused,
)


@pytest.mark.parametrize(
    "method", ["conversations.info", "conversations.replies", "chat.postMessage"]
)
def test_slack_is_not_called_before_its_rate_limit_ends(desk: Desk, method: str) -> None:
    """The wait in a 429 is kept to the second, and does not count as an attempt."""
    ts = post_duplicate(desk)
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


def _faults_of(method: str, *others: str) -> pytest.MarkDecorator:
    """Fail a method in every way; others in one, and in all ways only in `make test-all`."""
    ways = [pytest.param(method, FAULTS[name], id=f"{method}-{name}") for name in FAULTS]
    for number, (other, name) in enumerate(product(others, FAULTS)):
        marks = () if number % (len(FAULTS) + 1) == 0 else pytest.mark.thorough
        ways.append(pytest.param(other, FAULTS[name], id=f"{other}-{name}", marks=marks))
    return pytest.mark.parametrize(("method", "fault"), ways)


@_faults_of("chat.postMessage", "conversations.info", "conversations.replies")
@pytest.mark.both_databases
def test_a_failing_call_delays_the_answer_without_losing_or_repeating_it(
    desk: Desk, method: str, fault: Callable[[], Fault]
) -> None:
    """After any failure, twice in a row, the thread still gets exactly one message."""
    ts = post_duplicate(desk)
    desk.slack.fail(method, fault(), fault())
    desk.drain()
    desk.wait(2)
    desk.wait(4)
    desk.wait(60)
    assert len(desk.slack.replies("C1", ts)) == 1
    assert len(desk.slack.posted()) == 1
    assert desk.jobs("ready") == desk.jobs("failed") == []


@_faults_of("chat.update", "chat.delete")
def test_a_failing_change_is_made_later(
    desk: Desk, method: str, fault: Callable[[], Fault]
) -> None:
    """A failed update or deletion is repeated."""
    ts = post_duplicate(desk)
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
    """A reply to a mention, posted just before the connection broke, is found again."""
    message = desk.slack.say("C1", "<@U0DEJA> help")
    desk.slack.fail("chat.postMessage", done_but_dropped())
    desk.deliver_message("C1", message)
    desk.drain()
    desk.wait(10)
    assert len(desk.slack.replies("C1", message["ts"])) == 1
    assert desk.jobs("ready") == []


def test_a_post_made_after_the_timeout_is_found(desk: Desk) -> None:
    """A message that Slack posts seconds after the client's timeout is not posted again."""
    ts = post_duplicate(desk)
    hold = Event()
    late = done_later(hold)
    desk.slack.fail("chat.postMessage", late)
    desk.tasks.slack.client.timeout = 1
    assert desk.answers("C1", ts) == []
    desk.wait(5)
    assert desk.slack.posted() == []
    hold.set()
    assert late.over.wait(10)
    desk.wait(SETTLE_SECONDS)
    assert len(desk.slack.posted()) == 1
    assert desk.jobs("ready") == []
    answer = desk.answer("C1", ts)
    assert answer is not None
    assert answer.message_ts == desk.slack.posted()[0]["ts"]


def test_a_long_thread_is_searched_to_its_end(desk: Desk) -> None:
    """The bot's message is found even on the last page of a long thread."""
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
    """After its last attempt a job fails with the reason; retried by hand, it succeeds."""
    ts = post_duplicate(desk)
    desk.slack.fail("chat.postMessage", *[refused() for _ in range(MAX_ATTEMPTS)])
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


def test_a_refused_token_is_an_error_not_an_empty_thread(desk: Desk) -> None:
    """A token revoked while the bot runs fails jobs visibly; nothing is treated as deleted."""
    ts = post_duplicate(desk)
    desk.slack.tokens.clear()
    desk.drain()
    assert len(desk.jobs("ready")) > 0
    desk.slack.tokens.add("xoxb-stand-in")
    desk.wait(60)
    assert len(desk.answers("C1", ts)) == 1


@pytest.mark.parametrize("asks", ["command", "mention", "button"])
def test_people_who_wait_are_told_when_a_job_fails_for_good(desk: Desk, asks: str) -> None:
    """In one ephemeral message without the error, even if Slack gave no response URL."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    if asks == "command":
        desk.command("C1", f"similar {PRINTER}")
        desk.slack.fail("users.info", *[refused()] * MAX_ATTEMPTS)
    elif asks == "mention":
        desk.ticket("C1", f"<@U0DEJA> {PRINTER}")
        desk.slack.fail("conversations.replies", *[refused()] * MAX_ATTEMPTS)
    else:
        desk.click("C1", "share", f"similar {PRINTER}")
        desk.slack.fail("conversations.history", *[refused()] * MAX_ATTEMPTS)
    for _ in range(MAX_ATTEMPTS + 1):
        desk.wait(600)
    [whisper] = desk.slack.private_replies
    assert "gave up" in whisper["text"]
    assert "SlackApiError" not in whisper["text"]


def test_a_missing_channel_differs_from_a_failure(desk: Desk) -> None:
    """A channel that does not exist raises `GoneError`, which is not retried."""
    slack: Slack = desk.tasks.slack
    with pytest.raises(GoneError):
        slack.channel("C404")
    assert slack.find_in_thread("C404", "1.1", "mark").exists is False
    assert slack.find_in_thread("C1", "1.1", "mark").exists is False


def test_a_channel_the_bot_was_removed_from_is_given_up(desk: Desk) -> None:
    """An answer for such a channel is dropped without a retry."""
    ts = post_duplicate(desk)
    desk.bot.worker.run_once(BATCHED, BATCH)
    del desk.slack.channels["C1"]
    desk.drain()
    assert desk.jobs("ready") == desk.jobs("failed") == []
    assert desk.answer("C1", ts) is None


def test_answers_to_a_burst_are_posted_one_a_second(desk: Desk) -> None:
    """Only within a channel; other channels do not wait, and no answer is lost or repeated."""
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
