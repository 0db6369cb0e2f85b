"""A first report that is gone or hidden is named no more, wherever its issue alone ties it in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.serving import Desk, buttons, words

PRINTER = "printer prints blank pages after the firmware update"
ROOT = "the secret first report"
ANSWER = "Set the tray to plain paper and restart it"


@pytest.fixture(autouse=True)
def channels(desk: Desk) -> None:
    """Add the channel of the first report."""
    desk.slack.add_channel("C2", members=["U1", "U2"])


@pytest.fixture
def root(desk: Desk) -> str:
    """Say the first report, in words that nothing else is like."""
    ts = desk.ticket("C2", ROOT)
    desk.drain()
    return ts


def tie(desk: Desk, ts: str, root: str) -> None:
    """Say that a ticket of C1 reports the issue of the first report."""
    message = {"ts": ts, "text": PRINTER, "user": "U1"}
    desk.shortcut("deja_mark", "C1", message, hook=desk.slack.hook())
    chosen = {"selected_option": {"value": str(desk.item("C2", root).id)}}
    desk.submit_values(list(desk.slack.views)[-1], {"other": {"deja_mark_search": chosen}})
    desk.drain()


@pytest.fixture
def thread(desk: Desk, root: str) -> str:
    """Give a thread whose answer names a report of the issue, and by it the first one."""
    ts = desk.ticket("C1", f"{PRINTER} today")
    desk.drain()
    tie(desk, ts, root)
    repeated = desk.ticket("C1", PRINTER)
    assert ROOT in said(desk, repeated)
    return repeated


def said(desk: Desk, ts: str) -> str:
    """Do what is due and return all that the bot says in a thread of C1."""
    return " ".join(map(words, desk.answers("C1", ts)))


def delete(desk: Desk, root: str) -> None:
    """Delete the first report."""
    desk.slack.remove("C2", root)
    desk.delete("C2", root)


def turn_private(desk: Desk, _root: str) -> None:
    """Make its channel private; a sweep notices."""
    desk.slack.channels["C2"]["is_private"] = True
    desk.bot.worker.request_sweep()


def leave(desk: Desk, _root: str) -> None:
    """Take the bot out of its channel."""
    desk.deliver({"type": "channel_left", "channel": "C2"})


Hiding = Callable[[Desk, str], None]
HIDINGS = pytest.mark.parametrize("hide", [delete, turn_private, leave])


@HIDINGS
@pytest.mark.both_databases
def test_answers_that_only_the_issue_ties_to_it_forget_it(
    desk: Desk, root: str, thread: str, hide: Hiding
) -> None:
    """Neither its title nor its link nor a count of it stays; the report they name does."""
    hide(desk, root)
    left = said(desk, thread)
    assert ROOT not in left
    assert f"/archives/C2/p{root.replace('.', '')}" not in left
    assert "reports" not in left
    assert f"{PRINTER} today" in left


@HIDINGS
def test_so_do_answers_at_the_end_of_a_chain(
    desk: Desk, root: str, thread: str, hide: Hiding
) -> None:
    """However many decisions lie between."""
    for number in range(3):
        [answer] = desk.answers("C1", thread)
        desk.click("C1", "duplicate", buttons(answer)["duplicate"])
        desk.drain()
        thread = desk.ticket("C1", f"{PRINTER} again {number}")
        assert ROOT in said(desk, thread)
    hide(desk, root)
    assert ROOT not in said(desk, thread)


def test_what_is_opened_again_is_named_again(desk: Desk, thread: str) -> None:
    """A channel that turned private by mistake comes back with its first report."""
    for private in (True, False):
        desk.slack.channels["C2"]["is_private"] = private
        desk.clock.advance(900)
        desk.bot.worker.request_sweep()
        assert (ROOT in said(desk, thread)) is not private


def test_words_taken_out_of_it_are_gone_everywhere(desk: Desk, root: str, thread: str) -> None:
    """An edit of the first report reaches the answers that only the issue ties to it."""
    desk.edit("C2", root, "the first report", "1795400000.000100")
    left = said(desk, thread)
    assert ROOT not in left
    assert "the first report" in left


@HIDINGS
def test_what_was_told_of_its_answer_is_taken_back(desk: Desk, root: str, hide: Hiding) -> None:
    """The message that told a report that its issue is solved names the first one, too."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    tie(desk, ts, root)
    reply = desk.slack.say("C2", ANSWER, user="U5", thread_ts=root)
    desk.react("C2", reply["ts"])
    assert ANSWER in said(desk, ts)
    hide(desk, root)
    assert ROOT not in said(desk, ts)
    assert ANSWER not in said(desk, ts)


@HIDINGS
def test_a_record_counts_no_hidden_ticket(desk: Desk, root: str, hide: Hiding) -> None:
    """How often an answer failed is told without the tickets that may not be named any more."""
    first = desk.ticket("C1", PRINTER, ts="1795200000.000100")
    desk.drain()
    tie(desk, first, root)
    reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=first)
    desk.react("C1", reply["ts"])
    desk.drain()
    [told] = desk.slack.replies("C2", root)
    desk.click("C2", "told_broken", buttons(told)["told_broken"])
    ts = desk.ticket("C1", PRINTER)
    assert "did not work for 1 other" in said(desk, ts)
    hide(desk, root)
    assert "did not work for" not in said(desk, ts)
    assert ANSWER in said(desk, ts)


@HIDINGS
def test_an_answer_that_was_used_is_taken_back(desk: Desk, hide: Hiding) -> None:
    """What somebody posted of it elsewhere is taken back with it."""
    first = desk.ticket("C2", f"{PRINTER} there")
    reply = desk.slack.say("C2", ANSWER, user="U5", thread_ts=first)
    desk.react("C2", reply["ts"])
    desk.drain()
    ts = desk.ticket("C1", PRINTER)
    [card] = desk.answers("C1", ts)
    desk.click("C1", "use", buttons(card)["use"])
    assert said(desk, ts).count(ANSWER) > 1
    hide(desk, first)
    assert ANSWER not in said(desk, ts)


def test_an_answer_whose_message_is_gone_is_taken_back_too(desk: Desk, root: str) -> None:
    """Its ticket stays; what solved it is known no more."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    tie(desk, ts, root)
    reply = desk.slack.say("C2", ANSWER, user="U5", thread_ts=root)
    desk.react("C2", reply["ts"])
    assert ANSWER in said(desk, ts)
    desk.delete("C2", reply["ts"])
    assert ANSWER not in said(desk, ts)
