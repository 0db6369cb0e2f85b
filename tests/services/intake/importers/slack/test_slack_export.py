"""Reading Slack exports: which messages are tickets, and which files have errors."""

from __future__ import annotations

from typing import Any

import pytest

from bot.jobs.event_kinds import NewMessage
from bot.jobs.from_events import job_for_message
from bot.slack.identity import BotIdentity
from services.errors import InputError
from services.intake.classify import BOT, NO_WORDS, NOTE, QUESTION, REPLY, BotAccounts
from services.intake.importers.entries import Row, RowError, Skipped
from services.intake.importers.files.archive import Archive
from services.intake.importers.slack.slack_export import EXTRAS, REPEATED, ExportReader
from services.intake.importers.slack.slack_lists import DIRECT
from services.intake.importers.slack.slack_rows import KnownWorkspace
from services.memory.channel_facts import ChannelFacts
from tests.services.intake.importers.exports import (
    CHANNELS,
    DAY,
    Build,
    Files,
    as_bytes,
    read,
    read_messages,
    slack_message,
    texts,
)


def test_channels_and_days_become_tickets(build: Build) -> None:
    """The day files of all channels are read, direct messages and other files are not."""
    path = build(
        {
            "channels.json": [*CHANNELS, {"id": "C2", "name": "empty"}],
            "groups.json": [{"id": "G1", "name": "staff"}],
            "dms.json": [{"id": "D1"}],
            "mpims.json": [{"id": "G2", "name": "mpdm-a--b"}],
            "users.json": [{"id": "U1"}],
            "integration_logs.json": [],
            "help/2026-01-03.json": [slack_message("1767400000.000100", "second printer")],
            DAY: [slack_message("1767300000.000100", "first &amp; <https://a.example|foremost>")],
            "help/canvas_in_the_conversation.json": [slack_message("1.0", "a canvas")],
            "staff/2026-01-02.json": [slack_message("1767300001.000100", "secret door")],
            "D1/2026-01-02.json": [slack_message("1767300002.000100", "a direct message")],
            "mpdm-a--b/2026-01-02.json": [slack_message("1767300003.000100", "among three")],
        }
    )
    entries = read(path, ExportReader(KnownWorkspace("https://team.slack.com/")))
    assert texts(entries) == ["first & foremost", "second printer", "secret door"]
    reasons = [entry.reason for entry in entries if isinstance(entry, Skipped)]
    assert sorted(reasons) == sorted([DIRECT, DIRECT, EXTRAS])
    first = next(entry for entry in entries if isinstance(entry, Row))
    assert first.item.key == ("slack", "C1/1767300000.000100")
    assert (first.item.author, first.item.ts) == ("U1", "1767300000.000100")
    assert first.item.created_at.timestamp() == pytest.approx(1767300000.0001)
    assert first.item.url == "https://team.slack.com/archives/C1/p1767300000000100"
    channels = [entry.channel for entry in entries if isinstance(entry, Row)]
    assert channels[1:] == [
        ChannelFacts("C1", "help", is_private=False),
        ChannelFacts("G1", "staff", is_private=True),
    ]


FORM = {"subtype": "bot_message", "user": None, "bot_id": "B1", "text": ""}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, None),
        ({"thread_ts": "5.1", "replies": [{"user": "U2", "ts": "6.1"}]}, None),
        ({"thread_ts": "4.1"}, REPLY),
        ({"thread_ts": "4.1", "subtype": "thread_broadcast"}, None),
        ({"subtype": "channel_join"}, NOTE),
        ({"subtype": "tombstone"}, NOTE),
        ({"subtype": ["odd"]}, NOTE),
        ({"type": "huddle"}, NOTE),
        ({"hidden": True}, NOTE),
        ({"subtype": "bot_message", "bot_id": "B1"}, BOT),
        ({"bot_id": "B1"}, BOT),
        ({"user": "UAPP"}, BOT),
        ({"user": "USLACKBOT"}, BOT),
        ({"user": "U0DEJA"}, BOT),
        ({"bot_id": "BMON"}, None),
        ({"user": "UMON"}, None),
        (FORM | {"workflow_id": "W1", "attachments": [{"text": "Problem: printer"}]}, None),
        (FORM | {"bot_profile": {"is_workflow_bot": True}, "blocks": [{"text": "printer"}]}, None),
        ({"text": "<@U0DEJA> similar to this?"}, QUESTION),
        ({"text": " ", "files": [{"id": "F1"}]}, NO_WORDS),
        ({"text": None, "blocks": [{"type": [], "text": {"type": {}, "text": "printer"}}]}, None),
    ],
)
def test_only_tickets_are_imported(more: dict[str, Any], expected: str | None) -> None:
    """Messages that start a thread are tickets; replies, joins, bots and questions are skipped."""
    files = {
        "channels.json": as_bytes(CHANNELS),
        "users.json": as_bytes([{"id": "UAPP", "is_bot": True}, {"id": "UMON", "is_bot": True}]),
        DAY: as_bytes([slack_message("5.1") | more]),
    }
    bots = BotAccounts("U0DEJA", frozenset(["BMON", "UMON"]))
    reader = ExportReader(KnownWorkspace(bots=bots))
    (entry,) = reader.read(Archive(sorted(files), files.__getitem__))
    assert (entry.reason if isinstance(entry, Skipped) else None) == (
        None if expected is None else str(expected)
    )
    assert isinstance(entry, Row) == (expected is None)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"thread_ts": "4.1", "subtype": "thread_broadcast"},
        {"edited": {"user": "U1", "ts": "9.1"}, "text": "printer again &lt;now&gt;"},
        {"user": None, "username": "form", "bot_id": "B1", "workflow_id": "W1"},
    ],
)
def test_a_message_is_the_same_item_live_and_in_an_export(more: dict[str, Any]) -> None:
    """The item of an exported message equals that of its event."""
    message = slack_message("1767300000.000100") | more
    me = BotIdentity("T1", "U0DEJA")
    job = job_for_message({**message, "channel": "C1"}, me, key="E1")
    assert isinstance(job, NewMessage)
    live = job.ticket.item("C1", channel_id=None, team_url="https://t.slack.com")
    reader = ExportReader(KnownWorkspace("https://t.slack.com", BotAccounts("U0DEJA")))
    (entry,) = read_messages(message, reader=reader)
    assert isinstance(entry, Row)
    assert entry.item == live


