"""Solutions that did not help rank lower and say so; different solutions are shown."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models import Outcome
from tests.conftest import NOW
from tests.serving import Desk, buttons, words
from tests.worlds import begin

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Set the tray to plain paper and restart it"
OTHER = "Go back to the firmware of last month"


def solve(desk: Desk, ts: str, answer: str = ANSWER, channel: str = "C1") -> str:
    """Mark a reply as the solution of a ticket, and return the reply's `ts`."""
    reply = desk.slack.say(channel, answer, user="U5", thread_ts=ts)
    desk.react(channel, reply["ts"])
    desk.drain()
    return str(reply["ts"])


def report_solved(desk: Desk, answer: str = ANSWER) -> str:
    """Post a ticket and its solution, and return the ticket's `ts`."""

    def post() -> str:
        ts = desk.ticket("C1", PRINTER)
        desk.drain()
        solve(desk, ts, answer)
        return ts

    return begin(desk, f"a ticket solved by {answer}", post)


def report_again(
    desk: Desk, user: str = "U1", channel: str = "C1", more: str = ""
) -> tuple[str, dict[str, Any]]:
    """Post the ticket once more, and return its `ts` and the bot's answer."""
    ts = desk.ticket(channel, f"{PRINTER} {more}", user=user)
    return ts, desk.opened(channel, ts)[0]


def use(desk: Desk, ts: str, answer_message: dict[str, Any], channel: str = "C1") -> None:
    """Use the solution that an answer offers."""
    desk.click(channel, "use", buttons(answer_message)["use"], user="U9")
    desk.drain()
    assert len(desk.slack.replies(channel, ts)) > 1


def reply(desk: Desk, ts: str, text: str, user: str = "U1", channel: str = "C1") -> None:
    """Reply in a thread, later than everything else there."""
    later = f"{int(NOW.timestamp()) + 60}.000100"
    message = desk.slack.say(channel, text, user=user, thread_ts=ts, ts=later)
    desk.deliver_message(channel, message)
    desk.drain()


def report_failure(desk: Desk, text: str = "that did not work") -> str:
    """Use the solution for another ticket, whose author writes that it did not help."""
    ts, answer_message = report_again(desk, more="since monday")
    use(desk, ts, answer_message)
    reply(desk, ts, text)
    return ts


def test_a_solution_that_did_not_help_says_so(desk: Desk) -> None:
    """It is not headed *Answered before* any more."""
    report_solved(desk)
    ts = report_failure(desk, "Geht leider immer noch nicht, gleiche Problem")
    _, answer_message = report_again(desk, user="U4")
    assert "did not work for 1 other" in words(answer_message)
    assert "Possible regression?" in words(answer_message)
    own = words(desk.slack.replies("C1", ts)[0])
    assert "did not work for 1 other" in own


@pytest.mark.parametrize(
    ("text", "user"), [("thanks, that helped", "U1"), ("that did not work", "U8")]
)
def test_only_the_author_can_report_a_failure(desk: Desk, text: str, user: str) -> None:
    """Replies of others do not count, nor does praise."""
    report_solved(desk)
    ts, answer_message = report_again(desk)
    use(desk, ts, answer_message)
    reply(desk, ts, text, user=user)
    assert "did not work for" not in words(report_again(desk)[1])


def test_a_complaint_counts_only_after_a_solution_and_once(desk: Desk) -> None:
    """A complaint without a used solution does not count, and a repeated one counts once."""
    report_solved(desk)
    ts, _ = report_again(desk)
    reply(desk, ts, "still broken")
    ts = report_failure(desk)
    reply(desk, ts, "still broken!")
    with desk.services.database.read() as session:
        assert session.scalars(select(Outcome.worked)).all() == [False]


@pytest.mark.both_databases
def test_still_broken_counts_and_can_be_undone(desk: Desk) -> None:
    """*Still broken* counts until that decision is undone."""
    root = desk.ticket("C1", PRINTER)
    desk.drain()
    report, answer_message = report_again(desk)
    desk.click("C1", "duplicate", buttons(answer_message)["duplicate"])
    desk.drain()
    solve(desk, root)
    notice = next(m for m in desk.slack.replies("C1", report) if "told_broken" in buttons(m))
    desk.click("C1", "told_broken", buttons(notice)["told_broken"])
    desk.drain()
    assert "did not work for 1 other" in words(report_again(desk)[1])
    pair = f"{desk.item('C1', report).id}:{desk.item('C1', root).id}"
    desk.click("C1", "undo", pair)
    desk.drain()
    assert "did not work for" not in words(report_again(desk)[1])
    with desk.services.database.read() as session:
        assert session.scalars(select(Outcome.undone_by)).all() == ["U2"]


