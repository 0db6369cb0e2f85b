"""Tickets and messages that say of themselves that not everybody may read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.chat_rooms import DIRECT, PRIVATE_ROOM
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, Skipped
from services.intake.importers.layouts.chats import PRIVATE
from services.intake.importers.private_rows import MARKED_PRIVATE
from tests.conftest import NOW
from tests.services.intake.importers.files import plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED = "The heating of room 12 stays cold."
LIMITED = {"$type": "LimitedVisibility", "permittedGroups": [{"name": "board"}]}


def _reasons(entries: list[ImportEntry]) -> list[str | None]:
    return [one.reason if isinstance(one, Skipped) else None for one in entries]


@pytest.mark.parametrize(
    ("private", "public"),
    [
        ({"is_private": True}, {"is_private": False}),
        ({"confidential": "true"}, {"confidential": "false"}),
        ({"visibility": LIMITED}, {"visibility": {"$type": "UnlimitedVisibility"}}),
        ({"view_state": {"name": "private"}}, {"view_state": {"name": "public"}}),
        ({"is_public": False}, {"is_public": True}),
        ({"Sichtbarkeit": "Intern"}, {"Sichtbarkeit": "Öffentlich"}),
        ({"Vertraulich": "Ja"}, {"Vertraulich": "Nein"}),
        ({"Interne": "Oui"}, {"Interne": "Non"}),
        ({"Privado": "Sí"}, {"Privado": "No"}),
        ({"information_type": "Private Security"}, {"information_type": "Public"}),
        ({"fields": {"confidential": True}}, {"repository": {"private": True}}),
        ({"audience": "staff only"}, {"audience": "Employees"}),
    ],
)
def test_a_ticket_that_is_private_is_no_ticket(
    private: dict[str, Any], public: dict[str, Any]
) -> None:
    """In any language; another object that is private says nothing of it."""
    ticket = {"id": 31, "title": "Heating", "description": ASKED, "status": "closed"}
    data = json.dumps([{**ticket, **private}, {**ticket, "id": 32, **public}])
    assert _reasons(read_file("t.json", data, OWN)) == [MARKED_PRIVATE, None]


@pytest.mark.parametrize(
    "said",
    [
        {"Privat versichert": "ja"}, {"Confidential data involved": "yes"},
        {"internal_id": 1}, {"type": "Internal request"}, {"channel": "internal-it"},
        {"published": "2026-03-01"}, {"Security level": "High"}, {"private_key": True},
        {"Internal notes": "yes"}, {"public_url": "no"},
    ],
)  # fmt: skip
def test_what_a_ticket_is_about_may_be_private(said: dict[str, Any]) -> None:
    """Only a flag that says no more, or its visibility, is of the ticket."""
    ticket = {"id": 31, "title": "Heating", "description": ASKED, **said}
    assert _reasons(read_file("t.json", json.dumps([ticket]), OWN)) == [None]


@pytest.mark.parametrize("level", ["Internal only", "Board"])
def test_an_issue_with_a_security_level_is_left_out(level: str) -> None:
    """Jira names who may read it; without a level, everybody may."""
    issue = {"key": "SD-1", "fields": {"summary": "Heating", "description": ASKED}}
    other = {"key": "SD-2", "fields": {**issue["fields"], "security": {"name": level}}}  # type: ignore[dict-item]
    data = json.dumps({"issues": [issue, other]})
    assert _reasons(read_file("t.json", data, OWN)) == [None, MARKED_PRIVATE]
    table = f"Issue key,Summary,Security Level\nSD-1,Heating,\nSD-2,Door,{level}\n"
    assert _reasons(read_file("t.csv", table, OWN)) == [None, MARKED_PRIVATE]


@pytest.mark.parametrize(
    ("column", "private", "public"),
    [
        ("is_private", "1", "0"),
        ("type", "internal note", "reply"),
        ("Art", "interne Notiz", "Antwort"),
        ("visibility", "agents", "all"),
    ],
)
def test_a_message_of_the_team_alone_is_no_ticket(column: str, private: str, public: str) -> None:
    """As rows without a title, and as all rows of a ticket."""
    rows = [f"1,{ASKED},{public}", f"2,Bill the landlord twice.,{private}"]
    table = "\n".join([f"id,body,{column}", *rows, ""])
    assert _reasons(read_file("t.csv", table, OWN)) == [None, MARKED_PRIVATE]
    rows = [f"1,Heating,{ASKED},{public}", f"1,Heating,It is.,{public}"]
    rows += [f"2,Door,Bill him.,{private}", f"2,Door,Bill her.,{private}"]
    table = "\n".join([f"ticket id,subject,body,{column}", *rows, ""])
    assert _reasons(read_file("t.csv", table, OWN)) == [None, MARKED_PRIVATE, MARKED_PRIVATE]


def test_products_that_are_not_published_are_products() -> None:
    """A shop's own word for what it shows says nothing of who may read it."""
    shop = RowDefaults("shop", "product", NOW)
    found = read_file("t.csv", "id,title,published\n1,Blue cup,false\n2,Red cup,true\n", shop)
    assert [type(one) for one in found] == [Row, Row]


