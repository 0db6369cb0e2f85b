"""Measures topics: their centroids, how well their tickets fit, and their representatives.

The quality of a topic is the share of its tickets' edges in the k-NN graph that stay in the topic.
It is low where tickets that belong to the topic are elsewhere.

The purity of a topic is the share of its tickets that are clearly nearer to it than to the next
one, with a simplified silhouette (`partitions.silhouettes`) of `MIN_CLEAR` or more. It is low where
the topic holds tickets of others, or of none. It follows people's labels: benchmarks/README.md,
`topics`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.progress import Progress
from services.topics.grouping.clustering import Clustering
from services.topics.grouping.knn_graph import FloatArray, IntArray, unit
from services.topics.grouping.partitions import (
    leave_one_out_cosines,
    simplified_silhouette,
    topic_sums,
)
from services.topics.naming.representatives import representatives

# Tickets that are compared with all topics at once. With fewer rows the processors mostly wait for
# each other.
BLOCK = 4_096

# Lower silhouettes show no structure to speak of: Kaufman and Rousseeuw, "Finding Groups in Data"
# (1990), section 2.2.
MIN_CLEAR = 0.25


@dataclass(frozen=True)
class TopicMeasures:
    """What is measured of topics and tickets.

    Of each topic: its centroid, `(topics, d)`, the shares `quality` and `purity`, `(topics,)`, and
    its theme. Of each ticket its cosine to the centroid, `fits`, `(n,)`. `ranks` are the ranks of
    the representatives by position, 0 for the exemplar.
    """

    centroids: FloatArray
    quality: NDArray[np.float64]
    purity: NDArray[np.float64]
    themes: list[int]
    fits: FloatArray
    ranks: dict[int, int]


def measure_topics(
    vectors: FloatArray, labels: IntArray, topics: int, clusters: Clustering, on_progress: Progress
) -> TopicMeasures:
    """Measure `topics` topics of the tickets with these unit-length `vectors`, `(n, d)`.

    `labels`, `(n,)`, are the topics of the tickets, -1 for none, and `clusters` what they were
    clustered as. `on_progress` is called with (done, tickets).
    """
    inside = np.flatnonzero(labels >= 0)
    own = labels[inside]
    total = topic_sums(vectors, labels, topics)
    centroids, sizes = unit(total), np.bincount(own, minlength=topics)
    fits, is_clear = _fits(vectors, labels, total, on_progress)
    return TopicMeasures(
        centroids=centroids,
        quality=_quality(labels, topics, clusters),
        # A ticket alone in its topic is all that the topic is about.
        purity=_share(np.bincount(own, is_clear[inside] | (sizes[own] == 1), topics), sizes),
        themes=_themes(labels, topics, clusters),
        fits=fits,
        ranks=representative_ranks(vectors, labels, centroids),
    )


def _fits(
    vectors: FloatArray, labels: IntArray, total: FloatArray, on_progress: Progress
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return each ticket's cosine to its topic, 0 without one, and whether it is clearly there.

    `total` are the sums of the topics' vectors, `(topics, d)`.
    """
    fits = np.zeros(len(labels), dtype=np.float32)
    is_clear = np.zeros(len(labels), dtype=np.bool_)
    means, norms = unit(total), np.linalg.norm(total, axis=1)
    for start in range(0, len(labels) if len(means) else 0, BLOCK):
        block = slice(start, start + BLOCK)
        own, rows = labels[block], vectors[block]
        cosines, at = rows @ means.T, np.arange(len(own))
        to_own = cosines[at, own]
        fits[block] = np.where(own >= 0, to_own, 0)
        cosines[at, own] = -1
        cosines[:, norms == 0] = -1  # nothing is near to a topic without tickets
        # Without the ticket itself: every ticket of a small topic is near to its mean.
        to_others = leave_one_out_cosines(to_own * norms[own], rows, norms[own])
        silhouette = simplified_silhouette(to_others, cosines.max(axis=1))
        is_clear[block] = silhouette >= MIN_CLEAR
        on_progress(min(start + BLOCK, len(labels)), len(labels))
    return fits, is_clear


def _quality(labels: IntArray, topics: int, clusters: Clustering) -> NDArray[np.float64]:
    """Return the mean quality of the clusters that a topic's tickets are in."""
    known = np.flatnonzero((labels >= 0) & (clusters.nearest >= 0))
    own = labels[known]
    whole = np.bincount(own, clusters.quality[clusters.nearest[known]], topics)
    return _share(whole, np.bincount(own, minlength=topics))


def _share(counts: NDArray[Any], sizes: IntArray) -> NDArray[np.float64]:
    """Return counts divided by sizes, 1 where the size is 0."""
    return np.where(sizes > 0, counts / np.maximum(sizes, 1), 1.0)


def _themes(labels: IntArray, topics: int, clusters: Clustering) -> list[int]:
    """Return the theme that most tickets of each topic have, or a new one without any."""
    known = np.flatnonzero((labels >= 0) & (clusters.nearest >= 0))
    of_ticket = clusters.themes[clusters.nearest[known]]
    pairs, counts = np.unique(
        np.stack([labels[known], of_ticket]), axis=1, return_counts=True
    )  # fmt: skip
    # Numbers that no other theme has.
    themes = len(clusters.themes) + np.arange(topics)
    # The last assignment to a topic stays: the theme of most tickets, of equal ones the lowest.
    order = np.lexsort((-pairs[1], counts, pairs[0]))
    themes[pairs[0, order]] = pairs[1, order]
    return [int(one) for one in themes]


def representative_ranks(
    vectors: FloatArray, labels: IntArray, centroids: FloatArray
) -> dict[int, int]:
    """Return the ranks of the topics' representatives by position, 0 for the exemplars.

    The arguments are those of `representatives`.
    """
    return {
        place: rank
        for shown in representatives(vectors, labels, centroids)
        if shown is not None
        for rank, place in enumerate((shown.exemplar, *shown.others))
    }
