"""The answer to a burst follows its messages as they arrive, change and go."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import select

from models import Embedding, Part, Verdict
from services.intake.slack_messages import find_ticket
from tests.bot.tasks.bursts import PRINTER, SAID, at, burst, say, tickets
from tests.serving import Desk, buttons, words


@pytest.mark.both_databases
def test_a_burst_is_answered_once_and_the_answer_follows_it(talk: Desk) -> None:
    """In the head's thread, updated in place by what is said after it."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    talk.hear("C1", say(talk, 0, f"{SAID[0]} {SAID[1]}"))
    [answer] = talk.answers("C1", at(0))
    talk.hear("C1", say(talk, 10, SAID[2]))
    talk.drain()
    [after] = talk.slack.replies("C1", at(0))
    assert after["ts"] == answer["ts"]
    assert "very similar" in words(after)
    assert talk.slack.count("chat.postMessage") == 1
    assert len(talk.slack.posted()) == 1


def test_a_head_that_comes_last_takes_the_answer_over(talk: Desk) -> None:
    """Where a retry brings the first message late, no second answer is posted."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    head = say(talk, 0, "hello folks, a question")
    talk.hear("C1", say(talk, 10, PRINTER))
    [answer] = talk.answers("C1", at(10))
    talk.hear("C1", head)
    talk.drain()
    assert tickets(talk)[1:] == [(at(0), f"hello folks, a question {PRINTER}")]
    assert [message["ts"] for message in talk.slack.posted()] == [answer["ts"]]
    value = buttons(talk.slack.posted()[0])["duplicate"]
    assert value.startswith(f"{talk.item('C1', at(0)).id}:")


def test_an_edit_of_a_part_changes_its_ticket(talk: Desk) -> None:
    """So do the answers that name it."""
    burst(talk)
    talk.hear("C1", say(talk, 9000, PRINTER, user="U2"))
    [answer] = talk.answers("C1", at(9000))
    assert PRINTER in words(answer)
    talk.edit("C1", at(20), "the firmware update today", "1795400000.000100")
    talk.drain()
    assert tickets(talk)[0] == (at(0), f"{PRINTER} today")
    assert f"{PRINTER} today" in words(talk.slack.replies("C1", at(9000))[0])


def test_a_deleted_part_is_forgotten_everywhere(talk: Desk) -> None:
    """Its words are in no text, no index and no answer; the rest stays a ticket."""
    burst(talk)
    talk.hear("C1", say(talk, 9000, PRINTER, user="U2"))
    talk.drain()
    talk.take_back("C1", at(10))
    talk.drain()
    rest = f"{SAID[0]} {SAID[2]}"
    assert tickets(talk)[0] == (at(0), rest)
    with talk.services.database.read() as session:
        texts = session.scalars(select(Part.text)).all()
        assert SAID[1] not in texts
        head = select(Embedding).where(Embedding.item_id == talk.item("C1", at(0)).id)
        assert len(session.scalars(head).all()) == 1
    for message in talk.slack.replies("C1", at(9000)):
        assert PRINTER not in words(message)


def test_a_deleted_head_leaves_the_rest_with_all_that_was_stored(talk: Desk) -> None:
    """The next part is the head then; it has the resolution and the answer."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    first, second, _ = burst(talk)
    [answer] = talk.answers("C1", first)
    reply = talk.slack.say("C1", "Set the tray to plain paper", thread_ts=first, user="U5")
    talk.react("C1", reply["ts"])
    talk.drain()
    talk.slack.remove("C1", first)
    talk.take_back("C1", first)
    talk.drain()
    assert tickets(talk)[1:] == [(second, f"{SAID[1]} {SAID[2]}")]
    assert talk.item("C1", second).resolution == "Set the tray to plain paper"
    assert talk.item("C1", first).text == ""
    assert {message["ts"] for message in talk.slack.posted()} <= {answer["ts"]}


def test_a_deleted_head_leaves_the_decisions(talk: Desk) -> None:
    """What was said to be the same issue stays it, in every answer that names it."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    first, second, _ = burst(talk)
    [answer] = talk.answers("C1", first)
    talk.click("C1", "duplicate", buttons(answer)["duplicate"], user="U9")
    talk.hear("C1", say(talk, 9000, f"{SAID[1]} {SAID[2]}", user="U8"))
    [later] = talk.answers("C1", at(9000))
    pair = f"{talk.item('C1', at(9000)).id}:{talk.item('C1', first).id}"
    talk.click("C1", "duplicate", pair, user="U9")
    talk.drain()
    talk.slack.remove("C1", first)
    talk.take_back("C1", first)
    talk.drain()
    with talk.services.database.read() as session:
        verdicts = session.scalars(select(Verdict)).all()
    ids = {talk.item("C1", ts).id for ts in (at(-9000), second, at(9000))}
    assert {one for row in verdicts for one in (row.item_a_id, row.item_b_id)} == ids
    posted = {message["ts"]: words(message) for message in talk.slack.posted()}
    for message in (answer, later):
        assert "*Same issue* · <@U9>" in posted[message["ts"]]


def test_a_part_leads_to_its_ticket(talk: Desk) -> None:
    """A ✅ on a reply below a part, and a link to it, mean the ticket."""
    first, second, _ = burst(talk)
    with talk.services.database.read() as session:
        channel = talk.tasks.channels.ensure_channel("C1", talk.clock())
        found = find_ticket(session, channel, second)
        assert found is not None
        assert found.ts == first
    reply = talk.slack.say("C1", "Set the tray to plain paper", thread_ts=second, user="U5")
    talk.react("C1", reply["ts"])
    talk.drain()
    assert talk.item("C1", first).resolution == "Set the tray to plain paper"
    talk.hear("C1", say(talk, 9000, f"{PRINTER} again", user="U2"))
    talk.drain()
    link = f"https://stand-in.slack.com/archives/C1/p{second.replace('.', '')}"
    talk.command("C1", f"similar <{link}>")
    talk.drain()
    assert f"{PRINTER} again" in words(talk.slack.whispers[-1])


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.both_databases
def test_in_any_order_one_notification(talk: Desk, order: tuple[int, ...]) -> None:
    """Each message is delivered twice, by itself; the answer is updated in place."""
    talk.hear("C1", say(talk, -9000, PRINTER, user="U7"))
    talk.drain()
    messages = [say(talk, number * 10, f"{PRINTER} {number}") for number in range(3)]
    for number in (*order, *order):
        talk.hear("C1", messages[number])
        talk.drain()
    assert len(tickets(talk)) == 1 + 1
    assert len(talk.slack.posted()) == 1
    assert talk.slack.count("chat.postMessage") == 1
