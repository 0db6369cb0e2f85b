"""Lists of replies that a JSON document has beside its tickets: they join these."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.intake.importers.entries import Row, RowDefaults
from tests.bot.cli.history.import_files import Import, counts, import_command, items
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."
SECRET = "Replace the motor by the one of hall 5."


@pytest.fixture
def deja(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Return `deja import` in a new folder."""
    return import_command(tmp_path, sqlite_url, monkeypatch)


def _export(name: str, link: str, *, is_before: bool) -> dict[str, Any]:
    tickets = [
        {
            "id": 3,
            "title": "Gate",
            "content": ASKED,
            "status": "closed",
            "reporter": {"name": "Ana"},
        },
        {"id": 4, "title": "Lift", "content": "It stops.", "status": "new"},
    ]
    people = {"user": {"display_name": "Ira"}, "created_on": "2026-05-05T10:00:00Z"}
    replies = [
        {"id": 901, link: 3, "content": ADVICE, **people},
        {"id": 902, link: 3, "content": SECRET, "is_private": True, **people},
        {"id": 903, link: 77, "content": "Any update?", **people},
    ]
    lists = {"issues": tickets, name: replies}
    names = [name, "issues"] if is_before else ["issues", name]
    return {"meta": {"kind": "bug"}, **{one: lists[one] for one in names}, "logs": []}


@pytest.mark.parametrize("is_before", [True, False])
@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("comments", "issue"),
        ("ticket_notes", "ticket_id"),
        ("issueComments", "issueId"),
        ("ticket_notes", "ticket_key"),
        ("caseComments", "caseNumber"),
        ("journals", "ticketid"),
        ("comments", "conversation_id"),
        ("notes", "threadId"),
        ("comments", "workItemId"),
    ],
)
def test_replies_in_a_list_of_their_own_join(
    deja: Import, sqlite_url: str, name: str, link: str, is_before: bool
) -> None:
    """Before the tickets or behind them; those to others are skipped, and one is private."""
    Path("db.json").write_text(json.dumps(_export(name, link, is_before=is_before)))
    result = deja("db.json", "--json")
    found = counts(result)
    assert (found["read"], found["added"], found["joined"], found["skipped"]) == (5, 2, 2, 1)
    assert [one.resolution for one in items(sqlite_url)] == [ADVICE, None]
    assert "not read" not in result.stdout


def test_replies_in_a_ticket_are_its_own() -> None:
    """Though they name it, too."""
    comment = {"id": 9, "ticket_id": 7, "author": "Ira", "body": ADVICE}
    ticket = {"id": 7, "subject": "Gate", "comments": [comment], "description": ASKED}
    plan = plan_of("t.json", json.dumps({"ticket": ticket}))
    assert plan.table.beside == {}
    row = only_row(read_file("t.json", json.dumps({"ticket": ticket | {"status": "closed"}}), OWN))
    assert (row.item.resolution, len(row.item.extra["replies"])) == (ADVICE, 1)


def test_a_list_that_nobody_takes_is_told() -> None:
    """Nothing is lost in silence: here the tickets are read alone."""
    data = json.dumps(_export("comments", "issue", is_before=False))
    assert plan_of("t.json", data).warnings == ("not read: comments",)
    assert len([one for one in read_file("t.json", data, OWN) if isinstance(one, Row)]) == 2
