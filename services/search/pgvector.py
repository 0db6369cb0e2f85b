"""Nearest neighbours on PostgreSQL: pgvector's HNSW index, shared by every process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Integer, bindparam, literal_column, select, text

from models import Database, Embedding
from models.types import Vector, cosine_distance
from services.search.contract import (
    LIVE_ITEM,
    MAX_REACH,
    OVERFETCH,
    Candidate,
    VectorIndex,
    Wanted,
    at_least,
    best_per_item,
)
from services.search.default_model import DEFAULT_DIM

# pgvector's default is 40; recall@10 on 20,000 real vectors is in benchmarks/README.md.
EF_SEARCH = 128

# pgvector indexes no longer vectors.
MAX_DIM = 2_000

PREFIX = "ix_embeddings_vector_hnsw"
_embeddings = Embedding.__table__

# Two ways to scan: until enough rows pass a filter, or only the nearest rows.
_FILTERED = f"SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = {EF_SEARCH}"
_NEAREST_ONLY = f"SET hnsw.iterative_scan = off; SET hnsw.ef_search = {MAX_REACH}"
_SCAN = "deja_scan"

_IS_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
_NAMES = text(
    "SELECT indexname FROM pg_indexes "
    "WHERE tablename = 'embeddings' AND indexname LIKE 'ix\\_embeddings\\_vector\\_hnsw\\_%'"
)


class PgVectorIndex(VectorIndex):
    """The `VectorIndex` of a PostgreSQL database with the `vector` extension.

    pgvector's iterative scan applies filters: it goes on through the graph until enough rows pass.
    PostgreSQL computes the similarities from the stored vectors and returns no vectors: to send
    and read them takes longer than the search.
    """

    def __init__(self, database: Database, *, fingerprint: str, dim: int) -> None:
        self._database = database
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._dim = dim
        vector = bindparam("vector", type_=Vector())
        distance = cosine_distance(_embeddings.c.vector, vector, dim)
        self._nearest = (
            select(_embeddings.c.item_id, (1 - distance).label("similarity"))
            .where(
                _embeddings.c.fingerprint == fingerprint,
                # No parameter: a plan for any value could not use the index of these dimensions.
                _embeddings.c.dim == literal_column(str(int(dim))),
            )
            .order_by(distance)
            .limit(bindparam("rows", type_=Integer()))
        )

    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        statement = self._nearest.where(
            LIVE_ITEM.where(wanted.where).correlate(_embeddings).exists()
        )
        found = []
        with self._engine.connect() as connection:
            # With a least similarity only the nearest rows count, however few of them pass.
            is_near = wanted.min_similarity is not None
            _set_scan(connection, _NEAREST_ONLY if is_near else _FILTERED)
            for vector in vectors:
                near = {"vector": vector, "rows": wanted.limit * OVERFETCH}
                rows = connection.execute(statement, near).all()
                similarities = np.array([row[1] for row in rows], dtype=np.float32)
                found.append(best_per_item([row[0] for row in rows], similarities, wanted.limit))
        return at_least(found, wanted.min_similarity)

    def rebuild(self) -> None:
        """Rebuild the database's HNSW index; searches use the old one meanwhile."""
        self.create()
        with self._engine.connect() as connection:
            connection.execute(text(f"REINDEX INDEX CONCURRENTLY {_index_name(self._dim)}"))

    def create(self) -> None:
        """Make the HNSW index over vectors of these dimensions, unless there is a valid one.

        Vectors of more dimensions than pgvector indexes are compared one by one.
        """
        if self._dim > MAX_DIM:
            return
        name = _index_name(self._dim)
        with self._engine.connect() as connection:
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


def _set_scan(connection: Connection, settings: str) -> None:
    """Set how pgvector scans, once a connection: that takes as long as a query."""
    if connection.info.get(_SCAN) != settings:
        connection.exec_driver_sql(settings)
        connection.info[_SCAN] = settings


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
