"""Guests: in a channel that they read nothing of other channels is named, from the start."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.listeners.events import KINDS
from bot.server.schedule import due_jobs
from tests.serving import Desk, words

PRINTER = "printer prints blank pages"


@pytest.fixture
def guest(desk: Desk) -> Desk:
    """Give a bot that remembers a ticket of C2, in a workspace with a guest."""
    desk.slack.users["UGUEST"] = {"is_restricted": True}
    desk.slack.users["U1"] = {}
    desk.slack.add_channel("C2", members=["U1"])
    desk.ticket("C2", f"{PRINTER} there")
    desk.drain()
    return desk


def answered(desk: Desk, channel: str) -> str:
    """Say a ticket and return all that is answered to it."""
    return " ".join(map(words, desk.answers(channel, desk.ticket(channel, PRINTER))))


def chores(desk: Desk) -> None:
    """Do what is due by itself a day later."""
    desk.clock.advance(24 * 3600)
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.drain()


def test_where_a_guest_reads_no_other_channel_is_named(guest: Desk) -> None:
    """Neither unasked nor to a mention, nor in what is shared; its own tickets are."""
    guest.slack.add_channel("C3", members=["U1", "UGUEST"])
    assert "there" not in answered(guest, "C3")
    assert PRINTER in answered(guest, "C3")
    ts = guest.ticket("C3", f"<@U0DEJA> similar {PRINTER}")
    assert "there" not in words(guest.answers("C3", ts)[-1])
    guest.click("C3", "share", f"similar {PRINTER}", user="U1")
    guest.drain()
    assert all("there" not in words(one) for one in guest.slack.posted())


def test_members_are_told_by_a_command(guest: Desk) -> None:
    """What one person alone reads is what they may read."""
    guest.slack.add_channel("C3", members=["U1", "UGUEST"])
    for user, told in (("U1", True), ("UGUEST", False)):
        guest.command("C3", f"similar {PRINTER}", user=user)
        guest.drain()
        assert ("there" in words(guest.slack.private_replies[-1])) is told


@pytest.mark.both_databases
def test_a_guest_who_joins_hides_what_was_named(guest: Desk) -> None:
    """Also in an answer that stands already; a member who joins hides nothing."""
    guest.slack.add_channel("C3", members=["U1"])
    ts = guest.ticket("C3", PRINTER)
    assert "there" in words(guest.answers("C3", ts)[0])
    guest.join("C3", "U1")
    guest.drain()
    assert "there" in words(guest.answers("C3", ts)[0])
    guest.slack.channels["C3"]["members"] = ["U1", "UGUEST"]
    guest.join("C3", "UGUEST")
    guest.drain()
    assert guest.answers("C3", ts) == []


def test_who_is_a_guest_is_looked_up_once_a_day(guest: Desk) -> None:
    """A member who was made a guest, and a guest who has left."""
    guest.slack.add_channel("C3", members=["U1", "U5"])
    ts = guest.ticket("C3", PRINTER)
    assert "there" in words(guest.answers("C3", ts)[0])
    guest.slack.users["U5"] = {"is_ultra_restricted": True}
    chores(guest)
    assert guest.answers("C3", ts) == []
    guest.slack.channels["C3"]["members"] = ["U1"]
    chores(guest)
    assert "there" in answered(guest, "C3")


def test_what_slack_does_not_tell_counts_as_a_guest(guest: Desk) -> None:
    """Where the app may not know who is in a channel nothing else is named there."""
    guest.slack.forbid("conversations.members", "missing_scope")
    guest.slack.add_channel("C3", members=["U1"])
    assert "there" not in answered(guest, "C3")


def test_guests_are_not_listed_again_for_every_message(guest: Desk) -> None:
    """Once for a channel that is new, and the workspace's people once an hour."""
    for number in range(5):
        guest.ticket("C2", f"ticket {number}")
    guest.drain()
    assert guest.slack.count("users.list") == 1
    assert guest.slack.count("conversations.members") == 1


def test_a_member_who_is_made_a_guest_hides_what_was_named(guest: Desk) -> None:
    """At once; their next changes, and those of members, are looked at no further."""
    guest.slack.add_channel("C3", members=["U1", "U5"])
    ts = guest.ticket("C3", PRINTER)
    assert "there" in words(guest.answers("C3", ts)[0])
    guest.deliver({"type": "user_change", "user": {"id": "U5", "is_restricted": False}})
    guest.drain()
    assert "there" in words(guest.answers("C3", ts)[0])
    guest.slack.users["U5"] = {"is_restricted": True}
    changed = {"type": "user_change", "user": {"id": "U5", "is_restricted": True}}
    guest.deliver(changed)
    guest.drain()
    assert guest.answers("C3", ts) == []
    calls = len(guest.slack.calls)
    guest.deliver(changed)
    guest.drain()
    assert len(guest.slack.calls) == calls


def test_the_manifest_asks_for_every_event_that_is_heard(guest: Desk) -> None:
    """None more; those of private channels are the administrator's choice."""
    manifest = yaml.safe_load(Path("manifest.yaml").read_text())
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    heard = {*KINDS, "app_uninstalled", "tokens_revoked", "assistant_thread_context_changed"}
    unasked = {"message", "app_mention", "group_left", "group_deleted", "group_rename"}
    assert events == (heard - unasked) | {"message.channels", "message.im"}
