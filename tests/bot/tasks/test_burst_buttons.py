"""*Split* and *Join*: whether a message of a burst is a ticket of its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from models import Change, Channel
from tests.bot.tasks.bursts import PRINTER, SAID, VPN, at, burst, say, tickets
from tests.serving import Desk, buttons, words


def inspected(desk: Desk, ts: str, text: str = PRINTER) -> dict[str, Any]:
    """Return the reply to *Inspect this message*."""
    desk.shortcut("deja_inspect", "C1", {"ts": ts, "text": text, "user": "U1"})
    desk.drain()
    return desk.slack.whispers[-1]


def test_an_inspection_names_the_head_and_splits(talk: Desk) -> None:
    """What was split off is a ticket of its own, on record, until it is joined again."""
    first, second, third = burst(talk)
    assert "3 messages in a row form one ticket. This is the first one" in words(
        inspected(talk, first)
    )
    report = inspected(talk, second)
    assert f"p{first.replace('.', '')}|Go to the first one>" in words(report)
    talk.click("C1", "split", buttons(report)["split"], user="U9", hook=talk.slack.hook())
    talk.drain()
    assert "separate ticket" in words(talk.slack.whispers[-1])
    assert tickets(talk) == [(first, f"{SAID[0]} {SAID[2]}"), (second, SAID[1])]
    talk.edit("C1", second, f"{SAID[1]} today", "1795400000.000100")
    talk.edit("C1", third, f"{SAID[2]} today", "1795400000.000100")
    talk.drain()
    assert [text for _, text in tickets(talk)][1] == f"{SAID[1]} today"
    report = inspected(talk, second)
    assert "Split off by <@U9>" in words(report)
    talk.click("C1", "join", buttons(report)["join"], hook=talk.slack.hook())
    talk.drain()
    [(ts, text)] = tickets(talk)
    assert (ts, text) == (first, f"{SAID[0]} {SAID[1]} today {SAID[2]} today")
    with talk.services.database.read() as session:
        assert session.scalars(select(Change.changed_by)).all() == ["U9", "U2"]


def test_what_was_split_off_is_answered_and_joined_again_taken_back(talk: Desk) -> None:
    """Each ticket has one answer; a part has none."""
    talk.hear("C1", say(talk, -9000, VPN, user="U7"))
    talk.hear("C1", say(talk, 0, PRINTER))
    talk.hear("C1", say(talk, 10, VPN))
    talk.drain()
    part = str(talk.item("C1", at(10)).id)
    talk.click("C1", "split", part)
    [answer] = talk.answers("C1", at(10))
    assert "very similar" in words(answer)
    talk.click("C1", "join", part)
    talk.drain()
    assert len(talk.slack.posted()) <= 1
    assert len(tickets(talk)) == 2


def test_who_may_not_decide_splits_nothing(talk: Desk) -> None:
    """Nor does a click from another channel."""
    _, second, _ = burst(talk)
    part = str(talk.item("C1", second).id)
    talk.slack.add_channel("C2")
    talk.click("C2", "split", part, hook=talk.slack.hook())
    talk.drain()
    assert "no longer remember" in words(talk.slack.whispers[-1])
    with talk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U9"]))
    talk.click("C1", "split", part, hook=talk.slack.hook())
    talk.drain()
    assert "only certain people decide" in words(talk.slack.whispers[-1])
    assert len(tickets(talk)) == 1
