"""A single note in an object of its own: private where it says so, whatever it is called."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from services.intake.importers.dates.date_parsing import DateReader
from services.intake.importers.entries import Row, RowDefaults, Skipped
from services.intake.importers.replies.reply_lists import ReplyReader
from services.intake.importers.rows.text_cleaning import clean_text
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Replace the pump, and bill the landlord for it twice."


@pytest.mark.parametrize("field", ["comment", "note", "answer", "last_comment"])
@pytest.mark.parametrize("mark", [{"public": False}, {"internal": True}, {"type": "internal_note"}])
@pytest.mark.parametrize("is_cell", [True, False])
def test_an_object_of_one_note_is_neither_text_nor_answer(
    field: str, mark: dict[str, Any], is_cell: bool
) -> None:
    """In JSON, and as JSON in a cell; one that all may read is."""

    def said(text: str, mark: dict[str, Any]) -> str:
        inner = {"body": text, **mark}
        ticket = {"id": 31, "title": "Heating", "status": "closed"}
        ticket[field] = json.dumps(inner) if is_cell else inner
        item = only_row(read_file("t.json", json.dumps([ticket]), OWN)).item
        return f"{item.text} {item.resolution}"

    assert SECRET not in said(SECRET, mark)
    assert ADVICE in said(ADVICE, {"public": True})


@pytest.mark.parametrize(
    "note",
    [
        {"activity": {"body": SECRET, "is_private": True}},
        {"last_entry": {"body": SECRET, "public": False}},
        {"post": {"body": SECRET, "hidden": True}},
        {"response": {"html": SECRET, "audience": "staff"}},
        {"answer": {"data": {"text": SECRET}, "public": False}},
    ],
)
@pytest.mark.parametrize("is_cell", [True, False])
def test_a_note_is_private_whatever_its_object_is_called(
    note: dict[str, Any], is_cell: bool
) -> None:
    """Also where its text lies deeper, or under a name that no ticket has."""
    [(name, inner)] = note.items()
    ticket = {"id": 31, "title": "Heating", "status": "closed"}
    ticket[name] = json.dumps(inner) if is_cell else inner
    item = only_row(read_file("t.json", json.dumps([ticket]), OWN)).item
    assert SECRET not in f"{item.text} {item.resolution}"


NOTE = {"body": SECRET, "public": False}


@pytest.mark.parametrize("field", ["comment", "answer", "reply", "resolution"])
@pytest.mark.parametrize("note", [NOTE, [NOTE], {"items": [{"body": ADVICE}, NOTE]}])
def test_a_private_note_among_plain_cells_is_seen(field: str, note: Any) -> None:
    """Others of its column are texts; what a customer pasted stays a text."""
    pasted = [{"name": "gate", "private": True}]
    cells = [json.dumps(note), ADVICE, ADVICE]
    texts = [ASKED, ASKED, json.dumps(pasted)]
    rows = [
        {"id": n, "title": "Heating", "status": "closed", "description": text, field: cell}
        for n, (text, cell) in enumerate(zip(texts, cells, strict=True))
    ]
    found = [one for one in read_file("t.json", json.dumps(rows), OWN) if isinstance(one, Row)]
    assert [one.item.resolution for one in found] == [None, ADVICE, ADVICE]
    assert SECRET not in found[0].item.text
    assert found[2].item.text == json.dumps(pasted)


def test_a_confidential_ticket_in_an_object_is_left_out() -> None:
    """Whatever the object is called; what it says of itself is of the whole ticket."""
    ticket = {"id": 31, "title": "Heating", "description": ASKED}
    for name, is_private in product(("issue", "object_attributes"), (True, False)):
        event = {"kind": "issue", name: {**ticket, "confidential": is_private}}
        [found] = read_file("t.json", json.dumps([event]), OWN)
        assert isinstance(found, Skipped) is is_private


def test_what_another_object_says_of_itself_is_not_of_the_text() -> None:
    """A repository may be private, and whoever wrote may be hidden elsewhere."""
    event: dict[str, Any] = {"repo": {"private": True}, "entry": {"body": ASKED}}
    ticket = {"id": 31, "title": "Heating", "event": event}
    assert only_row(read_file("t.json", json.dumps([ticket]), OWN)).item.text == ASKED
    event["type"] = "note"
    assert only_row(read_file("t.json", json.dumps([ticket]), OWN)).item.text == ""


def test_replies_in_a_cell_that_do_not_say_for_whom_are_what_its_column_says() -> None:
    """A report of Salesforce says who wrote each, and when."""
    cell = f"Created By: Uwe (5/15/2026 8:00 AM) | {SECRET}"
    reader = ReplyReader(clean_text, DateReader())
    read = [reader.read(cell, frozenset(), one) for one in ("Internal comments", "Comments")]
    assert [[one.is_public for one in replies] for replies in read] == [[False], [True]]
