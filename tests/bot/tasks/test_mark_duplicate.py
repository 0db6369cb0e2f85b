"""*Mark as duplicate*: find a readable ticket by a few words, and store a verdict."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from models import Channel, Verdict
from tests.serving import Desk, buttons, words

PRINTER = "printer prints blank pages after the firmware update"
OTHER = "empty sheets come out of the device on floor two"
SEARCH = "deja_mark_search"


@pytest.fixture
def first(desk: Desk) -> str:
    """Post an earlier ticket."""
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    return ts


def open_form(desk: Desk, message: dict[str, Any], channel: str = "C1") -> str:
    """Use the shortcut on a message, and return the form's id."""
    desk.shortcut("deja_mark", channel, message)
    return list(desk.slack.views)[-1]


def post(desk: Desk, text: str) -> dict[str, Any]:
    """Post a ticket, and return the message."""
    message = desk.slack.say("C1", text)
    desk.deliver_message("C1", message)
    desk.drain()
    return message


def choose(desk: Desk, view_id: str, item_id: int, user: str = "U2") -> None:
    """Choose a ticket in the form, and submit it."""
    option = {"selected_option": {"value": str(item_id)}}
    values = {"other": {SEARCH: option}}
    desk.submit_values(view_id, values, user)
    desk.drain()


def verdicts(desk: Desk) -> list[str]:
    """Return the current verdicts."""
    with desk.services.database.read() as session:
        return list(session.scalars(select(Verdict.verdict).where(Verdict.undone_at.is_(None))))


def test_a_ticket_is_found_and_marked(desk: Desk, first: str) -> None:
    """The person gets a private reply; the ticket itself is not offered."""
    message = post(desk, OTHER)
    view_id = open_form(desk, message)
    [option] = desk.suggest(view_id, SEARCH, "printer prints blank")
    assert option["value"] == str(desk.item("C1", first).id)
    choose(desk, view_id, int(option["value"]))
    assert verdicts(desk) == ["duplicate"]
    assert "Saved" in words(desk.slack.private_replies[-1])
    offered = {one["value"] for one in desk.suggest(view_id, SEARCH, OTHER)}
    assert str(desk.item("C1", message["ts"]).id) not in offered


@pytest.mark.both_databases
def test_a_mark_leaves_a_line_that_can_be_undone(desk: Desk, first: str) -> None:
    """Where the bot was silent the thread says who marked what; after Undo it says nothing."""
    message = post(desk, OTHER)
    assert desk.answers("C1", message["ts"]) == []
    choose(desk, open_form(desk, message), desk.item("C1", first).id, user="U7")
    [line] = desk.answers("C1", message["ts"])
    assert "*Same issue* · <@U7> · duplicate of" in words(line)
    assert PRINTER in words(line)
    desk.click("C1", "undo", buttons(line)["undo"], user="U8")
    assert desk.answers("C1", message["ts"]) == []
    assert verdicts(desk) == []
    choose(desk, open_form(desk, message), desk.item("C1", first).id)
    assert len(desk.answers("C1", message["ts"])) == 1
    desk.shortcut("deja_inspect", "C1", message)
    desk.drain()
    inspected = words(desk.slack.private_replies[-1])
    assert "*Same issue* · <@U2> · " in inspected
    assert PRINTER in inspected


def test_a_mark_is_added_to_an_answer_that_names_others(desk: Desk, first: str) -> None:
    """The bot's own candidate stays in reach, and decisions on it count as before."""
    second = post(desk, f"{PRINTER} again")
    third = post(desk, OTHER)
    choose(desk, open_form(desk, second), desk.item("C1", third["ts"]).id)
    [card] = desk.answers("C1", second["ts"])
    assert "_1 more ticket_" in words(card)
    assert OTHER in words(card)


def test_a_mark_names_no_ticket_that_readers_of_the_channel_may_not_read(desk: Desk) -> None:
    """The verdict is stored; the thread stays silent, because others would read the title."""
    desk.slack.add_channel("G1", is_private=True, members=["UIN"])
    hidden = desk.ticket("G1", PRINTER)
    message = post(desk, OTHER)
    choose(desk, open_form(desk, message), desk.item("G1", hidden).id, user="UIN")
    assert verdicts(desk) == ["duplicate"]
    assert desk.answers("C1", message["ts"]) == []
    for user, may_read in (("UIN", True), ("U2", False)):
        desk.shortcut("deja_inspect", "C1", message, user=user)
        desk.drain()
        assert (PRINTER in words(desk.slack.private_replies[-1])) is may_read


def test_a_search_offers_only_readable_tickets(desk: Desk) -> None:
    """A member of a private channel finds its tickets; others can neither find nor choose them."""
    desk.slack.add_channel("G1", is_private=True, members=["UIN"])
    hidden = desk.ticket("G1", PRINTER)
    view_id = open_form(desk, post(desk, OTHER))
    assert desk.suggest(view_id, SEARCH, PRINTER) == []
    assert len(desk.suggest(view_id, SEARCH, PRINTER, user="UIN")) == 1
    choose(desk, view_id, desk.item("G1", hidden).id)
    assert verdicts(desk) == []
    assert "no longer exists, or you can't" in words(desk.slack.private_replies[-1])


def test_what_cannot_be_marked_is_explained(desk: Desk, first: str) -> None:
    """Not a ticket, the ticket itself, and a channel where others decide."""
    item_id = desk.item("C1", first).id
    choose(desk, open_form(desk, desk.slack.say("C1", "never heard")), item_id)
    assert "don't remember" in words(desk.slack.private_replies[-1])
    choose(desk, open_form(desk, {"ts": first}), item_id)
    assert "can't be a duplicate of itself" in words(desk.slack.private_replies[-1])
    view_id = open_form(desk, post(desk, OTHER))
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U9"]))
    choose(desk, view_id, item_id)
    assert "only certain people decide" in words(desk.slack.private_replies[-1])
    assert verdicts(desk) == []


def test_a_ruled_out_pair_stays_ruled_out(desk: Desk, first: str) -> None:
    """A verdict that would connect a ruled-out pair is refused."""
    second = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", second)
    desk.click("C1", "distinct", buttons(answer)["distinct"])
    third = post(desk, OTHER)
    choose(desk, open_form(desk, third), desk.item("C1", first).id)
    choose(desk, open_form(desk, third), desk.item("C1", second).id)
    assert sorted(verdicts(desk)) == ["distinct", "duplicate"]
    assert "Not saved" in words(desk.slack.private_replies[-1])


@pytest.mark.parametrize("typed", [":fire:", "   ", "zzz qqq vvv"])
def test_a_search_for_nothing_offers_little(desk: Desk, first: str, typed: str) -> None:
    """A search without words or results has no error."""
    view_id = open_form(desk, post(desk, OTHER))
    assert len(desk.suggest(view_id, SEARCH, typed)) <= 1
