"""Columns of which others of their row say that the team alone may read them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from services.intake.importers.audience.part_audience import hidden_columns
from services.intake.importers.audience.reply_audience import is_public
from services.intake.importers.entries import ImportEntry, RowDefaults, Skipped
from services.intake.importers.replies.reply_objects import fields_of
from services.intake.importers.rows.private_rows import MARKED_PRIVATE
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Bill the landlord for it twice."


def _read(columns: dict[str, str]) -> list[ImportEntry]:
    row = {"id": "31", "subject": "Heating", "description": ASKED, "status": "closed"} | columns
    written = io.StringIO()
    csv.writer(written).writerows([row.keys(), row.values()])
    return read_file("t.csv", written.getvalue(), OWN)


@pytest.mark.parametrize(
    "columns",
    [
        {"Comment 1": SECRET, "Comment 1 visibility": "Internal", "Comment 2": ADVICE},
        {"Comment 1 Type": "Internal note", "Comment 1 Body": SECRET},
        {"Last comment text": SECRET, "Last comment is public": "false"},
        {"Suivis - Description": SECRET, "Suivis - Privé": "Oui"},
        {"Notes": SECRET, "Notes type": "Private"},
        {"Answer": SECRET, "Answer visibility": "internal"},
        {"Resolution": SECRET, "Resolution visible to customer": "no"},
        {"Last reply": SECRET, "Last reply public": "no"},
        {"Antwort": SECRET, "Antwort sichtbar für Kunden": "nein"},
        {"Respuesta": SECRET, "Respuesta - Visibilidad": "Interna"},
        {"Observaciones para el equipo": SECRET},
        {"Agent comments": SECRET},
        {"Technician remarks": SECRET},
        {"Engineer notes": SECRET},
        {"Note Description": SECRET, "Note Publish": "Internal Only"},
    ],
)
def test_what_is_not_for_all_is_nowhere(columns: dict[str, str]) -> None:
    """Neither an answer, nor kept."""
    item = only_row(_read(columns)).item
    assert SECRET not in str(item)
    assert item.text == ASKED


@pytest.mark.parametrize(
    "columns",
    [
        {"Answer": ADVICE, "Answer visibility": "public"},
        {"Answer": ADVICE, "Answer visible to customer": "yes"},
        {"Resolution": ADVICE, "Resolution type": "internal"},
        {"Resolution": ADVICE, "Resolution type": "Private cloud"},
        {"Answer": ADVICE, "Answered by user": "no"},
        {"Answer": ADVICE, "Answer is": "final"},
    ],
)
def test_what_is_for_all_is_the_answer(columns: dict[str, str]) -> None:
    """Also where a column beside it says how it was solved, or something else."""
    assert only_row(_read(columns)).item.resolution == ADVICE


def test_each_of_several_comments_has_its_own_readers() -> None:
    """A public one stays beside a private one."""
    named = {
        "Comment 1": "a",
        "Comment 1 Public": "no",
        "Comment 2": "b",
        "Comment 2 Public": "yes",
    }
    assert hidden_columns(named) == {"Comment 1"}


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": {"name": "Agents"}}, {"is_customer_facing": False}, {"for_staff": True},
        {"via": {"channel": "internal_note"}}, {"note_type": "Agent"}, {"viewers": "agents"},
        {"action": "add_private_note"}, {"group_visibility": "staff"}, {"roleLevel": "Developers"},
        {"security": {"level": "Staff"}}, {"type": "COMMENT", "conversationsThreadId": "5"},
    ],
)  # fmt: skip
def test_a_reply_says_in_many_words_who_reads_it(fields: dict[str, Any]) -> None:
    """None of these is for the customer."""
    assert not is_public(fields_of({"body": SECRET, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": {"name": "Customers"}}, {"is_customer_facing": True}, {"for_staff": False},
        {"via": {"channel": "email"}}, {"viewers": "everyone"}, {"action": "add_comment"},
        {"note_type": "Reply"}, {"type": "MESSAGE", "conversationsThreadId": "5"},
        {"type": "COMMENT"},
    ],
)  # fmt: skip
def test_a_reply_for_the_customer_is_public(fields: dict[str, Any]) -> None:
    """In the same words."""
    assert is_public(fields_of({"body": ADVICE, **fields}))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"*Internal note:* {SECRET}", ""),
        (f"Internal: {SECRET}", ""),
        (f"Visibility: private\n{SECRET}", ""),
        (f"{ASKED}\n\nInternal note by Ira:\n{SECRET}", ASKED),
        (f"{ASKED}\nNicht für Kunden: {SECRET}", ASKED),
        (f"{ASKED}\n[Internal note] {SECRET}", ASKED),
        (f"{ASKED}\n--- internal ---\n{SECRET}", ASKED),
        (f"{ASKED}\n<!-- for us: {SECRET} -->", ASKED),
    ],
)
def test_the_text_of_a_ticket_ends_before_a_note(text: str, shown: str) -> None:
    """The title stays; a message that is a note is none."""
    assert only_row(_read({"description": text})).item.text == shown
    if not shown:
        [entry] = read_file("t.json", json.dumps([{"id": 31, "text": text, "author": "Ira"}]), OWN)
        assert isinstance(entry, Skipped)
        assert entry.reason == MARKED_PRIVATE


@pytest.mark.parametrize(
    "text",
    [
        "Private messages from guests are blocked: allow them.",
        "The app shows:\nInternal error: 5",
        "Our repository:\nVisibility: private\nBranch: main",
        "Private notes from my phone are lost: help!",
    ],
)
def test_a_ticket_about_what_is_private_stays_whole(text: str) -> None:
    """Its lines are no headings of notes."""
    assert only_row(_read({"description": text})).item.text == text


@pytest.mark.parametrize(
    "ticket",
    [
        {"id": "cnv_1", "status": "archived", "recipient": {"handle": "u@x"},
         "last_message": {"body": ADVICE}, "comments": [{"body": SECRET, "author": "Ira"}]},
        {"CaseNumber": "1", "Description": ASKED, "Comments": SECRET},
        {"CaseNumber": "1", "CaseComments": {"records": [{"CommentBody": ADVICE}]},
         "Emails": [{"text": SECRET, "author": "Ira"}]},
    ],
)  # fmt: skip
def test_lists_that_are_not_read_as_replies_are_not_kept(ticket: dict[str, Any]) -> None:
    """Front and Salesforce call their notes comments; of others nobody knows who reads them."""
    item = only_row(read_file("t.json", json.dumps([{**ticket, "subject": "Heating"}]), OWN)).item
    assert SECRET not in str(item)


def test_notes_on_a_person_are_not_kept() -> None:
    """The team writes them, not the customer."""
    ticket = {"id": 1, "title": "Heating", "customer": {"name": "Uma", "notes": SECRET}}
    ticket |= {"custom_fields": {"Internal remark": SECRET}, "text": ASKED}
    ticket |= {"Incident_Annotation": [{"subject": "call", "notetext": SECRET}]}
    item = only_row(read_file("t.json", json.dumps([ticket]), OWN)).item
    assert SECRET not in str(item)
