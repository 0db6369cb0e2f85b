"""Files of tools that name their notes, flags and people in ways of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.entries import ImportEntry, Row, RowDefaults, Skipped
from services.intake.importers.replies.discarded import DISCARDED
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Replace the pump, and bill the landlord for it twice."
TICKET = {"id": 31, "title": "Heating", "description": ASKED, "status": "closed"}


def _rows(entries: list[ImportEntry]) -> list[Row]:
    assert all(isinstance(one, Row) for one in entries), entries
    return [one for one in entries if isinstance(one, Row)]


def _note(text: str, **more: Any) -> dict[str, Any]:
    return {"autor": "Ira", **more, "texto": text}


@pytest.mark.parametrize(
    ("private", "public"),
    [
        ({"nota riservata": True}, {"nota riservata": False}),
        ({"zichtbaar voor klant": "nee"}, {"zichtbaar voor klant": "ja"}),
        ({"tipo": "nota interna"}, {"tipo": "resposta"}),
        ({"wewnętrzny": "tak"}, {"wewnętrzny": "nie"}),
        ({"pubblico": "no"}, {"pubblico": "sì"}),
        ({"state": "draft"}, {"state": "published"}),
        ({"isMinimized": True}, {"isMinimized": False}),
    ],
)
def test_notes_in_more_languages_are_no_answers(
    private: dict[str, Any], public: dict[str, Any]
) -> None:
    """Nor is what nobody has sent, or a moderator hides."""
    parts = [_note(SECRET, **private), _note(ADVICE, **public)]
    rows = read_file("t.json", json.dumps([{**TICKET, "comentarios": parts}]), OWN)
    assert only_row(rows).item.resolution == ADVICE
    rows = read_file("t.json", json.dumps([{**TICKET, "comentarios": parts[:1]}]), OWN)
    assert only_row(rows).item.resolution is None


def test_the_name_of_a_state_counts_before_its_number() -> None:
    """An XML of Freshdesk has both, and says of each ticket whether it is spam."""
    tickets = "".join(
        f"<ticket><id>{id_}</id><subject>Heating</subject><description>{ASKED}</description>"
        f"<status>5</status><status-name>Closed</status-name><deleted>false</deleted>"
        f"<spam>{is_spam}</spam></ticket>"
        for id_, is_spam in ((31, "false"), (32, "true"))
    )
    first, other = read_file("t.xml", f"<tickets>{tickets}</tickets>", OWN)
    assert only_row([first]).item.status == "closed"
    assert other == Skipped(2, DISCARDED)


def test_a_report_has_its_activities_in_its_relationships() -> None:
    """HackerOne writes them, and who reported it, with their attributes."""
    activities = [
        {
            "type": "activity-comment",
            "id": text[:1],
            "attributes": {"message": text, "internal": text == SECRET},
            "relationships": {"actor": {"data": {"id": "8", "attributes": {"name": "Ira"}}}},
        }
        for text in (SECRET, ADVICE)
    ]
    reporter = {"id": "5", "type": "user", "attributes": {"username": "uma"}}
    report = {
        "id": "7", "type": "report",
        "attributes": {"title": "Heating", "description": ASKED, "state": "resolved"},
        "relationships": {"reporter": {"data": reporter}, "activities": {"data": activities}},
    }  # fmt: skip
    item = only_row(read_file("t.json", json.dumps({"data": [report]}), OWN)).item
    assert (item.author, item.resolution) == ("uma", ADVICE)


def test_people_may_have_two_names_and_an_id_of_the_import() -> None:
    """Spiceworks lists them so."""
    person = {"import_id": 5, "email": "uma@globex.example", "first_name": "Uma", "last_name": "Ek"}
    document = {"users": [person], "tickets": [{**TICKET, "created_by": 5}]}
    assert only_row(read_file("t.json", json.dumps(document), OWN)).item.author == "Uma Ek"


@pytest.mark.parametrize("count", [2, {"page": 1, "pages": "4", "total": 2}])
def test_a_list_may_begin_with_the_number_of_its_tickets(count: Any) -> None:
    """It is none of them."""
    data = json.dumps([count, TICKET, {**TICKET, "id": 32}])
    assert [one.item.external_id for one in _rows(read_file("t.json", data, OWN))] == ["31", "32"]


def test_a_table_of_wiki_markup_has_bars_around_its_names() -> None:
    """Two in its header; its names belong to the cells below them."""
    table = (
        f"||Key||Summary||Description||Status||\n|A-1|Heating|{ASKED}|Done|\n|A-2|Door| |Open|\n"
    )
    rows = _rows(read_file("t.txt", table, OWN))
    first = rows[0].item
    assert [one.item.external_id for one in rows] == ["A-1", "A-2"]
    assert (first.title, first.text, first.status) == ("Heating", ASKED, "resolved")


def test_a_bar_behind_a_backslash_is_part_of_a_text() -> None:
    """So Markdown writes one in a table."""
    table = (
        "| id | title | description | author |\n|---|---|---|---|\n"
        "| 1 | Terminal | The \\| key types a comma. | Uma |\n| 2 | Door | It jams. | Bo |\n"
    )
    rows = [one for one in read_file("t.md", table, OWN) if isinstance(one, Row)]
    assert [one.item.text for one in rows] == ["The | key types a comma.", "It jams."]
    assert [one.item.author for one in rows] == ["Uma", "Bo"]


def test_a_bug_of_azure_devops_is_described_by_its_steps() -> None:
    """Other work items have a description in place of them."""
    fields = {"System.Title": "Heating", "System.State": "New"}
    items = [
        {"id": 1, "fields": {**fields, "Microsoft.VSTS.TCM.ReproSteps": f"<p>{ASKED}</p>"}},
        {"id": 2, "fields": {**fields, "System.Description": f"<p>{ADVICE}</p>"}},
    ]
    found = _rows(read_file("t.json", json.dumps({"count": 2, "value": items}), OWN))
    assert [one.item.text for one in found] == [ASKED, ADVICE]
