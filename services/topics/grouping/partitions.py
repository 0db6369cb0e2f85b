"""Ways to part a graph of alike tickets into topics, from few to many, and which to take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.topics.grouping.knn_graph import (
    FloatArray,
    IntArray,
    KnnGraph,
    Progress,
    build_graph,
    unit,
)

# From a few topics to more than anybody reads; each step is a sixth more.
RESOLUTIONS = np.geomspace(0.2, 150, 46)
# Single partitions are partly chance: a parabola through so many neighbours evens it out, and
# unlike a mean leaves a peak where it is (Savitzky and Golay 1964).
SMOOTHED, PARABOLA = 21, 2
# All that is so much worse than the best is as bad: parabolas that reach for worse overshoot.
WORST = 0.5

# Each partition is scored so often, from another order of the tickets each time.
TRIES = 2
# Scores are of so many tickets at most, evenly spread; and of so many topics: more nobody reads.
MAX_SCORED, MAX_TOPICS = 5_000, 2_000

# The result is what so many partitions agree on, at the resolution that was chosen and at those
# next to it: a few more tickets then change little.
RUNS = 8
# Of so many distinct tickets on each partition is tried once, and fewer have to agree.
LARGE, RUNS_WHERE_LARGE = 5_000, 3

# What people call a topic: how near its tickets usually are to it, as the cosine to the mean of the
# others, and how much it counts where they are not. Tuned on five sets and on parts of them with
# the default model (benchmarks/README.md, `topics`, also on what it does to sets it has not seen).
USUAL_FIT, WEIGHT = 0.68, 3.0

# What a partition gains that is the one before, and one that has nothing of it does not. Scores of
# neighbouring resolutions differ by a tenth of it: between equals the one that people know wins.
KEEPING = 0.05

FINEST = 1e9
BISECTIONS = 30

# Below it tickets are no more in topics than random ones are.
# Kaufman and Rousseeuw, "Finding Groups in Data" (1990), call less than 0.25 no structure; that is
# of plain silhouettes.
MIN_SILHOUETTE = 0.1

# Nothing, in float32.
MIN_LENGTH = 1e-6


def select_partition(
    graph: KnnGraph, before: IntArray, *, seed: int, on_progress: Progress
) -> IntArray:
    """Return the topic of each distinct ticket, `(distinct,)`, of as many topics as there seem.

    `before`, `(distinct,)`, are the topics they had, -1 for none: of partitions that are as
    plausible the one most like them is taken. Where even the coarsest partition has more topics
    than anybody reads, they are parted as tickets are.
    """
    coarsest = partition(graph.weights, float(RESOLUTIONS[0]), seed=seed)
    if MAX_TOPICS <= coarsest.max() < len(coarsest) - 1:
        parts = build_graph(unit(sums(graph.vectors, coarsest)), lambda *_: None)
        none = np.full(len(parts.vectors), -1)
        return select_partition(parts, none, seed=seed, on_progress=on_progress)[parts.owners][
            coarsest
        ]
    is_large = len(graph.vectors) >= LARGE
    tries, runs = (1, RUNS_WHERE_LARGE) if is_large else (TRIES, RUNS)
    steps = len(RESOLUTIONS) * tries + 3 * runs
    scored: list[tuple[float, float, float]] = []
    for number, resolution in enumerate(RESOLUTIONS.tolist()):
        some = [partition(graph.weights, resolution, seed=seed + one) for one in range(tries)]
        on_progress((number + 1) * tries, steps)
        if some[0].max() + 1 > min(len(graph.vectors) / 2, MAX_TOPICS):
            break
        if some[0].max() > 0:
            mean = float(np.mean([silhouette(graph.vectors, labels) for labels in some]))
            kept = float(np.mean([_kept(before, labels) for labels in some]))
            scored.append((resolution, mean, kept))
    if not scored:
        return np.zeros(len(graph.vectors), dtype=np.int64)
    scores = _smooth([score for _, score, _ in scored])
    best = int(np.argmax(scores + KEEPING * np.array([kept for *_, kept in scored])))
    near = [resolution for resolution, *_ in scored[max(best - 1, 0) : best + 2]]
    agreed = _consensus(
        graph.weights,
        near,
        runs,
        seed=seed,
        on_progress=lambda done: on_progress(len(RESOLUTIONS) * tries + done, steps),
    )
    labels = partition(agreed, scored[best][0], seed=seed)
    if silhouettes(graph.vectors, labels).mean() < MIN_SILHOUETTE:
        return np.zeros(len(graph.vectors), dtype=np.int64)
    return labels


def _consensus(
    weights: Any,
    resolutions: list[float],
    runs: int,
    *,
    seed: int,
    on_progress: Callable[[int], None],
) -> Any:
    """Return the graph with each weight times the share of partitions that keep its ends together.

    Lancichinetti and Fortunato, "Consensus clustering in complex networks" (2012).
    """
    from scipy import sparse

    joined = weights.tocoo()
    together = np.zeros(len(joined.data))
    wanted = [(one, seed + TRIES + run) for one in resolutions for run in range(runs)]
    for number, (resolution, run) in enumerate(wanted):
        labels = partition(weights, resolution, seed=run)
        together += labels[joined.row] == labels[joined.col]
        on_progress(number + 1)
    agreed = sparse.csr_matrix(
        (joined.data * together / len(wanted), (joined.row, joined.col)), shape=weights.shape
    )
    agreed.eliminate_zeros()
    return agreed


def silhouette(vectors: FloatArray, labels: IntArray) -> float:
    """Return how much these topics are like those that people make, at most 1.

    That is: they stand apart (the mean silhouette), and their tickets are as alike as those of a
    topic usually are. The silhouette alone parts what is said in several ways, and joins what
    differs a little.
    """
    apart, fit = _apart_and_fit(vectors, labels)
    return float(apart.mean() - WEIGHT * (fit.mean() - USUAL_FIT) ** 2)


def _kept(before: IntArray, labels: IntArray) -> float:
    """Return how much of the topics there were is still there: the adjusted Rand index, at most 1.

    What chance would keep is 0; where there was no topic it does not matter.
    """
    from sklearn.metrics import adjusted_rand_score

    known = before >= 0
    return float(adjusted_rand_score(before[known], labels[known])) if known.any() else 0.0


def _smooth(scores: list[float]) -> NDArray[np.float64]:
    from scipy.signal import savgol_filter

    cut = np.maximum(scores, max(scores) - WORST)
    width = min(SMOOTHED, len(cut) - (len(cut) + 1) % 2)  # odd
    return cut if width <= PARABOLA else savgol_filter(cut, width, PARABOLA, mode="nearest")


def choose_of(graph: KnnGraph, count: int, *, seed: int) -> IntArray:
    """Return the topic of each distinct ticket, of `count` topics; of fewer tickets each is one."""
    if count >= len(graph.vectors):
        return np.arange(len(graph.vectors))
    low, high = np.log(1e-3), np.log(FINEST)
    labels = np.arange(len(graph.vectors))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        found = partition(graph.weights, float(np.exp(middle)), seed=seed)
        if found.max() + 1 < count:
            low = middle
            continue
        high = middle
        if found.max() <= labels.max():
            labels = found
        if found.max() + 1 == count:
            break
    return merge(graph.vectors, labels, count)


def partition(weights: Any, resolution: float, *, seed: int) -> IntArray:
    """Return the communities at a resolution of modularity: the higher, the more.

    Blondel, Guillaume, Lambiotte and Lefebvre (2008). https://arxiv.org/abs/0803.0476
    Leiden, its successor, is no better here, and scikit-network's cannot be repeated.
    """
    from sknetwork.clustering import Louvain

    if not weights.nnz:
        return np.arange(weights.shape[0])
    louvain = Louvain(
        resolution=resolution,
        shuffle_nodes=True,
        random_state=seed,
        # Nobody asks for them, and they take as long as the communities themselves.
        return_probs=False,
        return_aggregate=False,
    )
    labels = louvain.fit_predict(weights)
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def merge(vectors: FloatArray, labels: IntArray, count: int) -> IntArray:
    """Return the labels after the most alike topics were joined until there are `count`."""
    from sklearn.cluster import AgglomerativeClustering

    if labels.max() + 1 <= count:
        return labels
    tree = AgglomerativeClustering(count).fit(unit(sums(vectors, labels)))
    return np.asarray(tree.labels_, dtype=np.int64)[labels]


def sums(vectors: FloatArray, labels: IntArray, topics: int | None = None) -> FloatArray:
    """Return the sum of each topic's vectors, `(topics, d)`; -1 is no topic."""
    from scipy import sparse

    inside = np.flatnonzero(labels >= 0)
    count = int(labels.max(initial=-1)) + 1 if topics is None else topics
    ones = np.ones(len(inside), dtype=np.float32)
    member = sparse.csr_matrix((ones, (labels[inside], inside)), shape=(count, len(labels)))
    return np.asarray(member @ vectors, dtype=np.float32)


