"""Nearest neighbours by an HNSW graph in memory that follows the database.

The database is the source of truth, and the graph a cache of the table `embeddings`: it adds the
rows it has not seen (`id > last_id`), and of what it finds only rows that the database still has
count. That join covers edits, deletions and filters, so nothing can get out of step.
"""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from models import Database, Embedding
from services.progress import Progress
from services.search.contract import READ_ROWS, Candidate, FollowingIndex, Wanted
from services.search.embedding_rows import EmbeddingRows
from services.search.exact import search_exactly
from services.search.graph import EF_SEARCH, add_rows, new_graph, reserve
from services.search.near_rows import NearRows
from services.search.saved_rows import newest_erasure, text_hash, why_outdated
from services.search.snapshot import SnapshotFiles

# Below this many vectors a full scan in NumPy takes some ten milliseconds, and never misses.
EXACT_ROWS = 4_000

# A rebuild pays off when a fifth of the graph is dead rows.
MAX_DEAD = 0.2
MIN_TO_REBUILD = 1_000

_embeddings = Embedding.__table__
# Built once, on a plain table: every search runs it.
_NEWEST = select(func.max(_embeddings.c.id))

logger = logging.getLogger(__name__)


class HnswIndex(FollowingIndex):
    """An hnswlib graph in memory beside a SQLite database, with a snapshot on disk.

    It relies on ids being committed in order, which SQLite's single writer guarantees; PostgreSQL
    uses `PgVectorIndex` instead. One lock guards the graph, because hnswlib does not allow
    concurrent searching and inserting.
    """

    def __init__(
        self,
        database: Database,
        *,
        fingerprint: str,
        dim: int,
        folder: Path,
        exact_rows: int = EXACT_ROWS,
    ) -> None:
        self._database = database
        self._exact_rows = exact_rows
        self._fingerprint = fingerprint
        self._dim = dim
        self.folder = folder
        self._files = SnapshotFiles(folder, fingerprint, dim)
        self._lock = Lock()
        self._graph: Any = None
        self._last_id = 0
        self._saved_id = 0
        self._seen_id = 0
        self._erasure = 0
        self._rows = EmbeddingRows(fingerprint)

    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        with self._database.engine.connect() as connection:
            self._catch_up(connection)
            count = self._graph.element_count
            if count > self._exact_rows:
                search = NearRows(connection, self._rows, self._near, wanted)
                return search.find(vectors, count=count)
            return search_exactly(connection, vectors, self._fingerprint, wanted)

    def load(self, progress: Progress | None = None) -> None:
        """Read the snapshot, or build the graph from the database where there is no valid one."""
        with self._database.engine.connect() as connection, self._lock:
            self._erasure = newest_erasure(connection)
            self._graph, self._last_id = self._read_snapshot(connection)
            self._saved_id = self._seen_id = self._last_id
        with self._database.engine.connect() as connection:  # also what was added meanwhile
            self._catch_up(connection, progress)

    def save(self) -> None:
        """Write the snapshot, unless nothing was added or erased since the last one."""
        if self._graph is None:
            return
        with self._database.engine.connect() as connection:
            newest = newest_erasure(connection)
        if newest != self._erasure:
            self.rebuild()  # a graph keeps the vectors of deleted rows
        with self._lock:
            if self._last_id == self._saved_id:
                return
            with self._database.engine.connect() as connection:
                last_hash = text_hash(connection, self._last_id) or ""
            self._files.write(self._graph, self._last_id, last_hash, self._erasure)
            self._saved_id = self._last_id

    def rebuild(self, progress: Progress | None = None) -> None:
        """Rebuild the graph from the database; searches use the old one meanwhile."""
        with self._database.engine.connect() as connection:
            erasure = newest_erasure(connection)
            graph, last_id = new_graph(self._dim, self._rows.count(connection)), 0
            for ids, rows in self._rows.after(connection, 0):
                add_rows(graph, ids, rows)
                last_id = int(ids[-1])
                if progress:
                    progress(graph.element_count, graph.max_elements)
        with self._lock:
            self._graph, self._saved_id, self._erasure = graph, -1, erasure
            self._last_id = self._seen_id = last_id

    def maintain(self) -> None:
        """Rebuild the graph when too much of it is dead, then write a snapshot."""
        if self._graph is None:
            return
        total, dead = self.count()
        if total >= MIN_TO_REBUILD and dead > total * MAX_DEAD:
            logger.info("rebuilding the index: %d of %d rows are dead", dead, total)
            self.rebuild()
        self.save()

    def delete(self) -> None:
        """Delete the snapshot."""
        self._files.delete()

    def count(self) -> tuple[int, int]:
        """Return how many rows the graph has, and how many of them the database no longer has."""
        with self._database.engine.connect() as connection:
            self._catch_up(connection)
            live = self._rows.count(connection, upto=self._last_id)
        return self._graph.element_count, self._graph.element_count - live

    def _catch_up(self, connection: Connection, progress: Progress | None = None) -> None:
        """Add the committed rows that the graph has not seen."""
        if self._graph is None:
            self.load(progress)
            return
        newest = connection.scalar(_NEWEST) or 0
        with self._lock:
            if newest <= self._seen_id:
                return
            before = self._last_id
            total = None
            for ids, rows in self._rows.after(connection, before):
                if total is None and len(ids) == READ_ROWS:  # many rows to come: make room once
                    total = self._rows.count(connection)
                    if before == 0:
                        logger.info("building the index over %d embeddings", total)
                    reserve(self._graph, total)
                add_rows(self._graph, ids, rows)
                self._last_id = int(ids[-1])
                if progress and total:
                    progress(self._graph.element_count, total)
            self._seen_id = newest

    def _near(
        self, vectors: NDArray[np.float32], neighbours: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `near_rows.Near`."""
        with self._lock:
            self._graph.set_ef(max(EF_SEARCH, neighbours))
            try:
                labels, distances = self._graph.knn_query(
                    vectors, k=neighbours, num_threads=1 if len(vectors) == 1 else -1
                )
            except RuntimeError:  # fewer than `neighbours` rows can be reached
                return np.empty((len(vectors), 0), np.int64), np.empty((len(vectors), 0), "f4")
        return labels, 1 - distances

    def _read_snapshot(self, connection: Connection) -> tuple[Any, int]:
        """Return the stored graph and its last id; an empty graph where there is none of ours."""
        found = self._files.read()
        if found is None:
            return new_graph(self._dim, 0), 0
        graph, snapshot = found
        reason = why_outdated(connection, snapshot)
        if reason is not None:
            logger.info("%s; building a new one", reason)
            return new_graph(self._dim, 0), 0
        return graph, snapshot.last_id
