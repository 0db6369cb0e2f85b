"""Tables of no known tool: their columns are known by names and by what they hold."""

# ruff: noqa: E501 - rows as people write them

from __future__ import annotations

import pytest

from services.intake.importers.entries import Row, RowDefaults
from tests.conftest import NOW
from tests.services.intake.importers.written_files import plan_of, read_file


def rows_of(name: str, data: str) -> list[Row]:
    """Return the rows of a file."""
    entries = read_file(name, data, RowDefaults(None, "ticket", NOW))
    return [one for one in entries if isinstance(one, Row)]


def test_what_is_not_used_is_named() -> None:
    """Columns of no field are kept as metadata, and the plan names them."""
    plan = plan_of("tickets.csv", "id,text,Floor,Room\n1,x,2,\n")
    assert (plan.layout.label, plan.unused) == ("a table", ("Floor", "Room"))


def test_a_medium_is_no_channel_and_a_choice_no_answer() -> None:
    """ "email" names no Slack channel, and "Done" answers nothing."""
    data = (
        "id,text,Status,Resolution,Channel\n1,x,,Done,email\n2,y,Offen,,web\n3,z,,Unresolved,chat\n"
    )
    found = [(row.channel, row.item.status, row.item.resolution) for row in rows_of("t.csv", data)]
    assert found == [(None, "resolved", None), (None, "open", None), (None, None, None)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Case,Issue Description,Steps Taken\nC-1,cannot log in to the portal,checked it\n",
         ("C-1", None, "cannot log in to the portal", None)),
        ("Question,Answer\nHow do I reset it?,Click on forgot password.\n",
         (None, None, "How do I reset it?", "Click on forgot password.")),
        ("Número\tAsunto\tDescripción\tRespuesta\n1\tRed\tNo conecta\tReinicia el router\n",
         ("1", "Red", "No conecta", "Reinicia el router")),
        ("Ticketnummer;Betreff;Nachricht;Lösung;Kanal\n1;Netz;Geht nicht;Neu gestartet;E-Mail\n",
         ("1", "Netz", "Geht nicht", "Neu gestartet")),
        ("id,text,created,author\n1,x,NULL,\\N\n", ("1", None, "x", None)),
        ('{"ticketId": 1, "details": {"subject": "Net", "description": "down"}, "user": {"body": "no"}}',
         ("1", "Net", "down", None)),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_names(data: str, expected: tuple[object, ...]) -> None:
    """In the product's languages, in inner objects, and whatever stands for nothing in a cell."""
    (row,) = rows_of("t", data)
    item = row.item
    id_ = None if item.external_id.startswith("row-") else item.external_id
    assert (id_, item.title, item.text, item.resolution) == expected
    assert (row.channel, item.author, row.warnings) == (None, None, ())


def test_columns_without_known_names_are_known_by_what_they_hold() -> None:
    """The one of long texts, the one of dates, and the unique one that is called a number."""
    words = "the scanner in the hall beeps twice and stops again"
    lines = [f"N{number},{number} {words},{number}.05.2026,floor" for number in range(1, 9)]
    rows = rows_of("t.csv", "\n".join(["my no,what,when it was,where", *lines]))
    assert [(row.item.external_id, row.item.created_at.day) for row in rows] == [
        (f"N{number}", number) for number in range(1, 9)
    ]
    assert rows[0].item.text == f"1 {words}"


def test_roles_of_a_conversation_say_who_answered() -> None:
    """In rows of a conversation the team's reply is the answer."""
    data = (
        "conversation_id,role,message,timestamp\n"
        "c1,user,My order has not arrived,2026-05-04T10:00:00Z\n"
        "c1,agent,I have sent a new one with tracking.,2026-05-04T10:05:00Z\n"
        "c1,user,thanks,2026-05-04T10:06:00Z\n"
    )
    (row,) = rows_of("chat.csv", data)
    assert (row.item.text, row.joined) == ("My order has not arrived", 2)
    assert row.item.resolution == "I have sent a new one with tracking."
