"""The HNSW graph of one workspace's vectors, which follows the database and has a snapshot."""

from __future__ import annotations

import logging
from functools import partial
from threading import Event, Lock
from time import sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from models import Database
from services.progress import Progress
from services.search.indexes.contract import READ_ROWS, Candidate, Wanted
from services.search.indexes.embedding_rows import EmbeddingRows
from services.search.indexes.exact import search_exactly
from services.search.indexes.graph import add_rows, forget_rows, nearest_rows, new_graph, reserve
from services.search.indexes.near_rows import NearRows
from services.search.indexes.saved_rows import is_of_database, newest_erasure, text_hash
from services.search.indexes.snapshot import SnapshotFiles
from services.search.indexes.snapshot_process import SnapshotProcess

# A rebuild pays off when a fifth of the graph is dead rows.
MAX_DEAD = 0.2
MIN_TO_REBUILD = 1_000

# Rows that are overwritten while searches wait, for less than a second. A lock goes to whoever
# takes it first: without a pause this would be the same thread again, several times in turn.
FORGOTTEN_AT_ONCE = 200
FORGETTING_PAUSE = 0.001

# How many seconds a process that is to end waits for rows that are being added.
STOP_PATIENCE = 5.0

# Writing a snapshot takes as long as the graph is large: it is worth it from this share of new rows
# on. The next start adds those that it lacks: at a million rows 2,000, which takes some seconds.
MAX_UNSAVED = 0.002

logger = logging.getLogger(__name__)


