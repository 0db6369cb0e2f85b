"""Chats: Mattermost, Zulip, Freshchat, rooms of two, and transcripts in a cell."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.errors import InputError
from services.intake.importers.audience.chat_rooms import DIRECT
from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, Skipped
from services.intake.importers.inputs import Input
from services.intake.importers.joined_files import with_parts_together
from services.intake.importers.layouts.chats import PRIVATE, SYSTEM
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.replies.reply_lists import ReplyReader
from services.intake.importers.replies.transcripts import turns_of
from services.intake.importers.rows.text_cleaning import clean_text
from services.intake.importers.rows.tickets import TicketReader
from tests.conftest import NOW
from tests.services.intake.importers.written_files import csv_rows, only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
MATTER, ADVICE = "The freezer of lab 3 beeps all night.", "Close its door, the seal was loose."


def lines(*objects: dict[str, Any]) -> str:
    """Return objects as JSON lines."""
    return "\n".join(map(json.dumps, objects))


def parts(entries: list[ImportEntry]) -> tuple[list[Row], list[str]]:
    """Return the rows among entries, and why the others were skipped."""
    assert all(isinstance(one, Row | Skipped) for one in entries), entries
    rows = [one for one in entries if isinstance(one, Row)]
    return rows, [one.reason for one in entries if isinstance(one, Skipped)]


def _post(channel: str, message: str, at: int, **more: Any) -> dict[str, Any]:
    post = {"team": "lab", "channel": channel, "user": "ira", "message": message, "create_at": at}
    return {"type": "post", "post": {**post, **more}}


def test_mattermosts_bulk_export_gives_the_posts_of_public_channels() -> None:
    """Threads become tickets with replies; what not everybody may read is left out, and counted."""
    reply = {"user": "uwe", "message": ADVICE, "create_at": 1_780_000_600_000}
    text = lines(
        {"type": "version", "version": 1},
        {"type": "channel", "channel": {"team": "lab", "name": "help", "type": "O"}},
        {"type": "channel", "channel": {"team": "lab", "name": "board", "type": "P"}},
        {"type": "user", "user": {"username": "ira", "email": "ira@example.com"}},
        _post("help", MATTER, 1_780_000_000_000, replies=[reply]),
        _post("help", "ira joined the channel.", 1_780_000_000_001, type="system_join_channel"),
        _post("board", "The lab will be sold.", 1_780_000_000_002),
        _post("unlisted", "Who knows about this channel?", 1_780_000_000_003),
        {"type": "direct_post", "direct_post": {"user": "ira", "message": "Psst.", "create_at": 1}},
    )
    rows, skipped = parts(read_file("bulk.jsonl", text, OWN))
    [row] = rows
    assert (row.item.text, row.item.author, row.item.resolution) == (MATTER, "ira", ADVICE)
    assert row.item.created_at.year == 2026
    assert row.item.source == "mattermost"
    assert skipped == [SYSTEM, PRIVATE, PRIVATE, PRIVATE]


def test_a_line_of_mattermosts_that_is_broken_costs_itself() -> None:
    """The next post is read."""
    head = lines(
        {"type": "version", "version": 1},
        {"type": "channel", "channel": {"team": "lab", "name": "help", "type": "O"}},
    )
    post = lines(_post("help", MATTER, 1_780_000_000_000))
    entries = read_file("bulk.jsonl", f"{head}\n{{broken\n\n[1]\n{post}", OWN)
    assert [type(one).__name__ for one in entries] == ["RowError", "Row"]


def _zulip(id_: int, subject: str, content: str, **more: Any) -> dict[str, Any]:
    message = {"id": id_, "sender": id_, "recipient": 21, "subject": subject, "content": content}
    return {**message, "date_sent": 1_780_000_000.5 + id_, "is_channel_message": True, **more}


def test_messages_of_a_topic_of_zulip_are_one_ticket() -> None:
    """A topic of that name in another channel is another one; direct messages are left out."""
    messages = [
        _zulip(1, "freezer", MATTER),
        _zulip(2, "freezer", ADVICE),
        _zulip(3, "freezer", "Is there ice in the freezer of the canteen?", recipient=22),
        _zulip(4, "", "Where is the key of room 9?"),
        _zulip(5, "", "The lamp of room 9 flickers."),
        _zulip(6, "\x07", "My salary is wrong.", is_channel_message=False, recipient=40),
        _zulip(7, "✔ keys", "Where do I get a new key?"),
    ]
    plan = plan_of("messages-000001.json", json.dumps({"zerver_message": messages}))
    assert any("private" in one for one in plan.warnings)
    rows, skipped = parts(read_file("m.json", json.dumps({"zerver_message": messages}), OWN))
    assert {(one.item.title, one.item.text, one.joined) for one in rows} == {
        ("freezer", MATTER, 1),
        ("freezer", "Is there ice in the freezer of the canteen?", 0),
        (None, "Where is the key of room 9?", 0),
        (None, "The lamp of room 9 flickers.", 0),
        ("keys", "Where do I get a new key?", 0),
    }
    assert rows[0].item.resolution == ADVICE
    assert [one.item.status for one in rows if one.item.title == "keys"] == ["resolved"]
    assert skipped == [PRIVATE]


@pytest.mark.parametrize(
    "message",
    [
        {"subject": ""},  # as Zulip's database had them before version 10
        {"subject": "", "type": "direct"},
        {"subject": "", "type": "stream", "display_recipient": [{"id": 7}, {"id": 8}]},
    ],
)
def test_direct_messages_of_zulip_are_left_out(message: dict[str, Any]) -> None:
    """However its versions mark them."""
    direct = {**_zulip(1, "", "My salary is wrong."), **message}
    messages = [_zulip(2, "freezer", MATTER), direct]
    for one in messages:
        del one["is_channel_message"]
    rows, skipped = parts(read_file("m.json", json.dumps({"zerver_message": messages}), OWN))
    assert [one.item.text for one in rows] == [MATTER]
    assert skipped == [PRIVATE]


def test_other_tools_have_other_types_of_channels() -> None:
    """Although their columns are called like Mattermost's."""
    types = ["support", "web", "direct", "P", "Private", "O"]
    posts = [
        {"id": str(n), "user": "ira", "message": MATTER, "create_at": n, "channel_type": one}
        for n, one in enumerate(types, 1_780_000_000)
    ]
    rows, skipped = parts(read_file("posts.json", json.dumps(posts), OWN))
    assert [one.item.extra["channel_type"] for one in rows] == ["support", "web", "O"]
    assert skipped == [PRIVATE] * 3


