"""Emoji that make a message a ticket or none, whatever else says so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from models import Change, Channel, Job, MessageOverride
from tests.bot.tasks.reactions import BELL, PIN, PRINTER, at, heard, react, tickets, unreact
from tests.office import Office
from tests.serving import Desk, words
from tests.slack_methods import BOT_USER


@pytest.mark.both_databases
def test_a_pushpin_makes_small_talk_a_ticket_and_a_bell_takes_it_out(desk: Desk) -> None:
    """The whole story: answered as any other, taken out with its answer, and put back."""
    first = heard(desk, "good morning everyone")
    assert tickets(desk) == []
    react(desk, first, PIN)
    assert tickets(desk) == ["good morning everyone"]
    second = heard(desk, "good morning everyone")
    react(desk, second, PIN, user="U3")
    [answer] = desk.answers("C1", second)
    assert "good morning everyone" in words(answer)

    react(desk, first, BELL)  # newer than the pin
    assert tickets(desk) == ["good morning everyone"]
    assert desk.answers("C1", second) == []
    unreact(desk, first, BELL)
    assert len(tickets(desk)) == 2
    unreact(desk, first, PIN)
    unreact(desk, second, PIN, user="U3")
    assert tickets(desk) == []
    with desk.services.database.read() as session:
        changes = session.scalars(select(Change).order_by(Change.id)).all()
    assert [(one.setting, one.changed_by) for one in changes[:2]] == [
        ("reaction", "U2"), ("reaction", "U3"),
    ]  # fmt: skip
    assert changes[0].after == f"{first}: a ticket"
    assert len(changes) == 6


def test_a_ticket_that_was_taken_out_loses_its_answer_and_is_compared_no_more(desk: Desk) -> None:
    """Neither is it found by later tickets; removing the reaction brings both back."""
    first = heard(desk, PRINTER)
    second = heard(desk, PRINTER, user="U3")
    assert len(desk.answers("C1", second)) == 1
    react(desk, second, BELL)
    assert desk.answers("C1", second) == []
    third = heard(desk, PRINTER, user="U4")
    [answer] = desk.answers("C1", third)
    assert answer["text"].count(PRINTER) <= 1
    react(desk, first, BELL)
    assert desk.answers("C1", third) == []
    unreact(desk, first, BELL)
    assert len(desk.answers("C1", third)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B9"},
        {"thread_ts": at(-900)},
        {"text": f"<@{BOT_USER}> what about this?"},
        {"text": "lunch is here"},
        {"thread_ts": at(-900), "text": "still broken"},
    ],
    ids=["a bot", "a reply", "a mention", "an ignored phrase", "a reply that says it failed"],
)
def test_a_pushpin_makes_any_message_a_ticket(desk: Desk, more: dict[str, Any]) -> None:
    """Whoever wrote it, wherever; an edit changes it, and a deletion deletes it."""
    heard(desk, "the garage gate stays shut", ts=at(-1000))
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(ignored=["lunch is here"]))
    ts = heard(desk, **{"text": PRINTER, "ts": at(0), **more})
    assert len(tickets(desk)) == 1
    react(desk, ts, PIN)
    assert len(tickets(desk)) == 2
    message = {"type": "message", "ts": ts, "user": "U1", **more, "text": f"{PRINTER} today"}
    message["edited"] = {"user": "U1", "ts": at(50)}
    desk.deliver_message(
        "C1", {"type": "message", "subtype": "message_changed", "message": message}
    )
    desk.drain()
    assert tickets(desk)[1] == f"{PRINTER} today"
    desk.delete("C1", ts)
    desk.drain()
    assert len(tickets(desk)) == 1
    with desk.services.database.read() as session:
        assert session.scalars(select(MessageOverride)).all() == []


def test_an_edit_and_a_second_delivery_respect_a_bell(desk: Desk) -> None:
    """Until the reaction is removed; then the text is the current one."""
    ts = heard(desk, PRINTER)
    react(desk, ts, BELL)
    desk.edit("C1", ts, f"{PRINTER} today", at(90_000))
    desk.drain()
    desk.deliver_message("C1", {"type": "message", "ts": ts, "user": "U1", "text": PRINTER})
    desk.drain()
    assert tickets(desk) == []
    assert "not a ticket" in inspected(desk, ts, PRINTER)
    desk.slack.say("C1", f"{PRINTER} today", ts=ts, edited={"user": "U1", "ts": at(90_000)})
    unreact(desk, ts, BELL)
    assert tickets(desk) == [f"{PRINTER} today"]


def inspected(desk: Desk, ts: str, text: str, **more: Any) -> str:
    """Inspect a message and return the reply."""
    desk.shortcut("deja_inspect", "C1", {"type": "message", "ts": ts, "text": text, **more})
    desk.drain()
    return words(desk.slack.private_replies[-1])


def test_inspect_says_who_decided_with_which_emoji(desk: Desk) -> None:
    """And how to undo it."""
    ts = heard(desk, "thanks!")
    react(desk, ts, PIN, user="U7")
    said = inspected(desk, ts, "thanks!", user="U1")
    assert "<@U7> made it a ticket with :pushpin:" in said
    react(desk, ts, BELL, user="U8")
    said = inspected(desk, ts, "thanks!", user="U1")
    assert "<@U8> took it out with :no_bell:" in said
    assert "not a ticket" in said


@pytest.mark.parametrize(
    ("user", "facts"),
    [
        (BOT_USER, {}),
        ("U9", {"is_bot": True}),
        ("U9", {"team_id": "T2"}),
        ("U9", {"team_id": "T2", "is_stranger": True}),
    ],
    ids=["ourselves", "a bot", "another organisation", "a stranger"],
)
def test_some_reactions_do_not_count(desk: Desk, user: str, facts: dict[str, Any]) -> None:
    """Those of bots, and of people of other organisations in a shared channel."""
    desk.slack.users[user] = facts
    talk, ticket = heard(desk, "thanks!"), heard(desk, PRINTER)
    react(desk, talk, PIN, user=user)
    react(desk, ticket, BELL, user=user)
    assert tickets(desk) == [PRINTER]
    with desk.services.database.read() as session:
        assert session.scalars(select(MessageOverride)).all() == []


def test_a_guest_of_the_workspace_may_react(desk: Desk) -> None:
    """Whoever can react in the channel decides, with a skin tone or without."""
    desk.slack.users["U9"] = {"is_restricted": True}
    react(desk, heard(desk, "thanks!"), f"{PIN}::skin-tone-3", user="U9")
    assert tickets(desk) == ["thanks!"]


def test_other_reactions_are_not_even_stored(desk: Desk) -> None:
    """There are many, and they say nothing to the bot."""
    ts = heard(desk, PRINTER)
    for emoji in ("tada", "eyes", "thumbsup::skin-tone-2", ":::", ""):
        assert desk.react("C1", ts, "U2", emoji).status == 200
    with desk.services.database.read() as session:
        assert session.scalars(select(Job).where(Job.kind == "override")).all() == []


def test_a_channel_has_its_own_emoji(desk: Desk) -> None:
    """What was decided with another one before still ends with its reaction."""
    first, second = heard(desk, "thanks!"), heard(desk, "thanks a lot")
    react(desk, first, PIN)
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(ticket_emoji="ticket", ignore_emoji=""))
    react(desk, second, PIN)
    assert tickets(desk) == ["thanks!"]
    react(desk, second, "ticket")
    react(desk, second, BELL)
    assert tickets(desk) == ["thanks!", "thanks a lot"]
    unreact(desk, first, PIN)
    assert tickets(desk) == ["thanks a lot"]


def test_a_channel_that_is_off_keeps_nothing(desk: Desk) -> None:
    """Not even what somebody pins."""
    heard(desk, "the garage gate stays shut")
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(mode="off"))
    ts = heard(desk, "thanks!")
    react(desk, ts, PIN)
    assert tickets(desk) == ["the garage gate stays shut"]


def test_what_is_no_persons_message_stays_none(desk: Desk) -> None:
    """Slack's notices, our own answers, messages without words and those that are gone."""
    heard(desk, PRINTER)
    twin = heard(desk, PRINTER, user="U3")
    [answer] = desk.answers("C1", twin)
    join = heard(desk, "has joined", subtype="channel_join")
    silent = heard(desk, "")
    for ts in (answer["ts"], join, silent, at(9999)):
        react(desk, ts, PIN)
    assert tickets(desk) == [PRINTER, PRINTER]


