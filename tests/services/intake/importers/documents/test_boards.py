"""Boards of tasks, YAML, and reports of help desks as their exports write them."""

# ruff: noqa: E501 - rows as the tools write them

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError
from services.intake.importers.files.lines import MAX_RECORD
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)


def entries_of(name: str, data: object) -> list[ImportEntry]:
    """Read a file; what is no text is written as JSON."""
    return read_file(name, data if isinstance(data, str) else json.dumps(data), OWN)


def rows_of(name: str, data: object) -> list[Row]:
    """Return the rows of a file of which nothing is refused."""
    found = entries_of(name, data)
    assert not [one for one in found if isinstance(one, RowError)], found
    return [one for one in found if isinstance(one, Row)]


def card(number: int, list_: str, **more: Any) -> dict[str, Any]:
    """Return a card as Trello's API and exports give it."""
    return {
        "id": f"69f467{number:02x}0000000000000000", "closed": False, "desc": "It hums all day.",
        "idBoard": "B1", "idList": list_, "idShort": number, "idMembers": ["M2"], "due": None,
        "labels": [{"id": "x", "name": "heating", "color": "red"}], "name": f"Radiator {number}",
        "dateLastActivity": "2026-05-09T10:00:00.000Z", "shortUrl": f"https://trello.com/c/k{number}",
        **more,
    }  # fmt: skip


BOARD = {
    "id": "B1", "name": "Facilities", "desc": "", "labelNames": {"red": "heating"},
    "actions": [
        {"type": "commentCard", "date": "2026-05-02T09:00:00.000Z",
         "memberCreator": {"id": "M2", "fullName": "Bo Lund"},
         "data": {"text": "Bled the valve, it is quiet now.", "card": {"id": card(2, "L2")["id"]}}},
        {"type": "createCard", "data": {"card": {"id": "x"}}},
    ],
    "cards": [card(1, "L1"), card(2, "L2"), card(3, "L1", closed=True)],
    "lists": [{"id": "L1", "name": "To Do"}, {"id": "L2", "name": "Done"}],
    "members": [{"id": "M2", "fullName": "Bo Lund"}],
}  # fmt: skip


def test_a_board_of_trello_is_its_cards_with_lists_and_comments() -> None:
    """The list says the state, a comment answers, an archived card is closed, the id has a date."""
    rows = rows_of("board.json", BOARD)
    assert [(row.item.title, row.item.status) for row in rows] == [
        ("Radiator 1", "open"), ("Radiator 2", "resolved"), ("Radiator 3", "closed"),
    ]  # fmt: skip
    item = rows[1].item
    assert (item.source, item.text, item.url) == (
        "trello", "It hums all day.", "https://trello.com/c/k2",
    )  # fmt: skip
    assert item.resolution == "Bled the valve, it is quiet now."
    assert item.created_at == datetime.fromtimestamp(0x69F46702, UTC)
    assert (item.extra["labels"], item.extra["members"]) == (["heating"], ["Bo Lund"])


def test_cards_of_trello_without_a_board_are_tickets() -> None:
    """The API's list of cards, one card, and the CSV of a board give the same words."""
    for found in (rows_of("cards.json", [card(1, "L1")]), rows_of("card.json", card(1, "L1"))):
        assert (found[0].item.title, found[0].item.created_at.year) == ("Radiator 1", 2026)
    csv = "Card ID,Card Name,Card URL,Card Description,List Name,Archived\nk1,Radiator 1,https://trello.com/c/k1,It hums all day.,Done,false\n"
    item = only_row(read_file("board.csv", csv, OWN)).item
    assert (item.title, item.status, item.url) == (
        "Radiator 1", "resolved", "https://trello.com/c/k1",
    )  # fmt: skip


ASANA = {
    "gid": "120", "name": "Lift stops at 2", "notes": "Since the inspection.", "completed": True,
    "created_at": "2026-05-01T08:00:00.000Z", "completed_at": "2026-05-04T10:00:00.000Z",
    "permalink_url": "https://app.asana.com/0/1/120", "assignee": {"gid": "9", "name": "Bo"},
}  # fmt: skip
CLICKUP = """Task ID,Task Name,Task Content,Status,Date Created,Comments
86a,Lift stops at 2,Since the inspection.,complete,1777622400000,"[{""text"":""Reset the door sensor of floor 2."",""by"":""bo@x.example"",""date"":""2026-05-02T09:00:00Z""}]"
"""


def test_tasks_of_asana_and_clickup() -> None:
    """Their ids, links, times and states are known; comments may be JSON in a cell."""
    asana = rows_of("tasks.json", {"data": [ASANA]})[0].item
    assert (asana.source, asana.external_id, asana.status) == ("asana", "120", "resolved")
    assert (asana.title, asana.text, asana.url) == (
        "Lift stops at 2", "Since the inspection.", "https://app.asana.com/0/1/120",
    )  # fmt: skip
    item = rows_of("clickup.csv", CLICKUP)[0].item
    assert (item.source, item.external_id, item.status) == ("clickup", "86a", "resolved")
    assert item.resolution == "Reset the door sensor of floor 2."


