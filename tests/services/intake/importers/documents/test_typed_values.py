"""Objects in cells, values with their types, and rows below names that say more of each column."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.documents.json_typed import without_types
from services.intake.importers.entries import Row
from tests.services.intake.importers.written_files import csv_rows, only_row, read_file

MATTER, ADVICE = "The kettle of room 5 leaks.", "Turn its lid until it clicks."


def quoted(value: object) -> str:
    """Return a value as JSON in a cell of CSV."""
    return '"' + json.dumps(value).replace('"', '""') + '"'


def test_the_fields_of_objects_in_cells_are_columns() -> None:
    """As a database writes a column of JSON; comments in a cell are replies."""
    payload = {
        "description": MATTER,
        "created_at": "2026-05-04T08:00:00Z",
        "requester": {"name": "Ira"},
    }
    comments = [{"author": {"name": "Uwe"}, "body": ADVICE}]
    row = only_row(
        csv_rows(
            f"id,subject,status,payload,comments\n1,Kettle,closed,{quoted(payload)},{quoted(comments)}\n"
        )
    )
    item = row.item
    assert (item.text, item.author, item.resolution) == (MATTER, "Ira", ADVICE)
    assert item.is_dated
    assert "payload" not in item.extra


def test_objects_as_strings_in_json_lines_are_read() -> None:
    """Whatever program wrote the whole ticket as a string."""
    lines = [
        {"id": n, "ticket": json.dumps({"subject": f"Kettle {n}", "body": MATTER})} for n in (1, 2)
    ]
    entries = read_file("t.jsonl", "\n".join(map(json.dumps, lines)))
    titles = [one.item.title for one in entries if isinstance(one, Row)]
    assert titles == ["Kettle 1", "Kettle 2"]


@pytest.mark.parametrize(
    "cells",
    [
        [json.dumps({"host": "db1", "error": "disk full"}), json.dumps({"host": "db2"})],
        [json.dumps({"title": "Kettle"}), "It answers with that."],
        [json.dumps({"message": "disk full", "status": "firing"}) for _ in range(2)],
        ["{broken", json.dumps({"title": "Kettle"})],
    ],
)
def test_objects_in_a_text_are_its_words(cells: list[str]) -> None:
    """They have no fields of tickets, or some cells have none, or the text is all of an alert."""
    table = "id,title,description\n" + "".join(
        f"{number},Alert {number},{json.dumps(cell) if cell[0] != '{' else quoted_text(cell)}\n"
        for number, cell in enumerate(cells)
    )
    rows = [one for one in csv_rows(table) if isinstance(one, Row)]
    assert [one.item.text for one in rows] == cells


def quoted_text(cell: str) -> str:
    """Return a text in quotes."""
    return '"' + cell.replace('"', '""') + '"'


def test_an_empty_list_or_object_in_a_cell_says_nothing() -> None:
    """It is no reply."""
    row = only_row(csv_rows(f"id,subject,body,comments,labels\n1,Kettle,{MATTER},[],{{}}\n"))
    assert row.item.extra == {}


@pytest.mark.parametrize(
    "document",
    [
        {"documents": [{
            "name": "projects/p/databases/d/documents/tickets/t1",
            "createTime": "2026-05-05T08:00:00Z",
            "fields": {
                "title": {"stringValue": "Kettle"}, "description": {"stringValue": MATTER},
                "createdAt": {"timestampValue": "2026-05-04T08:00:00Z"}, "old": {"nullValue": None},
                "tags": {"arrayValue": {"values": [{"stringValue": "room 5"}]}},
            },
        }]},
        {"Items": [{
            "id": {"S": "t1"}, "title": {"S": "Kettle"}, "description": {"S": MATTER},
            "createdAt": {"S": "2026-05-04T08:00:00Z"}, "old": {"NULL": True},
            "tags": {"L": [{"S": "room 5"}]},
        }]},
    ],
)  # fmt: skip
def test_values_with_their_types_are_read(document: dict[str, Any]) -> None:
    """As Firestore and DynamoDB write them."""
    item = only_row(read_file("t.json", json.dumps(document))).item
    assert (item.external_id, item.title, item.text) == ("t1", "Kettle", MATTER)
    assert item.created_at.day == 4
    assert item.extra["tags"] == ["room 5"]
    assert "old" not in item.extra


def test_what_nests_too_deep_is_left_as_it_is() -> None:
    """And objects without types."""
    value: Any = {"S": "x"}
    for _ in range(2000):
        value = {"L": [value]}
    assert isinstance(without_types({"a": value})["a"], list)
    assert without_types({"S": "x", "a": {"b": 1}}) == {"S": "x", "a": {"b": 1}}


NAMES = ("ID", "Subject", "Description")
ROWS = [[1, "Kettle", MATTER], [2, "Lamp", "It flickers."]]


@pytest.mark.parametrize(
    "document",
    [
        {"columns": [{"name": one} for one in NAMES], "rows": ROWS},
        {"data": {"cols": [{"display_name": one, "name": "x"} for one in NAMES], "rows": ROWS}},
        {
            "schema": {"fields": [{"name": one} for one in NAMES]},
            "rows": [{"f": [{"v": str(cell)} for cell in row]} for row in ROWS],
        },
    ],
)
def test_rows_below_columns_that_say_more_are_read(document: dict[str, Any]) -> None:
    """As Metabase and BigQuery write the answer to a query."""
    rows = [one for one in read_file("t.json", json.dumps(document)) if isinstance(one, Row)]
    assert [(one.item.external_id, one.item.text) for one in rows] == [
        ("1", MATTER), ("2", "It flickers."),
    ]  # fmt: skip


@pytest.mark.parametrize("is_before", [True, False])
def test_tickets_by_their_ids_beside_a_list_of_these_are_read(*, is_before: bool) -> None:
    """As Zammad answers a search, with its people; numbers are no tickets."""
    ticket = {"id": 1, "number": "10001", "title": "Kettle", "created_at": "2026-05-04T08:00:00Z"}
    ticket |= {"customer_id": 5, "group_id": 1}
    assets = {"User": {"5": {"id": 5, "login": "ira"}}, "Ticket": {"1": ticket}}
    parts = {"tickets": [1], "tickets_count": 1, "assets": assets}
    document = parts if is_before else dict(reversed(parts.items()))
    item = only_row(read_file("t.json", json.dumps(document))).item
    assert (item.external_id, item.title, item.is_dated) == ("10001", "Kettle", True)


def test_alerts_are_tickets() -> None:
    """As Prometheus sends them; their words are in annotations."""
    alert = {
        "status": "resolved", "labels": {"alertname": "DiskFull"}, "fingerprint": "abc1",
        "annotations": {"summary": "Disk of db1 is full", "description": "2 % are free on /var."},
        "startsAt": "2026-05-04T08:00:00Z",
    }  # fmt: skip
    page = {"receiver": "desk", "status": "firing", "alerts": [alert]}
    item = only_row(read_file("alerts.json", json.dumps(page))).item
    assert (item.external_id, item.title, item.status) == (
        "abc1",
        "Disk of db1 is full",
        "resolved",
    )
    assert item.text == "2 % are free on /var."
    assert item.created_at.day == 4


def test_links_of_hal_say_who_and_how() -> None:
    """As OpenProject writes work packages."""
    package = {
        "id": 77, "subject": "Kettle", "description": {"format": "markdown", "raw": MATTER},
        "createdAt": "2026-05-04T08:00:00Z",
        "_links": {"status": {"title": "Closed"}, "author": {"title": "Ira"}},
    }  # fmt: skip
    page = {"_type": "Collection", "_embedded": {"elements": [package]}}
    item = only_row(read_file("t.json", json.dumps(page))).item
    assert (item.text, item.status, item.author) == (MATTER, "closed", "Ira")


@pytest.mark.parametrize("name", ["displayName", "display_name", "name", "label"])
@pytest.mark.parametrize("part", ["raw", "text", "content"])
def test_parts_of_objects_are_called_alike_in_tickets_and_replies(name: str, part: str) -> None:
    """The text of either, as HAL writes it, too; and the label of a state in any spelling."""
    ticket = {
        "id": 1,
        "subject": "Kettle",
        "description": {part: MATTER},
        "status": {name: "Closed", "id": 3},
        "comments": [{"comment": {"format": "markdown", part: ADVICE}, "user": {"id": 7}}],
    }
    item = only_row(read_file("t.json", json.dumps([ticket]))).item
    assert (item.text, item.status, item.resolution) == (MATTER, "closed", ADVICE)
