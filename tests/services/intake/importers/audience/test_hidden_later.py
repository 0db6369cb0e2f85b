"""What was public when it was imported, and is private or deleted in a later file."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Item, Resolution, Workspace
from services.intake.importers.entries import RowDefaults
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.storage.store import count_only
from services.intake.importers.storage.summary import ImportSummary
from services.issues.resolutions import Solution, ensure_resolution, resolve, unresolve
from tests.conftest import NOW
from tests.services.intake.importers.written_files import (
    plan_of,
    read_file,
    store_entries,
    stored_items,
)

OWN = RowDefaults("import", "ticket", NOW)
LATER = NOW + timedelta(days=1)
ASKED, ADVICE = "The heating of room 12 stays cold.", "Open the valve below the window."
SECRET = "Replace the pump, and bill the landlord for it twice."
TICKET = {"id": 31, "title": "Heating", "text": ASKED, "status": "closed"}


def _comment(text: str, *, public: bool = True) -> dict[str, Any]:
    return {"body": text, "author": "Ira", "created_at": "2026-03-01T08:00:00Z", "public": public}


@pytest.fixture
def store(services: Services, workspace: Workspace) -> Any:
    """Give a function that imports tickets as a file of JSON."""

    def store(*tickets: dict[str, Any]) -> ImportSummary:
        entries = iter(read_file("t.json", json.dumps(tickets), OWN))
        return store_entries(services, workspace, entries, LATER)

    return store


@pytest.mark.parametrize(
    "later",
    [
        {"answer": SECRET, "answer visibility": "internal"},
        {"answer": SECRET, "answer is public": "no"},
        {"answer": f"Internal note: {SECRET}"},
    ],
)
def test_an_answer_that_is_private_now_is_gone(
    services: Services, store: Any, later: dict[str, Any]
) -> None:
    """A column that is merely empty leaves the one that is stored."""
    store({**TICKET, "answer": ADVICE, "answer visibility": "public"})
    store({**TICKET, "answer": ""})
    assert stored_items(services)["31"].resolution == ADVICE
    store({**TICKET, **later})
    assert stored_items(services)["31"].resolution is None


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "mark", [{"is_private": True}, {"deleted_at": "2026-03-02T08:00:00Z"}, {"tags": "confidential"}]
)
def test_a_ticket_that_is_private_now_is_hidden(
    services: Services, store: Any, mark: dict[str, Any]
) -> None:
    """Until a file says that all may read it again; others of the same id stay."""
    store(TICKET)
    summary = store({**TICKET, **mark})
    hidden = stored_items(services)["31"]
    assert (summary.skipped.total(), summary.removed) == (1, 1)
    assert (hidden.deleted_at, hidden.title, hidden.text) == (LATER, None, "")
    assert store({**TICKET, **mark}).removed == 0
    assert store(TICKET).outcomes == {"updated": 1}
    assert stored_items(services)["31"].text == ASKED
    other = {"id": 31, "title": "Parking lot", "text": "Who owns the red car?", **mark}
    assert store(other).removed == 0
    assert stored_items(services)["31"].text == ASKED


@pytest.mark.parametrize(
    "body", ["The heating of room 12: the customer has not paid, let it stay cold.", ""]
)
def test_a_note_with_the_id_of_a_ticket_hides_none(
    services: Services, workspace: Workspace, store: Any, body: str
) -> None:
    """It has many of the ticket's words, or none where somebody deleted it."""
    store(TICKET)
    mark = "private" if body else "deleted"
    table = f'ticket_id,body,{mark},author\n31,"{body}",true,Kim\n'
    other = "32,The door of hall 3 jams whenever it rains.,false,Ana\n"
    entries = iter(read_file("comments.csv", table + other, OWN))
    assert store_entries(services, workspace, entries, LATER).removed == 0
    assert stored_items(services)["31"].text == ASKED


HEAD = "Ticket ID;Title;Status;Author;Message;Private"
OTHERS = "32;Door;open;Ana;The door of hall 3 jams whenever it rains.;no\n"


@pytest.mark.parametrize("others", ["", OTHERS, OTHERS + OTHERS.replace("The", "Still the")])
@pytest.mark.parametrize("mark", ["Private", "Is deleted", "Internal"])
def test_an_export_of_new_messages_hides_no_ticket(
    services: Services, workspace: Workspace, mark: str, others: str
) -> None:
    """A ticket of which it has a private message alone was public by itself."""

    def store(table: str) -> int:
        entries = iter(read_file("new.csv", table, OWN))
        return store_entries(services, workspace, entries, LATER).removed

    head = HEAD.replace("Private", mark)
    first = f"31;Heating;open;Uma;{ASKED};no\n"
    store(f"{head}\n{first}31;Heating;open;Ira;{ADVICE};no\n{OTHERS}")
    assert store(f"{head}\n31;Heating;open;Ira;{SECRET};yes\n{others}") == 0
    assert stored_items(services)["31"].text == ASKED
    assert store(f"{head}\n{first.replace(';no', ';yes')}{others}") == 1