def test_one_reaction_of_two_may_go(desk: Desk) -> None:
    """A message stays what it is while anybody says so; nobody removes another's reaction."""
    ts = heard(desk, "thanks!")
    react(desk, ts, PIN, user="U2")
    react(desk, ts, PIN, user="U3")
    unreact(desk, ts, PIN, user="U4")
    unreact(desk, ts, PIN, user="U2")
    assert tickets(desk) == ["thanks!"]
    unreact(desk, ts, PIN, user="U3")
    assert tickets(desk) == []


def test_a_reaction_before_its_message_is_heard_counts(desk: Desk) -> None:
    """Slack brings events in any order."""
    heard(desk, "the garage gate stays shut", ts=at(0))
    talk = desk.slack.say("C1", "thanks!", ts=at(100))
    ticket = desk.slack.say("C1", PRINTER, ts=at(200))
    react(desk, at(100), PIN)
    react(desk, at(200), BELL)
    for message in (talk, ticket):
        desk.deliver_message("C1", message)
        desk.drain()
    assert tickets(desk) == ["the garage gate stays shut", "thanks!"]


def test_a_reaction_in_another_workspace_changes_nothing_here(office: Office) -> None:
    """Even to a message of the same channel id and time."""
    first, second = office.desk("T1"), office.desk("T2")
    for desk in (first, second):
        office.install(desk.slack.team)
        desk.slack.add_channel("C1")
        desk.ticket("C1", PRINTER, ts=at(0))
        desk.drain()
    react(second, at(0), BELL)
    assert (tickets(first), tickets(second)) == ([PRINTER], [])


def test_an_answer_that_was_marked_before_its_message_became_a_ticket_counts(desk: Desk) -> None:
    """A backfill would read it, too; an edit that makes a message a ticket is the same."""
    said = [heard(desk, text) for text in ("good morning everyone", "hello all")]
    replies = [f"{float(ts) + 1:.6f}" for ts in said]
    mark = [{"name": "white_check_mark", "users": ["U3"], "count": 1}]
    for ts, reply in zip(said, replies, strict=True):
        message: dict[str, Any] = {"type": "message", "ts": reply, "thread_ts": ts, "user": "U5"}
        message |= {"text": "restart the coffee machine", "reactions": mark}
        desk.slack.say("C1", **message)
        desk.react("C1", reply, user="U3")
    desk.drain()
    react(desk, said[0], PIN)
    desk.edit("C1", said[1], PRINTER, f"{float(said[1]) + 60:.6f}")
    desk.drain()
    for ts in said:
        item = desk.item("C1", ts)
        assert (item.status, item.resolution) == ("resolved", "restart the coffee machine")
