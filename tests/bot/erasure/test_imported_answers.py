"""Erasing whoever answered imported tickets: their replies, and the answers taken from these."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from models import Item, Resolution
from services.intake.importers.rows.metadata import MAX_KEPT_REPLIES, MAX_REPLY_LENGTH
from services.intake.importers.storage.store import import_entries
from services.issues.outcomes import record_outcome
from services.issues.resolutions import resolve, solution_of
from tests.bot.erasure.test_erase import erase
from tests.services.intake.importers.written_files import read_file
from tests.serving import Desk

pytestmark = pytest.mark.both_databases

ADVICE = "Unscrew the left lid and pull the blue lever twice."
SIGNED = f"Hello Ana,\n\n{ADVICE}\n\n-- \nBen Ortega\nField service, phone 030 5551234"
QUOTING = f"{ADVICE}\n\nOn Mon, May 4, 2026 at 10:00 AM Ana Ruiz wrote:\n> The gate jams again."
LONG = f"{ADVICE}\n" + "\n".join(f"Step {n}: loosen screw {n} of the frame." for n in range(200))


def _import(desk: Desk, *comments: dict[str, Any]) -> Item:
    ticket = {
        "id": 7,
        "title": "The gate of hall 2 jams",
        "description": "It has been jamming since noon.",
        "author": "Ana Ruiz",
        "status": "closed",
        "created_at": "2026-05-04T10:00:00Z",
        "comments": comments,
    }
    rows = iter(read_file("tickets.json", json.dumps([ticket])))
    import_entries(desk.services.ingest, desk.workspace_id, rows, desk.clock())
    return _stored(desk)


def _stored(desk: Desk) -> Item:
    with desk.services.database.read() as session:
        return session.scalars(select(Item)).one()


@pytest.mark.parametrize("said", [ADVICE, SIGNED, QUOTING, LONG, "x" + ADVICE * 120])
def test_the_answer_of_an_erased_person_goes_with_their_reply(desk: Desk, said: str) -> None:
    """Also where it was stored without the signature and the mail it quotes, or is very long."""
    stored = _import(desk, {"author": "Ben Ortega", "body": said})
    assert ADVICE in (stored.resolution or "")
    assert len(said) < MAX_REPLY_LENGTH or len(stored.resolution or "") > MAX_REPLY_LENGTH
    erase(desk, "person", "Ben Ortega")
    left = _stored(desk)
    assert left.resolution is None
    assert "lever" not in json.dumps(left.extra)


def test_the_answer_of_a_long_conversation_is_known_by_its_author(desk: Desk) -> None:
    """The reply that it is from is among those that are kept."""
    talk = [
        {"author": "Ana Ruiz", "body": f"Is there any news on that? I asked {n} times."}
        for n in range(MAX_KEPT_REPLIES + 9)
    ]
    stored = _import(desk, *talk, {"author": "Ben Ortega", "body": SIGNED})
    assert ADVICE in (stored.resolution or "")
    assert len(stored.extra["replies"]) == MAX_KEPT_REPLIES
    erase(desk, "person", "Ben Ortega")
    assert _stored(desk).resolution is None


def test_a_used_answer_goes_from_both_tickets(desk: Desk) -> None:
    """It is stored by itself since it was used, and was copied to the ticket that it solved."""
    stored = _import(desk, {"author": "Ben Ortega", "body": SIGNED})
    ts = desk.ticket("C1", "The gate of hall 5 jams as well")
    desk.drain()
    other = desk.item("C1", ts)
    with desk.services.database.write() as session:
        solved, helped = session.get_one(Item, stored.id), session.get_one(Item, other.id)
        record_outcome(session, solved, helped.id, True, by="U9", now=desk.clock())
        solution = solution_of(session, solved)
        assert solution is not None
        resolve(session, helped, solution, by="U9", now=desk.clock())
    done = erase(desk, "person", "Ben Ortega")
    assert done.counts["answers to other people's tickets"] == 1
    assert done.counts["answers copied to other tickets"] == 1
    with desk.services.database.read() as session:
        assert not any(session.scalars(select(Resolution.text)))
        assert not any(session.scalars(select(Item.resolution)))
        statuses = session.scalars(select(Item.status).order_by(Item.id)).all()
    assert statuses == ["closed", "open"]


def test_the_answers_of_others_stay(desk: Desk) -> None:
    """Whoever greets alike or thanks wrote none of it."""
    greeting = "Hello dear colleagues of the gate team,\n\n"
    thanks = {
        "author": "Mia Lang",
        "body": f"{greeting}thanks, I will pass it on to the people of hall 2.",
    }
    _import(desk, thanks, {"author": "Ben Ortega", "body": greeting + ADVICE})
    erase(desk, "person", "Mia Lang")
    assert ADVICE in (_stored(desk).resolution or "")
