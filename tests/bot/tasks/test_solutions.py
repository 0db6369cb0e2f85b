"""The solution of an issue is shown to others, used again, and deleted with its message."""

from __future__ import annotations

import pytest

from tests.bot.tasks.resolutions import ANSWER, PRINTER, edit_reply, report_again
from tests.serving import Desk, buttons, words


def test_a_deleted_reply_is_no_solution_any_more(desk: Desk, answered: tuple[str, str]) -> None:
    """Its text is deleted, also from the answers that showed it."""
    ts, reply = answered
    desk.react("C1", reply)
    report_again(desk)
    desk.delete("C1", reply)
    desk.drain()
    assert desk.item("C1", ts).resolution is None
    assert not any(ANSWER in words(message) for message in desk.slack.posted())


def test_a_deleted_tickets_solution_is_deleted(desk: Desk, answered: tuple[str, str]) -> None:
    """No answer shows it any more."""
    desk.react("C1", answered[1])
    report_again(desk)
    desk.delete("C1", answered[0])
    desk.drain()
    assert not any(ANSWER in words(message) for message in desk.slack.posted())


@pytest.mark.both_databases
def test_a_solution_is_used_again_with_credit(desk: Desk, answered: tuple[str, str]) -> None:
    """*Use this answer* posts it into the thread once, even if it is pressed twice."""
    desk.react("C1", answered[1])
    ts = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", ts)
    for _ in range(2):
        desk.click("C1", "use", buttons(answer)["use"], user="U9")
        desk.drain()
    _, used = desk.slack.replies("C1", ts)
    assert ANSWER in words(used)
    assert "<@U5>" in words(used)
    assert "<@U9>" in words(used)


def test_a_used_answer_follows_its_source(desk: Desk, answered: tuple[str, str]) -> None:
    """Where it was posted an edit is shown, and it goes when its source is deleted."""
    ts, reply = answered
    desk.react("C1", reply)
    again = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", again)
    desk.click("C1", "use", buttons(answer)["use"], user="U9")
    desk.drain()
    edit_reply(desk, ts, reply, "Update the driver instead", 1_795_400_000)
    _, used = desk.slack.replies("C1", again)
    assert "Update the driver instead" in words(used)
    assert ANSWER not in words(used)
    assert "<@U9>" in words(used)
    desk.delete("C1", reply)
    desk.drain()
    assert not any("driver" in words(one) for one in desk.slack.posted())


def test_a_long_solution_can_be_read_in_full(desk: Desk, answered: tuple[str, str]) -> None:
    """An answer shows its beginning, and *Read more* shows the rest in private."""
    long = f"{'Check the tray. ' * 200}Then restart."
    reply = desk.slack.say("C1", long, user="U5", thread_ts=answered[0])
    desk.react("C1", reply["ts"])
    answer = report_again(desk)
    assert "Then restart" not in words(answer)
    desk.click("C1", "more", buttons(answer)["more"], hook=desk.slack.hook())
    desk.drain()
    assert "Then restart" in words(desk.slack.private_replies[-1])


def test_a_solution_that_turned_private_is_not_shown(desk: Desk) -> None:
    """Neither *Read more* nor *Use this answer* reveals it, although the buttons are there."""
    desk.slack.add_channel("C2")
    ts = desk.ticket("C2", PRINTER)
    reply = desk.slack.say("C2", ANSWER, thread_ts=ts)
    desk.react("C2", reply["ts"])
    first_answer = report_again(desk)
    pair = buttons(first_answer)["use"]
    desk.slack.channels["C2"]["is_private"] = True
    desk.ticket("C2", "any message here reveals the change")
    desk.drain()
    for action in ("use", "more"):
        desk.click("C1", action, pair, hook=desk.slack.hook())
        desk.drain()
    assert "any such ticket" in words(desk.slack.private_replies[-1])
    assert not any(ANSWER in words(message) for message in desk.slack.posted())
    assert not any(ANSWER in words(whisper) for whisper in desk.slack.private_replies)


def test_a_report_without_a_solution_uses_the_first_reports(
    desk: Desk, answered: tuple[str, str]
) -> None:
    """*Use this answer* on such a report posts the solution of the issue's first report."""
    desk.react("C1", answered[1])
    second = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", second)
    desk.click("C1", "duplicate", buttons(answer)["duplicate"])
    desk.drain()
    third = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", third)
    desk.click("C1", "use", buttons(answer)["use"])
    desk.drain()
    assert ANSWER in words(desk.slack.replies("C1", third)[-1])
