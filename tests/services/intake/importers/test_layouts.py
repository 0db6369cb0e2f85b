"""Files of help desks and trackers: each is recognised by its content, and read as it is meant."""

# ruff: noqa: E501 - rows as the tools write them

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.intake.importers.entries import ImportEntry, Row, RowDefaults, Skipped
from tests.conftest import NOW
from tests.services.intake.importers.written_files import read_file

# The source of a row is that of its layout.
OWN = RowDefaults(None, "ticket", NOW)


def rows_of(name: str, data: str | object) -> list[Row]:
    """Return the rows of a file; an object is written as JSON."""
    return [one for one in _entries(name, data) if isinstance(one, Row)]


def _entries(name: str, data: str | object) -> list[ImportEntry]:
    return read_file(name, data if isinstance(data, str) else json.dumps(data), OWN)


def zendesk(number: int, **more: Any) -> dict[str, Any]:
    """Return a ticket as Zendesk's API gives it."""
    return {
        "url": f"https://globex.zendesk.com/api/v2/tickets/{number}.json", "id": number,
        "subject": "Scanner beeps", "raw_subject": "Scanner beeps", "status": "solved",
        "description": "The scanner beeps twice and stops.", "requester_id": 5, "assignee_id": 9,
        "created_at": "2026-03-02T09:00:00Z", "via": {"channel": "web"}, **more,
    }  # fmt: skip


SAID = [
    {"author_id": 5, "public": True, "body": "The scanner beeps twice and stops."},
    {"author_id": 9, "public": True, "plain_body": "Clean the glass and restart the scanner."},
    {"author_id": 9, "public": False, "body": "Same serial number as last week."},
    {"author_id": 5, "public": True, "body": "Great, thank you!"},
]


@pytest.mark.parametrize("form", ["page", "lines", "list", "one", "pages by line"])
def test_zendesk_in_every_form_that_it_writes(form: str) -> None:
    """A page of the API, one ticket a line, a list, one ticket, and one page a line are the same."""
    one, two = zendesk(1, comments=SAID), zendesk(2, status="open")
    data = {
        "page": json.dumps({"tickets": [one, two], "next_page": None, "count": 2}),
        "lines": f"{json.dumps(one)}\n{json.dumps(two)}\n",
        "list": json.dumps([one, two], indent=1),
        "one": json.dumps({"ticket": one}, indent=1),
        "pages by line": "".join(
            json.dumps({"tickets": [ticket], "end_of_stream": False}) + "\n"
            for ticket in (one, two)
        ),
    }[form]
    rows = rows_of("export.json", data)
    item = rows[0].item
    assert (item.source, item.external_id, item.title) == ("zendesk/globex", "1", "Scanner beeps")
    assert item.text == "The scanner beeps twice and stops."
    assert (item.status, item.resolution) == (
        "resolved", "Clean the glass and restart the scanner.",
    )  # fmt: skip
    assert item.url == "https://globex.zendesk.com/agent/tickets/1"
    assert item.created_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert [row.item.status for row in rows[1:]] == ([] if form == "one" else ["open"])


JIRA = """\ufeffSummary,Issue key,Issue Type,Status,Resolution,Reporter,Created,Resolved,Labels,Labels,Description,Comment,Comment,Comment
Export hangs,WEB-7,Bug,Done,Fixed,Ann,09/Feb/26 6:16 PM,10/Feb/26 8:00 AM,ui,export,"h3. Steps
{noformat}click *Export*{noformat}",09/Feb/26 7:00 PM;5f:a1;Any update on this?,10/Feb/26 7:58 AM;5f:b2;Raised the proxy's timeout to 120 s; it was 30.,10/Feb/26 8:01 AM;5f:a1;Thanks!
Login slow,WEB-8,Bug,Won't Do,Won't Do,Ann,09/Feb/26 6:20 PM,,,,It takes a minute,,,
"""


