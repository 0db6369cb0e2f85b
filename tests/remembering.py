"""Short ways to store items in a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.wiring import Services
from models import Channel, Workspace
from services.memory.channel_facts import ChannelFacts, save_channel
from services.memory.new_items import NewItem, SavedItem

START = datetime.fromisoformat("2026-11-01T09:00:00+00:00")


def ticket(external_id: str, text: str, *, minutes: int = 0, **more: object) -> NewItem:
    """Return an imported ticket, `minutes` after the first."""
    created = START + timedelta(minutes=minutes)
    return NewItem(
        source="import", external_id=external_id, text=text, created_at=created, **more  # type: ignore[arg-type]
    )  # fmt: skip


def remember(services: Services, workspace: Workspace, items: Sequence[NewItem]) -> list[SavedItem]:
    """Store and embed items."""
    prepared = services.items.prepare(workspace.id, items)
    with services.database.write() as session:
        return services.items.save(session, workspace.id, prepared, START)


def channel(
    services: Services,
    workspace: Workspace,
    slack_id: str,
    *,
    private: bool = False,
    shared: bool = False,
) -> Channel:
    """Add a channel."""
    with services.database.write() as session:
        facts = ChannelFacts(slack_id, f"name-{slack_id}", private, shared)
        return save_channel(session, workspace.id, facts, mode="full")
