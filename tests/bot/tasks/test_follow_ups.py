"""Messages that follow a ticket: they join it, count as a report of it, and are no tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.tasks.backfill import backfill_job
from models import Change, Channel, FollowUp, Item
from services.intake.follow_ups import AGREEMENT_WINDOW, OWN_WINDOW
from tests.office import Office
from tests.serving import Desk, buttons, words

PRINTER = "printer prints blank pages after the firmware update"
VPN = "vpn drops every hour on the hotel wifi"
START = 1_795_350_000
OWN, AGREEMENT = int(OWN_WINDOW.total_seconds()), int(AGREEMENT_WINDOW.total_seconds())


def at(second: int) -> str:
    """Return a `ts`, so many seconds after the first."""
    return f"{START + second}.000100"


def heard(desk: Desk, second: int, text: str, **more: Any) -> str:
    """Say something in C1 at a second, let the bot hear of it, and return its `ts`."""
    ts = desk.ticket("C1", text, ts=at(second), **more)
    desk.drain()
    return ts


def followed(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """Return by `ts` what each follow-up says, and the `ts` of its ticket."""
    with desk.services.database.read() as session:
        rows = session.execute(
            select(FollowUp.ts, FollowUp.kind, Item.ts).outerjoin(Item, Item.id == FollowUp.item_id)
        )
        return {ts: (kind, ticket) for ts, kind, ticket in rows}


def tickets(desk: Desk) -> list[str]:
    """Return the texts of all tickets, in the order of their messages."""
    own = (Item.workspace_id == desk.workspace_id) & Item.deleted_at.is_(None)
    with desk.services.database.read() as session:
        return list(session.scalars(select(Item.text).where(own).order_by(Item.ts)))


def inspected(desk: Desk, ts: str, text: str, **more: Any) -> Any:
    """Inspect a message of C1 and return the reply."""
    desk.shortcut("deja_inspect", "C1", {"type": "message", "ts": ts, "text": text, **more})
    desk.drain()
    return desk.slack.private_replies[-1]


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


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("any news?", "news", "asks for news"),
        ("gibt es was neues?", "news", "asks for news"),
        ("alguna novedad?", "news", "asks for news"),
        ("it works again", "works", "says that it works"),
        ("geht wieder, danke", "works", "says that it works"),
        ("ya funciona", "works", "says that it works"),
        ("still broken", "broken", "still does not work"),
        ("geht immer noch nicht", "broken", "still does not work"),
        ("sigue igual", "broken", "still does not work"),
    ],
)
def test_the_author_follows_up(desk: Desk, text: str, kind: str, line: str) -> None:
    """Inspect says which ticket it follows, and what it says of it; nothing is answered."""
    heard(desk, 0, VPN, user="U2")
    own = heard(desk, 60, PRINTER, user="U1")
    heard(desk, 120, f"{VPN} again", user="U3")
    ts = heard(desk, 600, text, user="U1")
    assert followed(desk) == {ts: (kind, own)}
    said = words(inspected(desk, ts, text, user="U1"))
    assert line in said
    assert PRINTER in said
    assert ":pushpin:" in said
    assert len(tickets(desk)) == 3


def test_a_ticket_that_works_again_can_be_solved_from_there(desk: Desk) -> None:
    """It is not solved by itself; once it is solved nothing is offered."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "it works again")
    assert desk.item("C1", first).status == "open"
    said = inspected(desk, ts, "it works again", user="U1")
    assert buttons(said)["solved"] == str(desk.item("C1", first).id)
    desk.react("C1", first, user="U1")
    desk.drain()
    assert "solved" not in buttons(inspected(desk, ts, "it works again", user="U1"))


@pytest.mark.parametrize(
    ("second", "text", "user", "more"),
    [
        (OWN + 60, "any news?", "U1", {}),
        (-60, "any news?", "U1", {}),
        (60, "any news?", "U2", {}),
        (AGREEMENT + 60, "same here", "U2", {}),
        (60, "any news?", "U1", {"thread_ts": at(-900)}),
    ],
    ids=["too late", "before it", "somebody else", "agreement too late", "another thread"],
)
def test_what_follows_nothing_is_small_talk(
    desk: Desk, second: int, text: str, user: str, more: dict[str, Any]
) -> None:
    """Without a ticket near it is neither a ticket nor counted."""
    heard(desk, 0, PRINTER, user="U1")
    ts = heard(desk, second, text, user=user, **more)
    assert followed(desk)[ts][1] is None
    assert tickets(desk) == [PRINTER]
    assert PRINTER not in words(inspected(desk, ts, text, user=user, **more))


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


