"""Tickets and messages that say of themselves that not everybody may read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.entries import ImportEntry, Row, RowDefaults, Skipped
from services.intake.importers.private_rows import MARKED_PRIVATE
from tests.conftest import NOW
from tests.services.intake.importers.files import read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED = "The heating of room 12 stays cold."
LIMITED = {"$type": "LimitedVisibility", "permittedGroups": [{"name": "board"}]}


def _reasons(entries: list[ImportEntry]) -> list[str | None]:
    return [one.reason if isinstance(one, Skipped) else None for one in entries]


@pytest.mark.parametrize(
    ("private", "public"),
    [
        ({"is_private": True}, {"is_private": False}),
        ({"confidential": "true"}, {"confidential": "false"}),
        ({"visibility": LIMITED}, {"visibility": {"$type": "UnlimitedVisibility"}}),
        ({"view_state": {"name": "private"}}, {"view_state": {"name": "public"}}),
        ({"is_public": False}, {"is_public": True}),
        ({"Sichtbarkeit": "Intern"}, {"Sichtbarkeit": "Öffentlich"}),
        ({"Vertraulich": "Ja"}, {"Vertraulich": "Nein"}),
        ({"Interne": "Oui"}, {"Interne": "Non"}),
        ({"Privado": "Sí"}, {"Privado": "No"}),
        ({"information_type": "Private Security"}, {"information_type": "Public"}),
        ({"fields": {"confidential": True}}, {"repository": {"private": True}}),
        ({"audience": "staff only"}, {"audience": "Employees"}),
    ],
)
def test_a_ticket_that_is_private_is_no_ticket(
    private: dict[str, Any], public: dict[str, Any]
) -> None:
    """In any language; another object that is private says nothing of it."""
    ticket = {"id": 31, "title": "Heating", "description": ASKED, "status": "closed"}
    data = json.dumps([{**ticket, **private}, {**ticket, "id": 32, **public}])
    assert _reasons(read_file("t.json", data, OWN)) == [MARKED_PRIVATE, None]


@pytest.mark.parametrize(
    "said",
    [
        {"Privat versichert": "ja"}, {"Confidential data involved": "yes"},
        {"internal_id": 1}, {"type": "Internal request"}, {"channel": "internal-it"},
        {"published": "2026-03-01"}, {"Security level": "High"}, {"private_key": True},
        {"Internal notes": "yes"}, {"public_url": "no"},
    ],
)  # fmt: skip
def test_what_a_ticket_is_about_may_be_private(said: dict[str, Any]) -> None:
    """Only a flag that says no more, or its visibility, is of the ticket."""
    ticket = {"id": 31, "title": "Heating", "description": ASKED, **said}
    assert _reasons(read_file("t.json", json.dumps([ticket]), OWN)) == [None]


@pytest.mark.parametrize("level", ["Internal only", "Board"])
def test_an_issue_with_a_security_level_is_left_out(level: str) -> None:
    """Jira names who may read it; without a level, everybody may."""
    issue = {"key": "SD-1", "fields": {"summary": "Heating", "description": ASKED}}
    other = {"key": "SD-2", "fields": {**issue["fields"], "security": {"name": level}}}  # type: ignore[dict-item]
    data = json.dumps({"issues": [issue, other]})
    assert _reasons(read_file("t.json", data, OWN)) == [None, MARKED_PRIVATE]
    table = f"Issue key,Summary,Security Level\nSD-1,Heating,\nSD-2,Door,{level}\n"
    assert _reasons(read_file("t.csv", table, OWN)) == [None, MARKED_PRIVATE]


@pytest.mark.parametrize(
    ("column", "private", "public"),
    [
        ("is_private", "1", "0"), ("type", "internal note", "reply"), ("Art", "interne Notiz", "Antwort"),
        ("visibility", "agents", "all"),
    ],
)  # fmt: skip
def test_a_message_of_the_team_alone_is_no_ticket(column: str, private: str, public: str) -> None:
    """As rows without a title, and as all rows of a ticket."""
    rows = [f"1,{ASKED},{public}", f"2,Bill the landlord twice.,{private}"]
    table = "\n".join([f"id,body,{column}", *rows, ""])
    assert _reasons(read_file("t.csv", table, OWN)) == [None, MARKED_PRIVATE]
    rows = [f"1,Heating,{ASKED},{public}", f"1,Heating,It is.,{public}"]
    rows += [f"2,Door,Bill him.,{private}", f"2,Door,Bill her.,{private}"]
    table = "\n".join([f"ticket id,subject,body,{column}", *rows, ""])
    assert _reasons(read_file("t.csv", table, OWN)) == [None, MARKED_PRIVATE, MARKED_PRIVATE]


def test_products_that_are_not_published_are_products() -> None:
    """A shop's own word for what it shows says nothing of who may read it."""
    shop = RowDefaults("shop", "product", NOW)
    found = read_file("t.csv", "id,title,published\n1,Blue cup,false\n2,Red cup,true\n", shop)
    assert [type(one) for one in found] == [Row, Row]
