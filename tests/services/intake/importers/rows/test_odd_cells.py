"""Cells, quotes and names of columns as databases, spreadsheets and help desks write them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest

from services.intake.importers.audience.private_texts import is_text_of_team
from services.intake.importers.entries import Row, RowDefaults
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.records import without_escapes
from services.intake.importers.rows.tickets import TicketReader
from services.memory.new_items import NewItem
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Replace the pump, and bill the landlord for it twice."


def _item(comments: str) -> NewItem:
    cell = comments.replace('"', '""')
    table = f'id,subject,description,status,comments\n31,Heating,{ASKED},closed,"{cell}"\n'
    return only_row(read_file("t.csv", table, OWN)).item


@pytest.mark.parametrize(
    "cell",
    [
        f"[2026-05-04 08:00] Uma: Still cold.\n[2026-05-04 09:00] Ira: {ADVICE}\n"
        f"[2026-05-04 10:00] Ira (internal): {SECRET}",
        f"Ira (May 04, 2026 @ 09:00 AM): {ADVICE}\n"
        f"Ira (May 04, 2026 @ 10:00 AM): [Private] {SECRET}",
        f"Public reply by Ira on 2026-05-04 09:00:\n{ADVICE}\n\n"
        f"Internal note by Ira on 2026-05-04 10:00:\n{SECRET}",
    ],
)  # fmt: skip
def test_each_part_of_a_cell_says_for_whom_it_is(cell: str) -> None:
    """By its author, a mark or its heading; the public one answers."""
    item = _item(cell)
    shown = [one["text"] for one in item.extra["replies"] if one.get("public", True)]
    assert (item.resolution, shown[-1]) == (ADVICE, ADVICE)


@pytest.mark.parametrize(
    "cell",
    [
        f"Internal note: {SECRET}", f"Ira | 4 May | Private | {SECRET}",
        f"*Interne Notiz von Ira*\n{SECRET}", f"{ADVICE}\n-- Private comment - Ira\n{SECRET}",
    ],
)  # fmt: skip
def test_a_cell_with_a_note_is_no_answer(cell: str) -> None:
    """Where its parts cannot be told apart."""
    assert _item(cell).resolution is None


@pytest.mark.parametrize(
    "text",
    [
        "Internal error: restart it", "Private key: upload it again",
        "The private note: where is it?",
        "Notes: open the valve", "a | b | c", "Internal server is down on Monday",
    ],
)  # fmt: skip
def test_other_headings_are_no_notes(text: str) -> None:
    """An error, a key and a table."""
    assert not is_text_of_team(text)


def test_quotes_behind_backslashes() -> None:
    """MySQL writes them so, and missing values as backslash-N; a path ends with a backslash."""
    rows = (
        '"1","Say \\"hello\\"","It says \\"no\\", always.",\\N\n'
        '"2","Path","C:\\\\temp\\\\x is full, see there.",\\N\n'
    )
    found = read_file("t.csv", f'"id","subject","description","closed_at"\n{rows}', OWN)
    items = [one.item for one in found if isinstance(one, Row)]
    assert [(one.title, one.text) for one in items] == [
        ('Say "hello"', 'It says "no", always.'),
        ("Path", "C:\\temp\\x is full, see there."),
    ]
    tex = 'id,subject,description\n1,Name,"M\\""uller, in TeX, is printed wrong."\n'
    assert (
        only_row(read_file("t.csv", tex, OWN)).item.text == 'M\\"uller, in TeX, is printed wrong.'
    )
    path = 'id,subject,description\n1,"C:\\temp\\","The folder ""temp"" is full."\n'
    assert only_row(read_file("t.csv", path, OWN)).item.text == 'The folder "temp" is full.'


@pytest.mark.parametrize("prefix", ["ows_", "hd_", "tickets."])
def test_a_word_that_all_columns_begin_with(prefix: str) -> None:
    """As in rows of SharePoint and in many databases."""
    row = {
        "ID": "31", "Title": "Heating", "Body": ASKED, "Status": "Closed",
        "Created": "2026-05-04 08:00:00", "Resolution": ADVICE,
    }  # fmt: skip
    data = json.dumps([{prefix + name: value for name, value in row.items()}])
    item = only_row(read_file("t.json", data, OWN)).item
    assert (item.external_id, item.title, item.text) == ("31", "Heating", ASKED)
    assert (item.status, item.resolution, item.is_dated) == ("closed", ADVICE, True)


def test_what_excel_writes_for_itself(tmp_path: Path) -> None:
    """Carriage returns as their numbers, and zeros for the end of long ids, which are none then."""
    book = openpyxl.Workbook()
    for row in (
        ["Ticket ID", "Subject", "Description"],
        [1892000000042030, "Heating", "It is_x000D_\ncold."],
        [1892000000042030, "Heating", "Another heating is cold."],
        [123456789012345, "Door", "It jams."],
    ):
        book.worksheets[0].append(row)
    book.save(tmp_path / "t.xlsx")
    with open_inputs(tmp_path / "t.xlsx", io.BytesIO) as (found,):
        plan = make_plan(recognize(found, ReadOptions()), ReadOptions())
        items = [one.item for one in TicketReader(plan, OWN).read() if isinstance(one, Row)]
    assert [one.text for one in items] == ["It is\ncold.", "Another heating is cold.", "It jams."]
    assert [one.external_id.startswith("row-") for one in items] == [True, True, False]
    assert "2 ids were shortened" in plan.warnings[0]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a_x0020_b", "a b"), ("_xD83D__xDE00_", "\U0001f600"), ("_xD83D_", "\ufffd"),
        ("_x005F_x0041_", "_x0041_"), ("a_xyz_", "a_xyz_"),
    ],
)  # fmt: skip
def test_characters_as_numbers(written: str, text: str) -> None:
    """Those beyond the first 65,536 are two; half of one is none."""
    assert without_escapes(written) == text