def test_a_message_that_is_listed_twice_is_one_ticket() -> None:
    """The second of two messages with the same timestamp is skipped."""
    entries = read_messages(slack_message("5.1"), slack_message("5.1"))
    assert texts(entries) == ["The printer is broken"]
    assert entries[1] == Skipped(1, REPEATED)


def test_the_text_of_an_old_upload_is_its_comment() -> None:
    """The comment on an upload is a ticket, Slack's own "uploaded a file" is not."""
    upload = {"subtype": "file_share", "text": "<@U1> uploaded a file: <http://x|y>"}
    entries = read_messages(
        slack_message("1.1")
        | upload
        | {"file": {"initial_comment": {"comment": "This printer leaves black stripes"}}},
        slack_message("2.1") | upload | {"file": {"id": "F1"}},
        slack_message(
            "3.1", "The printout has black stripes", subtype="file_share", files=[{"id": "F1"}]
        ),
    )
    assert texts(entries) == ["This printer leaves black stripes", "The printout has black stripes"]
    assert entries[1] == Skipped(1, str(NO_WORDS))


def test_errors_name_file_and_index(build: Build) -> None:
    """Invalid messages, day files and folders are listed, and the rest is read."""
    path = build(
        {
            "channels.json": [*CHANNELS, "help", {"id": "C 2", "name": "x"}, {"id": "C3"}],
            "help/2026-01-01.json": b"\xff[]",
            "help/2026-01-02.json": {"messages": []},
            "help/2026-01-03.json": b"[" * 100_000,
            "help/2026-01-04.json": b'[{"ts": ',
            "help/2026-01-05.json": [
                7,
                {"type": "message"},
                slack_message("9" * 40),
                slack_message("5.1"),
            ],
            "stray/2026-01-01.json": [slack_message("6.1")],
            "stray/2026-01-02.json": [slack_message("7.1")],
        }
    )
    entries = read(path)
    assert texts(entries) == ["The printer is broken"]
    errors = [entry for entry in entries if isinstance(entry, RowError)]
    assert [(*error.location.values(), error.reason) for error in errors] == [
        ("channels.json", 1, "not a channel with id and name"),
        ("channels.json", 2, "not a channel with id and name"),
        ("channels.json", 3, "not a channel with id and name"),
        ("help/2026-01-01.json", "it is not JSON"),
        ("help/2026-01-02.json", "it is not a list"),
        ("help/2026-01-03.json", "it is not JSON"),
        ("help/2026-01-04.json", "it is not JSON"),
        ("help/2026-01-05.json", 0, "not a message"),
        ("help/2026-01-05.json", 1, "there is no time stamp (ts)"),
        ("help/2026-01-05.json", 2, "there is no time stamp (ts)"),
        ("stray/", "no channel of that name is listed"),
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [({"x.json": []}, "no channels.json"), ({"channels.json": {}}, "channels.json is unusable")],
)
def test_a_file_that_is_not_an_export_is_refused(build: Build, files: Files, expected: str) -> None:
    """Without a list of channels nothing is read, and the error says so."""
    with pytest.raises(InputError, match=expected):
        read(build(files))
