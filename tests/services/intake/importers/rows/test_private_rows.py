"""Tickets and messages that say of themselves that not everybody may read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.audience.chat_rooms import DIRECT, PRIVATE_ROOM
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, Skipped
from services.intake.importers.layouts.chats import PRIVATE
from services.intake.importers.rows.private_rows import MARKED_PRIVATE
from tests.conftest import NOW
from tests.services.intake.importers.written_files import plan_of, read_file

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


MARKED = {
    "Sensitivity": ("Private", "Normal"),
    "Confidentialité": ("Confidentiel", "Public"),
    "Vertraulichkeit": ("Persönlich vertraulich", "Normal"),
    "type": ("internal note", "credit note"),
}


@pytest.mark.parametrize("column", MARKED)
def test_a_mail_or_an_entry_says_how_sensitive_it_is(column: str) -> None:
    """As Outlook writes it, in its languages; an entry with a title may be a note, too."""
    rows = [f"{n},Heating {n},{ASKED},{one}" for n, one in enumerate(MARKED[column])]
    table = "\n".join([f"id,subject,body,{column}", *rows, ""])
    assert _reasons(read_file("t.csv", table, OWN)) == [MARKED_PRIVATE, None]


def test_a_confidential_mail_is_no_ticket() -> None:
    """RFC 4021 has a header for it."""
    mails = [
        f"From uma@globex.example Sun Mar  1 10:0{n}:00 2026\nFrom: Uma <uma@globex.example>\n"
        f"Subject: Heating {n}\nDate: Sun, 1 Mar 2026 10:0{n}:00 +0000\n{header}"
        f"Message-ID: <{n}@globex.example>\n\n{ASKED}\n\n"
        for n, header in enumerate(("", "Sensitivity: Company-Confidential\n"))
    ]
    found = read_file("t.mbox", "".join(mails), OWN)
    assert sorted(_reasons(found), key=bool) == [None, MARKED_PRIVATE]


def test_a_comment_for_a_role_is_no_answer() -> None:
    """Jira's XML names the group or the role that may read it."""
    comments = "".join(
        f'<comment id="{n}" author="ira"{level} created="Sun, {n} Mar 2026 10:00:00 +0000">{text}'
        "</comment>"
        for n, (level, text) in enumerate(
            [("", "Open the valve below the window."), (' rolelevel="Staff"', "Replace the pump."),
             (' grouplevel="jira-staff"', "Bill the landlord, and change the pump.")], 2
        )
    )  # fmt: skip
    item = (
        "<item><title>[SD-1] Heating</title><link>https://jira.globex.example/browse/SD-1</link>"
        f"<description>{ASKED}</description><key>SD-1</key><summary>Heating</summary>"
        f"<status>Closed</status><comments>{comments}</comments></item>"
    )
    (row,) = read_file("t.xml", f"<rss><channel><title>J</title>{item}</channel></rss>", OWN)
    assert isinstance(row, Row)
    assert row.item.resolution == "Open the valve below the window."


@pytest.mark.parametrize(
    "mark",
    [
        "[Private note]", "(internal):", "[interne Notiz]", "(Nota interna)",
        "[Interner Kommentar]", "(comentario interno)", "[Internal note: no refund]", "[INTERNO]",
        "(Commentaire privé)",
    ],
)  # fmt: skip
def test_a_text_with_a_marked_note_is_no_answer(mark: str) -> None:
    """Where what is for the customer cannot be told from it."""
    for column in ("comments", "answer"):
        cell = f"{{Ira {mark} Replace the pump. / Ira: Open the valve.}}"
        table = f"id,subject,description,status,{column}\n1,Heating,{ASKED},closed,{cell}\n"
        (row,) = read_file("t.csv", table, OWN)
        assert isinstance(row, Row)
        assert row.item.resolution is None


@pytest.mark.parametrize(
    "remark", ["(internal)", "[internal error]", "(private room)", "(note)", "[comments: 2]"]
)
def test_a_remark_about_something_else_leaves_the_answer(remark: str) -> None:
    """It says what the text is about."""
    advice = f"Open the valve {remark} below the window."
    table = f"id,subject,description,status,answer\n1,Heating,{ASKED},closed,{advice}\n"
    (row,) = read_file("t.csv", table, OWN)
    assert isinstance(row, Row)
    assert row.item.resolution == advice


def test_a_bug_of_a_group_and_a_list_called_internal_are_left_out() -> None:
    """Bugzilla's API names groups; a list beside the tickets may be the team's."""
    bug = {"id": 1, "summary": "Heating", "description": ASKED, "is_open": True, "groups": []}
    bugs = [{**bug, "creation_time": "2026-03-01"}]
    bugs.append({**bugs[0], "id": 2, "groups": ["core"]})
    assert _reasons(read_file("t.json", json.dumps({"bugs": bugs}), OWN)) == [None, MARKED_PRIVATE]
    ticket = {"id": 1, "subject": "Heating", "description": ASKED}
    for name in ("internal_tickets", "interne_notizen", "notas_internas", "internal_messages"):
        lists = {"tickets": [ticket], name: [{**ticket, "id": 2}]}
        assert _reasons(read_file("t.json", json.dumps(lists), OWN)) == [None, PRIVATE_ROOM]
    topic = {**ticket, "archetype": "private_message"}
    assert _reasons(read_file("t.json", json.dumps([topic]), OWN)) == [DIRECT]


def test_an_entry_of_osticket_may_be_a_note() -> None:
    """It numbers kinds by letters; what phpMyAdmin writes before the table is no row."""
    entry = {"poster": "Ira", "title": "Heating", "body": ASKED}
    entries = [
        {"id": "1", "thread_id": "9", "type": "M", **entry},
        {"id": "2", "thread_id": "10", "type": "N", **entry},
    ]
    dump = [{"type": "header", "version": "5"}, {"type": "database", "name": "osticket"}]
    table = {"type": "table", "name": "ost_thread_entry", "data": entries}
    found = read_file("t.json", json.dumps([*dump, table]), OWN)
    assert _reasons(found) == [None, MARKED_PRIVATE]


@pytest.mark.parametrize(
    "name",
    [
        "Internal notes", "Interne Notiz", "Nota interna", "private_note", "Internal",
        "Internal ID notes", "Key internal findings",
    ],
)  # fmt: skip
def test_what_the_team_writes_for_itself_is_not_stored(name: str) -> None:
    """What is shown to nobody cannot be exported to anybody either."""
    text = json.dumps([{"id": "1", "title": ASKED, "colour": "red", name: "A rude customer"}])
    (row,) = read_file("t.json", text, OWN)
    assert isinstance(row, Row)
    assert row.item.extra == {"colour": "red"}


@pytest.mark.parametrize(
    "name",
    [
        "Internal ID", "Private key", "internal_ticket_number", "Interne Nummer",
        "Interne Vorgangsnummer", "ID interno", "Internal ref.",
    ],
)  # fmt: skip
def test_an_id_is_not_what_the_team_writes(name: str) -> None:
    """Only the tool that gave it is internal."""
    text = json.dumps([{"id": "1", "title": ASKED, name: "A-17"}])
    (row,) = read_file("t.json", text, OWN)
    assert isinstance(row, Row)
    assert row.item.extra == {name: "A-17"}