def test_a_follow_up_follows_its_message(desk: Desk) -> None:
    """An edit changes what it is, also to a ticket and back; a deletion deletes it."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "same here", user="U2")
    for number, (text, expected) in enumerate(
        [("any news?", ("news", None)), ("thanks!", None), ("me too", ("same", first))]
    ):
        edited = {"user": "U2", "ts": at(100 + number)}
        message = {"type": "message", "ts": ts, "user": "U2", "text": text, "edited": edited}
        desk.deliver_message(
            "C1", {"type": "message", "subtype": "message_changed", "message": message}
        )
        desk.drain()
        assert followed(desk).get(ts) == expected, text
    desk.delete("C1", ts)
    desk.drain()
    assert followed(desk) == {}


def test_an_edited_reply_counts_or_does_not(desk: Desk) -> None:
    """As a message of the channel does."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "looking into it", user="U2", thread_ts=first)
    for number, (text, kind) in enumerate(
        [("same here", "same"), ("no idea", None), ("still broken", "broken")]
    ):
        edited = {"user": "U2", "ts": at(100 + number)}
        message = {"ts": ts, "user": "U2", "text": text, "edited": edited, "thread_ts": first}
        message["type"] = "message"
        desk.deliver_message(
            "C1", {"type": "message", "subtype": "message_changed", "message": message}
        )
        desk.drain()
        assert followed(desk).get(ts) == (None if kind is None else (kind, first)), text


def test_a_ticket_that_comes_or_goes_changes_what_is_followed(desk: Desk) -> None:
    """Also one that comes late, is taken out, or is put back."""
    early = heard(desk, 0, PRINTER, user="U1")
    ts = heard(desk, 600, "same here", user="U2")
    late = heard(desk, 300, VPN, user="U3")
    assert followed(desk) == {ts: ("same", late)}
    desk.react("C1", late, "U5", "no_bell")
    desk.drain()
    assert followed(desk) == {ts: ("same", early)}
    desk.react("C1", late, "U5", "no_bell", type="reaction_removed")
    desk.drain()
    assert followed(desk) == {ts: ("same", late)}
    desk.delete("C1", late)
    desk.drain()
    assert followed(desk) == {ts: ("same", early)}


