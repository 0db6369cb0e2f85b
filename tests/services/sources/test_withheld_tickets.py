"""A ticket that a program calls private is hidden, and comes back when it is public again."""

from __future__ import annotations

from typing import Any

import pytest

from bot.wiring import Services
from models import Item, Source, Workspace
from services.sources.store_tickets import StoredTickets, store_tickets
from tests.conftest import NOW
from tests.services.intake.importers.written_files import stored_items

TICKET = {"id": "31", "title": "Heating", "text": "The heating of room 12 stays cold."}
SECRET = "He has not paid since May."


@pytest.fixture
def source(services: Services, workspace: Workspace) -> Source:
    """Store a source."""
    with services.database.write() as session:
        source = Source(workspace_id=workspace.id, name="desk", kind="webhook", created_at=NOW)
        session.add(source)
    return source


@pytest.mark.both_databases
@pytest.mark.parametrize("mark", [{"is_private": True}, {"visibility": "internal"}])
def test_a_sent_ticket_that_is_private_now_is_hidden(
    services: Services, source: Source, mark: dict[str, Any]
) -> None:
    """One that is not known is refused, as before."""

    def send(**fields: Any) -> StoredTickets:
        return store_tickets(services.ingest, source, [{**TICKET, **fields}], NOW)

    def item() -> Item:
        return stored_items(services)["31"]

    assert list(send(**mark).refused) == ["31"]
    send()
    result = send(**mark)
    assert (list(result.gone), result.refused) == ([item().id], {})
    assert (item().deleted_at, item().title, item().text) == (NOW, None, "")
    send()
    assert (item().deleted_at, item().text) == (None, TICKET["text"])


def test_what_was_sent_before_a_ticket_became_private_stays_hidden(
    services: Services, source: Source
) -> None:
    """Also where it arrives later; what is sent after that is shown."""

    def send(minute: int, **fields: Any) -> StoredTickets:
        at = f"2026-05-04T10:{minute:02}:00Z"
        return store_tickets(services.ingest, source, [{**TICKET, "updated_at": at, **fields}], NOW)

    send(1)
    send(5, is_private=True)
    assert list(send(3, text="Room 12 is cold, says Ana.").refused) == ["31"]
    assert (stored_items(services)["31"].deleted_at, stored_items(services)["31"].text) == (NOW, "")
    send(7)
    assert stored_items(services)["31"].text == TICKET["text"]


def test_a_ticket_that_is_opened_again_loses_its_answer(services: Services, source: Source) -> None:
    """Whether all of it is sent, or its new state alone; a change of the title is none."""
    closed = {**TICKET, "status": "closed", "answer": "Open the valve below the window."}
    for again in ({"id": "31", "status": "open"}, {**TICKET, "status": "in progress"}):
        store_tickets(services.ingest, source, [closed], NOW)
        store_tickets(services.ingest, source, [{**TICKET, "title": "Cold"}], NOW)
        assert stored_items(services)["31"].resolution == closed["answer"]
        store_tickets(services.ingest, source, [again], NOW)
        assert stored_items(services)["31"].resolution is None


def test_an_answer_that_is_not_sent_any_more_is_gone(services: Services, source: Source) -> None:
    """Where the list of replies is sent without it; a message without that list says nothing."""
    said = {"text": "Open the valve below the window.", "author": "Ira"}
    closed = {**TICKET, "status": "closed"}
    for fields, expected in (
        ({"replies": [said]}, said["text"]), ({}, said["text"]), ({"replies": []}, None),
    ):  # fmt: skip
        store_tickets(services.ingest, source, [{**closed, **fields}], NOW)
        assert stored_items(services)["31"].resolution == expected


@pytest.mark.parametrize(
    "change",
    [
        {"replies": [{"text": SECRET, "visibility": "internal"}]},
        {"last_comment": {"body": SECRET, "public": False}},
        {"status": "closed", "replies": []},
    ],
)
def test_a_reply_that_is_private_now_is_not_kept(
    services: Services, source: Source, change: dict[str, Any]
) -> None:
    """Although only what changed is sent; of the ticket all else stays."""
    said = {"replies": [{"text": SECRET}], "last_comment": {"body": SECRET}, "colour": "red"}
    store_tickets(services.ingest, source, [{**TICKET, **said}], NOW)
    assert stored_items(services)["31"].extra == said
    store_tickets(services.ingest, source, [{"id": "31", **change}], NOW)
    rest = {name: one for name, one in said.items() if name not in change}
    assert stored_items(services)["31"].extra == rest
