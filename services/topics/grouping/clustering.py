"""Tickets in topics: by the graph of which are alike, as many topics as there seem to be.

Of the ways that were compared (benchmarks/README.md, `topics`) this one is both the best and among
the fastest. It holds no state, and what it returns depends on the set of vectors alone, not on
their order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.errors import InputError
from services.topics.grouping.knn_graph import (
    FloatArray,
    IntArray,
    KnnGraph,
    build_graph,
    favour_previous,
    of_distinct,
    unit,
)
from services.topics.grouping.partitions import MAX_TOPICS, choose_of, fits, select_partition, sums

# A ticket that is less than this share as near to its topic as the topic's tickets usually are
# fits nowhere. At 0.6 that is one in twenty real tickets, and three of four that belong to nothing
# (benchmarks/README.md, `topics`).
STRICTNESS = 0.6

# A topic whose tickets are usually no nearer to the mean of its others than this has nothing in
# common but to be unlike all else. Of 640 topics of six labelled sets, 150 and up to 1,200 tickets
# of each, it is so of one, which is of no subject; the others begin at 0.18 (all-MiniLM-L6-v2).
NOTHING_IN_COMMON = 0.15

# One ticket is no topic; the same one said this often is, where it fits into no other.
MIN_SIZE, REPEATED = 2, 3

# From so many topics on they are grouped into themes: so many times the square root of the topics,
# fewer topics in a theme than there are themes (benchmarks/README.md, `themes`).
MANY, THEMES = 20, 1.4

# Of the work, in percent: how much is done once the neighbours are known.
NEIGHBOURS_DONE = 50


def no_progress(done: int, total: int) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True)
class Clustering:
    """Tickets in topics, which are numbered from the largest on.

    `labels`, `(n,)`: the topic of each ticket, -1 where it fits nowhere. `nearest`, `(n,)`: its
    topic or the nearest one, -1 only where there is no topic at all. `fits`, `(n,)`: the cosine to
    that topic's mean without what all tickets have in common, 0 to 1. `centroids`, `(topics, d)`:
    the topics' mean vectors at length 1. `themes`, `(topics,)`: the wider theme of each topic;
    where there are few topics each is its own. `quality`, `(topics,)`: of what its tickets are
    joined to in the graph of alike tickets, how much is in the topic, 0 to 1.
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
    before: IntArray | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = no_progress,
) -> Clustering:
    """Return the topics of tickets with these unit-length vectors, `(n, d)`.

    `k` is how many topics there are to be (of fewer different tickets each is one), otherwise it is
    found. `strictness` from 0 (every ticket belongs somewhere) to 1. `before`, `(n,)`, are the
    topics that the tickets had, -1 for none: what may as well stay as it was does.
    `on_progress` is given (done, 100). Raises `InputError` where a number is not finite, or `k` or
    `strictness` out of bounds.
    """
    _check(vectors, k, strictness)
    if not len(vectors):
        return _nothing(0, vectors.shape[1])
    graph = build_graph(vectors, lambda done, of: on_progress(NEIGHBOURS_DONE * done // of, 100))
    was = of_distinct(graph, np.full(len(vectors), -1) if before is None else before)
    parted = favour_previous(graph, was)
    rest = 100 - NEIGHBOURS_DONE
    parts, is_fitting = _settled(
        graph,
        select_partition(
            parted,
            was,
            seed=seed,
            on_progress=lambda done, of: on_progress(NEIGHBOURS_DONE + rest * done // of, 100),
        ),
        strictness,
    )
    if k is not None:
        parts, is_fitting = _as_told(graph, choose_of(parted, k, seed=seed), is_fitting)
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
        return _nothing(*vectors.shape)
    means = unit(sums(graph.vectors, parts))
    nearest, near = _nearest_topic(graph.vectors, means, parts)
    owners = graph.owners
    return Clustering(
        labels=np.where(is_fitting, nearest, -1)[owners],
        nearest=nearest[owners],
        fits=np.clip(near, 0, 1).astype(np.float32)[owners],
        centroids=unit(sums(vectors, parts[owners])),
        themes=_themes(means),
        quality=_quality(graph, nearest, topics),
    )


def _settled(
    graph: KnnGraph, parts: IntArray, strictness: float
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return the topics that have enough fitting tickets, numbered, and which tickets fit.

    What was said again and again is a topic of its own where it fits into no other.
    """
    is_fitting = _fitting(graph.vectors, parts, strictness)
    own = np.flatnonzero(~is_fitting & (graph.counts >= REPEATED))
    if len(own):
        parts = parts.copy()
        parts[own] = parts.max() + 1 + np.arange(len(own))
        is_fitting = _fitting(graph.vectors, parts, strictness)
    return _numbered(graph, parts, is_fitting, MIN_SIZE)


def _as_told(
    graph: KnnGraph, parts: IntArray, is_fitting: NDArray[np.bool_]
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return topics whose number was told, numbered, and which tickets fit: none has nothing.

    What fits into one of those that there seem to be fits here: next to a wide topic's mean a
    small subject in it would look like strays.
    """
    best = [some[0] for some in _best_first(fits(graph.vectors, parts), parts)]
    is_fitting = is_fitting.copy()
    is_fitting[best] = True
    return _numbered(graph, parts, is_fitting, 1)


def _numbered(
    graph: KnnGraph, parts: IntArray, is_fitting: NDArray[np.bool_], least: int
) -> tuple[IntArray, NDArray[np.bool_]]:
    """Return the topics of at least so many fitting tickets, from the largest on, and what fits."""
    sizes = np.bincount(parts, weights=graph.counts * is_fitting)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] >= least]
    numbers = np.full(len(sizes), -1)
    numbers[order] = np.arange(len(order))
    return numbers[parts], is_fitting & (numbers[parts] >= 0)


def _fitting(vectors: FloatArray, parts: IntArray, strictness: float) -> NDArray[np.bool_]:
    """Say which tickets are nearly as near to their topic as its tickets usually are.

    The nearest always is; and in a topic whose tickets have nothing in common no other
    (`NOTHING_IN_COMMON`).
    """
    alike = fits(vectors, parts)
    tickets = _best_first(alike, parts)
    usual = np.array([np.median(alike[some]) for some in tickets])
    least = NOTHING_IN_COMMON if strictness else 0  # where all is to belong somewhere it does
    is_fitting = (alike >= strictness * usual[parts]) & (usual[parts] > least)
    is_fitting[[some[0] for some in tickets]] = True
    return is_fitting


def _best_first(alike: NDArray[np.float64], parts: IntArray) -> list[IntArray]:
    """Return the tickets of each topic, the nearest to it first."""
    order = np.lexsort((-alike, parts))
    starts = np.flatnonzero(np.diff(parts[order], prepend=-1))
    return np.split(order, starts[1:])


def _nothing(count: int, dim: int) -> Clustering:
    none = np.full(count, -1, dtype=np.int64)
    return Clustering(
        labels=none,
        nearest=none,
        fits=np.zeros(count, dtype=np.float32),
        centroids=np.zeros((0, dim), dtype=np.float32),
        themes=np.zeros(0, dtype=np.int64),
        quality=np.zeros(0, dtype=np.float32),
    )


def _nearest_topic(
    vectors: FloatArray, means: FloatArray, parts: IntArray
) -> tuple[IntArray, NDArray[np.float64]]:
    """Return each ticket's topic, or the nearest where it has none, and its cosine to it."""
    nearest = parts.copy()
    for place in np.flatnonzero(parts < 0):
        nearest[place] = int(np.argmax(means @ vectors[place]))
    return nearest, np.einsum("nd,nd->n", vectors, means[nearest]).astype(np.float64)


def _themes(means: FloatArray) -> IntArray:
    """Return the theme of each topic: those with the highest mean cosine between them are one.

    Average linkage (Sokal and Michener 1958). Ward's makes themes of one size, which subjects are
    not; of the ways that were compared this one is the best and the simplest.
    """
    from sklearn.cluster import AgglomerativeClustering

    if len(means) < MANY:
        return np.arange(len(means))
    # Not by the metric "cosine", which takes no row of zeros.
    tree = AgglomerativeClustering(
        round(THEMES * np.sqrt(len(means))), metric="precomputed", linkage="average"
    )
    return np.asarray(tree.fit(1 - means @ means.T).labels_, dtype=np.int64)


def _quality(graph: KnnGraph, nearest: IntArray, topics: int) -> FloatArray:
    joined = graph.weights.tocoo()
    own = nearest[joined.row]
    whole = np.bincount(own, weights=joined.data, minlength=topics)
    inside = np.bincount(own, weights=joined.data * (own == nearest[joined.col]), minlength=topics)
    # What is joined to nothing is all of one kind.
    return np.where(whole > 0, inside / np.where(whole > 0, whole, 1), 1).astype(np.float32)
