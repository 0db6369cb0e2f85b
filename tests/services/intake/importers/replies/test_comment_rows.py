"""A comment in each row of a ticket, words of a mail beside a message in it, and other files."""

from __future__ import annotations

import json

import pytest

from services.errors import InputError
from services.intake.importers.entries import Row, RowDefaults
from tests.conftest import NOW
from tests.services.intake.importers.written_files import csv_rows, only_row, plan_of, read_file

OWN = RowDefaults(None, "ticket", NOW)
ASKED, ADVICE = "The gate of hall 2 jams since noon.", "Oil the hinge, then it closes again."
SECRET = "Replace the motor by the one of hall 5."
HEAD = "Ticket ID;Ticket subject;Ticket status;Comment author;Comment;Comment public"


def _table(*rows: str) -> list[Row]:
    return [one for one in csv_rows("\n".join([HEAD, *rows, ""])) if isinstance(one, Row)]


def test_each_row_of_a_ticket_has_a_comment() -> None:
    """The first one says what it is about; none is lost, and a private one is no answer."""
    (row,) = _table(
        f"7;Gate;Solved;Ana;{ASKED};true",
        f"7;Gate;Solved;Ira;{ADVICE};true",
        f"7;Gate;Solved;Ira;{SECRET};false",
    )
    assert (row.item.text, row.item.resolution, row.joined) == (ASKED, ADVICE, 2)
    assert [one["text"] for one in row.item.extra["replies"]] == [ADVICE]


@pytest.mark.parametrize("others", [[], ["8;Lift;Open;Bo;It stops.;true"] * 2])
def test_a_private_comment_alone_is_no_answer(others: list[str]) -> None:
    """Whether other tickets have several rows, or not."""
    head = HEAD.replace("Comment author;", "Description;")
    rows = [f"7;Gate;Solved;{ASKED};{SECRET};false", *others]
    found = [one for one in csv_rows("\n".join([head, *rows, ""])) if isinstance(one, Row)]
    assert (found[0].item.text, found[0].item.resolution) == (ASKED, None)


def test_a_mail_has_its_own_words() -> None:
    """What is in a message that it forwards is not what its writer says."""
    mail = (
        "From: Ana <ana@globex.example>\nSubject: Fwd: Gate\nDate: Mon, 4 May 2026 10:00:00 +0000\n"
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n'
        f"Content-Type: text/html\n\n<p>{ASKED}</p>\n--b\nContent-Type: message/rfc822\n\n"
        "From: Bo <bo@globex.example>\nSubject: Gate\nContent-Type: text/plain\n\nFYI\n--b--\n"
    )
    assert only_row(read_file("a.eml", mail, OWN)).item.text == ASKED
    alone = mail.replace(f"<p>{ASKED}</p>", "")
    assert only_row(read_file("a.eml", alone, OWN)).item.text == "FYI"


def test_a_mail_of_apple_has_its_size_above_it() -> None:
    """And what the program notes of it below."""
    mail = f"From: Ana <ana@globex.example>\nSubject: Gate\n\n{ASKED}\n".encode()
    data = f"{len(mail)}      \n".encode() + mail + b'<?xml version="1.0"?>\n<plist></plist>\n'
    item = only_row(read_file("7.emlx", data, OWN)).item
    assert (item.title, item.text) == ("Gate", ASKED)


def test_the_answer_of_a_discussion_is_one() -> None:
    """Somebody marked it."""
    node = {
        "number": 5, "title": "Gate", "body": ASKED, "createdAt": "2026-05-04T10:00:00Z",
        "url": "https://github.com/globex/shop/discussions/5", "answer": {"body": ADVICE},
    }  # fmt: skip
    data = {"data": {"repository": {"discussions": {"nodes": [node]}}}}
    assert only_row(read_file("t.json", json.dumps(data), OWN)).item.resolution == ADVICE


@pytest.mark.parametrize("name", ["status.value", "status.name", "fields.status.value"])
def test_states_may_be_objects(name: str) -> None:
    """Also among the fields of a ticket."""
    *above, last = name.split(".")
    status: dict[str, object] = {last: "Resolved"}
    for one in reversed(above):
        status = {one: status}
    fields = {"title": "Gate", "description": ASKED}
    ticket = {"id": 7, **status}
    inner = ticket.setdefault("fields", {})
    assert isinstance(inner, dict)
    inner.update(fields)
    item = only_row(read_file("t.json", json.dumps([ticket]), OWN)).item
    assert (item.title, item.status) == ("Gate", "resolved")


@pytest.mark.parametrize(
    "lines",
    [
        "Número do chamado;Assunto;Descrição;Data de abertura;Situação;Solução",
        "Numero ticket;Oggetto;Descrizione;Data apertura;Stato;Soluzione",
    ],
)
def test_more_languages_have_their_usual_names(lines: str) -> None:
    """Their dates begin with the day."""
    item = only_row(csv_rows(f"{lines}\n7;Porta;{ASKED};04/05/2026;Fechado;{ADVICE}\n")).item
    assert (item.external_id, item.title, item.status) == ("7", "Porta", "closed")
    assert item.created_at.date().isoformat() == "2026-05-04"
    assert item.resolution == ADVICE


@pytest.mark.parametrize(
    ("start", "kind"),
    [("{\\rtf1\\ansi ", "RTF"), ("BEGIN:VCALENDAR\n", "calendar"), ("BEGIN:VCARD\n", "contacts")],
)
def test_other_files_of_text_are_named(start: str, kind: str) -> None:
    """In place of columns that nobody knows."""
    with pytest.raises(InputError, match=kind):
        plan_of("t.txt", f"{start}SUMMARY:Gate\nUID:7\n")
