"""Learns the scale of a model's cosines from a team's own tickets, and stores it with the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from models import Embedding, EmbeddingModel, Item
from models.queries import COMPARED, LIVE
from services.memory.comparable_text import comparable_text
from services.memory.item_vectors import ItemVectors, Vector
from services.memory.similarity_scale import fit_scale, is_default
from services.search.embedders.embedding import Embedder

# Fewer tickets have too few pairs that are alike; more hardly change the scale (benchmarks).
MIN_TEXTS, MAX_TEXTS = 200, 300


def lacks_scale(session: Session, fingerprint: str) -> bool:
    """Say whether a model has no scale of its own, and the database tickets enough to learn it."""
    if is_default(fingerprint):
        return False
    unlearned = select(EmbeddingModel.id).where(
        EmbeddingModel.fingerprint == fingerprint, EmbeddingModel.similarity_scale.is_(None)
    )
    return session.scalar(unlearned) is not None and bool(_newest(session, fingerprint))


def learn_scale(vectors: ItemVectors, default: Embedder) -> None:
    """Learn the scale of a model from the newest items, if they are enough, and store it.

    `default` is the default model, which reads those of them that it has no vectors of.
    """
    fingerprint = vectors.embedder.fingerprint
    with vectors.database.read() as session:
        ids = _newest(session, fingerprint)
        if not ids:
            return
        own = vectors.vectors_of(session, ids)
        known = ItemVectors(vectors.database, default).vectors_of(session, ids)
        unknown = session.scalars(
            select(Item).where(Item.id.in_([one for one in ids if not len(known[one])]))
        ).all()
    scale = fit_scale(_first(own, ids), _first({**known, **_read(unknown, vectors, default)}, ids))
    with vectors.database.write() as session:
        session.execute(
            update(EmbeddingModel)
            .where(EmbeddingModel.fingerprint == fingerprint)
            .values(similarity_scale={"own": list(scale.own), "default": list(scale.default)})
        )


def _read(items: Sequence[Item], vectors: ItemVectors, default: Embedder) -> dict[int, Vector]:
    """Return the default model's vectors of the same first chunks, each of shape `(1, dim)`."""
    texts = [vectors.chunks_of(item.title, comparable_text(item))[0] for item in items]
    return {item.id: row[None, :] for item, row in zip(items, default.encode(texts), strict=True)}


def _first(vectors: dict[int, Vector], ids: Sequence[int]) -> Vector:
    """Return the vectors of first chunks, shape `(n, dim)`."""
    return np.stack([vectors[item_id][0] for item_id in ids])


def _newest(session: Session, fingerprint: str) -> Sequence[int]:
    """Return the ids of the newest items with vectors of a model; none if they are too few."""
    has_vectors = exists().where(Embedding.item_id == Item.id, Embedding.fingerprint == fingerprint)
    newest = select(Item.id).where(LIVE, COMPARED, has_vectors).order_by(Item.id.desc())
    ids = session.scalars(newest.limit(MAX_TEXTS)).all()
    return ids if len(ids) >= MIN_TEXTS else []