def test_the_files_of_a_zulip_export_are_read_together() -> None:
    """Messages of a topic may be in two of them."""
    files = {
        "z/messages-000001.json": {"zerver_message": [_zulip(1, "freezer", MATTER)]},
        "z/realm.json": {"zerver_realm": []},
        "z/messages-000002.json": {"zerver_message": [_zulip(2, "freezer", ADVICE)]},
    }
    inputs = [
        Input(name, "file", partial(io.BytesIO, json.dumps(one).encode()), Path(name))
        for name, one in files.items()
    ]
    first, second = with_parts_together(inputs)
    assert (first.name, second.name) == ("z/messages-000001.json and 1 more", "z/realm.json")
    options = ReadOptions()
    plan = make_plan(recognize(first, options), options)
    row = only_row(list(TicketReader(plan, OWN).read()))
    assert (row.item.text, row.item.resolution, row.joined) == (MATTER, ADVICE, 1)


def test_two_zulip_exports_are_not_mixed() -> None:
    """Their channels have the same numbers; each is in a folder or an archive of its own."""
    inputs = [
        Input(f"messages-00000{number}.json", "file", io.BytesIO, Path(path))
        for path, number in (
            ("a/messages-000001.json", 1), ("b/messages-000001.json", 1), ("c.zip", 1),
            ("a/messages-000002.json", 2), ("c.zip", 2),
        )
    ]  # fmt: skip
    joined = [(one.path.as_posix(), "more" in one.name) for one in with_parts_together(inputs)]
    assert joined == [
        ("a/messages-000001.json", True), ("b/messages-000001.json", False), ("c.zip", True),
    ]  # fmt: skip


def test_the_lists_of_a_zulip_export_are_no_tickets() -> None:
    """Its channels have descriptions, too."""
    realm = {"zerver_realm": [{"id": 1, "name": "Lab", "description": "We freeze things"}]}
    with pytest.raises(InputError, match="no messages"):
        plan_of("realm.json", json.dumps(realm))


def _part(text: str, actor: str, kind: str = "normal") -> dict[str, Any]:
    return {
        "message_parts": [{"text": {"content": text}}, {"image": {"url": "https://example.com/i"}}],
        "actor_type": actor,
        "actor_id": f"{actor}-1",
        "message_type": kind,
        "created_time": "2026-05-04T10:00:00Z",
    }


def test_messages_in_parts_are_read() -> None:
    """As Freshchat writes a conversation; what agents write for themselves is no answer."""
    secret = "Change it by the internal tool."
    messages = [_part(MATTER, "user"), _part(secret, "agent", "private"), _part(ADVICE, "agent")]
    chats = {
        "conversations": [{"conversation_id": "c1", "status": "resolved", "messages": messages}]
    }
    item = only_row(read_file("chats.json", json.dumps(chats))).item
    assert (item.external_id, item.text, item.resolution) == ("c1", MATTER, ADVICE)


def test_messages_in_parts_may_be_the_rows() -> None:
    """Those of a conversation are one ticket."""
    rows = [{**_part(MATTER, "user"), "id": "m1"}, {**_part(ADVICE, "agent"), "id": "m2"}]
    page = {"messages": [{**one, "conversation_id": "c1"} for one in rows]}
    row = only_row(read_file("messages.json", json.dumps(page)))
    assert (row.item.text, row.item.resolution, row.joined) == (MATTER, ADVICE, 1)


