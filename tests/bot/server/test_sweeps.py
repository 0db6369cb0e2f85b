"""A sweep reads what was posted while the bot was away."""

from __future__ import annotations

import pytest

from bot.jobs.event_kinds import SolvedMark
from tests.bot.server.duplicate_tickets import PRINTER, VPN
from tests.serving import Desk
from tests.slack_server import rate_limited


def test_a_sweep_fetches_missed_messages(desk: Desk) -> None:
    """It reads each channel since the last sweep, page by page, no message twice."""
    start = _swept(desk)
    missed = [
        desk.slack.say("C1", f"w{n} x{n}", ts=f"{start + 1 + n:.6f}")["ts"] for n in range(450)
    ]
    desk.slack.say("C1", PRINTER, ts=f"{start + 1000:.6f}")
    again = desk.slack.say("C1", PRINTER, ts=f"{start + 1001:.6f}")
    mention = desk.slack.say("C1", "<@U0DEJA> help", ts=f"{start + 1002:.6f}")
    _swept(desk)
    assert [desk.item("C1", ts).text for ts in (missed[0], missed[-1])] == ["w0 x0", "w449 x449"]
    assert len(desk.slack.replies("C1", again["ts"])) == 1
    assert len(desk.slack.replies("C1", mention["ts"])) == 1
    before = desk.slack.count("conversations.history"), len(desk.jobs("done"))
    _swept(desk)  # reads the last day again, for edits and deletions
    assert desk.slack.count("conversations.history") == before[0] + 3
    assert len(desk.jobs("done")) == before[1] + 1


@pytest.mark.both_databases
def test_a_message_from_a_sweep_and_an_event_gets_one_answer(desk: Desk) -> None:
    """A message that arrives both ways is stored once and answered once."""
    start = _swept(desk)
    desk.slack.say("C1", PRINTER, ts=f"{start + 1:.6f}")
    again = desk.slack.say("C1", PRINTER, ts=f"{start + 2:.6f}")
    desk.deliver_message("C1", again)
    _swept(desk)
    desk.deliver_message("C1", again)
    assert len(desk.answers("C1", again["ts"])) == 1
    assert len(desk.slack.posted()) == 1


def test_nothing_is_missed_with_a_clock_ahead_of_slacks(desk: Desk) -> None:
    """Messages dated to the second of one sweep are fetched by the next."""
    desk.clock.advance(0.4)
    second = int(_swept(desk))
    said = desk.slack.say("C1", "printer broken a moment after the start", ts=f"{second}.000002")
    _swept(desk)
    assert desk.item("C1", said["ts"]).text == "printer broken a moment after the start"


def _swept(desk: Desk) -> float:
    """Sweep an hour later, and return that time."""
    desk.clock.advance(3600)
    desk.bot.worker.request_sweep()
    desk.drain()
    return desk.clock.now.timestamp()


def test_a_sweep_waits_for_a_rate_limit(desk: Desk) -> None:
    """Rate-limited during a sweep, it waits as long as requested and misses nothing."""
    start = _swept(desk)
    said = desk.slack.say("C1", "a missed printer", ts=f"{start + 1:.6f}")
    desk.slack.fail("conversations.history", rate_limited(1))
    calls = desk.slack.count("conversations.history")
    _swept(desk)
    assert desk.slack.count("conversations.history") == calls + 2
    assert desk.item("C1", said["ts"]).text == "a missed printer"


def test_a_sweep_finds_edits_and_deletions(desk: Desk) -> None:
    """Changes made while the bot was away are applied, and each answer is updated once."""
    start = _swept(desk)
    first, again, edited, parent = (
        desk.ticket("C1", text, ts=f"{start + n:.6f}")
        for n, text in enumerate((PRINTER, PRINTER, VPN, "badge reader stays red"), 1)
    )
    desk.slack.say("C1", "which one?", thread_ts=parent)
    assert len(desk.answers("C1", again)) == 1
    _swept(desk)
    desk.slack.remove("C1", first)
    desk.slack.remove("C1", parent)
    revision = {"user": "U1", "ts": f"{start + 4000:.6f}"}
    desk.slack._messages["C1"][edited] |= {"text": "wombats dig in zurich", "edited": revision}
    _swept(desk)
    assert desk.item("C1", first).deleted_at is not None
    assert desk.item("C1", parent).deleted_at is not None
    assert desk.item("C1", edited).text == "wombats dig in zurich"
    assert desk.slack.replies("C1", again) == []
    done = len(desk.jobs("done"))
    _swept(desk)
    assert len(desk.jobs("done")) == done + 1


def test_a_sweep_finds_changed_solutions(desk: Desk) -> None:
    """The reply that solved a ticket is edited, then deleted, while the bot is away."""
    start = _swept(desk)
    ticket = desk.ticket("C1", PRINTER, ts=f"{start + 1:.6f}")
    reply = desk.slack.say("C1", "restart it", "U2", thread_ts=ticket, ts=f"{start + 2:.6f}")
    desk.deliver_message("C1", reply)
    desk.enqueue(SolvedMark(key="mark", team="T1", channel="C1", user="U1", ts=reply["ts"]))
    desk.drain()
    assert desk.item("C1", ticket).resolution == "restart it"
    reply |= {"text": "update it", "edited": {"user": "U2", "ts": f"{start + 4000:.6f}"}}
    _swept(desk)
    assert desk.item("C1", ticket).resolution == "update it"
    desk.slack.remove("C1", reply["ts"])
    _swept(desk)
    assert not desk.item("C1", ticket).resolution
