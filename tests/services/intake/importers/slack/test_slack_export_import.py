"""Importing Slack exports into a database: once, again, with edits, and real ones."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.wiring import Services
from models import Channel, Item, Resolution, Workspace
from services.intake.classify import BOT, NO_WORDS, NOTE, REPLY, BotAccounts
from services.intake.importers.files.archive import Archive, open_archive
from services.intake.importers.slack.slack_export import ExportReader, day_files
from services.intake.importers.slack.slack_rows import SMALL_TALK, KnownWorkspace
from services.intake.importers.storage.store import count_only
from services.intake.importers.storage.summary import OUTDATED
from services.issues.resolutions import Solution, resolve, unresolve
from services.memory.channel_facts import ChannelFacts, save_channel
from services.phrases import Phrase
from tests.conftest import NOW
from tests.levels import rounds
from tests.services.intake.importers.exports import (
    DATA,
    as_bytes,
    read,
    read_messages,
    slack_message,
)
from tests.services.intake.importers.written_files import store_entries

KEYS = st.sampled_from(
    ["type", "subtype", "user", "ts", "thread_ts", "text", "bot_id", "edited", "blocks", "elements",
     "attachments", "file", "initial_comment", "bot_profile", "workflow_id", "hidden"]
)  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
STAMPS = st.sampled_from(["1.1", "2.1", "1767300000.000100", "9999999999.999999"])
MESSAGES = st.lists(
    ODD
    | st.dictionaries(KEYS, ODD, max_size=6).flatmap(
        lambda odd: STAMPS.map(lambda ts: {**odd, "type": "message", "ts": ts})
    ),
    max_size=8,
)
A_FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@rounds(100, 300)
def test_every_message_is_a_ticket_skipped_or_listed(examples: int) -> None:
    """Any entry of a day file is a ticket, skipped, or listed as an error."""

    @settings(max_examples=examples)
    @given(MESSAGES)
    def holds(messages: list[Any]) -> None:
        reader = ExportReader(KnownWorkspace(bots=BotAccounts("U0DEJA")))
        assert len(read_messages(*messages, reader=reader)) == len(messages)

    holds()


@pytest.mark.both_databases
@given(MESSAGES)
@A_FEW
def test_a_second_import_of_an_export_changes_nothing(
    services: Services, workspace: Workspace, messages: list[Any]
) -> None:
    """For any messages, all items of the second import are unchanged or outdated."""
    first = store_entries(services, workspace, iter(read_messages(*messages)))
    again = store_entries(services, workspace, iter(read_messages(*messages)))
    kept = first.outcomes.total() + first.skipped[OUTDATED]
    assert again.outcomes["unchanged"] + again.skipped[OUTDATED] == kept
    assert again.unreadable == first.unreadable


def test_an_export_never_makes_a_channel_public(services: Services, workspace: Workspace) -> None:
    """A channel that Slack calls private stays private, and keeps its newer name."""
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("C1", "renamed", is_private=True))
    store_entries(services, workspace, iter(read_messages(slack_message("5.1"))))
    with services.database.read() as session:
        (channel,) = session.scalars(select(Channel)).all()
        (item,) = session.scalars(select(Item)).all()
    assert (channel.name, channel.is_private, item.channel_id) == ("renamed", True, channel.id)


def test_an_export_makes_a_channel_private(services: Services, workspace: Workspace) -> None:
    """A channel known as public becomes private if an export says so."""
    with services.database.write() as session:
        save_channel(session, workspace.id, ChannelFacts("G1", "staff", is_private=False))
    files = {
        "groups.json": as_bytes([{"id": "G1", "name": "staff"}]),
        "staff/2026-01-02.json": as_bytes([slack_message("5.1")]),
    }
    entries = ExportReader().read(Archive(sorted(files), files.__getitem__))
    store_entries(services, workspace, entries)
    with services.database.read() as session:
        (channel,) = session.scalars(select(Channel)).all()
    assert channel.is_private


def test_several_messages_of_one_person_are_one_ticket(
    services: Services, workspace: Workspace
) -> None:
    """Messages are joined as live ones are, without small talk; a second import changes nothing."""
    words = ["the printer", "thanks!", "prints blank pages"]
    messages = [slack_message(f"{1767400000 + n}.000100", text) for n, text in enumerate(words)]
    first = store_entries(services, workspace, iter(read_messages(*messages)))
    assert (first.outcomes, first.skipped) == ({"added": 2}, {SMALL_TALK: 1})
    with services.database.read() as session:
        texts = session.scalars(select(Item.text).where(Item.deleted_at.is_(None)))
        assert list(texts) == ["the printer prints blank pages"]
    again = store_entries(services, workspace, iter(read_messages(*messages)))
    assert again.outcomes == {"unchanged": 2}


def test_edits_are_newer_and_older_versions_change_nothing(
    services: Services, workspace: Workspace
) -> None:
    """An export with an edit updates the ticket, and an older one is skipped as outdated."""
    edited = slack_message("5.1", "The scanner is broken", edited={"user": "U1", "ts": "6.1"})
    runs = [slack_message("5.1"), edited, slack_message("5.1")]
    outcomes = [
        store_entries(services, workspace, iter(read_messages(message))) for message in runs
    ]
    assert [run.outcomes for run in outcomes[:2]] == [{"added": 1}, {"updated": 1}]
    assert outcomes[2].skipped == {OUTDATED: 1}


@pytest.mark.parametrize(
    ("name", "said", "others"),
    [
        ("slack_export_houston/export", 1009, {NOTE: 357, NO_WORDS: 16}),
        ("slack_export_hfaran/testarchive.zip", 52, {BOT: 94, NOTE: 12}),
    ],
)
def test_real_exports_of_2016_are_imported(
    services: Services, workspace: Workspace, name: str, said: int, others: dict[Phrase | str, int]
) -> None:
    """Exports from before threads are read completely; a second import changes nothing.

    What people said is a ticket or small talk; which of both is tested elsewhere.
    """
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not on this machine")
    with open_archive(path) as archive:
        messages = sum(len(json.loads(archive.read(day))) for day in day_files(archive))
    first = store_entries(services, workspace, iter(read(path)))
    tickets = first.outcomes["added"]
    left_out = Counter({str(reason): n for reason, n in others.items()})
    left_out[str(SMALL_TALK)] = said - tickets
    assert (first.outcomes, first.skipped, first.unreadable) == ({"added": tickets}, left_out, 0)
    assert tickets > MIN_TICKETS * said
    assert tickets + sum(left_out.values()) == messages
    again = store_entries(services, workspace, iter(read(path)))
    assert (again.outcomes, again.skipped) == ({"unchanged": tickets}, left_out)


# Channels where people work hold more than talk.
MIN_TICKETS = 0.4

MARK = [{"name": "white_check_mark", "users": ["U2"], "count": 1}]
THREAD = {"thread_ts": "1767300000.000100"}
TRAY = "Set the tray to plain paper"


def _marked(text: str, minute: int, **more: Any) -> dict[str, Any]:
    return slack_message(f"{1767300000 + 60 * minute}.000100", text, **THREAD, **more)


def _answers(services: Services) -> list[tuple[str, str | None]]:
    with services.database.read() as session:
        rows = session.execute(select(Item.status, Item.resolution).order_by(Item.ts))
        return [(status, resolution) for status, resolution in rows]


def test_a_marked_reply_is_the_answer(services: Services, workspace: Workspace) -> None:
    """The last marked reply counts; it is joined to its ticket, again without a change."""
    messages = [
        slack_message("1767300000.000100", reply_count=3),
        _marked("Have you tried it again?", 1, user="U2"),
        _marked("Restart it", 2, user="U2", reactions=MARK),
        _marked(TRAY, 3, user="U3", reactions=MARK),
        slack_message("1767390000.000100", "The scanner is broken", reactions=MARK),
    ]
    for outcome in ("added", "unchanged"):
        run = store_entries(services, workspace, iter(read_messages(*messages)))
        assert (run.outcomes, run.joined, run.skipped) == ({outcome: 2}, 2, {str(REPLY): 1})
        assert _answers(services) == [("resolved", TRAY), ("resolved", None)]
    with services.database.read() as session:
        assert len(session.scalars(select(Resolution)).all()) == 3


def test_a_mark_changes_nothing_that_is_newer(services: Services, workspace: Workspace) -> None:
    """What was undone stays undone, what solved the ticket later stays, and an edit is taken."""
    parent = slack_message("1767300000.000100")
    marked = _marked("Restart it", 2, user="U2", reactions=MARK)
    store_entries(services, workspace, iter(read_messages(parent, marked)))
    with services.database.write() as session:
        item = session.scalars(select(Item)).one()
        unresolve(session, item, marked["ts"], by="U2", now=NOW)
    store_entries(services, workspace, iter(read_messages(parent, marked)))
    assert _answers(services) == [("open", None)]
    with services.database.write() as session:
        resolve(session, session.scalars(select(Item)).one(), Solution(TRAY), by="U4", now=NOW)
    earlier = _marked("Buy a new one", 1, user="U2", reactions=MARK)
    store_entries(services, workspace, iter(read_messages(parent, earlier, marked)))
    assert _answers(services) == [("resolved", TRAY)]


def test_only_deciders_mark_answers(services: Services, workspace: Workspace) -> None:
    """Where only some may decide, marks of others say nothing, as with live reactions."""
    parent = slack_message("1767300000.000100")
    store_entries(services, workspace, iter(read_messages(parent)))
    with services.database.write() as session:
        session.scalars(select(Channel)).one().deciders = ["U9"]
    for users, expected in ((["U2"], ("open", None)), (["U2", "U9"], ("resolved", TRAY))):
        marks = [{"name": "heavy_check_mark", "users": users}]
        entries = read_messages(parent, _marked(TRAY, 1, reactions=marks))
        store_entries(services, workspace, iter(entries))
        assert _answers(services) == [expected]


def test_a_mark_in_a_thread_without_ticket_is_a_reply(
    services: Services, workspace: Workspace
) -> None:
    """Its ticket is not in the export, so the message is skipped; a dry run counts the same."""
    entries = read_messages(_marked(TRAY, 1, reactions=MARK))
    counted = count_only(services.ingest, workspace.id, iter(entries))
    stored = store_entries(services, workspace, iter(entries))
    assert counted.skipped == stored.skipped == {str(REPLY): 1}
    whole = read_messages(slack_message("1767300000.000100"), _marked(TRAY, 1, reactions=MARK))
    assert count_only(services.ingest, workspace.id, iter(whole)).joined == 1
    assert store_entries(services, workspace, iter(whole)).joined == 1
