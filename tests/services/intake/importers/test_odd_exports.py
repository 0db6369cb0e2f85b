"""Exports of tools that write something in a way of their own: XML, forums, codes, names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.audience.reply_audience import kinds_of
from services.intake.importers.columns.plausible_columns import is_plausible
from services.intake.importers.columns.sampled_columns import Column
from services.intake.importers.entries import Row
from services.intake.importers.vocabulary.synonyms import spellings_of
from tests.services.intake.importers.written_files import csv_rows, only_row, read_file

MATTER, ADVICE = "The blinds of room 8 stay shut.", "Press both buttons for five seconds."
SECRET = "Replace the motor by that of room 9."


def test_what_xml_says_in_attributes_alone_is_read() -> None:
    """As Redmine writes states and people; an element that is only marked as empty is empty."""
    item = only_row(
        read_file(
            "issues.xml",
            '<issues type="array"><issue><id>101</id><status id="5" name="Closed"/>'
            f'<author id="5" name="Ira Wolf"/><subject>Blinds</subject><text>{MATTER}</text>'
            '<closed_on type="datetime" nil="true"/><journals type="array"><journal id="1">'
            f'<user id="9" name="Uwe"/><notes>{ADVICE}</notes></journal></journals></issue>'
            "</issues>",
        )
    ).item
    assert (item.author, item.status, item.resolution) == ("Ira Wolf", "closed", ADVICE)
    assert item.extra["replies"][0]["author"] == "Uwe"
    assert "closed_on" not in item.extra


def test_a_list_of_one_in_xml_is_a_list() -> None:
    """The only post of a ticket is its text; notes beside posts are what the team tells itself."""
    ticket = (
        '<ticket id="{0}"><subject>Blinds {0}</subject><fullname>Ira</fullname>'
        "<creationtime>1780000000</creationtime><posts><post><fullname>Ira</fullname>"
        "<dateline>1780000000</dateline><contents>{1}</contents></post></posts>"
        '<notes><note creationdate="1770000000">{2}</note></notes></ticket>'
    )
    text = ticket.format(1, MATTER, SECRET) + ticket.format(2, MATTER, SECRET)
    rows = [
        one.item for one in read_file("t.xml", f"<tickets>{text}</tickets>") if isinstance(one, Row)
    ]
    assert [(one.text, one.resolution, one.is_dated) for one in rows] == [(MATTER, None, True)] * 2


def test_a_document_that_lists_one_ticket_has_one() -> None:
    """Not its notes, of which it has several: as Freshdesk writes one."""
    notes = "".join(
        f"<helpdesk-note><body>{text}</body><private>{private}</private></helpdesk-note>"
        for text, private in ((SECRET, "true"), (ADVICE, "false"))
    )
    item = only_row(
        read_file(
            "t.xml",
            f"<helpdesk-tickets><helpdesk-ticket><display-id>7</display-id><subject>Blinds</subject>"
            f"<description>{MATTER}</description><status>5</status><created-at>2026-05-04</created-at>"
            f"<helpdesk-notes>{notes}</helpdesk-notes></helpdesk-ticket></helpdesk-tickets>",
        )
    ).item
    assert (item.external_id, item.text) == ("7", MATTER)
    assert SECRET not in str(item)


def test_notes_are_private_beside_posts_alone() -> None:
    """In a tool that is known, or where there is nothing else, they may be comments."""
    assert kinds_of(["notes", "posts"], are_known=False) == [
        ("notes", "internal"),
        ("posts", "posts"),
    ]
    assert kinds_of(["notes", "posts"], are_known=True)[0] == ("notes", "notes")
    assert kinds_of(["notes"], are_known=False) == [("notes", "notes")]


def test_a_list_of_comments_alone_gives_the_tickets_that_they_name() -> None:
    """Nothing of it is passed over."""
    comments: list[dict[str, Any]] = [
        {"id": 1, "ticket_id": 71, "body": MATTER, "author_id": 5, "public": True},
        {"id": 2, "ticket_id": 71, "body": ADVICE, "author_id": 9, "public": True},
        {"id": 3, "ticket_id": 72, "body": "The lamp flickers.", "author_id": 6, "public": True},
    ]
    entries = read_file("c.json", json.dumps({"comments": comments, "count": 3}))
    rows = [one for one in entries if isinstance(one, Row)]
    assert [(one.item.external_id, one.item.text, one.joined) for one in rows] == [
        ("71", MATTER, 1), ("72", "The lamp flickers.", 0),
    ]  # fmt: skip


def test_posts_of_a_forum_whose_columns_have_no_spaces_are_joined() -> None:
    """As vBulletin writes them."""
    row = only_row(
        csv_rows(
            "postid,threadid,username,title,dateline,pagetext\n"
            f"1,10,ira,Blinds,1780000000,{MATTER}\n2,10,uwe,,1780000600,{ADVICE}\n"
        )
    )
    assert (row.item.external_id, row.item.resolution, row.joined) == ("10", ADVICE, 1)
    assert row.item.is_dated


def test_a_flag_for_the_accepted_answer_is_no_answer() -> None:
    """It says which reply is the answer."""
    row = only_row(
        csv_rows(
            "topic_id,topic_title,username,created_at,raw,accepted_answer\n"
            f"10,Blinds,ira,2026-05-04 08:00:00 UTC,{MATTER},\n"
            f"10,Blinds,uwe,2026-05-04 09:00:00 UTC,{ADVICE},true\n"
            "10,Blinds,kim,2026-05-04 10:00:00 UTC,Reset the motor by its switch.,\n"
        )
    )
    assert row.item.resolution == ADVICE
    assert not is_plausible("answer", Column("accepted answer", ["true"], 3))


def test_a_ticked_box_says_more_than_active() -> None:
    """Basecamp's tasks are "active" until somebody deletes them."""
    tasks = [
        {"id": 1, "title": "Blinds", "status": "active", "completed": True},
        {"id": 2, "title": "Lamp", "status": "active", "completed": False},
    ]
    rows = [one for one in read_file("t.json", json.dumps(tasks)) if isinstance(one, Row)]
    assert [one.item.status for one in rows] == ["resolved", "open"]


@pytest.mark.parametrize(
    ("column", "known"),
    [
        ("Start Date (UTC)", "start date"),
        ("Created (UTC+01:00)", "created"),
        ("Betreff (Pflichtfeld)", "betreff"),
        ("Description (required)", "description"),
        ("Beschreibung (max. 500 Zeichen)", "beschreibung"),
        ("Subject\n(short)", "subject"),
    ],
)
def test_remarks_behind_a_name_say_no_more_of_it(column: str, known: str) -> None:
    """A zone, that it must be filled, or how."""
    assert known in spellings_of(column)


@pytest.mark.parametrize("unit", ["hours", "h", "in minutes", "count", "%", "ID", "Tage"])
def test_units_in_brackets_are_part_of_the_name(unit: str) -> None:
    """They say that it is something else."""
    assert spellings_of(f"Resolution ({unit})") == [f"resolution ({unit.lower()})"]


def test_the_address_for_people_counts() -> None:
    """Not that of an API beside it."""
    task = {"id": 1, "title": "Blinds", "text": MATTER, "url": "https://api.example.com/1.json"}
    tasks = [{**task, "app_url": "https://example.com/tasks/1"}]
    assert only_row(read_file("t.json", json.dumps(tasks))).item.url == tasks[0]["app_url"]
