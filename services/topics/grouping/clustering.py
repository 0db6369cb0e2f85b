"""Clusters tickets into topics: communities of the k-NN graph, as many as fit the data.

Of the methods that were compared (benchmarks/README.md, `topics`) this one is the best and among
the fastest. The result depends on the set of vectors alone, not on their order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.errors import InputError
from services.progress import no_progress
from services.topics.grouping.knn_graph import (
    MIN_DUPLICATE_COSINE,
    FloatArray,
    IntArray,
    KnnGraph,
    build_graph,
    favour_previous,
    labels_of_distinct,
    unit,
)
from services.topics.grouping.limits import MAX_TOPICS, STRICTNESS
from services.topics.grouping.partitions import (
    fits,
    partition_into,
    select_partition,
    topic_sums,
)

# If a topic's tickets are usually no nearer than this to the mean of the others, all that they have
# in common is to be unlike anything else. That holds for one of 640 topics of six labelled sets
# (150 to 1,200 tickets each), which has no subject; the others begin at 0.18 (all-MiniLM-L6-v2).
MIN_USUAL_FIT = 0.15

# A topic needs two tickets; the same ticket sent this often is one if it fits into no other.
MIN_SIZE, MIN_REPEATS = 2, 3

# From so many topics on there are themes: this factor times the square root of the topics, which
# makes more themes than there are topics in each (benchmarks/README.md, `themes`).
MIN_TOPICS_WITH_THEMES, THEMES_FACTOR = 20, 1.4

# Percent of the work that is done once the neighbours are known.
NEIGHBOURS_DONE = 50


@dataclass(frozen=True)
class Clustering:
    """Tickets in topics, which are numbered from the largest down.

    `labels`, `(n,)`: the topic of each ticket, -1 if it fits nowhere. `nearest`, `(n,)`: its topic
    or else the nearest one, -1 only if there is no topic. `fits`, `(n,)`: the cosine of its centred
    vector to the topic's mean, 0 to 1. `centroids`, `(topics, d)`: the topics' mean vectors at
    length 1. `themes`, `(topics,)`: the theme of each topic, which is its own if there are few
    topics. `quality`, `(topics,)`: the share of its tickets' edges in the graph that stay in the
    topic, 0 to 1.
    """

    labels: IntArray
    nearest: IntArray
    fits: FloatArray
    centroids: FloatArray
    themes: IntArray
    quality: FloatArray


def cluster(
    vectors: FloatArray,
    *,
    k: int | None = None,
    strictness: float = STRICTNESS,
    previous: IntArray | None = None,
    same: float = MIN_DUPLICATE_COSINE,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = no_progress,
) -> Clustering:
    """Return the topics of the tickets with these unit-length vectors, `(n, d)`.

    `k` is the number of topics, found if None; fewer different tickets are a topic each.
    `strictness` is from 0 (every ticket belongs somewhere) to 1. `previous`, `(n,)`, are the topics
    that tickets had, -1 for none: where two results are as good, tickets stay where they were.
    Tickets whose cosine is `same` or more count as one.
    `on_progress` is called with (done, 100). Raises `InputError` if a number is not finite, or `k`
    or `strictness` out of bounds.
    """
    _check(vectors, k, strictness)
    if not len(vectors):
        return _no_topics(0, vectors.shape[1])
    graph = build_graph(
        vectors, lambda done, of: on_progress(NEIGHBOURS_DONE * done // of, 100), same
    )
    known = np.full(len(vectors), -1) if previous is None else previous
    before = labels_of_distinct(graph, known)
    steadied = favour_previous(graph, before)
    rest = 100 - NEIGHBOURS_DONE
    selected = select_partition(
        steadied,
        before,
        seed=seed,
        on_progress=lambda done, of: on_progress(NEIGHBOURS_DONE + rest * done // of, 100),
    )
    parts, is_fitting = _with_repeated(graph, selected, strictness)
    if k is not None:
        parts, is_fitting = _of_fixed_number(
            graph, partition_into(steadied, k, seed=seed), is_fitting
        )
    result = _result(vectors, graph, parts, is_fitting)
    on_progress(100, 100)
    return result


def _check(vectors: FloatArray, k: int | None, strictness: float) -> None:
    if vectors.ndim != 2:  # noqa: PLR2004
        raise InputError("Vectors are a table: one row a ticket.")
    if not np.isfinite(vectors).all():
        raise InputError("A vector has a number that is not finite.")
    if k is not None and not 1 <= k <= MAX_TOPICS:
        raise InputError(f"The number of topics is from 1 to {MAX_TOPICS:,}.")
    if not 0 <= strictness <= 1:
        raise InputError("Strictness is from 0 to 1.")


def _result(
    vectors: FloatArray, graph: KnnGraph, parts: IntArray, is_fitting: NDArray[np.bool_]
) -> Clustering:
    topics = int(parts.max()) + 1
    if not topics:
        return _no_topics(*vectors.shape)
    means = unit(topic_sums(graph.vectors, parts))
    nearest, cosines = _nearest_topics(graph.vectors, means, parts)
    owners = graph.owners
    return Clustering(
        labels=np.where(is_fitting, nearest, -1)[owners],
        nearest=nearest[owners],
        fits=np.clip(cosines, 0, 1).astype(np.float32)[owners],
        centroids=unit(topic_sums(vectors, parts[owners])),
        themes=_themes(means),
        quality=_quality(graph, nearest, topics),
    )


def _with_repeated(
    graph: KnnGraph, parts: IntArray, strictness: float
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return the topics with enough fitting tickets, numbered, and which tickets fit.

    A ticket that was sent again and again and fits nowhere becomes a topic of its own.
    """
    is_fitting = _fitting(graph.vectors, parts, strictness)
    own = np.flatnonzero(~is_fitting & (graph.counts >= MIN_REPEATS))
    if len(own):
        parts = parts.copy()
        parts[own] = parts.max() + 1 + np.arange(len(own))
        is_fitting = _fitting(graph.vectors, parts, strictness)
    return _numbered(graph, parts, is_fitting, MIN_SIZE)


