"""The graph of alike tickets: each joined to its nearest, near-duplicates as one.

All of it is a function of the set of vectors: rows are put in the order of their content first, so
that no result depends on the order in which tickets came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

# Neighbours a ticket has in the graph: UMAP's default. https://arxiv.org/abs/1802.03426
NEIGHBOURS = 15

# Tickets this alike say the same; joined, a spammed one counts once.
SAME = 0.97
# A pass joins a ticket with its neighbours; a thousand equal ones are one after three.
MAX_PASSES = 5

# What all tickets have in common is taken away, the more surely the more of them there are.
FEW = 10

# Up to so many all pairs are compared; an HNSW graph takes over above.
MAX_EXACT = 20_000
BLOCK = 1_024
# Recall of the neighbours 0.99 on real embeddings (benchmarks/README.md, `search`).
LINKS, BREADTH, SEARCH_BREADTH = 16, 100, 60

# Tickets of one topic are joined that much more the next time.
KEEPING = 0.5

# Steps of the search for a scale, enough for float32.
BISECTIONS = 32

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class KnnGraph:
    """The distinct tickets, and how they are joined.

    `owners`, `(n,)`: the distinct ticket that stands for each ticket. `vectors`, `(distinct, d)`:
    without what all have in common, unit length. `counts`, `(distinct,)`: how many tickets each
    stands for. `weights`: a symmetric sparse matrix, 0 to 1.
    """

    owners: IntArray
    vectors: FloatArray
    counts: IntArray
    weights: Any


def build_graph(vectors: FloatArray, on_progress: Progress) -> KnnGraph:
    """Join the tickets with these unit-length `vectors`, `(n, d)`, n at least 1.

    `on_progress` hears (done, total) while neighbours are sought, which takes O(n²) time up to
    `MAX_EXACT` tickets and O(n log n) above, and memory of twice the vectors' (above, three times)
    and for `NEIGHBOURS` a ticket.
    """
    owners, distinct = _in_order(vectors)
    for number in range(MAX_PASSES + 1):
        nearest, cosines = _nearest(_centred(vectors[distinct]), _half(on_progress, number))
        leaders = _leaders(vectors, distinct, nearest)
        chosen, places = np.unique(leaders, return_inverse=True)
        if number == MAX_PASSES or len(chosen) == len(distinct):
            break
        owners, distinct = places[owners], distinct[chosen]
    on_progress(1, 1)
    counts = np.bincount(owners, minlength=len(distinct))
    # Centred anew: kept from the last pass they would lie in memory twice while the next is made.
    return KnnGraph(owners, _centred(vectors[distinct]), counts, _weights(nearest, cosines))


def _half(on_progress: Progress, passes: int) -> Progress:
    """Return what tells of half of what so many passes, each of half of the rest, have left.

    How many there will be nobody knows.
    """
    left = 2**passes
    return lambda done, total: on_progress((left - 1) * 2 * total + done, 2 * left * total)


def of_distinct(graph: KnnGraph, labels: IntArray) -> IntArray:
    """Return the labels, `(n,)`, -1 for none, of the distinct tickets: the highest of those."""
    found = np.full(len(graph.vectors), -1, dtype=np.int64)
    np.maximum.at(found, graph.owners, labels)
    return found


def favour_previous(graph: KnnGraph, before: IntArray) -> KnnGraph:
    """Return the graph with more weight between tickets that were in one topic, `(distinct,)`.

    So what many partitions part one way or the other stays as it was; what is plainly another topic
    now is none the less. Of the ways of Chakrabarti, Kumar and Tomkins, "Evolutionary clustering"
    (2006), which weigh what is against what was, it is the least.
    """
    from scipy import sparse

    joined = graph.weights.tocoo()
    is_kept = (before[joined.row] >= 0) & (before[joined.row] == before[joined.col])
    weights = joined.data * np.where(is_kept, 1 + KEEPING, 1)
    return replace(
        graph, weights=sparse.csr_matrix((weights, (joined.row, joined.col)), joined.shape)
    )


def unit(rows: NDArray[Any]) -> FloatArray:
    """Return rows at length 1; a row of zeros stays one."""
    return np.asarray(rows / lengths(rows), dtype=np.float32)


def lengths(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the lengths of rows, `(n, 1)`, 1 for one of zeros."""
    found = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    return np.where(found > 0, found, 1)


def _centred(rows: FloatArray) -> FloatArray:
    """Take from unit-length rows their mean, which counts little where there are few, in place."""
    mean = rows.sum(axis=0, dtype=np.float64) / (len(rows) + FEW)
    rows -= mean.astype(np.float32)
    rows /= lengths(rows)
    return rows


def _in_order(vectors: FloatArray) -> tuple[IntArray, IntArray]:
    """Return which of the distinct rows each row is, and where these are, by the order of bytes.

    `np.unique` would do, with three more copies of the table.
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


def _leaders(vectors: FloatArray, distinct: IntArray, nearest: IntArray) -> IntArray:
    """Return for each distinct row the one that stands for it: the first that says the same."""
    leaders = np.full(len(distinct), -1)
    for row in range(len(distinct)):
        if leaders[row] >= 0:
            continue
        leaders[row] = row
        others = nearest[row]
        followers = others[vectors[distinct[others]] @ vectors[distinct[row]] >= SAME]
        leaders[followers[leaders[followers] < 0]] = row
    return leaders


def _nearest(vectors: FloatArray, on_progress: Progress) -> tuple[IntArray, FloatArray]:
    """Return the places and cosines of each row's nearest others, most alike first."""
    count = min(NEIGHBOURS, len(vectors) - 1)
    if count < 1:
        return np.zeros((len(vectors), 0), np.int64), np.zeros((len(vectors), 0), np.float32)
    search = _exact if len(vectors) <= MAX_EXACT else _approximate
    return search(vectors, count, on_progress)


def _exact(vectors: FloatArray, count: int, on_progress: Progress) -> tuple[IntArray, FloatArray]:
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


def _approximate(
    vectors: FloatArray, count: int, on_progress: Progress
) -> tuple[IntArray, FloatArray]:
    """Ask an HNSW graph. One thread, so that the same rows always make the same graph."""
    import hnswlib

    index = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(len(vectors), ef_construction=BREADTH, M=LINKS, random_seed=0)
    index.set_num_threads(1)
    for start in range(0, len(vectors), BLOCK):
        index.add_items(vectors[start : start + BLOCK])
        on_progress(min(start + BLOCK, len(vectors)), 2 * len(vectors))
    index.set_ef(SEARCH_BREADTH)
    places = np.empty((len(vectors), count), dtype=np.int64)
    for start in range(0, len(vectors), BLOCK):
        found, _ = index.knn_query(vectors[start : start + BLOCK], k=count + 1)
        own = np.arange(start, start + len(found))[:, None]
        # The row itself, or where others are equal to it the last one, is left out.
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


def _weights(nearest: IntArray, cosines: FloatArray) -> Any:
    """Return UMAP's fuzzy graph: each ticket's own scale says how near is near.

    McInnes, Healy and Melville (2018), section 3.1: the nearest weighs 1, all together log2(k).
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
