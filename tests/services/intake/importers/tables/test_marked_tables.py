"""Tables in HTML and in Excel's XML as programs write them: merged, nested, below comments."""

from __future__ import annotations

import pytest

from services.intake.importers.entries import Row
from tests.services.intake.importers.written_files import read_file

HEADER = "<tr><th>Key</th><th>Summary</th><th>Description</th></tr>"
GATE = "<tr><td>GATE-1</td><td>Gate jams</td><td>Since noon</td></tr>"
LIFT = "<tr><td>LIFT-2</td><td>Lift hums</td><td>All night</td></tr>"
TABLE = f"<table>{HEADER}{GATE}{LIFT}</table>"


def tickets(source: str) -> list[tuple[str, str | None, str, int]]:
    """Return id, title, text and joined rows of each ticket; every entry must be one."""
    entries = read_file("search.xls", source)
    assert all(isinstance(entry, Row) for entry in entries), entries
    return [
        (row.item.external_id, row.item.title, row.item.text, row.joined)
        for row in entries
        if isinstance(row, Row)
    ]


BOTH = [("GATE-1", "Gate jams", "Since noon", 0), ("LIFT-2", "Lift hums", "All night", 0)]


@pytest.mark.parametrize(
    "source",
    [
        f"<!-- saved by Contoso Desk --> <!-- 2026 -->\n<html>{TABLE}</html>",
        f"<div class='report'>{TABLE}</div>",
        f"\n<body>{TABLE}</body>",
        '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x">'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{TABLE}</body></html>',
        f"<table><tr><td><h1>Tickets of March</h1>{TABLE}</td></tr></table>",
    ],
)
def test_whatever_a_page_begins_with_its_table_is_read(source: str) -> None:
    """Comments, other elements, and a table that only places the one of the tickets."""
    assert tickets(source) == BOTH


def test_cells_that_reach_into_rows_below_hold_there() -> None:
    """The rows of a ticket whose id is merged are one ticket with its replies."""
    merged = "<td rowspan=2>GATE-1</td><td rowspan=2>Gate jams</td><td>Since noon</td>"
    html = f"<table>{HEADER}<tr>{merged}</tr><tr><td>Oiled the rail</td></tr>{LIFT}</table>"
    assert tickets(html) == [("GATE-1", "Gate jams", "Since noon", 1), BOTH[1]]


def test_a_table_in_a_cell_is_a_text() -> None:
    """Its rows are none of the tickets'."""
    inner = "Since<table><tr><td>noon</td><td>Monday</td></tr></table>"
    gate, lift = tickets(TABLE.replace("Since noon", inner))
    assert (gate[0], lift) == ("GATE-1", BOTH[1])
    assert "noon" in gate[2].split()


def workbook(*sheets: str) -> str:
    """Return a workbook as Excel's XML of 2003; `|` ends a cell, `/` a row."""
    body = "".join(
        f"<Worksheet><Table>{''.join(map(_row, sheet.split('/')))}</Table></Worksheet>"
        for sheet in sheets
    )
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    return f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}">{body}</Workbook>'


def _row(cells: str) -> str:
    made = []
    for cell in cells.split("|"):
        attributes, _, text = cell.rpartition("]")
        made.append(f"<Cell {attributes.strip('[')}><Data>{text}</Data></Cell>")
    return f"<Row>{''.join(made)}</Row>"


SHEET = "Key|Summary|Description/GATE-1|Gate jams|Since noon/LIFT-2|Lift hums|All night"


def test_the_largest_sheet_is_read() -> None:
    """A cover that stands before the tickets is not taken for them."""
    assert tickets(workbook("Tickets of March/by Kim", SHEET, "Legend")) == BOTH


def test_merged_cells_of_a_workbook_keep_others_in_their_columns() -> None:
    """One over two columns leaves the second empty, one over two rows holds in both."""
    wide = SHEET.replace("Summary", "Summary|Hours")
    wide = wide.replace("Gate jams", "[ss:MergeAcross='1']Gate jams").replace("hums", "hums|3")
    assert tickets(workbook(wide)) == BOTH
    merged = "[ss:MergeDown='1']GATE-1|[ss:MergeDown='1']Gate jams|Since noon"
    tall = SHEET.replace("GATE-1|Gate jams|Since noon", f"{merged}/[ss:Index='3']Oiled the rail")
    assert tickets(workbook(tall)) == [("GATE-1", "Gate jams", "Since noon", 1), BOTH[1]]


def test_a_comment_on_a_cell_is_not_its_text() -> None:
    """What somebody noted beside a value is no part of it."""
    note = "Gate jams</Data><Comment><Data>Kim: really?</Data></Comment>"
    assert tickets(workbook(SHEET).replace("Gate jams</Data>", note)) == BOTH


HIDDEN_HTML = [
    ("<col><col><col><col span=2 style='display:none'>", "", ""),
    ("", " style='width:0; Display: NONE'", ""),
    ("", " hidden", " hidden"),
]


@pytest.mark.parametrize(("columns", "cell", "row"), HIDDEN_HTML)
def test_columns_that_a_page_hides_are_not_read(columns: str, cell: str, row: str) -> None:
    """Nor are rows: whoever saved it did not mean to show them."""
    head = HEADER.replace("</tr>", f"<th{cell}>Remark</th></tr>")
    told = f"<td{cell}>He has not paid</td></tr>"
    rows = "".join(one.replace("</tr>", told) for one in (GATE, LIFT))
    more = GATE.replace("GATE-1", "GATE-3").replace("<tr>", f"<tr{row or ' hidden'}>")
    entries = read_file("search.xls", f"<table>{columns}{head}{rows}{more}</table>")
    assert [one.item.external_id for one in entries if isinstance(one, Row)] == ["GATE-1", "LIFT-2"]
    assert "paid" not in str(entries)


def test_columns_and_sheets_that_a_workbook_hides_are_not_read() -> None:
    """Also of Excel's XML, where a column may say for how many more it stands."""
    told = SHEET.replace("/", "|Remark|By/", 1).replace("noon", "noon|He has not paid|Kim")
    columns = '<Column ss:Width="80"/><Column ss:Index="4" ss:Span="1" ss:Hidden="1"/>'
    source = workbook(told, f"{SHEET}/GATE-3|Bell|Is silent")
    state = "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Work"
    source = source.replace("<Table>", f"<Table>{columns}", 1).replace("</Worksheet></Work", state)
    assert tickets(source) == BOTH
    assert "paid" not in str(read_file("search.xls", source))
