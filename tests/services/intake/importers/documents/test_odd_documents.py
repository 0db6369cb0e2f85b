"""Documents and workbooks as programs write them: wrappers, cut files, merged cells, tools."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError, Skipped
from services.intake.importers.files.json_cursor import CUT
from services.intake.importers.inputs import open_inputs
from services.intake.importers.plans.plan import make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
DOOR = {"id": "D1", "subject": "Door jams", "body": "Since noon"}
GATE = {"id": "G1", "subject": "Gate jams", "body": "In hall 4"}


def read_json_of(value: Any) -> list[ImportEntry]:
    """Read a JSON document."""
    return read_file("t.json", json.dumps(value), OWN)


@pytest.mark.parametrize(
    "document",
    [
        {"exported": "2026-05-01", "list": [DOOR, GATE]},
        {"_results": [DOOR, GATE]},
        {"people": [{"id": 4, "name": "Kim", "title": "Dr", "text": "x"}], "all": [DOOR, GATE]},
        {"tickets": {"D1": {**DOOR}, "G1": {**GATE}}},
        {"D1": {"subject": "Door jams", "body": "Since noon"}, "G1": GATE},
        [list(DOOR), list(DOOR.values()), list(GATE.values())],
        {"columns": list(DOOR), "data": [list(DOOR.values()), list(GATE.values())]},
        {name: {"0": DOOR[name], "1": GATE[name]} for name in DOOR},
        {"tickets": [{"ticket": DOOR}, {"ticket": GATE}]},
    ],
)
def test_tickets_are_found_in_any_wrapper(document: Any) -> None:
    """Lists under any name, objects by id, rows of cells and columns of values are tickets."""
    items = [entry.item for entry in read_json_of(document) if isinstance(entry, Row)]
    assert [(one.external_id, one.title, one.text) for one in items] == [
        ("D1", "Door jams", "Since noon"),
        ("G1", "Gate jams", "In hall 4"),
    ]
    assert not [one for one in read_json_of(document) if isinstance(one, RowError)]


def test_the_parts_of_a_ticket_are_no_tickets() -> None:
    """Comments that come before the ticket's own fields stay its comments."""
    row = only_row(read_json_of({"comments": [{"id": 1, "body": "Oil the hinge"}], **DOOR}))
    assert (row.item.external_id, row.item.title) == ("D1", "Door jams")


@pytest.mark.parametrize(
    ("name", "document", "whole"),
    [
        ("t.json", json.dumps({"tickets": [DOOR, GATE]})[:-30], 1),
        ("t.json", json.dumps([DOOR, GATE])[:-1], 2),
        ("t.xml", "<a><row><id>1</id><text>x y</text></row><row><id>2</id><te", 1),
    ],
)
def test_a_file_that_is_cut_off_says_so(name: str, document: str, whole: int) -> None:
    """What is whole is read; the rest is one error that an administrator understands."""
    entries = read_file(name, document, OWN)
    assert len([one for one in entries if isinstance(one, Row)]) == whole
    assert [one.reason for one in entries if isinstance(one, RowError)] == [CUT]


def test_a_broken_line_says_where() -> None:
    """The reason names the place once."""
    entries = read_file("t.jsonl", json.dumps(DOOR) + '\n{"id": "G1", "subject": "Gate\n')
    (error,) = (one for one in entries if isinstance(one, RowError))
    assert error.reason == "not JSON: Invalid control character at character 30"


def test_a_name_that_is_no_text_breaks_nothing() -> None:
    """JSON allows none, but some programs write them; the tickets before it are read."""
    document = f'{{"tickets": [{json.dumps(DOOR)}], [1]: 2}}'
    assert len([one for one in read_file("t.json", document, OWN) if isinstance(one, Row)]) == 1


def test_a_person_in_an_object_is_the_author() -> None:
    """Their name is the ticket's author, so that the comment of another one may answer."""
    row = only_row(
        read_json_of(
            {
                "ticket": {"id": 7, "fields": {"subject": "Door", "description": "It jams"}},
                "requester": {"name": "Kim", "email": "k@x.example"},
                "comments": [{"author": "ana", "text": "Oil the upper hinge"}],
            }
        )
    )
    assert (row.item.author, row.item.resolution) == ("Kim", "Oil the upper hinge")


