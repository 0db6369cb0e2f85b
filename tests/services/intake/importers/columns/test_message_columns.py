"""Tables of messages with other names for the columns of author, time and recipient."""

from __future__ import annotations

import json

import pytest

from services.intake.importers.audience.reply_audience import is_public
from services.intake.importers.entries import Row, Skipped
from services.intake.importers.rows.skipped_rows import RATING
from tests.services.intake.importers.written_files import csv_rows, only_row, read_file

MATTER, ADVICE = "The kettle of room 5 leaks.", "Turn its lid until it clicks."


def test_messages_have_times_and_directions_of_their_own() -> None:
    """Where each row repeats the conversation's date and customer."""
    head = "Conversation Id,Conversation Status,Conversation Created At,Customer Name"
    row = only_row(
        csv_rows(
            f"{head},Message Direction,Message Preview,Message Sent At\n"
            f"c1,done,2026-05-04T08:00:00Z,Ira,out,{ADVICE},2026-05-04T08:10:00Z\n"
            f"c1,done,2026-05-04T08:00:00Z,Ira,in,{MATTER},2026-05-04T08:00:00Z\n"
        )
    )
    assert (row.item.text, row.item.author, row.item.resolution) == (MATTER, "Ira", ADVICE)
    [reply] = row.item.extra["replies"]
    assert "author" not in reply
    assert reply["created"].startswith("2026-05-04T08:10")


@pytest.mark.parametrize("kind", ["conversation_note", "Internal Note", "private-note"])
def test_what_calls_itself_a_note_is_for_the_team(kind: str) -> None:
    """Under any name of a kind."""
    assert not is_public({"content.type": kind})
    assert not is_public({"type": kind})


def test_who_began_a_message_tells_whose_it_is() -> None:
    """As Gladly writes it."""
    lines = [
        {"id": "1", "conversationId": "c1", "timestamp": "2026-05-04T08:00:00Z",
         "initiator": {"type": "CUSTOMER"}, "content": {"type": "EMAIL", "body": MATTER}},
        {"id": "2", "conversationId": "c1", "timestamp": "2026-05-04T08:10:00Z",
         "initiator": {"type": "AGENT"}, "content": {"type": "EMAIL", "body": ADVICE}},
        {"id": "3", "conversationId": "c1", "timestamp": "2026-05-04T08:11:00Z",
         "initiator": {"type": "AGENT"},
         "content": {"type": "CONVERSATION_NOTE", "body": "Replace the kettle by a new one."}},
    ]  # fmt: skip
    row = only_row(read_file("t.jsonl", "\n".join(map(json.dumps, lines))))
    assert (row.item.text, row.item.resolution, row.joined) == (MATTER, ADVICE, 2)


def test_messages_with_a_field_for_the_sender_are_read() -> None:
    """As Missive writes them."""
    messages = [
        {"body": MATTER, "from_field": {"name": "Ira"}, "delivered_at": 1_780_000_000},
        {"body": ADVICE, "from_field": {"name": "Uwe"}, "delivered_at": 1_780_000_600},
    ]
    chat = {"conversations": [{"id": "x", "subject": "Kettle", "messages": messages}]}
    item = only_row(read_file("t.json", json.dumps(chat))).item
    assert (item.text, item.author, item.resolution) == (MATTER, "Ira", ADVICE)


def test_ratings_without_words_are_skipped() -> None:
    """Most reviews of an app are such; they are no errors."""
    entries = csv_rows(
        "Review ID,Star Rating,Review Title,Review Text,Developer Reply Text\n"
        f"1,1,,{MATTER},{ADVICE}\n2,5,,,\n"
    )
    assert [one.item.resolution for one in entries if isinstance(one, Row)] == [ADVICE]
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [RATING]


def test_a_code_for_a_state_says_no_more_than_a_date() -> None:
    """Only who knows the tool knows what 6 is; without a date it stays."""
    tickets = [
        {
            "id": 1,
            "name": "The kettle leaks since Monday",
            "status": 6,
            "solvedate": "2026-05-05 08:30:00",
        },
        {"id": 2, "name": "The lamp flickers since Monday", "status": 2, "solvedate": None},
    ]
    rows = [one for one in read_file("t.json", json.dumps(tickets)) if isinstance(one, Row)]
    assert [one.item.status for one in rows] == ["resolved", "2"]


def test_how_a_call_ended_is_its_state() -> None:
    """A word that is none says nothing."""
    rows = [
        one
        for one in csv_rows(
            "Anruf-ID;Anrufbeginn;Anliegen;Ergebnis\n1;04.05.2026 08:00;Passwort vergessen;Gelöst\n"
            "2;06.05.2026 08:00;Drucker druckt nicht;Weitergeleitet\n"
        )
        if isinstance(one, Row)
    ]
    assert [one.item.status for one in rows] == ["resolved", None]
    assert all(one.item.is_dated for one in rows)


def test_a_number_of_a_report_is_the_id() -> None:
    """SAP calls it by what it numbers: "Meldung"."""
    rows = [
        one.item
        for one in csv_rows(
            "Meldung;Meldungsdatum;Kurztext\n10004711;04.05.2026;Lampe flackert\n"
            "10004715;05.05.2026;Lift steht\n"
        )
        if isinstance(one, Row)
    ]
    assert [(one.external_id, one.title) for one in rows] == [
        ("10004711", "Lampe flackert"), ("10004715", "Lift steht"),
    ]  # fmt: skip


def test_a_total_below_the_keys_of_tickets_takes_nothing_from_them() -> None:
    """As a spreadsheet has it, in the first column."""
    rows = csv_rows(
        "Vorgang;Betreff;Stunden\n0012;Lampe flackert;1,5\nA-13;Lift steht;2\nSumme;;3,5\n"
    )
    assert [one.item.external_id for one in rows if isinstance(one, Row)] == ["0012", "A-13"]


def test_a_case_has_several_messages_where_its_numbers_come_again() -> None:
    """Of several people; words there are kinds of cases."""
    table = (
        f"Caso;Fecha;Autor;Mensaje\n{{0}}1;2026-05-04 08:15;Ira;{MATTER}\n"
        f"{{0}}1;2026-05-04 09:15;Uwe;{ADVICE}\n"
    )
    row = only_row(csv_rows(table.format("C-")))
    assert (row.item.external_id, row.item.text, row.joined) == ("C-1", MATTER, 1)
    kinds = csv_rows(table.replace("{0}1", "Urgente"))
    assert [one.joined for one in kinds if isinstance(one, Row)] == [0, 0]


@pytest.mark.parametrize("whole", ["Conversation", "Vorgang", "caso"])
def test_numbers_that_begin_anew_in_each_conversation_are_no_ids(whole: str) -> None:
    """Two first messages are two tickets, not one of two people."""
    rows = [
        one
        for one in csv_rows(
            f"{whole},Nr,When,From,Role,Body\n"
            f"77,2,2026-05-04 10:00,Uwe,Agent,{ADVICE}\n"
            f"77,1,2026-05-04 08:00,Ira,Customer,{MATTER}\n"
            "78,1,2026-05-05 08:00,Kim,Customer,The lamp flickers since Monday.\n"
        )
        if isinstance(one, Row)
    ]
    assert [(one.item.external_id, one.item.text, one.joined) for one in rows] == [
        ("77", MATTER, 1), ("78", "The lamp flickers since Monday.", 0),
    ]  # fmt: skip
    assert [one["text"] for one in rows[0].item.extra["replies"]] == [ADVICE]
