"""Messages that follow a ticket join it and are no tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.tasks.backfill import backfill_job
from models import Channel
from tests.bot.tasks.follow_ups import (
    AGREEMENT,
    OWN,
    PRINTER,
    VPN,
    at,
    followed,
    heard,
    inspected,
    tickets,
)
from tests.levels import variations
from tests.serving import Desk, buttons, words


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    variations([
        ("any news?", "news", "asks for news"),
        ("geht wieder, danke", "works", "says that it works"),
        ("sigue igual", "broken", "still does not work"),
        ("gibt es was neues?", "news", "asks for news"),
        ("alguna novedad?", "news", "asks for news"),
        ("it works again", "works", "says that it works"),
        ("ya funciona", "works", "says that it works"),
        ("still broken", "broken", "still does not work"),
        ("geht immer noch nicht", "broken", "still does not work"),
    ], few=3),
)  # fmt: skip
def test_the_author_follows_up(desk: Desk, text: str, kind: str, line: str) -> None:
    """Inspect says which ticket it follows, and what it says of it; nothing is answered."""
    heard(desk, 0, VPN, user="U2")
    own = heard(desk, 60, PRINTER, user="U1")
    heard(desk, 120, f"{VPN} again", user="U3")
    ts = heard(desk, 600, text, user="U1")
    assert followed(desk) == {ts: (kind, own)}
    said = words(inspected(desk, ts, text, user="U1"))
    assert line in said
    assert PRINTER in said
    assert ":pushpin:" in said
    assert len(tickets(desk)) == 3


@pytest.mark.parametrize(
    "text",
    variations([
        "us too, 3rd floor", "bei uns im Büro genauso", "a nosotros también en la tienda 4",
        "same for the whole sales team", "hier auch, 3. Stock",
    ], few=3),
)  # fmt: skip
def test_others_have_it_elsewhere(desk: Desk, text: str) -> None:
    """Where they are, or who they are, makes no ticket of it."""
    own = heard(desk, 0, PRINTER, user="U1")
    ts = heard(desk, 60, text, user="U2")
    assert followed(desk) == {ts: ("same", own)}
    assert tickets(desk) == [PRINTER]


def test_why_it_is_solved_is_no_ticket(desk: Desk) -> None:
    """Whoever says so follows up on the own ticket."""
    own = heard(desk, 0, PRINTER, user="U1")
    ts = heard(desk, 600, "solved, cable was loose", user="U1")
    assert followed(desk) == {ts: ("works", own)}
    assert tickets(desk) == [PRINTER]


def test_a_ticket_that_works_again_can_be_solved_from_there(desk: Desk) -> None:
    """It is not solved by itself; once it is solved nothing is offered."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "it works again")
    assert desk.item("C1", first).status == "open"
    said = inspected(desk, ts, "it works again", user="U1")
    assert buttons(said)["solved"] == str(desk.item("C1", first).id)
    desk.react("C1", first, user="U1")
    desk.drain()
    assert "solved" not in buttons(inspected(desk, ts, "it works again", user="U1"))


@pytest.mark.parametrize(
    ("second", "text", "user", "more"),
    [
        (OWN + 60, "any news?", "U1", {}),
        (-60, "any news?", "U1", {}),
        (60, "any news?", "U2", {}),
        (AGREEMENT + 60, "same here", "U2", {}),
        (60, "any news?", "U1", {"thread_ts": at(-900)}),
    ],
    ids=["too late", "before it", "somebody else", "agreement too late", "another thread"],
)
def test_what_follows_nothing_is_small_talk(
    desk: Desk, second: int, text: str, user: str, more: dict[str, Any]
) -> None:
    """Without a ticket near it is neither a ticket nor counted."""
    heard(desk, 0, PRINTER, user="U1")
    ts = heard(desk, second, text, user=user, **more)
    assert followed(desk)[ts][1] is None
    assert tickets(desk) == [PRINTER]
    assert PRINTER not in words(inspected(desk, ts, text, user=user, **more))


