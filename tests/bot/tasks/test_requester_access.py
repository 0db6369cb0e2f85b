"""Private replies have only what the person may read: members see more than guests."""

from __future__ import annotations

import pytest

from tests.serving import Desk, words
from tests.slack_server import broken

PRINTER = "printer prints blank pages after the firmware update"


@pytest.fixture(autouse=True)
def workspace(desk: Desk) -> None:
    """Post the same in public and private channels, and in one shared with outsiders."""
    desk.slack.channels["C1"]["members"] = ["UMEMBER", "UGUEST"]
    desk.slack.add_channel("C2", members=["UMEMBER"])
    desk.slack.add_channel("G1", is_private=True, members=["UMEMBER"])
    desk.slack.add_channel("G2", is_private=True, members=["UOTHER"])
    desk.slack.add_channel("C9", is_ext_shared=True, members=["UMEMBER", "UOUTSIDE"])
    desk.slack.users["UGUEST"] = {"is_restricted": True}
    desk.slack.users["UOUTSIDE"] = {"team_id": "T2", "is_stranger": True}
    for channel in ("C1", "C2", "G1", "G2", "C9"):
        desk.ticket(channel, f"{PRINTER} {channel}")
    desk.drain()


def channels_shown(
    desk: Desk, user: str, channel: str, command: str = f"similar {PRINTER}"
) -> set[str]:
    """Type a command as a person, and return the channels of the tickets in the reply."""
    desk.command(channel, command, user=user)
    before = len(desk.slack.private_replies)
    desk.drain()
    [reply] = desk.slack.private_replies[before:]
    text = words(reply)
    return {name for name in ("C1", "C2", "G1", "G2", "C9") if f"{PRINTER} {name}" in text}


READABLE = (
    ("UMEMBER", "C1", {"C1", "C2", "G1", "C9"}),
    ("UMEMBER", "C9", {"C1", "C2", "G1", "C9"}),
    ("UMEMBER", "D1", {"C1", "C2", "G1", "C9"}),
    ("UOTHER", "C1", {"C1", "C2", "G2", "C9"}),
    ("UNOBODY", "C1", {"C1", "C2", "C9"}),
    ("UGUEST", "C1", {"C1"}),
    ("UOUTSIDE", "C9", {"C9"}),
)


@pytest.mark.parametrize("command", [f"similar {PRINTER}", "search after:2000-01-01"])
def test_a_reply_has_only_readable_tickets(desk: Desk, command: str) -> None:
    """Members see public channels and their own; guests and outsiders only their own."""
    for user, channel, expected in READABLE:
        assert channels_shown(desk, user, channel, command) == expected, (user, channel)


def test_removed_members_see_no_more_tickets(desk: Desk) -> None:
    """Membership is checked each time."""
    assert "G1" in channels_shown(desk, "UMEMBER", "C1")
    desk.slack.channels["G1"]["members"] = []
    assert "G1" not in channels_shown(desk, "UMEMBER", "C1")


def test_an_unknown_membership_counts_as_none(desk: Desk) -> None:
    """If Slack does not tell who the person is, only the channel's own tickets are shown."""
    desk.slack.forbid("users.info", "missing_scope")
    desk.slack.forbid("users.conversations", "missing_scope")
    assert channels_shown(desk, "UMEMBER", "C1") == {"C1"}


def test_a_reply_waits_while_slack_is_down(desk: Desk) -> None:
    """An error of Slack delays the reply, and does not change it."""
    desk.slack.fail("users.info", broken())
    desk.command("C1", f"similar {PRINTER}", user="UGUEST")
    desk.drain()
    assert desk.slack.private_replies == []
    desk.wait(60)
    assert f"{PRINTER} C2" not in words(desk.slack.private_replies[-1])


def test_a_shared_reply_has_only_what_everybody_may_read(desk: Desk) -> None:
    """*Share here* searches again for everybody in the channel, without private tickets."""
    assert "G1" in channels_shown(desk, "UMEMBER", "C2")
    assert "deja_share" in words(desk.slack.private_replies[-1])
    desk.click("C2", "share", f"similar {PRINTER}", user="UMEMBER")
    desk.drain()
    [message] = [m for m in desk.slack.posted() if "thread_ts" not in m]
    assert "<@UMEMBER>" in words(message)
    assert f"{PRINTER} C1" in words(message)
    assert f"{PRINTER} G1" not in words(message)


@pytest.mark.both_databases
def test_counts_include_only_readable_tickets(desk: Desk) -> None:
    """`/deja status` counts the tickets that the person may read."""
    for user, number in (("UMEMBER", 4), ("UGUEST", 1)):
        desk.command("C1", "status", user=user)
        desk.drain()
        assert f"{number} ticket" in words(desk.slack.private_replies[-1])


def test_a_link_to_an_unreadable_ticket_is_unknown(desk: Desk) -> None:
    """Neither `similar LINK` nor `why` reveals that there is such a ticket."""
    secret = desk.item("G2", next(iter(desk.slack._messages["G2"])))
    for command in (f"similar <{secret.url}>", f"why <{secret.url}>"):
        desk.command("C1", command, user="UMEMBER")
        desk.drain()
        text = words(desk.slack.private_replies[-1])
        assert "any such ticket" in text
        assert "G2" not in text
