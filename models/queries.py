"""Queries that every package asks: live items, and rows by many ids at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item

# SQLite takes 32,766 values a statement, and some statements name an id twice.
AT_ONCE = 5_000


LIVE = Item.deleted_at.is_(None)


T = TypeVar("T")


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Cut values into lists that fit into one statement each."""
    rest = iter(values)
    while part := list(islice(rest, AT_ONCE)):
        yield part


def items_by_id(session: Session, item_ids: Iterable[int]) -> dict[int, Item]:
    """Return items, deleted ones too, by id."""
    return {
        item.id: item
        for part in in_parts(item_ids)
        for item in session.scalars(select(Item).where(Item.id.in_(part)))
    }