def test_a_follow_up_follows_its_message(desk: Desk) -> None:
    """An edit changes what it is, also to a ticket and back; a deletion deletes it."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "same here", user="U2")
    for number, (text, expected) in enumerate(
        [("any news?", ("news", None)), ("thanks!", None), ("me too", ("same", first))]
    ):
        edited = {"user": "U2", "ts": at(100 + number)}
        message = {"type": "message", "ts": ts, "user": "U2", "text": text, "edited": edited}
        desk.deliver_message(
            "C1", {"type": "message", "subtype": "message_changed", "message": message}
        )
        desk.drain()
        assert followed(desk).get(ts) == expected, text
    desk.delete("C1", ts)
    desk.drain()
    assert followed(desk) == {}


def test_an_edited_reply_counts_or_does_not(desk: Desk) -> None:
    """As a message of the channel does."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "looking into it", user="U2", thread_ts=first)
    for number, (text, kind) in enumerate(
        [("same here", "same"), ("no idea", None), ("still broken", "broken")]
    ):
        edited = {"user": "U2", "ts": at(100 + number)}
        message = {"ts": ts, "user": "U2", "text": text, "edited": edited, "thread_ts": first}
        message["type"] = "message"
        desk.deliver_message(
            "C1", {"type": "message", "subtype": "message_changed", "message": message}
        )
        desk.drain()
        assert followed(desk).get(ts) == (None if kind is None else (kind, first)), text


def test_a_ticket_that_comes_or_goes_changes_what_is_followed(desk: Desk) -> None:
    """Also one that comes late, is taken out, or is put back."""
    early = heard(desk, 0, PRINTER, user="U1")
    ts = heard(desk, 600, "same here", user="U2")
    late = heard(desk, 300, VPN, user="U3")
    assert followed(desk) == {ts: ("same", late)}
    desk.react("C1", late, "U5", "no_bell")
    desk.drain()
    assert followed(desk) == {ts: ("same", early)}
    desk.react("C1", late, "U5", "no_bell", type="reaction_removed")
    desk.drain()
    assert followed(desk) == {ts: ("same", late)}
    desk.delete("C1", late)
    desk.drain()
    assert followed(desk) == {ts: ("same", early)}


def test_a_pushpin_makes_a_follow_up_a_ticket(desk: Desk) -> None:
    """Without the reaction it is a report again."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "same here", user="U2")
    desk.react("C1", ts, "U2", "pushpin")
    desk.drain()
    assert tickets(desk) == [PRINTER, "same here"]
    assert followed(desk) == {}
    desk.react("C1", ts, "U2", "pushpin", type="reaction_removed")
    desk.drain()
    assert tickets(desk) == [PRINTER]
    assert followed(desk) == {ts: ("same", first)}


def test_a_backfill_finds_the_ticket_that_it_reads_later(desk: Desk) -> None:
    """It reads from the newest message back, and threads with their replies."""
    first = heard(desk, -100_000, VPN)
    said = [
        desk.slack.say("C1", PRINTER, ts=at(0), user="U1", reply_count=1),
        desk.slack.say("C1", "me too", ts=at(5), user="U4", thread_ts=at(0)),
        *(desk.slack.say("C1", f"{VPN} {n}", ts=at(10_000 + n), user="U9") for n in range(120)),
        desk.slack.say("C1", "any news?", ts=at(20_000), user="U1"),
    ]
    with desk.services.database.read() as session:
        channel = session.scalars(select(Channel)).one()
    since = desk.clock() - timedelta(days=90)
    desk.enqueue(backfill_job(channel.id, since, user=None, cause="x"))
    desk.drain()
    assert first
    assert followed(desk) == {
        said[-1]["ts"]: ("news", at(0)), at(5): ("same", at(0)),
    }  # fmt: skip


def test_only_people_follow(desk: Desk) -> None:
    """Neither bots nor forms, and nobody in a channel for products or one that is off."""
    heard(desk, 0, PRINTER, user="U1")
    heard(desk, 60, "same here", bot_id="BALERT")
    heard(desk, 61, "same here", user=None, bot_id="B7", workflow_id="W1")
    for values in ({"mode": "off"}, {"mode": "full", "kind": "products"}):
        with desk.services.database.write() as session:
            session.execute(update(Channel).values(**values))
        heard(desk, 70, "same here", user="U2")
        heard(desk, 71, "same here", user="U2", thread_ts=at(0))
    assert followed(desk) == {}


def test_what_a_channel_ignores_follows_nothing(desk: Desk) -> None:
    """Neither as a report nor as anything else."""
    heard(desk, 0, PRINTER, user="U1")
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(ignored=["same here"]))
    heard(desk, 60, "same here", user="U2")
    heard(desk, 70, "same here since this morning", user="U1")
    assert followed(desk) == {}
    assert tickets(desk) == [PRINTER]
