"""The density around each item: the mean cosine to its nearest ones, kept as new items come.

A candidate that is close to everything says little, so ranking subtracts each item's mean cosine to
its ten nearest (the local density of CSLS: Conneau et al., "Word Translation Without Parallel
Data", 2018). The nearest are stored by id, so that judging an item twice counts it once. Neighbours
from other pools than the item's own are not added later: no value of a public item reveals what a
private channel says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, bindparam, delete, exists, select
from sqlalchemy.orm import Session

from models import (
    Channel,
    Document,
    Embedding,
    Item,
    Neighbourhood,
    is_among,
    many_ids,
    upsert,
)
from models.queries import in_parts
from services.search.indexes.contract import Candidate

NEAREST = 10

# Built once, on plain tables: mapped classes cost three times as much.
_IDS = many_ids("ids")
_neighbourhoods = Neighbourhood.__table__
_NEAREST = (
    select(_neighbourhoods.c.item_id, _neighbourhoods.c.nearest)
    .where(
        is_among(_neighbourhoods.c.item_id, _IDS),
        _neighbourhoods.c.fingerprint == bindparam("fingerprint"),
    )
    .order_by(_neighbourhoods.c.item_id)
    .with_for_update()
)
# Whoever erases an item has its row first and its neighbourhood then: here, too.
_items = Item.__table__
_LIVE = (
    select(_items.c.id)
    .where(is_among(_items.c.id, _IDS), _items.c.deleted_at.is_(None))
    .order_by(_items.c.id)
    .with_for_update(key_share=True, read=True)
)
_documents = Document.__table__
_POOLS = select(_documents.c.item_id, _documents.c.pool_id).where(
    is_among(_documents.c.item_id, _IDS)
)


def density(cosines: Iterable[float]) -> float:
    """Return the mean of the ten highest cosines, or of all where there are fewer."""
    highest = sorted(cosines, reverse=True)[:NEAREST]
    return sum(highest) / len(highest)


def save_density(
    session: Session, fingerprint: str, found: Mapping[int, Sequence[Candidate]]
) -> None:
    """Store the nearest items of each item, and each item as a new neighbour of its nearest.

    The last thing that a transaction does: locks that it took after these might be held by whoever
    waits for these. Items that are gone by then are left out.
    """
    nearby = {one.item_id for nearest in found.values() for one in nearest[:NEAREST]}
    live = _live(session, found.keys() | nearby)
    fresh = {
        item_id: {
            str(one.item_id): round(one.similarity, 6)
            for one in nearest[:NEAREST]
            if one.item_id in live
        }
        for item_id, nearest in found.items()
        if item_id in live
    }
    pools = _pools(session, sorted(live))
    stored = _stored_nearest(session, sorted(live), fingerprint) | {
        item_id: dict(nearest) for item_id, nearest in fresh.items()
    }
    changed = set(fresh)
    for item_id, nearest in fresh.items():
        for other, cosine in nearest.items():
            nearest_of_other = stored.get(int(other))
            if nearest_of_other is not None and pools.get(item_id) == pools.get(int(other)):
                nearest_of_other[str(item_id)] = cosine
                changed.add(int(other))
    _write(session, fingerprint, {item_id: stored[item_id] for item_id in sorted(changed)})


def unmeasured(session: Session, fingerprint: str, *, limit: int) -> list[int]:
    """Return the ids of live items with vectors but without a density, the oldest first."""
    measured = exists().where(
        Neighbourhood.item_id == Item.id, Neighbourhood.fingerprint == fingerprint
    )
    embedded = exists().where(Embedding.item_id == Item.id, Embedding.fingerprint == fingerprint)
    # Nearly all are measured: whether they have vectors is then not asked.
    statement = select(Item.id).where(Item.deleted_at.is_(None), ~measured, embedded)
    return list(session.scalars(statement.order_by(Item.id).limit(limit)))


def delete_around_channel(session: Session, channel: Channel) -> None:
    """Delete the neighbourhoods that a channel's items have or are in: its readers have changed.

    All others stay: what is measured in public must not depend on what happens in private.
    """
    inside = set(session.scalars(select(Item.id).where(Item.channel_id == channel.id)))
    if not inside:
        return
    rows = session.execute(
        select(_neighbourhoods.c.item_id, _neighbourhoods.c.nearest)
        .join(Item, Item.id == _neighbourhoods.c.item_id)
        .where(Item.workspace_id == channel.workspace_id)
    )
    changed = {
        item_id
        for item_id, nearest in rows
        if item_id in inside or not inside.isdisjoint(map(int, nearest))
    }
    for part in in_parts(sorted(changed)):
        delete_neighbourhoods(session, Neighbourhood.item_id.in_(part))


def delete_neighbourhoods(session: Session, *where: ColumnElement[bool]) -> None:
    """Delete neighbourhoods, in the order of their ids: two that do never wait for each other."""
    found = select(Neighbourhood.item_id).where(*where).order_by(Neighbourhood.item_id)
    ids = found.with_for_update()
    session.execute(delete(Neighbourhood).where(Neighbourhood.item_id.in_(ids), *where))


def _live(session: Session, item_ids: Collection[int]) -> set[int]:
    """Return those of the items that are not deleted, and keep them from that until the commit."""
    return {
        item_id
        for part in in_parts(sorted(item_ids))
        for item_id in session.connection().execute(_LIVE, {"ids": part}).scalars()
    }


def _stored_nearest(
    session: Session, item_ids: Iterable[int], fingerprint: str
) -> dict[int, dict[str, float]]:
    return {
        item_id: nearest
        for part in in_parts(item_ids)
        for item_id, nearest in session.connection().execute(
            _NEAREST, {"ids": part, "fingerprint": fingerprint}
        )
    }


def _pools(session: Session, item_ids: Iterable[int]) -> dict[int, int]:
    return {
        item_id: pool_id
        for part in in_parts(item_ids)
        for item_id, pool_id in session.connection().execute(_POOLS, {"ids": part})
    }


def _write(session: Session, fingerprint: str, nearest: Mapping[int, Mapping[str, float]]) -> None:
    """Write in the order of the ids, so that two concurrent writers cannot deadlock."""
    rows = [
        {
            "item_id": item_id,
            "fingerprint": fingerprint,
            "nearest": dict(sorted(of_item.items(), key=lambda one: -one[1])[:NEAREST]),
            "density": density(of_item.values()) if of_item else None,
        }
        for item_id, of_item in nearest.items()
    ]
    upsert(session, Neighbourhood, rows)
