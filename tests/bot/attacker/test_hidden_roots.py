"""A deleted or hidden first report disappears from answers linked to it only by its issue."""

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
    """Post the first report, in words unlike any other ticket's."""
    ts = desk.ticket("C2", ROOT)
    desk.drain()
    return ts


def mark_as_same_issue(desk: Desk, ts: str, root: str) -> None:
    """Mark a ticket of C1 as the same issue as the first report."""
    message = {"ts": ts, "text": PRINTER, "user": "U1"}
    desk.shortcut("deja_mark", "C1", message, hook=desk.slack.hook())
    chosen = {"selected_option": {"value": str(desk.item("C2", root).id)}}
    desk.submit_values(list(desk.slack.views)[-1], {"other": {"deja_mark_search": chosen}})
    desk.drain()


@pytest.fixture
def thread(desk: Desk, root: str) -> str:
    """Give a thread whose answer shows a report of the issue, and through it the first one."""
    ts = desk.ticket("C1", f"{PRINTER} today")
    desk.drain()
    mark_as_same_issue(desk, ts, root)
    repeated = desk.ticket("C1", PRINTER)
    assert ROOT in thread_text(desk, repeated)
    return repeated


def thread_text(desk: Desk, ts: str) -> str:
    """Run the due jobs, and return the bot's messages in a thread of C1."""
    return " ".join(map(words, desk.answers("C1", ts)))


def delete(desk: Desk, root: str) -> None:
    """Delete the first report."""
    desk.slack.remove("C2", root)
    desk.delete("C2", root)


def turn_private(desk: Desk, _root: str) -> None:
    """Turn its channel private, which a sweep notices."""
    desk.slack.channels["C2"]["is_private"] = True
    desk.bot.worker.request_sweep()


def leave(desk: Desk, _root: str) -> None:
    """Remove the bot from its channel."""
    desk.deliver({"type": "channel_left", "channel": "C2"})


Hiding = Callable[[Desk, str], None]
HIDINGS = pytest.mark.parametrize("hide", [delete, turn_private, leave])


@HIDINGS
@pytest.mark.both_databases
def test_answers_linked_to_it_by_the_issue_no_longer_show_it(
    desk: Desk, root: str, thread: str, hide: Hiding
) -> None:
    """Its title, its link and its count disappear; the other report stays."""
    hide(desk, root)
    left = thread_text(desk, thread)
    assert ROOT not in left
    assert f"/archives/C2/p{root.replace('.', '')}" not in left
    assert "reports" not in left
    assert f"{PRINTER} today" in left


@HIDINGS
def test_answers_at_the_end_of_a_chain_no_longer_show_it(
    desk: Desk, root: str, thread: str, hide: Hiding
) -> None:
    """However many decisions link them."""
    for number in range(3):
        [answer] = desk.answers("C1", thread)
        desk.click("C1", "duplicate", buttons(answer)["duplicate"])
        desk.drain()
        thread = desk.ticket("C1", f"{PRINTER} again {number}")
        assert ROOT in thread_text(desk, thread)
    hide(desk, root)
    assert ROOT not in thread_text(desk, thread)


def test_a_channel_that_is_public_again_is_shown_again(desk: Desk, thread: str) -> None:
    """The first report of a channel turned private by mistake comes back."""
    for private in (True, False):
        desk.slack.channels["C2"]["is_private"] = private
        desk.clock.advance(900)
        desk.bot.worker.request_sweep()
        assert (ROOT in thread_text(desk, thread)) is not private


def test_words_edited_out_of_it_disappear_everywhere(desk: Desk, root: str, thread: str) -> None:
    """An edit of the first report updates the answers linked to it only by the issue."""
    desk.edit("C2", root, "the scanner jams, first report", "1795400000.000100")
    left = thread_text(desk, thread)
    assert ROOT not in left
    assert "the scanner jams, first report" in left


@HIDINGS
def test_the_notice_about_its_answer_is_taken_back(desk: Desk, root: str, hide: Hiding) -> None:
    """The notice that an issue is solved shows the first report, too."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    mark_as_same_issue(desk, ts, root)
    reply = desk.slack.say("C2", ANSWER, user="U5", thread_ts=root)
    desk.react("C2", reply["ts"])
    assert ANSWER in thread_text(desk, ts)
    hide(desk, root)
    assert ROOT not in thread_text(desk, ts)
    assert ANSWER not in thread_text(desk, ts)


@HIDINGS
def test_a_record_counts_no_hidden_ticket(desk: Desk, root: str, hide: Hiding) -> None:
    """The count of failures of an answer leaves out tickets that may no longer be shown."""
    first = desk.ticket("C1", PRINTER, ts="1795200000.000100")
    desk.drain()
    mark_as_same_issue(desk, first, root)
    reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=first)
    desk.react("C1", reply["ts"])
    desk.drain()
    [notice] = desk.slack.replies("C2", root)
    desk.click("C2", "told_broken", buttons(notice)["told_broken"])
    ts = desk.ticket("C1", PRINTER)
    assert "did not work for 1 other" in thread_text(desk, ts)
    hide(desk, root)
    assert "did not work for" not in thread_text(desk, ts)
    assert ANSWER in thread_text(desk, ts)


@HIDINGS
def test_an_answer_that_was_used_is_taken_back(desk: Desk, hide: Hiding) -> None:
    """Where somebody reposted the answer, the repost disappears, too."""
    first = desk.ticket("C2", f"{PRINTER} there")
    reply = desk.slack.say("C2", ANSWER, user="U5", thread_ts=first)
    desk.react("C2", reply["ts"])
    desk.drain()
    ts = desk.ticket("C1", PRINTER)
    [card] = desk.answers("C1", ts)
    desk.click("C1", "use", buttons(card)["use"])
    assert thread_text(desk, ts).count(ANSWER) > 1
    hide(desk, first)
    assert ANSWER not in thread_text(desk, ts)


def test_an_answer_whose_message_is_gone_is_taken_back_too(desk: Desk, root: str) -> None:
    """Its ticket stays, without a solution."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    mark_as_same_issue(desk, ts, root)
    reply = desk.slack.say("C2", ANSWER, user="U5", thread_ts=root)
    desk.react("C2", reply["ts"])
    assert ANSWER in thread_text(desk, ts)
    desk.delete("C2", reply["ts"])
    assert ANSWER not in thread_text(desk, ts)