def test_jira_csv_has_repeated_columns_its_own_dates_and_markup() -> None:
    """The comment that answers is the answer; a word for a state is none."""
    first, second = rows_of("Jira.csv", JIRA)
    item = first.item
    assert (item.source, item.external_id, item.text) == ("jira", "WEB-7", "Steps\nclick Export")
    assert (item.status, item.resolution) == (
        "resolved", "Raised the proxy's timeout to 120 s; it was 30.",
    )  # fmt: skip
    assert item.created_at == datetime(2026, 2, 9, 18, 16, tzinfo=UTC)
    assert item.resolved_at == datetime(2026, 2, 10, 8, tzinfo=UTC)
    assert item.extra["Labels"] == ["ui", "export"]
    assert [reply["text"] for reply in item.extra["replies"]][::2] == [
        "Any update on this?",
        "Thanks!",
    ]
    assert (second.item.status, second.item.resolution) == ("closed", None)


@pytest.mark.parametrize(
    ("header", "created"),
    [
        ("Zusammenfassung;Vorgangsschlüssel;Status;Lösung;Autor;Erstellt;Beschreibung",
         "09.02.2026 18:16"),
        ("Resumen;Clave de incidencia;Estado;Resolución;Informador;Creada;Descripción",
         "09/feb/26 6:16 PM"),
    ],
)  # fmt: skip
def test_jira_csv_in_german_and_spanish(header: str, created: str) -> None:
    """The exporter's language names the columns, the months and the states."""
    row = f"Druck hängt;OPS-4;Cerrado;Hecho;Bo;{created};Blatt bleibt stecken"
    (found,) = rows_of("Jira.csv", f"{header}\n{row}\n")
    item = found.item
    assert (item.source, item.external_id, item.title) == ("jira", "OPS-4", "Druck hängt")
    assert (item.text, item.status, item.author) == ("Blatt bleibt stecken", "closed", "Bo")
    assert item.resolution is None
    assert item.created_at == datetime(2026, 2, 9, 18, 16, tzinfo=UTC)


def test_jira_json_has_document_trees() -> None:
    """Text of the newer API is a tree; the site's address becomes that of the issue."""
    text = {"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "It hangs"}]},
        {"type": "codeBlock", "content": [{"type": "text", "text": "504"}]},
    ]}  # fmt: skip
    issue = {
        "id": "1", "key": "WEB-9", "self": "https://globex.atlassian.net/rest/api/3/issue/1",
        "fields": {
            "summary": "Hangs", "description": text, "created": "2026-05-11T09:46:53.000+0300",
            "status": {"name": "Erledigt", "statusCategory": {"key": "done"}},
            "resolution": {"name": "Done"}, "reporter": {"displayName": "Ann"},
            "comment": {"comments": [{"author": {"displayName": "Bo"}, "body": "Restart the proxy."}]},
        },
    }  # fmt: skip
    (row,) = rows_of("search.json", {"startAt": 0, "total": 1, "issues": [issue]})
    item = row.item
    assert (item.source, item.external_id) == ("jira/globex.atlassian.net", "WEB-9")
    assert (item.text, item.status) == ("It hangs\n504", "resolved")
    assert (item.author, item.resolution) == ("Ann", "Restart the proxy.")
    assert item.url == "https://globex.atlassian.net/browse/WEB-9"
    assert item.created_at == datetime(2026, 5, 11, 6, 46, 53, tzinfo=UTC)


def github(number: int, **more: Any) -> dict[str, Any]:
    """Return an issue as GitHub's REST API gives it."""
    return {
        "url": f"https://api.github.com/repos/globex/shop/issues/{number}", "id": 9_000 + number,
        "html_url": f"https://github.com/globex/shop/issues/{number}", "number": number,
        "title": "Cart empties", "body": "Use `vector<int>`\n\n> log", "state": "closed",
        "user": {"login": "ann"}, "comments": 3, "created_at": "2026-01-05T10:00:00Z", **more,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["list", "lines", "pages"])
