"""An hnswlib graph: made, filled and read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
from numpy.typing import NDArray

from services.search.indexes.contract import search_width

# Measured in benchmarks/README.md: with these, recall@10 is 0.999 on 100,000 real vectors.
M = 16
EF_CONSTRUCTION = 200
EF_SEARCH = 200

# Spare room when a graph is enlarged, so that it is not resized for every row.
GROWTH = 1.05


def new_graph(dim: int, capacity: int) -> Any:
    """Return an empty graph for `capacity` vectors of shape `(dim,)`."""
    graph = hnswlib.Index(space="ip", dim=dim)
    graph.init_index(
        max_elements=max(capacity, 1), M=M, ef_construction=EF_CONSTRUCTION, random_seed=1
    )
    return graph


def read_graph(dim: int, file: Path) -> Any:
    """Return a graph from a file; raises `RuntimeError` where hnswlib cannot read it."""
    graph = hnswlib.Index(space="ip", dim=dim)
    graph.load_index(str(file))
    return graph


def reserve(graph: Any, total: int) -> None:
    """Make room for `total` rows."""
    if total > graph.max_elements:
        graph.resize_index(total)


def add_rows(graph: Any, ids: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
    """Add vectors, shape `(n, dim)`, with their ids, shape `(n,)`."""
    needed = graph.element_count + len(ids)
    if needed > graph.max_elements:
        reserve(graph, max(needed, int(needed * GROWTH)))
    graph.add_items(rows, ids)


def nearest_rows(
    graph: Any, vectors: NDArray[np.float32], neighbours: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the ids of the nearest rows and their similarities, as `near_rows.Near` does."""
    while neighbours:
        graph.set_ef(max(search_width(EF_SEARCH, graph.element_count), neighbours))
        try:
            labels, distances = graph.knn_query(
                vectors, k=neighbours, num_threads=1 if len(vectors) == 1 else -1
            )
        except RuntimeError:  # fewer can be reached, or the others were forgotten
            neighbours //= 2
        else:
            return labels, 1 - distances
    return np.empty((len(vectors), 0), np.int64), np.empty((len(vectors), 0), "f4")


def forget_rows(graph: Any, ids: NDArray[np.int64]) -> None:
    """Overwrite the vectors of rows by noise, and let no search find them.

    That takes two milliseconds a row, many times less than building the graph without them. Rows
    that are marked as deleted were overwritten before: they are marked after it, so that after an
    error or a crash nothing else is.
    """
    fresh = [one for one in ids.tolist() if not _is_marked(graph, one)]
    if not fresh:
        return
    # Neither zeros nor the same noise each time: equal rows would be linked to the same few.
    noise = np.random.default_rng(fresh).standard_normal((len(fresh), graph.dim), dtype=np.float32)
    graph.add_items(noise / np.linalg.norm(noise, axis=1, keepdims=True), fresh)
    for one in fresh:
        graph.mark_deleted(one)


def _is_marked(graph: Any, row_id: int) -> bool:
    """Return whether a row is marked as deleted: hnswlib gives no vectors of those."""
    try:
        graph.get_items([row_id])
    except RuntimeError:
        return True
    return False