def silhouettes(vectors: FloatArray, labels: IntArray) -> NDArray[np.float64]:
    """Return simplified silhouettes: how much nearer each ticket's topic is than the next, -1 to 1.

    Hruschka, de Castro and Campello (2004), with cosines, and the ticket itself left out of its
    topic's mean; 0 where it is alone in it. Of more than `MAX_SCORED` tickets only of some.
    """
    return _apart_and_fit(vectors, labels)[0]


def fits(vectors: FloatArray, labels: IntArray) -> NDArray[np.float64]:
    """Return each ticket's cosine to the mean of the others of its topic; 0 where it is alone."""
    total = sums(vectors, labels)
    own = np.einsum("nd,nd->n", vectors, total[labels])
    return without_itself(own, vectors, np.linalg.norm(total, axis=1)[labels])


def _apart_and_fit(
    vectors: FloatArray, labels: IntArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    total = sums(vectors, labels)
    lengths = np.linalg.norm(total, axis=1)
    some = slice(None, None, -(-len(labels) // MAX_SCORED))
    rows, of = vectors[some], labels[some]
    cosines = rows @ (total / np.maximum(lengths, MIN_LENGTH)[:, None]).T
    at = np.arange(len(of))
    fit = without_itself(cosines[at, of] * lengths[of], rows, lengths[of])
    cosines[at, of] = -1
    alone = np.bincount(labels)[of] == 1
    return np.where(alone, 0, apart(fit, cosines.max(axis=1))), fit


def apart(own: NDArray[Any], other: NDArray[Any]) -> Any:
    """Return simplified silhouettes of tickets by their cosines to their topic and the next."""
    return (own - other) / np.maximum(np.maximum(1 - own, 1 - other), MIN_LENGTH)


def without_itself(
    products: NDArray[Any], rows: FloatArray, lengths: NDArray[Any]
) -> NDArray[np.float64]:
    """Return the cosines of rows to sums that they are part of, once they are not.

    `products` are theirs with the sums, and `lengths` those of the sums.
    """
    squares = np.einsum("nd,nd->n", rows, rows).astype(np.float64)
    rest = lengths.astype(np.float64) ** 2 - 2 * products + squares
    # What is left of float32 numbers after all were taken away is nothing.
    is_left = rest > MIN_LENGTH * np.maximum(lengths, 1) ** 2
    return np.where(is_left, (products - squares) / np.sqrt(np.where(is_left, rest, 1)), 0)
