"""Marks by which people and programs say that something is for the team alone."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from services.intake.importers.audience.private_texts import is_text_of_team
from services.intake.importers.audience.reply_audience import is_public_name
from services.intake.importers.entries import Row, RowDefaults
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge and close it again."
SECRET = "He has not paid since spring."


@pytest.mark.parametrize(
    "mark",
    [
        "Nicht für Kunden:", "Nicht für den Kunden bestimmt:", "Nur fürs Team:",
        "Bitte nicht an Kunden weitergeben:", "Nur zur internen Verwendung:", "Vertraulich:",
        "Für Kunden nicht sichtbar:", "Sichtbarkeit: intern\n", "Zugriff: Intern\n",
        "Not for customers:", "Not for the client -", "Staff only:", "Only for agents:",
        "Don't tell the customer:", "Please do not share with the customer:", "Confidential:",
        "For internal eyes only:", "Access: Internal\n", "Visibility: Private\n",
        "Type: Internal note\n", "[Not for customers]", "Hidden from customers:",
        "No para clientes:", "Solo para el equipo:", "No compartir con el cliente:",
        "Para uso interno:", "Acceso: interno\n", "Visibilidad: privada\n", "(No para clientes)",
    ],
)  # fmt: skip
def test_a_comment_that_is_marked_is_no_answer(mark: str) -> None:
    """In any of the languages, also below a greeting; it is not kept."""
    for said in (f"{mark} {SECRET}", f"Hi,\n{mark} {SECRET}"):
        is_first_alone = mark in ("Vertraulich:", "Confidential:") and said.startswith("Hi")
        table = f'id,title,text,status,comments\n7,Gate,{ASKED},closed,"{said}"\n'
        item = only_row(read_file("t.csv", table, OWN)).item
        assert is_first_alone or (item.resolution, SECRET in str(item.extra)) == (None, False)


@pytest.mark.parametrize(
    "said",
    [
        "Access: Internal network is down.", "Customers: they wait outside.", "Team: Berlin\nOk.",
        "Not for long: it stops again.", "For customers: restart it.", "For staff: use the form.",
        "Do not share your password: it is secret.", "Visibility: good\nIt is bright.",
        "Type: internal\nserver error", "Kunden: alle neu starten.", "Internal server: restart it.",
        "Für Kunden: bitte neu starten.", "Solo: pulse el botón.", "Para clientes: reinicie.",
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_mark_is_none(said: str) -> None:
    """It is about customers, or about what is internal."""
    assert not is_text_of_team(said)


@pytest.mark.parametrize(
    ("column", "no", "yes"),
    [
        ("Shared with", "Internal", "Customer"), ("Who can see", "Staff", "Everyone"),
        ("Public?", "Internal", "Yes"), ("Öffentlich?", "Intern", "Ja"),
        ("Geteilt mit", "Team", "Kunde"), ("Quién puede ver", "Equipo", "Todos"),
        ("Visible al cliente", "Interno", "Sí"), ("Access", "Internal", "External"),
    ],
)  # fmt: skip
def test_a_field_beside_a_comment_says_who_reads_it(column: str, no: str, yes: str) -> None:
    """By a name for readers, or by a word for them in place of yes and no."""
    rows = "".join(
        f"7,Gate,{text},{value},closed\n"
        for text, value in ((ASKED, yes), (SECRET, no), (ADVICE, yes))
    )
    table = f"Ticket ID,Title,Message,{column},Status\n{rows}"
    item = only_row([one for one in read_file("t.csv", table, OWN) if isinstance(one, Row)]).item
    assert (item.resolution, SECRET in str(item)) == (ADVICE, False)


@pytest.mark.parametrize(
    "column",
    [
        "Nicht für den Kunden", "No para clientes", "No para el cliente", "Notas del agente",
        "Bearbeiternotiz", "Teamnotiz", "Not for the customer", "Nur Mitarbeiter",
    ],
)  # fmt: skip
def test_a_column_is_called_for_the_team(column: str) -> None:
    """What is in it answers nobody."""
    table = f"id,title,text,status,{column}\n7,Gate,{ASKED},closed,{SECRET}\n"
    assert only_row(read_file("t.csv", table, OWN)).item.resolution is None


@pytest.mark.parametrize("column", ["Antwort Team", "Respuesta del equipo", "Staff reply"])
def test_what_the_team_answers_is_for_the_customer(column: str) -> None:
    """Although the column names the team."""
    assert is_public_name(column)


def _book(path: Path) -> None:
    """Write a workbook with a hidden row and a hidden column."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(("id", "title", "text", "Remark"))
    sheet.append((7, "Gate", ASKED, SECRET))
    sheet.append((8, "Lift", SECRET, ""))
    sheet.append((9, "Door", "The door of hall 3 squeaks.", ""))
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    book.save(path)


def test_what_a_workbook_hides_is_not_read(tmp_path: Path) -> None:
    """Rows and columns that people do not see in Excel; a warning counts them."""
    _book(tmp_path / "t.xlsx")
    with open_inputs(tmp_path / "t.xlsx", io.BytesIO) as (sheet,):
        plan = make_plan(recognize(sheet, ReadOptions()), ReadOptions())
        rows = [one for one in TicketReader(plan, OWN).read() if isinstance(one, Row)]
        warnings = " ".join(plan.warnings)
    assert [one.item.external_id for one in rows] == ["7", "9"]
    assert SECRET not in str(rows)
    assert "not read, as they are hidden: 1 row and 1 column" in warnings


def test_rows_that_a_saved_page_hides_are_not_read() -> None:
    """So Excel writes them in HTML."""
    row = "<tr{}><td>{}</td><td>Gate</td><td>{}</td></tr>"
    head = "<tr><th>id</th><th>title</th><th>text</th></tr>"
    rows = row.format("", 7, ASKED) + row.format(" style='display: none'", 8, SECRET)
    page = f"<html><body><table>{head}{rows}</table></body></html>"
    assert only_row(read_file("t.xls", page, OWN)).item.external_id == "7"
