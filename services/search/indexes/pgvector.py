"""Nearest neighbours on PostgreSQL: pgvector's HNSW index, shared by every process."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, text

from models import MAX_STATEMENTS, Database, Item, Workspace
from services.search.indexes.contract import (
    OVERFETCH,
    Candidate,
    Narrow,
    VectorIndex,
    Wanted,
    at_least,
    best_per_item,
    search_width,
)
from services.search.indexes.pgvector_statements import (
    RowsOf,
    nearest_marked,
    passing,
    passing_of_all,
    passing_of_nearest,
)
from services.search.indexes.saved_rows import EXACT_ROWS

# How an index is made: with a breadth of 128, pgvector finds .979 of the nearest among a million
# rows, however widely it searches. Recall@10 is in benchmarks/README.md.
_MADE = "m = 16, ef_construction = 400"
# pgvector's default is 40, and it allows no more than 1,000.
EF_SEARCH, MAX_EF_SEARCH = 128, 1_000

# Searches in a workspace after which the size of its index is looked up once more.
SIZED_FOR = 100

# pgvector indexes no longer vectors.
MAX_DIM = 2_000

PREFIX = "ix_embeddings_vector_hnsw"
_items = Item.__table__

# A scan goes on until as many rows as are wanted pass the filter.
_SCAN = "SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = {width}"
_WIDTH = "deja_width"

# As PostgreSQL counted them when it made the index, or last gathered statistics; none without one,
# and none while it makes one.
_ROWS = text(
    "SELECT reltuples FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid "
    "WHERE indexrelid = to_regclass(:name) AND indisvalid"
)

# One process at a time makes indexes.
_LOCK = text("SELECT pg_try_advisory_lock(hashtext('deja_vector_indexes'))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtext('deja_vector_indexes'))")
_INDEXES = text(
    "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
    "WHERE indrelid = to_regclass('embeddings') AND starts_with(relname, :prefix)"
)


class PgVectorIndex(VectorIndex):
    """The `VectorIndex` of a PostgreSQL database with the `vector` extension.

    A workspace of more than `exact_rows` items has an HNSW index of its own, so that no other's
    vectors can slow its searches or take the places of its own; the vectors of a smaller one are
    compared one by one. pgvector's iterative scan applies filters: it goes on through the graph
    until enough rows pass. PostgreSQL computes the similarities from the stored vectors and returns
    no vectors: to send and read them takes longer than the search.
    """

    def __init__(
        self, database: Database, *, fingerprint: str, dim: int, exact_rows: int = EXACT_ROWS
    ) -> None:
        self._database = database
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._dim = dim
        self._fingerprint = fingerprint
        self._exact_rows = exact_rows
        key = hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        self._prefix = f"{PREFIX}_{key}_"
        # By workspace: how many rows its index has, and for how many searches more that holds.
        self._sizes: dict[int, tuple[int | None, int]] = {}
        # Conditions that fewer rows passed than were asked for: the index is no help with these.
        self._rare: dict[ColumnElement[bool], None] = {}

    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        with self._engine.connect() as connection:
            size = self._prepare(connection, wanted.workspace_id)
            found = [self._nearest(connection, vector, wanted, size) for vector in vectors]
        return at_least(found, wanted.min_similarity)

    def _find_and_narrow(
        self,
        vectors: NDArray[np.float32],
        wanted: Wanted,
        narrower: ColumnElement[bool],
        min_similarity: float,
    ) -> tuple[list[list[Candidate]], Narrow]:
        """See `VectorIndex.search_and_narrow`; the index is scanned once for both."""
        statement = nearest_marked(self._rows_of(wanted.workspace_id), wanted.where, narrower)
        found: list[list[Candidate]] = []
        marked: list[_MarkedRows] = []
        with self._engine.connect() as connection:
            size = self._prepare(connection, wanted.workspace_id)
            for vector in vectors if size is not None else ():
                marked.append(_MarkedRows(connection.execute(statement, {"vector": vector}).all()))
                own = marked[-1].passing(wanted.limit)
                is_short = len(own) < wanted.limit
                found.append(self._nearest(connection, vector, wanted, size) if is_short else own)
        if size is None:  # all rows are compared anyway
            return super()._find_and_narrow(vectors, wanted, narrower, min_similarity)

        def narrow(places: Sequence[int], most: int) -> list[list[Candidate]]:
            return at_least([marked[place].narrowly(most) for place in places], min_similarity)

        return found, narrow

    def _nearest(
        self, connection: Connection, vector: NDArray[np.float32], wanted: Wanted, size: int | None
    ) -> list[Candidate]:
        """Return the nearest items of one vector; `size` is that of the index, if there is one."""
        rows, least, where = self._rows_of(wanted.workspace_id), wanted.min_similarity, wanted.where
        number = wanted.limit * OVERFETCH
        asked = {"vector": vector, "rows": number}
        if least is not None and size is not None:
            # Only the nearest rows count, however few of them pass.
            found = connection.execute(passing_of_nearest(rows, where, least), asked).all()
        elif size is not None and where in self._rare:
            found = self._of_all(connection, rows, where, asked)
        else:
            found = connection.execute(passing(rows, where), asked).all()
            if size is not None and len(found) < number:
                # pgvector ends a scan after some rows (`hnsw.max_scan_tuples`) or some memory.
                found = self._of_all(connection, rows, where, asked)
        return _best(found, wanted.limit)

    def _of_all(
        self,
        connection: Connection,
        rows: RowsOf,
        where: ColumnElement[bool],
        asked: Mapping[str, Any],
    ) -> Sequence[Row[int, float]]:
        """Compare all rows that pass; where they are too few, the next search begins with this."""
        found = connection.execute(passing_of_all(rows, where), asked).all()
        self._rare.pop(where, None)
        if len(found) < asked["rows"]:
            if len(self._rare) >= MAX_STATEMENTS:
                self._rare.clear()
            self._rare[where] = None
        return found

    def _prepare(self, connection: Connection, workspace_id: int) -> int | None:
        """Have a connection search as widely as is due; return what `_size` does."""
        size = self._size(connection, workspace_id)
        _set_width(connection, index_width(size or 0))
        return size

    def _size(self, connection: Connection, workspace_id: int) -> int | None:
        """Return how many rows a workspace's index has; None if there is no index."""
        size, left = self._sizes.get(workspace_id, (None, 0))
        if not left:
            rows = connection.scalar(_ROWS, {"name": f"{self._prefix}{workspace_id}"})
            size, left = None if rows is None else int(rows), SIZED_FOR
        self._sizes[workspace_id] = size, left - 1
        return size

    def _rows_of(self, workspace_id: int) -> RowsOf:
        return RowsOf(workspace_id, self._fingerprint, self._dim)

    def rebuild(self) -> None:
        """Rebuild the HNSW indexes of this model; searches use the old ones meanwhile."""
        self.maintain()
        with self._engine.connect() as connection:
            for name in self._indexes(connection):
                # An older one was made in another way, which REINDEX would keep to.
                connection.exec_driver_sql(f"ALTER INDEX {name} SET ({_MADE})")
                connection.exec_driver_sql(f"REINDEX INDEX CONCURRENTLY {name}")

    def maintain(self) -> None:
        """Make the HNSW index of each large workspace that has no valid one.

        Those of workspaces that are gone are dropped. Vectors of more dimensions than pgvector
        indexes are compared one by one.
        """
        if self._dim > MAX_DIM:
            return
        with self._engine.connect() as connection:
            if not connection.scalar(_LOCK):
                return
            try:
                self._make_and_drop(connection)
            finally:
                connection.execute(_UNLOCK)

    def delete(self) -> None:
        """Drop the HNSW indexes of this model."""
        with self._engine.connect() as connection:
            for name in self._indexes(connection):
                connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")

    def _make_and_drop(self, connection: Connection) -> None:
        valid = self._indexes(connection)
        known = {f"{self._prefix}{one}" for one in connection.scalars(select(Workspace.id))}
        for name in [one for one, is_valid in valid.items() if one not in known or not is_valid]:
            connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            del valid[name]
        for workspace_id in self._large(connection):
            name = f"{self._prefix}{workspace_id}"
            if name not in valid:
                own = and_(*self._rows_of(workspace_id).conditions).compile(
                    connection, compile_kwargs={"literal_binds": True}
                )
                connection.exec_driver_sql(
                    f"CREATE INDEX CONCURRENTLY {name} ON embeddings "
                    f"USING hnsw ((vector::vector({self._dim})) vector_cosine_ops) "
                    f"WITH ({_MADE}) WHERE {own}"
                )

    def _large(self, connection: Connection) -> list[int]:
        """Return the workspaces whose items are more than may be compared one by one."""
        large = (
            select(_items.c.workspace_id)
            .where(_items.c.deleted_at.is_(None))
            .group_by(_items.c.workspace_id)
            .having(func.count() > self._exact_rows)
        )
        return list(connection.scalars(large))

    def _indexes(self, connection: Connection) -> dict[str, bool]:
        """Return the names of this model's HNSW indexes, and whether each is valid."""
        found = connection.execute(_INDEXES, {"prefix": self._prefix})
        return {name: is_valid for name, is_valid in found}


@dataclass(frozen=True)
class _MarkedRows:
    """The nearest rows of a vector, as `nearest_marked` selects them."""

    rows: Sequence[Row[Any, Any, Any]]

    def passing(self, limit: int) -> list[Candidate]:
        """Return the best items that pass."""
        return _best([row for row in self.rows if row[2] is not None], limit)

    def narrowly(self, limit: int) -> list[Candidate]:
        """Return the best items that pass the narrower condition, too."""
        return _best([row for row in self.rows if row[2]], limit)


def _best(rows: Sequence[Any], limit: int) -> list[Candidate]:
    """Return the best items of rows that begin with an item and its similarity."""
    similarities = np.array([row[1] for row in rows], dtype=np.float32)
    return best_per_item([row[0] for row in rows], similarities, limit)


def index_width(rows: int) -> int:
    """Return how widely an index of so many rows is searched (`hnsw.ef_search`)."""
    return min(search_width(EF_SEARCH, rows), MAX_EF_SEARCH)


def _set_width(connection: Connection, width: int) -> None:
    """Set how widely pgvector searches, once a connection: that takes as long as a query."""
    if connection.info.get(_WIDTH) != width:
        connection.exec_driver_sql(_SCAN.format(width=width))
        connection.info[_WIDTH] = width
