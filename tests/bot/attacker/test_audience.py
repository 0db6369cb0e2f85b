"""Nobody is shown what they may not read."""

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
    ("posted_in", "repeated_in", "is_named"),
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
    desk: Desk, posted_in: str, repeated_in: str, is_named: bool
) -> None:
    """Public tickets are shown everywhere; those of private and shared channels only in there."""
    desk.ticket(posted_in, PRINTER)
    ts = desk.ticket(repeated_in, PRINTER)
    assert bool(desk.answers(repeated_in, ts)) is is_named
    desk.command(repeated_in, f"similar {PRINTER}")
    desk.drain()
    found = words(desk.slack.private_replies[-1])
    # The person asking is a full member, and in no other private channel.
    assert (f"#{posted_in.lower()}" in found) is (posted_in in {"C1", "C9", repeated_in})


def test_a_channel_that_turned_private_keeps_its_tickets(desk: Desk) -> None:
    """Tickets stored while it was public are not shown elsewhere once it is private."""
    desk.ticket("C2", PRINTER)
    desk.drain()
    desk.slack.channels["C2"]["is_private"] = True
    desk.ticket("C2", "any event there carries the change")
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []


def test_an_answer_forgets_a_channel_that_turned_private(desk: Desk) -> None:
    """An answer that showed a ticket of that channel no longer does after its next update."""
    desk.ticket("C1", f"{PRINTER} here")
    desk.ticket("C2", f"{PRINTER} there")
    ts = desk.ticket("C1", PRINTER)
    assert "there" in words(desk.answers("C1", ts)[0])
    desk.slack.channels["C2"]["is_private"] = True
    desk.ticket("C2", "any event there carries the change")
    desk.drain()
    desk.edit("C1", ts, f"{PRINTER} please", "1795400000.000100")
    [answer] = desk.answers("C1", ts)
    assert "there" not in words(answer)
    assert "here" in words(answer)


def test_a_channel_shared_with_outsiders_shows_only_its_own_tickets(desk: Desk) -> None:
    """This holds from the first event that says that the channel is shared."""
    desk.ticket("C2", PRINTER)
    desk.ticket("C1", "hello")
    desk.drain()
    desk.slack.channels["C1"]["is_ext_shared"] = True
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []


def test_a_sweep_notices_a_channel_that_turned_private(desk: Desk) -> None:
    """In a channel without new messages, the next sweep notices the change."""
    desk.ticket("C2", PRINTER)
    desk.drain()
    desk.slack.channels["C2"]["is_private"] = True
    desk.bot.worker.request_sweep()
    desk.drain()
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []


def test_slack_says_that_a_channel_turned_private(desk: Desk) -> None:
    """The note that Slack posts there is no ticket, and is enough to hide the others."""
    desk.ticket("C2", PRINTER)
    desk.drain()
    desk.slack.channels["C2"]["is_private"] = True
    note = "made this channel *private*. Now, it can only be viewed or joined by invitation."
    desk.ticket("C2", note, subtype="channel_convert_to_private")
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []
    desk.slack.channels["C2"]["is_private"] = False
    desk.ticket("C2", "made this channel *public*.", subtype="channel_convert_to_public")
    assert desk.answers("C1", desk.ticket("C1", PRINTER))


def test_a_sweep_notices_a_private_channel_that_the_app_may_not_see(desk: Desk) -> None:
    """Without the permissions for private channels it is listed no longer, and looked up."""
    desk.ticket("C2", PRINTER)
    desk.drain()
    del desk.slack.channels["C2"]
    desk.bot.worker.request_sweep()
    desk.drain()
    assert desk.answers("C1", desk.ticket("C1", PRINTER)) == []


def test_tickets_of_an_archived_channel_are_shown(desk: Desk) -> None:
    """It is listed no longer, too, and everybody may read it."""
    desk.ticket("C2", PRINTER)
    desk.drain()
    desk.slack.channels["C2"]["is_archived"] = True
    desk.bot.worker.request_sweep()
    desk.drain()
    assert desk.answers("C1", desk.ticket("C1", PRINTER))


def test_a_command_in_a_channel_the_bot_cannot_see_shows_nothing(desk: Desk) -> None:
    """Nothing is shown to an outsider: a channel that cannot be looked up may be shared."""
    desk.slack.users["U2"] = {"team_id": "T2"}
    desk.ticket("C1", PRINTER)
    desk.command("D777", f"similar {PRINTER}")
    desk.drain()
    assert PRINTER not in words(desk.slack.private_replies[-1])


@pytest.mark.parametrize("kind", ["channel_left", "channel_deleted"])
def test_tickets_of_a_channel_the_bot_left_are_shown_nowhere(desk: Desk, kind: str) -> None:
    """The bot no longer learns who may read a channel that is deleted or that it has left."""
    desk.ticket("C2", f"{PRINTER} there")
    ts = desk.ticket("C1", PRINTER)
    assert "there" in words(desk.answers("C1", ts)[0])
    desk.deliver({"type": kind, "channel": "C2"})
    assert desk.answers("C1", ts) == []
    desk.command("C1", f"similar {PRINTER}")
    desk.drain()
    assert "there" not in words(desk.slack.private_replies[-1])


def test_tickets_of_a_channel_the_bot_rejoins_are_shown_again(desk: Desk) -> None:
    """An invitation makes it look up who reads the channel."""
    desk.ticket("C2", f"{PRINTER} there")
    desk.deliver({"type": "channel_left", "channel": "C2"})
    desk.join("C2", "U0DEJA")
    desk.drain()
    assert "there" in words(desk.answers("C1", desk.ticket("C1", PRINTER))[0])


def test_answers_in_a_channel_are_updated_once_it_is_shared_with_outsiders(desk: Desk) -> None:
    """They no longer show tickets of other channels."""
    desk.ticket("C2", f"{PRINTER} there")
    ts = desk.ticket("C1", PRINTER)
    assert "there" in words(desk.answers("C1", ts)[0])
    desk.slack.channels["C1"]["is_ext_shared"] = True
    desk.deliver({"type": "channel_shared", "channel": "C1", "connected_team_id": "T9"})
    assert desk.answers("C1", ts) == []


def test_answers_elsewhere_are_updated_once_a_channel_turned_private(desk: Desk) -> None:
    """After a sweep or an event says so, no public answer shows its tickets."""
    desk.ticket("C2", f"{PRINTER} there")
    ts = desk.ticket("C1", PRINTER)
    desk.drain()
    desk.slack.channels["C2"]["is_private"] = True
    desk.bot.worker.request_sweep()
    assert desk.answers("C1", ts) == []
