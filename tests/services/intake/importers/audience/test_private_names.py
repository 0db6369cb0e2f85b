"""Names of columns and kinds of messages that say who reads something, however they are written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.errors import InputError
from services.intake.importers.audience.chat_rooms import DIRECT
from services.intake.importers.audience.reply_audience import is_public_name
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, Skipped
from services.intake.importers.rows.private_rows import MARKED_PRIVATE
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Replace the pump, and bill the landlord for it twice."
TOLD = {"body": ADVICE, "author": "Ira", "created_at": "2026-03-01T08:00:00Z"}
NOTE = {"body": SECRET, "author": "Ira", "created_at": "2026-03-02T08:00:00Z"}


def _reasons(entries: list[ImportEntry]) -> list[str | None]:
    return [one.reason if isinstance(one, Skipped) else None for one in entries]


def _answer(posts: list[dict[str, Any]]) -> str | None:
    ticket = {"id": 31, "title": "Heating", "text": ASKED, "status": "closed", "reporter": "Uma"}
    data = json.dumps({"tickets": [ticket | {"posts": posts}]})
    return only_row(read_file("t.json", data, OWN)).item.resolution


@pytest.mark.parametrize(
    "name",
    [
        "Resolution (internal)", "Lösung (intern)", "Respuesta (interna)", "Answer (agents only)",
        "Antwort (nur für das Team)", "Close notes (private)", "Resolution (not for customers)",
        "Comments (internal)", "Comments (work notes)", "Kommentar (nur intern)",
        "Comment (not visible to customer)", "Comments [staff only]", "Solution (technician)",
        "Comments (IT only)",
    ],
)  # fmt: skip
def test_a_name_says_in_brackets_that_it_is_of_the_team(name: str) -> None:
    """No column of that name has the answer, nor a reply that all may read."""
    table = f"id,subject,description,status,{name}\n31,Heating,{ASKED},closed,{json.dumps(SECRET)}"
    item = only_row(read_file("t.csv", f"{table}\n", OWN)).item
    replies = [one for one in item.extra.get("replies", ()) if one.get("public", True)]
    assert (item.text, item.resolution, replies) == (ASKED, None, [])


@pytest.mark.parametrize("name", ["Resolution (text)", "Answer (for customer)", "Lösung (kurz)"])
def test_any_other_remark_in_brackets_is_no_part_of_a_name(name: str) -> None:
    """The answer is taken."""
    table = f"id,subject,description,status,{name}\n31,Heating,{ASKED},closed,{ADVICE}\n"
    assert only_row(read_file("t.csv", table, OWN)).item.resolution == ADVICE


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Private (Y/N)", "Y"), ("Vertraulich (ja/nein)", "ja"), ("[private]", "true"),
        ("Visibility (internal/public)", "internal"), ("not_public", "true"),
        ("hiddenfromuser", "true"), ("Private__c", "TRUE"), ("Custom field (Confidential)", "Yes"),
        ("Data classification", "Confidential"), ("Klassifizierung", "streng vertraulich"),
        ("tags", "confidential"), ("Labels", "printer, vertraulich"), ("Public/Private", "Private"),
        ("u_private", "true"), ("cf_confidential", "true"), ("Streng vertraulich", "ja"),
        ("Geheim", "x"), ("Confidentiality level", "Restricted"),
        ("Vertraulichkeitsstufe", "Vertraulich"), ("Nivel de confidencialidad", "Confidencial"),
        ("Zichtbaarheid", "Intern"), ("Widoczność", "Wewnętrzna"), ("Etichette", "riservato"),
        ("Classificação", "Confidencial"), ("Classificatie", "Vertrouwelijk"),
        ("Klasyfikacja", "Poufne"), ("Classification", "Confidentielle"),
    ],
)  # fmt: skip
def test_a_ticket_is_private_however_its_column_is_called(column: str, value: str) -> None:
    """With choices in brackets, as one word, as a field of its own in Jira or Salesforce, a tag."""
    rows = f'1,Heating,{ASKED},"{value}"\n2,Printer,The printer prints blank pages.,\n'
    table = f"id,subject,description,{column}\n{rows}"
    assert _reasons(read_file("t.csv", table, OWN)) == [MARKED_PRIVATE, None]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Data classification", "Internal"), ("tags", "private repository"), ("tags", "internal"),
        ("tags", "confidential data"), ("Category (internal/external)", "external"),
        ("Show in catalog", "no"), ("shown_to_customer", "no"), ("Public/Private", "Public"),
        ("Visible to", "All agents and requesters"), ("Confidentiality level", "Low"),
    ],
)  # fmt: skip
def test_a_ticket_is_about_what_is_private(column: str, value: str) -> None:
    """All who work there read what is internal, and a tag says what a ticket is about."""
    rows = f'1,Heating,{ASKED},"{value}"\n2,Printer,The printer prints blank pages.,\n'
    table = f"id,subject,description,{column}\n{rows}"
    assert _reasons(read_file("t.csv", table, OWN)) == [None, None]


def test_a_field_of_its_own_is_private() -> None:
    """In an object of such fields, as tools write what somebody added."""
    ticket = {"id": 31, "title": "Heating", "text": ASKED, "custom_fields": {"confidential": True}}
    assert _reasons(read_file("t.json", json.dumps([ticket]), OWN)) == [MARKED_PRIVATE]


@pytest.mark.parametrize(
    "fields",
    [
        {"show_to_requester": False}, {"showOnPortal": "N"}, {"shared_with_customer": "no"},
        {"PublishToWeb": False}, {"hiddenfromuser": True}, {"invisibleForCaller": True},
        {"is_not_public": 1}, {"privatenote": True}, {"note": True}, {"is_agent_note": "true"},
        {"whisper": True}, {"View Access": "Internal"}, {"visible_to": ["staff"]},
        {"audience": ["agents"]}, {"direction": "internal"}, {"acl": "staff"},
        {"original": {"id": 3, "resource_type": "note"}}, {"threadType": "note"},
        {"type de message": "Note interne"}, {"Artikeltyp": "Notiz intern"},
        {"Art der Nachricht": "Interne Notiz"}, {"category": "Private note"},
        {"via": "internal_note"}, {"action": "Agent note"}, {"status": "draft"},
        {"post_status": "private"}, {"state": "hidden"}, {"post_type": 4, "post_number": 2},
        {"status": "deleted"}, {"ISDELETED": "true"}, {"type": "note", "is_private": False},
        {"type": "internal_note", "internal": False}, {"viewable_by": "staff"}, {"redacted": True},
        {"properties": [{"key": "sd.public.comment", "value": {"internal": True}}]},
    ],
)  # fmt: skip
def test_a_reply_is_for_the_team_however_it_says_so(fields: dict[str, Any]) -> None:
    """By a flag that shows it, its kind in any field and language, or its state."""
    assert _answer([TOLD, NOTE | fields]) == ADVICE


@pytest.mark.parametrize(
    "fields",
    [
        {"show_to_requester": True}, {"hidden_from_user": False}, {"note": "5"}, {"note": 1},
        {"visible_to": ["staff", "customer"]}, {"direction": "outgoing"}, {"status": "published"},
        {"post_type": 1, "post_number": 2}, {"original": {"resource_type": "case_message"}},
        {"tag": "private"}, {"category": "Internal IT"}, {"type": "Agent reply"},
        {"show_signature": False}, {"type": "note", "internal": False},
    ],
)  # fmt: skip
def test_a_reply_is_for_all(fields: dict[str, Any]) -> None:
    """What is shown, and what it is about."""
    assert _answer([NOTE | {"internal": True}, TOLD | fields]) == ADVICE


@pytest.mark.parametrize(
    "name", ["Comments (public)", "Comments (3)", "Kommentar (extern)", "Message to customer"]
)
def test_a_public_name(name: str) -> None:
    """With or without a remark."""
    assert is_public_name(name)


def test_secrets_and_notes_are_not_stored() -> None:
    """Neither those of a ticket nor those in its objects and lists."""
    ticket = {
        "id": 31, "title": "Heating", "text": ASKED, "colour": "red", "password": "hunter2",
        "Notes (IT only)": SECRET, "api_token": "abc",
        "user": {"name": "Uma", "password_hash": "x"},
        "Credit card": "4111", "PIN": "4711", "Zugangsdaten": "x", "Passwort": "geheim",
        "Mot de passe": "secret",
        "steps": [{"step": 1, "internal_note": SECRET, "apiKey": "abc"}],
    }  # fmt: skip
    item = only_row(read_file("t.json", json.dumps([ticket]), OWN)).item
    assert item.extra == {"colour": "red", "steps": [{"step": 1}]}


@pytest.mark.parametrize(
    "columns",
    [
        {"latest_comment": {"body": SECRET, "author": {"name": "Ira"}, "public": False}},
        {"lastNote": {"text": SECRET, "private": True}},
        {"Last reply": {"body": SECRET, "visibility": {"type": "internal"}}},
    ],
)
def test_a_note_in_an_object_of_its_own_is_not_stored(columns: dict[str, Any]) -> None:
    """A public comment is, and what says "private" of itself and is no comment."""
    ticket = {"id": 31, "title": "Heating", "text": ASKED, "colour": "red"}
    shown = {"latest_message": {"words": ADVICE, "public": True}, "room": {"type": "private"}}
    item = only_row(read_file("t.json", json.dumps([{**ticket, **shown, **columns}]), OWN)).item
    assert not {SECRET, "Ira"} & set(json.dumps(item.extra).split('"'))
    assert (item.extra["latest_message.words"], item.extra["room.type"]) == (ADVICE, "private")


@pytest.mark.parametrize(
    "title",
    [
        "[CONFIDENTIAL] Salary", "Vertraulich: Gehalt", "RE: (Confidencial) Sueldo",
        "STRENG VERTRAULICH: Gehalt", "[Confidential - HR] Salary", "FW: Confidential - salary",
        "**Confidential** Salary", "Private and confidential: salary",
        "[Privado y confidencial] Sueldo",
    ],
)  # fmt: skip
def test_a_title_begins_with_a_mark(title: str) -> None:
    """Whoever wrote it meant it for a few; "Confidential data" is what a ticket is about."""
    others = [
        "Confidential data in the bin", "Confidential printing - nothing comes out",
        "[Not confidential] Bin", "Vertraulicher Druck: Papierstau",
    ]  # fmt: skip
    rows = [f"{n},{one},{ASKED}" for n, one in enumerate([title, *others])]
    found = read_file("t.csv", "\n".join(["id,subject,description", *rows, ""]), OWN)
    assert _reasons(found) == [MARKED_PRIVATE, None, None, None, None]


@pytest.mark.parametrize(
    ("column", "no", "yes"),
    [
        ("Answer is public", "no", "yes"), ("Resolution visible to", "Agents", "Everyone"),
        ("private_answer", "true", "false"),
    ],
)  # fmt: skip
def test_a_column_speaks_of_the_answer(column: str, no: str, yes: str) -> None:
    """One that not all may read is none."""
    rows = f"1,Heating,{ASKED},{json.dumps(SECRET)},{no}\n2,Door,It jams.,{ADVICE},{yes}\n"
    found = read_file("t.csv", f"id,subject,description,answer,{column}\n{rows}", OWN)
    assert [one.item.resolution for one in found if isinstance(one, Row)] == [None, ADVICE]


@pytest.mark.parametrize(
    "name", ["Antwort an Kunde", "Reply to the customer", "Respuesta al cliente"]
)
def test_what_was_sent_to_the_customer_is_a_reply(name: str) -> None:
    """However the column is called."""
    table = f"id,subject,description,status,{name}\n31,Heating,{ASKED},closed,{ADVICE}\n"
    assert only_row(read_file("t.csv", table, OWN)).item.resolution == ADVICE


def test_a_line_of_a_note_ends_a_text() -> None:
    """Where each line names its field."""
    blocks = [f"Ticket: {n}\nSubject: Heating\nText: {ASKED}\n" for n in (1, 2)]
    found = read_file("t.txt", f"{blocks[0]}\n{blocks[1]}Internal note: {SECRET}\n", OWN)
    assert [one.item.text for one in found if isinstance(one, Row)] == [ASKED, ASKED]


def test_messages_of_slack_in_chunks_are_refused() -> None:
    """Nothing in a chunk of slackdump says who may read its channel, or that it is a direct one."""
    message = {"type": "message", "ts": "1777881600.000200", "user": "U1", "text": ASKED}
    chunk = {"t": 0, "ts": 1, "id": "D1", "n": 1, "l": True, "m": [message]}
    for name, data in (("D1.json", json.dumps(chunk)), ("x.json", json.dumps([chunk, chunk]))):
        with pytest.raises(InputError, match="channel of Slack"):
            read_file(name, data, OWN)


def test_direct_messages_of_google_chat_are_left_out() -> None:
    """Their folder says so in a Takeout."""
    message = {
        "creator": {"name": "Uma", "user_type": "Human"}, "text": ASKED, "topic_id": "T",
        "created_date": "Monday, May 4, 2026 at 8:00:00 AM UTC", "message_id": "A/T/T",
    }  # fmt: skip
    data = json.dumps({"messages": [message]})
    assert _reasons(read_file("Groups/DM 5Zx/messages.json", data, OWN)) == [DIRECT]
    assert _reasons(read_file("Groups/Space AAA/messages.json", data, OWN)) == [None]


def test_comments_of_a_service_project_in_csv() -> None:
    """Nothing says which of them are internal, which is told."""
    table = f"Issue key,Summary,Status,Comment{{}}\nSD-1,{ASKED},Done,{ADVICE},\n"
    (warning,) = plan_of("t.csv", table.format(",Custom field (Request Type)")).warnings
    assert "internal" in warning
    assert plan_of("t.csv", table.format(",Custom field (Team)")).warnings == ()
