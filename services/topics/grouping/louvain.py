"""The Louvain method: communities of a graph, at any resolution.

Topics are selected from a hundred partitions of one graph. scikit-network's `Louvain` prepares the
graph again for each, which takes most of the time where there are a few hundred tickets. Here the
graph is prepared once for each order of its nodes; the moves of the nodes are scikit-network's, and
the communities are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from services.topics.grouping.knn_graph import IntArray

if TYPE_CHECKING:
    from scipy import sparse

# Less increase of the modularity than this ends a round, and the search (scikit-network's default).
MIN_INCREASE = 1e-3


@dataclass(frozen=True)
class ShuffledGraph:
    """A graph with its nodes in a random order, in which the method visits them.

    `order`, `(n,)`: the node at each place. `edges`: the symmetric matrix of their weights, which
    sum to 1. `shares`, `(n,)`: each node's share of all weights.
    """

    order: IntArray
    edges: sparse.csr_matrix
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, weights: sparse.csr_matrix, *, seed: int) -> ShuffledGraph:
        """Shuffle a graph, given by its symmetric weights."""
        order = np.random.RandomState(seed).permutation(weights.shape[0])
        edges = weights[order][:, order].sorted_indices()
        degrees = np.asarray(edges.sum(axis=1)).ravel()
        total = edges.data.sum()
        return cls(order, edges / total if total else edges, degrees / (degrees.sum() or 1))

    def communities(self, resolution: float) -> IntArray:
        """Return the community of each node, `(n,)`; a higher resolution gives more of them.

        They are numbered from the largest down. Blondel, Guillaume, Lambiotte and Lefebvre (2008).
        https://arxiv.org/abs/0803.0476
        Its successor Leiden is no better here, and scikit-network's cannot be repeated.
        """
        from sknetwork.clustering import reindex_labels

        if not self.edges.nnz:
            return np.arange(len(self.order))
        found = np.empty(len(self.order), dtype=np.int64)
        found[self.order] = reindex_labels(_merged(self.edges, self.shares, resolution))
        return found


def _merged(edges: sparse.csr_matrix, shares: NDArray[np.float64], resolution: float) -> IntArray:
    """Merge nodes into communities, these into larger ones, and so on; return them for each node.

    The communities of one round are the nodes of the next.
    """
    communities = np.arange(len(shares))
    while True:
        moved, increase = _move(edges, shares, resolution)
        found, labels = np.unique(moved, return_inverse=True)
        communities = labels[communities]
        if len(found) == 1 or increase <= MIN_INCREASE:
            return communities
        edges = _joined(edges, labels)
        shares = np.bincount(labels, weights=shares).astype(np.float64)


def _move(
    edges: sparse.csr_matrix, shares: NDArray[np.float64], resolution: float
) -> tuple[IntArray, float]:
    """Move each node to the best community next to it until that gains nothing.

    Return the community of each node and the increase of the modularity.
    """
    from sknetwork.clustering.louvain_core import optimize_core

    single = shares.astype(np.float32)
    labels, increase = optimize_core(
        np.arange(len(shares), dtype=np.int64),
        edges.indices.astype(np.int64),
        edges.indptr.astype(np.int64),
        edges.data.astype(np.float32),
        single,
        single,
        single.copy(),
        single.copy(),
        np.zeros_like(single),
        edges.diagonal().astype(np.float32),
        resolution,
        MIN_INCREASE,
    )
    return np.asarray(labels), float(increase)


def _joined(edges: sparse.csr_matrix, labels: IntArray) -> Any:
    """Return the graph in which nodes of the same label are one."""
    from scipy import sparse

    count = len(labels)
    ones = np.ones(count, dtype=bool)
    member = sparse.csr_matrix(
        (ones, labels, np.arange(count + 1)), shape=(count, int(labels.max()) + 1)
    )
    return member.T.tocsr() @ (edges @ member)
