"""Which bots and forms open tickets in a channel is chosen from those seen there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.tasks.backfill import backfill_job
from models import Channel, ChannelSender, Item
from services.channels.settings import settings_of
from tests.bot.tasks.channel_setup import PRINTER, form, open_new_desk, stored_channel
from tests.hashing import HashingEmbedder
from tests.serving import Desk, words
from tests.slack_standin import SlackStandIn

TS = "1795350000.000100"
BOT = {"bot_id": "BDESK", "username": "Zendesk  \n bot"}
FORM = {"bot_id": "BWORK", "workflow_id": "Wf1", "bot_profile": {"name": "Report a fault"}}


@pytest.fixture
def desk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot in a channel that U7 made, and in which it is on."""
    with open_new_desk(slack, database_url, tmp_path, embedder) as opened:
        _choose(opened, None)
        yield opened


def _say(desk: Desk, sender: dict[str, Any], ts: str = TS, **more: Any) -> str:
    message = {"type": "message", "subtype": "bot_message", "text": PRINTER, "ts": ts}
    assert desk.deliver_message("C1", {**message, **sender, **more}).status == 200
    desk.drain()
    return ts


def _edit(desk: Desk, sender: dict[str, Any], text: str) -> None:
    edited = {"user": "BDESK", "ts": "1795350900.000100"}
    message = {"type": "message", "ts": TS, "text": text, "edited": edited, **sender}
    change = {"type": "message", "subtype": "message_changed", "message": message}
    assert desk.deliver_message("C1", change).status == 200
    desk.drain()


def _open(desk: Desk) -> str:
    desk.command("C1", "settings", user="U7")
    desk.drain()
    return list(desk.slack.views)[-1]


def _field(desk: Desk, view_id: str) -> dict[str, Any]:
    blocks = desk.slack.views[view_id]["blocks"]
    found = [block["element"] for block in blocks if block.get("block_id") == "senders"]
    return found[0] if found else {}


def _choose(desk: Desk, selected: list[str] | None) -> None:
    """Send the form with the senders of these names, or without the field."""
    view_id = _open(desk)
    more = {}
    if selected is not None:
        options = _field(desk, view_id)["options"]
        chosen = [one for one in options if one["text"]["text"] in selected]
        assert len(chosen) == len(selected)
        more = {"senders": {"selected_options": chosen}}
    assert desk.submit(view_id, {**form(mode="full"), **more}, user="U7").status == 200
    desk.drain()


def _texts(desk: Desk) -> list[str]:
    with desk.services.database.read() as session:
        return list(session.scalars(select(Item.text).where(Item.deleted_at.is_(None))))


@pytest.mark.both_databases
def test_a_bot_opens_tickets_once_it_is_chosen(desk: Desk) -> None:
    """It is offered after it posted; taking the choice back holds, too; both are on record."""
    assert _field(desk, _open(desk)) == {}
    _say(desk, BOT)
    assert _texts(desk) == []
    element = _field(desk, _open(desk))
    assert [one["text"]["text"] for one in element["options"]] == ["Zendesk bot (bot)"]
    assert "initial_options" not in element
    _choose(desk, ["Zendesk bot (bot)"])
    assert settings_of(stored_channel(desk)).ticket_senders == ("BDESK",)
    _say(desk, BOT, "1795350100.000100")
    assert _texts(desk) == [PRINTER]
    element = _field(desk, _open(desk))
    assert element["initial_options"] == element["options"]
    _choose(desk, [])
    _say(desk, BOT, "1795350200.000100")
    assert len(_texts(desk)) == 1


