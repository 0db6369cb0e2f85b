"""The same message gives the same result, whichever way it reaches Déjà."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.tasks.backfill import backfill_job
from models import Channel, FollowUp, Item, Part, Workspace
from services.intake.classify import (
    OFF,
    PRODUCTS,
    TALK,
    ChannelRules,
    MessageKind,
    classify,
)
from services.intake.importers.files.archive import open_archive
from services.intake.importers.slack.slack_export import ExportReader
from services.intake.importers.slack.slack_rows import KnownWorkspace
from services.intake.importers.storage.store import import_entries, rules_of_channels
from services.intake.overrides import overriding_reactions, with_reactions
from tests.bot.tasks.ways_in import (
    BOTS,
    CASES,
    IGNORED,
    MESSAGES,
    PARENT,
    PRINTER,
    RULES,
    SMALL_TALK,
    START,
    TICKET,
)
from tests.hashing import HashingEmbedder
from tests.serving import Desk, open_desk, words
from tests.slack_standin import SlackStandIn

OTHER = "vpn drops every hour on the hotel wifi"


@pytest.fixture
def talk(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder
) -> Iterator[Desk]:
    """Give a desk that joins bursts, with a known channel that ignores a phrase."""
    slack.users["UBOT"] = {"is_bot": True}
    folder = str(tmp_path / "data")
    with open_desk(slack, database_url, folder, embedder, burst_seconds=120) as desk:
        desk.ticket("C1", "the garage gate stays shut", ts=f"{START - 100_000}.000100")
        desk.drain()
        _set(
            desk,
            ignored=list(RULES.ignored),
            ticket_senders=list(RULES.ticket_senders),
            ignored_senders=list(RULES.ignored_senders),
        )
        yield desk


def _set(desk: Desk, **values: Any) -> None:
    with desk.services.database.write() as session:
        session.execute(update(Channel).values(**values))


def live(desk: Desk, _: Path) -> None:
    """Deliver each message as an event."""
    for message in MESSAGES.values():
        assert desk.deliver_message("C1", message).status == 200
    desk.drain()
    _react(desk)


def _react(desk: Desk) -> None:
    """Deliver the reactions to the messages as events."""
    for message in MESSAGES.values():
        for reaction in message.get("reactions", ()):
            desk.slack.say("C1", **message)
            [user] = reaction["users"]
            assert desk.react("C1", message["ts"], user, reaction["name"]).status == 200


def edit(desk: Desk, _: Path) -> None:
    """Deliver only the edit of each message."""
    edited = {"user": "U1", "ts": f"{START + 80_000}.000100"}
    for message in MESSAGES.values():
        inner = {**message, "edited": edited}
        change = {"type": "message", "subtype": "message_changed", "message": inner}
        assert desk.deliver_message("C1", change).status == 200
    _react(desk)


def sweep(desk: Desk, _: Path) -> None:
    """Fetch the messages that were written while the bot was away."""
    _say(desk)
    desk.bot.worker.request_sweep()


def backfill(desk: Desk, _: Path) -> None:
    """Read the channel's history."""
    _say(desk)
    with desk.services.database.read() as session:
        channel = session.scalars(select(Channel)).one()
    since = desk.clock() - timedelta(days=90)
    desk.enqueue(backfill_job(channel.id, since, user=None, cause="x"))


def _say(desk: Desk) -> None:
    for message in MESSAGES.values():
        desk.slack.say("C1", **message)


def export(desk: Desk, folder: Path) -> None:
    """Import an export of the channel."""
    day = folder / "export" / "help" / "2026-11-22.json"
    day.parent.mkdir(parents=True)
    day.write_text(json.dumps(list(MESSAGES.values())))
    (folder / "export" / "channels.json").write_text('[{"id": "C1", "name": "help"}]')
    users: list[dict[str, Any]] = [{"id": f"U{number}"} for number in range(1, 7)]
    users.append({"id": "UBOT", "is_bot": True})
    (folder / "export" / "users.json").write_text(json.dumps(users))
    with desk.services.database.read() as session:
        workspace = session.scalars(select(Workspace)).one()
        rules = rules_of_channels(session, workspace.id)
    reader = ExportReader(KnownWorkspace(workspace.url, desk.tasks.me.bots, rules))
    with open_archive(folder / "export") as archive:
        entries = reader.read(archive)
        import_entries(desk.services.ingest, workspace.id, entries, desk.clock())


WAYS = [live, edit, sweep, backfill, export]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_message_is_the_same_whichever_way_it_came(
    talk: Desk, tmp_path: Path, way: Callable[[Desk, Path], None]
) -> None:
    """Tickets are stored with the same text, parts with their ticket, and nothing else is."""
    way(talk, tmp_path)
    talk.drain()
    expected = {name: case.stored for name, case in CASES.items() if case.stored}
    expected["plain"] = f"{PRINTER} since the last firmware"
    expected["more of the same"] = "part of plain"
    expected["more of it"] = "part of followed"
    if way in (sweep, backfill):  # threads are read only where their ticket is new
        del expected["a reply that somebody pinned"]
    assert _stored(talk) == expected
    follow_ups = {name: case.follows for name, case in CASES.items() if case.follows}
    if way in (sweep, backfill):
        del follow_ups["a failed answer"]
    if way is sweep:  # it reads no threads
        del follow_ups["same here, in its thread"]
    assert _followed(talk) == follow_ups


