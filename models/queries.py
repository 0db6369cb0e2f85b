"""Queries that every package needs: live items, and rows by many ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import Database, Item

# SQLite takes 32,766 values a statement, and some statements use an id twice.
MAX_VALUES = 5_000

# Few enough that memory does not grow with the backlog.
BATCH = 256

# The revision of a deletion: it sorts after every edit.
DELETED = "~"

LIVE = Item.deleted_at.is_(None)

# Items that say nothing of a matter are stored, but never compared.
COMPARED = Item.content_hash.is_not(None)

T = TypeVar("T")


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Split values into lists that fit into one statement each."""
    rest = iter(values)
    while part := list(islice(rest, MAX_VALUES)):
        yield part


def ids_in_batches(database: Database, where: ColumnElement[bool]) -> Iterator[list[int]]:
    """Yield the ids of the live items that pass `where`, lowest first, in batches.

    No transaction is open between two batches.
    """
    last = 0
    while True:
        with database.read() as session:
            found = session.scalars(
                select(Item.id).where(where, LIVE, Item.id > last).order_by(Item.id).limit(BATCH)
            ).all()
        if not found:
            return
        last = found[-1]
        yield list(found)


def items_by_id(session: Session, item_ids: Iterable[int]) -> dict[int, Item]:
    """Return items, deleted ones too, by id."""
    return {
        item.id: item
        for part in in_parts(item_ids)
        for item in session.scalars(select(Item).where(Item.id.in_(part)))
    }
