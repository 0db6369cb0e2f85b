"""Columns as people and programs name them, beside the names that everybody uses."""

# ruff: noqa: E501 - rows as the tools write them

from __future__ import annotations

import json

import pytest

from services.intake.importers.entries import Row, RowDefaults
from tests.conftest import NOW
from tests.services.intake.importers.written_files import read_file

OWN = RowDefaults(None, "ticket", NOW)

FILES = {
    "pictures": "🎫 Ticket,📝 Subject,💬 Message,📅 Created\n7,Stairs,They are wet,2026-01-05\n",
    "otrs": '"Ticket#";"Erstellt";"Schließzeit";"Status";"Titel"\n"7";"2026-01-05 10:00:00";"";"neu";"Stairs"\n',
    "days of a spreadsheet": "Ticket;Betreff;Text;Erstellt\n7;Stairs;They are wet;46027,4\n",
    "a key called issue": "Issue;Reported;Title;What happened?;How was it solved?\n7;2026-01-05;Stairs;They are wet;\n",
    "topdesk in Dutch": "Meldnummer;Korte omschrijving;Aanmaakdatum;Datum gereed;Verzoek;Actie\n"
                        "7;Stairs;05-01-2026 10:00;06-01-2026 10:00;They are wet;Laid out mats and a sign.\n",
    "a form in German": "Nr;Zeitstempel;Was ist dein Anliegen?;Beschreibe es genauer\n7;05.01.2026 08:15;Stairs;They are wet\n",
    "a hyphen at a line's end": 'Ticket_ID;SUBJECT;"Problem-\nBeschreibung";Datum/Uhrzeit\n7;Stairs;They are wet;05.01.2026 08:15\n',
    "freshservice": json.dumps({"tickets": [{"id": 7, "subject": "Stairs", "description_text": "They are wet", "status": 4,
                                             "created_at": "2026-01-05T08:15:00Z", "resolution_notes": None,
                                             "resolution_notes_html": "<p>Laid out mats and a sign.</p>"}]}),
    "complaints of consumers": "Date received,Product,Issue,Consumer complaint narrative,State,Complaint ID\n"
                               "01/05/2026,Loan,Stairs,They are wet,CA,7\n01/25/2026,Card,Fee,It is too high,NY,8\n",
    "reviews of an app": "reviewId,title,content,score,at,replyContent\n7,Stairs,They are wet,1,2026-01-05 08:15:00,"
                         "Laid out mats and a sign.\n",
    "not set": "id\tSubject\tCreated\tResolved\n7\tStairs\t2026-01-05\tNot set\n",
    "mongo": json.dumps({"_id": 7, "subject": "Stairs", "createdAt": {"$date": {"$numberLong": "1767607200000"}}}),
    "an object for a text": json.dumps([{"id": 7, "subject": "Stairs", "message": {"text": "They are wet"},
                                         "created": {"$date": "2026-01-05T10:00:00Z"}}]),
    "zoho": "Ticket Reference Id,Ticket Id,Subject,Description,Status,Created Time,Resolution\n"
            "z,7,Stairs,<div>They are wet</div>,Closed,05 Jan 2026 10:15 AM,<div>Laid out mats and a sign.</div>\n",
    "gitlab export": json.dumps({"iid": 7, "title": "Stairs", "description": "They are wet", "state": "closed",
                                 "created_at": "2026-01-05T10:00:00Z", "notes": [
                                     {"note": "Laid out mats and a sign.", "system": False},
                                     {"note": "changed the description to say it is wet", "system": True}]}),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_the_columns_of_a_ticket_are_known(kind: str) -> None:
    """Id, title, text and day of each; the answer where there is one."""
    (row, *_) = (one for one in read_file("export", FILES[kind], OWN) if isinstance(one, Row))
    item = row.item
    assert (item.external_id, item.title, item.is_dated) == ("7", "Stairs", True)
    assert item.created_at.day == 5
    assert item.text in ("They are wet", "")
    has_answer = kind in (
        "zoho",
        "gitlab export",
        "topdesk in Dutch",
        "freshservice",
        "reviews of an app",
    )
    assert item.resolution == ("Laid out mats and a sign." if has_answer else None)
    assert row.warnings == ()
    assert item.status != "CA"


def test_words_with_digits_are_keys_whatever_their_column_is_called() -> None:
    """ "Issue" may also be what happened."""
    rows = read_file(
        "t.csv", "Issue,What happened?\nAB-1,The printer is off\nAB-2,The lift is stuck\n"
    )
    found = [(one.item.external_id, one.item.text) for one in rows if isinstance(one, Row)]
    assert found == [("AB-1", "The printer is off"), ("AB-2", "The lift is stuck")]
