"""Rows that reply to other rows: chats, forums, and tables that nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.entries import Row, RowDefaults, Skipped
from services.intake.importers.layouts.chats import SYSTEM
from services.intake.importers.layouts.corpora import AUTOMATIC
from services.intake.importers.plans.table_columns import SAMPLE
from tests.conftest import NOW
from tests.services.intake.importers.written_files import read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The lift stops between two floors.", "Reset the brake, then it runs again."


def _rows(name: str, data: str) -> list[Row]:
    return [one for one in read_file(name, data, OWN) if isinstance(one, Row)]


@pytest.mark.parametrize(
    "link", ["conversation_id", "replyToId", "reference_message", "parent_id", "root"]
)
def test_a_row_that_names_another_one_is_its_reply(link: str) -> None:
    """The column is known by its values, whatever it is called."""
    rows = [
        {"id": "81", "text": ASKED, "author_id": "3", link: "81"},
        {"id": "82", "text": ADVICE, "author_id": "4", link: "81"},
        {"id": "83", "text": "The door of the lift squeaks.", "author_id": "5", link: None},
    ]
    first, other = _rows("t.json", json.dumps(rows))
    assert (first.item.text, first.item.resolution, first.joined) == (ASKED, ADVICE, 1)
    assert other.item.external_id == "83"


def test_a_task_below_another_one_is_a_task() -> None:
    """What has a title of its own is no reply."""
    rows = "id,title,text,parent\n81,Lift,It stops.,\n82,Order a brake,Two of them.,81\n"
    assert len(_rows("t.csv", rows)) == 2


@pytest.mark.parametrize("is_before", [True, False])
def test_a_late_row_with_a_title_of_its_own_is_a_ticket(is_before: bool) -> None:
    """Beyond the rows that tell the columns too; its replies are its own, wherever they are."""
    rows = [
        f"{number},{number - 1 if number % 2 == 0 else ''},,Gate {number} jams since noon."
        for number in range(1, SAMPLE + 1)
    ]
    own = [f"2001,5,Smoke in rack 4,{ASKED}", "2003,5,,The hinge of that gate is bent."]
    reply = f'2002,2001,,"{ADVICE}"'
    late = [reply, *own] if is_before else [*own, reply]
    data = "\n".join(["id,reply_to,title,text", *rows, *late, ""])
    tickets = {one.item.external_id: one for one in _rows("t.csv", data)}
    assert len(tickets) == SAMPLE // 2 + 1
    smoke, gate = tickets["2001"], tickets["5"]
    assert (smoke.item.title, smoke.item.text, smoke.joined) == ("Smoke in rack 4", ASKED, 1)
    assert [one["text"] for one in smoke.item.extra["replies"]] == [ADVICE]
    assert gate.joined == 2  # the row 6, and the late one without a title


def test_a_late_reply_may_repeat_the_title() -> None:
    """With or without "Re:", it is that of what it answers."""
    rows = [f"{n},{n - 1 if n % 2 == 0 else ''},,Gate {n} jams." for n in range(3, SAMPLE + 3)]
    late = ["1,,Lift stops,It stops.", f'2,1,Re: lift stops,"{ADVICE}"']
    data = "\n".join(["id,reply_to,title,text", *rows, *late, ""])
    assert [one.joined for one in _rows("t.csv", data) if one.item.external_id == "1"] == [1]


@pytest.mark.parametrize("role", ["member", "Owner", "collaborator"])
@pytest.mark.parametrize("link", ["reply_to", "parent_id"])
def test_members_of_a_forum_are_not_its_team(link: str, role: str) -> None:
    """They ask there; only what GitHub calls an association is that of the team."""
    rows = [
        {"id": "61", "body": ASKED, "author": "Uma", "role": role, link: None},
        {"id": "62", "body": ADVICE, "author": "Ira", "role": "moderator", link: "61"},
        {"id": "63", "body": "The gate squeaks.", "author": "Eli", "role": role, link: None},
    ]
    first, other = _rows("t.json", json.dumps(rows))
    assert (first.item.text, first.item.resolution, first.joined) == (ASKED, ADVICE, 1)
    assert other.item.author == "Eli"


def test_posts_of_a_topic_are_one_ticket() -> None:
    """A forum repeats the topic's title, and marks its texts up in brackets."""
    rows = (
        "post_id,topic_id,username,post_time,post_subject,post_text\n"
        f'1,70,kim,1769940000,Lift stops,"[b]{ASKED}[/b]"\n'
        f'2,70,bo,1769950000,Re: Lift stops,"[quote=""kim""]It stops.[/quote]\n{ADVICE}"\n'
        "3,71,ann,1769960000,Door squeaks,The door squeaks all day.\n"
    )
    first, other = _rows("t.csv", rows)
    assert (first.item.external_id, first.item.text, first.joined) == ("70", ASKED, 1)
    assert first.item.resolution is not None
    assert first.item.resolution.endswith(ADVICE)
    assert "[quote" not in first.item.resolution
    assert other.item.is_dated