def test_github_issues_without_pull_requests(form: str) -> None:
    """Numbers are ids, the address is people's, Markdown stays as it is."""
    issues = [github(3), github(4, pull_request={"url": "x"}), github(5, body=None)]
    data = {
        "list": json.dumps(issues),
        "lines": "\n".join(map(json.dumps, issues)),
        "pages": json.dumps(issues[:2]) + "\n" + json.dumps(issues[2:]),
    }[form]
    entries = _entries("issues.json", data)
    assert [type(one) for one in entries] == [Row, Skipped, Row]
    first, last = (one.item for one in entries if isinstance(one, Row))
    assert (first.source, first.external_id) == ("github/globex/shop", "3")
    assert (first.text, first.status) == ("Use `vector<int>`\n\n> log", "closed")
    assert first.url == "https://github.com/globex/shop/issues/3"
    assert (last.title, last.text) == ("Cart empties", "")


def test_github_command_line_and_graphql() -> None:
    """`gh issue list --json`, with comments, and raw answers of the GraphQL API."""
    issue = {
        "number": 3, "title": "Cart empties", "body": "after login", "state": "CLOSED",
        "createdAt": "2026-01-05T10:00:00Z", "url": "https://github.com/globex/shop/issues/3",
        "author": {"login": "ann"},
        "comments": [{"author": {"login": "bo"}, "body": "Fixed by clearing the session cookie."}],
    }  # fmt: skip
    nested = {"data": {"repository": {"issues": {"nodes": [issue]}}}}
    for data in ([issue], nested):
        (row,) = rows_of("gh.json", data)
        assert (row.item.source, row.item.status) == ("github/globex/shop", "closed")
        assert row.item.resolution == "Fixed by clearing the session cookie."


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        (
            "gitlab.csv",
            "Title,Description,Issue ID,URL,State,Author,Author Username,Created At (UTC),"
            "Closed At (UTC)\nSlow,<details>,12,https://gitlab.com/g/app/-/issues/12,Closed,Ann,ann,"
            "2026-01-05 10:00:00,2026-01-06 10:00:00\n",
            ("gitlab/g/app", "12", "Slow", "<details>", "closed", None, 5, "Ann"),
        ),
        (
            "linear.csv",
            "ID,Team,Title,Description,Status,Creator,Labels,Created,Completed\n"
            "ENG-4,Eng,Slow,two seconds,Done,ann@globex.example,,2026-01-05T10:00:00.000Z\n",
            ("linear", "ENG-4", "Slow", "two seconds", "resolved", None, 5, "ann@globex.example"),
        ),
        (
            "freshdesk.csv",
            "Ticket ID,Subject,Status,Source,Created time,Resolved time,Full name,Title\n"
            "88,Slow,Waiting on Customer,Email,2026-01-05 10:00:00,,Ann Lee,Ms\n",
            ("freshdesk", "88", "Slow", "", "pending", None, 5, "Ann Lee"),
        ),
        (
            "freshservice.csv",
            "Ticket Id,Subject,Description,Status,Created Time,Resolution Note,Requester Name\n"
            "88,Slow,<p>two <b>seconds</b></p>,Resolved,2026-01-05 10:00,Added an index.,Ann\n",
            ("freshdesk", "88", "Slow", "two seconds", "resolved", "Added an index.", 5, "Ann"),
        ),
        (
            "freshdesk.json",
            [{"id": 88, "subject": "Slow", "description_text": "two seconds", "status": 4,
              "requester_id": 1, "created_at": "2026-01-05T10:00:00Z", "conversations": [
                {"body_text": "Added an index.", "incoming": False, "private": False},
                {"body_text": "blame Bo", "incoming": False, "private": True}]}],
            ("freshdesk", "88", "Slow", "two seconds", "resolved", "Added an index.", 5, None),
        ),
        (
            "hubspot.json",
            {"results": [{"id": "88", "createdAt": "2026-01-05T10:00:00Z", "properties": {
                "subject": "Slow", "content": "two seconds", "hs_pipeline_stage": "Closed (Support)",
                "hs_resolution": "ISSUE_FIXED"}}]},
            ("hubspot", "88", "Slow", "two seconds", "closed", None, 5, None),
        ),
        (
            "intercom.json",
            {"type": "conversation.list", "conversations": [{
                "id": "88", "created_at": 1767607200, "state": "closed", "source": {
                    "subject": "", "body": "<p>two seconds</p>", "author": {"name": "Ann"}},
                "conversation_parts": {"conversation_parts": [
                    {"part_type": "comment", "author": {"type": "bot"}, "body": "Thanks for your message"},
                    {"part_type": "comment", "author": {"type": "admin"}, "body": "<p>Use the beta.</p>"},
                    {"part_type": "close", "author": {"type": "admin"}, "body": None}]}}]},
            ("intercom", "88", None, "two seconds", "closed", "Use the beta.", 5, "Ann"),
        ),
        (
            "helpscout.json",
            {"_embedded": {"conversations": [{
                "number": 88, "subject": "Slow", "status": "closed", "mailboxId": 1,
                "createdAt": "2026-01-05T10:00:00Z", "_embedded": {"threads": [
                    {"type": "message", "body": "Use the beta.", "createdAt": "2026-01-05T12:00:00Z"},
                    {"type": "customer", "body": "two seconds", "createdAt": "2026-01-05T10:00:00Z"},
                    {"type": "note", "body": "known", "createdAt": "2026-01-05T11:00:00Z"}]}}]}},
            ("helpscout", "88", "Slow", "two seconds", "closed", "Use the beta.", 5, None),
        ),
        (
            "incident.json",
            {"result": [{
                "number": "INC88", "short_description": "Slow", "description": "two seconds",
                "opened_at": {"display_value": "05.01.2026 11:00:00", "value": "2026-01-05 10:00:00"},
                "state": "6", "close_code": "Solved (Permanently)", "close_notes": "Added an index.",
                "caller_id": {"display_value": "Ann", "link": "https://x"}}]},
            ("servicenow", "INC88", "Slow", "two seconds", "resolved", "Added an index.", 5, "Ann"),
        ),
        (
            "kaggle.csv",
            "Ticket ID,Customer Name,Product Purchased,Date of Purchase,Ticket Subject,"
            "Ticket Description,Ticket Status,Resolution,Ticket Channel,Time to Resolution\n"
            "88,Ann,GoCam,2020-01-05,Slow,The {product_purchased} takes two seconds,Closed,"
            "Added an index.,Email,2023-06-01 10:00:00\n",
            ("kaggle", "88", "Slow", "The GoCam takes two seconds", "closed", "Added an index.",
             None, "Ann"),
        ),
        (
            "multilingual.csv",
            "subject,body,answer,type,queue,priority,language\n"
            "Slow,\"Dear team,\\n\\nit takes two seconds\",Added an index.,Incident,IT,low,en\n",
            ("kaggle", None, "Slow", "Dear team,\n\nit takes two seconds", "resolved", "Added an index.",
             None, None),
        ),
    ],
)  # fmt: skip
def test_each_tool_is_read_as_it_is_meant(
    name: str, data: str | object, expected: tuple[object, ...]
) -> None:
    """Source, id, title, text, state, answer, day and author, as the tool's own people mean them."""
    (row,) = rows_of(name, data)
    item = row.item
    day = item.created_at.day if item.is_dated else None
    id_ = None if item.external_id.startswith("row-") else item.external_id
    assert (
        item.source, id_, item.title, item.text, item.status, item.resolution, day, item.author,
    ) == expected  # fmt: skip
    assert row.warnings == ()
