"""Tickets as people look them up: a title and an address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item
from models.queries import in_parts
from services.text.cleaning.headline import headline


@dataclass(frozen=True)
class TicketLink:
    """A ticket to look up."""

    item_id: int
    title: str
    url: str | None


def links_of(session: Session, item_ids: Iterable[int]) -> dict[int, TicketLink]:
    """Return tickets as people look them up, by id."""
    return {
        id_: TicketLink(id_, headline(title, text), url)
        for part in in_parts(set(item_ids))
        for id_, title, text, url in session.execute(
            select(Item.id, Item.title, Item.text, Item.url).where(Item.id.in_(part))
        )
    }
