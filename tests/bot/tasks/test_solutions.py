"""Who reports a solved issue again is shown its solution."""

from __future__ import annotations

import pytest

from tests.bot.tasks.resolutions import ANSWER, PRINTER, again
from tests.serving import Desk, buttons, words


def test_a_deleted_reply_solves_nothing_any_more(desk: Desk, solved: tuple[str, str]) -> None:
    """Its words are forgotten, and the answer that showed them is updated without them."""
    ts, reply = solved
    desk.react("C1", reply)
    again(desk)
    desk.take_back("C1", reply)
    desk.drain()
    assert desk.item("C1", ts).resolution is None
    assert not any(ANSWER in words(message) for message in desk.slack.posted())


def test_a_deleted_ticket_takes_its_answer_along(desk: Desk, solved: tuple[str, str]) -> None:
    """Nothing of it is left, neither stored nor shown."""
    desk.react("C1", solved[1])
    again(desk)
    desk.take_back("C1", solved[0])
    desk.drain()
    assert not any(ANSWER in words(message) for message in desk.slack.posted())


@pytest.mark.both_databases
def test_an_answer_is_used_again_with_credit(desk: Desk, solved: tuple[str, str]) -> None:
    """*Use this answer* posts it into the thread once, however often it is pressed."""
    desk.react("C1", solved[1])
    ts = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", ts)
    for _ in range(2):
        desk.click("C1", "use", buttons(answer)["use"], user="U9")
        desk.drain()
    _, used = desk.slack.replies("C1", ts)
    assert ANSWER in words(used)
    assert "<@U5>" in words(used)
    assert "<@U9>" in words(used)


def test_a_long_answer_can_be_read_whole(desk: Desk, solved: tuple[str, str]) -> None:
    """The card shows its beginning; *Read more* shows the rest to whoever asks."""
    long = f"{'Check the tray. ' * 200}Then restart."
    reply = desk.slack.say("C1", long, user="U5", thread_ts=solved[0])
    desk.react("C1", reply["ts"])
    answer = again(desk)
    assert "Then restart" not in words(answer)
    desk.click("C1", "more", buttons(answer)["more"], hook=desk.slack.hook())
    desk.drain()
    assert "Then restart" in words(desk.slack.whispers[-1])


def test_an_answer_that_turned_private_is_not_told(desk: Desk) -> None:
    """Neither by *Read more* nor by *Use this answer*, however the button came to stand there."""
    desk.slack.add_channel("C2")
    ts = desk.ticket("C2", PRINTER)
    reply = desk.slack.say("C2", ANSWER, thread_ts=ts)
    desk.react("C2", reply["ts"])
    card = again(desk)
    pair = buttons(card)["use"]
    desk.slack.channels["C2"]["is_private"] = True
    desk.ticket("C2", "anything said there tells of it")
    desk.drain()
    for action in ("use", "more"):
        desk.click("C1", action, pair, hook=desk.slack.hook())
        desk.drain()
    assert "any such ticket" in words(desk.slack.whispers[-1])
    assert not any(ANSWER in words(message) for message in desk.slack.posted())
    assert not any(ANSWER in words(whisper) for whisper in desk.slack.whispers)


def test_the_answer_to_an_issue_is_that_of_its_first_report(
    desk: Desk, solved: tuple[str, str]
) -> None:
    """A report without an answer of its own lends that of the root."""
    desk.react("C1", solved[1])
    second = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", second)
    desk.click("C1", "duplicate", buttons(answer)["duplicate"])
    desk.drain()
    third = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", third)
    desk.click("C1", "use", buttons(answer)["use"])
    desk.drain()
    assert ANSWER in words(desk.slack.replies("C1", third)[-1])
