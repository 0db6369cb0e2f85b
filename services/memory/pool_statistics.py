"""The mean vector and the median text length of each pool.

Ranking subtracts what all texts of a team have in common. Both values change slowly: they are
computed again, from a sample, when a pool has grown by a tenth, and so cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from models import Document, Embedding, Pool, Profile, is_among, many_ids

# The mean of this many vectors lies within 0.01 of the mean of all.
SAMPLE = 2_000
GROWTH = 1.1

# Built once, on a plain table: every answer runs it.
_profiles = Profile.__table__
_PROFILES = select(_profiles.c.documents, _profiles.c.median_length, _profiles.c.centre).where(
    is_among(_profiles.c.pool_id, many_ids("pools")),
    _profiles.c.fingerprint == bindparam("fingerprint"),
)
_pools = Pool.__table__
_SIZES = (
    select(_pools.c.id, _pools.c.documents, _profiles.c.documents)
    .outerjoin(
        _profiles,
        (_profiles.c.pool_id == _pools.c.id)
        & (_profiles.c.fingerprint == bindparam("fingerprint")),
    )
    .where(is_among(_pools.c.id, many_ids("pools")))
    .order_by(_pools.c.id)
)
# A sample of a pool: of the documents, so that the vectors of the others are not even looked up.
_documents, _embeddings = Document.__table__, Embedding.__table__
_IN_SAMPLE = (_documents.c.pool_id == bindparam("pool")) & (
    _documents.c.item_id % bindparam("step") == 0
)
_LENGTHS = select(_documents.c.length).where(_IN_SAMPLE)
_VECTORS = (
    select(_embeddings.c.vector)
    .join(_documents, _documents.c.item_id == _embeddings.c.item_id)
    .where(_IN_SAMPLE, _embeddings.c.fingerprint == bindparam("fingerprint"))
    .order_by(_embeddings.c.id)
)


@dataclass(frozen=True)
class PoolState:
    """A pool as it is now: `documents` items of `length` terms altogether.

    `epoch` is raised where its readers change (`models.Pool`).
    """

    pool_id: int
    epoch: int
    documents: int
    length: int


@dataclass(frozen=True)
class PoolStatistics:
    """The mean vector of some pools, `centre`, shape `(dim,)`, and the median length in terms."""

    centre: NDArray[np.float32]
    median_length: float


def statistics_of_pools(
    session: Session, pools: Sequence[PoolState], fingerprint: str, dim: int
) -> PoolStatistics:
    """Return the mean of the pools' profiles, weighted by their numbers of documents."""
    known = {"pools": [pool.pool_id for pool in pools], "fingerprint": fingerprint}
    rows = session.connection().execute(_PROFILES, known).all()
    if not rows:
        return PoolStatistics(np.zeros(dim, dtype=np.float32), 0.0)
    weights = np.array([row.documents for row in rows], dtype=np.float32)
    weights /= weights.sum()
    centre = weights @ np.stack([row.centre for row in rows])
    return PoolStatistics(centre, float(weights @ np.array([row.median_length for row in rows])))


def refresh(session: Session, pools: Sequence[int], fingerprint: str) -> None:
    """Compute the profiles of those pools again that have grown by a tenth since."""
    known = {"pools": list(pools), "fingerprint": fingerprint}
    for pool_id, documents, before in session.connection().execute(_SIZES, known).all():
        if before is None or documents >= before * GROWTH:
            _compute(session, pool_id, documents, fingerprint)


def compute_all(session: Session, fingerprint: str) -> None:
    """Compute the profiles of all pools for a model that all items have vectors of by now."""
    sizes = session.execute(select(Pool.id, Pool.documents).order_by(Pool.id)).all()
    for pool_id, documents in sizes:
        _compute(session, pool_id, documents, fingerprint)


def delete_profiles(session: Session, pools: Sequence[int]) -> None:
    """Delete the profiles of pools, because who may read what is in them has changed."""
    session.execute(delete(Profile).where(Profile.pool_id.in_(pools)))


def _compute(session: Session, pool_id: int, documents: int, fingerprint: str) -> None:
    # An even sample: ids have nothing to do with what the texts say.
    step = -(-documents // SAMPLE) or 1
    known = {"pool": pool_id, "step": step, "fingerprint": fingerprint}
    vectors = session.connection().scalars(_VECTORS, known).all()
    if not vectors:
        return
    lengths = session.connection().scalars(_LENGTHS, known).all()
    session.execute(
        delete(Profile).where(Profile.pool_id == pool_id, Profile.fingerprint == fingerprint)
    )
    session.add(
        Profile(
            pool_id=pool_id,
            fingerprint=fingerprint,
            documents=documents,
            median_length=float(np.median(lengths)),
            centre=np.mean(np.stack(vectors), axis=0, dtype=np.float64).astype(np.float32),
        )
    )
    session.flush()
