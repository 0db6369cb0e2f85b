"""The k-nearest-neighbour graph of tickets, in which near-duplicates are one node.

It is a function of the set of vectors: rows are first put in the order of their bytes, so that no
result depends on the order in which tickets came.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from services.progress import Progress

if TYPE_CHECKING:
    from scipy import sparse

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

# Neighbours of a ticket in the graph: UMAP's default. https://arxiv.org/abs/1802.03426
NEIGHBOURS = 15

# Tickets with this cosine or more of the default model say the same. As one node, a ticket sent
# many times counts once.
MIN_DUPLICATE_COSINE = 0.97
# A pass joins tickets with their neighbours; after three passes a thousand equal ones are one.
MAX_PASSES = 5

# The mean of all vectors is subtracted, shrunk as if so many more vectors of zeros were there: the
# mean of a few tickets says little about what tickets have in common.
CENTRING_PRIOR = 10

# Up to so many tickets all pairs are compared; above, an HNSW graph finds the neighbours.
MAX_EXACT = 20_000
BLOCK = 1_024
# Recall of the neighbours is 0.99 on real embeddings (benchmarks/README.md, `search`).
HNSW_LINKS, HNSW_BUILD_BREADTH, HNSW_SEARCH_BREADTH = 16, 100, 60

# By how much an edge within a previous topic weighs more.
PREVIOUS_EDGE_BONUS = 0.5

# Steps of the search for a scale, enough for float32.
BISECTIONS = 32


@dataclass(frozen=True)
class KnnGraph:
    """The distinct tickets and the edges between them.

    `owners`, `(n,)`: the distinct ticket that represents each ticket. `vectors`, `(distinct, d)`:
    centred, at unit length. `counts`, `(distinct,)`: how many tickets each one represents.
    `weights`: a symmetric sparse matrix, 0 to 1.
    """

    owners: IntArray
    vectors: FloatArray
    counts: IntArray
    weights: sparse.csr_matrix


def build_graph(
    vectors: FloatArray, on_progress: Progress, same: float = MIN_DUPLICATE_COSINE
) -> KnnGraph:
    """Return the graph of the tickets with these unit-length `vectors`, `(n, d)`, n at least 1.

    Tickets whose cosine is `same` or more are one node.
    `on_progress` is called with (done, total) during the search for neighbours. That takes O(n²)
    time up to `MAX_EXACT` tickets and O(n log n) above, and twice the memory of the vectors (three
    times above) besides `NEIGHBOURS` numbers a ticket.
    """
    owners, distinct = _distinct_rows(vectors)
    for number in range(MAX_PASSES + 1):
        nearest, cosines = _nearest_neighbours(
            _centred(vectors[distinct]), _progress_of_pass(on_progress, number)
        )
        leaders = _leaders(vectors, distinct, nearest, same)
        chosen, places = np.unique(leaders, return_inverse=True)
        if number == MAX_PASSES or len(chosen) == len(distinct):
            break
        owners, distinct = places[owners], distinct[chosen]
    on_progress(1, 1)
    counts = np.bincount(owners, minlength=len(distinct))
    # Centred again: kept from the last pass they would be in memory twice during the next one.
    return KnnGraph(owners, _centred(vectors[distinct]), counts, _fuzzy_weights(nearest, cosines))


def _progress_of_pass(on_progress: Progress, passes: int) -> Progress:
    """Return the progress of the pass after so many passes.

    Nobody knows how many passes there will be, so each one is half of what is left.
    """
    left = 2**passes
    return lambda done, total: on_progress((left - 1) * 2 * total + done, 2 * left * total)


def labels_of_distinct(graph: KnnGraph, labels: IntArray) -> IntArray:
    """Return the labels of the distinct tickets, `(distinct,)`, from those of all tickets, `(n,)`.

    -1 is no label; of several labels the highest counts.
    """
    found = np.full(len(graph.vectors), -1, dtype=np.int64)
    np.maximum.at(found, graph.owners, labels)
    return found


def favour_previous(graph: KnnGraph, previous: IntArray) -> KnnGraph:
    """Return the graph with heavier edges between tickets of one previous topic, `(distinct,)`.

    Where the graph can be partitioned in many ways, the previous one then wins; tickets that are
    plainly about something else now still leave. This is the simplest way of Chakrabarti, Kumar and
    Tomkins, "Evolutionary clustering" (2006), who trade the new partition off against the old.
    """
    from scipy import sparse

    edges = graph.weights.tocoo()
    is_kept = (previous[edges.row] >= 0) & (previous[edges.row] == previous[edges.col])
    weights = edges.data * np.where(is_kept, 1 + PREVIOUS_EDGE_BONUS, 1)
    return replace(graph, weights=sparse.csr_matrix((weights, (edges.row, edges.col)), edges.shape))


def unit(rows: NDArray[Any]) -> FloatArray:
    """Return rows at length 1; a row of zeros stays one."""
    return np.asarray(rows / row_norms(rows), dtype=np.float32)


def mean_direction(rows: NDArray[Any]) -> FloatArray:
    """Return the mean of rows, `(n, dim)`, at length 1: the centroid of a topic."""
    mean: FloatArray = unit(rows.mean(axis=0, keepdims=True))[0]
    return mean


def row_norms(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the lengths of rows, `(n, 1)`, 1 for a row of zeros."""
    found = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    return np.where(found > 0, found, 1)