def test_success_makes_up_for_failure(desk: Desk) -> None:
    """A solution that worked as often as it failed is offered as before, with the number."""
    root = desk.ticket("C1", PRINTER)
    desk.drain()
    report, answer_message = report_again(desk)
    desk.click("C1", "duplicate", buttons(answer_message)["duplicate"])
    desk.drain()
    solve(desk, root)
    notice = next(m for m in desk.slack.replies("C1", report) if "told_works" in buttons(m))
    desk.click("C1", "told_works", buttons(notice)["told_works"])
    report_failure(desk)
    _, answer_message = report_again(desk, user="U4")
    assert "did not work for 1 other" in words(answer_message)
    assert "Answered before?" in words(answer_message)


def test_the_solution_that_failed_ranks_lower(desk: Desk) -> None:
    """It ranks lower in answers and in `/deja similar`."""
    report_solved(desk, ANSWER)
    report_failure(desk)
    second = desk.ticket("C1", PRINTER, user="U6")
    desk.drain()
    solve(desk, second, OTHER)
    shown = words(report_again(desk)[1])
    assert shown.index(OTHER) < shown.index(ANSWER)
    desk.command("C1", f"similar {PRINTER}")
    desk.drain()
    shown = words(desk.slack.private_replies[-1])
    assert "did not work for 1 other" in shown
    assert shown.index(OTHER) < shown.index(ANSWER)


def test_private_failures_are_not_counted_elsewhere(desk: Desk) -> None:
    """They count only where they may be read."""
    report_solved(desk)
    desk.slack.add_channel("G1", is_private=True)
    ts, answer_message = report_again(desk, channel="G1")
    use(desk, ts, answer_message, "G1")
    reply(desk, ts, "that did not work", channel="G1")
    assert "did not work for 1 other" in words(report_again(desk, channel="G1")[1])
    assert "did not work for" not in words(report_again(desk)[1])


def conflict(desk: Desk, answer: str, channel: str = "C1") -> None:
    """Report the solved issue from a channel, and solve it there with an answer."""
    ts, answer_message = report_again(desk, channel=channel)
    desk.click(channel, "duplicate", buttons(answer_message)["duplicate"])
    desk.drain()
    solve(desk, ts, answer, channel)


def test_different_solutions_are_shown(desk: Desk) -> None:
    """One line says so, and *Read more* has all of them with credit."""
    report_solved(desk)
    conflict(desk, OTHER)
    _, answer_message = report_again(desk)
    assert "2 different answers" in words(answer_message)
    desk.click("C1", "more", buttons(answer_message)["more"], hook=desk.slack.hook())
    desk.drain()
    notice = words(desk.slack.private_replies[-1])
    assert "2 different answers" in notice
    assert ANSWER in notice
    assert OTHER in notice
    assert notice.count("<@U5>") == len([ANSWER, OTHER])


def test_nearly_equal_solutions_count_as_one(desk: Desk) -> None:
    """Case, punctuation and one more word do not make a different solution."""
    report_solved(desk)
    conflict(desk, f"{ANSWER.upper()} now!")
    assert "different answers" not in words(report_again(desk)[1])


def test_a_private_solution_is_not_shown_elsewhere(desk: Desk) -> None:
    """It is neither counted nor shown to those who may not read it."""
    report_solved(desk)
    desk.slack.add_channel("G1", is_private=True)
    conflict(desk, OTHER, "G1")
    _, answer_message = report_again(desk)
    assert "different answers" not in words(answer_message)
    assert OTHER not in words(answer_message)
    pair = buttons(answer_message)["why"]
    desk.click("C1", "more", pair, hook=desk.slack.hook())
    desk.drain()
    assert OTHER not in words(desk.slack.private_replies[-1])
    _, answer_message = report_again(desk, channel="G1")
    assert "2 different answers" in words(answer_message)
