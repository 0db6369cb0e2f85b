"""What Déjà was worth: in `/deja status`, and only of what its readers may read."""

from __future__ import annotations

import pytest

from bot.web.serve import local_dashboard
from services.answers.worth import MIN_COUNTED, Worth, worth_of
from services.channels.audience import audience_of_members, whole_workspace
from services.channels.quiet_hours import QuietHours
from tests.bot.web.visitors import Visitor
from tests.serving import Desk, buttons, words
from tests.slack_limits import message_error

PRINTER = "printer prints blank pages after the firmware update"
ANSWER = "install the new driver"


def worth(desk: Desk, *, public: bool = False) -> Worth:
    """Return what Déjà was worth to the command line, or to all members."""
    readers = (audience_of_members if public else whole_workspace)(desk.workspace_id)
    with desk.services.database.read() as session:
        return worth_of(session, readers, desk.clock.now, QuietHours())


def used_answer(desk: Desk, channel: str) -> str:
    """Solve a ticket, report it again, and use its answer; return the second ticket's `ts`."""
    first = desk.ticket(channel, PRINTER)
    reply = desk.slack.say(channel, ANSWER, user="U1", thread_ts=first)
    desk.react(channel, reply["ts"])
    desk.drain()
    again = desk.ticket(channel, PRINTER)
    [answer] = desk.answers(channel, again)
    desk.click(channel, "use", buttons(answer)["use"])
    desk.drain()
    return again


def test_only_what_is_shown_has_a_note(desk: Desk) -> None:
    """How decisions are counted is said below decisions."""
    again = used_answer(desk, "C1")
    desk.command("C1", "status")
    desk.drain()
    assert "³" not in words(desk.slack.private_replies[-1])
    [answer, *_] = desk.answers("C1", again)
    desk.click("C1", "distinct", buttons(answer)["distinct"])
    desk.command("C1", "status")
    desk.drain()
    assert words(desk.slack.private_replies[-1]).count("³") == 2


@pytest.mark.both_databases
def test_what_helped_and_what_was_wrong_is_counted_and_listed(desk: Desk) -> None:
    """A used answer, a decision and a wrong flag count, until they are deleted or undone."""
    again = used_answer(desk, "C1")
    [answer, *_] = desk.answers("C1", again)
    desk.click("C1", "distinct", buttons(answer)["distinct"])
    desk.drain()
    found = worth(desk)
    [month] = found.months
    assert (month.decided, month.flagged, month.right, month.precision) == (1, 1, 0, None)
    assert [one.verdict for one in found.wrong] == ["distinct"]
    assert len(found.others) == 1
    desk.command("C1", "status")
    desk.drain()
    reply = desk.slack.private_replies[-1]
    assert message_error(reply) is None
    assert "What I was wrong about" in words(reply)
    assert f"fewer than {MIN_COUNTED} tickets" in words(reply)
    assert words(reply).count("too few to say") == 1
    desk.delete("C1", again)
    desk.drain()
    assert (worth(desk).wrong, worth(desk).decisions, worth(desk).helped) == ([], [], [])


def test_a_used_answer_counts_once_for_its_ticket(desk: Desk) -> None:
    """The ticket waited from when it was written until Déjà wrote in its thread."""
    used_answer(desk, "C1")
    [helped] = worth(desk).helped
    assert not helped.is_confirmed
    assert helped.item_id not in {one.item_id for one in worth(desk).others}


def test_a_private_channel_counts_for_its_members_alone(desk: Desk) -> None:
    """No figure outside says that anything happened in there."""
    desk.slack.add_channel("G1", is_private=True, members=["U1", "U2"])
    used_answer(desk, "G1")
    assert len(worth(desk).helped) == 1
    outside = worth(desk, public=True)
    assert (outside.helped, outside.others, outside.decisions, outside.failed) == ([], [], [], [])


def test_the_dashboard_lists_what_it_counts(desk: Desk) -> None:
    """Every figure has the tickets that it counts on the same page."""
    used_answer(desk, "C1")
    visitor = Visitor(local_dashboard(desk.services, None, "ann", desk.clock), "127.0.0.1:3001")
    page = visitor.get("/worth")
    assert visitor.status == 200
    assert "1 ticket answered before a person had to" in page
    assert page.count(PRINTER) >= 2
