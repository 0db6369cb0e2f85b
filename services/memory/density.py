"""Neighbourhoods: how crowded it is around an item, kept as new items come.

A candidate that is close to everything says little. What counts is each item's mean cosine to its
ten nearest (the local density of CSLS); they are stored by id, so that judging an item twice
counts it once. Neighbours from other pools than the item's own are not added later: no figure of a
public item betrays what a private channel says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.orm import Session

from models import Document, Embedding, Item, Neighbourhood, put
from models.queries import in_parts
from services.search.contract import Candidate

NEAREST = 10

# Made once, and of a plain table: a mapped class costs three times as much.
_stored_ones = Neighbourhood.__table__
_OF_ITEMS = (
    _stored_ones.c.item_id.in_(bindparam("ids", expanding=True)),
    _stored_ones.c.fingerprint == bindparam("fingerprint"),
)
_STORED = select(_stored_ones.c.item_id, _stored_ones.c.nearest).where(*_OF_ITEMS)
_DENSITIES = select(_stored_ones.c.item_id, _stored_ones.c.density).where(
    *_OF_ITEMS, _stored_ones.c.density.is_not(None)
)


def densities(session: Session, item_ids: Sequence[int], fingerprint: str) -> dict[int, float]:
    """Return the mean cosine of items to their nearest ones; those not measured are left out."""
    rows = session.connection().execute(_DENSITIES, {"ids": item_ids, "fingerprint": fingerprint})
    return {item_id: density for item_id, density in rows}


def density(cosines: Iterable[float]) -> float:
    """Return the mean of the ten highest cosines, of fewer where there are fewer."""
    highest = sorted(cosines, reverse=True)[:NEAREST]
    return sum(highest) / len(highest)


def save_density(
    session: Session, fingerprint: str, found: Mapping[int, Sequence[Candidate]]
) -> None:
    """Store the nearest items of each item, and each item as a new neighbour of its nearest."""
    fresh = {
        item_id: {str(one.item_id): round(one.similarity, 6) for one in nearest[:NEAREST]}
        for item_id, nearest in found.items()
    }
    others = {int(other) for nearest in fresh.values() for other in nearest}
    pools = _pools(session, [*fresh, *others])
    stored = _stored(session, sorted(others - fresh.keys()), fingerprint) | {
        item_id: dict(nearest) for item_id, nearest in fresh.items()
    }
    changed = set(fresh)
    for item_id, nearest in fresh.items():
        for other, cosine in nearest.items():
            of_other = stored.get(int(other))
            if of_other is not None and pools.get(item_id) == pools.get(int(other)):
                of_other[str(item_id)] = cosine
                changed.add(int(other))
    _write(session, fingerprint, {item_id: stored[item_id] for item_id in sorted(changed)})


def unmeasured(session: Session, fingerprint: str, *, limit: int) -> list[int]:
    """Return live items with vectors whose neighbourhood is not known, the oldest first."""
    measured = exists().where(
        Neighbourhood.item_id == Item.id, Neighbourhood.fingerprint == fingerprint
    )
    embedded = exists().where(Embedding.item_id == Item.id, Embedding.fingerprint == fingerprint)
    statement = select(Item.id).where(Item.deleted_at.is_(None), embedded, ~measured)
    return list(session.scalars(statement.order_by(Item.id).limit(limit)))


def forget_all(session: Session, workspace_id: int) -> None:
    """Drop a workspace's neighbourhoods, because who may read what has changed."""
    of_workspace = select(Item.id).where(Item.workspace_id == workspace_id)
    session.execute(delete(Neighbourhood).where(Neighbourhood.item_id.in_(of_workspace)))


def _stored(
    session: Session, item_ids: Iterable[int], fingerprint: str
) -> dict[int, dict[str, float]]:
    return {
        item_id: nearest
        for part in in_parts(item_ids)
        for item_id, nearest in session.connection().execute(
            _STORED, {"ids": part, "fingerprint": fingerprint}
        )
    }


def _pools(session: Session, item_ids: Iterable[int]) -> dict[int, int]:
    return {
        item_id: pool_id
        for part in in_parts(item_ids)
        for item_id, pool_id in session.execute(
            select(Document.item_id, Document.pool_id).where(Document.item_id.in_(part))
        )
    }


def _write(session: Session, fingerprint: str, nearest: Mapping[int, Mapping[str, float]]) -> None:
    """Write in the order of the ids: two writers at once never wait in a circle."""
    rows = [
        {
            "item_id": item_id,
            "fingerprint": fingerprint,
            "nearest": dict(sorted(of_item.items(), key=lambda one: -one[1])[:NEAREST]),
            "density": density(of_item.values()) if of_item else None,
        }
        for item_id, of_item in nearest.items()
    ]
    put(session, Neighbourhood, rows)
