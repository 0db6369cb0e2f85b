"""The answer to a burst follows its messages as they arrive, change and are deleted."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import select

from models import Embedding, Part, Verdict
from services.intake.slack_messages import find_ticket
from tests.bot.tasks.bursts import PARTS, PRINTER, say_at, say_burst, stored_tickets, ts_at
from tests.levels import variations
from tests.serving import Desk, buttons, words


@pytest.mark.both_databases
def test_a_burst_is_answered_once(burst_desk: Desk) -> None:
    """The answer is in the head's thread, and later messages update it in place."""
    burst_desk.deliver_message("C1", say_at(burst_desk, -9000, PRINTER, user="U7"))
    burst_desk.deliver_message("C1", say_at(burst_desk, 0, f"{PARTS[0]} {PARTS[1]}"))
    [answer] = burst_desk.answers("C1", ts_at(0))
    burst_desk.deliver_message("C1", say_at(burst_desk, 10, PARTS[2]))
    burst_desk.drain()
    [after] = burst_desk.slack.replies("C1", ts_at(0))
    assert after["ts"] == answer["ts"]
    assert "very similar" in words(after)
    assert burst_desk.slack.count("chat.postMessage") == 1
    assert len(burst_desk.slack.posted()) == 1


def test_a_head_that_arrives_late_keeps_the_answer(burst_desk: Desk) -> None:
    """No second answer is posted when a retry delivers the first message last."""
    burst_desk.deliver_message("C1", say_at(burst_desk, -9000, PRINTER, user="U7"))
    head = say_at(burst_desk, 0, "hello folks, my printer")
    burst_desk.deliver_message("C1", say_at(burst_desk, 10, PRINTER))
    [answer] = burst_desk.answers("C1", ts_at(10))
    burst_desk.deliver_message("C1", head)
    burst_desk.drain()
    assert stored_tickets(burst_desk)[1:] == [(ts_at(0), f"hello folks, my printer {PRINTER}")]
    assert [message["ts"] for message in burst_desk.slack.posted()] == [answer["ts"]]
    value = buttons(burst_desk.slack.posted()[0])["duplicate"]
    assert value.startswith(f"{burst_desk.item('C1', ts_at(0)).id}:")


def test_an_edit_of_a_part_changes_its_ticket(burst_desk: Desk) -> None:
    """An edited part changes its ticket, and the answers that name it."""
    say_burst(burst_desk)
    burst_desk.deliver_message("C1", say_at(burst_desk, 9000, PRINTER, user="U2"))
    [answer] = burst_desk.answers("C1", ts_at(9000))
    assert PRINTER in words(answer)
    burst_desk.edit("C1", ts_at(20), "the firmware update today", "1795400000.000100")
    burst_desk.drain()
    assert stored_tickets(burst_desk)[0] == (ts_at(0), f"{PRINTER} today")
    assert f"{PRINTER} today" in words(burst_desk.slack.replies("C1", ts_at(9000))[0])


def test_a_deleted_part_is_deleted_everywhere(burst_desk: Desk) -> None:
    """Its words are in no text, index or answer, and the rest stays a ticket."""
    say_burst(burst_desk)
    burst_desk.deliver_message("C1", say_at(burst_desk, 9000, PRINTER, user="U2"))
    burst_desk.drain()
    burst_desk.delete("C1", ts_at(10))
    burst_desk.drain()
    rest = f"{PARTS[0]} {PARTS[2]}"
    assert stored_tickets(burst_desk)[0] == (ts_at(0), rest)
    with burst_desk.services.database.read() as session:
        texts = session.scalars(select(Part.text)).all()
        assert PARTS[1] not in texts
        head = select(Embedding).where(Embedding.item_id == burst_desk.item("C1", ts_at(0)).id)
        assert len(session.scalars(head).all()) == 1
    for message in burst_desk.slack.replies("C1", ts_at(9000)):
        assert PRINTER not in words(message)


