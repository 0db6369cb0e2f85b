"""How many items have vectors of a model, and how many lack them: those cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select, true
from sqlalchemy.orm import Session

from models import Embedding, Item
from models.queries import COMPARED, LIVE


@dataclass(frozen=True)
class VectorCoverage:
    """The number of live items that are to be compared, and how many of them have no vectors."""

    items: int
    missing: int


def without_vectors(fingerprint: str) -> ColumnElement[bool]:
    """Return the condition that an item is to be compared and has no vectors of a model."""
    has_vectors = exists().where(Embedding.item_id == Item.id, Embedding.fingerprint == fingerprint)
    return COMPARED & ~has_vectors


def vector_coverage(
    session: Session,
    fingerprint: str,
    where: ColumnElement[bool] = true(),  # noqa: B008 - immutable
) -> VectorCoverage:
    """Return how many items that pass `where` lack vectors of a model; it reads all of them."""
    items = session.scalar(select(func.count(Item.id)).where(LIVE, COMPARED, where)) or 0
    lacking = select(func.count(Item.id)).where(LIVE, without_vectors(fingerprint), where)
    return VectorCoverage(items, session.scalar(lacking) or 0)
