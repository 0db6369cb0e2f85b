"""What is measured of topics: their means, how well their tickets fit, and which show them best.

The quality of a topic: of what its tickets are joined to in the graph of alike tickets, how much is
in it. Low where tickets that belong to it are elsewhere.

Its purity: the share of its tickets that stand clearly apart from the next topic, by a simplified
silhouette of `CLEARLY` or more (`partitions.silhouettes`). Low where it holds what is of others, or
of no topic at all. It follows what people say: benchmarks/README.md, `topics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.topics.grouping.clustering import Clustering
from services.topics.grouping.knn_graph import FloatArray, IntArray, Progress, unit
from services.topics.grouping.partitions import apart, sums, without_itself
from services.topics.naming.titles import representatives

# Tickets that are compared with all topics at once. Less does not keep the processors busy, which
# with few rows spend most of the time on waiting for each other.
BLOCK = 4_096

# Silhouettes below it show no structure to speak of: Kaufman and Rousseeuw, "Finding Groups in
# Data" (1990), section 2.2.
CLEARLY = 0.25


@dataclass(frozen=True)
class Measured:
    """Of each topic its mean, `(topics, d)`, shares, theme; of each ticket its cosine to the mean.

    `ranks` are the places of the tickets that show their topics best, 0 the exemplar.
    """

    centroids: FloatArray
    quality: NDArray[np.float64]
    purity: NDArray[np.float64]
    themes: list[int]
    fits: FloatArray
    ranks: dict[int, int]


def measure(
    vectors: FloatArray, labels: IntArray, topics: int, grouped: Clustering, on_progress: Progress
) -> Measured:
    """Measure `topics` topics of tickets with unit-length `vectors`, `(n, d)`.

    `labels`, `(n,)`, are the topics of the tickets, -1 none, and `grouped` what they were clustered
    as. `on_progress` hears (done, tickets).
    """
    inside = np.flatnonzero(labels >= 0)
    own = labels[inside]
    total = sums(vectors, labels, topics)
    means, sizes = unit(total), np.bincount(own, minlength=topics)
    fits, is_clear = _nearness(vectors, labels, total, on_progress)
    return Measured(
        centroids=means,
        quality=_quality(labels, topics, grouped),
        # One that is alone in its topic is all that the topic is about.
        purity=_share(np.bincount(own, is_clear[inside] | (sizes[own] == 1), topics), sizes),
        themes=_themes(labels, topics, grouped),
        fits=fits,
        ranks=_ranks(vectors, labels, means),
    )


def _nearness(
    vectors: FloatArray, labels: IntArray, total: FloatArray, on_progress: Progress
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return each ticket's cosine to its topic's mean (0: it has none), and if it is clearly there.

    `total` are the sums of the topics' tickets, `(topics, d)`.
    """
    fits = np.zeros(len(labels), dtype=np.float32)
    is_clear = np.zeros(len(labels), dtype=np.bool_)
    means, lengths = unit(total), np.linalg.norm(total, axis=1)
    for start in range(0, len(labels) if len(means) else 0, BLOCK):
        block = slice(start, start + BLOCK)
        own, rows = labels[block], vectors[block]
        near, at = rows @ means.T, np.arange(len(own))
        to_own = near[at, own]
        fits[block] = np.where(own >= 0, to_own, 0)
        near[at, own] = -1
        near[:, lengths == 0] = -1  # nothing is near to a topic without tickets
        # Without the ticket itself, or every one of a small topic would be near to its mean.
        to_others = without_itself(to_own * lengths[own], rows, lengths[own])
        is_clear[block] = apart(to_others, near.max(axis=1)) >= CLEARLY
        on_progress(min(start + BLOCK, len(labels)), len(labels))
    return fits, is_clear


def _quality(labels: IntArray, topics: int, grouped: Clustering) -> NDArray[np.float64]:
    known = np.flatnonzero((labels >= 0) & (grouped.nearest >= 0))
    own = labels[known]
    whole = np.bincount(own, grouped.quality[grouped.nearest[known]], topics)
    return _share(whole, np.bincount(own, minlength=topics))


def _share(counts: NDArray[Any], sizes: IntArray) -> NDArray[np.float64]:
    """Return counts by sizes; 1 where there is nothing."""
    return np.where(sizes > 0, counts / np.maximum(sizes, 1), 1.0)


def _themes(labels: IntArray, topics: int, grouped: Clustering) -> list[int]:
    """Return the theme that most tickets of each topic have; of a topic without any its own."""
    known = np.flatnonzero((labels >= 0) & (grouped.nearest >= 0))
    of_ticket = grouped.themes[grouped.nearest[known]]
    pairs, counts = np.unique(
        np.stack([labels[known], of_ticket]), axis=1, return_counts=True
    )  # fmt: skip
    # Beyond those that there are, so that it is nobody else's.
    themes = len(grouped.themes) + np.arange(topics)
    # The last one said of a topic stays: the one of most tickets, of several the lowest.
    order = np.lexsort((-pairs[1], counts, pairs[0]))
    themes[pairs[0, order]] = pairs[1, order]
    return [int(one) for one in themes]


def _ranks(vectors: FloatArray, labels: IntArray, means: FloatArray) -> dict[int, int]:
    return {
        place: at
        for shown in representatives(vectors, labels, means)
        if shown is not None
        for at, place in enumerate((shown.exemplar, *shown.others))
    }
