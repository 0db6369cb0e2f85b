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


def test_an_answer_that_is_not_sent_any_more_is_gone(services: Services, source: Source) -> None:
    """Where the list of replies is sent without it; a message without that list says nothing."""
    said = {"text": "Open the valve below the window.", "author": "Ira"}
    closed = {**TICKET, "status": "closed"}
    for fields, expected in (
        ({"replies": [said]}, said["text"]), ({}, said["text"]), ({"replies": []}, None),
    ):  # fmt: skip
        store_tickets(services.ingest, source, [{**closed, **fields}], NOW)
        assert stored_items(services)["31"].resolution == expected
