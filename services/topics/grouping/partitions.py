"""Partitions of the graph of tickets, from few topics to many, and which one to take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from services.progress import Progress
from services.topics.grouping.knn_graph import (
    FloatArray,
    IntArray,
    KnnGraph,
    build_graph,
    unit,
)
from services.topics.grouping.limits import MAX_TOPICS
from services.topics.grouping.louvain import ShuffledGraph

if TYPE_CHECKING:
    from scipy import sparse

# From a few topics to more than anybody reads, each a sixth higher than the one before.
RESOLUTIONS = np.geomspace(0.2, 150, 46)
# The scores of single partitions are partly chance. A parabola through so many neighbours smooths
# them and, unlike a mean, leaves a peak where it is (Savitzky and Golay 1964).
SMOOTHING_WIDTH, SMOOTHING_DEGREE = 21, 2
# Scores lower than the best by more than this count as this much lower: parabolas that reach for
# them overshoot.
MAX_SCORE_GAP = 0.5

# Partitions that are scored at each resolution, each from another order of the tickets.
TRIES = 2
# Scores are taken of at most so many tickets, evenly spaced, and of at most `MAX_TOPICS` topics.
MAX_SCORED = 5_000

# The result is the consensus of so many partitions at the chosen resolution and as many at either
# neighbour, so that a few more tickets change little.
RUNS = 8
# From so many distinct tickets on, one partition is scored at a resolution and fewer make the
# consensus.
LARGE, RUNS_WHERE_LARGE = 5_000, 3

# How near a topic's tickets usually are to it, as the cosine to the mean of the others, where
# people labelled the topics; and how much a different value costs. Tuned on five sets and parts of
# them with the default model (benchmarks/README.md, `topics`, also on sets it has not seen).
USUAL_FIT, FIT_WEIGHT = 0.68, 3.0

# What a partition equal to the previous one gains. Neighbouring resolutions differ by a tenth of
# it: between equals the one that people know wins.
PREVIOUS_BONUS = 0.05

MAX_RESOLUTION = 1e9
BISECTIONS = 30

# Below this mean silhouette tickets are no more in topics than random ones are. Kaufman and
# Rousseeuw, "Finding Groups in Data" (1990), see no structure below 0.25, with full silhouettes.
MIN_SILHOUETTE = 0.1

# Lengths below it are rounding errors of float32.
EPSILON = 1e-6

_OnStep = Callable[[int], None]


@dataclass(frozen=True)
class _Scored:
    """A resolution with the mean score of its partitions and their agreement with the previous."""

    resolution: float
    score: float
    agreement: float


def select_partition(
    graph: KnnGraph, previous: IntArray, *, seed: int, on_progress: Progress
) -> IntArray:
    """Return the topic of each distinct ticket, `(distinct,)`; the number of topics is found.

    `previous`, `(distinct,)`, are their previous topics, -1 for none: of equally good partitions
    the one most like these is taken. `on_progress` is called with (done, total).
    """
    coarsest = ShuffledGraph.of(graph.weights, seed=seed).communities(float(RESOLUTIONS[0]))
    if MAX_TOPICS <= coarsest.max() < len(coarsest) - 1:
        # Already more topics than anybody reads: partition the topics as if they were tickets.
        parts = build_graph(unit(topic_sums(graph.vectors, coarsest)), lambda *_: None)
        none = np.full(len(parts.vectors), -1)
        topics = select_partition(parts, none, seed=seed, on_progress=on_progress)
        return topics[parts.owners][coarsest]
    is_large = len(graph.vectors) >= LARGE
    tries, runs = (1, RUNS_WHERE_LARGE) if is_large else (TRIES, RUNS)
    scoring, steps = len(RESOLUTIONS) * tries, len(RESOLUTIONS) * tries + 3 * runs
    one_topic = np.zeros(len(graph.vectors), dtype=np.int64)
    scored = _score_resolutions(
        graph, previous, tries, seed=seed, on_progress=lambda done: on_progress(done, steps)
    )
    if not scored:
        return one_topic
    scores = _smooth([one.score for one in scored])
    best = int(np.argmax(scores + PREVIOUS_BONUS * np.array([one.agreement for one in scored])))
    agreed = _consensus(
        graph.weights,
        [one.resolution for one in scored[max(best - 1, 0) : best + 2]],
        runs,
        seed=seed,
        on_progress=lambda done: on_progress(scoring + done, steps),
    )
    labels = ShuffledGraph.of(agreed, seed=seed).communities(scored[best].resolution)
    return labels if silhouettes(graph.vectors, labels).mean() >= MIN_SILHOUETTE else one_topic


def _score_resolutions(
    graph: KnnGraph, previous: IntArray, tries: int, *, seed: int, on_progress: _OnStep
) -> list[_Scored]:
    """Return the resolutions that give at least two topics and not too many, with their scores."""
    orders = [ShuffledGraph.of(graph.weights, seed=seed + one) for one in range(tries)]
    scored: list[_Scored] = []
    for number, resolution in enumerate(RESOLUTIONS.tolist()):
        some = [order.communities(resolution) for order in orders]
        on_progress((number + 1) * tries)
        if some[0].max() + 1 > min(len(graph.vectors) / 2, MAX_TOPICS):
            break
        if some[0].max() > 0:
            score = float(np.mean([partition_score(graph.vectors, labels) for labels in some]))
            agreement = float(np.mean([_agreement(previous, labels) for labels in some]))
            scored.append(_Scored(resolution, score, agreement))
    return scored


def _consensus(
    weights: sparse.csr_matrix, at: list[float], runs: int, *, seed: int, on_progress: _OnStep
) -> sparse.csr_matrix:
    """Return the graph with each edge times the share of partitions that keep its ends together.

    There are `runs` partitions at each of the resolutions `at`. Lancichinetti and Fortunato,
    "Consensus clustering in complex networks" (2012).
    """
    from scipy import sparse

    edges = weights.tocoo()
    together = np.zeros(len(edges.data))
    for run in range(runs):
        order = ShuffledGraph.of(weights, seed=seed + TRIES + run)
        for number, resolution in enumerate(at):
            labels = order.communities(resolution)
            together += labels[edges.row] == labels[edges.col]
            on_progress(run * len(at) + number + 1)
    agreed = sparse.csr_matrix(
        (edges.data * together / (runs * len(at)), (edges.row, edges.col)), shape=weights.shape
    )
    agreed.eliminate_zeros()
    return agreed


def partition_score(vectors: FloatArray, labels: IntArray) -> float:
    """Return how much topics are like those that people make, at most 1.

    The mean silhouette, less a penalty where tickets are more or less alike than those of a topic
    usually are. The silhouette alone splits one subject by its wordings and merges subjects that
    differ a little.
    """
    silhouette, fit = _silhouettes_and_fits(vectors, labels)
    return float(silhouette.mean() - FIT_WEIGHT * (fit.mean() - USUAL_FIT) ** 2)


def _agreement(previous: IntArray, labels: IntArray) -> float:
    """Return the adjusted Rand index of the tickets that had a topic, 0 where none had one."""
    from sklearn.metrics import adjusted_rand_score

    known = previous >= 0
    return float(adjusted_rand_score(previous[known], labels[known])) if known.any() else 0.0


def _smooth(scores: list[float]) -> NDArray[np.float64]:
    from scipy.signal import savgol_filter

    cut = np.maximum(scores, max(scores) - MAX_SCORE_GAP)
    width = min(SMOOTHING_WIDTH, len(cut) - (len(cut) + 1) % 2)  # odd
    if width <= SMOOTHING_DEGREE:
        return cut
    return np.asarray(savgol_filter(cut, width, SMOOTHING_DEGREE, mode="nearest"))


def partition_into(graph: KnnGraph, count: int, *, seed: int) -> IntArray:
    """Return the topic of each distinct ticket, `(distinct,)`, of exactly `count` topics.

    Where there are fewer distinct tickets each is a topic.
    """
    if count >= len(graph.vectors):
        return np.arange(len(graph.vectors))
    order = ShuffledGraph.of(graph.weights, seed=seed)
    low, high = np.log(1e-3), np.log(MAX_RESOLUTION)
    labels = np.arange(len(graph.vectors))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        found = order.communities(float(np.exp(middle)))
        if found.max() + 1 < count:
            low = middle
            continue
        high = middle
        if found.max() <= labels.max():
            labels = found
        if found.max() + 1 == count:
            break
    return _merge_down_to(count, graph.vectors, labels)


def _merge_down_to(count: int, vectors: FloatArray, labels: IntArray) -> IntArray:
    """Return the labels after the most alike topics were merged until `count` were left."""
    from sklearn.cluster import AgglomerativeClustering

    if labels.max() + 1 <= count:
        return labels
    tree = AgglomerativeClustering(count).fit(unit(topic_sums(vectors, labels)))
    return np.asarray(tree.labels_, dtype=np.int64)[labels]


def topic_sums(vectors: FloatArray, labels: IntArray, topics: int | None = None) -> FloatArray:
    """Return the sum of each topic's vectors, `(topics, d)`; the label -1 is no topic."""
    from scipy import sparse

    inside = np.flatnonzero(labels >= 0)
    count = int(labels.max(initial=-1)) + 1 if topics is None else topics
    ones = np.ones(len(inside), dtype=np.float32)
    member = sparse.csr_matrix((ones, (labels[inside], inside)), shape=(count, len(labels)))
    return np.asarray(member @ vectors, dtype=np.float32)


