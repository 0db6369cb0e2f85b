"""*Split* and *Join* decide whether a message of a burst is a ticket of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from models import Change, Channel
from tests.bot.tasks.bursts import PARTS, PRINTER, VPN, say_at, say_burst, stored_tickets, ts_at
from tests.serving import Desk, buttons, words


def inspect(desk: Desk, ts: str, text: str = PRINTER) -> dict[str, Any]:
    """Return the reply to *Inspect this message*."""
    desk.shortcut("deja_inspect", "C1", {"ts": ts, "text": text, "user": "U1"})
    desk.drain()
    return desk.slack.private_replies[-1]


def test_an_inspection_offers_to_split_and_join(burst_desk: Desk) -> None:
    """A message that was split off is a ticket until it is joined again; both are recorded."""
    first, second, third = say_burst(burst_desk)
    assert "3 messages in a row form one ticket. This is the first one" in words(
        inspect(burst_desk, first)
    )
    report = inspect(burst_desk, second)
    assert f"p{first.replace('.', '')}|Go to the first one>" in words(report)
    burst_desk.click(
        "C1", "split", buttons(report)["split"], user="U9", hook=burst_desk.slack.hook()
    )
    burst_desk.drain()
    assert "separate ticket" in words(burst_desk.slack.private_replies[-1])
    assert stored_tickets(burst_desk) == [(first, f"{PARTS[0]} {PARTS[2]}"), (second, PARTS[1])]
    burst_desk.edit("C1", second, f"{PARTS[1]} today", "1795400000.000100")
    burst_desk.edit("C1", third, f"{PARTS[2]} today", "1795400000.000100")
    burst_desk.drain()
    assert [text for _, text in stored_tickets(burst_desk)][1] == f"{PARTS[1]} today"
    report = inspect(burst_desk, second)
    assert "Split off by <@U9>" in words(report)
    burst_desk.click("C1", "join", buttons(report)["join"], hook=burst_desk.slack.hook())
    burst_desk.drain()
    [(ts, text)] = stored_tickets(burst_desk)
    assert (ts, text) == (first, f"{PARTS[0]} {PARTS[1]} today {PARTS[2]} today")
    with burst_desk.services.database.read() as session:
        assert session.scalars(select(Change.changed_by)).all() == ["U9", "U2"]


def test_a_split_off_message_is_answered_until_it_is_joined(burst_desk: Desk) -> None:
    """A ticket has one answer, a part has none."""
    burst_desk.deliver_message("C1", say_at(burst_desk, -9000, VPN, user="U7"))
    burst_desk.deliver_message("C1", say_at(burst_desk, 0, PRINTER))
    burst_desk.deliver_message("C1", say_at(burst_desk, 10, VPN))
    burst_desk.drain()
    part = str(burst_desk.item("C1", ts_at(10)).id)
    burst_desk.click("C1", "split", part)
    [answer] = burst_desk.answers("C1", ts_at(10))
    assert "very similar" in words(answer)
    burst_desk.click("C1", "join", part)
    burst_desk.drain()
    assert len(burst_desk.slack.posted()) <= 1
    assert len(stored_tickets(burst_desk)) == 2


def test_only_deciders_of_the_channel_may_split(burst_desk: Desk) -> None:
    """Others, and clicks from another channel, change nothing."""
    _, second, _ = say_burst(burst_desk)
    part = str(burst_desk.item("C1", second).id)
    burst_desk.slack.add_channel("C2")
    burst_desk.click("C2", "split", part, hook=burst_desk.slack.hook())
    burst_desk.drain()
    assert "no longer remember" in words(burst_desk.slack.private_replies[-1])
    with burst_desk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U9"]))
    burst_desk.click("C1", "split", part, hook=burst_desk.slack.hook())
    burst_desk.drain()
    assert "only certain people decide" in words(burst_desk.slack.private_replies[-1])
    assert len(stored_tickets(burst_desk)) == 1
