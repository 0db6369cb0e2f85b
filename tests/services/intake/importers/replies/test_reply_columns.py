"""Replies under any name, in objects of any tool: who wrote them, for whom, and which answers."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from services.intake.importers.entries import RowDefaults
from services.intake.importers.replies.reply_objects import is_of_team
from tests.conftest import NOW
from tests.services.intake.importers.written_files import csv_rows, only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The lift stops between two floors.", "Reset the brake, then it runs again."
WHEN = ("2026-02-01T10:00:00Z", "2026-02-02T10:00:00Z")


def _read(ticket: dict[str, Any]) -> Any:
    return only_row(read_file("t.json", json.dumps({"tickets": [ticket]}), OWN)).item


@pytest.mark.parametrize(
    "names",
    [("Comment 1", "Comment 2"), ("Comment", "Comment.1"), ("Comment 1 Body", "Comment 2 Body"),
     ("Kommentar 1", "Kommentar 2")],
)  # fmt: skip
def test_numbered_columns_have_a_reply_each(names: tuple[str, str]) -> None:
    """With their authors in others; one that is internal is none."""
    first, second = names
    number = "1" if "1" in first else first
    row = {
        "id": 7, "subject": "Stairs", "description": "They are wet", "status": "closed",
        first: "Which stairs are wet?", second: "Lay out mats and a sign.",
        f"{number} author": "uma", f"{number} date": "2026-01-05",
    }  # fmt: skip
    item = only_row(csv_rows(_table(row))).item
    assert item.resolution == "Lay out mats and a sign."
    assert len(item.extra["replies"]) == 2
    if second == "Comment 2":
        hidden = only_row(csv_rows(_table({**row, "Comment 2 public": "no"}))).item
        assert (hidden.resolution, "mats" in str(hidden.extra)) == (None, False)


def _table(row: dict[str, Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([row.keys(), row.values()])
    return written.getvalue()


@pytest.mark.parametrize(
    ("column", "asked", "advice"),
    [
        (
            "posts",
            {"contents": ASKED, "creator": {"full_name": "Kim", "role": {"type": "CUSTOMER"}}},
            {"contents": ADVICE, "creator": {"full_name": "Bo", "role": {"type": "AGENT"}}},
        ),
        (
            "Article",
            {"Body": ASKED, "From": "Kim", "SenderType": "customer", "Subject": "Lift"},
            {"Body": ADVICE, "From": "Desk", "SenderType": "agent", "IsVisibleForCustomer": "1"},
        ),
        (
            "activity",
            {"message": ASKED, "from": "Kim", "role": "customer"},
            {"message": ADVICE, "from": "Bo", "role": "agent"},
        ),
        (
            "post_list",
            {"cooked": f"<p>{ASKED}</p>", "name": "Kim", "username": "kim"},
            {"cooked": f"<p>{ADVICE}</p>", "username": "bo", "accepted_answer": True},
        ),
        (
            "notes",
            {"note": {"body": ASKED, "user_id": 1, "incoming": True}},
            {"note": {"body": ADVICE, "user_id": 2, "incoming": False}},
        ),
    ],
)
def test_what_people_wrote_is_known_by_its_parts(
    column: str, asked: dict[str, Any], advice: dict[str, Any]
) -> None:
    """The first message is the text where a ticket has none, and the agent's is the answer."""
    for one, at in zip((asked, advice), WHEN, strict=True):
        next((v for v in one.values() if isinstance(v, dict) and "body" in v), one)["ts"] = at
    item = _read({"id": 7, "title": "Lift", "status": "closed", column: [asked, advice]})
    assert (item.text, item.resolution) == (ASKED, ADVICE)
    assert item.is_dated


def test_notes_of_changes_stand_beside_comments() -> None:
    """Most entries of a history may be without words; those with words are replies."""
    journals = [
        {"user": {"name": "Bo"}, "notes": note, "created_on": WHEN[1], "details": [{"new": 1}]}
        for note in ("", "", "", ADVICE)
    ]
    item = _read(
        {"id": 7, "subject": "Lift", "description": ASKED, "author": {"name": "Kim"},
         "status": {"id": 5, "name": "Closed"}, "journals": journals}
    )  # fmt: skip
    assert (item.status, item.resolution, item.author) == ("closed", ADVICE, "Kim")


