"""What the bot does in a channel in each mode, and who decides there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import NoResultFound

from models import Channel
from tests.bot.tasks.channel_setup import (
    PRINTER,
    invite_bot,
    open_new_desk,
    stored_channel,
)
from tests.hashing import HashingEmbedder
from tests.serving import Desk, buttons, words
from tests.slack_standin import SlackStandIn


@pytest.fixture
def desk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a bot that nobody has set up, in a channel that U7 made."""
    with open_new_desk(slack, database_url, tmp_path, embedder) as opened:
        yield opened


def test_quiet_names_only_what_was_seen_before(desk: Desk) -> None:
    """Alike tickets are not mentioned in a quiet channel; on request nothing is."""
    invite_bot(desk)
    for mode, same, similar in (("request", 0, 0), ("quiet", 1, 0), ("full", 1, 1)):
        desk.click("C1", f"mode_{mode}", "C1", user="U7")
        desk.drain()
        desk.ticket("C1", f"{mode} {PRINTER}")
        desk.drain()
        repeated = desk.ticket("C1", f"{mode} {PRINTER}")
        assert len(desk.answers("C1", repeated)) == same
        other = desk.ticket("C1", f"{mode} printer prints blank pages after firmware 7 tray")
        assert len(desk.answers("C1", other)) == similar


def test_only_deciders_decide(desk: Desk) -> None:
    """If a channel names them, other people's clicks are not stored, and a reply says so."""
    invite_bot(desk)
    desk.click("C1", "mode_full", "C1", user="U7")
    desk.drain()
    first = desk.ticket("C1", PRINTER)
    desk.drain()
    ts = desk.ticket("C1", PRINTER)
    [answer] = desk.answers("C1", ts)
    pair = buttons(answer)["duplicate"]
    with desk.services.database.write() as session:
        session.get_one(Channel, stored_channel(desk).id).deciders = ["U8"]
    desk.click("C1", "duplicate", pair, user="U2", hook=desk.slack.hook())
    [answer] = desk.answers("C1", ts)
    assert "duplicate" in buttons(answer)
    assert "only certain people decide" in words(desk.slack.private_replies[-1])
    desk.click("C1", "duplicate", pair, user="U8")
    [answer] = desk.answers("C1", ts)
    assert "<@U8>" in words(answer)
    assert first != ts


@pytest.mark.parametrize("said", ["thanks everyone!", "Lunch is here :pizza:"])
def test_chit_chat_is_not_remembered(desk: Desk, said: str) -> None:
    """Small talk, and what the channel leaves out; an edit makes a ticket of it."""
    invite_bot(desk)
    desk.click("C1", "mode_full", "C1", user="U7")
    desk.drain()
    with desk.services.database.write() as session:
        session.get_one(Channel, stored_channel(desk).id).ignored = ["lunch is here"]
    ts = desk.ticket("C1", said)
    desk.drain()
    with pytest.raises(NoResultFound):
        desk.item("C1", ts)
    desk.edit("C1", ts, PRINTER, "1795400000.000100")
    desk.drain()
    assert desk.item("C1", ts).text == PRINTER


def test_what_was_known_before_follows_its_edits_when_off(desk: Desk) -> None:
    """A channel that is turned off forgets nothing, and keeps up with what it remembers."""
    invite_bot(desk)
    desk.click("C1", "mode_full", "C1", user="U7")
    desk.drain()
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.click("C1", "mode_off", "C1", user="U7")
    desk.drain()
    desk.edit("C1", ts, "nothing to see here any more", "1795400000.000100")
    desk.drain()
    assert desk.item("C1", ts).text == "nothing to see here any more"
    desk.delete("C1", ts)
    desk.drain()
    assert desk.item("C1", ts).deleted_at is not None
