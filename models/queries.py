"""Queries that every package needs: live items, and rows by many ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    select,
)
from sqlalchemy.orm import Session, aliased

from models import MAX_STATEMENTS, Channel, Database, Item, is_among, many_ids

# SQLite takes 32,766 values a statement, and some statements use an id twice.
MAX_VALUES = 5_000

# Few enough that memory does not grow with the backlog.
BATCH = 256

# The revision of a deletion: it sorts after every edit.
DELETED = "~"

# That of a ticket which its program deleted, and may restore: it sorts just before.
WITHDRAWN = "}"

# `source` of the items that came from Slack.
SLACK_SOURCE = "slack"

# `marked_by` of a resolution that came with an import.
IMPORTED = "import"

LIVE = Item.deleted_at.is_(None)

# Items that say nothing of a matter are stored, but never compared.
COMPARED = Item.content_hash.is_not(None)

# Built once: every message asks.
_ITEMS = select(Item).where(is_among(Item.id, many_ids("ids")))

# Conditions over `Item` are asked of each of these (`is_live`). Made once: each alias of a mapped
# class takes two milliseconds and 90 kB.
_ones = Item.__table__.alias()
ONE_ITEM = aliased(Item, _ones)

_channels = Channel.__table__
_LOCKED_CHANNELS = (
    select(_channels.c.id)
    .where(is_among(_channels.c.id, many_ids("ids")))
    .order_by(_channels.c.id)
    .with_for_update(key_share=True)
)

T = TypeVar("T")


def is_live(item_id: SQLColumnExpression[int], where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an item is live and passes `where`, a condition over `Item`.

    `item_id` belongs to another table or to an alias. Beside the ids of a few items `where` would
    have SQLite, which has no statistics here, read all items of the workspace instead of these.
    """
    found = select(Item.id).where(Item.id == item_id, LIVE, where)
    return found.correlate_except(Item).exists()


def live_ids(session: Session, item_ids: Iterable[int], where: ColumnElement[bool]) -> set[int]:
    """Return which of these items are live and pass `where`, a condition over `Item`."""
    return {
        item_id
        for part in in_parts(set(item_ids))
        for item_id in session.connection().scalars(_live_among(where), {"ids": part})
    }


@lru_cache(MAX_STATEMENTS)
def _live_among(where: ColumnElement[bool]) -> Select[int]:
    """Return the statement for what passes a condition, which is kept with it."""
    among = is_among(_ones.c.id, many_ids("ids"))
    return select(_ones.c.id).where(among, is_live(_ones.c.id, where))


def live_items(
    session: Session, item_ids: Iterable[int], where: ColumnElement[bool]
) -> dict[int, Item]:
    """Return those of these items that are live and pass `where`, a condition over `Item`."""
    return {
        item.id: item
        for part in in_parts(set(item_ids))
        for item in session.scalars(_live_items(where), {"ids": part})
    }


@lru_cache(MAX_STATEMENTS)
def _live_items(where: ColumnElement[bool]) -> Select[Item]:
    """Return the statement for the rows of what passes a condition, which is kept with it."""
    among = is_among(ONE_ITEM.id, many_ids("ids"))
    return select(ONE_ITEM).where(among, is_live(ONE_ITEM.id, where))


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


def lock_channels(session: Session, channel_ids: Iterable[int | None]) -> None:
    """Wait until nobody else has locked these channels, and keep them until the commit.

    In the order of their ids, so that two never wait for each other. Items of these channels may be
    added meanwhile (`key_share`).
    """
    for part in in_parts(sorted({one for one in channel_ids if one is not None})):
        session.connection().execute(_LOCKED_CHANNELS, {"ids": part}).all()


def items_by_id(session: Session, item_ids: Iterable[int]) -> dict[int, Item]:
    """Return items, deleted ones too, by id."""
    return {
        item.id: item
        for part in in_parts(item_ids)
        for item in session.scalars(_ITEMS, {"ids": part})
    }
