"""Blocks of lines that name a field each are tickets."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest

from services.intake.importers.entries import Row, RowError
from services.intake.importers.files.lines import MAX_RECORD
from services.intake.importers.records import Record
from services.intake.importers.tables.labelled_lines import is_labelled, read_labelled
from tests.services.intake.importers.written_files import plan_of, read_file

MATTER = "The kettle of room 5 leaks."
OF_RT = f"""RT/4.4.3 200 Ok

id: ticket/101
Queue: Help
Creator: ira@example.com
Subject: Kettle
Status: resolved
Created: Mon May 04 08:00:00 2026
Resolved: Tue May 05 08:00:00 2026
Text: {MATTER}
      It does so
      since Monday.

--

id: ticket/102
Queue: Help
Creator: bo@example.com
Subject: Lamp
Status: open
Created: Wed May 06 08:00:00 2026
Resolved: Not set
Text: It flickers.

      Note: only in the evening.
"""


def test_tickets_of_request_tracker_are_read() -> None:
    """Longer texts go on below; a ruler or a blank line between two tickets is no part of them."""
    plan = plan_of("tickets.txt", OF_RT)
    assert "name their fields" in plan.table.format
    rows = [one.item for one in read_file("tickets.txt", OF_RT) if isinstance(one, Row)]
    assert [(one.external_id, one.title, one.status) for one in rows] == [
        ("ticket/101", "Kettle", "resolved"), ("ticket/102", "Lamp", "open"),
    ]  # fmt: skip
    assert rows[0].text == f"{MATTER}\nIt does so\nsince Monday."
    assert rows[0].created_at == datetime(2026, 5, 4, 8, tzinfo=UTC)
    assert rows[1].text == "It flickers.\n\nNote: only in the evening."
    assert rows[1].resolved_at is None


def test_blocks_without_a_heading_are_read() -> None:
    """In any of the languages."""
    text = "\ufeffTicket: 1\r\nBetreff: Lampe\r\nBeschreibung: Sie flackert.\r\nStatus: offen\r\n"
    more = "\r\nTicket: 2\r\nBetreff: Lift\r\nBeschreibung: Er steht.\r\nStatus: erledigt\r\n"
    rows = [one.item for one in read_file("t.txt", text + more) if isinstance(one, Row)]
    assert [(one.external_id, one.text, one.status) for one in rows] == [
        ("1", "Sie flackert.", "open"), ("2", "Er steht.", "resolved"),
    ]  # fmt: skip


def test_a_line_that_is_too_long_costs_itself() -> None:
    """What follows is read."""
    first, second = "id: 1\nsubject: Lamp\nstatus: open\n", "id: 2\nsubject: Lift\n"
    text = f"{first}\n{'x' * (MAX_RECORD + 9)}\n\n{second}"
    entries = read_file("t.txt", text)
    assert [type(one) for one in entries] == [RowError, Row, Row]


def test_a_long_text_takes_no_longer_for_each_of_its_lines() -> None:
    """All of its lines are kept."""
    lines = 60_000
    text = "id: 1\nsubject: Lamp\nstatus: open\ndescription: It\n" + "flickers.\n" * lines
    [record] = read_labelled(StringIO(text))
    assert isinstance(record, Record)
    assert record.values["description"] == "It" + "\nflickers." * lines


@pytest.mark.parametrize(
    "text",
    [
        "Subject: one\nNothing else here\n",
        "id: 1\nsubject: Lamp\nstatus: open\nand a line of prose\n",
        "id;subject\n1;Note: it jams\n",
        "Question: why does it jam?\n",
        "10:00 Ira: it jams\n10:01 Uwe: oil it\n",
    ],
)
def test_other_texts_are_none(text: str) -> None:
    """Prose, tables, and fewer known names."""
    assert not is_labelled(text)
