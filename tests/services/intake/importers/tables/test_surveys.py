"""Forms and surveys: headers of several rows, and columns that are called by whole questions."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from services.intake.importers.entries import Row, RowDefaults
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from tests.conftest import NOW
from tests.services.intake.importers.written_files import csv_rows, plan_of

TEXTS = ["The gate of hall 2 jams since noon.", "My badge does not open the door."]
SURVEY = [
    ["Respondent ID", "Start Date", "End Date", "Email Address", "What is the problem?",
     "Where does it happen?", "", "", "May we call you?"],
    ["", "", "", "", "Open-Ended Response", "Hall 2", "Hall 5", "Other", "Response"],
    ["118777", "05/14/2026 10:11:12 AM", "05/14/2026 10:15:12 AM", "ana@globex.example", TEXTS[0],
     "Hall 2", "", "", "Yes"],
    ["118778", "05/15/2026 10:11:12 AM", "05/15/2026 10:15:12 AM", "bo@globex.example", TEXTS[1],
     "", "", "Yard", "No"],
]  # fmt: skip


def _csv(rows: list[list[str]]) -> str:
    return "".join(";".join(row) + "\n" for row in rows)


def _texts(data: str) -> list[str]:
    return [one.item.text for one in csv_rows(data) if isinstance(one, Row)]


def test_choices_below_a_question_are_part_of_its_name() -> None:
    """The second row of a survey is no ticket; a column for each choice says what was chosen."""
    first, other = csv_rows(_csv(SURVEY))
    assert isinstance(first, Row)
    assert isinstance(other, Row)
    assert (first.item.external_id, first.item.text) == ("118777", TEXTS[0])
    assert first.item.created_at.isoformat() == "2026-05-14T10:11:12+00:00"
    assert first.item.extra["Where does it happen?: Hall 2"] == "Hall 2"
    assert other.item.extra["Where does it happen?: Other"] == "Yard"
    assert other.item.extra["May we call you?"] == "No"


def test_a_workbook_of_a_survey_has_such_a_header_too(tmp_path: Path) -> None:
    """Cells of a sheet are looked at like those of a text."""
    book = openpyxl.Workbook()
    for row in SURVEY:
        book.worksheets[0].append([cell or None for cell in row])
    book.save(tmp_path / "survey.xlsx")
    with open_inputs(tmp_path / "survey.xlsx", io.BytesIO) as (sheet,):
        plan = make_plan(recognize(sheet, ReadOptions()), ReadOptions())
        found = list(TicketReader(plan, RowDefaults(None, "ticket", NOW)).read())
    assert [one.item.text for one in found if isinstance(one, Row)] == TEXTS


@pytest.mark.parametrize("has_questions", [True, False])
def test_import_ids_end_a_header(has_questions: bool) -> None:
    """Qualtrics has short names, questions and ids of its own above the answers."""
    rows = [
        ["StartDate", "Status", "ResponseId", "Q1", "Q2"],
        ["Start Date", "Response Type", "Response ID", "Describe the problem.", "How bad is it?"],
        ['{"ImportId":"startDate"}', '{"ImportId":"status"}', '{"ImportId":"_recordId"}',
         '{"ImportId":"QID1_TEXT"}', '{"ImportId":"QID2"}'],
        ["2026-05-04 10:00:00", "IP Address", "R_1", TEXTS[0], "High"],
        ["2026-05-05 10:00:00", "IP Address", "R_2", TEXTS[1], "Low"],
    ]  # fmt: skip
    data = _csv(rows if has_questions else [rows[0], *rows[2:]])
    found = [one for one in csv_rows(data) if isinstance(one, Row)]
    assert [one.item.text for one in found] == TEXTS
    assert [one.item.external_id for one in found] == ["R_1", "R_2"]
    assert found[0].item.extra["How bad is it?" if has_questions else "Q2"] == "High"


def test_a_first_row_without_an_id_and_a_date_is_a_row() -> None:
    """Every column has a name, so the row names none."""
    rows = ["id,created,title,text", f",,Gate,{TEXTS[0]}", f"8,2026-05-04,Badge,{TEXTS[1]}"]
    assert _texts("\n".join(rows) + "\n") == TEXTS


@pytest.mark.parametrize(
    "questions",
    [
        ["What went wrong when you used the gate?", "Where did you stand when it did so?"],
        ["Bitte beschreibe das Problem so genau wie du kannst", "Wo warst du, als es geschah?"],
        ["¿Qué problema tiene con la puerta de la sala?", "¿Dónde estaba cuando ocurrió eso?"],
    ],
)
def test_long_questions_are_names_of_columns(questions: list[str]) -> None:
    """Nobody else has a date or a number, and the one that asks for the matter gives the text."""
    rows = [questions, [TEXTS[0], "Beside it, in the rain of the morning"], [TEXTS[1], "Hall 5"]]
    plan = plan_of("form.csv", _csv(rows))
    assert (plan.rows, plan.mapping["text"]) == (2, (questions[0],))


def test_questions_in_all_rows_are_rows() -> None:
    """A list of questions without a header has no names."""
    rows = [["How do I open the gate?", "Who has the key of the gate?"],
            ["Why is the hall dark?", "Where is the switch of the light?"]]  # fmt: skip
    assert plan_of("faq.csv", _csv(rows)).rows == 2


@pytest.mark.parametrize(
    "rows",
    [
        ["id,subject,,created,hours", f",Gate,{TEXTS[0]},,", f"8,Badge,{TEXTS[1]},2026-05-04,4"],
        ["Betreff,Beschreibung,Datum,Stunden,Antwort", f"Tor,{TEXTS[0]},,,Antwort",
         f"Ausweis,{TEXTS[1]},2026-05-04,4,Erledigt"],
    ],
)  # fmt: skip
def test_a_short_first_row_below_names_of_fields_is_a_row(rows: list[str]) -> None:
    """Choices stand below questions, and not below a subject; a ticket may lack its date."""
    assert len(csv_rows("\n".join(rows) + "\n")) == len(TEXTS)
