"""What must not be in a database: traces of what was deleted, gaps, and rows without an owner."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, ForeignKeyConstraint, and_, func, or_, select
from sqlalchemy.orm import Session

from models import Base, Database, Document, Embedding, Item, Neighbourhood, Part, Resolution
from models.queries import DELETED, LIVE
from services.memory.vector_coverage import without_vectors
from services.search.indexes.contract import VectorIndex, live_embeddings

# An item that was changed so recently may still wait for its vectors.
GRACE = timedelta(hours=1)

QUERIES = 100
NEIGHBOURS = 10


def count_traces(session: Session) -> int:
    """Return how many rows still hold something of items that were deleted.

    No deleted item has vectors, terms or neighbours. One that its source deleted has no words of
    its own any more either; one that was retired keeps them until its source reports it again.
    """
    gone, deleted = Item.deleted_at.is_not(None), Item.revision == DELETED
    found = [
        *(_count_of(session, table, gone) for table in (Embedding, Document, Neighbourhood)),
        *(_count_of(session, table, deleted) for table in (Part, Resolution)),
        session.scalar(
            select(func.count(Item.id)).where(
                deleted, or_(Item.text != "", Item.title.is_not(None))
            )
        ),
    ]
    return sum(number or 0 for number in found)


def _count_of(session: Session, table: Any, where: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(table).join(Item, Item.id == table.item_id)
    return session.scalar(statement.where(where)) or 0


def count_found_ghosts(database: Database, index: VectorIndex, fingerprint: str) -> int:
    """Return how many deleted items a search for stored vectors finds."""
    with database.read() as session:
        newest = live_embeddings(Embedding.workspace_id, Embedding.vector, fingerprint=fingerprint)
        rows = session.execute(newest.order_by(Embedding.id.desc()).limit(QUERIES)).all()
    if not rows:
        return 0
    queries: defaultdict[int, list[NDArray[np.float32]]] = defaultdict(list)
    for workspace_id, vector in rows:
        queries[workspace_id].append(vector)

    def search() -> set[int]:
        return {
            one.item_id
            for workspace_id, vectors in queries.items()
            for found in index.search(
                np.stack(vectors), workspace_id=workspace_id, limit=NEIGHBOURS
            )
            for one in found
        }

    first = search()
    with database.read() as session:
        live = {id_ for id_ in session.scalars(select(Item.id).where(Item.id.in_(first), LIVE))}
    suspects = first - live
    # One that was deleted after the first search is not found by the second.
    return len(suspects & search()) if suspects else 0


def count_without_vectors(session: Session, fingerprint: str, now: datetime) -> int:
    """Return how many live items that can be compared have no vectors of a model."""
    settled = Item.updated_at <= now - GRACE
    missing = select(func.count(Item.id)).where(LIVE, without_vectors(fingerprint), settled)
    return session.scalar(missing) or 0


def count_orphans(session: Session) -> int:
    """Return how many rows refer to rows that do not exist, by every foreign key.

    Databases forbid them, but not while a backup is restored or somebody mends rows by hand.
    """
    keys = [key for table in Base.metadata.sorted_tables for key in table.foreign_key_constraints]
    return sum(_count_broken(session, key) for key in keys)


def _count_broken(session: Session, key: ForeignKeyConstraint) -> int:
    child, parent = key.table, key.referred_table.alias()
    pairs = [(one.parent, parent.c[one.column.name]) for one in key.elements]
    owner = select(1).select_from(parent).where(and_(*(a == b for a, b in pairs))).exists()
    is_set = and_(*(column.is_not(None) for column, _ in pairs))
    statement = select(func.count()).select_from(child).where(is_set, ~owner)
    return session.scalar(statement) or 0
