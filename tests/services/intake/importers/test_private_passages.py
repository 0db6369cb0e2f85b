"""Notes of the team within a cell, between what everybody may read."""

from __future__ import annotations

import pytest

from services.intake.importers.entries import RowDefaults
from tests.conftest import NOW
from tests.services.intake.importers.files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Bill the landlord for it twice."
NOTED = [
    f"2026-03-01 08:00 Uma: {ASKED}\n2026-03-01 09:00 Ira (internal): {SECRET}\n"
    f"2026-03-01 10:00 Ira: {ADVICE}",
    f"Reply by Uma on 2026-03-01 08:00:\n{ASKED}\n\nInternal note by Ira on 2026-03-01 09:00:\n"
    f"{SECRET}\n\nReply by Ira on 2026-03-01 10:00:\n{ADVICE}",
]


@pytest.mark.parametrize("cell", NOTED)
@pytest.mark.parametrize("column", ["Description", "Conversation"])
def test_a_conversation_with_notes_shows_what_is_public(column: str, cell: str) -> None:
    """Also where its column is called a text: the first message is the ticket."""
    table = f'id,title,author,status,{column}\n31,Heating,Uma,closed,"{cell}"\n'
    item = only_row(read_file("t.csv", table, OWN)).item
    assert (item.text, item.resolution) == (ASKED, ADVICE)


def test_a_text_with_a_remark_is_no_conversation() -> None:
    """What is said in one piece stays in one piece."""
    said = f"{ASKED} The display says [internal]."
    table = f'id,title,status,description\n31,Heating,closed,"{said}"\n'
    assert only_row(read_file("t.csv", table, OWN)).item.text == said


def test_what_stands_before_a_note_is_a_reply() -> None:
    """Only the note has a heading."""
    cell = f"{ADVICE}\n\nInternal note by Ira on 2026-03-01 09:00:\n{SECRET}"
    table = f'id,title,description,status,comments\n31,Heating,{ASKED},closed,"{cell}"\n'
    item = only_row(read_file("t.csv", table, OWN)).item
    assert (item.text, item.resolution) == (ASKED, ADVICE)
