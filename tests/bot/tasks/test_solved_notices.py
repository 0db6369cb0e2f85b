"""When an issue's first report is solved, the others get a notice once, and say if it works."""

from __future__ import annotations

import pytest

from tests.serving import Desk, buttons, words

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Set the tray to plain paper and restart it"


def report(desk: Desk, channel: str = "C1") -> str:
    """Report the issue once more and confirm that it is the same; return the report's `ts`."""
    ts = desk.ticket(channel, PRINTER)
    [answer] = desk.answers(channel, ts)
    desk.click(channel, "duplicate", buttons(answer)["duplicate"])
    desk.drain()
    return ts


@pytest.fixture
def first(desk: Desk) -> str:
    """Report it for the first time."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    return ts


def solve(desk: Desk, ts: str) -> None:
    """Mark a reply as the answer of a ticket."""
    reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=ts)
    desk.react("C1", reply["ts"])
    desk.drain()


def notices(desk: Desk, channel: str, ts: str) -> list[dict[str, object]]:
    """Return the notices in a thread that its issue is solved."""
    return [m for m in desk.slack.replies(channel, ts) if "same issue has been solved" in words(m)]


@pytest.mark.both_databases
def test_every_report_is_told_once(desk: Desk, first: str) -> None:
    """In its own thread, whoever marks the answer how often."""
    desk.slack.add_channel("C2")
    reports = [("C1", report(desk)), ("C2", report(desk, "C2"))]
    solve(desk, first)
    solve(desk, first)
    for channel, ts in reports:
        [message] = notices(desk, channel, ts)
        assert ANSWER in words(message)
    assert notices(desk, "C1", first) == []


def test_it_works_there_too(desk: Desk, first: str) -> None:
    """*Works* solves the report with the same answer."""
    ts = report(desk)
    solve(desk, first)
    [message] = notices(desk, "C1", ts)
    desk.click("C1", "told_works", buttons(message)["told_works"], user="U9")
    desk.drain()
    assert desk.item("C1", ts).resolution == ANSWER
    [message] = notices(desk, "C1", ts)
    assert "It worked here too" in words(message)
    assert "<@U9>" in words(message)


def test_what_is_still_broken_is_another_issue(desk: Desk, first: str) -> None:
    """*Still broken* parts it from the first report, as a verdict, and it stays open."""
    ts = report(desk)
    solve(desk, first)
    [message] = notices(desk, "C1", ts)
    desk.click("C1", "told_broken", buttons(message)["told_broken"], user="U9")
    desk.drain()
    assert desk.item("C1", ts).status == "open"
    [message] = notices(desk, "C1", ts)
    assert "Still broken" in words(message)
    solve(desk, first)
    answer = desk.slack.replies("C1", ts)[0]
    assert "*Not a duplicate*" in words(answer)


def test_a_report_that_may_not_know_is_not_told(desk: Desk) -> None:
    """A private first report is solved in private."""
    desk.slack.add_channel("G1", is_private=True)
    hidden = desk.ticket("G1", PRINTER)
    desk.drain()
    own = report(desk, "G1")
    public = desk.ticket("C1", PRINTER)
    desk.drain()
    reply = desk.slack.say("G1", ANSWER, thread_ts=hidden)
    desk.react("G1", reply["ts"])
    desk.drain()
    assert len(notices(desk, "G1", own)) == 1
    assert notices(desk, "C1", public) == []


def test_a_forged_click_stores_nothing(desk: Desk, first: str) -> None:
    """From another channel, or about tickets that are of no issue."""
    desk.slack.add_channel("C2")
    ts = report(desk)
    solve(desk, first)
    [message] = notices(desk, "C1", ts)
    desk.click("C2", "told_works", buttons(message)["told_works"])
    other = desk.ticket("C1", "something else entirely about badgers")
    desk.drain()
    stray = desk.item("C1", other)
    desk.click("C1", "told_works", f"{desk.item('C1', first).id}:{stray.id}")
    desk.drain()
    assert desk.item("C1", ts).status == "open"
    assert desk.item("C1", other).status == "open"


def test_an_answer_that_is_no_first_report_tells_nobody(desk: Desk, first: str) -> None:
    """A later report's answer is announced to nobody: the issue's own is that of the root."""
    ts = report(desk)
    solve(desk, ts)
    assert notices(desk, "C1", first) == []


def test_an_answer_that_was_taken_over_follows_its_message(desk: Desk, first: str) -> None:
    """Its edits, and its deletion, in another channel too."""
    desk.slack.add_channel("C2")
    ts = report(desk, "C2")
    reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=first)
    desk.react("C1", reply["ts"])
    desk.drain()
    [message] = notices(desk, "C2", ts)
    desk.click("C2", "told_works", buttons(message)["told_works"])
    desk.drain()
    assert desk.item("C2", ts).resolution == ANSWER
    desk.delete("C1", reply["ts"])
    desk.drain()
    assert desk.item("C2", ts).resolution is None
    assert desk.item("C1", first).resolution is None