class WorkspaceGraph:
    """A graph in memory with a snapshot on disk; neither for up to `exact_rows` vectors.

    It is read or built when it is first needed. Its lock guards the graph, because hnswlib does not
    allow concurrent searching and inserting.
    """

    def __init__(
        self,
        database: Database,
        files: SnapshotFiles,
        *,
        exact_rows: int,
        elsewhere: SnapshotProcess = SnapshotProcess(),  # noqa: B008 - immutable
    ) -> None:
        self._database = database
        self._files = files
        self._exact_rows = exact_rows
        self._elsewhere = elsewhere
        self._rows = EmbeddingRows(files.fingerprint, files.workspace_id)
        self._lock = Lock()
        self._saving = Lock()  # one thread at a time writes the files
        self._stop = Event()
        self._patience = STOP_PATIENCE
        self._is_open = False
        self._graph: Any = None
        self._last_id = 0
        self._saved_rows = 0
        self._is_of_snapshot = False  # not built since it was read or written
        # How many rows there were up to which id when they were last counted. Since then at most
        # as many have come as there are ids above it.
        self._counted: tuple[int, int] | None = None
        self._erasure = 0

    def search(
        self, connection: Connection, vectors: NDArray[np.float32], wanted: Wanted
    ) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        self.follow(connection)
        graph = self._graph  # the same one for all of the search, whatever is built meanwhile
        if graph is None:
            return search_exactly(connection, vectors, self._rows.fingerprint, wanted)
        search = NearRows(connection, self._rows, partial(self._near, graph), wanted)
        return search.find(vectors, count=graph.element_count)

    def follow(self, connection: Connection, progress: Progress | None = None) -> None:
        """Take the committed rows that are new; make a graph where they have become many."""
        with self._lock:
            if not self._is_open:
                self._open(connection)
            newest = self._rows.newest_id(connection)
            if newest <= self._last_id:
                return
            if self._graph is None:
                self._graph = self._new_graph(connection, newest)
            if self._graph is not None:
                self._add(connection, progress)
            self._last_id = newest

    def save(self) -> None:
        """Write the snapshot if enough was added since the last one, or anything erased."""
        if not self._is_open or self._is_being_built():
            return
        self._follow_erasures()
        with self._saving:
            self._save()

    def stop_saving(self, patience: float = STOP_PATIENCE) -> None:
        """See `FollowingIndex`: small graphs are saved, and those that have no snapshot yet.

        For a graph to which rows are being added it is waited `patience` seconds.
        """
        self._patience = patience
        self._stop.set()

    def _is_being_built(self) -> bool:
        """Say whether the process is to end, and would wait for a graph that is not ready."""
        if not self._stop.is_set():
            return False
        if not self._lock.acquire(timeout=self._patience):
            return True
        self._lock.release()
        return False

    def renew_snapshot(self) -> bool:
        """Read the snapshot, and save it with what is new; return False if there is none."""
        with self._database.engine.connect() as connection:
            with self._lock:
                self._open(connection)
            if self._graph is None:
                return False
            self.follow(connection)
        self.save()
        return True

    def _follow_erasures(self) -> None:
        with self._database.engine.connect() as connection:
            newest = newest_erasure(connection, self._files.workspace_id)
        if newest != self._erasure:
            self._forget_erased(newest)

    def _forget_erased(self, erasure: int) -> None:
        """Overwrite what the database no longer has: a graph keeps the vectors of deleted rows."""
        with self._lock:
            graph = self._graph
            known = np.array([] if graph is None else graph.get_ids_list(), dtype=np.int64)
        with self._database.engine.connect() as connection:
            gone = np.setdiff1d(known, self._rows.ids(connection))
        if len(gone) > len(known) * MAX_DEAD:
            if self._stop.is_set() and len(known) >= self._elsewhere.min_rows:
                self._files.delete()  # building takes as long as at the next start
            else:
                self.rebuild()
            return
        for start in range(0, len(gone), FORGOTTEN_AT_ONCE):
            with self._lock:
                forget_rows(graph, gone[start : start + FORGOTTEN_AT_ONCE])
            sleep(FORGETTING_PAUSE)
        with self._lock:
            if self._graph is graph:  # not rebuilt meanwhile
                self._erasure, self._saved_rows = erasure, 0

    def _save(self) -> None:
        with self._lock:
            graph = self._graph
            if graph is None:
                self._files.delete()
                return
            rows, last_id, erasure = graph.element_count, self._last_id, self._erasure
            if not self._is_worth_saving(rows):
                return
            written = self._files.write(graph)
        with self._database.engine.connect() as connection:
            last_hash = text_hash(connection, last_id) or ""
            newest = newest_erasure(connection, self._files.workspace_id)
        if newest != erasure:  # it may have what was erased meanwhile, and `deja erase` be done
            written.unlink(missing_ok=True)
            return
        self._files.publish(
            written, last_id=last_id, last_hash=last_hash, erasure=erasure, rows=rows
        )
        with self._lock:
            if self._graph is graph:  # not rebuilt meanwhile, because something was erased
                self._saved_rows, self._is_of_snapshot = rows, True

    def _is_worth_saving(self, rows: int) -> bool:
        is_large = rows >= self._elsewhere.min_rows
        if is_large and self._stop.is_set() and self._is_of_snapshot and self._saved_rows:
            return False  # the next start adds what the snapshot lacks
        return rows - self._saved_rows > self._saved_rows * MAX_UNSAVED

    def _save_elsewhere(self) -> bool:
        """Have another process write a large graph, so that no search waits; say if it did."""
        with self._lock:
            graph = self._graph
            rows = 0 if graph is None else graph.element_count
            if not (self._is_of_snapshot and self._is_worth_saving(rows)):
                return False
        if not self._elsewhere.can_write(self._files, rows):
            return False
        if not self._elsewhere.write(self._database, self._files, self._exact_rows, self._stop):
            if self._stop.is_set():
                return False
            logger.info("another process could not save the index; this one does")
            return False
        with self._lock:
            if self._graph is graph:  # not rebuilt meanwhile
                self._saved_rows = rows
        return True

    def rebuild(self, progress: Progress | None = None) -> None:
        """Rebuild the graph from the database; searches use the old one meanwhile."""
        built = WorkspaceGraph(self._database, self._files, exact_rows=self._exact_rows)
        with self._database.engine.connect() as connection:
            built._erasure = newest_erasure(connection, self._files.workspace_id)
            built._is_open = True
            built.follow(connection, progress)
        with self._lock:
            self._graph, self._last_id = built._graph, built._last_id
            self._erasure, self._saved_rows, self._is_open = built._erasure, 0, True
            self._is_of_snapshot = False

    def maintain(self) -> None:
        """Rebuild the graph when too much of it is dead, then save it while searches go on."""
        if not self._is_open:
            return
        with self._database.engine.connect() as connection:
            total, dead = self.count(connection)
        if total >= MIN_TO_REBUILD and dead > total * MAX_DEAD:
            logger.info("rebuilding an index: %d of %d rows are dead", dead, total)
            self.rebuild()
        self._follow_erasures()
        with self._saving:
            if not self._save_elsewhere():
                self._save()

    def count(self, connection: Connection) -> tuple[int, int]:
        """Return how many rows it has, and how many of them the database no longer has."""
        self.follow(connection)
        live = self._rows.count(connection, upto=self._last_id)
        rows = live if self._graph is None else self._graph.element_count
        return rows, rows - live

    def _open(self, connection: Connection) -> None:
        """Read the snapshot, if there is one of this database and it is needed."""
        self._is_open = True
        self._erasure = newest_erasure(connection, self._files.workspace_id)
        if self._rows.count(connection) <= self._exact_rows:
            return
        found = self._files.read()
        if found is None:
            return
        graph, snapshot = found
        if not is_of_database(connection, snapshot, self._files.workspace_id):
            logger.info("the index snapshot is of another database; building a new one")
            return
        self._erasure = snapshot.erasure  # what was erased since, `save` takes out
        self._graph, self._last_id = graph, snapshot.last_id
        self._saved_rows, self._is_of_snapshot = snapshot.rows, True

    def _new_graph(self, connection: Connection, newest: int) -> Any:
        """Return an empty graph with room for all rows; None where they are few."""
        if self._counted is not None:
            before, upto = self._counted
            if before + newest - upto <= self._exact_rows:
                return None
        count = self._rows.count(connection)
        self._counted = count, newest
        if count <= self._exact_rows:
            return None
        self._last_id = 0
        if count >= READ_ROWS:
            logger.info("building the index of a workspace over %d embeddings", count)
        return new_graph(self._files.dim, count)

    def _add(self, connection: Connection, progress: Progress | None) -> None:
        total = None
        for ids, rows in self._rows.after(connection, self._last_id):
            if total is None and len(ids) == READ_ROWS:  # many rows to come: make room once
                total = self._rows.count(connection)
                reserve(self._graph, total)
            add_rows(self._graph, ids, rows)
            self._last_id = int(ids[-1])
            if progress:
                progress(self._graph.element_count, self._graph.max_elements)

    def _near(
        self, graph: Any, vectors: NDArray[np.float32], neighbours: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `near_rows.Near`."""
        with self._lock:
            return nearest_rows(graph, vectors, neighbours)
