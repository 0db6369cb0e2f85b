"""What single tools write beside the rows of their tickets, and rows that look like others."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.wiring import Services
from models import Workspace
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError, Skipped
from services.intake.importers.layouts.corpora import NO_POSTS
from services.intake.importers.recognition import ReadOptions
from services.intake.importers.rows.report_lines import HEADERS, HEADINGS, TOTALS
from services.intake.importers.rows.table_source import source_of_table
from services.intake.importers.storage.replacements import first_rows
from tests.conftest import NOW
from tests.services.intake.importers.written_files import (
    csv_rows,
    only_row,
    read_file,
    store_entries,
)

OWN = RowDefaults(None, "ticket", NOW)


def rows_of(entries: list[ImportEntry]) -> list[Row]:
    """Return the rows among entries."""
    return [one for one in entries if isinstance(one, Row)]


def test_groups_of_a_board_are_no_tickets() -> None:
    """monday.com repeats the header below each group's name, and sums each group up."""
    entries = read_file(
        "board.csv",
        "Helpdesk,,,,\nOpen tickets,,,,\nName,Person,Status,Date,Hours\n"
        "Printer jams on floor 2,Ann,Working on it,2026-03-01,3\n"
        "VPN drops every hour,Bo,Stuck,2026-03-02,1\n,,,2026-03-01 to 2026-03-02,4\n,,,,\n"
        "Closed tickets,,,,\nName,Person,Status,Date,Hours\n"
        "Mail bounces for Kim,Bo,Done,2026-02-02,1\n,,,2026-02-02,1\n",
        OWN,
    )
    assert [one.item.title for one in rows_of(entries)] == [
        "Printer jams on floor 2", "VPN drops every hour", "Mail bounces for Kim",
    ]  # fmt: skip
    reasons = [one.reason for one in entries if isinstance(one, Skipped)]
    assert reasons == [TOTALS, HEADINGS, HEADERS, TOTALS]
    assert len(entries) == 7


def test_a_ticket_of_one_cell_is_a_ticket() -> None:
    """Only a row right above the header once more names a group."""
    data = "Name,Person,Status\nPrinter jams again,,\nVPN drops again,Bo,open\n"
    assert len(rows_of(read_file("t.csv", data, OWN))) == 2


@pytest.mark.parametrize("name", ["Issue", "Problem", "Question", "Anliegen", "Problema"])
def test_a_matter_beside_details_is_the_title(name: str) -> None:
    """Forms and bases of Airtable ask for both."""
    data = f"{name},Details,Status\nPrinter jams,It jams whenever I print ten pages,Done\n"
    item = only_row(read_file("t.csv", data, OWN)).item
    assert (item.title, item.text) == ("Printer jams", "It jams whenever I print ten pages")


def test_a_choice_of_matters_is_no_title() -> None:
    """A list of kinds named "Issue" says the same of many tickets."""
    rows = "".join(f"Billing,The invoice {number} has a wrong total\n" for number in range(8))
    first, *_ = rows_of(read_file("t.csv", f"Issue,Details\n{rows}", OWN))
    assert first.item.title is None


@pytest.mark.parametrize("said", ["3 tickets ago", "two replies ago", "5 versions ago"])
def test_what_was_some_things_ago_is_no_date(said: str) -> None:
    """It is not in August ("ago" in Spanish), whenever the file was written."""
    options = ReadOptions(exported=NOW)
    data = f"id,text,created\n1,It jams,{said}\n2,It drops,5 de ago\n3,It bounces,mar 5 ago\n"
    first, *others = rows_of(read_file("t.csv", data, OWN, options))
    assert not first.item.is_dated
    assert f"'{said}' is not a date" in first.warnings[0]
    assert {(one.item.created_at.month, one.item.created_at.day) for one in others} == {(8, 5)}


