"""Conversations: chats in one object, messages that name theirs, mails to tickets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.intake.importers.entries import Row, RowDefaults, Skipped
from services.intake.importers.layouts.chats import SYSTEM
from services.intake.importers.rows.skipped_rows import WORDLESS
from tests.bot.cli.history.import_files import Import, counts, import_command, items
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."
AT, LATER = "2026-05-04T10:00:00Z", "2026-05-04T11:00:00Z"


def _rows(name: str, data: str) -> list[Row]:
    return [one for one in read_file(name, data, OWN) if isinstance(one, Row)]


def test_a_file_may_be_one_conversation() -> None:
    """Its messages have no ids, so none of them is a ticket of its own."""
    chat = {
        "id": "62", "type": "chat", "createdOn": AT, "visitor": {"name": "Ana"},
        "messages": [
            {"sender": {"t": "v", "n": "Ana"}, "type": "msg", "msg": ASKED, "time": AT},
            {"sender": {"t": "a", "n": "Ira"}, "type": "msg", "msg": ADVICE, "time": LATER},
        ],
    }  # fmt: skip
    item = only_row(read_file("chat.json", json.dumps(chat), OWN)).item
    assert (item.external_id, item.text, item.author) == ("62", ASKED, "Ana")
    assert item.resolution == ADVICE


@pytest.mark.parametrize(("own", "time"), [({"id": "C1", "name": "help"}, "ts"),
                                           ({"id": 7, "channel": "help"}, "date")])  # fmt: skip
def test_the_messages_of_a_channel_are_tickets(own: dict[str, Any], time: str) -> None:
    """Nobody answers what somebody else asks in the same channel."""
    asked = [ASKED, "My badge opens no door."]
    rows = [{"user": f"U{n}", "text": one, time: f"177000000{n}.1"} for n, one in enumerate(asked)]
    found = read_file("channel.json", json.dumps({**own, "messages": rows}), OWN)
    assert [one.item.text for one in found if isinstance(one, Row)] == asked


def test_messages_may_lie_deeper_in_a_chat() -> None:
    """What only agents got is no answer, and a message is not the team's by its type."""
    events = [
        {"type": "message", "text": ASKED, "author_id": "c1", "created_at": AT},
        {"type": "message", "text": ADVICE, "author_id": "ira", "created_at": LATER},
        {"type": "message", "text": "Reset the badge by the tool.", "author_id": "ira",
         "created_at": "2026-05-04T12:00:00Z", "recipients": "agents"},
    ]  # fmt: skip
    chat = {"id": "PJ0", "users": [{"id": "c1"}], "thread": {"id": "K6", "events": events}}
    item = only_row(read_file("chats.json", json.dumps({"chats": [chat]}), OWN)).item
    assert (item.external_id, item.text, item.resolution) == ("PJ0", ASKED, ADVICE)


@pytest.mark.parametrize("name", ["conversationId", "thread_id", "chat id"])
def test_messages_that_name_their_conversation_are_one_ticket(name: str) -> None:
    """It is no id of a row, and chats have no titles."""
    rows = [
        {"id": "1", name: 77, "body": ASKED, "author": {"name": "Ana"}, "createdAt": AT},
        {"id": "2", name: 77, "body": ADVICE, "author": {"name": "Ira"}, "createdAt": LATER},
        {"id": "3", name: 78, "body": "The lift stops.", "author": {"name": "Bo"}, "createdAt": AT},
    ]
    first, other = _rows("t.json", json.dumps(rows))
    assert (first.item.external_id, first.item.resolution, first.joined) == ("77", ADVICE, 1)
    assert other.item.text == "The lift stops."


def test_posts_may_have_no_more_than_the_title_of_their_topic() -> None:
    """A forum's export for users has no ids."""
    rows = f"topic_title;post_raw;created_at\nGate;{ASKED};{AT}\nGate;{ADVICE};{LATER}\n"
    (row,) = _rows("posts.csv", rows)
    assert (row.item.title, row.item.text, row.joined) == ("Gate", ASKED, 1)


def test_texts_in_pieces_are_whole() -> None:
    """A chat writes words with a format as objects between the others."""
    rows = [
        {"id": 1, "type": "service", "date": AT, "action": "create_group", "text": ""},
        {"id": 2, "type": "message", "date": AT, "from": "Ana",
         "text": ["The gate of ", {"type": "bold", "text": "hall 2"}, " jams."]},
        {"id": 3, "type": "message", "date": LATER, "from": "Ira", "reply_to_message_id": 2,
         "text": ADVICE},
    ]  # fmt: skip
    chat = {"name": "Support", "type": "private_supergroup", "id": 9, "messages": rows}
    skipped, row = sorted(read_file("result.json", json.dumps(chat), OWN), key=lambda one: one.step)
    assert skipped == Skipped(skipped.step, WORDLESS)
    assert isinstance(row, Row)
    assert (row.item.text, row.item.resolution) == ("The gate of hall 2 jams.", ADVICE)


def test_rows_of_slack_join_their_threads() -> None:
    """Other programs write tables of its messages: a thread is named by the time of its first."""
    rows = (
        "channel;user;ts;thread_ts;text\n"
        f"help;ana;1777880000.000100;1777880000.000100;{ASKED}\n"
        f"help;ira;1777880300.000200;1777880000.000100;{ADVICE}\n"
        "help;bo;1777890000.000300;;The lift stops between the floors.\n"
    )
    first, other = _rows("help.csv", rows)
    assert (first.item.text, first.item.resolution, first.joined) == (ASKED, ADVICE, 1)
    assert (first.channel, first.item.is_dated, other.joined) == ("help", True, 0)


