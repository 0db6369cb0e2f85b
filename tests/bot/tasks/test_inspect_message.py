"""*Inspect* and *Find similar*: private replies about what the bot did with a message."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from models import Channel
from tests.serving import Desk, words

PRINTER = "printer prints blank pages after the firmware update"


def reply_to(desk: Desk, shortcut: str, message: dict[str, Any], channel: str = "C1") -> str:
    """Use a shortcut on a message, and return the private reply."""
    before, posted = len(desk.slack.private_replies), desk.slack.posted()
    assert desk.shortcut(shortcut, channel, message).status == 200
    desk.drain()
    [reply] = desk.slack.private_replies[before:]
    assert desk.slack.posted() == posted
    return words(reply)


def post(desk: Desk, text: str, **more: Any) -> dict[str, Any]:
    """Post a message, deliver it to the bot, and return it."""
    message = desk.slack.say("C1", text, **more)
    desk.deliver_message("C1", message)
    desk.drain()
    return message


def test_every_unanswered_message_has_a_reason(desk: Desk) -> None:
    """Each reason has its own reply."""
    messages: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("thanks all!", {}, "does not say what it is about"),
        (PRINTER, {"bot_id": "B9"}, "messages from bots"),
        (PRINTER, {"subtype": "channel_topic"}, "who joined, topic changes"),
        (PRINTER, {"thread_ts": "1795300000.000100"}, "replies in threads"),
        ("", {}, "without words"),
        (":fire: :fire:", {}, "does not say what it is about"),
        (PRINTER, {}, "similar enough"),
    )
    for text, more, reason in messages:
        found = reply_to(desk, "deja_inspect", post(desk, text, **more))
        assert reason in found, (text, more)


@pytest.mark.both_databases
def test_an_answered_ticket_leads_to_its_answer(desk: Desk) -> None:
    """The reply has the answer and the most similar ticket."""
    post(desk, PRINTER)
    found = reply_to(desk, "deja_inspect", post(desk, f"{PRINTER}!"))
    assert "I answered it" in found
    assert "very similar" in found


def test_what_repeats_a_message_came_later(desk: Desk) -> None:
    """A first report was not answered because nothing earlier was similar; its repeat is."""
    first = post(desk, PRINTER)
    again = post(desk, f"{PRINTER}!")
    found = reply_to(desk, "deja_inspect", first)
    assert "Nothing earlier" in found
    assert "Most similar, written later:" in found
    assert "Most similar:" in reply_to(desk, "deja_inspect", again)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"mode": "request"}, "On request"),
        ({"mode": "off"}, "I'm turned off"),
        ({"muted_by": "U1"}, "muted"),
    ],
)
def test_the_reason_may_be_the_channels_setting(
    desk: Desk, values: dict[str, Any], reason: str
) -> None:
    """The reply says that the channel is on request, off or muted."""
    post(desk, PRINTER)
    if "muted_by" in values:
        values = {**values, "muted_at": desk.clock()}
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(**values))
    assert reason in reply_to(desk, "deja_inspect", post(desk, PRINTER))


def test_an_unknown_message_is_reported_as_such(desk: Desk) -> None:
    """A message from before the bot was added is not stored."""
    message = desk.slack.say("C1", PRINTER)
    assert "don't remember" in reply_to(desk, "deja_inspect", message)


def test_an_inspection_names_no_private_ticket(desk: Desk) -> None:
    """An equal ticket in a private channel is neither named nor counted."""
    desk.slack.add_channel("G1", is_private=True)
    desk.ticket("G1", f"{PRINTER} secret")
    desk.drain()
    found = reply_to(desk, "deja_inspect", post(desk, PRINTER))
    assert "similar enough" in found
    assert "secret" not in found
    assert "Most similar" not in found


@pytest.fixture
def guest(desk: Desk) -> dict[str, Any]:
    """Give a ticket of C1 with an equal one in C2, and U2 as a guest in C1 only."""
    desk.slack.channels["C1"]["members"] = ["U1", "U2"]
    desk.slack.add_channel("C2", members=["U1"])
    desk.ticket("C2", f"{PRINTER} secret")
    message = post(desk, PRINTER)
    desk.slack.users["U2"] = {"is_restricted": True}
    return message


def test_an_inspection_shows_a_guest_no_other_channels_tickets(
    desk: Desk, guest: dict[str, Any]
) -> None:
    """Neither the most similar ticket of other channels nor its similarity is shown."""
    found = reply_to(desk, "deja_inspect", guest)
    assert "secret" not in found
    assert "Most similar" not in found
    desk.slack.users["U2"] = {}
    assert "secret" in reply_to(desk, "deja_inspect", guest)


def test_an_inspection_shows_a_guest_the_most_similar_readable_ticket(
    desk: Desk, guest: dict[str, Any]
) -> None:
    """It is a ticket of the guest's own channel."""
    post(desk, f"{PRINTER} too", user="U8")
    found = reply_to(desk, "deja_inspect", guest)
    assert f"{PRINTER} too" in found
    assert "secret" not in found


def test_a_channel_on_request_reveals_no_hidden_ticket_to_a_guest(
    desk: Desk, guest: dict[str, Any]
) -> None:
    """Not even the existence of a similar ticket is revealed."""
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(mode="request"))
    message = post(desk, f"{PRINTER} once more")
    desk.delete("C1", guest["ts"])
    desk.drain()
    found = reply_to(desk, "deja_inspect", message)
    assert "something similar" not in found
    assert "similar enough" in found


def test_similar_tickets_are_found_for_any_message(desk: Desk) -> None:
    """It works for stored messages, and for others."""
    ticket = post(desk, PRINTER)
    other = post(desk, f"{PRINTER} on floor two")
    assert "floor two" in reply_to(desk, "deja_similar", ticket)
    assert PRINTER in reply_to(desk, "deja_similar", other)
    reply = desk.slack.say("C1", PRINTER, thread_ts=ticket["ts"])
    assert "floor two" in reply_to(desk, "deja_similar", reply)
    assert "no words" in reply_to(desk, "deja_similar", desk.slack.say("C1", ""))
