"""Answers that did not help sink and say so; different answers to one issue are shown."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models import Outcome
from tests.conftest import NOW
from tests.serving import Desk, buttons, words

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Set the tray to plain paper and restart it"
OTHER = "Go back to the firmware of last month"


def solve(desk: Desk, ts: str, answer: str = ANSWER, channel: str = "C1") -> str:
    """Mark a reply as the answer of a ticket; return the reply's `ts`."""
    reply = desk.slack.say(channel, answer, user="U5", thread_ts=ts)
    desk.react(channel, reply["ts"])
    desk.drain()
    return str(reply["ts"])


def first(desk: Desk, answer: str = ANSWER) -> str:
    """Say the ticket and its answer; return its `ts`."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    solve(desk, ts, answer)
    return ts


def again(
    desk: Desk, user: str = "U1", channel: str = "C1", more: str = ""
) -> tuple[str, dict[str, Any]]:
    """Say the ticket once more; return its `ts` and the answer on it."""
    ts = desk.ticket(channel, f"{PRINTER} {more}", user=user)
    return ts, desk.answers(channel, ts)[0]


def use(desk: Desk, ts: str, card: dict[str, Any], channel: str = "C1") -> None:
    """Use the answer that a card offers."""
    desk.click(channel, "use", buttons(card)["use"], user="U9")
    desk.drain()
    assert len(desk.slack.replies(channel, ts)) > 1


def reply(desk: Desk, ts: str, text: str, user: str = "U1", channel: str = "C1") -> None:
    """Say something in a thread, after all that was done there."""
    later = f"{int(NOW.timestamp()) + 60}.000100"
    message = desk.slack.say(channel, text, user=user, thread_ts=ts, ts=later)
    desk.deliver_message(channel, message)
    desk.drain()


def failed(desk: Desk, text: str = "that did not work") -> str:
    """Use the answer for another ticket, whose author says that it did not help."""
    ts, card = again(desk, more="since monday")
    use(desk, ts, card)
    reply(desk, ts, text)
    return ts


def test_an_answer_that_did_not_help_says_so(desk: Desk) -> None:
    """It is not offered as *Answered before* any more."""
    first(desk)
    ts = failed(desk, "Geht leider immer noch nicht, gleiche Problem")
    _, card = again(desk, user="U4")
    assert "did not work for 1 other" in words(card)
    assert "Possible regression?" in words(card)
    own = words(desk.slack.replies("C1", ts)[0])
    assert "did not work for 1 other" in own


@pytest.mark.parametrize(
    ("text", "user"), [("thanks, that helped", "U1"), ("that did not work", "U8")]
)
def test_only_the_author_says_that_it_failed(desk: Desk, text: str, user: str) -> None:
    """What somebody else says in the thread counts nothing, nor does praise."""
    first(desk)
    ts, card = again(desk)
    use(desk, ts, card)
    reply(desk, ts, text, user=user)
    assert "did not work for" not in words(again(desk)[1])


def test_a_complaint_without_an_answer_counts_nothing(desk: Desk) -> None:
    """Nothing was used in that thread; and what is said twice counts once."""
    first(desk)
    ts, _ = again(desk)
    reply(desk, ts, "still broken")
    ts = failed(desk)
    reply(desk, ts, "still broken!")
    with desk.services.database.read() as session:
        assert session.scalars(select(Outcome.worked)).all() == [False]


@pytest.mark.both_databases
def test_still_broken_counts_and_can_be_undone(desk: Desk) -> None:
    """As long as that decision is current."""
    root = desk.ticket("C1", PRINTER)
    desk.drain()
    report, card = again(desk)
    desk.click("C1", "duplicate", buttons(card)["duplicate"])
    desk.drain()
    solve(desk, root)
    notice = next(m for m in desk.slack.replies("C1", report) if "told_broken" in buttons(m))
    desk.click("C1", "told_broken", buttons(notice)["told_broken"])
    desk.drain()
    assert "did not work for 1 other" in words(again(desk)[1])
    pair = f"{desk.item('C1', report).id}:{desk.item('C1', root).id}"
    desk.click("C1", "undo", pair)
    desk.drain()
    assert "did not work for" not in words(again(desk)[1])
    with desk.services.database.read() as session:
        assert session.scalars(select(Outcome.undone_by)).all() == ["U2"]


def test_works_makes_up_for_it(desk: Desk) -> None:
    """What worked as often as it failed is offered as before, and says what it did."""
    root = desk.ticket("C1", PRINTER)
    desk.drain()
    report, card = again(desk)
    desk.click("C1", "duplicate", buttons(card)["duplicate"])
    desk.drain()
    solve(desk, root)
    notice = next(m for m in desk.slack.replies("C1", report) if "told_works" in buttons(m))
    desk.click("C1", "told_works", buttons(notice)["told_works"])
    failed(desk)
    _, card = again(desk, user="U4")
    assert "did not work for 1 other" in words(card)
    assert "Answered before?" in words(card)


def test_of_two_alike_the_one_that_failed_sinks(desk: Desk) -> None:
    """In the card and in /deja similar."""
    first(desk, ANSWER)
    failed(desk)
    second = desk.ticket("C1", PRINTER, user="U6")
    desk.drain()
    solve(desk, second, OTHER)
    shown = words(again(desk)[1])
    assert shown.index(OTHER) < shown.index(ANSWER)
    desk.command("C1", f"similar {PRINTER}")
    desk.drain()
    shown = words(desk.slack.private_replies[-1])
    assert "did not work for 1 other" in shown
    assert shown.index(OTHER) < shown.index(ANSWER)


def test_private_failures_are_not_counted_elsewhere(desk: Desk) -> None:
    """They count where they may be read."""
    first(desk)
    desk.slack.add_channel("G1", is_private=True)
    ts, card = again(desk, channel="G1")
    use(desk, ts, card, "G1")
    reply(desk, ts, "that did not work", channel="G1")
    assert "did not work for 1 other" in words(again(desk, channel="G1")[1])
    assert "did not work for" not in words(again(desk)[1])


def conflict(desk: Desk, answer: str, channel: str = "C1") -> None:
    """Report the solved issue from a channel, and solve it there with an answer."""
    ts, card = again(desk, channel=channel)
    desk.click(channel, "duplicate", buttons(card)["duplicate"])
    desk.drain()
    solve(desk, ts, answer, channel)


def test_different_answers_are_told(desk: Desk) -> None:
    """In one line, and all of them with credit in *Read more*."""
    first(desk)
    conflict(desk, OTHER)
    _, card = again(desk)
    assert "2 different answers" in words(card)
    desk.click("C1", "more", buttons(card)["more"], hook=desk.slack.hook())
    desk.drain()
    notice = words(desk.slack.private_replies[-1])
    assert "2 different answers" in notice
    assert ANSWER in notice
    assert OTHER in notice
    assert notice.count("<@U5>") == len([ANSWER, OTHER])


def test_the_same_answer_in_other_clothes_is_one(desk: Desk) -> None:
    """Case, punctuation and a word more make no other answer."""
    first(desk)
    conflict(desk, f"{ANSWER.upper()} now!")
    assert "different answers" not in words(again(desk)[1])


def test_a_private_answer_is_no_conflict_elsewhere(desk: Desk) -> None:
    """It is neither counted nor shown to those who may not read it."""
    first(desk)
    desk.slack.add_channel("G1", is_private=True)
    conflict(desk, OTHER, "G1")
    _, card = again(desk)
    assert "different answers" not in words(card)
    assert OTHER not in words(card)
    pair = buttons(card)["why"]
    desk.click("C1", "more", pair, hook=desk.slack.hook())
    desk.drain()
    assert OTHER not in words(desk.slack.private_replies[-1])
    _, card = again(desk, channel="G1")
    assert "2 different answers" in words(card)