def test_conversations_with_a_model_of_language_are_read() -> None:
    """Whoever has a role wrote it; what the model was told first is no answer."""
    chats = [
        {
            "id": "a",
            "messages": [
                {"role": "system", "content": "You are the help desk of a lab."},
                {"role": "user", "content": [{"type": "text", "text": MATTER}]},
                {"role": "assistant", "content": [{"type": "text", "text": ADVICE}]},
            ],
        }
    ]
    item = only_row(read_file("chats.jsonl", lines(*chats) + "\n")).item
    assert (item.text, item.resolution) == (MATTER, ADVICE)


def test_direct_messages_of_rooms_are_left_out() -> None:
    """Rooms of two are nobody else's; all that a room says is its type."""
    messages = [
        {"id": "m1", "roomType": "group", "text": MATTER, "personEmail": "ira@example.com"},
        {"id": "m2", "parentId": "m1", "roomType": "group", "text": ADVICE, "personEmail": "u@x.y"},
        {"id": "m3", "roomType": "direct", "text": "My salary is wrong.", "personEmail": "i@x.y"},
    ]
    rows, skipped = parts(read_file("webex.json", json.dumps({"items": messages})))
    assert [(one.item.text, one.item.author, one.joined) for one in rows] == [
        (MATTER, "ira@example.com", 1)
    ]
    assert skipped == [DIRECT]


@pytest.mark.parametrize(
    "cell",
    [
        f"(10:00:12) Ira: {MATTER}\n(10:00:40) Uwe: Hi Ira.\n(10:01:15) Uwe: {ADVICE}",
        f"[2026-05-04 10:00] Ira: {MATTER}\n[2026-05-04 10:05] Uwe (operator): {ADVICE}",
        f"10:00 AM - Ira: {MATTER}\n10:04 AM - Support: {ADVICE}",
        f"Chat started: Monday, May 4\nOrigin: Web\n\n10:00 Ira: {MATTER}\n10:04 Uwe: {ADVICE}",
        f"2026-05-04T10:00:12Z Ira: {MATTER}\n2026-05-04T12:04:00+02:00 Uwe: {ADVICE}",
        f"<p>(10:00) Ira: {MATTER}</p><p>(10:04) Uwe: {ADVICE}</p>",
        f"[10:00] Ira: {MATTER}<br>[10:01] Uwe: Hi Ira.<br>[10:04] Uwe: {ADVICE}<br>",
        f"[04.05.2026, 09:59] Bot: Hi, how can I help you?\n[04.05.2026, 10:00] Ira: {MATTER}\n"
        f"[04.05.2026, 10:01] Uwe: {ADVICE}",
    ],
)
def test_a_transcript_in_a_cell_gives_a_ticket_and_its_replies(cell: str) -> None:
    """Each line has its time and its author; the visitor's first one is the ticket."""
    row = only_row(csv_rows(f'Chat ID,Started,Visitor,Transcript\n7,2026-05-04,Ira,"{cell}"\n'))
    assert (row.item.text, row.item.author, row.item.resolution) == (MATTER, "Ira", ADVICE)


def test_whoever_says_the_matter_asked_where_no_visitor_is_named() -> None:
    """A greeting by somebody who is not known says nothing."""
    cell = f"(10:00) Uwe: Hello!\n(10:01) Ira: {MATTER}\n(10:02) Uwe: {ADVICE}"
    reader = ReplyReader(clean_text, DateReader())
    said = [(one.text, one.is_agent) for one in reader.read(cell, frozenset())]
    assert said == [("Hello!", True), (MATTER, False), (ADVICE, True)]


@pytest.mark.parametrize(
    "text",
    [
        "(10:00) Ira: only one line",
        "Error: disk full\nNote: none",
        "It jams at 10:00: why?",
        f"{ADVICE}\n10:00 Ira: it beeps\n10:01 Uwe: close it",
        "10:00:12 ERROR: it is too warm\n10:00:13 INFO: it beeps",
    ],
)
def test_other_texts_are_no_transcripts(text: str) -> None:
    """One line, lines without a time, what is quoted below a text of its own, and logs."""
    assert turns_of(text) == []


@pytest.mark.parametrize(
    "log",
    [
        "--- Log opened Mon May 04 00:00:01 2026\n08:00 < ira> the freezer beeps\n",
        "[08:00:12] <ira> the freezer beeps\n[08:01:00] <@uwe> close its door\n",
        "2026-05-04 08:00:00 <ira> the freezer beeps\n",
        "[2026-05-04 08:00:12] Ira: the freezer beeps\n",
    ],
)
def test_logs_of_chats_are_refused(log: str) -> None:
    """They do not say what is a ticket."""
    with pytest.raises(InputError, match="text of a chat"):
        plan_of("help.log", log)
