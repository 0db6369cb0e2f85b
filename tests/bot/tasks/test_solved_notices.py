"""When an issue's first report is solved, the other reports get one notice each."""

from __future__ import annotations

import pytest

from tests.serving import Desk, buttons, words
from tests.slack_server import Fault

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Set the tray to plain paper and restart it"


def report(desk: Desk, channel: str = "C1") -> str:
    """Report the issue again, confirm that it is the same, and return the report's `ts`."""
    ts = desk.ticket(channel, PRINTER)
    [answer] = desk.answers(channel, ts)
    desk.click(channel, "duplicate", buttons(answer)["duplicate"])
    desk.drain()
    return ts


@pytest.fixture
def first(desk: Desk) -> str:
    """Report the issue for the first time."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    return ts


def solve(desk: Desk, ts: str) -> None:
    """Mark a reply as the solution of a ticket."""
    reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=ts)
    desk.react("C1", reply["ts"])
    desk.drain()


def notices(desk: Desk, channel: str, ts: str) -> list[dict[str, object]]:
    """Return the notices in a thread that the issue is solved."""
    return [m for m in desk.slack.replies(channel, ts) if "same issue has been solved" in words(m)]


def press(desk: Desk, ts: str, name: str) -> None:
    """Press a button of the one notice in a thread."""
    [message] = notices(desk, "C1", ts)
    desk.click("C1", name, buttons(message)[name], user="U9")
    desk.drain()


def take_back(desk: Desk, ts: str, action: str = "undo") -> None:
    """Undo the decision that the answer in a thread shows, or decide otherwise."""
    [answer] = [one for one in desk.answers("C1", ts) if "undo" in buttons(one)]
    desk.click("C1", action, buttons(answer)["undo"])
    desk.drain()


@pytest.mark.both_databases
def test_every_report_gets_one_notice(desk: Desk, first: str) -> None:
    """The notice is in the report's own thread, even if the solution is marked twice."""
    desk.slack.add_channel("C2")
    reports = [("C1", report(desk)), ("C2", report(desk, "C2"))]
    solve(desk, first)
    solve(desk, first)
    for channel, ts in reports:
        [message] = notices(desk, channel, ts)
        assert ANSWER in words(message)
    assert notices(desk, "C1", first) == []


@pytest.mark.parametrize("does", [False, True], ids=["failed", "done but 500"])
def test_a_reply_that_fails_costs_no_notice(desk: Desk, first: str, *, does: bool) -> None:
    """What follows from a solution is kept with it, and the reply says once what was done."""
    ts = report(desk)
    desk.slack.fail("chat.postMessage", *[Fault(status=500, does=does)] * (1 if does else 2))
    desk.ticket("C1", f"<@U0DEJA> resolve {ANSWER}", user="U4", thread_ts=first)
    desk.drain()
    desk.wait(600)
    desk.wait(600)
    [message] = notices(desk, "C1", ts)
    assert ANSWER in words(message)
    [reply] = desk.slack.replies("C1", first)
    assert "Saved: the ticket is solved" in words(reply)


def test_works_solves_the_report(desk: Desk, first: str) -> None:
    """*Works* solves the report with the same solution."""
    ts = report(desk)
    solve(desk, first)
    press(desk, ts, "told_works")
    assert desk.item("C1", ts).resolution == ANSWER
    [message] = notices(desk, "C1", ts)
    assert "It worked here too" in words(message)
    assert "<@U9>" in words(message)


def test_still_broken_makes_it_another_issue(desk: Desk, first: str) -> None:
    """*Still broken* is a verdict against the first report, and the report stays open."""
    ts = report(desk)
    solve(desk, first)
    press(desk, ts, "told_broken")
    assert desk.item("C1", ts).status == "open"
    [message] = notices(desk, "C1", ts)
    assert "Still broken" in words(message)
    solve(desk, first)
    answer = desk.slack.replies("C1", ts)[0]
    assert "*Not a duplicate*" in words(answer)


def test_undo_takes_the_notice_back(desk: Desk, first: str) -> None:
    """A report that is of no such issue any more is not told that it is solved."""
    ts = report(desk)
    solve(desk, first)
    take_back(desk, ts)
    assert notices(desk, "C1", ts) == []


@pytest.mark.parametrize("then", ["undo", "duplicate"])
def test_undo_takes_still_broken_back(desk: Desk, first: str, then: str) -> None:
    """Undone, the notice goes; where it is the same issue after all, its buttons are back."""
    ts = report(desk)
    solve(desk, first)
    press(desk, ts, "told_broken")
    take_back(desk, ts, then)
    told = notices(desk, "C1", ts)
    assert len(told) == (then == "duplicate")
    for one in told:
        assert "told_works" in buttons(one)
        assert "Still broken: this" not in words(one)


def test_a_notice_that_helped_stays(desk: Desk, first: str) -> None:
    """The ticket is solved, whatever issue it is of."""
    ts = report(desk)
    solve(desk, first)
    press(desk, ts, "told_works")
    take_back(desk, ts)
    [message] = notices(desk, "C1", ts)
    assert "It worked here too" in words(message)


def test_a_private_solution_causes_no_public_notice(desk: Desk) -> None:
    """Only reports in the private channel get a notice."""
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
    """A click from another channel, or about tickets of no common issue, is ignored."""
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


def test_only_the_first_reports_solution_causes_notices(desk: Desk, first: str) -> None:
    """A later report's solution causes none, as the issue's solution is the first report's."""
    ts = report(desk)
    solve(desk, ts)
    assert notices(desk, "C1", first) == []


def test_a_copied_solution_is_deleted_with_its_message(desk: Desk, first: str) -> None:
    """The solution of a report in another channel is deleted, too."""
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
