"""Stored tickets that a file or a program calls private or deleted now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from models import Item
from models.queries import LIVE, in_parts
from services.intake.importers.entries import ImportEntry, Skipped
from services.intake.importers.replacements import Said, is_related
from services.memory.new_items import NewItem


def withheld(entries: Iterable[ImportEntry]) -> list[NewItem]:
    """Return the tickets among skipped entries that nobody is to see any more."""
    skipped = (one.ticket for one in entries if isinstance(one, Skipped))
    return [one for one in skipped if one is not None]


def to_hide(
    session: Session,
    workspace_id: int,
    items: Sequence[NewItem],
    is_same: Callable[[Said, Said], bool] = is_related,
) -> list[NewItem]:
    """Return those of these tickets that are stored, without what they say.

    In a file another kind of row may have the same id, so the words must be the same: `is_same`.
    """
    given = {item.key: item for item in items}
    return [
        NewItem(
            source=row.source,
            external_id=row.external_id,
            text="",
            created_at=row.created_at,
            is_dated=row.is_dated,
            kind=row.kind,
            channel_id=row.channel_id,
            revision=row.revision,
        )
        for part in in_parts([*given])
        for row in session.scalars(
            select(Item).where(
                Item.workspace_id == workspace_id,
                LIVE,
                tuple_(Item.source, Item.external_id).in_(part),
            )
        )
        if is_same(_said(given[row.source, row.external_id]), (row.title, row.text))
    ]


def _said(item: NewItem) -> Said:
    return item.title, item.text