def test_the_next_part_takes_over_from_a_deleted_head(burst_desk: Desk) -> None:
    """The next part is then the head, with the resolution and the answer."""
    burst_desk.deliver_message("C1", say_at(burst_desk, -9000, PRINTER, user="U7"))
    first, second, _ = say_burst(burst_desk)
    [answer] = burst_desk.answers("C1", first)
    reply = burst_desk.slack.say("C1", "Set the tray to plain paper", thread_ts=first, user="U5")
    burst_desk.react("C1", reply["ts"])
    burst_desk.drain()
    burst_desk.slack.remove("C1", first)
    burst_desk.delete("C1", first)
    burst_desk.drain()
    assert stored_tickets(burst_desk)[1:] == [(second, f"{PARTS[1]} {PARTS[2]}")]
    assert burst_desk.item("C1", second).resolution == "Set the tray to plain paper"
    assert burst_desk.item("C1", first).text == ""
    assert {message["ts"] for message in burst_desk.slack.posted()} <= {answer["ts"]}


def test_verdicts_outlive_a_deleted_head(burst_desk: Desk) -> None:
    """Duplicates stay duplicates, in every answer that names them."""
    burst_desk.deliver_message("C1", say_at(burst_desk, -9000, PRINTER, user="U7"))
    first, second, _ = say_burst(burst_desk)
    [answer] = burst_desk.answers("C1", first)
    burst_desk.click("C1", "duplicate", buttons(answer)["duplicate"], user="U9")
    burst_desk.deliver_message("C1", say_at(burst_desk, 9000, f"{PARTS[1]} {PARTS[2]}", user="U8"))
    [later] = burst_desk.answers("C1", ts_at(9000))
    pair = f"{burst_desk.item('C1', ts_at(9000)).id}:{burst_desk.item('C1', first).id}"
    burst_desk.click("C1", "duplicate", pair, user="U9")
    burst_desk.drain()
    burst_desk.slack.remove("C1", first)
    burst_desk.delete("C1", first)
    burst_desk.drain()
    with burst_desk.services.database.read() as session:
        verdicts = session.scalars(select(Verdict)).all()
    ids = {burst_desk.item("C1", ts).id for ts in (ts_at(-9000), second, ts_at(9000))}
    assert {one for row in verdicts for one in (row.item_a_id, row.item_b_id)} == ids
    posted = {message["ts"]: words(message) for message in burst_desk.slack.posted()}
    for message in (answer, later):
        assert "*Same issue* · <@U9>" in posted[message["ts"]]


def test_a_part_stands_for_its_ticket(burst_desk: Desk) -> None:
    """A ✅ on a reply to a part, and a link to a part, mean the ticket."""
    first, second, _ = say_burst(burst_desk)
    with burst_desk.services.database.read() as session:
        channel = burst_desk.tasks.channels.ensure_channel("C1", burst_desk.clock())
        found = find_ticket(session, channel, second)
        assert found is not None
        assert found.ts == first
    reply = burst_desk.slack.say("C1", "Set the tray to plain paper", thread_ts=second, user="U5")
    burst_desk.react("C1", reply["ts"])
    burst_desk.drain()
    assert burst_desk.item("C1", first).resolution == "Set the tray to plain paper"
    burst_desk.deliver_message("C1", say_at(burst_desk, 9000, f"{PRINTER} again", user="U2"))
    burst_desk.drain()
    link = f"https://stand-in.slack.com/archives/C1/p{second.replace('.', '')}"
    burst_desk.command("C1", f"similar <{link}>")
    burst_desk.drain()
    assert f"{PRINTER} again" in words(burst_desk.slack.private_replies[-1])


@pytest.mark.parametrize("order", variations([(order,) for order in permutations(range(3))], few=2))
def test_a_burst_in_any_order_gives_one_notification(
    burst_desk: Desk, order: tuple[int, ...]
) -> None:
    """Messages that are delivered twice, one by one, update the answer in place."""
    burst_desk.deliver_message("C1", say_at(burst_desk, -9000, PRINTER, user="U7"))
    burst_desk.drain()
    messages = [say_at(burst_desk, number * 10, f"{PRINTER} {number}") for number in range(3)]
    for number in (*order, *order):
        burst_desk.deliver_message("C1", messages[number])
        burst_desk.drain()
    assert len(stored_tickets(burst_desk)) == 1 + 1
    assert len(burst_desk.slack.posted()) == 1
    assert burst_desk.slack.count("chat.postMessage") == 1
