"""Who asks alone reads what they may read alone: members more than guests, the removed nothing."""

from __future__ import annotations

import pytest

from tests.serving import Desk, words
from tests.slack_server import broken

PRINTER = "printer prints blank pages after the firmware update"


@pytest.fixture(autouse=True)
def workspace(desk: Desk) -> None:
    """Say the same in a public channel, two private ones and one shared with outsiders."""
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


def seen(desk: Desk, user: str, channel: str, command: str = f"similar {PRINTER}") -> set[str]:
    """Ask as somebody and return the channels of the tickets that are named."""
    desk.command(channel, command, user=user)
    before = len(desk.slack.private_replies)
    desk.drain()
    [reply] = desk.slack.private_replies[before:]
    said = words(reply)
    return {name for name in ("C1", "C2", "G1", "G2", "C9") if f"{PRINTER} {name}" in said}


@pytest.mark.parametrize(
    ("user", "channel", "named"),
    [
        ("UMEMBER", "C1", {"C1", "C2", "G1", "C9"}),
        ("UMEMBER", "C9", {"C1", "C2", "G1", "C9"}),
        ("UMEMBER", "D1", {"C1", "C2", "G1", "C9"}),
        ("UOTHER", "C1", {"C1", "C2", "G2", "C9"}),
        ("UNOBODY", "C1", {"C1", "C2", "C9"}),
        ("UGUEST", "C1", {"C1"}),
        ("UOUTSIDE", "C9", {"C9"}),
    ],
)
@pytest.mark.parametrize("command", [f"similar {PRINTER}", "search after:2000-01-01"])
def test_each_reads_what_they_may(
    desk: Desk, user: str, channel: str, named: set[str], command: str
) -> None:
    """Members the public channels and their own; guests and outsiders only their own."""
    assert seen(desk, user, channel, command) == named


def test_the_removed_read_no_longer(desk: Desk) -> None:
    """Membership is asked for each time."""
    assert "G1" in seen(desk, "UMEMBER", "C1")
    desk.slack.channels["G1"]["members"] = []
    assert "G1" not in seen(desk, "UMEMBER", "C1")


def test_membership_that_cannot_be_checked_counts_as_absent(desk: Desk) -> None:
    """If Slack does not say who asks, only tickets of the channel itself are named."""
    desk.slack.forbid("users.info", "missing_scope")
    desk.slack.forbid("users.conversations", "missing_scope")
    assert seen(desk, "UMEMBER", "C1") == {"C1"}


def test_a_question_waits_where_slack_is_down(desk: Desk) -> None:
    """A failure of Slack delays the answer; it does not make it a wrong one."""
    desk.slack.fail("users.info", broken())
    desk.command("C1", f"similar {PRINTER}", user="UGUEST")
    desk.drain()
    assert desk.slack.private_replies == []
    desk.wait(60)
    assert f"{PRINTER} C2" not in words(desk.slack.private_replies[-1])


def test_what_is_shared_names_what_all_may_read(desk: Desk) -> None:
    """*Share here* asks again for everybody in the channel: nothing private comes along."""
    assert "G1" in seen(desk, "UMEMBER", "C2")
    assert "deja_share" in words(desk.slack.private_replies[-1])
    desk.click("C2", "share", f"similar {PRINTER}", user="UMEMBER")
    desk.drain()
    [message] = [m for m in desk.slack.posted() if "thread_ts" not in m]
    assert "<@UMEMBER>" in words(message)
    assert f"{PRINTER} C1" in words(message)
    assert f"{PRINTER} G1" not in words(message)


@pytest.mark.both_databases
def test_no_count_betrays_what_is_private(desk: Desk) -> None:
    """`/deja status` counts what whoever asks may read."""
    for user, number in (("UMEMBER", 4), ("UGUEST", 1)):
        desk.command("C1", "status", user=user)
        desk.drain()
        assert f"{number} ticket" in words(desk.slack.private_replies[-1])


def test_a_link_to_what_one_may_not_read_is_unknown(desk: Desk) -> None:
    """Neither `similar LINK` nor `why` shows that there is such a ticket."""
    secret = desk.item("G2", next(iter(desk.slack._messages["G2"])))
    for command in (f"similar <{secret.url}>", f"why <{secret.url}>"):
        desk.command("C1", command, user="UMEMBER")
        desk.drain()
        said = words(desk.slack.private_replies[-1])
        assert "any such ticket" in said
        assert "G2" not in said
