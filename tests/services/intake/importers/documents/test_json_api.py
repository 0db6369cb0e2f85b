"""JSON:API: tickets with what belongs to them beside them, and fields in lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.entries import Row, RowError
from tests.services.intake.importers.written_files import only_row, read_file

MATTER, ADVICE = "The blinds of room 8 stay shut.", "Press both buttons for five seconds."
SECRET = "Replace the motor by that of room 9."


def _resource(kind: str, id_: str, *, names: dict[str, Any] | None = None, **fields: Any) -> Any:
    related = {
        name: {"data": [{"type": one[0], "id": one[1]} for one in refs] if isinstance(refs, list)
               else {"type": refs[0], "id": refs[1]}}
        for name, refs in (names or {}).items()
    }  # fmt: skip
    return {"type": kind, "id": id_, "attributes": fields, "relationships": related}


UWE = _resource("users", "8", name="Uwe Kern")
REPLIES = [
    _resource("comments", "1", names={"author": ("users", "8")}, body=SECRET, internal=True),
    _resource("comments", "2", names={"author": ("users", "8")}, body=ADVICE),
]


def _ticket(**names: Any) -> Any:
    fields = {"subject": "Blinds", "description": MATTER, "status": "closed"}
    named = {"requester": ("users", "3"), **names}
    return _resource("tickets", "11", names=named, **fields, **{"created-at": "2026-05-04T10:00Z"})


@pytest.mark.parametrize("form", ["document", "included first", "line", "one"])
def test_comments_and_people_of_a_document_belong_to_its_tickets(form: str) -> None:
    """Wherever they stand; a document may have one ticket, and a file a document in each line."""
    person: dict[str, Any] = {"full-name": "Ira Wolf"}
    people = [UWE, _resource("users", "3", **person)]
    ticket = _ticket(comments=[("comments", "1"), ("comments", "2")])
    document = {"data": ticket if form == "one" else [ticket], "included": [*REPLIES, *people]}
    if form == "included first":
        document = dict(reversed(document.items()))
    text = json.dumps(document, indent=None if form == "line" else 1)
    item = only_row(read_file("t.jsonl" if form == "line" else "t.json", text)).item
    assert (item.external_id, item.title, item.text) == ("11", "Blinds", MATTER)
    assert (item.author, item.resolution) == ("Ira Wolf", ADVICE)
    assert [(one["author"], one["text"]) for one in item.extra["replies"]] == [("Uwe Kern", ADVICE)]


def test_comments_may_name_their_ticket() -> None:
    """Where it does not name them."""
    below = [
        _resource("comments", "2", names={"ticket": ("tickets", "11")}, body=ADVICE, author="Uwe"),
        _resource("comments", "9", names={"ticket": ("tickets", "12")}, body="Of another one."),
    ]
    row = only_row(read_file("t.json", json.dumps({"data": [_ticket()], "included": below})))
    assert row.item.resolution == ADVICE
    assert len(row.item.extra["replies"]) == 1


def test_resources_without_any_beside_them_are_tickets() -> None:
    """Each of a list, and one by itself."""
    entries = read_file("t.json", json.dumps({"data": [_ticket(), {**_ticket(), "id": "12"}]}))
    assert [one.item.external_id for one in entries if isinstance(one, Row)] == ["11", "12"]
    assert only_row(read_file("t.json", json.dumps({"data": _ticket()}))).item.text == MATTER


def test_a_document_that_is_cut_off_says_so() -> None:
    """Its tickets are read without what stands behind them."""
    text = json.dumps({"data": [_ticket()], "included": REPLIES})
    entries = read_file("t.json", text[:-20])
    assert [type(one) for one in entries] == [Row, RowError]


def test_fields_in_a_list_are_those_of_the_ticket() -> None:
    """As YouTrack writes the state, and Typeform the answers; what a ticket has itself stands."""
    issue = {
        "id": "2-1", "idReadable": "LAB-1", "summary": "Blinds", "description": MATTER,
        "customFields": [
            {"name": "State", "value": {"name": "Fixed"}},
            {"name": "Summary", "value": "Another one"},
            {"name": "Sprints", "value": [{"name": "S1"}]},
        ],
    }  # fmt: skip
    item = only_row(read_file("issues.json", json.dumps([issue]))).item
    assert (item.external_id, item.title, item.status) == ("LAB-1", "Blinds", "resolved")
    answers = [
        {"field": {"ref": "problem", "type": "long_text"}, "type": "text", "text": MATTER},
        {"field": {"ref": "urgent", "type": "yes_no"}, "type": "boolean", "boolean": True},
    ]
    form = {"items": [{"token": "t1", "submitted_at": "2026-05-04T10:00:00Z", "answers": answers}]}
    item = only_row(read_file("form.json", json.dumps(form))).item
    assert (item.text, item.is_dated) == (MATTER, True)


def test_feeds_that_label_each_value_are_read() -> None:
    """As the App Store writes reviews."""
    entry = {
        "id": {"label": "9001"}, "title": {"label": "Blinds"}, "author": {"name": {"label": "ira"}},
        "content": {"label": MATTER, "attributes": {"type": "text"}}, "im:rating": {"label": "1"},
    }  # fmt: skip
    item = only_row(read_file("feed.json", json.dumps({"feed": {"entry": [entry]}}))).item
    assert (item.external_id, item.title, item.text, item.author) == (
        "9001", "Blinds", MATTER, "ira",
    )  # fmt: skip