@pytest.mark.parametrize("reason", ["NOT_PLANNED", "DUPLICATE", "COMPLETED"])
def test_why_github_closed_an_issue_is_no_answer(reason: str) -> None:
    """The issue is closed, and the reason is kept with it."""
    issue = {
        "number": 7, "title": "Crash", "body": "On start.", "state": "CLOSED",
        "stateReason": reason, "url": "https://github.com/a/b/issues/7",
        "createdAt": "2026-03-01T00:00:00Z", "closedAt": "2026-03-02T00:00:00Z",
    }  # fmt: skip
    row = only_row(read_file("t.json", json.dumps([issue]), OWN))
    assert (row.item.status, row.item.resolution) == ("closed", None)
    assert (row.item.extra["stateReason"], row.warnings) == (reason, ())


def test_a_duplicate_in_gitlab_is_closed() -> None:
    """Which issue it repeats is kept with it."""
    other = "https://gitlab.com/api/v4/projects/1/issues/4"
    issue = {
        "iid": 7, "title": "Crash", "description": "On start.", "state": "closed",
        "web_url": "https://gitlab.com/g/app/-/issues/7", "created_at": "2026-03-01T00:00:00Z",
        "closed_as_duplicate_of": other, "_links": {"closed_as_duplicate_of": other},
    }  # fmt: skip
    item = only_row(read_file("t.json", json.dumps([issue]), OWN)).item
    assert (item.source, item.status, item.resolution) == ("gitlab/g/app", "closed", None)
    assert item.extra["closed_as_duplicate_of"] == other


@pytest.mark.parametrize(
    "row",
    [
        'PostId="4" RelatedPostId="5" LinkTypeId="3"',
        'PostId="4" PostHistoryTypeId="2" Text="How do I mount it?"',
        'Reputation="1" DisplayName="Ann" AboutMe="I like to tinker with all kinds of gates."',
        'PostId="4" VoteTypeId="2"', 'UserId="1" Name="Teacher" TagBased="False"',
        'TagName="gates" Count="7"',
    ],
)  # fmt: skip
def test_other_tables_of_a_stack_exchange_dump_are_skipped(row: str) -> None:
    """Links, revisions, people, votes, badges and tags are neither tickets nor errors."""
    rows = "".join(f'<row Id="{n}" CreationDate="2026-01-01T00:00:00" {row}/>' for n in (1, 2))
    entries = read_file("Other.xml", f"<rows>{rows}</rows>", OWN)
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [NO_POSTS, NO_POSTS]


def mail(number: int, thread: int, text: str, sender: str = "ann", more: str = "") -> str:
    """Return a mail as Google's Takeout writes it."""
    return (
        f"From {number}@xxx Mon May 04 10:00:00 +0000 2026\nX-GM-THRID: {thread}\n"
        f"X-Gmail-Labels: Inbox\n{more}Message-ID: <{number}@x>\nFrom: {sender}@x.example\n"
        f"Date: Mon, {number} May 2026 10:00:00 +0000\nSubject: Gate\n\n{text}\n\n"
    )


def test_mails_of_a_thread_of_gmail_belong_together() -> None:
    """Where no reference says so, or it leads to a mail that is not there, the thread does."""
    data = (
        mail(4, 17, "The gate jams.")
        + mail(5, 17, "Oil the hinge of the gate.", "bo")
        + mail(6, 17, "That helped, thank you!", more="In-Reply-To: <gone@x>\n")
        + mail(7, 18, "Another gate jams.")
    )
    first, second = rows_of(read_file("t.mbox", data, OWN))
    assert (first.item.text, first.joined) == ("The gate jams.", 2)
    assert first.item.resolution == "Oil the hinge of the gate."
    assert second.item.created_at == datetime(2026, 5, 7, 10, tzinfo=UTC)


def chat(*messages: str) -> str:
    """Return a chat whose only ids number its messages."""
    return "id,text\n" + "".join(f"{number},{one}\n" for number, one in enumerate(messages, 1))


FIRST = chat("the gate jams", "thanks", "ok", "my badge is lost", "the gate is open again", "hi")
SECOND = chat("the door jams", "thanks", "hi", "your badge is there", "a mouse is lost", "ok")


