"""What solved a ticket: marked in Slack, shown to whoever asks the same, and used again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from models import Channel
from tests.serving import Desk, buttons, words
from tests.slack_server import broken, dropped, rate_limited

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "Set the tray to plain paper and restart it"


@pytest.fixture
def solved(desk: Desk) -> tuple[str, str]:
    """Say a ticket and an answer to it; return the `ts` of both."""
    ts = desk.ticket("C1", PRINTER)
    reply = desk.slack.say("C1", ANSWER, user="U5", thread_ts=ts)
    desk.hear("C1", reply)
    desk.drain()
    return ts, reply["ts"]


def again(desk: Desk, channel: str = "C1") -> dict[str, object]:
    """Say the ticket once more and return the answer on it."""
    ts = desk.ticket(channel, PRINTER)
    [answer] = desk.answers(channel, ts)
    return answer


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


def edit_reply(desk: Desk, ts: str, reply: str, text: str, revision: int, **more: Any) -> None:
    """Change what a reply says."""
    message: dict[str, Any] = {"ts": reply, "thread_ts": ts, "user": "U5", "text": text}
    message |= {"edited": {"user": "U5", "ts": f"{revision}.000000"}, **more}
    desk.hear("C1", {"type": "message", "subtype": "message_changed", "message": message})
    desk.drain()


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


def test_the_card_asks_what_solved_it(desk: Desk, solved: tuple[str, str]) -> None:
    """*Solved…* opens a form; what is typed is the answer of that thread's ticket."""
    answer = again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"])
    [view_id] = desk.slack.views
    desk.submit(view_id, {"answer": {"value": "  Buy paper "}}, user="U4")
    desk.drain()
    found = words(again(desk))
    assert "Buy paper" in found


def test_a_form_that_is_refused_says_why(desk: Desk, solved: tuple[str, str]) -> None:
    """If others decide in the channel; whoever sent it gets a private reply."""
    answer = again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"], hook=desk.slack.hook())
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U9"]))
    [view_id] = desk.slack.views
    desk.submit(view_id, {"answer": {"value": "Buy paper"}}, user="U4")
    desk.drain()
    assert "only certain people decide" in words(desk.slack.whispers[-1])
    assert desk.item("C1", solved[0]).status == "open"


def test_a_form_that_slack_does_not_open_breaks_nothing(
    desk: Desk, solved: tuple[str, str]
) -> None:
    """Its limits and failures are logged, and the click is acknowledged."""
    answer = again(desk)
    desk.slack.fail("views.open", rate_limited(3), broken(), dropped())
    for _ in range(3):
        assert desk.click("C1", "solved", buttons(answer)["solved"]).status == 200
    assert desk.slack.views == {}
    assert desk.item("C1", solved[0]).status == "open"


def test_a_form_from_elsewhere_stores_nothing(desk: Desk, solved: tuple[str, str]) -> None:
    """A forged one, that names a ticket of another channel, is passed over."""
    desk.slack.add_channel("C2")
    answer = again(desk)
    desk.click("C1", "solved", buttons(answer)["solved"])
    [view_id] = desk.slack.views
    item_id = desk.item("C1", solved[0]).id
    desk.slack.views[view_id]["private_metadata"] = f"C2:{item_id}"
    desk.submit(view_id, {"answer": {"value": "forged"}})
    desk.drain()
    assert desk.item("C1", solved[0]).status == "open"


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
