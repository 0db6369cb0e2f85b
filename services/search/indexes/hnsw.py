"""Nearest neighbours by HNSW graphs in memory that follow the database, one for each workspace.

The database is the source of truth, and a graph a cache of the table `embeddings`: it adds the rows
it has not seen (`id > last_id`), and of what it finds only rows that the database still has count.
That join covers edits, deletions and filters, so nothing can get out of step. As each workspace has
a graph of its own, no other's vectors can slow its searches or take the places of its own.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from models import Database, Workspace
from services.progress import Progress, no_progress
from services.search.indexes.contract import Candidate, FollowingIndex, Wanted
from services.search.indexes.embedding_rows import EmbeddingRows
from services.search.indexes.saved_rows import EXACT_ROWS
from services.search.indexes.snapshot import SnapshotFiles, delete_snapshots
from services.search.indexes.workspace_graph import WorkspaceGraph

_WORKSPACES = select(Workspace.id).order_by(Workspace.id)


class HnswIndex(FollowingIndex):
    """An hnswlib graph for each large workspace beside a SQLite database, with snapshots on disk.

    The vectors of a workspace that has up to `exact_rows` are compared one by one. It relies on ids
    being committed in order, which SQLite's single writer guarantees; PostgreSQL uses
    `PgVectorIndex` instead.
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
        self._folder = folder
        self._lock = Lock()
        self._graphs: dict[int, WorkspaceGraph] = {}

    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        with self._database.engine.connect() as connection:
            graph = self._graph(connection, wanted.workspace_id)
            return graph.search(connection, vectors, wanted)

    def load(self, progress: Progress | None = None) -> None:
        """Read the snapshots, or build the graphs that have no valid one from the database."""
        with self._database.engine.connect() as connection:
            part = _Parts(progress, EmbeddingRows(self._fingerprint).count(connection))
            for graph in self._all(connection):
                graph.follow(connection, part.next())

    def save(self) -> None:
        """Write the snapshots of what was added or erased; forget workspaces that are gone."""
        for graph in self._kept():
            graph.save()

    def stop_saving(self) -> None:
        """See `FollowingIndex`."""
        with self._lock:
            graphs = list(self._graphs.values())
        for graph in graphs:
            graph.stop_saving()

    def rebuild(self, progress: Progress | None = None) -> None:
        """Rebuild all graphs from the database; searches use the old ones meanwhile."""
        with self._database.engine.connect() as connection:
            part = _Parts(progress, EmbeddingRows(self._fingerprint).count(connection))
            graphs = self._all(connection)
        for graph in graphs:
            graph.rebuild(part.next())

    def maintain(self) -> None:
        """Rebuild the graphs of which too much is dead, then do as `save` does."""
        for graph in self._kept():
            graph.maintain()

    def delete(self) -> None:
        """Delete the snapshots."""
        delete_snapshots(self._folder, self._fingerprint)

    def count(self) -> tuple[int, int]:
        """Return how many rows there are, and how many of them the database no longer has."""
        with self._database.engine.connect() as connection:
            counts = [graph.count(connection) for graph in self._all(connection)]
        return sum(rows for rows, _ in counts), sum(dead for _, dead in counts)

    def _all(self, connection: Connection) -> list[WorkspaceGraph]:
        return [self._graph(connection, one) for one in connection.scalars(_WORKSPACES).all()]

    def _kept(self) -> list[WorkspaceGraph]:
        """Return the graphs in memory, without those of workspaces that are gone, nor their files.

        What an earlier version saved of several workspaces goes, too.
        """
        if not self._graphs:
            return []  # nothing was searched for
        with self._database.engine.connect() as connection:
            known = set(connection.scalars(_WORKSPACES))
        delete_snapshots(self._folder, self._fingerprint, kept=known)
        with self._lock:
            self._graphs = {key: one for key, one in self._graphs.items() if key in known}
            return list(self._graphs.values())

    def _graph(self, connection: Connection, workspace_id: int) -> WorkspaceGraph:
        with self._lock:
            if workspace_id not in self._graphs:
                files = SnapshotFiles(self._folder, self._fingerprint, self._dim, workspace_id)
                if connection.scalars(_WORKSPACES).all() == [workspace_id]:
                    files.adopt_shared()
                self._graphs[workspace_id] = WorkspaceGraph(
                    self._database, files, exact_rows=self._exact_rows
                )
            return self._graphs[workspace_id]


class _Parts:
    """The progress of a whole, told by parts that count for themselves."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total = progress or no_progress, total
        self._before = self._done = 0

    def next(self) -> Progress:
        """Return the progress of the next part."""
        self._before = self._done
        return self._tell

    def _tell(self, done: int, _total: int) -> None:
        self._done = self._before + done
        self._progress(self._done, max(self._total, self._done))