@pytest.mark.parametrize(
    "document",
    [
        "# desk\n- id: 0012\n  title: Gate jams\n  text: |\n    In hall 4.\n    Again.\n  status: no\n",
        "version: 2\ntickets:\n  - id: 0012\n    subject: Gate jams\n    description: |-\n      In hall 4.\n      Again.\n",
        "---\nid: 0012\ntitle: Gate jams\ntext: |\n  In hall 4.\n  Again.\n---\nid: 0013\ntitle: Lamp\ntext: ~\n",
    ],
)
@pytest.mark.parametrize("name", ["t.yaml", "t.txt"])
def test_yaml_is_read_as_it_is_written(document: str, name: str) -> None:
    """Lists, tickets under a name and documents; ids keep their zeros; whatever the file is called."""
    item = rows_of(name, document)[0].item
    assert (item.external_id, item.title, item.text) == ("0012", "Gate jams", "In hall 4.\nAgain.")


def test_broken_yaml_gives_what_is_whole() -> None:
    """Tickets before the mistake are kept, the mistake has its line, and nothing unfolds."""
    first, error = entries_of("t.yaml", "- id: a\n  title: Gate\n- id: b\n   title: [bad\n")
    assert isinstance(first, Row)
    assert isinstance(error, RowError)
    assert (error.step, error.reason[:8]) == (4, "not YAML")
    bomb = "- &a {title: x}\n- title: y\n  more: [*a, *a]\n"
    assert [type(one) for one in entries_of("t.yaml", bomb)] == [Row, RowError]


@pytest.mark.parametrize(
    "document",
    [
        {"meta": {"count": 1}, "export": {"desk": {"rows_all": [{"id": "7", "subject": "Gate jams"}]}}},
        {"status": "ok", "result": {"total": 1, "ticketList": [{"ticketId": "7", "subject": "Gate jams"}]}},
        {"data": {"boards": [{"id": "1", "name": "IT", "items_page": {"items": [
            {"id": "7", "name": "Gate jams in hall", "column_values": [{"id": "s", "text": "Done"}]}]}}]}},
        [{"page": 1, "content": {"list": [{"id": "7", "subject": "Gate jams"}]}}],
    ],
)  # fmt: skip
def test_tickets_are_found_at_any_depth(document: Any) -> None:
    """A list of tickets within objects of any names is never passed over in silence."""
    (row,) = rows_of("t.json", document)
    assert (row.item.external_id, (row.item.title or "")[:9]) == ("7", "Gate jams")


def test_an_empty_page_has_no_tickets() -> None:
    """It is no ticket itself."""
    assert entries_of("t.json", {"tickets": [], "count": 0}) == []


FRONT = """Message ID,Conversation ID,Direction,Status,Message date,Contact name,Contact handle,Author,Subject,Extract
m1,c1,Inbound,Archived,2026-05-04 10:00:00,Ann,ann@x.example,,Charged twice,I was charged twice.
m2,c1,Outbound,Archived,2026-05-04 11:00:00,Ann,ann@x.example,Bo,Re: Charged twice,I refunded the second charge; it takes 3 days.
"""


def test_messages_of_front_are_tickets_of_the_contact() -> None:
    """Who answered did not write the ticket."""
    item = only_row(entries_of("front.csv", FRONT)).item
    assert (item.source, item.external_id, item.author) == ("front", "c1", "Ann")
    assert item.resolution == "I refunded the second charge; it takes 3 days."
    assert item.status == "closed"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("#,Subject,Status,Created,Closed,Description,Last notes",
         "4,Blank pages,Closed,2026-05-01,2026-05-02,Every second page is blank,Replaced the toner cartridge."),
        ("Conversation ID,Subject,Status,Created At,First Message,Last Staff Reply",
         "4,Blank pages,Resolved,2026-05-01,Every second page is blank,Replaced the toner cartridge."),
        ("Case Number,Subject,Description,Status,Created Date,Case Comments",
         '4,Blank pages,Every second page is blank,Closed,2026-05-01,"Created By: Bo (5/2/2026 8:00 AM) | Replaced the toner cartridge."'),
    ],
)  # fmt: skip
def test_the_last_words_of_the_team_in_a_column_answer(header: str, row: str) -> None:
    """Notes of Redmine, the last reply of Re:amaze and comments of Salesforce are candidates."""
    item = only_row(entries_of("t.csv", f"{header}\n{row}\n")).item
    assert item.text == "Every second page is blank"
    assert item.resolution == "Replaced the toner cartridge."


def test_a_huge_cell_costs_its_row_alone() -> None:
    """A text longer than any ticket is one error with its line; a lost quote is none."""
    log = "a line of a log\n" * (MAX_RECORD // 16 + 9)
    entries = entries_of("t.csv", f'id,title,text\n1,Gate,"jams"\n2,Log,"{log}"\n3,Lamp,dark\n')
    assert [type(one) for one in entries] == [Row, RowError, Row]
    last = entries[2]
    assert isinstance(last, Row)
    assert (last.item.external_id, last.step) == ("3", log.count("\n") + 4)


def test_archived_cards_of_a_table_are_closed_and_dated() -> None:
    """A board's CSV says what is archived in a column, and dates in the ids, as its JSON does."""
    cards = "".join(
        f"65f00000000000000000000{number},Radiator {number},Hums all day,Doing,{archived}\n"
        for number, archived in ((1, "true"), (2, "false"))
    )
    entries = read_file(
        "b.csv", "Card ID,Card Name,Card Description,List Name,Archived\n" + cards, OWN
    )
    items = [one.item for one in entries if isinstance(one, Row)]
    assert [one.status for one in items] == ["closed", "open"]
    assert all(one.is_dated and one.created_at.year == 2024 for one in items)
