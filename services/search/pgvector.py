"""Nearest neighbours on PostgreSQL: pgvector's HNSW index, shared by every process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, text, true

from models import Database, Embedding
from models.types import cosine_distance
from services.search.contract import (
    MAX_REACH,
    OVERFETCH,
    Candidate,
    at_least,
    best_per_item,
    live_embeddings,
)

# pgvector's default is 40; recall@10 on 20,000 real vectors is in benchmarks/README.md.
EF_SEARCH = 128


class PgVectorIndex:
    """The `VectorIndex` of a PostgreSQL database with the `vector` extension.

    pgvector's iterative scan applies filters: it goes on through the graph until enough rows pass.
    Similarities are computed exactly from the stored vectors.
    """

    def __init__(self, database: Database, *, fingerprint: str, dim: int) -> None:
        self._database = database
        self._fingerprint = fingerprint
        self._dim = dim

    def search(
        self,
        vectors: NDArray[np.float32],
        *,
        limit: int,
        where: ColumnElement[bool] = true(),  # noqa: B008 - immutable
        min_similarity: float | None = None,
    ) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        if limit < 1 or not len(vectors):
            return [[] for _ in vectors]
        found: list[list[Candidate]] = []
        with self._database.read() as session:
            # With a least similarity only the nearest rows count, however few of them pass.
            scan, reach = (
                ("relaxed_order", EF_SEARCH) if min_similarity is None else ("off", MAX_REACH)
            )
            session.execute(text(f"SET LOCAL hnsw.iterative_scan = '{scan}'"))
            session.execute(text(f"SET LOCAL hnsw.ef_search = {reach}"))
            for vector in vectors:
                statement = (
                    live_embeddings(
                        Embedding.item_id, Embedding.vector, fingerprint=self._fingerprint
                    )
                    .where(Embedding.dim == self._dim, where)
                    .order_by(cosine_distance(Embedding.vector, vector))
                    .limit(limit * OVERFETCH)
                )
                rows = session.execute(statement).all()
                if not rows:
                    found.append([])
                    continue
                similarities = np.stack([row.vector for row in rows]) @ vector
                found.append(best_per_item([row.item_id for row in rows], similarities, limit))
        return at_least(found, min_similarity)

    def rebuild(self) -> None:
        """Rebuild the database's HNSW index; searches use the old one meanwhile."""
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("REINDEX INDEX CONCURRENTLY ix_embeddings_vector_hnsw"))