TEAMS: list[dict[str, Any]] = [
    {
        "id": "1", "messageType": "message", "createdDateTime": "2026-01-02T09:00:00Z",
        "subject": None, "from": {"user": {"displayName": "Kim"}},
        "body": {"contentType": "html", "content": f"<p>{ASKED}</p>"},
        "replies": [{"id": "2", "from": {"user": {"displayName": "Bo"}},
                     "body": {"contentType": "html", "content": f"<p>{ADVICE}</p>"}}],
    },
    {"id": "3", "messageType": "systemEventMessage", "body": {"content": "<x/>"}},
]  # fmt: skip
DISCORD = [
    {"id": "1", "type": "Default", "timestamp": "2026-01-02T09:00:00Z", "content": ASKED,
     "author": {"id": "3", "name": "Kim"}},
    {"id": "2", "type": "Reply", "timestamp": "2026-01-02T09:01:00Z", "content": ADVICE,
     "author": {"id": "4", "name": "Bo"}, "reference": {"messageId": "1"}},
    {"id": "3", "type": "GuildMemberJoin", "timestamp": "2026-01-02T09:02:00Z",
     "content": "Joined the server.", "author": {"id": "5", "name": "Al"}},
]  # fmt: skip


@pytest.mark.parametrize("data", [{"value": TEAMS}, {"messages": DISCORD}])
def test_chats_of_other_programs(data: object) -> None:
    """Replies join what they answer, and what the program wrote itself is skipped."""
    entries = read_file("t.json", json.dumps(data), OWN)
    (row,) = (one for one in entries if isinstance(one, Row))
    assert (row.item.text, row.item.author, row.item.resolution) == (ASKED, "Kim", ADVICE)
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [SYSTEM]


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
    ],
)
def test_what_a_mail_server_answers_is_no_ticket(header: str) -> None:
    """A mail that could not be delivered, or that nobody reads now, asks for nothing."""
    mail = f"Message-ID: <1@x>\nFrom: a@x.example\nSubject: Returned\n{header}\n\nMailbox full.\n"
    (entry,) = read_file("t.eml", mail, OWN)
    assert isinstance(entry, Skipped)
    assert entry.reason == AUTOMATIC


def test_a_message_that_outlook_saved_as_text_is_a_mail() -> None:
    """It is in UTF-16, and its date is called that of sending."""
    mail = f"From:\tKim <kim@x.example>\r\nSent:\tMonday, March 2, 2026 9:15 AM\r\nTo:\tIT\r\nSubject:\tLift\r\n\r\n{ASKED}\r\n"  # noqa: E501
    (row,) = (one for one in read_file("t.txt", mail.encode("utf-16"), OWN) if isinstance(one, Row))
    assert (row.item.title, row.item.text, row.item.is_dated) == ("Lift", ASKED, True)


@pytest.mark.parametrize(
    "name", ["reply_count", "parent_category_id", "thread_id", "root_id", "topic_id"]
)
def test_numbers_that_are_ids_by_chance_are_no_links(name: str) -> None:
    """Ids of something else, and counts, are often among the numbers of the rows."""
    values = [3, 1, 2, 3, 2, 1, 2, 2, 3, 1]
    rows = [
        {"id": number, "text": f"Gate {number} jams since noon.", name: value}
        for number, value in enumerate(values, 1)
    ]
    assert len(_rows("t.json", json.dumps(rows))) == len(values)


def test_a_topic_of_help_is_no_ticket() -> None:
    """Tickets of one topic have titles of their own."""
    rows = "Topic ID,Subject,Description\n4,Gate jams,It jams.\n4,Lift stops,It stops.\n"
    entries = read_file("t.csv", rows, OWN)
    assert [type(one) for one in entries] == [Row, Row]
