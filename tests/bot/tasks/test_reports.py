""" "Same here" counts as one more report of a ticket."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from models import Change, Channel, FollowUp
from tests.bot.tasks.follow_ups import (
    PRINTER,
    VPN,
    at,
    followed,
    heard,
    inspected,
    tickets,
)
from tests.office import Office
from tests.serving import Desk, buttons, words


@pytest.mark.both_databases
def test_the_story_of_a_ticket_that_two_others_have_too(desk: Desk) -> None:
    """Asked about, reported by two others, one of them in its thread, counted, and undone."""
    first = heard(desk, 0, PRINTER, user="U1")
    asked = heard(desk, 3600, "any news?", user="U1")
    same = heard(desk, 60, "same here", user="U2")
    reply = heard(desk, 120, "me too, on the second floor", user="U3", thread_ts=first)
    again = heard(desk, 130, "+1", user="U3", thread_ts=first)
    assert tickets(desk) == [PRINTER]
    assert desk.slack.posted() == []
    assert followed(desk) == {
        asked: ("news", first), same: ("same", first), reply: ("same", first),
        again: ("same", first),
    }  # fmt: skip
    repeated = heard(desk, 9000, PRINTER, user="U4")
    [answer] = desk.answers("C1", repeated)
    assert "one of 3 reports of the same issue" in words(answer)

    said = inspected(desk, same, "same here", user="U2")
    assert "Counted as one more report of" in words(said)
    assert PRINTER in words(said)
    assert desk.click("C1", "uncount", buttons(said)["uncount"], user="U2").status == 200
    [answer] = desk.answers("C1", repeated)
    assert "one of 2 reports" in words(answer)
    said = inspected(desk, same, "same here", user="U2")
    assert "Not counted as a report of" in words(said)
    assert "<@U2>" in words(said)
    desk.click("C1", "recount", buttons(said)["recount"], user="U2")
    [answer] = desk.answers("C1", repeated)
    assert "one of 3 reports" in words(answer)
    with desk.services.database.read() as session:
        changes = session.scalars(select(Change).where(Change.setting == "report")).all()
    assert [(one.after, one.changed_by) for one in changes] == [
        (f"{same} is not a report", "U2"), (f"{same} is a report", "U2"),
    ]  # fmt: skip


def test_agreement_is_with_the_ticket_directly_above(desk: Desk) -> None:
    """Talk in between does not matter; another ticket does. One's own ticket is no report."""
    heard(desk, 0, PRINTER, user="U1")
    above = heard(desk, 60, VPN, user="U2")
    heard(desk, 90, "thanks!", user="U3")
    other = heard(desk, 120, "same here", user="U3")
    own = heard(desk, 130, "same here", user="U2")
    assert followed(desk) == {other: ("same", above), own: ("same", above)}
    said = words(inspected(desk, own, "same here", user="U2"))
    assert "adds to it" in said
    assert "report" not in said
    heard(desk, 9000, VPN, user="U4")
    [answer] = desk.answers("C1", at(9000))
    assert "one of 2 reports" in words(answer)


def test_deciders_alone_undo_a_report(desk: Desk) -> None:
    """As they alone decide on anything else; nobody undoes what is none."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "same here", user="U2")
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(deciders=["U7"]))
    for user, value, reason in (
        ("U2", ts, "only certain people decide"),
        ("U7", first, "no longer count"),
        ("U7", at(777), "no longer count"),
    ):
        desk.click("C1", "uncount", value, user=user, hook=desk.slack.hook())
        desk.drain()
        assert reason in words(desk.slack.private_replies[-1])
    desk.click("C1", "uncount", "not a time")
    desk.drain()
    with desk.services.database.read() as session:
        assert session.scalars(select(FollowUp)).one().undone_at is None


def test_a_private_channels_reports_are_counted_only_for_its_readers(desk: Desk) -> None:
    """A ticket of a private channel is not named elsewhere, and neither are its reports."""
    desk.slack.add_channel("G1", is_private=True)
    desk.ticket("G1", PRINTER, user="U1", ts=at(0))
    desk.ticket("G1", "same here", user="U2", ts=at(60))
    desk.drain()
    ts = heard(desk, 120, "same here", user="U3")
    assert followed(desk)[ts] == ("same", None)
    public = heard(desk, 200, PRINTER, user="U4")
    assert desk.answers("C1", public) == []
    assert "report" not in words(inspected(desk, ts, "same here", user="U3"))


def test_another_workspaces_tickets_are_never_followed(office: Office) -> None:
    """Channels with the same id, and a click with a message of the other one."""
    first, second = office.desk("T1"), office.desk("T2")
    for desk in (first, second):
        office.install(desk.slack.team)
        desk.slack.add_channel("C1")
    heard(first, 0, PRINTER)
    ts = heard(second, 60, "same here", user="U2")
    assert followed(second) == {ts: ("same", None)}
    mine = heard(first, 60, "same here", user="U2")
    second.click("C1", "uncount", mine)
    second.drain()
    with first.services.database.read() as session:
        assert {one.undone_at for one in session.scalars(select(FollowUp))} == {None}