FRESHDESK = {
    "id": 5, "subject": "Door", "description": "<div>It <b>jams</b></div>", "status": 4,
    "description_text": "It jams", "requester_id": 9, "responder_id": 3,
    "created_at": "2026-03-01T10:00:00Z",
    "conversations": [
        {"body_text": "Oil the upper hinge", "incoming": False, "private": False},
        {"body_text": "It is the old door", "incoming": False, "private": True},
    ],
}  # fmt: skip
HELP_SCOUT = {
    "number": 12, "subject": "Door", "status": "closed", "mailboxId": 1,
    "_embedded": {"threads": [
        {"type": "message", "body": "Please oil <b>the hinge</b>", "createdBy": {"type": "user"},
         "createdAt": "2026-03-01T12:00:00Z"},
        {"type": "customer", "body": "It jams<br>since noon", "createdBy": {"type": "customer"},
         "createdAt": "2026-03-01T10:00:00Z"},
    ]},
}  # fmt: skip
HUBSPOT = {
    "id": "33", "properties": {"subject": "Door", "content": "It jams", "hs_pipeline_stage": "4"},
}  # fmt: skip
ZAMMAD = {
    "id": 7, "number": "67001", "title": "Door", "group_id": 1, "customer_id": 3, "state_id": 3,
    "articles": [{"body": "<div>It jams</div>", "sender": "Customer", "internal": False}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("ticket", "source", "text", "status", "answer"),
    [
        (FRESHDESK, "freshdesk", "It jams", "resolved", "Oil the upper hinge"),
        (HELP_SCOUT, "helpscout", "It jams\nsince noon", "closed", "Please oil the hinge"),
        (HUBSPOT, "hubspot", "It jams", "closed", None),
        (ZAMMAD, "zammad", "It jams", "pending", None),
    ],
)
def test_help_desks_by_their_apis(
    ticket: dict[str, Any], source: str, text: str, status: str, answer: str | None
) -> None:
    """Each is told from the others, its codes are states, its HTML is text."""
    item = only_row(read_json_of([ticket])).item
    assert (item.source, item.text, item.status) == (source, text, status)
    assert item.resolution == answer


JIRA_XML = """<rss version="0.92"><channel><title>Search</title><description>of May</description>
<issue start="0" end="1" total="1"/><item><title>[GATE-1] Gate jams</title>
<link>https://contoso.example/browse/GATE-1</link><key id="1">GATE-1</key>
<summary>Gate jams</summary><description>&lt;p&gt;Since&lt;br/&gt;noon&lt;/p&gt;</description>
<status id="6">Closed</status><comments>
<comment author="a" created="Tue, 5 May 2026 10:00:00 +0200">&lt;p&gt;any news?&lt;/p&gt;</comment>
<comment author="b" created="Tue, 5 May 2026 11:00:00 +0200">&lt;p&gt;Replaced the rail.&lt;/p&gt;
</comment></comments></item></channel></rss>"""


def test_jiras_xml_has_its_items_and_its_account() -> None:
    """The search's own numbers are no ticket, and two Jiras never overwrite each other."""
    item = only_row(read_file("search.xml", JIRA_XML, OWN)).item
    assert (item.source, item.external_id) == ("jira/contoso.example", "GATE-1")
    assert (item.title, item.text) == ("Gate jams", "Since\nnoon")
    assert item.resolution == "Replaced the rail."


ARCHIVE = "https://github.example/contoso/gate"


def test_an_archive_of_github_has_its_issues_and_no_comments_as_tickets() -> None:
    """An issue is the one that the API gives; comments and pull requests are skipped."""
    user, at = f"{ARCHIVE}/kim", "2026-05-04T08:00:00Z"
    issue = {
        "type": "issue", "url": f"{ARCHIVE}/issues/7", "repository": ARCHIVE, "user": user,
        "title": "Gate jams", "body": "Since noon", "created_at": at, "closed_at": at,
    }  # fmt: skip
    pull = {**issue, "type": "pull_request", "url": f"{ARCHIVE}/pull/8"}
    row, skipped = read_json_of([issue, pull])
    assert isinstance(row, Row)
    item = row.item
    assert (item.source, item.external_id) == ("github/contoso/gate", "7")
    assert (item.status, item.author, item.url) == ("closed", "kim", issue["url"])
    comment = {"type": "issue_comment", "url": f"{ARCHIVE}/issues/7#issuecomment-1", "user": user,
               "issue": issue["url"], "body": "Oil it", "created_at": at}  # fmt: skip
    for one in (skipped, *read_json_of([comment])):
        assert isinstance(one, Skipped)


def test_a_bare_date_answers_nothing() -> None:
    """Nor does any comment without letters."""
    data = "Summary,Issue key,Status,Comment\nDoor,D-1,Done,02.03.2026 17:00\n"
    assert only_row(read_file("jira.csv", data, OWN)).item.resolution is None


def read_book(folder: Path, book: openpyxl.Workbook) -> tuple[list[ImportEntry], tuple[str, ...]]:
    """Return the entries of a workbook's first sheet, and the warnings about it."""
    book.save(folder / "book.xlsx")
    with open_inputs(folder / "book.xlsx", io.BytesIO) as inputs:
        plan = make_plan(recognize(inputs[0], ReadOptions()), ReadOptions())
        return list(TicketReader(plan, OWN).read()), plan.warnings


def test_merged_cells_hold_for_all_their_rows(tmp_path: Path) -> None:
    """A ticket whose id is merged over several rows is one ticket with its replies."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ("Ticket", "Subject", "Message"), ("T1", "Door jams", "It jams since noon"),
        ("", "", "Replaced the hinge"), ("T2", "Gate jams", "In hall 4"),
    ):  # fmt: skip
        sheet.append(row)
    for cells in ("A2:A3", "B2:B3"):
        sheet.merge_cells(cells)
    entries, warnings = read_book(tmp_path, book)
    first, second = (one for one in entries if isinstance(one, Row))
    assert (first.item.external_id, first.joined, second.item.external_id) == ("T1", 1, "T2")
    assert warnings == ()


def test_formulas_without_values_are_told(tmp_path: Path) -> None:
    """A workbook that no spreadsheet has computed lacks texts, so there is a warning."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(("ID", "Subject", "Description"))
    sheet.append((1, "Door jams", '=CONCATENATE("Since ","noon")'))
    _, warnings = read_book(tmp_path, book)
    assert [one[:22] for one in warnings] == ["1 cell holds a formula"]


def test_a_page_of_a_help_desk_with_people_has_its_tickets_only() -> None:
    """What is loaded beside tickets is none."""
    plan = plan_of("z.json", json.dumps({"users": [{"id": 4, "notes": "n"}], "tickets": [DOOR]}))
    assert plan.rows == 1


@pytest.mark.parametrize("name", ["resolution", "author", "channel"])
def test_a_value_that_is_no_text_is_told_once(name: str) -> None:
    """However many parts of the ticket ask for it."""
    others = [{**GATE, "id": f"G{number}", name: "Oil"} for number in range(3)]
    odd, *_ = read_json_of([{**DOOR, name: [{"x": 1}]}, *others])
    assert isinstance(odd, Row)
    assert odd.warnings == (f"{name} is a list, not text",)


def test_tickets_by_their_ids_far_inside_are_found() -> None:
    """Neither an empty object nor people by their ids before them are taken for tickets."""
    people = {"4": {"id": 4, "name": "Uma", "description": "Second shift."}}
    page = {"extensions": {}, "users": people, "tickets": {"D1": DOOR, "G1": GATE}}
    for document in ([page], {"response": {"result": page}}, [{"answer": {"result": page}}]):
        assert plan_of("z.json", json.dumps(document)).rows == 2
    listed = {"response": {"paging": {}, "result": {"paging": {}, "rows": [DOOR, GATE]}}}
    for name, text in (("z.jsonl", f"{json.dumps(listed)}\n"), ("z.json", json.dumps([listed]))):
        assert plan_of(name, text).rows == 2