def test_messages_of_one_second_are_two() -> None:
    """A time by itself is no id."""
    rows = f"user,ts,text\nana,1777880000,{ASKED}\nbo,1777880000,The lift stops.\n"
    assert len(_rows("t.csv", rows)) == 2


def test_rocket_chat_joins_threads() -> None:
    """What it writes itself has a type."""
    people = {"ana": {"_id": "u1", "name": "Ana"}, "ira": {"_id": "u2", "name": "Ira"}}
    rows: list[dict[str, Any]] = [
        {"_id": "m1", "rid": "r", "msg": ASKED, "ts": AT, "u": people["ana"]},
        {"_id": "m2", "rid": "r", "tmid": "m1", "msg": ADVICE, "ts": LATER, "u": people["ira"]},
        {"_id": "m3", "rid": "r", "t": "uj", "msg": "bo", "ts": LATER, "u": people["ira"]},
    ]
    found = read_file("room.json", json.dumps({"messages": rows}), OWN)
    assert [one.reason for one in found if isinstance(one, Skipped)] == [SYSTEM]
    (row,) = (one for one in found if isinstance(one, Row))
    assert (row.item.source, row.item.author, row.item.resolution) == ("rocketchat", "Ana", ADVICE)


def test_a_number_is_no_text_of_a_ticket() -> None:
    """A list beside the messages says who read them, and has ids of messages."""
    export = {
        "zerver_message": [{"id": 5, "content": ASKED, "subject": "Gate", "date_sent": 1777880000}],
        "zerver_usermessage": [{"id": 5, "user_profile": 9, "message": 5}],
    }
    assert [one.item.text for one in _rows("t.json", json.dumps(export))] == [ASKED]


def test_a_list_writes_in_the_name_of_its_members() -> None:
    """Who wrote is in another header."""
    mail = (
        "From: 'Ana' via Desk <desk@globex.example>\nX-Original-From: Ana <ana@globex.example>\n"
        f"Subject: Gate\nDate: Mon, 4 May 2026 10:00:00 +0000\n\n{ASKED}\n"
    )
    assert only_row(read_file("a.eml", mail, OWN)).item.author == "ana@globex.example"


@pytest.mark.parametrize("tag", ["field", "column", "str"])
def test_elements_may_have_the_name_of_a_field_as_an_attribute(tag: str) -> None:
    """So databases and Solr write XML."""
    fields = {"id": "7", "subject": "Gate", "body": ASKED}
    row = "".join(f'<{tag} name="{name}">{text}</{tag}>' for name, text in fields.items())
    (found,) = _rows("t.xml", f"<database><row>{row}</row></database>")
    assert (found.item.external_id, found.item.title, found.item.text) == ("7", "Gate", ASKED)


@pytest.fixture
def deja(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Return `deja import` in a new folder."""
    return import_command(tmp_path, sqlite_url, monkeypatch)


CASES = f"ID,CASENUMBER,SUBJECT,DESCRIPTION,STATUS\n50a,0017,Gate,{ASKED},Closed\n"


def test_mails_to_tickets_are_replies(deja: Import, sqlite_url: str) -> None:
    """They have subjects, and a column that names their ticket by its key."""
    Path("cases.csv").write_text(CASES)
    Path("EmailMessage.csv").write_text(
        "ID,PARENTID,SUBJECT,TEXTBODY,HTMLBODY,FROMADDRESS,INCOMING\n"
        f"1,50a,Gate,{ASKED},,ana@globex.example,true\n"
        f'2,50a,Re: Gate,,"<p>{ADVICE}</p>",desk@globex.example,false\n'
    )
    assert counts(deja("cases.csv", "EmailMessage.csv", "--json"))["joined"] == 2
    assert [one.resolution for one in items(sqlite_url)] == [ADVICE]


def test_mails_to_nobody_are_tickets(deja: Import, sqlite_url: str) -> None:
    """Beside tickets that they do not name."""
    Path("cases.csv").write_text(CASES)
    Path("mails.csv").write_text(
        "id,subject,body,direction,conversation_id\n71,Lift,The lift stops.,inbound,c-9\n"
    )
    assert deja("cases.csv", "mails.csv").exit_code == 0
    assert [one.title for one in items(sqlite_url)] == ["Gate", "Lift"]


def test_comments_may_name_a_post_with_its_kind(deja: Import, sqlite_url: str) -> None:
    """Reddit writes t3_ before the id of a post that comments answer."""
    post = {"id": "abc1", "name": "t3_abc1", "title": "Gate", "selftext": ASKED, "author": "ana"}
    comment = {"id": "c1", "link_id": "t3_abc1", "body": ADVICE, "author": "ira"}
    Path("RS.ndjson").write_text(json.dumps({**post, "link_flair_text": "Solved"}) + "\n")
    Path("RC.ndjson").write_text(json.dumps(comment) + "\n")
    assert counts(deja("RS.ndjson", "RC.ndjson", "--json"))["joined"] == 1
    assert [one.title for one in items(sqlite_url)] == ["Gate"]
