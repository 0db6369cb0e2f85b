"""Inspect and Find similar: whoever asks, and nobody else, learns what became of a message."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from models import Channel
from tests.serving import Desk, words

PRINTER = "printer prints blank pages after the firmware update"


def reply_to(desk: Desk, shortcut: str, message: dict[str, Any], channel: str = "C1") -> str:
    """Use a shortcut on a message and return what comes back."""
    before, posted = len(desk.slack.private_replies), desk.slack.posted()
    assert desk.shortcut(shortcut, channel, message).status == 200
    desk.drain()
    [reply] = desk.slack.private_replies[before:]
    assert desk.slack.posted() == posted
    return words(reply)


def said(desk: Desk, text: str, **more: Any) -> dict[str, Any]:
    """Say something, deliver it to the bot, and return the message."""
    message = desk.slack.say("C1", text, **more)
    desk.deliver_message("C1", message)
    desk.drain()
    return message


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        ("thanks all!", {}, "small talk"),
        (PRINTER, {"bot_id": "B9"}, "messages from bots"),
        (PRINTER, {"subtype": "channel_topic"}, "who joined, topic changes"),
        (PRINTER, {"thread_ts": "1795300000.000100"}, "replies in threads"),
        ("", {}, "without words"),
        (":fire: :fire:", {}, "no words to compare"),
        (PRINTER, {}, "similar enough"),
    ],
)
def test_whatever_was_not_answered_has_a_reason(
    desk: Desk, text: str, more: dict[str, Any], reason: str
) -> None:
    """One clear line each."""
    assert reason in reply_to(desk, "deja_inspect", said(desk, text, **more))


@pytest.mark.both_databases
def test_an_answered_ticket_leads_to_its_answer(desk: Desk) -> None:
    """With the most similar ticket."""
    said(desk, PRINTER)
    found = reply_to(desk, "deja_inspect", said(desk, f"{PRINTER}!"))
    assert "I answered it" in found
    assert "very similar" in found


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"mode": "request"}, "On request"),
        ({"mode": "off"}, "I'm turned off"),
        ({"muted_by": "U1"}, "muted"),
    ],
)
def test_a_silent_channel_says_why(desk: Desk, values: dict[str, Any], reason: str) -> None:
    """What was set there."""
    said(desk, PRINTER)
    if "muted_by" in values:
        values = {**values, "muted_at": desk.clock()}
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(**values))
    assert reason in reply_to(desk, "deja_inspect", said(desk, PRINTER))


def test_what_was_never_heard_is_said_to_be_so(desk: Desk) -> None:
    """A message of before the bot came."""
    message = desk.slack.say("C1", PRINTER)
    assert "don't remember" in reply_to(desk, "deja_inspect", message)


def test_inspection_names_nothing_private(desk: Desk) -> None:
    """A twin in a private channel is neither named nor counted."""
    desk.slack.add_channel("G1", is_private=True)
    desk.ticket("G1", f"{PRINTER} secret")
    desk.drain()
    found = reply_to(desk, "deja_inspect", said(desk, PRINTER))
    assert "similar enough" in found
    assert "secret" not in found
    assert "Most similar" not in found


@pytest.fixture
def guest(desk: Desk) -> dict[str, Any]:
    """Give a ticket of C1 with a twin in C2; U2 reads C1 alone, which nobody has noticed yet."""
    desk.slack.channels["C1"]["members"] = ["U1", "U2"]
    desk.slack.add_channel("C2", members=["U1"])
    desk.ticket("C2", f"{PRINTER} secret")
    message = said(desk, PRINTER)
    desk.slack.users["U2"] = {"is_restricted": True}
    return message


def test_inspection_names_to_a_guest_only_what_they_may_read(
    desk: Desk, guest: dict[str, Any]
) -> None:
    """Neither the nearest ticket of other channels nor how near it is, though members see it."""
    found = reply_to(desk, "deja_inspect", guest)
    assert "secret" not in found
    assert "Most similar" not in found
    desk.slack.users["U2"] = {}
    assert "secret" in reply_to(desk, "deja_inspect", guest)


def test_inspection_tells_a_guest_the_nearest_that_they_may_read(
    desk: Desk, guest: dict[str, Any]
) -> None:
    """Of the channel that they are in."""
    said(desk, f"{PRINTER} too", user="U8")
    found = reply_to(desk, "deja_inspect", guest)
    assert f"{PRINTER} too" in found
    assert "secret" not in found


def test_a_silent_channel_tells_a_guest_of_nothing_that_is_hidden(
    desk: Desk, guest: dict[str, Any]
) -> None:
    """Even that a similar ticket exists says something about it."""
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(mode="request"))
    message = said(desk, f"{PRINTER} once more")
    desk.delete("C1", guest["ts"])
    desk.drain()
    found = reply_to(desk, "deja_inspect", message)
    assert "something similar" not in found
    assert "similar enough" in found


def test_similar_to_any_message(desk: Desk) -> None:
    """To one that is remembered, and to one that is not."""
    ticket = said(desk, PRINTER)
    other = said(desk, f"{PRINTER} on floor two")
    assert "floor two" in reply_to(desk, "deja_similar", ticket)
    assert PRINTER in reply_to(desk, "deja_similar", other)
    reply = desk.slack.say("C1", PRINTER, thread_ts=ticket["ts"])
    assert "floor two" in reply_to(desk, "deja_similar", reply)
    assert "no words" in reply_to(desk, "deja_similar", desk.slack.say("C1", ""))