def test_a_pushpin_makes_a_follow_up_a_ticket(desk: Desk) -> None:
    """Without the reaction it is a report again."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 60, "same here", user="U2")
    desk.react("C1", ts, "U2", "pushpin")
    desk.drain()
    assert tickets(desk) == [PRINTER, "same here"]
    assert followed(desk) == {}
    desk.react("C1", ts, "U2", "pushpin", type="reaction_removed")
    desk.drain()
    assert tickets(desk) == [PRINTER]
    assert followed(desk) == {ts: ("same", first)}


def test_a_backfill_finds_the_ticket_that_it_reads_later(desk: Desk) -> None:
    """It reads from the newest message back, and threads with their replies."""
    first = heard(desk, -100_000, VPN)
    said = [
        desk.slack.say("C1", PRINTER, ts=at(0), user="U1", reply_count=1),
        desk.slack.say("C1", "me too", ts=at(5), user="U4", thread_ts=at(0)),
        *(desk.slack.say("C1", f"{VPN} {n}", ts=at(10_000 + n), user="U9") for n in range(120)),
        desk.slack.say("C1", "any news?", ts=at(20_000), user="U1"),
    ]
    with desk.services.database.read() as session:
        channel = session.scalars(select(Channel)).one()
    since = desk.clock() - timedelta(days=90)
    desk.enqueue(backfill_job(channel.id, since, user=None, cause="x"))
    desk.drain()
    assert first
    assert followed(desk) == {
        said[-1]["ts"]: ("news", at(0)), at(5): ("same", at(0)),
    }  # fmt: skip


def test_only_people_follow(desk: Desk) -> None:
    """Neither bots nor forms, and nobody in a channel for products or one that is off."""
    heard(desk, 0, PRINTER, user="U1")
    heard(desk, 60, "same here", bot_id="BALERT")
    heard(desk, 61, "same here", user=None, bot_id="B7", workflow_id="W1")
    for values in ({"mode": "off"}, {"mode": "full", "kind": "products"}):
        with desk.services.database.write() as session:
            session.execute(update(Channel).values(**values))
        heard(desk, 70, "same here", user="U2")
        heard(desk, 71, "same here", user="U2", thread_ts=at(0))
    assert followed(desk) == {}


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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("nope, cable is plugged in", "detail"),
        ("it's the one next to the kitchen", "detail"),
        ("now also on the second floor", "detail"),
        ("only in the morning, afternoons are fine", "works"),
        ("der neben der küche", "detail"),
        ("im privaten Fenster klappt es", "works"),
        ("besser, aber immer noch langsam", "broken"),
        ("con el cable viejo funciona", "works"),
        ("probé con otro cable y nada", "broken"),
    ],
)
def test_what_refers_back_follows_its_authors_last_ticket(desk: Desk, text: str, kind: str) -> None:
    """Only shortly after it; before it is known, later, or from somebody else it is a ticket."""
    alone = heard(desk, -20_000, text, user="U1")
    first = heard(desk, 0, PRINTER, user="U1")
    ts = heard(desk, 3000, text, user="U1")
    other = heard(desk, 3100, text, user="U2")
    later = heard(desk, 40_000, text, user="U1")
    assert followed(desk) == {ts: (kind, first)}
    assert tickets(desk) == [text, PRINTER, text, text]
    assert {alone, other, later}.isdisjoint(followed(desk))
    said = words(inspected(desk, ts, text, user="U1"))
    assert "not a ticket of its own" in said
    assert PRINTER in said


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_the_order_in_which_messages_come_does_not_matter(
    desk: Desk, order: tuple[int, ...]
) -> None:
    """A follow-up of a follow-up belongs to the same ticket."""
    said = [(0, PRINTER), (12_000, "nope, cable is plugged in"), (24_000, "the one in the lobby")]
    for number in order:
        heard(desk, *said[number])
    assert tickets(desk) == [PRINTER]
    assert followed(desk) == {
        at(12_000): ("detail", at(0)), at(24_000): ("detail", at(0)),
    }  # fmt: skip
    assert desk.slack.posted() == []


@pytest.mark.both_databases
def test_a_reference_without_its_ticket_becomes_one(desk: Desk) -> None:
    """When that is deleted or taken out, or the message is edited; its words are still known."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 600, "it's the one next to the kitchen")
    assert tickets(desk) == [PRINTER]
    desk.react("C1", first, "U5", "no_bell")
    desk.drain()
    assert tickets(desk) == ["it's the one next to the kitchen"]
    assert followed(desk) == {}
    desk.react("C1", first, "U5", "no_bell", type="reaction_removed")
    desk.drain()
    assert tickets(desk) == [PRINTER]
    desk.edit("C1", ts, "the coffee machine leaks", at(700))
    desk.drain()
    assert tickets(desk) == [PRINTER, "the coffee machine leaks"]
    desk.edit("C1", ts, "it's the one next to the kitchen", at(800))
    desk.drain()
    assert tickets(desk) == [PRINTER]
    desk.delete("C1", first)
    desk.drain()
    assert tickets(desk) == ["it's the one next to the kitchen"]


def test_a_second_ticket_of_the_same_person_stays_one(desk: Desk) -> None:
    """However soon after the first."""
    said = [
        PRINTER,
        VPN,
        "vpn down again",
        "no sound in Teams",
        "toner leer",
        "no hay tinta",
        "E-41",
    ]
    for number, text in enumerate(said):
        heard(desk, number * 200, text)
    assert tickets(desk) == said


def test_a_pushpin_makes_a_reference_a_ticket(desk: Desk) -> None:
    """And it is a follow-up again without it."""
    first = heard(desk, 0, PRINTER)
    ts = heard(desk, 600, "it's the one next to the kitchen")
    desk.react("C1", ts, "U2", "pushpin")
    desk.drain()
    assert tickets(desk) == [PRINTER, "it's the one next to the kitchen"]
    desk.react("C1", ts, "U2", "pushpin", type="reaction_removed")
    desk.drain()
    assert tickets(desk) == [PRINTER]
    assert followed(desk) == {ts: ("detail", first)}
