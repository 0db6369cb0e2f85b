""" "Same here" counts as one more report of a ticket."""

from __future__ import annotations

import json

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


def home(desk: Desk, user: str) -> str:
    """Open somebody's home tab and return what it says."""
    desk.deliver({"type": "app_home_opened", "user": user, "tab": "home"})
    desk.drain()
    return json.dumps(desk.slack.views[f"home-{user}"])


def test_each_person_counts_once_for_an_issue(desk: Desk) -> None:
    """Who reported two of its tickets, or wrote one of them, is no further report."""
    first = heard(desk, 0, PRINTER, user="U1")
    second = heard(desk, 9000, PRINTER, user="U2")
    [answer] = desk.answers("C1", second)
    desk.click("C1", "duplicate", buttons(answer)["duplicate"], user="U1")
    heard(desk, 9060, "same here", user="U3")
    heard(desk, 9070, "+1", user="U3", thread_ts=first)
    heard(desk, 9080, "me too", user="U2", thread_ts=first)
    repeated = heard(desk, 20_000, PRINTER, user="U5")
    [answer] = desk.answers("C1", repeated)
    assert "one of 3 reports" in words(answer)
    assert "3 reports" in home(desk, "U7")


def test_a_report_that_is_edited_or_deleted_counts_no_more(desk: Desk) -> None:
    """The answers that show the number follow, whatever it was edited to."""
    heard(desk, 0, PRINTER, user="U1")
    said = [heard(desk, 60 + n, "same here", user=f"U{n}") for n in (2, 3, 4)]
    repeated = heard(desk, 9000, PRINTER, user="U9")

    def shown() -> str:
        return words(desk.answers("C1", repeated)[0])

    assert "one of 4 reports" in shown()
    desk.edit("C1", said[0], VPN, at(9100))
    # The later two are about the ticket above them now.
    assert "one of" not in shown()
    assert {ticket for _, ticket in followed(desk).values()} == {said[0]}
    assert tickets(desk) == [PRINTER, VPN, PRINTER]
    desk.react("C1", said[0], "U5", "no_bell")
    assert "one of 3 reports" in shown()
    desk.edit("C1", said[1], "thanks!", at(9200))
    assert "one of 2 reports" in shown()
    desk.delete("C1", said[2])
    assert "one of" not in shown()


def test_reports_of_a_deleted_ticket_are_those_of_the_one_above(desk: Desk) -> None:
    """Without one they are reports of nothing, and nothing shows them."""
    early = heard(desk, 0, PRINTER, user="U1")
    late = heard(desk, 300, VPN, user="U3")
    ts = heard(desk, 600, "same here", user="U2")
    repeated = heard(desk, 9000, PRINTER, user="U4")
    assert "one of" not in words(desk.answers("C1", repeated)[0])
    desk.delete("C1", late)
    assert "one of 2 reports" in words(desk.answers("C1", repeated)[0])
    desk.delete("C1", early)
    desk.drain()
    assert followed(desk) == {ts: ("same", None)}
    assert "2 reports" not in home(desk, "U7")
    said = inspected(desk, ts, "same here", user="U2")
    assert "uncount" not in buttons(said)
    desk.click("C1", "uncount", ts, user="U2", hook=desk.slack.hook())
    desk.drain()
    assert "no longer count" in words(desk.slack.private_replies[-1])


def test_reports_in_private_show_in_no_public_figure(desk: Desk) -> None:
    """Not even where the private ticket reports the same issue: nothing public is updated."""
    desk.slack.add_channel("G1", is_private=True, members=["U8", "U9"])
    heard(desk, 0, PRINTER, user="U1")
    private = desk.ticket("G1", PRINTER, user="U8", ts=at(100))
    desk.drain()
    [answer] = desk.answers("G1", private)
    desk.click("G1", "duplicate", buttons(answer)["duplicate"], user="U8")
    repeated = heard(desk, 9000, PRINTER, user="U4")
    before = [words(one) for one in desk.answers("C1", repeated)]
    calls = len(desk.slack.calls)
    for number, user in enumerate(("U9", "U10")):
        desk.ticket("G1", "same here", user=user, ts=at(110 + number), thread_ts=private)
    desk.drain()
    assert "reports" not in " ".join(before)
    assert [words(one) for one in desk.answers("C1", repeated)] == before
    assert "C1" not in [
        call["channel"] for _, call in desk.slack.calls[calls:] if "channel" in call
    ]
    assert "reports" not in home(desk, "U7")
    assert "4 reports" in home(desk, "U9")
