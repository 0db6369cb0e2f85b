"""Messages without a matter belong to the ticket that their author is just writing."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from bot.tasks.backfill import backfill_job
from models import Channel, Part
from tests.bot.tasks.bursts import PRINTER, VPN, say_at, stored_tickets, ts_at
from tests.bot.tasks.follow_ups import followed, inspected
from tests.levels import variations
from tests.serving import Desk, buttons, words

SINCE = "since this morning"


def say(desk: Desk, second: int, text: str, user: str = "U1") -> str:
    """Say something at a second, let the bot hear of it, and return its `ts`."""
    desk.deliver_message("C1", say_at(desk, second, text, user=user))
    desk.drain()
    return ts_at(second)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "text",
    variations([
        SINCE,
        "geht nicht",
        "seit heute morgen",
        "desde ayer",
        "and nothing happens",
        "no funciona",
        "it's the one next to the kitchen",
        "der neben der küche",
        "only in the morning, afternoons are fine",
        "every time",
        "see screenshot",
    ], few=2),
)  # fmt: skip
def test_what_adds_to_a_ticket_is_part_of_it(burst_desk: Desk, text: str) -> None:
    """It is no follow-up of it, and joins what comes after it, too."""
    say(burst_desk, 0, PRINTER)
    added = say(burst_desk, 100, text)
    assert stored_tickets(burst_desk) == [(ts_at(0), f"{PRINTER} {text}")]
    say(burst_desk, 200, "toner is full")
    assert stored_tickets(burst_desk) == [(ts_at(0), f"{PRINTER} {text} toner is full")]
    assert followed(burst_desk) == {}
    reply = inspected(burst_desk, added, text, user="U1")
    assert "3 messages in a row form one ticket" in words(reply)
    assert "not a ticket" not in words(reply)


@pytest.mark.parametrize(
    "text",
    variations([
        "thanks as always, since this is urgent",
        "any news?",
        "thanks!",
        "hi",
        "danke euch",
        "gracias",
        "ok",
        "works again",
        "same here",
        "please help",
    ], few=2),
)  # fmt: skip
def test_what_adds_nothing_is_no_part(burst_desk: Desk, text: str) -> None:
    """Thanks, greetings, and what follows a ticket and says nothing new about it."""
    say(burst_desk, 0, PRINTER)
    say(burst_desk, 20, text)
    assert stored_tickets(burst_desk) == [(ts_at(0), PRINTER)]


def test_what_adds_to_a_ticket_is_none_by_itself(burst_desk: Desk) -> None:
    """Later it follows its author's last ticket, and from somebody else nothing."""
    first = say(burst_desk, 0, PRINTER)
    later = say(burst_desk, 500, SINCE)
    again = say(burst_desk, 510, "geht nicht")
    other = say(burst_desk, 520, SINCE, user="U2")
    assert stored_tickets(burst_desk) == [(first, PRINTER)]
    assert followed(burst_desk) == {
        later: ("detail", first), again: ("broken", first), other: ("detail", None),
    }  # fmt: skip


@pytest.mark.parametrize("order", variations([(order,) for order in permutations(range(3))], few=2))
def test_messages_may_come_in_any_order(burst_desk: Desk, order: tuple[int, ...]) -> None:
    """Also the one with the matter last."""
    said = [(0, "geht nicht"), (20, PRINTER), (40, SINCE)]
    for number in order:
        say(burst_desk, *said[number])
    assert stored_tickets(burst_desk) == [(ts_at(0), f"geht nicht {PRINTER} {SINCE}")]
    assert followed(burst_desk) == {}


