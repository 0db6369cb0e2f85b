"""Ways to part a graph of alike tickets into topics, from few to many, and which to take."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]
from scipy.signal import savgol_filter  # type: ignore[import-untyped]

from services.alike_graph import AlikeGraph, FloatArray, IntArray, Tell, unit

# From a few topics to more than anybody reads; each step is a sixth more.
RESOLUTIONS = np.geomspace(0.2, 150, 46)
# Single partitions are partly chance: a parabola through so many neighbours evens it out, and
# unlike a mean leaves a peak where it is (Savitzky and Golay 1964).
SMOOTHED, PARABOLA = 21, 2

# What people call a topic: how near its tickets usually are to it, as the cosine to the mean of the
# others, and how much it counts where they are not. Tuned on five sets and on parts of them
# (benchmarks/README.md, `topics`); anything near does as well.
USUAL_FIT, WEIGHT = 0.67, 3.0

FINEST = 1e9
BISECTIONS = 30

# Below it tickets are no more in topics than random ones are.
# Kaufman and Rousseeuw, "Finding Groups in Data" (1990), call less than 0.25 no structure; that is
# of plain silhouettes.
LEAST_SILHOUETTE = 0.1

# What is left of a sum of float32 vectors after all were taken away.
SHORTEST = 1e-6


def choose(graph: AlikeGraph, *, seed: int, tell: Tell) -> IntArray:
    """Return the topic of each distinct ticket, `(distinct,)`, of as many topics as there seem."""
    found, scores = [], []
    for number, resolution in enumerate(RESOLUTIONS):
        labels = part(graph.weights, float(resolution), seed=seed)
        tell(number + 1, len(RESOLUTIONS))
        if labels.max() + 1 > len(labels) / 2:
            break
        if labels.max() > 0:
            found.append(labels)
            scores.append(plausibility(graph.vectors, labels))
    if not found:
        return np.zeros(len(graph.vectors), dtype=np.int64)
    best = found[int(np.argmax(_smooth(scores)))]
    if silhouettes(graph.vectors, best).mean() < LEAST_SILHOUETTE:
        return np.zeros(len(graph.vectors), dtype=np.int64)
    return best


def plausibility(vectors: FloatArray, labels: IntArray) -> float:
    """Return how much these topics are like those that people make, at most 1.

    That is: they stand apart (the mean silhouette), and their tickets are as alike as those of a
    topic usually are. The silhouette alone parts what is said in several ways, and joins what
    differs a little.
    """
    apart = silhouettes(vectors, labels).mean()
    return float(apart - WEIGHT * (fits(vectors, labels).mean() - USUAL_FIT) ** 2)


def _smooth(scores: list[float]) -> NDArray[np.float64]:
    width = min(SMOOTHED, len(scores) - (len(scores) + 1) % 2)  # odd
    if width <= PARABOLA:
        return np.array(scores)
    return np.asarray(savgol_filter(scores, width, PARABOLA, mode="nearest"))


def choose_of(graph: AlikeGraph, count: int, *, seed: int) -> IntArray:
    """Return the topic of each distinct ticket, of `count` topics; of fewer tickets each is one."""
    if count >= len(graph.vectors):
        return np.arange(len(graph.vectors))
    low, high = np.log(1e-3), np.log(FINEST)
    labels = np.arange(len(graph.vectors))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        found = part(graph.weights, float(np.exp(middle)), seed=seed)
        if found.max() + 1 < count:
            low = middle
            continue
        high = middle
        if found.max() <= labels.max():
            labels = found
        if found.max() + 1 == count:
            break
    return merge(graph.vectors, labels, count)


def part(weights: Any, resolution: float, *, seed: int) -> IntArray:
    """Return the communities at a resolution of modularity: the higher, the more.

    Blondel, Guillaume, Lambiotte and Lefebvre (2008). https://arxiv.org/abs/0803.0476
    Leiden, its successor, is no better here, and scikit-network's cannot be repeated.
    """
    from sknetwork.clustering import Louvain

    if not weights.nnz:
        return np.arange(weights.shape[0])
    labels = Louvain(resolution=resolution, shuffle_nodes=True, random_state=seed).fit_predict(
        weights
    )
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def merge(vectors: FloatArray, labels: IntArray, count: int) -> IntArray:
    """Return the labels after the most alike topics were joined until there are `count`."""
    from sklearn.cluster import AgglomerativeClustering  # type: ignore[import-untyped]

    if labels.max() + 1 <= count:
        return labels
    tree = AgglomerativeClustering(count).fit(unit(sums(vectors, labels)))
    return np.asarray(tree.labels_, dtype=np.int64)[labels]


def sums(vectors: FloatArray, labels: IntArray) -> NDArray[np.float64]:
    """Return the sum of each topic's vectors, `(topics, d)`."""
    ones = np.ones(len(labels))
    member = sparse.csr_matrix((ones, (labels, np.arange(len(labels)))))
    return np.asarray(member @ vectors.astype(np.float64))


def fits(vectors: FloatArray, labels: IntArray) -> NDArray[np.float64]:
    """Return each ticket's cosine to the mean of the others of its topic; 0 where it is alone."""
    others = sums(vectors, labels)[labels] - vectors
    lengths = np.linalg.norm(others, axis=1)
    return np.asarray((others * vectors).sum(axis=1) / np.where(lengths > SHORTEST, lengths, 1))


def silhouettes(vectors: FloatArray, labels: IntArray) -> NDArray[np.float64]:
    """Return simplified silhouettes: how much nearer each ticket's topic is than the next, -1 to 1.

    Hruschka, de Castro and Campello (2004), with cosines, and the ticket itself left out of its
    topic's mean; 0 where it is alone in it.
    """
    means = unit(sums(vectors, labels))
    own = 1 - fits(vectors, labels)
    other = np.empty(len(labels))
    for start in range(0, len(labels), 4096):
        block = vectors[start : start + 4096] @ means.T
        block[np.arange(len(block)), labels[start : start + 4096]] = -1
        other[start : start + 4096] = 1 - block.max(axis=1)
    alone = np.bincount(labels)[labels] == 1
    widest = np.maximum(np.maximum(own, other), 1e-9)
    return np.asarray(np.where(alone, 0, (other - own) / widest))
