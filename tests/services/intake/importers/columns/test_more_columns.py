"""Columns as more tools call them, headers below groups, and names with a namespace."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.intake.importers.entries import Row, RowDefaults
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from tests.conftest import NOW
from tests.services.intake.importers.written_files import csv_rows, only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
TEXT, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."


def _row(header: str, cells: str) -> Row:
    return only_row(csv_rows(f"{header}\n{cells}\n"))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Service Record #;Title;Text", "id"),
        ("Meldungsnummer;Titel;Text", "id"),
        ("TICKETNUMBER;Title;Text", "id"),
    ],
)
def test_ids_of_more_names(header: str, field: str) -> None:
    """By a word that a name ends with, too."""
    assert plan_of("t.csv", f"{header}\nM 7;Gate;{TEXT}\nM 8;Lift;It stops.\n").mapping[field]  # type: ignore[index]


@pytest.mark.parametrize(
    "name",
    [
        "Date Submitted",
        "created_utc",
        "firstSeen",
        "createdon",
        "Anmeldedatum",
        "Start time",
        "added_at",
        "Asked on",
        "Hinzugefügt am",
    ],
)
def test_dates_of_more_names(name: str) -> None:
    """Beside another column of dates, so what they hold does not tell."""
    row = _row(f"id,title,text,{name},last seen", f"7,Gate,{TEXT},2026-05-04,2026-05-09")
    assert row.item.created_at.date().isoformat() == "2026-05-04"


@pytest.mark.parametrize("name", ["Close time", "Completed Time", "CLOSEDDATE", "date solved"])
def test_times_of_solutions_of_more_names(name: str) -> None:
    """What they hold does not tell it."""
    row = _row(f"id,title,text,created,{name}", f"7,Gate,{TEXT},2026-05-04,2026-05-09")
    assert row.item.resolved_at is not None


@pytest.mark.parametrize("name", ["Last Post", "Latest reply", "Aktion"])
def test_last_replies_of_more_names(name: str) -> None:
    """One of a closed ticket may be the answer."""
    row = _row(f"id;title;text;status;{name}", f"7;Gate;{TEXT};closed;{ADVICE}")
    assert row.item.resolution == ADVICE


@pytest.mark.parametrize("name", ["is_solved", "isDone", "Fixed", "Ist gelöst", "Resuelta"])
def test_boxes_of_more_names(name: str) -> None:
    """Where no column has a word for the state."""
    rows = csv_rows(f"id,title,text,{name}\n7,Gate,{TEXT},True\n8,Lift,It stops.,False\n")
    assert [one.item.status for one in rows if isinstance(one, Row)] == ["resolved", None]


@pytest.mark.parametrize(
    ("created", "status", "answer"),
    [
        ("Reported", "Case state", "Closing note"),
        ("Meldezeitpunkt", "Bearbeitungsstand", "Erledigungsvermerk"),
        ("Eingegangen", "Vorgangsstatus", "Abschlussvermerk"),
        ("Fecha de la incidencia", "Estado de la incidencia", "Solución dada"),
        ("Fecha de recepción", "Estado actual", "Nota de cierre"),
        ("Registrado el", "Estado del caso", "Observaciones de cierre"),
    ],
)
def test_tables_of_teams_without_a_help_desk(created: str, status: str, answer: str) -> None:
    """They call when it came, how far it is, and what was done in words of their own."""
    item = _row(
        f"No;Title;Text;{created};{status};{answer};Due",
        f"7;Gate;{TEXT};2026-05-04;closed;{ADVICE};2026-05-09",
    ).item
    assert (item.is_dated, item.status, item.resolution) == (True, "closed", ADVICE)


def test_who_reported_it_is_no_date() -> None:
    """A column of that name may hold people."""
    row = _row("No,Title,Text,Reported,Opened", f"7,Gate,{TEXT},Ana,2026-05-04")
    assert row.item.created_at.date().isoformat() == "2026-05-04"


def test_progress_may_be_a_state() -> None:
    """Words for states are, and percentages are not."""
    rows = csv_rows(
        f"id,title,text,Progress\n7,Gate,{TEXT},Completed\n8,Lift,It stops.,Not started\n"
    )
    assert [one.item.status for one in rows if isinstance(one, Row)] == ["resolved", "open"]
    assert _row("id,title,text,Progress", f"7,Gate,{TEXT},50%").item.status is None


def test_a_program_is_no_author() -> None:
    """A column of clients may hold those of the network."""
    assert _row("id,title,text,client", f"7,Gate,{TEXT},web").item.author is None


@pytest.mark.parametrize("text", ["[removed]", "[deleted]"])
def test_what_was_taken_out_says_nothing(text: str) -> None:
    """So a forum writes texts and authors that are gone."""
    item = _row("id,title,selftext,author", f"7,Gate,{text},{text}").item
    assert (item.text, item.author) == ("", None)


def test_names_of_columns_may_stand_below_those_of_groups(tmp_path: Path) -> None:
    """A merged cell names several columns, and the row below names each."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["Ticket", None, None, "Customer", None],
        ["No.", "Subject", "Details", "Name", "Opened"],
        [1, "Gate jams", TEXT, "Ana", "2026-05-04"],
        [2, "Lift", "It stops.", "Bo", "2026-05-05"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    book.save(tmp_path / "t.xlsx")
    with open_inputs(tmp_path / "t.xlsx", io.BytesIO) as (found,):
        plan = make_plan(recognize(found, ReadOptions()), ReadOptions())
    assert (plan.rows, plan.mapping["title"], plan.mapping["text"]) == (
        2, ("Subject",), ("Details",),
    )  # fmt: skip


def _json(ticket: dict[str, Any]) -> Row:
    return only_row(read_file("t.json", json.dumps({"value": [ticket]}), OWN))


def test_odata_shows_what_a_code_means() -> None:
    """Microsoft's APIs write it beside the code."""
    label = "@OData.Community.Display.V1.FormattedValue"
    item = _json(
        {
            "ticketnumber": "CAS-7", "title": "Gate", "description": TEXT,
            "createdon": "2026-05-04T10:00:00Z", "statuscode": 5,
            f"statuscode{label}": "Problem Solved",
        }
    ).item  # fmt: skip
    assert (item.external_id, item.status, item.is_dated) == ("CAS-7", "resolved", True)


def test_fields_may_have_names_of_a_namespace() -> None:
    """Azure DevOps writes dots into the names of all of them."""
    item = _json(
        {
            "id": 7,
            "fields": {
                "System.Title": "Gate", "System.State": "Closed", "System.Description": TEXT,
                "System.CreatedDate": "2026-05-04T10:00:00Z", "System.CommentCount": 2,
                "Microsoft.VSTS.Common.ClosedDate": "2026-05-06T10:00:00Z",
            },
        }
    ).item  # fmt: skip
    assert (item.title, item.text, item.status) == ("Gate", TEXT, "closed")
    assert item.resolved_at is not None


@pytest.mark.parametrize(
    "name",
    [
        "Kundennummer", "Telefonnummer", "Seriennummer", "Raumnummer", "PhoneNumber",
        "AccountNumber", "Customer number", "Phone no", "Serial number", "Room nr",
        "Cost center code", "Tracking key", "Número de cliente", "Order number", "Employee ID",
        "PLZ Nummer",
    ],
)  # fmt: skip
def test_numbers_of_people_and_things_are_no_ids(name: str) -> None:
    """Each is there once in a short file; the next ticket of the same customer is another one."""
    rows = f"{name};Title;Text\nM 7;Gate;{TEXT}\nM 8;Lift;It stops.\n"
    assert "id" not in plan_of("t.csv", rows).mapping


def test_a_reply_that_was_removed_is_no_text_of_a_ticket() -> None:
    """Forums leave a mark in its place."""
    data = json.dumps([{"id": 7, "title": "Gate", "comments": [{"body": "[deleted]"}]}])
    item = only_row(read_file("t.json", data, OWN)).item
    assert (item.text, "replies" in item.extra) == ("", False)


def test_objects_in_cells_as_python_shows_them() -> None:
    """Scripts write such cells that put what an API gave them into a table."""
    cells = (
        "7,Gate,{},\"{{'name': \"\"Ana O'Hara\"\", 'id': None}}\",\"{{'name': 'Closed', 'id': 3}}\""
    )
    row = _row("id,title,text,reporter,status", cells.format(TEXT))
    assert (row.item.author, row.item.status) == ("Ana O'Hara", "closed")
    for odd in ("{'a': open('x')}", "{'" + "[" * 5_000, "{'a'", "[{'a': 1}, 2]", "{1: 2}"):
        row = _row("id,title,text,reporter", f'7,Gate,{TEXT},"{odd}"')
        assert row.item.author
        assert odd.startswith(row.item.author)


def test_lists_of_dates_are_no_texts() -> None:
    """Of a table without names of columns the longest one of words counts."""
    times = ";".join(["Mon May  4 10:00:00 2026"] * 4)
    lines = [f"{n},Gate {n} of the hall jams again,Fixed,{times},{n}_a;{n}_b" for n in (7, 8, 9)]
    rows = csv_rows("\n".join(lines))
    assert [one.item.text for one in rows if isinstance(one, Row)] == [
        f"Gate {n} of the hall jams again" for n in (7, 8, 9)
    ]


def test_names_of_teams_are_no_texts() -> None:
    """However long they are, they come again."""
    teams = ("Internal facility management department", "Customer service of the northern region")
    lines = [f"{n},Gate {n} jams,{teams[n % 2]}" for n in range(8)]
    assert not plan_of("t.csv", "\n".join(["No,Subject,Queue", *lines])).mapping["text"]


@pytest.mark.parametrize(
    "name", ["Corrective actions", "Action taken", "Ergriffene Maßnahmen", "Acciones realizadas"]
)
def test_answers_of_more_names(name: str) -> None:
    """As those call them who keep a list of faults."""
    assert _row(f"id;title;text;{name}", f"7;Gate;{TEXT};{ADVICE}").item.resolution == ADVICE


@pytest.mark.parametrize("name", ["reporter_name", "Creator Name", "user_email", "submitterEmail"])
def test_authors_of_more_names(name: str) -> None:
    """By name or by address."""
    assert _row(f"id,title,text,{name}", f"7,Gate,{TEXT},Ana Ruiz").item.author == "Ana Ruiz"


def test_a_ticket_with_an_answer_and_no_state_is_resolved() -> None:
    """What its other columns say goes before, and an answer that says nothing is none."""
    assert _row("id;title;text;resolution", f"7;Gate;{TEXT};{ADVICE}").item.status == "resolved"
    item = _row("id,title,text,resolution", f"7,Gate,{TEXT},This issue is resolved.").item
    assert (item.status, item.resolution) == (None, None)
    row = _row("id;title;text;resolution;status", f"7;Gate;{TEXT};{ADVICE};waiting")
    assert row.item.status == "pending"
