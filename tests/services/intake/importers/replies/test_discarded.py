"""Tickets and replies that somebody deleted or called spam."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.intake.importers.audience.chat_rooms import DIRECT
from services.intake.importers.entries import Row, RowDefaults, Skipped
from services.intake.importers.replies.discarded import DISCARDED
from tests.conftest import NOW
from tests.services.intake.importers.written_files import only_row, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The scanner at gate 4 reads no badge.", "Wipe the lens, then restart the scanner."


def _read_flag(column: str, value: str) -> list[Any]:
    rows = f"id,title,text,{column}\n51,Scanner,{ASKED},{value}\n52,Door,The door jams.,\n"
    return read_file("t.csv", rows, OWN)


@pytest.mark.parametrize(
    "column", ["is_deleted", "Deleted", "is_spam", "trashed", "ISDELETED", "Gelöscht", "eliminado"]
)
@pytest.mark.parametrize("value", ["TRUE", "true", "Yes", "1", "ja", "sí"])
def test_flags_are_read_as_every_program_writes_them(column: str, value: str) -> None:
    """In any case and language; the other rows are tickets."""
    first, other = _read_flag(column, value)
    assert isinstance(first, Skipped)
    assert first.reason == DISCARDED
    assert isinstance(other, Row)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("is_deleted", "FALSE"), ("deleted", "no"), ("is_spam", "0"), ("deleted_at", ""),
        ("deleted_at", "0000-00-00 00:00:00"), ("spam", "1"), ("spam", "TRUE"),
    ],
)  # fmt: skip
def test_flags_that_say_no_and_labels_skip_nothing(column: str, value: str) -> None:
    """A table's column "spam" marks what is about spam, as one of labels."""
    assert [type(one) for one in _read_flag(column, value)] == [Row, Row]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "Spam"},
        {"spam": True},
        {"deleted_at": "2026-03-01T08:00:00Z"},
        {"date_deleted": "2026-03-01"},
        {"status": "Papierkorb"},
        {"status": "Eliminado"},
    ],
)
def test_tickets_of_an_api_that_were_discarded(fields: dict[str, Any]) -> None:
    """A state, a flag that is no label, or the time."""
    tickets = [{"id": 51, "title": "Scanner", "text": ASKED, "status": "open"} | fields]
    (entry,) = read_file("t.json", json.dumps({"tickets": tickets}), OWN)
    assert isinstance(entry, Skipped)


def _message(number: int, who: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number), "messageType": "message", "deletedDateTime": None, "subject": None,
        "createdDateTime": f"2026-03-0{number}T08:00:00Z", "replyToId": None,
        "from": {"user": {"displayName": who}}, "body": {"contentType": "html", "content": text},
    } | more  # fmt: skip


GONE = {"deletedDateTime": "2026-03-08T08:00:00Z"}


@pytest.mark.parametrize("is_nested", [True, False])
def test_deleted_messages_of_teams(is_nested: bool) -> None:
    """They are no tickets, and deleted replies no answers."""
    replies = [
        _message(2, "Ira", ADVICE, replyToId="1"),
        _message(3, "Ira", "Replace the pump of the landlord.", replyToId="1", **GONE),
    ]
    messages = [_message(1, "Uma", ASKED), _message(4, "Uma", "My salary is low.", **GONE)]
    if is_nested:
        messages[0]["replies"] = replies
    else:
        messages += replies
    entries = read_file("t.json", json.dumps({"value": messages}), OWN)
    row = only_row([one for one in entries if not isinstance(one, Skipped)])
    assert (row.item.text, row.item.resolution) == (ASKED, ADVICE)
    assert [one["text"] for one in row.item.extra["replies"]] == [ADVICE]
    assert [one.reason for one in entries if isinstance(one, Skipped)] == [DISCARDED]


def test_a_deleted_row_says_nothing_for_the_first_one() -> None:
    """It neither deletes the ticket nor answers it."""
    rows = f'id,title,text,author,is_deleted\n51,Scanner,{ASKED},Uma,\n51,,"{ADVICE}",Ira,yes\n'
    row = only_row(read_file("t.csv", rows, OWN))
    assert (row.item.text, row.item.resolution, row.joined) == (ASKED, None, 1)


def test_messages_in_direct_channels_are_skipped() -> None:
    """As Slack calls them; a ticket's channel that is "direct" is a counter."""
    kinds = ["channel", "im", "mpim", "Direct", "email"]
    rows = "".join(f"{n},{ASKED},{one}\n" for n, one in enumerate(kinds))
    entries = read_file("t.csv", f"id,text,channel_type\n{rows}", OWN)
    skipped = [one.reason if isinstance(one, Skipped) else None for one in entries]
    assert skipped == [None, DIRECT, DIRECT, None, None]


@pytest.mark.parametrize("kind", ["direct_message", "Direct message", "direct-message", "oneOnOne"])
def test_rooms_of_two_are_known_in_any_spelling(kind: str) -> None:
    """Tools write the words of a type as names, or for people."""
    rows = f"id,text,room_type\n1,{ASKED},group\n2,{ADVICE.replace(',', '')},{kind}\n"
    entries = read_file("t.csv", rows, OWN)
    assert [getattr(one, "reason", None) for one in entries] == [None, DIRECT]