def _centred(rows: FloatArray) -> FloatArray:
    """Subtract the shrunk mean from unit-length rows, in place, and return them at length 1."""
    mean = rows.sum(axis=0, dtype=np.float64) / (len(rows) + CENTRING_PRIOR)
    rows -= mean.astype(np.float32)
    rows /= row_norms(rows)
    return rows


def _distinct_rows(vectors: FloatArray) -> tuple[IntArray, IntArray]:
    """Return for each row which distinct row it is, and the places of these in order of bytes.

    `np.unique` does the same with three more copies of the table.
    """
    rows = vectors + np.float32(0)  # contiguous, and no negative zero
    order = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel().argsort()
    is_first = np.ones(len(rows), dtype=bool)
    for start in range(0, len(rows), BLOCK):
        some = rows[order[start : start + BLOCK + 1]]
        is_first[start + 1 : start + len(some)] = (some[1:] != some[:-1]).any(axis=1)
    owners = np.empty(len(rows), dtype=np.int64)
    owners[order] = np.cumsum(is_first) - 1
    return owners, order[is_first]


def _leaders(vectors: FloatArray, distinct: IntArray, nearest: IntArray, same: float) -> IntArray:
    """Return for each distinct row the first one that says the same, perhaps itself."""
    leaders = np.full(len(distinct), -1)
    for row in range(len(distinct)):
        if leaders[row] >= 0:
            continue
        leaders[row] = row
        others = nearest[row]
        is_same = vectors[distinct[others]] @ vectors[distinct[row]] >= same
        followers = others[is_same]
        leaders[followers[leaders[followers] < 0]] = row
    return leaders


def _nearest_neighbours(vectors: FloatArray, on_progress: Progress) -> tuple[IntArray, FloatArray]:
    """Return the places and cosines of each row's nearest others, the most alike first."""
    count = min(NEIGHBOURS, len(vectors) - 1)
    if count < 1:
        return np.zeros((len(vectors), 0), np.int64), np.zeros((len(vectors), 0), np.float32)
    search = _exact_neighbours if len(vectors) <= MAX_EXACT else _hnsw_neighbours
    return search(vectors, count, on_progress)


def _exact_neighbours(
    vectors: FloatArray, count: int, on_progress: Progress
) -> tuple[IntArray, FloatArray]:
    places, cosines = [], []
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK] @ vectors.T
        own = np.arange(len(block))
        block[own, start + own] = -np.inf
        found = np.sort(np.argpartition(-block, count - 1, axis=1)[:, :count], axis=1)
        alike = np.take_along_axis(block, found, axis=1)
        order = np.argsort(-alike, axis=1, kind="stable")
        places.append(np.take_along_axis(found, order, axis=1))
        cosines.append(np.take_along_axis(alike, order, axis=1))
        on_progress(min(start + BLOCK, len(vectors)), len(vectors))
    return np.concatenate(places), np.concatenate(cosines)


def _hnsw_neighbours(
    vectors: FloatArray, count: int, on_progress: Progress
) -> tuple[IntArray, FloatArray]:
    """Search an HNSW graph, built by one thread: the same rows always make the same graph."""
    import hnswlib

    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(len(vectors), ef_construction=HNSW_BUILD_BREADTH, M=HNSW_LINKS, random_seed=0)
    index.set_num_threads(1)
    for start in range(0, len(vectors), BLOCK):
        index.add_items(vectors[start : start + BLOCK])
        on_progress(min(start + BLOCK, len(vectors)), 2 * len(vectors))
    index.set_ef(HNSW_SEARCH_BREADTH)
    places = np.empty((len(vectors), count), dtype=np.int64)
    for start in range(0, len(vectors), BLOCK):
        found, _ = index.knn_query(vectors[start : start + BLOCK], k=count + 1)
        own = np.arange(start, start + len(found))[:, None]
        # Leave out the row itself, or the last one where rows equal to it took its place.
        is_kept = found != own
        is_kept[is_kept.all(axis=1), -1] = False
        places[start : start + BLOCK] = found[is_kept].reshape(len(found), count)
        on_progress(len(vectors) + min(start + BLOCK, len(vectors)), 2 * len(vectors))
    cosines = [
        np.einsum("nkd,nd->nk", vectors[places[start : start + BLOCK]], rows)
        for start in range(0, len(vectors), BLOCK)
        if len(rows := vectors[start : start + BLOCK])
    ]
    return places, np.concatenate(cosines)


def _fuzzy_weights(nearest: IntArray, cosines: FloatArray) -> sparse.csr_matrix:
    """Return the edges of UMAP's fuzzy graph, where each ticket has a scale of its own.

    McInnes, Healy and Melville (2018), section 3.1: the nearest neighbour weighs 1, all of them
    together log2(k).
    """
    from scipy import sparse

    rows, count = nearest.shape
    if not count:
        return sparse.csr_matrix((rows, rows), dtype=np.float64)
    distances = np.sqrt(np.maximum(2 - 2 * cosines.astype(np.float64), 0))
    beyond = distances - distances[:, :1]
    low, high = np.full((rows, 1), 1e-6), np.full((rows, 1), 16.0)
    for _ in range(BISECTIONS):
        scale = (low + high) / 2
        is_wide = np.exp(-beyond / scale).sum(axis=1, keepdims=True) > max(np.log2(count), 1.0)
        low, high = np.where(is_wide, low, scale), np.where(is_wide, scale, high)
    weights = np.exp(-beyond / high)
    own = np.repeat(np.arange(rows), count)
    directed = sparse.csr_matrix((weights.ravel(), (own, nearest.ravel())), shape=(rows, rows))
    return (directed + directed.T - directed.multiply(directed.T)).tocsr()
