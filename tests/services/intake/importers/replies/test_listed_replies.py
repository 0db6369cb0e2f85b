"""Replies that a cell lists, that an object has by their ids, and mails of one conversation."""

from __future__ import annotations

import json

import pytest

from services.intake.importers.entries import Row, RowDefaults
from tests.conftest import NOW
from tests.services.intake.importers.written_files import csv_rows, only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."
SECRET = "Replace the motor by the one of hall 5."
REPLIES = [
    {"author": "Ira", "body": ADVICE, "public": True},
    {"author": "Ira", "body": SECRET, "public": False},
]


def _row(cell: str) -> Row:
    quoted = cell.replace('"', '""')
    rows = f'id,title,text,status,comments\n7,Gate,{ASKED},closed,"{quoted}"\n'
    return only_row(csv_rows(rows))


@pytest.mark.parametrize("cell", [json.dumps(REPLIES), repr(REPLIES), f" {REPLIES!r}\n"])
def test_a_cell_may_list_objects(cell: str) -> None:
    """As JSON, or as Python writes them; what is not public in them is left out."""
    row = _row(cell)
    assert row.item.resolution == ADVICE
    assert [one["text"] for one in row.item.extra["replies"]] == [ADVICE]


@pytest.mark.parametrize("cell", [repr(REPLIES)[:-9], repr(REPLIES).replace("True", "<Yes>")])
def test_a_list_that_cannot_be_read_is_no_answer(cell: str) -> None:
    """It may have notes of the team; so it is not kept."""
    row = _row(cell)
    assert row.item.resolution is None
    assert "replies" not in row.item.extra


def test_a_text_in_brackets_is_one() -> None:
    """No list begins like that."""
    assert _row(f"[{{gate}}] {ADVICE}").item.resolution == f"[{{gate}}] {ADVICE}"


def test_replies_may_be_an_object_by_their_ids() -> None:
    """So Firebase writes lists."""
    comments = {"-Nx1": {"text": ADVICE, "author": "Ira", "createdAt": 1777881000000}}
    ticket = {"title": "Gate", "text": ASKED, "status": "closed", "comments": comments}
    data = {"tickets": {"-Na1": ticket, "-Na2": {"title": "Lift", "text": "It stops."}}}
    first, _ = read_file("t.json", json.dumps(data), OWN)
    assert isinstance(first, Row)
    assert (first.item.external_id, first.item.resolution) == ("-Na1", ADVICE)


def test_mails_of_a_conversation_are_one_ticket() -> None:
    """Their subjects are the same but for "RE:", and each has an id of its own."""
    mails = [
        {"id": "A1", "conversationId": "C1", "subject": "Gate", "body": {"content": ASKED},
         "from": {"emailAddress": {"name": "Ana"}}, "receivedDateTime": "2026-05-04T10:00:00Z"},
        {"id": "A2", "conversationId": "C1", "subject": "RE: Gate", "body": {"content": ADVICE},
         "from": {"emailAddress": {"name": "Ira"}}, "receivedDateTime": "2026-05-04T11:00:00Z"},
        {"id": "A3", "conversationId": "C2", "subject": "Lift", "body": {"content": "It stops."},
         "from": {"emailAddress": {"name": "Bo"}}, "receivedDateTime": "2026-05-04T12:00:00Z"},
    ]  # fmt: skip
    found = read_file("t.json", json.dumps({"value": mails}), OWN)
    rows = [one for one in found if isinstance(one, Row)]
    assert [(one.item.title, one.joined) for one in rows] == [("Gate", 1), ("Lift", 0)]
    assert rows[0].item.resolution == ADVICE


@pytest.mark.parametrize("name", ["Public reply", "Antwort an Kunden", "Respuesta pública"])
def test_what_the_customer_was_told_may_have_its_own_column(name: str) -> None:
    """Beside one of notes, which is not read."""
    header = f"Ticket;Subject;Text;Internal notes;{name};Status"
    row = only_row(csv_rows(f"{header}\n7;Gate;{ASKED};{SECRET};{ADVICE};closed\n"))
    assert row.item.resolution == ADVICE


def test_a_header_may_have_two_languages() -> None:
    """One of them is enough."""
    header = "Nr. / No.;Betreff / Subject;Beschreibung / Description;Status / State"
    item = only_row(csv_rows(f"{header}\nM-7;Tor;{ASKED};erledigt\n")).item
    assert (item.external_id, item.title, item.text) == ("M-7", "Tor", ASKED)
    assert item.status == "resolved"
