"""Comments beside mails, notes among messages, and what is public by its column's name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.entries import Row, RowDefaults
from services.memory.new_items import NewItem
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Replace the pump, and bill the landlord for it twice."


def _said(text: str, author: str, day: int, **more: Any) -> dict[str, Any]:
    return {"body": text, "author": author, "created_at": f"2026-03-0{day}T08:00:00Z", **more}


def _read(**fields: Any) -> NewItem:
    ticket = {"id": 31, "subject": "Heating", "status": "closed", **fields}
    return only_row(read_file("t.json", json.dumps([ticket]), OWN)).item


def _shown(item: NewItem) -> list[str]:
    return [one["text"] for one in item.extra["replies"] if one.get("public", True)]


@pytest.mark.parametrize("name", ["messages", "replies", "emails"])
@pytest.mark.parametrize("is_first", [True, False])
def test_comments_beside_mails_are_of_the_team(name: str, is_first: bool) -> None:
    """In all shared inboxes; they neither ask nor answer, whichever list stands first."""
    mails = {name: [_said(ASKED, "Uma", 1), _said(ADVICE, "Ira", 2)]}
    notes = {"comments": [_said(SECRET, "Ira", 3)]}
    item = _read(**(notes | mails if is_first else mails | notes))
    assert (item.text, item.author, item.resolution) == (ASKED, "Uma", ADVICE)
    assert SECRET not in _shown(item)


def test_comments_alone_are_for_all() -> None:
    """As in trackers."""
    item = _read(description=ASKED, reporter="Uma", comments=[_said(ADVICE, "Ira", 2)])
    assert item.resolution == ADVICE


@pytest.mark.parametrize(
    ("message", "note"),
    [("M", "N"), ("inbound_email", "comment"), ("E-Mail extern", "comment")],
)
def test_kinds_beside_each_other_say_which_is_a_note(message: str, note: str) -> None:
    """LiveAgent has letters, and a comment beside mails is none of them."""
    parts = [
        _said(ASKED, "Uma", 1, type=message),
        _said(ADVICE, "Ira", 2, type=message),
        _said(SECRET, "Ira", 3, type=note),
    ]
    item = _read(parts=parts)
    assert (item.text, item.resolution, _shown(item)) == (ASKED, ADVICE, [ADVICE])


@pytest.mark.parametrize("name", ["Public notes", "Public log", "Customer-facing answer"])
def test_a_public_column_has_the_answer(name: str) -> None:
    """Beside one for the team; iTop writes a ruled line above each entry."""
    head = "========== 2026-05-04 10:00:00 : Ira Diaz (5) ============\n" if "log" in name else ""
    table = f"id,subject,description,status,{name},Private notes\n31,Heating,{ASKED},closed,"
    item = only_row(read_file("t.csv", f'{table}"{head}{ADVICE}","{SECRET}"\n', OWN)).item
    assert (item.resolution, SECRET in json.dumps(item.extra)) == (ADVICE, False)


def test_notes_in_a_list_that_is_not_used_are_not_stored() -> None:
    """ServiceDesk Plus calls their texts descriptions."""
    notes = [
        {"id": 1, "description": SECRET, "show_to_requester": False},
        {"id": 2, "description": ADVICE, "show_to_requester": True},
    ]
    assert [one["id"] for one in _read(description=ASKED, notes=notes).extra["notes"]] == [2]


@pytest.mark.parametrize("name", ["Kommentare und Arbeitsnotizen", "Journal (intern)"])
def test_a_cell_whose_parts_say_what_they_are(name: str) -> None:
    """ServiceNow writes comments and work notes into one cell, in any language."""
    cell = (
        f"2026-05-04 10:00:00 - Ira Diaz (Arbeitsnotizen)\n{SECRET}\n\n"
        f"2026-05-04 09:00:00 - Ira Diaz (Zusätzliche Kommentare)\n{ADVICE}\n"
    )
    rows = f'INC1,Heating,{ASKED},Geschlossen,"{cell}"\nINC2,Gate,It jams.,Neu,\n'
    found = read_file("t.csv", f"Nummer,Kurzbeschreibung,Beschreibung,Status,{name}\n{rows}", OWN)
    assert isinstance(found[0], Row)
    assert (found[0].item.resolution, _shown(found[0].item)) == (ADVICE, [ADVICE])