def _of_fixed_number(
    graph: KnnGraph, parts: IntArray, is_fitting: NDArray[np.bool_]
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return a fixed number of topics, numbered, and which tickets fit, at least one in each.

    Tickets fit if they do where the number is found (`is_fitting`): beside the mean of a wide topic
    its small subjects would look like strays.
    """
    best = [some[0] for some in _best_first(fits(graph.vectors, parts), parts)]
    is_fitting = is_fitting.copy()
    is_fitting[best] = True
    return _numbered(graph, parts, is_fitting, 1)


def _numbered(
    graph: KnnGraph, parts: IntArray, is_fitting: NDArray[np.bool_], min_size: int
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return the topics with enough fitting tickets, from the largest down, and which fit."""
    sizes = np.bincount(parts, weights=graph.counts * is_fitting)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] >= min_size]
    numbers = np.full(len(sizes), -1)
    numbers[order] = np.arange(len(order))
    return numbers[parts], is_fitting & (numbers[parts] >= 0)


def _fitting(vectors: FloatArray, parts: IntArray, strictness: float) -> NDArray[np.bool_]:
    """Say which tickets are nearly as near to their topic as its tickets usually are.

    The nearest one always fits; in a topic below `MIN_USUAL_FIT` no other does.
    """
    cosines = fits(vectors, parts)
    tickets = _best_first(cosines, parts)
    usual = np.array([np.median(cosines[some]) for some in tickets])
    min_usual = MIN_USUAL_FIT if strictness else 0  # 0: every ticket belongs somewhere
    is_fitting = (cosines >= strictness * usual[parts]) & (usual[parts] > min_usual)
    is_fitting[[some[0] for some in tickets]] = True
    return is_fitting


def _best_first(cosines: NDArray[np.float64], parts: IntArray) -> list[IntArray]:
    """Return the tickets of each topic, the nearest to it first."""
    order = np.lexsort((-cosines, parts))
    starts = np.flatnonzero(np.diff(parts[order], prepend=-1))
    return np.split(order, starts[1:])


def _no_topics(count: int, dim: int) -> Clustering:
    none = np.full(count, -1, dtype=np.int64)
    return Clustering(
        labels=none,
        nearest=none,
        fits=np.zeros(count, dtype=np.float32),
        centroids=np.zeros((0, dim), dtype=np.float32),
        themes=np.zeros(0, dtype=np.int64),
        quality=np.zeros(0, dtype=np.float32),
    )


def _nearest_topics(
    vectors: FloatArray, means: FloatArray, parts: IntArray
) -> tuple[IntArray, NDArray[np.float64]]:
    """Return each ticket's topic, or the nearest if it has none, and its cosine to that."""
    nearest = parts.copy()
    for place in np.flatnonzero(parts < 0):
        nearest[place] = int(np.argmax(means @ vectors[place]))
    return nearest, np.einsum("nd,nd->n", vectors, means[nearest]).astype(np.float64)


def _themes(means: FloatArray) -> IntArray:
    """Return the theme of each topic, by average linkage (Sokal and Michener 1958) of cosines.

    Ward's linkage makes themes of one size, which subjects are not. Of the methods that were
    compared this one is the best and the simplest (benchmarks/README.md, `themes`).
    """
    from sklearn.cluster import AgglomerativeClustering

    if len(means) < MIN_TOPICS_WITH_THEMES:
        return np.arange(len(means))
    # Not the metric "cosine", which accepts no row of zeros.
    tree = AgglomerativeClustering(
        round(THEMES_FACTOR * np.sqrt(len(means))), metric="precomputed", linkage="average"
    )
    return np.asarray(tree.fit(1 - means @ means.T).labels_, dtype=np.int64)


def _quality(graph: KnnGraph, nearest: IntArray, topics: int) -> FloatArray:
    edges = graph.weights.tocoo()
    own = nearest[edges.row]
    whole = np.bincount(own, weights=edges.data, minlength=topics)
    inside = np.bincount(own, weights=edges.data * (own == nearest[edges.col]), minlength=topics)
    # A topic whose tickets have no edges leaks none.
    return np.where(whole > 0, inside / np.where(whole > 0, whole, 1), 1).astype(np.float32)