@pytest.mark.parametrize(
    "part",
    [
        {"title": "Order a brake", "notes": "Two of them", "created_at": WHEN[0]},
        {"filename": "lift.png", "content": "https://x.example/1", "created_at": WHEN[0]},
        {"name": "Severity", "value": "high"},
    ],
)
def test_tasks_files_and_fields_are_no_replies(part: dict[str, Any]) -> None:
    """They have a title, or nobody who wrote them."""
    table = plan_of("t.json", json.dumps([{"id": 7, "title": "Lift", "parts": [part]}]))
    assert "replies" not in table.mapping


def test_both_comments_and_answers_of_a_question_are_read() -> None:
    """A column of a known name is not all; the accepted answer counts, whoever asks it."""
    item = _read(
        {"question_id": 81, "title": "Lift stops", "body": ASKED, "owner": {"user_id": 3},
         "comments": [{"body": "Which one?", "owner": {"user_id": 4}, "creation_date": 1769940000}],
         "answers": [
             {"body": "Paint it.", "owner": {"user_id": 5}, "is_accepted": False},
             {"body": ADVICE, "owner": {"user_id": 6}, "is_accepted": True},
         ]}
    )  # fmt: skip
    assert (item.external_id, item.resolution) == ("81", ADVICE)


def test_comments_of_githubs_users_may_answer() -> None:
    """Everybody is of the type "User" there, the team too."""
    item = _read(
        {"number": 7, "title": "Lift", "html_url": "https://github.com/a/b/issues/7",
         "body": f"<!-- say when -->\n{ASKED}", "state": "closed", "user": {"login": "kim"},
         "comments": [{"body": ADVICE, "user": {"login": "bo", "type": "User"}}]}
    )  # fmt: skip
    assert (item.text, item.resolution) == (ASKED, ADVICE)


@pytest.mark.parametrize("role", ["member", "owner", "collaborator"])
def test_whoever_a_forum_calls_a_member_may_ask(role: str) -> None:
    """The first post of a topic is its text, whatever role its writer has."""
    posts = [
        {"text": ASKED, "username": "uma", "role": role, "created_at": WHEN[0]},
        {"text": ADVICE, "username": "ira", "role": "admin", "created_at": WHEN[1]},
    ]
    item = _read({"id": 7, "title": "Lift", "status": "solved", "posts": posts})
    assert (item.text, item.author, item.resolution) == (ASKED, "uma", ADVICE)


@pytest.mark.parametrize(
    ("association", "is_team"), [("MEMBER", True), ("OWNER", True), ("COLLABORATOR", True),
                                 ("CONTRIBUTOR", None), ("NONE", None)],
)  # fmt: skip
def test_githubs_association_tells_the_team(association: str, is_team: bool | None) -> None:
    """It is that of the writer with the repository."""
    assert is_of_team({"author association": association}) is is_team


def test_events_of_an_issue_hold_its_comments() -> None:
    """GitHub's timeline has them between its events, where `comments` is a number."""
    item = _read(
        {"number": 7, "title": "Lift", "html_url": "https://github.com/a/b/issues/7", "body": ASKED,
         "state": "closed", "user": {"login": "kim"}, "comments": 1,
         "timeline": [{"event": "labeled", "actor": {"login": "bo"}, "created_at": WHEN[0]},
                      {"event": "commented", "body": ADVICE, "user": {"login": "bo"}}]}
    )  # fmt: skip
    assert item.resolution == ADVICE


def test_a_ticket_under_other_names_keeps_its_messages() -> None:
    """A list of messages below an id and a headline is a part of the ticket, not the tickets."""
    messages = [{"from": "kim", "role": "customer", "ts": "1769940000000", "message": ASKED}]
    item = _read({"ticketNo": "HD-1", "headline": "Lift", "closed": True, "messages": messages})
    assert (item.external_id, item.text, item.author) == ("HD-1", ASKED, "kim")
    assert (item.status, item.is_dated) == ("closed", True)