def _followed(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """Return what each follow-up says, and the ticket that it follows, by name."""
    names = {message["ts"]: name for name, message in MESSAGES.items()}
    with desk.services.database.read() as session:
        rows = session.execute(
            select(FollowUp.ts, FollowUp.kind, Item.ts).outerjoin(Item, Item.id == FollowUp.item_id)
        )
        return {
            names[ts]: (kind, None if ticket is None else names[ticket])
            for ts, kind, ticket in rows
        }


def _stored(desk: Desk) -> dict[str, str]:
    """Return the text of each stored ticket, or the ticket that a message is part of, by name."""
    names = {message["ts"]: name for name, message in MESSAGES.items()}
    with desk.services.database.read() as session:
        tickets = {item.id: item for item in session.scalars(select(Item))}
        parts = {part.item_id: part.head_id for part in session.scalars(select(Part))}
    found = {}
    for item in tickets.values():
        head_id = parts.get(item.id, item.id)
        if item.ts not in names or item.ts is None:
            continue
        if tickets[head_id].deleted_at is not None:  # somebody took it out
            assert item.deleted_at is not None
            continue
        is_part = head_id != item.id
        head_ts = tickets[head_id].ts or ""
        assert (item.deleted_at is not None) is is_part
        found[names[item.ts]] = f"part of {names[head_ts]}" if is_part else item.text
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_message_has_a_kind_and_a_reason(name: str) -> None:
    """The reason says why it is not a ticket; a ticket has none."""
    case, message = CASES[name], MESSAGES[name]
    reactions = overriding_reactions(RULES, message, lambda user: user != "UBOT")
    rules = replace(RULES, overrides=with_reactions({}, RULES, reactions))
    found = classify(message, BOTS, rules)
    assert (found.kind, found.ticket is not None) == (case.kind, case.kind is TICKET)
    assert str(found.reason) == str(case.reason)


def test_inspect_gives_the_same_reason(talk: Desk) -> None:
    """*Inspect this message* says why a message is not a ticket."""
    _react(talk)
    talk.drain()
    for name, case in CASES.items():
        if case.kind is not TICKET:
            talk.shortcut("deja_inspect", "C1", MESSAGES[name])
            talk.drain()
            assert str(case.reason) in words(talk.slack.private_replies[-1]), name


@pytest.mark.parametrize(
    ("rules", "text", "kind", "reason"),
    [
        (ChannelRules(is_off=True), PRINTER, IGNORED, OFF),
        (ChannelRules(is_off=True), "thanks", IGNORED, OFF),
        (ChannelRules(is_for_products=True), "a lamp for the desk", IGNORED, PRODUCTS),
        (
            ChannelRules(is_for_products=True),
            "thanks",
            SMALL_TALK,
            TALK,
        ),
    ],
)
def test_the_settings_of_a_channel_count(
    rules: ChannelRules, text: str, kind: MessageKind, reason: object
) -> None:
    """Nothing is a ticket where Déjà is off or answers questions about products."""
    found = classify({"ts": PARENT, "user": "U1", "text": text}, BOTS, rules)
    assert (found.kind, found.ticket, str(found.reason)) == (kind, None, str(reason))


def test_an_export_respects_the_kind_of_a_channel_but_not_its_mode(
    talk: Desk, tmp_path: Path
) -> None:
    """Product questions are not tickets; a channel that is off may be imported on purpose."""
    _set(talk, kind="products")
    export(talk, tmp_path / "first")
    assert all("pinned" in name for name in _stored(talk))
    _set(talk, kind="tickets", mode="off")
    export(talk, tmp_path / "second")
    assert "plain" in _stored(talk)


@pytest.mark.parametrize("text", ["", "thanks!"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_ticket_follows_every_edit(talk: Desk, text: str, at_once: bool) -> None:
    """An edit to small talk takes it out; a message that never was a ticket is not stored."""
    ts = talk.ticket("C1", PRINTER, ts=f"{START}.000100")
    if not at_once:
        talk.drain()
    for edited in (ts, f"{START + 1000}.000100"):
        talk.edit("C1", edited, text, f"{START + 2000}.000100")
    talk.drain()
    with talk.services.database.read() as session:
        found = session.execute(
            select(Item.ts, Item.text, Item.deleted_at.is_(None)).where(Item.ts >= ts)
        ).all()
    assert all(tuple(row) == (ts, "", False) for row in found)
    talk.edit("C1", ts, OTHER, f"{START + 3000}.000100")
    talk.drain()
    assert talk.item("C1", ts).text == OTHER


@pytest.mark.parametrize("late", [True, False])
def test_an_edit_to_small_talk_that_comes_late_takes_nothing_out(talk: Desk, late: bool) -> None:
    """Slack sends events again, and in any order."""
    ts = talk.ticket("C1", PRINTER, ts=f"{START}.000100")
    edits = [(OTHER, 2000), ("thanks!", 1000)] if late else [("thanks!", 1000), (OTHER, 2000)]
    for text, seconds in edits:
        talk.edit("C1", ts, text, f"{START + seconds}.000100")
        talk.drain()
    assert (talk.item("C1", ts).text, talk.item("C1", ts).deleted_at) == (OTHER, None)
