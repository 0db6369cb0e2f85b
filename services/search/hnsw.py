"""Nearest neighbours: the contract, and the HNSW index that follows the database.

The database is the truth. `HnswIndex` is a cache of `embeddings`: it adds the rows it has not seen
(`id > last_id`), asks hnswlib, and keeps of the answer what the database still has. Edits, deletes
and filters fall out of that join, so nothing is written twice and nothing can get out of step.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

import hnswlib
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select, true

from models import Database, Embedding
from services.search.contract import (
    LIVE_ITEM,
    OVERFETCH,
    READ_ROWS,
    Candidate,
    best_per_item,
    live_embeddings,
    merge_candidates,
)
from services.search.snapshot import Snapshot, sha256_of, sync_file, write_synced

# Below this many vectors a full scan in NumPy takes some ten milliseconds, and never misses.
EXACT_ROWS = 4_000

# Where that was not enough, the filter is narrow; past this many neighbours the rows that pass the
# filter are scored exactly instead.
MAX_NEIGHBOURS = 256

# Graph parameters. Measured in benchmarks/README.md: recall@10 is 0.999 on 100,000 real vectors.
M = 16
EF_CONSTRUCTION = 200
EF_SEARCH = 200

# A rebuild pays when a fifth of the graph is dead weight.
MAX_DEAD = 0.2
MIN_TO_REBUILD = 1_000

GROWTH = 1.05

Progress = Callable[[int, int], None]

_embeddings = Embedding.__table__
# Every search runs it: built once, of a plain table.
_NEWEST = select(func.max(_embeddings.c.id))

logger = logging.getLogger(__name__)


class HnswIndex:
    """An hnswlib graph in memory beside a SQLite database, with a snapshot on disk.

    It relies on ids being committed in order, which SQLite's single writer gives; on PostgreSQL
    `PgVectorIndex` takes its place. One lock guards the graph: hnswlib does not allow searching
    and inserting at once.
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
        self._file = folder / "index.bin"
        self._note = folder / "index.json"
        self._lock = Lock()
        self._graph: Any = None
        self._last_id = 0
        self._saved_id = 0
        self._seen_id = 0
        self._stored = select(_embeddings.c.id, _embeddings.c.item_id, _embeddings.c.vector).where(
            _embeddings.c.id.in_(bindparam("ids", expanding=True)),
            _embeddings.c.fingerprint == fingerprint,
        )

    def search(
        self,
        vectors: NDArray[np.float32],
        *,
        limit: int,
        where: ColumnElement[bool] = true(),  # noqa: B008 - immutable
    ) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        if limit < 1 or not len(vectors):
            return [[] for _ in vectors]
        with self._database.engine.connect() as connection:
            self._catch_up(connection)
            count = self._graph.element_count
            if count <= self._exact_rows:
                return self._search_exactly(connection, vectors, limit, where)
            neighbours = min(limit * OVERFETCH, count)
            found = self._search_graph(connection, vectors, limit, where, neighbours)
            short = [row for row, candidates in enumerate(found) if len(candidates) < limit]
            if short and neighbours < min(MAX_NEIGHBOURS, count):
                more = min(max(MAX_NEIGHBOURS, neighbours), count)
                again = self._search_graph(connection, vectors[short], limit, where, more)
                for row, candidates in zip(short, again, strict=True):
                    found[row] = candidates
                short = [row for row in short if len(found[row]) < limit]
            if short:
                exact = self._search_exactly(connection, vectors[short], limit, where)
                for row, candidates in zip(short, exact, strict=True):
                    found[row] = candidates
            return found

    def load(self, progress: Progress | None = None) -> None:
        """Read the snapshot, or build the graph from the database where there is no sound one."""
        with self._lock:
            self._graph, self._last_id = self._read_snapshot() or (self._new_graph(0), 0)
            self._saved_id = self._seen_id = self._last_id
        with self._database.engine.connect() as connection:
            self._catch_up(connection, progress)

    def save(self) -> None:
        """Write the snapshot: to a temporary file, synced, then renamed over the last one."""
        with self._lock:
            if self._graph is None or self._last_id == self._saved_id:
                return
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
            try:
                self._graph.save_index(str(temporary))
                note = Snapshot(
                    self._fingerprint,
                    self._dim,
                    self._last_id,
                    self._text_hash(self._last_id) or "",
                    sha256_of(temporary),
                )
                sync_file(temporary)
                temporary.replace(self._file)
            finally:
                temporary.unlink(missing_ok=True)
            write_synced(self._note, json.dumps(asdict(note)))
            self._saved_id = note.last_id

    def rebuild(self, progress: Progress | None = None) -> None:
        """Build the graph anew from the database. Searches go on with the old one meanwhile."""
        with self._database.engine.connect() as connection:
            graph, last_id = self._new_graph(self._count_rows(connection)), 0
            for ids, rows in self._rows_after(connection, 0):
                _add(graph, ids, rows)
                last_id = int(ids[-1])
                if progress:
                    progress(graph.element_count, graph.max_elements)
        with self._lock:
            self._graph, self._saved_id = graph, -1
            self._last_id = self._seen_id = last_id

    def maintain(self) -> None:
        """Rebuild when too much of the graph is dead, then save what was added since."""
        if self._graph is None:
            return
        total, dead = self.count()
        if total >= MIN_TO_REBUILD and dead > total * MAX_DEAD:
            logger.info("rebuilding the index: %d of %d rows are dead", dead, total)
            self.rebuild()
        self.save()

    def count(self) -> tuple[int, int]:
        """Return how many rows the graph holds, and how many of them the database has no more."""
        with self._database.engine.connect() as connection:
            self._catch_up(connection)
            live = self._count_rows(connection, upto=self._last_id)
        return self._graph.element_count, self._graph.element_count - live

    def _catch_up(self, connection: Connection, progress: Progress | None = None) -> None:
        """Add the committed rows this graph has not seen."""
        if self._graph is None:
            self.load(progress)
            return
        newest = connection.scalar(_NEWEST) or 0
        with self._lock:
            if newest <= self._seen_id:
                return
            before = self._last_id
            total = None
            for ids, rows in self._rows_after(connection, before):
                if total is None and len(ids) == READ_ROWS:  # a long way to go: make room once
                    total = self._count_rows(connection)
                    if before == 0:
                        logger.info("building the index over %d embeddings", total)
                    _reserve(self._graph, total)
                _add(self._graph, ids, rows)
                self._last_id = int(ids[-1])
                if progress and total:
                    progress(self._graph.element_count, total)
            self._seen_id = newest

    def _search_graph(
        self,
        connection: Connection,
        vectors: NDArray[np.float32],
        limit: int,
        where: ColumnElement[bool],
        neighbours: int,
    ) -> list[list[Candidate]]:
        with self._lock:
            self._graph.set_ef(max(EF_SEARCH, neighbours))
            try:
                labels, _ = self._graph.knn_query(
                    vectors, k=neighbours, num_threads=1 if len(vectors) == 1 else -1
                )
            except RuntimeError:  # fewer than `neighbours` rows can be reached
                return [[] for _ in vectors]
        rows = self._live_rows(connection, np.unique(labels).tolist(), where)
        if not rows:
            return [[] for _ in vectors]
        places = {row[0]: place for place, row in enumerate(rows)}
        item_ids = np.array([row[1] for row in rows])
        stored = np.stack([row[2] for row in rows])
        found = []
        for vector, near in zip(vectors, labels.tolist(), strict=True):
            live = [places[label] for label in near if label in places]
            found.append(best_per_item(item_ids[live], stored[live] @ vector, limit))
        return found

    def _live_rows(
        self, connection: Connection, ids: list[int], where: ColumnElement[bool]
    ) -> list[Row[int, int, NDArray[np.float32]]]:
        """Return (id, item id, vector) of those embeddings that are there and pass the filter."""
        # Not a join: without statistics SQLite would begin with all items of the workspace.
        live = LIVE_ITEM.where(where).correlate(_embeddings).exists()
        statement = self._stored.where(live)
        return [
            row
            for start in range(0, len(ids), READ_ROWS)  # SQLite takes 32,766 values a statement
            for row in connection.execute(statement, {"ids": ids[start : start + READ_ROWS]}).all()
        ]

    def _search_exactly(
        self,
        connection: Connection,
        vectors: NDArray[np.float32],
        limit: int,
        where: ColumnElement[bool],
    ) -> list[list[Candidate]]:
        # Read from the database: that is several times faster than hnswlib's `get_items`.
        statement = live_embeddings(
            Embedding.item_id, Embedding.vector, fingerprint=self._fingerprint
        ).where(where)
        found: list[list[Candidate]] = [[] for _ in vectors]
        for block in connection.execute(statement).partitions(READ_ROWS):  # bounds the memory
            item_ids = np.array([item_id for item_id, _ in block])
            similarities = vectors @ np.stack([vector for _, vector in block]).T
            for query, scores in enumerate(similarities):
                best = best_per_item(item_ids, scores, limit)
                found[query] = merge_candidates(found[query], best, limit)
        return found

    def _rows_after(
        self, connection: Connection, last_id: int
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        while True:
            rows = connection.execute(
                select(Embedding.id, Embedding.vector)
                .where(Embedding.id > last_id, Embedding.fingerprint == self._fingerprint)
                .order_by(Embedding.id)
                .limit(READ_ROWS)
            ).all()
            if not rows:
                return
            yield np.array([row[0] for row in rows]), np.stack([row[1] for row in rows])
            if len(rows) < READ_ROWS:
                return
            last_id = rows[-1][0]

    def _count_rows(self, connection: Connection, upto: int | None = None) -> int:
        statement = select(func.count(Embedding.id)).where(
            Embedding.fingerprint == self._fingerprint
        )
        if upto is not None:
            statement = statement.where(Embedding.id <= upto)
        return connection.scalar(statement) or 0

    def _new_graph(self, capacity: int) -> Any:
        graph = hnswlib.Index(space="ip", dim=self._dim)
        graph.init_index(
            max_elements=max(capacity, 1), M=M, ef_construction=EF_CONSTRUCTION, random_seed=1
        )
        return graph

    def _read_snapshot(self) -> tuple[Any, int] | None:
        """Return the graph and its last id, or None where there is no sound snapshot of ours."""
        try:
            note = Snapshot(**json.loads(self._note.read_text(encoding="utf-8")))
            if (note.fingerprint, note.dim) != (self._fingerprint, self._dim):
                logger.info("the index snapshot is of another model; building a new one")
                return None
            if sha256_of(self._file) != note.sha256:
                logger.warning("the index snapshot is damaged; building a new one")
                return None
            graph = hnswlib.Index(space="ip", dim=self._dim)
            graph.load_index(str(self._file))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            logger.warning("the index snapshot cannot be read (%s); building a new one", error)
            return None
        if (self._text_hash(note.last_id) or note.last_hash) != note.last_hash:
            logger.info("the index snapshot is of another database; building a new one")
            return None
        return graph, note.last_id

    def _text_hash(self, embedding_id: int) -> str | None:
        with self._database.read() as session:
            return session.scalar(select(Embedding.text_hash).where(Embedding.id == embedding_id))


def _reserve(graph: Any, total: int) -> None:
    if total > graph.max_elements:
        graph.resize_index(total)


def _add(graph: Any, ids: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
    needed = graph.element_count + len(ids)
    if needed > graph.max_elements:
        graph.resize_index(max(needed, int(needed * GROWTH)))
    graph.add_items(rows, ids)
