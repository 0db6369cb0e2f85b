"""Guests: in a channel that they read, nothing of other channels is shown."""

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
    """Give a bot with a stored ticket of C2, in a workspace with a guest."""
    desk.slack.users["UGUEST"] = {"is_restricted": True}
    desk.slack.users["U1"] = {}
    desk.slack.add_channel("C2", members=["U1"])
    desk.ticket("C2", f"{PRINTER} there")
    desk.drain()
    return desk


def answers_to_ticket(desk: Desk, channel: str) -> str:
    """Post a ticket and return the text of its answers."""
    return " ".join(map(words, desk.opened(channel, desk.ticket(channel, PRINTER))))


def run_daily_jobs(desk: Desk) -> None:
    """Run the scheduled jobs of the next day."""
    desk.clock.advance(24 * 3600)
    desk.enqueue(*due_jobs(desk.services, desk.workspace_id, desk.clock.now))
    desk.drain()


def test_where_a_guest_reads_only_the_channels_own_tickets_are_shown(guest: Desk) -> None:
    """This holds for answers, for replies to mentions and for shared replies."""
    guest.slack.add_channel("C3", members=["U1", "UGUEST"])
    assert "there" not in answers_to_ticket(guest, "C3")
    assert PRINTER in answers_to_ticket(guest, "C3")
    ts = guest.ticket("C3", f"<@U0DEJA> similar {PRINTER}")
    assert "there" not in words(guest.answers("C3", ts)[-1])
    guest.click("C3", "share", f"similar {PRINTER}", user="U1")
    guest.drain()
    assert all("there" not in words(one) for one in guest.slack.posted())


def test_a_command_shows_members_what_they_may_read(guest: Desk) -> None:
    """A private reply depends on its one reader, not on the channel."""
    guest.slack.add_channel("C3", members=["U1", "UGUEST"])
    for user, is_shown in (("U1", True), ("UGUEST", False)):
        guest.command("C3", f"similar {PRINTER}", user=user)
        guest.drain()
        assert ("there" in words(guest.slack.private_replies[-1])) is is_shown


def test_a_guest_who_joins_hides_tickets_of_other_channels(guest: Desk) -> None:
    """Answers posted earlier are updated; a member who joins changes nothing."""
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
    """It notices a member who was made a guest, and a guest who has left."""
    guest.slack.add_channel("C3", members=["U1", "U5"])
    ts = guest.ticket("C3", PRINTER)
    assert "there" in words(guest.answers("C3", ts)[0])
    guest.slack.users["U5"] = {"is_ultra_restricted": True}
    run_daily_jobs(guest)
    assert guest.answers("C3", ts) == []
    guest.slack.channels["C3"]["members"] = ["U1"]
    run_daily_jobs(guest)
    assert "there" in answers_to_ticket(guest, "C3")


def test_a_channel_whose_members_are_unknown_counts_as_one_with_guests(guest: Desk) -> None:
    """Without permission to list its members, no other channel is shown there."""
    guest.slack.forbid("conversations.members", "missing_scope")
    guest.slack.add_channel("C3", members=["U1"])
    assert "there" not in answers_to_ticket(guest, "C3")


def test_guests_are_not_listed_again_for_every_message(guest: Desk) -> None:
    """Members are listed once for a new channel, the workspace's users once an hour."""
    for number in range(5):
        guest.ticket("C2", f"ticket {number}")
    guest.drain()
    assert guest.slack.count("users.list") == 1
    assert guest.slack.count("conversations.members") == 1


def test_a_member_made_a_guest_hides_tickets_of_other_channels(guest: Desk) -> None:
    """At once; further changes of guests and members cause no calls."""
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


def test_the_manifest_subscribes_to_every_event_that_is_handled(guest: Desk) -> None:
    """And to no others; events of private channels are the administrator's choice."""
    manifest = yaml.safe_load(Path("manifest.yaml").read_text())
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    handled = {*KINDS, "app_uninstalled", "tokens_revoked", "assistant_thread_context_changed"}
    optional = {"message", "app_mention", "group_left", "group_deleted", "group_rename"}
    assert events == (handled - optional) | {"message.channels", "message.im"}


def test_no_sweep_reads_the_members_of_a_channel_that_is_listed_no_longer(guest: Desk) -> None:
    """An archived one may have thousands, and stays archived."""
    guest.slack.channels["C2"]["is_archived"] = True
    read = guest.slack.count("conversations.members")
    guest.bot.worker.request_sweep()
    guest.drain()
    assert guest.slack.count("conversations.members") == read
