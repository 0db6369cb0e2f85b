"""Values that say who reads a ticket, and those that only say what it is about."""

from __future__ import annotations

import pytest

from services.intake.importers.audience.reply_audience import is_public
from services.intake.importers.entries import ImportEntry, RowDefaults, Skipped
from services.intake.importers.rows.private_rows import MARKED_PRIVATE
from tests.conftest import NOW
from tests.services.intake.importers.written_files import read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, OTHER = "The heating of room 12 stays cold.", "The printer prints blank pages."
ADVICE = "Open the valve below the window."


def _reasons(entries: list[ImportEntry]) -> list[str | None]:
    return [one.reason if isinstance(one, Skipped) else None for one in entries]


def _titled(column: str, value: str) -> list[str | None]:
    rows = f'1,Heating,{ASKED},"{value}"\n2,Printer,{OTHER},\n'
    return _reasons(read_file("t.csv", f"id,subject,description,{column}\n{rows}", OWN))


def _untitled(column: str, value: str) -> list[str | None]:
    rows = f'1,{ASKED},"{value}"\n2,{OTHER},\n'
    return _reasons(read_file("t.csv", f"id,description,{column}\n{rows}", OWN))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Confidentiality", "Not confidential"), ("Sensitivity", "Non-confidential"),
        ("Vertraulichkeit", "Nicht vertraulich"), ("Confidencialidad", "No confidencial"),
        ("Visibility", "Internal and external"), ("Sichtbarkeit", "Intern und extern"),
        ("Visibility", "Public & internal"), ("Visibility", "Agents and customers"),
        ("Visibility", "-"), ("Type", "Internal IT"), ("Security", "High"),
        ("Internal", "External"), ("Private", "n/a"), ("Room type", "Private"),
        ("Type", "Bot chat"), ("Security level", "High"), ("Visibility", "Customers only"),
    ],
)  # fmt: skip
def test_a_public_ticket_is_kept(column: str, value: str) -> None:
    """What is denied, what is for both, and what a ticket is about."""
    assert _titled(column, value) == [None, None]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Visibility", "Not public"), ("Sichtbarkeit", "nicht öffentlich"),
        ("Visibility", "Support team"), ("Visible to", "All agents"), ("Private", "x"),
        ("Confidential", "Confidential"), ("Visible to customer", "No"),
        ("Information type", "Proprietary"), ("Sensitivity", "Private, board"),
        ("Security level", "Board only"), ("Security level", "Internal"),
        ("Sichtbarkeit", "Nur Vorstand"), ("Visibilidad", "Solo la junta"),
    ],
)  # fmt: skip
def test_a_private_ticket_is_left_out(column: str, value: str) -> None:
    """However that is written."""
    assert _titled(column, value) == [MARKED_PRIVATE, None]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Type", "Work order"), ("Type", "Internal request"), ("Art", "Interner Auftrag"),
        ("Type", "Private customer"), ("Type", "Delivery note"), ("Type", "Bot chat"),
        ("Damage visible", "no"), ("Public area", "No"), ("Hidden fees", "yes"),
        ("Internal system affected", "Yes"), ("Access", "Staff entrance"),
    ],
)  # fmt: skip
def test_a_ticket_without_a_title_may_be_about_what_is_private(column: str, value: str) -> None:
    """As the answers of a form are; also where a ticket has several rows."""
    assert _untitled(column, value) == [None, None]
    rows = [f"1,Heating,{ASKED},{value}", f"1,Heating,It is loud.,{value}", "2,Door,It jams.,"]
    table = "\n".join([f"ticket id,subject,body,{column}", *rows, ""])
    assert _reasons(read_file("t.csv", table, OWN)) == [None, None]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Visible to customers", "no"), ("private message", "yes"), ("System", "true"),
        ("hide_from_customer", "true"), ("Type", "Internal reply"), ("type", "whisper"),
        ("Tipo", "Mensaje interno"), ("visibility", "Developers"), ("audience", "agents"),
    ],
)  # fmt: skip
def test_a_message_for_the_team_is_left_out(column: str, value: str) -> None:
    """What it says of itself."""
    assert _untitled(column, value) == [MARKED_PRIVATE, None]


@pytest.mark.parametrize("comment", ["", f"01/Mar/26 10:00;ira;{ADVICE}"])
@pytest.mark.parametrize(
    ("level", "reason"),
    [
        ("Internal users", MARKED_PRIVATE), ("Customer confidential", MARKED_PRIVATE),
        ("Board", MARKED_PRIVATE), ("None", None), ("Public", None), ("All users", None),
    ],
)  # fmt: skip
def test_a_security_level_holds_beside_comments(
    level: str, reason: str | None, comment: str
) -> None:
    """It is that of the issue."""
    rows = f"SD-1,Heating,{ASKED},,\nSD-2,Printer,{OTHER},{level},{comment}\n"
    table = f"Issue key,Summary,Description,Security Level,Comment\n{rows}"
    assert _reasons(read_file("t.csv", table, OWN)) == [None, reason]


@pytest.mark.parametrize(
    ("column", "value"),
    [("is_private", "true"), ("Confidential", "ja"), ("Visibility", "Internal")],
)
def test_a_private_ticket_with_comments_in_its_row_is_left_out(column: str, value: str) -> None:
    """Where each ticket has one row, that speaks of the ticket."""
    rows = f"1,Heating,{ASKED},{value},{ADVICE}\n2,Printer,{OTHER},,\n"
    table = f"id,subject,description,{column},comments\n{rows}"
    assert _reasons(read_file("t.csv", table, OWN)) == [MARKED_PRIVATE, None]


def test_a_ticket_of_several_rows_says_that_it_is_private() -> None:
    """Although each row has a comment, which has no word about itself."""
    rows = [
        f"1,Heating,{ASKED},yes,{ADVICE}", f"1,Heating,{ASKED},yes,It works.",
        f"2,Printer,{OTHER},no,{ADVICE}",
    ]  # fmt: skip
    table = "\n".join(["ticket id,subject,description,Confidential ticket,comment", *rows, ""])
    assert _reasons(read_file("t.csv", table, OWN)) == [MARKED_PRIVATE, MARKED_PRIVATE, None]


@pytest.mark.parametrize(
    ("said", "expected"),
    [("non-public", False), ("internal and external", True), ("not private", True)],
)
def test_a_reply_denies_what_it_is_not(said: str, expected: bool) -> None:
    """As a ticket does."""
    assert is_public({"visibility": said}) is expected
