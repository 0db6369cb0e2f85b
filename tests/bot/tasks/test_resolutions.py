"""A solution is stored by a ✅, a shortcut, a command or a mention, and follows edits."""

from __future__ import annotations

import pytest

from tests.bot.tasks.resolutions import ANSWER, PRINTER, edit_reply, report_again
from tests.serving import Desk, words


def test_a_check_mark_on_a_reply_stores_it_as_the_solution(
    desk: Desk, answered: tuple[str, str]
) -> None:
    """The solution is shown with the next report; without the mark the ticket is open again."""
    ts, reply = answered
    desk.react("C1", reply)
    desk.react("C1", reply, user="U3")
    answer = report_again(desk)
    assert ANSWER in words(answer)
    assert "Answered before?" in words(answer)
    item = desk.item("C1", ts)
    assert (item.status, item.resolution) == ("resolved", ANSWER)
    desk.react("C1", reply, type="reaction_removed")
    desk.drain()
    item = desk.item("C1", ts)
    assert (item.status, item.resolution) == ("open", None)


def test_a_mark_is_removed_only_by_its_person(desk: Desk, answered: tuple[str, str]) -> None:
    """The solution stays until the person who marked it first removes the ✅."""
    ts, reply = answered
    desk.react("C1", reply, user="U2")
    desk.react("C1", reply, user="U3")
    desk.react("C1", reply, user="U3", type="reaction_removed")
    desk.drain()
    assert desk.item("C1", ts).resolution == ANSWER
    desk.react("C1", reply, user="U2", type="reaction_removed")
    desk.drain()
    assert desk.item("C1", ts).status == "open"


def test_an_edited_solution_is_updated(desk: Desk, answered: tuple[str, str]) -> None:
    """The ticket and the answers show the newest text; a late, older edit is ignored."""
    ts, reply = answered
    desk.react("C1", reply)
    second = desk.ticket("C1", PRINTER)
    assert ANSWER in words(desk.answers("C1", second)[0])
    edit_reply(desk, ts, reply, "Buy <https://example.com|other paper>", 1795400002)
    edit_reply(desk, ts, reply, "Buy paper, or so", 1795400001)
    assert "Buy other paper" in str(desk.item("C1", ts).resolution)
    [answer] = desk.answers("C1", second)
    assert "Buy other paper" in words(answer)
    assert ANSWER not in words(answer)


def test_edits_of_other_replies_change_nothing(desk: Desk, answered: tuple[str, str]) -> None:
    """Nor do link previews and edits after a deletion, and they cause no call to Slack."""
    ts, reply = answered
    desk.react("C1", reply)
    desk.drain()
    other = desk.slack.say("C1", "same here", thread_ts=ts)["ts"]
    calls = len(desk.slack.calls)
    edit_reply(desk, ts, other, "same here, too", 1795400001)
    edit_reply(desk, ts, reply, f"{ANSWER} preview", 1795400001, edited=None)
    assert desk.item("C1", ts).resolution == ANSWER
    assert len(desk.slack.calls) == calls
    desk.delete("C1", reply)
    edit_reply(desk, ts, reply, "it comes back", 1795400002)
    assert desk.item("C1", ts).resolution is None


def test_an_edited_solution_that_was_broadcast_is_updated(
    desk: Desk, answered: tuple[str, str]
) -> None:
    """A broadcast reply is a ticket and a solution at once."""
    ts, _ = answered
    reply = desk.slack.say("C1", ANSWER, thread_ts=ts, subtype="thread_broadcast", user="U5")
    desk.deliver_message("C1", reply)
    desk.react("C1", reply["ts"])
    desk.drain()
    more = {"subtype": "thread_broadcast"}
    edit_reply(desk, ts, reply["ts"], "Buy new paper", 1795400001, **more)
    assert desk.item("C1", ts).resolution == "Buy new paper"


@pytest.mark.parametrize("mark", ["eyes", "+1"])
def test_other_reactions_are_ignored(desk: Desk, answered: tuple[str, str], mark: str) -> None:
    """Reactions of the bot itself and in unknown threads are ignored, too."""
    desk.react("C1", answered[1], mark=mark)
    desk.react("C1", answered[1], user="U0DEJA")
    stray = desk.slack.say("C1", "an old question")["ts"]
    desk.react("C1", desk.slack.say("C1", "an old answer", thread_ts=stray)["ts"])
    desk.react("C1", "1700000000.000100")
    desk.drain()
    assert desk.item("C1", answered[0]).status == "open"
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_a_mark_on_the_ticket_itself_resolves_it(desk: Desk, answered: tuple[str, str]) -> None:
    """The ticket is solved, without a solution."""
    desk.react("C1", answered[0])
    desk.drain()
    item = desk.item("C1", answered[0])
    assert (item.status, item.resolution) == ("resolved", None)


def test_the_shortcut_stores_a_reply_and_confirms_it(desk: Desk, answered: tuple[str, str]) -> None:
    """In an unknown thread it says that there is no ticket."""
    ts, reply = answered
    message = {"ts": reply, "thread_ts": ts, "text": f"*{ANSWER}*", "user": "U5"}
    desk.shortcut("deja_resolve", "C1", message)
    desk.drain()
    assert desk.item("C1", ts).resolution == ANSWER
    assert "Saved" in words(desk.slack.private_replies[-1])
    desk.shortcut("deja_resolve", "C1", {**message, "thread_ts": "1700000000.000100"})
    desk.drain()
    assert "don't remember a ticket" in words(desk.slack.private_replies[-1])


def test_a_command_stores_a_solution(desk: Desk, answered: tuple[str, str]) -> None:
    """Without a link, or with one to another channel, the command explains how to use it."""
    link = f"<{desk.item('C1', answered[0]).url}>"
    desk.command("C1", f"resolve {link} {ANSWER}", user="U4")
    desk.drain()
    assert "Saved" in words(desk.slack.private_replies[-1])
    assert desk.item("C1", answered[0]).resolution == ANSWER
    assert ANSWER in words(report_again(desk))
    desk.slack.add_channel("C2")
    for channel, text, reply in (
        ("C2", f"resolve {link} forged", "A ticket is solved where it was written"),
        ("C1", "resolve", "Tell me which ticket"),
        ("C1", "resolve x", "Tell me which ticket"),
    ):
        desk.command(channel, text)
        desk.drain()
        assert reply in words(desk.slack.private_replies[-1])
    assert desk.item("C1", answered[0]).resolution == ANSWER


def test_a_mention_in_the_thread_stores_a_solution(desk: Desk, answered: tuple[str, str]) -> None:
    """`@deja resolve …` is about the ticket of its thread."""
    desk.ticket("C1", f"<@U0DEJA> resolve {ANSWER}", user="U4", thread_ts=answered[0])
    [reply] = desk.answers("C1", answered[0])
    assert "Saved" in words(reply)
    assert desk.item("C1", answered[0]).resolution == ANSWER
    ts = desk.ticket("C1", f"<@U0DEJA> resolve <{desk.item('C1', answered[0]).url}> restart it")
    assert "Saved" in words(desk.answers("C1", ts)[0])
    assert desk.item("C1", answered[0]).resolution == "restart it"
    ts = desk.ticket("C1", "<@U0DEJA> resolve it")
    assert "Tell me which ticket" in words(desk.answers("C1", ts)[0])
