"""What a run reads of its tickets."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.wiring import Services
from models import Channel, Item, Workspace
from services.topics.run_texts import read_texts
from tests.remembering import channel, remember, ticket


@pytest.mark.both_databases
def test_the_language_of_a_ticket_is_that_of_its_slack_channel(
    services: Services, workspace: Workspace
) -> None:
    """It is none for gone tickets, without a channel, and for an imported one, as nobody chose it.

    The languages are in the order of the ids.
    """
    asked = {"C1": "de", "C2": "es", "imported": "en"}
    places = {name: channel(services, workspace, name) for name in asked}
    with services.database.write() as session:
        for name, language in asked.items():
            found = session.get_one(Channel, places[name].id)
            found.language = language
            if name == "imported":
                found.slack_id, found.name = None, name
    remember(
        services,
        workspace,
        [ticket(name, f"about {name}", channel_id=one.id) for name, one in places.items()],
    )
    remember(services, workspace, [ticket("alone", "about alone")])
    with services.database.read() as session:
        ids = {
            text.removeprefix("about "): item
            for item, text in session.execute(select(Item.id, Item.text))
        }
        order = ["alone", "imported", "C2", "C1"]
        read = read_texts(session, Item.kind == "ticket", [*(ids[one] for one in order), 10**9])
    assert read.spoken == [None, None, "es", "de", None]
    assert [text.strip() for text in read.texts[:2]] == ["about alone", "about imported"]
