"""Overrides of messages that form one ticket, and those that a sweep or a backfill finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.tasks.backfill import backfill_job
from models import Channel, Part
from tests.bot.tasks.reactions import BELL, PIN, PRINTER, at, heard, react, tickets, unreact
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk
from tests.slack_standin import SlackStandIn


@pytest.fixture
def talk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a desk where people's messages of two minutes are one ticket."""
    with open_desk(slack, database_url, str(tmp_path), embedder, burst_seconds=120) as opened:
        heard(opened, "the garage gate stays shut", ts=at(-100_000))
        yield opened


def say_burst(desk: Desk) -> None:
    """Say two messages in a row that are one ticket."""
    for second, text in ((0, "my printer prints"), (20, "blank pages")):
        heard(desk, text, ts=at(second))


@pytest.mark.parametrize("text", ["on both trays", "since this morning"])
def test_a_bell_on_the_first_message_takes_out_the_whole_ticket(talk: Desk, text: str) -> None:
    """That is where it is answered; on a later one it takes out only that."""
    say_burst(talk)
    react(talk, at(0), BELL)
    assert tickets(talk) == ["the garage gate stays shut"]
    heard(talk, text, ts=at(40))
    assert tickets(talk) == ["the garage gate stays shut"]
    unreact(talk, at(0), BELL)
    assert tickets(talk)[1:] == [f"my printer prints blank pages {text}"]
    react(talk, at(20), BELL)
    assert tickets(talk)[1:] == [f"my printer prints {text}"]


def test_a_pushpin_on_a_later_message_begins_another_ticket(talk: Desk) -> None:
    """On the first one it changes nothing: that is a ticket already."""
    say_burst(talk)
    react(talk, at(0), PIN)
    assert tickets(talk)[1:] == ["my printer prints blank pages"]
    react(talk, at(20), PIN)
    assert tickets(talk)[1:] == ["my printer prints", "blank pages"]
    unreact(talk, at(20), PIN)
    assert tickets(talk)[1:] == ["my printer prints blank pages"]


def test_pinned_small_talk_joins_no_ticket_once_it_is_unpinned(talk: Desk) -> None:
    """What was said right after it is a ticket by itself again."""
    heard(talk, "thanks!", ts=at(0))
    react(talk, at(0), PIN)
    heard(talk, "blank pages", ts=at(20))
    assert tickets(talk)[1:] == ["thanks! blank pages"]
    unreact(talk, at(0), PIN)
    assert tickets(talk)[1:] == ["blank pages"]
    with talk.services.database.read() as session:
        assert len(session.scalars(select(Part)).all()) == 2


def test_a_sweep_brings_the_reactions_that_were_missed(talk: Desk) -> None:
    """And a backfill those to older messages; both look at who reacted."""
    talk.slack.users["U9"] = {"is_bot": True}
    for second, text, emoji, user in (
        (0, "thanks!", PIN, "U2"),
        (1000, PRINTER, BELL, "U2"),
        (2000, "hello", PIN, "U9"),
        (3000, "vpn drops every hour", BELL, "U9"),
    ):
        listed = [{"name": emoji, "users": [user], "count": 1}]
        talk.slack.say("C1", text, ts=at(second), reactions=listed)
    expected = ["the garage gate stays shut", "thanks!", "vpn drops every hour"]
    talk.bot.worker.request_sweep()
    talk.drain()
    assert tickets(talk) == expected


def test_a_backfill_reads_reactions(talk: Desk) -> None:
    """Also those to replies of a ticket's thread."""
    listed = [{"name": PIN, "users": ["U2"], "count": 1}]
    talk.slack.say("C1", PRINTER, ts=at(0), reply_count=1)
    talk.slack.say("C1", "vpn drops, too", ts=at(5), thread_ts=at(0), reactions=listed)
    talk.slack.say("C1", "thanks!", ts=at(500), reactions=listed)
    with talk.services.database.read() as session:
        channel = session.scalars(select(Channel)).one()
    since = talk.clock() - timedelta(days=90)
    talk.enqueue(backfill_job(channel.id, since, user=None, cause="x"))
    talk.drain()
    assert tickets(talk)[1:] == [PRINTER, "vpn drops, too", "thanks!"]
