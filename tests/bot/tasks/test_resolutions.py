"""What solved a ticket: marked in Slack, shown to whoever asks the same, and used again."""

from __future__ import annotations

import pytest

from tests.bot.tasks.resolutions import ANSWER, PRINTER, again, edit_reply
from tests.serving import Desk, words


def test_a_check_mark_on_the_reply_keeps_it(desk: Desk, solved: tuple[str, str]) -> None:
    """Whoever asks the same is shown it; taking the mark back opens the ticket again."""
    ts, reply = solved
    desk.react("C1", reply)
    desk.react("C1", reply, user="U3")
    answer = again(desk)
    assert ANSWER in words(answer)
    assert "Answered before?" in words(answer)
    item = desk.item("C1", ts)
    assert (item.status, item.resolution) == ("resolved", ANSWER)
    desk.react("C1", reply, type="reaction_removed")
    desk.drain()
    item = desk.item("C1", ts)
    assert (item.status, item.resolution) == ("open", None)


def test_only_who_marked_it_takes_a_mark_back(desk: Desk, solved: tuple[str, str]) -> None:
    """Somebody else's ✅ that goes leaves the first one's."""
    ts, reply = solved
    desk.react("C1", reply, user="U2")
    desk.react("C1", reply, user="U3")
    desk.react("C1", reply, user="U3", type="reaction_removed")
    desk.drain()
    assert desk.item("C1", ts).resolution == ANSWER
    desk.react("C1", reply, user="U2", type="reaction_removed")
    desk.drain()
    assert desk.item("C1", ts).status == "open"


def test_an_edit_of_the_answer_is_followed(desk: Desk, solved: tuple[str, str]) -> None:
    """In the stored ticket and wherever it is shown; an older edit that comes late is not."""
    ts, reply = solved
    desk.react("C1", reply)
    second = desk.ticket("C1", PRINTER)
    assert ANSWER in words(desk.answers("C1", second)[0])
    edit_reply(desk, ts, reply, "Buy <https://example.com|other paper>", 1795400002)
    edit_reply(desk, ts, reply, "Buy paper, or so", 1795400001)
    assert "Buy other paper" in str(desk.item("C1", ts).resolution)
    [answer] = desk.answers("C1", second)
    assert "Buy other paper" in words(answer)
    assert ANSWER not in words(answer)


def test_edits_of_other_replies_change_nothing(desk: Desk, solved: tuple[str, str]) -> None:
    """Neither do previews of links, and edits after the deletion; no call is made for them."""
    ts, reply = solved
    desk.react("C1", reply)
    desk.drain()
    other = desk.slack.say("C1", "same here", thread_ts=ts)["ts"]
    calls = len(desk.slack.calls)
    edit_reply(desk, ts, other, "same here, too", 1795400001)
    edit_reply(desk, ts, reply, f"{ANSWER} preview", 1795400001, edited=None)
    assert desk.item("C1", ts).resolution == ANSWER
    assert len(desk.slack.calls) == calls
    desk.take_back("C1", reply)
    edit_reply(desk, ts, reply, "it comes back", 1795400002)
    assert desk.item("C1", ts).resolution is None


def test_an_edited_answer_that_was_sent_to_the_channel_too_is_followed(
    desk: Desk, solved: tuple[str, str]
) -> None:
    """It is a ticket and an answer at once."""
    ts, _ = solved
    reply = desk.slack.say("C1", ANSWER, thread_ts=ts, subtype="thread_broadcast", user="U5")
    desk.hear("C1", reply)
    desk.react("C1", reply["ts"])
    desk.drain()
    more = {"subtype": "thread_broadcast"}
    edit_reply(desk, ts, reply["ts"], "Buy new paper", 1795400001, **more)
    assert desk.item("C1", ts).resolution == "Buy new paper"


@pytest.mark.parametrize("mark", ["eyes", "+1"])
def test_other_reactions_mean_nothing(desk: Desk, solved: tuple[str, str], mark: str) -> None:
    """Neither do those of the bot itself, and those in threads that are not known."""
    desk.react("C1", solved[1], mark=mark)
    desk.react("C1", solved[1], user="U0DEJA")
    stray = desk.slack.say("C1", "an old question")["ts"]
    desk.react("C1", desk.slack.say("C1", "an old answer", thread_ts=stray)["ts"])
    desk.react("C1", "1700000000.000100")
    desk.drain()
    assert desk.item("C1", solved[0]).status == "open"
    assert desk.jobs("ready") == desk.jobs("failed") == []


def test_a_mark_on_the_ticket_itself_only_closes_it(desk: Desk, solved: tuple[str, str]) -> None:
    """It is solved, and nobody knows how."""
    desk.react("C1", solved[0])
    desk.drain()
    item = desk.item("C1", solved[0])
    assert (item.status, item.resolution) == ("resolved", None)


def test_the_shortcut_keeps_a_reply_and_says_so(desk: Desk, solved: tuple[str, str]) -> None:
    """On a reply of a thread that is not known, it says that."""
    ts, reply = solved
    message = {"ts": reply, "thread_ts": ts, "text": f"*{ANSWER}*", "user": "U5"}
    desk.shortcut("deja_resolve", "C1", message)
    desk.drain()
    assert desk.item("C1", ts).resolution == ANSWER
    assert "Saved" in words(desk.slack.whispers[-1])
    desk.shortcut("deja_resolve", "C1", {**message, "thread_ts": "1700000000.000100"})
    desk.drain()
    assert "don't remember a ticket" in words(desk.slack.whispers[-1])


def test_a_command_keeps_what_solved_a_ticket(desk: Desk, solved: tuple[str, str]) -> None:
    """Of this channel; elsewhere and without a link it says how."""
    link = f"<{desk.item('C1', solved[0]).url}>"
    desk.command("C1", f"resolve {link} {ANSWER}", user="U4")
    desk.drain()
    assert "Saved" in words(desk.slack.whispers[-1])
    assert desk.item("C1", solved[0]).resolution == ANSWER
    assert ANSWER in words(again(desk))
    desk.slack.add_channel("C2")
    for channel, text in (("C2", f"resolve {link} forged"), ("C1", "resolve"), ("C1", "resolve x")):
        desk.command(channel, text)
        desk.drain()
        assert "Tell me which ticket" in words(desk.slack.whispers[-1])
    assert desk.item("C1", solved[0]).resolution == ANSWER


def test_a_mention_in_the_thread_keeps_it_too(desk: Desk, solved: tuple[str, str]) -> None:
    """`@deja resolve …` is about the thread it is written in."""
    desk.ticket("C1", f"<@U0DEJA> resolve {ANSWER}", user="U4", thread_ts=solved[0])
    [reply] = desk.answers("C1", solved[0])
    assert "Saved" in words(reply)
    assert desk.item("C1", solved[0]).resolution == ANSWER
    ts = desk.ticket("C1", "<@U0DEJA> resolve it")
    assert "Tell me which ticket" in words(desk.answers("C1", ts)[0])
