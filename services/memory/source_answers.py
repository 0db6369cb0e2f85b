"""What became of the answers that sources gave, where they give others or none any more.

The answer of an import that somebody was shown is stored as a resolution, too, so that people can
say whether it helped. It says what its source says now: a note that was made private goes there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, Resolution
from models.queries import DELETED, IMPORTED, in_parts
from services.memory.new_items import ItemKey, NewItem
from services.memory.ticket_status import SOLVED

_CURRENT = select(Resolution).where(Resolution.undone_at.is_(None))


def keep_marked(
    session: Session, stored: Mapping[ItemKey, Item], items: Sequence[NewItem]
) -> list[NewItem]:
    """Return items of which none takes away an answer that people gave.

    Those that were opened again have none of their source any more: it did not solve them.
    """
    items = [_as_unanswered(item, stored.get(item.key)) for item in items]
    asked = {
        stored[item.key].id: item.key
        for item in items
        if item.is_unanswered and item.key in stored and stored[item.key].resolution
    }
    marked = {
        asked[one.item_id]
        for part in in_parts(asked)
        for one in session.scalars(
            _CURRENT.where(Resolution.item_id.in_(part), Resolution.marked_by != IMPORTED)
        )
        if one.text == stored[asked[one.item_id]].resolution
    }
    return [replace(one, is_unanswered=False) if one.key in marked else one for one in items]


def _as_unanswered(item: NewItem, row: Item | None) -> NewItem:
    is_open = item.resolution is None and item.status in _OPEN
    is_reopened = is_open and row is not None and row.status.casefold() in SOLVED
    return replace(item, is_unanswered=True) if is_reopened else item


_OPEN = ("open", "pending")


def follow_sources(session: Session, changed: Mapping[int, NewItem], now: datetime) -> None:
    """Write what sources say into the resolutions of imports, by the ids of changed items."""
    told = {
        id_: item
        for id_, item in changed.items()
        if item.is_unanswered or item.resolution is not None
    }
    for part in in_parts(told):
        imported = _CURRENT.where(Resolution.item_id.in_(part), Resolution.marked_by == IMPORTED)
        for one in session.scalars(imported):
            one.text = told[one.item_id].resolution or ""
            if not one.text:
                one.revision, one.undone_at = DELETED, now