def test_an_addition_without_its_ticket_is_none(burst_desk: Desk) -> None:
    """When that is deleted or taken out, it belongs to the ticket before, and comes back."""
    early = say(burst_desk, -9000, VPN)
    first = say(burst_desk, 0, PRINTER)
    added = say(burst_desk, 20, SINCE)
    burst_desk.react("C1", first, "U5", "no_bell")
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(early, VPN)]
    burst_desk.react("C1", first, "U5", "no_bell", type="reaction_removed")
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(early, VPN), (first, f"{PRINTER} {SINCE}")]
    burst_desk.delete("C1", first)
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(early, VPN)]
    assert followed(burst_desk) == {added: ("detail", early)}
    burst_desk.delete("C1", added)
    burst_desk.drain()
    assert followed(burst_desk) == {}
    with burst_desk.services.database.read() as session:
        assert SINCE not in session.scalars(select(Part.text)).all()


@pytest.mark.parametrize(
    ("edits", "text"),
    [
        (["seit gestern"], f"{PRINTER} seit gestern"),
        (["toner is full", SINCE], f"{PRINTER} {SINCE}"),
        (["thanks!", SINCE], f"{PRINTER} {SINCE}"),
    ],
)
def test_an_addition_follows_its_edits(burst_desk: Desk, edits: list[str], text: str) -> None:
    """As any other message of a ticket does."""
    say(burst_desk, 0, PRINTER)
    added = say(burst_desk, 20, SINCE)
    for number, edited in enumerate(edits):
        burst_desk.edit("C1", added, edited, ts_at(1000 + number))
        burst_desk.drain()
    assert stored_tickets(burst_desk) == [(ts_at(0), text)]
    assert followed(burst_desk) == {}


def test_talk_that_is_edited_to_an_addition_joins(burst_desk: Desk) -> None:
    """And a lone one that is edited to something else is what that is."""
    say(burst_desk, 0, PRINTER)
    edited = say(burst_desk, 20, "thanks!")
    burst_desk.edit("C1", edited, SINCE, ts_at(1000))
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(ts_at(0), f"{PRINTER} {SINCE}")]
    lone = say(burst_desk, 500, SINCE)
    for number, (text, kind) in enumerate(
        [("seit gestern", "detail"), ("any news?", "news"), (SINCE, "detail"), ("thanks!", None)]
    ):
        burst_desk.edit("C1", lone, text, ts_at(2000 + number))
        burst_desk.drain()
        assert followed(burst_desk) == ({} if kind is None else {lone: (kind, ts_at(0))})
    burst_desk.edit("C1", lone, VPN, ts_at(3000))
    burst_desk.drain()
    assert stored_tickets(burst_desk)[1:] == [(lone, VPN)]


def test_an_addition_can_be_split_off_and_pinned(burst_desk: Desk) -> None:
    """Somebody wants it to be a ticket of its own."""
    first = say(burst_desk, 0, PRINTER)
    added = say(burst_desk, 20, SINCE)
    split = buttons(inspected(burst_desk, added, SINCE, user="U1"))["split"]
    burst_desk.click("C1", "split", split)
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(first, PRINTER), (added, SINCE)]
    burst_desk.click("C1", "join", split)
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(first, f"{PRINTER} {SINCE}")]
    burst_desk.react("C1", added, "U5", "pushpin")
    burst_desk.drain()
    assert stored_tickets(burst_desk) == [(first, PRINTER), (added, SINCE)]


def test_a_backfill_joins_additions_on_another_page(burst_desk: Desk) -> None:
    """It reads the newest page first: 100 messages."""
    say(burst_desk, -100_000, VPN)
    said = [(0, PRINTER), (20, SINCE)]
    said += [(1000 + number * 200, f"toner {number} is empty") for number in range(99)]
    for second, text in said:
        say_at(burst_desk, second, text)
    with burst_desk.services.database.read() as session:
        channel = session.scalars(select(Channel)).one()
    since = burst_desk.clock() - timedelta(days=90)
    burst_desk.enqueue(backfill_job(channel.id, since, user=None, cause="x"))
    burst_desk.drain()
    assert stored_tickets(burst_desk)[1] == (ts_at(0), f"{PRINTER} {SINCE}")
    assert followed(burst_desk) == {}
