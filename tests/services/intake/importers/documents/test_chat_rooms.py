"""Rooms of chats that number their messages by themselves, and say late what they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.audience.chat_rooms import DIRECT
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError, Skipped
from tests.conftest import NOW
from tests.services.intake.importers.written_files import read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."
OTHER, SECRET = "The lift of hall 3 stops at the second floor.", "My salary is wrong since May."


def _message(id_: int, text: str, name: str = "Ana", **more: Any) -> dict[str, Any]:
    """Return a message as Telegram exports it."""
    return {
        "id": id_, "type": "message", "date": f"2026-05-04T10:{id_:02}:00", "from": name,
        "date_unixtime": str(1_777_888_800 + 60 * id_), "from_id": f"user{name}", "text": text,
        **more,
    }  # fmt: skip


def _chat(id_: int, kind: str, *messages: dict[str, Any]) -> dict[str, Any]:
    return {"name": f"chat {id_}", "type": kind, "id": id_, "messages": list(messages)}


HELP = _chat(
    111, "public_supergroup", _message(1, ASKED), _message(2, ADVICE, "Bo", reply_to_message_id=1)
)
LIFTS = _chat(222, "public_supergroup", _message(1, OTHER), _message(2, "Ok.", "Bo"))
WITH_ANA = _chat(333, "personal_chat", _message(1, SECRET))


def _read(document: Any) -> list[ImportEntry]:
    return read_file("result.json", json.dumps(document, indent=1), OWN)


def _said(entries: list[ImportEntry]) -> dict[str, str]:
    return {one.item.external_id: one.item.text for one in entries if isinstance(one, Row)}


def test_messages_of_two_chats_have_ids_of_their_own() -> None:
    """Each chat of an account numbers its messages from one on; replies stay in their chat."""
    entries = _read({"about": "…", "chats": {"about": "…", "list": [HELP, LIFTS, WITH_ANA]}})
    assert _said(entries) == {"111/1": ASKED, "222/1": OTHER, "222/2": "Ok."}
    first = next(one for one in entries if isinstance(one, Row))
    assert (first.item.resolution, first.joined) == (ADVICE, 1)
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [DIRECT]
    assert SECRET not in str(entries)


def test_one_chat_alone_has_the_same_ids() -> None:
    """So that it may be imported before or after the export of all."""
    assert _said(_read(HELP)) == {"111/1": ASKED}


def test_a_reply_in_another_chat_belongs_to_none_here() -> None:
    """Its number is that of a message there."""
    there = _message(3, OTHER, "Bo", reply_to_message_id=1, reply_to_peer_id="channel222")
    entries = _read({**HELP, "messages": [*HELP["messages"], there]})
    assert _said(entries) == {"111/1": ASKED, "111/3": OTHER}


@pytest.mark.parametrize("kind", ["personal_chat", "saved_messages", "bot_chat"])
def test_a_room_may_say_behind_its_messages_what_it_is(kind: str) -> None:
    """Nothing of it is read before that."""
    messages = [_message(1, SECRET), _message(2, "Ok.", "Bo", reply_to_message_id=1)]
    entries = _read({"messages": messages, "name": "Ana", "type": kind, "id": 333})
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [DIRECT, DIRECT]
    assert _said(entries) == {}
    late = {"messages": HELP["messages"], "type": "public_supergroup", "id": 111}
    assert _said(_read(late)) == {"111/1": ASKED}


@pytest.mark.parametrize(
    "room",
    [
        {"is_direct": True}, {"channel": {"id": "D1", "is_im": True}}, {"roomType": "direct"},
        {"chat": {"is_mpim": "true"}}, {"ConversationType": "oneOnOne"},
    ],
)  # fmt: skip
def test_a_room_may_say_in_many_ways_that_it_is_direct(room: dict[str, Any]) -> None:
    """Before its messages or behind them, as a row of a table does."""
    messages = [_message(1, SECRET)]
    for document in ({**room, "messages": messages}, {"messages": messages, **room}):
        assert [getattr(one, "reason", None) for one in _read(document)] == [DIRECT]


def test_a_private_channel_among_others_is_not_read() -> None:
    """Whoever exports a private one alone means it."""
    private = {"channel": {"name": "pay", "is_private": True}, "messages": [_message(1, SECRET)]}
    public = {"channel": {"name": "help", "is_private": False}, "messages": [_message(2, OTHER)]}
    assert _said(_read({"data": [private, public]})) == {"2": OTHER}
    assert _said(_read(private)) == {"1": SECRET}


def test_what_is_before_damage_is_read() -> None:
    """Also where the messages wait for what is behind them."""
    text = json.dumps({"messages": [*HELP["messages"], _message(3, OTHER)]})
    entries = read_file("result.json", text[:-40], OWN)
    assert {type(one) for one in entries} == {Row, RowError}
    assert _said(entries).get("1") == ASKED


def test_a_direct_message_joins_no_ticket() -> None:
    """Although it has the id of one."""
    rows = f'7,Gate,{ASKED},public\n7,Gate,"{SECRET}",direct\n'
    entries = read_file("t.csv", f"Ticket ID,Title,Message,Room type\n{rows}", OWN)
    assert _said(entries) == {"7": ASKED}
    assert SECRET not in str(entries)