def test_new_messages_of_a_ticket_that_is_private_now_hide_it(
    services: Services, workspace: Workspace
) -> None:
    """Where they say so of the ticket, and not of themselves."""
    head = HEAD.replace("Private", "Confidential ticket")
    for message, is_private in ((ASKED, "no"), (SECRET, "yes")):
        table = f"{head}\n31;Heating;open;Uma;{message};{is_private}\n{OTHERS}{OTHERS}"
        entries = iter(read_file("new.csv", table, OWN))
        removed = store_entries(services, workspace, entries, LATER).removed
        assert removed == (is_private == "yes")


@pytest.mark.parametrize(
    "title", ["Heating", "[CONFIDENTIAL] Heating", "Vertraulich: Heating", "RE: Heating"]
)
def test_a_ticket_is_known_by_its_title(services: Services, store: Any, title: str) -> None:
    """With a mark before it, and another text."""
    store(TICKET)
    assert store({**TICKET, "title": title, "text": SECRET, "is_private": True}).removed == 1


@pytest.mark.both_databases
def test_a_hidden_ticket_has_no_answer(services: Services, store: Any) -> None:
    """Neither its own nor the one that people were shown, until all may read it again."""
    ticket = {**TICKET, "comments": [_comment(ADVICE)]}
    store(ticket)
    with services.database.write() as session:
        ensure_resolution(session, session.scalars(select(Item)).one())
    assert store({**ticket, "is_private": True}).removed == 1
    hidden = stored_items(services)["31"]
    assert (hidden.resolution, hidden.extra) == (None, {})
    with services.database.read() as session:
        assert [one.text for one in session.scalars(select(Resolution))] == [""]
    store(ticket)
    assert stored_items(services)["31"].resolution == ADVICE


def test_a_dry_run_says_what_would_be_hidden(
    services: Services, workspace: Workspace, store: Any
) -> None:
    """And hides nothing."""
    store(TICKET)
    plan = plan_of("t.json", json.dumps([{**TICKET, "is_private": True}]))
    summary = count_only(services.ingest, workspace.id, TicketReader(plan, OWN).read())
    assert (summary.removed, stored_items(services)["31"].text) == (1, ASKED)


@pytest.mark.both_databases
@pytest.mark.parametrize("after", [[_comment(ADVICE, public=False)], []])
def test_an_answer_that_is_private_or_deleted_now_is_gone(
    services: Services, store: Any, after: list[dict[str, Any]]
) -> None:
    """Also where people were shown it; an export without comments says nothing of it."""
    store({**TICKET, "comments": [_comment(ADVICE)]})
    with services.database.write() as session:
        item = session.scalars(select(Item)).one()
        assert item.resolution == ADVICE
        ensure_resolution(session, item)
    store(TICKET)
    assert stored_items(services)["31"].resolution == ADVICE
    other = {"id": 32, "title": "Door", "text": "It jams.", "comments": [_comment(SECRET)]}
    for _ in range(2):
        summary = store({**TICKET, "comments": after}, other)
        assert stored_items(services)["31"].resolution is None
    assert summary.outcomes == {"unchanged": 2}
    with services.database.read() as session:
        assert [one.text for one in session.scalars(select(Resolution))] == [""]


def test_an_answer_that_people_gave_stays(services: Services, store: Any) -> None:
    """Whatever the source has no more; undone, what the source says now is left."""
    store({**TICKET, "comments": [_comment(SECRET)]})
    with services.database.write() as session:
        item = session.scalars(select(Item)).one()
        resolve(session, item, Solution(ADVICE, ts="1.2"), by="U1", now=NOW)
    gone = {**TICKET, "comments": [_comment(SECRET, public=False)]}
    store({**gone, "is_private": True})
    store(gone)
    assert store(gone).outcomes == {"unchanged": 1}
    assert stored_items(services)["31"].resolution == ADVICE
    with services.database.write() as session:
        unresolve(session, session.scalars(select(Item)).one(), "1.2", by="U1", now=NOW)
    assert stored_items(services)["31"].resolution is None


def test_a_text_that_repeats_a_note_is_none(services: Services, store: Any) -> None:
    """So Zendesk describes a ticket that an agent opened with a note to another one."""
    said = {**_comment(ADVICE), "created_at": "2026-03-02T08:00:00Z"}
    store({**TICKET, "text": SECRET, "comments": [_comment(SECRET, public=False), said]})
    item = stored_items(services)["31"]
    assert (item.title, SECRET in item.text, item.resolution) == ("Heating", False, None)
