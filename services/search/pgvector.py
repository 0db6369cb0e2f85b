"""Nearest neighbours on PostgreSQL: pgvector's HNSW index, shared by every process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, select, text, true

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
from services.search.default_model import DEFAULT_DIM

# pgvector's default is 40; recall@10 on 20,000 real vectors is in benchmarks/README.md.
EF_SEARCH = 128

# pgvector indexes no longer vectors.
MAX_DIM = 2_000

PREFIX = "ix_embeddings_vector_hnsw"
_IS_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
_NAMES = text(
    "SELECT indexname FROM pg_indexes "
    "WHERE tablename = 'embeddings' AND indexname LIKE 'ix\\_embeddings\\_vector\\_hnsw\\_%'"
)


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
        self.create()
        with self._autocommit() as connection:
            connection.execute(text(f"REINDEX INDEX CONCURRENTLY {_index_name(self._dim)}"))

    def create(self) -> None:
        """Make the HNSW index over vectors of these dimensions, unless there is a valid one.

        Vectors of more dimensions than pgvector indexes are compared one by one.
        """
        if self._dim > MAX_DIM:
            return
        name = _index_name(self._dim)
        with self._autocommit() as connection:
            is_valid = connection.scalar(_IS_VALID, {"name": name})
            if is_valid is False:  # one that was interrupted
                connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
            if not is_valid:
                connection.execute(
                    text(
                        f"CREATE INDEX CONCURRENTLY {name} ON embeddings "
                        f"USING hnsw ((vector::vector({self._dim})) vector_cosine_ops) "
                        f"WITH (m = 16, ef_construction = 128) WHERE dim = {self._dim}"
                    )
                )

    def _autocommit(self) -> Connection:
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        return engine.connect()


def drop_unused_indexes(database: Database) -> None:
    """Drop the HNSW indexes over dimensions that no vector has; that of the default model stays."""
    with database.read() as session:
        used = set(session.scalars(select(Embedding.dim).distinct()))
        names = session.scalars(_NAMES).all()
    kept = {_index_name(dim) for dim in (*used, DEFAULT_DIM)}
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in set(names) - kept:
            connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))


def _index_name(dim: int) -> str:
    """Return the name of the index over vectors of so many dimensions."""
    return PREFIX if dim == DEFAULT_DIM else f"{PREFIX}_{dim}"