WRITTEN = {"id": 1, "date": "2026-03-02T10:00:00", "from": "Uma", "text": ASKED}
DISCORD = {
    "id": "1", "type": "Default", "timestamp": "2026-03-02T10:00:00+00:00", "content": ASKED,
    "author": {"id": "9", "name": "uma"},
}  # fmt: skip
TEAMS = {"id": "1", "messageType": "message", "body": {"content": ASKED}, "chatId": "19:a_b@unq"}
ZULIP = {"id": 1, "type": "private", "subject": "", "content": ASKED, "timestamp": 1772445600}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"name": "Bo", "type": "personal_chat", "id": 5, "messages": [WRITTEN]}, DIRECT),
        ({"chats": {"list": [{"type": "saved_messages", "messages": [WRITTEN]}]}}, DIRECT),
        ({"chats": {"list": [{"type": "private_group", "messages": [WRITTEN]}]}}, PRIVATE_ROOM),
        ({"name": "IT", "type": "public_supergroup", "id": 5, "messages": [WRITTEN]}, None),
        ({"channel": {"id": "2", "type": "DirectTextChat"}, "messages": [DISCORD]}, DIRECT),
        ({"channel": {"id": "2", "type": "GuildTextChat"}, "messages": [DISCORD]}, None),
        ({"id": "19:x", "chatType": "group", "messages": [WRITTEN]}, PRIVATE_ROOM),
        ({"value": [TEAMS]}, PRIVATE),
        ({"value": [{**TEAMS, "channelIdentity": {"channelId": "19:x"}}]}, None),
        ({"messages": [{**ZULIP, "display_recipient": [{"id": 5}]}]}, DIRECT),
        ({"direct_messages": [WRITTEN]}, DIRECT),
    ],
)
def test_what_is_around_messages_says_who_reads_them(
    document: dict[str, Any], reason: str | None
) -> None:
    """The chat, its type beside the messages, or the name of their list."""
    assert _reasons(read_file("t.json", json.dumps(document), OWN)) == [reason]
    assert _reasons(read_file("t.jsonl", json.dumps(document) + "\n", OWN)) == [reason]


def test_what_a_person_says_of_themselves_is_no_ticket() -> None:
    """A profile in an export of somebody's data has no words of tickets."""
    person = {"id": 7, "name": "Uma", "email": "uma@globex.example", "bio": f"{ASKED} {ASKED}"}
    assert plan_of("profile.json", json.dumps({"user": person})).is_unclear


def test_what_happened_in_a_chat_is_no_note_of_its_own() -> None:
    """Events without words among the messages of a session leave them together."""
    parts = [
        {"type": "text", "from": "user", "content": ASKED, "timestamp": 1772445600000},
        {"type": "note", "from": "operator", "content": "Bill him.", "timestamp": 1772445700000},
        {"type": "event", "from": "operator", "content": {"namespace": "state:resolved"}},
    ]
    session = {"session_id": "s1", "state": "resolved", "messages": parts}
    (row,) = read_file("t.json", json.dumps({"data": [session]}), OWN)
    assert isinstance(row, Row)
    assert (row.item.text, row.item.resolution) == (ASKED, None)
