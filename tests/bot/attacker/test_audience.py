"""Nobody is told of what they may not read."""

from __future__ import annotations

import pytest

from tests.serving import Desk, words

PRINTER = "printer prints blank pages after the firmware update"


@pytest.fixture(autouse=True)
def channels(desk: Desk) -> None:
    """Add a second public channel, a private one and one shared with another company."""
    desk.slack.add_channel("C2")
    desk.slack.add_channel("G1", is_private=True)
    desk.slack.add_channel("C9", is_ext_shared=True)


@pytest.mark.parametrize(
    ("said_in", "repeated_in", "is_named"),
    [
        ("C1", "C2", True),
        ("C1", "G1", True),
        ("G1", "G1", True),
        ("G1", "C1", False),
        ("G1", "C9", False),
        ("C9", "C9", True),
        ("C1", "C9", False),
    ],
)
@pytest.mark.both_databases
def test_a_ticket_is_named_only_where_every_reader_may_read_it(
    desk: Desk, said_in: str, repeated_in: str, is_named: bool
) -> None:
    """Public tickets are named in the workspace, private and shared channels keep to themselves."""
    desk.ticket(said_in, PRINTER)
    ts = desk.ticket(repeated_in, PRINTER)
    assert bool(desk.answers(repeated_in, ts)) is is_named
    desk.command(repeated_in, f"similar {PRINTER}")
    desk.drain()
    found = words(desk.slack.private_replies[-1])
    # Whoever asks is a member of the workspace, and of no other private channel.
    assert (f"#{said_in.lower()}" in found) is (said_in in {"C1", "C9", repeated_in})


def test_a_channel_that_turned_private_keeps_its_tickets(desk: Desk) -> None:
    """Tickets remembered while a channel was public are not named elsewhere once it is private."""
    desk.ticket("C2", PRINTER)
    desk.drain()
    desk.slack.channels["C2"]["is_private"] = True
    desk.ticket("C2", "anything said there tells of it")
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []


def test_an_answer_forgets_a_channel_that_turned_private(desk: Desk) -> None:
    """An answer that named a ticket of that channel does not name it when it is next shown."""
    desk.ticket("C1", f"{PRINTER} here")
    desk.ticket("C2", f"{PRINTER} there")
    ts = desk.ticket("C1", PRINTER)
    assert "there" in words(desk.answers("C1", ts)[0])
    desk.slack.channels["C2"]["is_private"] = True
    desk.ticket("C2", "anything said there tells of it")
    desk.drain()
    desk.edit("C1", ts, f"{PRINTER} please", "1795400000.000100")
    [answer] = desk.answers("C1", ts)
    assert "there" not in words(answer)
    assert "here" in words(answer)


def test_a_channel_opened_to_outsiders_hears_only_of_itself(desk: Desk) -> None:
    """From the first event that calls the channel shared, nothing else is named in it."""
    desk.ticket("C2", PRINTER)
    desk.ticket("C1", "hello")
    desk.drain()
    desk.slack.channels["C1"]["is_ext_shared"] = True
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []


def test_a_sweep_notices_a_channel_that_turned_private(desk: Desk) -> None:
    """Where nothing is said in a channel any more, the next sweep sees that it turned private."""
    desk.ticket("C2", PRINTER)
    desk.drain()
    desk.slack.channels["C2"]["is_private"] = True
    desk.bot.worker.request_sweep()
    desk.drain()
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []


def test_a_command_in_a_place_the_bot_cannot_see_names_nothing(desk: Desk) -> None:
    """To somebody of another organisation; what cannot be looked up may be shared with them."""
    desk.slack.users["U2"] = {"team_id": "T2"}
    desk.ticket("C1", PRINTER)
    desk.command("D777", f"similar {PRINTER}")
    desk.drain()
    assert PRINTER not in words(desk.slack.private_replies[-1])


@pytest.mark.parametrize("kind", ["channel_left", "channel_deleted"])
def test_what_the_bot_sees_no_more_is_named_nowhere(desk: Desk, kind: str) -> None:
    """A channel that is gone, or that it had to leave: who knows who reads it tomorrow."""
    desk.ticket("C2", f"{PRINTER} there")
    ts = desk.ticket("C1", PRINTER)
    assert "there" in words(desk.answers("C1", ts)[0])
    desk.deliver({"type": kind, "channel": "C2"})
    assert desk.answers("C1", ts) == []
    desk.command("C1", f"similar {PRINTER}")
    desk.drain()
    assert "there" not in words(desk.slack.private_replies[-1])


def test_a_channel_that_the_bot_returns_to_is_named_again(desk: Desk) -> None:
    """An invitation makes it look who reads there."""
    desk.ticket("C2", f"{PRINTER} there")
    desk.deliver({"type": "channel_left", "channel": "C2"})
    desk.join("C2", "U0DEJA")
    desk.drain()
    assert "there" in words(desk.answers("C1", desk.ticket("C1", PRINTER))[0])


def test_answers_follow_a_channel_that_is_opened_to_outsiders_at_once(desk: Desk) -> None:
    """What stands in it is shown anew, without the rest of the workspace."""
    desk.ticket("C2", f"{PRINTER} there")
    ts = desk.ticket("C1", PRINTER)
    assert "there" in words(desk.answers("C1", ts)[0])
    desk.slack.channels["C1"]["is_ext_shared"] = True
    desk.deliver({"type": "channel_shared", "channel": "C1", "connected_team_id": "T9"})
    assert desk.answers("C1", ts) == []


def test_answers_elsewhere_follow_a_channel_that_turned_private(desk: Desk) -> None:
    """As soon as a sweep or an event tells of it, nothing in public names its tickets."""
    desk.ticket("C2", f"{PRINTER} there")
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.channels["C2"]["is_private"] = True
    desk.bot.worker.request_sweep()
    assert desk.answers("C1", ts) == []