def test_forms_open_tickets_until_they_are_left_out(desk: Desk) -> None:
    """A form that is left out stays in the list, and can be chosen again."""
    _say(desk, FORM)
    assert _texts(desk) == [PRINTER]
    element = _field(desk, _open(desk))
    assert [one["text"]["text"] for one in element["initial_options"]] == ["Report a fault (form)"]
    _choose(desk, [])
    assert settings_of(stored_channel(desk)).ignored_senders == ("Wf1",)
    _say(desk, FORM, "1795350100.000100")
    assert len(_texts(desk)) == 1
    _choose(desk, ["Report a fault (form)"])
    assert settings_of(stored_channel(desk)).ignored_senders == ()
    _say(desk, FORM, "1795350200.000100")
    assert len(_texts(desk)) == 2


def test_a_bot_that_is_a_ticket_everywhere_can_be_left_out_here(desk: Desk) -> None:
    """`DEJA_TICKET_BOTS` holds where nobody chose otherwise."""
    _say(desk, {"bot_id": "BALERT"})
    assert "BALERT (bot)" in str(_field(desk, _open(desk))["initial_options"])
    _choose(desk, [])
    _say(desk, {"bot_id": "BALERT"}, "1795350100.000100")
    assert len(_texts(desk)) == 1


def test_a_form_that_was_opened_before_saves_what_it_shows(desk: Desk) -> None:
    """Without the field nothing is chosen, and with no bot seen there is nothing to lose."""
    _choose(desk, None)
    assert settings_of(stored_channel(desk)).ticket_senders == ()


def test_a_client_that_cannot_draw_a_field_changes_nothing(desk: Desk) -> None:
    """It sends no state for it, unlike a field that somebody emptied."""
    _say(desk, FORM)
    _say(desk, BOT, "1795350100.000100")
    _choose(desk, ["Report a fault (form)", "Zendesk bot (bot)"])
    with desk.services.database.write() as session:
        session.get_one(Channel, stored_channel(desk).id).deciders = ["U7"]
    before = settings_of(stored_channel(desk))
    sent = form(mode="full")
    del sent["deciders"]
    assert desk.submit(_open(desk), sent, user="U7").status == 200
    desk.drain()
    assert settings_of(stored_channel(desk)) == before
    emptied = {**form(mode="full"), "senders": {"selected_options": []}}
    assert desk.submit(_open(desk), emptied, user="U7").status == 200
    desk.drain()
    after = settings_of(stored_channel(desk))
    assert (after.deciders, after.ticket_senders, after.ignored_senders) == ((), (), ("Wf1",))


def test_a_chosen_bots_ticket_follows_its_edits(desk: Desk) -> None:
    """Help desks post first and fill in later; what never was a ticket becomes one."""
    _say(desk, BOT)
    _choose(desk, ["Zendesk bot (bot)"])
    _edit(desk, BOT, "the lift stops between the floors")
    assert _texts(desk) == ["the lift stops between the floors"]


def test_inspect_says_where_bots_are_chosen(desk: Desk) -> None:
    """For the message of a bot that is not chosen."""
    _say(desk, BOT)
    desk.shortcut("deja_inspect", "C1", {"type": "message", "ts": TS, "text": PRINTER, **BOT})
    desk.drain()
    assert "chosen in /deja settings" in words(desk.slack.private_replies[-1])


def test_a_backfill_offers_whoever_posted(desk: Desk) -> None:
    """Those who posted before the bot came, but not those who only replied."""
    desk.slack.say("C1", ts=TS, text=PRINTER, **BOT)
    desk.slack.say("C1", ts="1795350001.000100", thread_ts=TS, text="done", bot_id="BREPLY")
    since = desk.clock().replace(year=2020)
    desk.enqueue(backfill_job(stored_channel(desk).id, since, user=None, cause="x"))
    desk.drain()
    with desk.services.database.read() as session:
        assert session.scalars(select(ChannelSender.sender)).all() == ["BDESK"]


def test_a_channel_that_is_off_keeps_nothing(desk: Desk) -> None:
    """Not even who posted there."""
    with desk.services.database.write() as session:
        session.get_one(Channel, stored_channel(desk).id).mode = "off"
    _say(desk, BOT)
    with desk.services.database.read() as session:
        assert session.scalars(select(ChannelSender)).all() == []