def silhouettes(vectors: FloatArray, labels: IntArray) -> NDArray[np.float64]:
    """Return simplified silhouettes, -1 to 1: how much nearer a ticket's topic is than the next.

    Hruschka, de Castro and Campello (2004), with cosines, and with the ticket itself left out of
    its topic's mean; 0 for a ticket alone in its topic. Of more than `MAX_SCORED` tickets only some
    are measured.
    """
    return _silhouettes_and_fits(vectors, labels)[0]


def fits(vectors: FloatArray, labels: IntArray) -> NDArray[np.float64]:
    """Return each ticket's cosine to the mean of its topic's others; 0 for one that is alone."""
    total = topic_sums(vectors, labels)
    own = np.einsum("nd,nd->n", vectors, total[labels])
    return leave_one_out_cosines(own, vectors, np.linalg.norm(total, axis=1)[labels])


def _silhouettes_and_fits(
    vectors: FloatArray, labels: IntArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    total = topic_sums(vectors, labels)
    norms = np.linalg.norm(total, axis=1)
    some = slice(None, None, -(-len(labels) // MAX_SCORED))
    rows, of = vectors[some], labels[some]
    cosines = rows @ (total / np.maximum(norms, EPSILON)[:, None]).T
    at = np.arange(len(of))
    fit = leave_one_out_cosines(cosines[at, of] * norms[of], rows, norms[of])
    cosines[at, of] = -1
    is_alone = np.bincount(labels)[of] == 1
    return np.where(is_alone, 0, simplified_silhouette(fit, cosines.max(axis=1))), fit


def simplified_silhouette(own: NDArray[Any], other: NDArray[Any]) -> Any:
    """Return simplified silhouettes from the cosines to a ticket's own topic and to the next."""
    return (own - other) / np.maximum(np.maximum(1 - own, 1 - other), EPSILON)


def leave_one_out_cosines(
    products: NDArray[Any], rows: FloatArray, norms: NDArray[Any]
) -> NDArray[np.float64]:
    """Return the cosine of each row to a sum of rows after the row was taken out of the sum.

    `products` are the rows' dot products with the sums, and `norms` the lengths of the sums.
    """
    squares = np.einsum("nd,nd->n", rows, rows).astype(np.float64)
    rest = norms.astype(np.float64) ** 2 - 2 * products + squares
    # After the only row was taken out, rounding errors of float32 are left.
    is_left = rest > EPSILON * np.maximum(norms, 1) ** 2
    return np.where(is_left, (products - squares) / np.sqrt(np.where(is_left, rest, 1)), 0)