def test_a_chat_does_not_overwrite_another_one(services: Services, workspace: Workspace) -> None:
    """Their messages have the same numbers and share words; each file has a source of its own."""

    def source(name: str, data: str) -> str:
        rows = first_rows(read_file(name, data, RowDefaults("import", "ticket", NOW)))
        with services.database.read() as session:
            return source_of_table(session, workspace.id, name, rows)

    def store(data: str, of: str) -> None:
        entries = read_file("t.csv", data, RowDefaults(of, "ticket", NOW))
        assert not any(isinstance(one, RowError) for one in entries)
        store_entries(services, workspace, iter(entries))

    store(FIRST, "import")
    assert source("chat-1.csv", FIRST) == "import"
    assert source("chat-1.csv", FIRST.replace("badge", "pass") + "7,bye\n") == "import"
    assert source("chat-2.csv", SECOND) == "import/chat"
    store(SECOND, "import/chat")
    assert source("chat-2.csv", SECOND) == "import/chat"
    third = chat("what is this", "i am new", "lost mouse", "see you", "no", "well")
    assert source("chat-3.csv", third) == "import/chat-2"


def test_a_table_of_a_tool_may_call_its_columns_otherwise() -> None:
    """As a view of Help Scout does, or messages of Zoho with a ticket's columns beside them."""
    item = only_row(
        csv_rows(
            "Number,Subject,Status,Customer,Mailbox,Created,Closed,Preview\n"
            '5,Blinds,closed,Ira,IT,"Apr 13, 2026 8:15am","Apr 15, 2026 4:40pm",Hello\n'
        )
    ).item
    assert (item.source, item.author, item.is_dated) == ("import", "Ira", True)
    assert item.resolved_at is not None
    head = "Ticket Id,Subject,Thread Id,Direction,From,Content,Created Time,Is Private,Status\n"
    row = only_row(
        csv_rows(
            f"{head}9,Lamp,1,in,Ira,The lamp of room 5 flickers,2026-04-13 08:15:00,false,Closed\n"
            "9,Lamp,2,out,Uwe,Replace the vendor of lamps,2026-04-13 09:15:00,true,Closed\n"
            "9,Lamp,3,out,Uwe,Replace the bulb by E14,2026-04-13 10:15:00,false,Closed\n"
        )
    )
    assert (row.item.text, row.item.resolution) == (
        "The lamp of room 5 flickers", "Replace the bulb by E14",
    )  # fmt: skip
    assert "vendor" not in str(row.item)


def test_a_choice_is_no_text_of_a_tool_without_one() -> None:
    """Freshdesk's exports have a ticket's own fields, such as "Issue", and may have no text."""
    item = only_row(
        csv_rows(
            "Ticket ID,Subject,Created time,Status,Issue\n5,Blinds,2026-04-13 08:15,Open,Hardware\n"
        )
    ).item
    assert (item.title, item.text) == ("Blinds", "")


@pytest.mark.parametrize("other", ["Door", "Lamp"])
def test_issues_of_two_projects_may_have_one_number(other: str) -> None:
    """As in the CSV of a group of GitLab; one source for both has no place for both."""
    address = "https://gitlab.com/acme/{}/-/issues/12"
    text = (
        "Title,Description,Issue ID,URL,State,Author Username,Created At (UTC)\n"
        f"Lamp,It flickers,12,{address.format('web')},Closed,bob,2026-04-03 08:15:00\n"
        f"{other},It is another one,12,{address.format('app')},Open,bob,2026-04-03 08:15:00\n"
    )
    rows = [one for one in read_file("t.csv", text, OWN) if isinstance(one, Row)]
    assert [(one.item.source, one.item.text, one.joined) for one in rows] == [
        ("gitlab/acme/web", "It flickers", 0), ("gitlab/acme/app", "It is another one", 0),
    ]  # fmt: skip
    together = read_file("t.csv", text, RowDefaults("desk", "ticket", NOW))
    assert len([one for one in together if isinstance(one, Row)]) == 1
    assert sum(getattr(one, "joined", 1) for one in together) == 1