def test_the_export_of_an_account_of_freshdesk() -> None:
    """Each ticket and note has an envelope; spam is skipped, and the state's word counts."""
    ticket = {
        "display_id": 17, "id": 60_001, "subject": "Lift", "description": ASKED, "status": 5,
        "status_name": "Closed", "responder_id": 6, "requester_name": "Kim", "spam": False,
        "notes": [{"note": {"body": ADVICE, "incoming": False, "private": False}},
                  {"note": {"body": "Rude customer", "incoming": False, "private": True}}],
    }  # fmt: skip
    spam = {"helpdesk_ticket": {**ticket, "display_id": 18, "spam": True}}
    entries = read_file("t.json", json.dumps([{"helpdesk_ticket": ticket}, spam]), OWN)
    item = only_row(entries[:1]).item
    assert (item.source, item.external_id, item.status) == ("freshdesk", "17", "closed")
    assert item.resolution == ADVICE
    assert "spam" in entries[1].reason  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        (
            {"type": "text", "from": "user", "content": ASKED},
            {"type": "text", "from": "operator", "content": ADVICE},
        ),
        (
            {"content": ASKED, "sender": {"name": "Kim", "type": "contact"}},
            {"content": ADVICE, "sender": {"name": "Bo", "type": "user"}},
        ),
    ],
)
def test_a_conversation_without_a_title_is_a_ticket(
    asked: dict[str, Any], advice: dict[str, Any]
) -> None:
    """An id, a state and messages are a ticket; whoever wrote first reported it."""
    messages = [{**one, "timestamp": at} for one, at in zip((asked, advice), WHEN, strict=True)]
    data = [{"session_id": "s1", "state": "resolved", "messages": messages}]
    item = only_row(read_file("t.json", json.dumps({"data": {"payload": data}}), OWN)).item
    assert (item.external_id, item.text, item.resolution) == ("s1", ASKED, ADVICE)


def test_an_empty_column_does_not_hide_what_is_inside() -> None:
    """Where a field is an object in some rows and nothing in others, the object counts."""
    rows = [
        {"id": 1, "subject": "Lift", "resolution": {"content": f"<p>{ADVICE}</p>"}},
        {"id": 2, "subject": "Door", "resolution": None},
    ]
    first, _ = read_file("t.json", json.dumps({"requests": rows}), OWN)
    assert only_row([first]).item.resolution == ADVICE


@pytest.mark.parametrize(
    "row",
    [
        {"values": {"Incident Number": "7", "Description": "Lift", "Detailed Decription": ASKED,
                    "Status": "Closed", "Resolution": ADVICE}},
        {"number": "7", "briefDescription": "Lift", "request": ASKED, "action": ADVICE,
         "processingStatus": {"name": "Closed"}, "status": "firstLine"},
    ],
)  # fmt: skip
def test_service_desks_of_large_companies(row: dict[str, Any]) -> None:
    """They call a title a description, or a line of support a status."""
    item = only_row(read_file("t.json", json.dumps([row]), OWN)).item
    assert (item.external_id, item.title, item.text) == ("7", "Lift", ASKED)
    assert (item.status, item.resolution) == ("closed", ADVICE)


@pytest.mark.parametrize("is_first", [False, True])
def test_people_beside_the_tickets_have_names(is_first: bool) -> None:
    """A page of Zendesk may list its users before or after its tickets, which have their ids."""
    users = {"users": [{"id": 901, "name": "Kim"}, {"id": 77, "name": "Bo"}, {"id": None}]}
    tickets = {
        "tickets": [
            {"id": 1, "subject": "Lift", "description": ASKED, "requester_id": 901,
             "status": "solved",
             "comments": [{"author_id": 901, "body": "Thanks for your help, bye"},
                          {"author_id": 77, "body": ADVICE, "public": True}]},
            {"id": 2, "subject": "Door", "description": "It squeaks.", "requester_id": 902},
        ]
    }  # fmt: skip
    page = {**users, **tickets} if is_first else {**tickets, **users}
    first, other = read_file("t.json", json.dumps(page), OWN)
    assert (only_row([first]).item.author, only_row([first]).item.resolution) == ("Kim", ADVICE)
    assert only_row([other]).item.author is None


def test_a_time_that_is_shown_to_people_is_not_the_exact_one() -> None:
    """Beside it stands the moment itself, which is in no zone."""
    created = {"display_value": "Mar 2, 2026 01:15 AM", "value": "1772442900000"}
    item = _read({"id": "7", "subject": "Lift", "created_time": created})
    assert item.created_at.isoformat() == "2026-03-02T09:15:00+00:00"


def test_tickets_of_a_project_are_no_conversation() -> None:
    """They may be as short as messages, but their list is called by what they are."""
    tickets = [{"id": n, "text": ASKED, "author": "kim"} for n in (1, 2, 3)]
    data = [{"project_id": 5, "tickets": tickets[:2]}, {"project_id": 6, "tickets": tickets[2:]}]
    assert len(read_file("t.json", json.dumps(data), OWN)) == len(tickets)
