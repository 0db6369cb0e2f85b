"""What the bot does in a channel in each mode, and who decides there."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import NoResultFound

from models import Channel
from tests.bot.tasks.channel_setup import (
    PRINTER,
    invite_bot,
    stored_channel,
)
from tests.serving import Desk, buttons, words


def test_quiet_names_only_what_was_seen_before(new_desk: Desk) -> None:
    """Alike tickets are not mentioned in a quiet channel; on request nothing is."""
    invite_bot(new_desk)
    for mode, same, similar in (("request", 0, 0), ("quiet", 1, 0), ("full", 1, 1)):
        new_desk.click("C1", f"mode_{mode}", "C1", user="U7")
        new_desk.drain()
        new_desk.ticket("C1", f"{mode} {PRINTER}")
        new_desk.drain()
        repeated = new_desk.ticket("C1", f"{mode} {PRINTER}")
        assert len(new_desk.answers("C1", repeated)) == same
        other = new_desk.ticket("C1", f"{mode} printer prints blank pages after firmware 7 tray")
        assert len(new_desk.answers("C1", other)) == similar


def test_only_deciders_decide(new_desk: Desk) -> None:
    """If a channel names them, other people's clicks are not stored, and a reply says so."""
    invite_bot(new_desk)
    new_desk.click("C1", "mode_full", "C1", user="U7")
    new_desk.drain()
    first = new_desk.ticket("C1", PRINTER)
    new_desk.drain()
    ts = new_desk.ticket("C1", PRINTER)
    [answer] = new_desk.answers("C1", ts)
    pair = buttons(answer)["duplicate"]
    with new_desk.services.database.write() as session:
        session.get_one(Channel, stored_channel(new_desk).id).deciders = ["U8"]
    new_desk.click("C1", "duplicate", pair, user="U2", hook=new_desk.slack.hook())
    [answer] = new_desk.answers("C1", ts)
    assert "duplicate" in buttons(answer)
    assert "only certain people decide" in words(new_desk.slack.private_replies[-1])
    new_desk.click("C1", "duplicate", pair, user="U8")
    [answer] = new_desk.answers("C1", ts)
    assert "<@U8>" in words(answer)
    assert first != ts


@pytest.mark.parametrize("said", ["thanks everyone!", "Lunch is here :pizza:"])
def test_chit_chat_is_not_remembered(new_desk: Desk, said: str) -> None:
    """Small talk, and what the channel leaves out; an edit makes a ticket of it."""
    invite_bot(new_desk)
    new_desk.click("C1", "mode_full", "C1", user="U7")
    new_desk.drain()
    with new_desk.services.database.write() as session:
        session.get_one(Channel, stored_channel(new_desk).id).ignored = ["lunch is here"]
    ts = new_desk.ticket("C1", said)
    new_desk.drain()
    with pytest.raises(NoResultFound):
        new_desk.item("C1", ts)
    new_desk.edit("C1", ts, PRINTER, "1795400000.000100")
    new_desk.drain()
    assert new_desk.item("C1", ts).text == PRINTER


def test_what_was_known_before_follows_its_edits_when_off(new_desk: Desk) -> None:
    """A channel that is turned off forgets nothing, and keeps up with what it remembers."""
    invite_bot(new_desk)
    new_desk.click("C1", "mode_full", "C1", user="U7")
    new_desk.drain()
    ts = new_desk.ticket("C1", PRINTER)
    new_desk.drain()
    new_desk.click("C1", "mode_off", "C1", user="U7")
    new_desk.drain()
    new_desk.edit("C1", ts, "nothing to see here any more", "1795400000.000100")
    new_desk.drain()
    assert new_desk.item("C1", ts).text == "nothing to see here any more"
    new_desk.delete("C1", ts)
    new_desk.drain()
    assert new_desk.item("C1", ts).deleted_at is not None
