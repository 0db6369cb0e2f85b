"""Snapshots of random vectors, the graphs that they are of, and the index over them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import Database
from services.search.indexes.hnsw import HnswIndex
from services.search.indexes.snapshot import SnapshotFiles
from services.search.indexes.snapshot_process import SnapshotProcess
from services.search.indexes.workspace_graph import WorkspaceGraph
from tests.services.search.vectors import DIM, FINGERPRINT, WORKSPACE


def hnsw(database: Database, folder: Path, *, exact_rows: int = 0) -> HnswIndex:
    """Open an index that uses the graph for any number of rows."""
    return HnswIndex(
        database, fingerprint=FINGERPRINT, dim=DIM, folder=folder, exact_rows=exact_rows
    )


def saved_hnsw(database: Database, folder: Path, *, exact_rows: int = 0) -> HnswIndex:
    """Open such an index, let it take all rows, and save it."""
    index = hnsw(database, folder, exact_rows=exact_rows)
    index.load()
    index.save()
    return index


def snapshot_files(
    folder: Path, kind: type[SnapshotFiles] = SnapshotFiles, fingerprint: str = FINGERPRINT
) -> SnapshotFiles:
    """Return the files of the workspace's snapshot."""
    return kind(folder, fingerprint, DIM, WORKSPACE)


def opened(
    database: Database,
    files: SnapshotFiles,
    process: SnapshotProcess = SnapshotProcess(),  # noqa: B008 - immutable
) -> WorkspaceGraph:
    """Return the workspace's graph, up to date."""
    graph = WorkspaceGraph(database, files, exact_rows=0, elsewhere=process)
    follow(database, graph)
    return graph


def follow(database: Database, graph: WorkspaceGraph) -> None:
    """Let a graph take what is new."""
    with database.engine.connect() as connection:
        graph.follow(connection)


def is_in_files(vector: NDArray[np.float32], folder: Path) -> bool:
    """Say whether a file in a folder has a vector."""
    return any(vector.tobytes() in file.read_bytes() for file in folder.iterdir())
