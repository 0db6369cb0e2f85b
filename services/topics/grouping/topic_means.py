"""The means of topics, and by them which topics are most alike: the first to ask people about.

No rule on vectors finds the number of topics that people want, but asking about the most alike
pairs does (benchmarks/README.md, `grain`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.topics.grouping.knn_graph import FloatArray, IntArray, unit

Floats = NDArray[np.float64]

# Mean similarity within a topic below which its tickets have no common centre to compare.
MIN_WITHIN = 1e-3


@dataclass(frozen=True)
class TopicMeans:
    """The mean vector of each topic's tickets, `(topics, d)`, and its tickets, `(topics,)`.

    The tickets' vectors have unit length, so the less alike they are, the shorter is their mean.
    """

    means: Floats
    sizes: IntArray

    @classmethod
    def of(cls, vectors: FloatArray, labels: IntArray) -> TopicMeans:
        """Return the means of the topics 0, 1, … of `labels`, `(n,)`."""
        sizes = np.bincount(labels)
        sums = np.zeros((len(sizes), vectors.shape[1]))
        np.add.at(sums, labels, vectors)
        return cls(sums / sizes[:, None], sizes)

    def merged(self, topic: int, other: int) -> TopicMeans:
        """Return the means after the tickets of `other` went to `topic`; `other` has none."""
        means, sizes = self.means.copy(), self.sizes.copy()
        pair = [topic, other]
        sizes[topic] = self.sizes[pair].sum()
        means[topic] = self.sizes[pair] @ self.means[pair] / sizes[topic]
        means[other], sizes[other] = 0, 0
        return TopicMeans(means, sizes)

    def alike(self) -> Floats:
        """Return how alike each two topics are, `(topics, topics)`; -1 where that is not known.

        That is the cosine of their centers corrected for noise: the mean cosine between their
        tickets over the root of both mean cosines within. Small topics are not known if they have
        fewer than two tickets.
        """
        counts = self.sizes.astype(np.float64)
        squares = np.einsum("td,td->t", self.means, self.means)
        # Without the cosine of each ticket to itself, which is 1.
        within = (counts * squares - 1) / np.maximum(counts - 1, 1)
        is_known = (counts > 1) & (within > MIN_WITHIN)
        root = np.sqrt(np.where(is_known, within, 1))
        alike = self.means @ self.means.T / np.outer(root, root)
        np.fill_diagonal(alike, -1)
        return np.where(np.outer(is_known, is_known), alike, -1)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs of topics, the most alike first; those not known are left out."""
        alike = np.triu(self.alike(), 1)
        rows, columns = np.nonzero(alike > 0)
        order = np.argsort(-alike[rows, columns], kind="stable")
        yield from zip(rows[order].tolist(), columns[order].tolist(), strict=True)


def means_of(centroids: FloatArray, fits: Floats, sizes: IntArray) -> TopicMeans:
    """Return the means from what is stored of topics.

    `centroids`, `(topics, d)`, have unit length, and `fits`, `(topics,)`, are the mean cosines of
    their tickets to them, which are the lengths of the means.
    """
    return TopicMeans(unit(centroids).astype(np.float64) * fits[:, None], sizes)
