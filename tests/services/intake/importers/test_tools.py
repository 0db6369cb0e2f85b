"""Tools whose files have fields of their own: each is known by them, and says so in its source."""

# ruff: noqa: E501 - rows as the tools write them

from __future__ import annotations

import json

import pytest

from services.intake.importers.entries import Row, RowDefaults
from tests.conftest import NOW
from tests.services.intake.importers.written_files import read_file

OWN = RowDefaults(None, "ticket", NOW)

ARTICLES = [
    {
        "sender": "Customer",
        "internal": False,
        "content_type": "text/html",
        "body": "<div>two seconds</div>",
    },
    {
        "sender": "Agent",
        "internal": True,
        "content_type": "text/plain",
        "body": "Ask Bo to restart the database.",
    },
    {"sender": "Agent", "internal": False, "content_type": "text/plain", "body": "Added an index."},
]

FILES = [
    (
        "osticket",
        "\ufeffTicket Number,Date Created,Subject,From,From Email,Priority,Current Status,Closed Date,Merged,Linked\n"
        "88,1/15/26 3:14 PM,Slow,Ann,ann@globex.example,Normal,Closed,1/16/26 4:00 PM,0,0\n",
        ("osticket", "88", "Slow", "", "closed", None, 15, "Ann"),
    ),
    (
        "salesforce",
        '"ID","CASENUMBER","SUBJECT","DESCRIPTION","STATUS","ORIGIN","CREATEDDATE","CLOSEDDATE"\n'
        '"5001","00088","Slow","two seconds","Closed","Web","2026-01-05T10:00:00.000Z",""\n',
        ("salesforce", "00088", "Slow", "two seconds", "closed", None, 5, None),
    ),
    (
        "zammad",
        [{"id": 5, "number": "88", "title": "Slow", "state_id": 4, "customer_id": 3, "group_id": 1,
          "created_at": "2026-01-05T10:00:00Z", "articles": ARTICLES}],
        ("zammad", "88", "Slow", "two seconds", "closed", "Added an index.", 5, None),
    ),
    (
        "front",
        {"_results": [{"id": "cnv_88", "subject": "Slow", "status": "archived",
                       "created_at": 1767607200.5, "recipient": {"handle": "ann@globex.example"},
                       "messages": [{"is_inbound": True, "text": "two seconds"},
                                    {"is_inbound": False, "text": "Added an index."}]}]},
        ("front", "cnv_88", "Slow", "two seconds", "closed", "Added an index.", 5, "ann@globex.example"),
    ),
    (
        "zendesk csv",
        "Summation column,Id,Requester,Subject,Created at,Solved at,Status,Tags,Via\n"
        "1,88,Ann,Slow,2026-01-05 10:00,2026-01-06 10:00,Solved,a b,Web\n",
        ("zendesk", "88", "Slow", "", "resolved", None, 5, "Ann"),
    ),
    (
        "freshdesk account",
        [{"helpdesk_ticket": {"id": 7, "display_id": 88, "subject": "Slow", "description": "<p>two seconds</p>",
                              "description_text": "two seconds", "status": 5, "requester_id": 1,
                              "responder_id": 2, "fr_escalated": False, "created_at": "2026-01-05T10:00:00Z"}}],
        ("freshdesk", "88", "Slow", "two seconds", "closed", None, 5, None),
    ),
    (
        "servicenow journal",
        'number,short_description,description,opened_at,state,comments\n'
        'INC88,Slow,two seconds,2026-01-05 10:00:00,Resolved,"2026-01-06 10:00:00 - Bo Li (Additional comments)\n'
        'Added an index.\n\n2026-01-05 11:00:00 - Bo Li (Work notes)\nBlame the night job."\n',
        ("servicenow", "INC88", "Slow", "two seconds", "resolved", "Added an index.", 5, None),
    ),
    (
        "jira server",
        {"issues": [{"key": "OPS-88", "fields": {
            "summary": "Slow", "description": "two {{seconds}}", "created": "2026-01-05T09:46:53.000+0300",
            "status": {"name": "Erledigt", "statusCategory": {"key": "done"}},
            "comment": {"comments": [{"body": "Added an *index*.", "author": {"displayName": "Bo"}}]}}}]},
        ("jira", "OPS-88", "Slow", "two seconds", "resolved", "Added an index.", 5, None),
    ),
    (
        "gitlab api",
        [{"iid": 88, "id": 9001, "title": "Slow", "description": "two seconds", "state": "closed",
          "web_url": "https://gitlab.com/g/app/-/issues/88", "created_at": "2026-01-05T10:00:00Z",
          "author": {"username": "ann"}}],
        ("gitlab/g/app", "88", "Slow", "two seconds", "closed", None, 5, "ann"),
    ),
    (
        "linear long",
        "UUID,ID,Team,Title,Description,Status,Creator,Created,Completed,Related to,Duplicate of\n"
        "u1,ENG-88,Eng,Slow,two seconds,Canceled,ann,2026-01-05T10:00:00.000Z,,,ENG-4\n",
        ("linear", "ENG-88", "Slow", "two seconds", "closed", None, 5, "ann"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "expected"), [one[1:] for one in FILES], ids=[one[0] for one in FILES]
)
def test_each_tool_has_its_fields(data: str | object, expected: tuple[object, ...]) -> None:
    """Source, id, title, text, state, answer, day and author, whatever the file is called."""
    raw = data if isinstance(data, str) else json.dumps(data)
    (row,) = [one for one in read_file("export", raw, OWN) if isinstance(one, Row)]
    item = row.item
    assert (
        item.source, item.external_id, item.title, item.text, item.status, item.resolution,
        item.created_at.day, item.author,
    ) == expected  # fmt: skip
    assert (item.is_dated, row.warnings) == (True, ())
