"""The Louvain method finds the same communities as scikit-network, on graphs of any kind."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import sparse
from sknetwork.clustering import Louvain

from services.progress import no_progress
from services.topics.grouping.knn_graph import IntArray, KnnGraph, build_graph, favour_previous
from services.topics.grouping.louvain import ShuffledGraph


def _graph(tickets: int) -> KnnGraph:
    """Return the graph of random tickets, about six for each subject."""
    random = np.random.default_rng(tickets)
    subjects = random.normal(size=(tickets // 6 + 1, 32))
    rows = subjects[random.integers(len(subjects), size=tickets)]
    rows = rows + 1.5 * random.normal(size=rows.shape)
    return build_graph(
        (rows / np.linalg.norm(rows, axis=1)[:, None]).astype(np.float32), no_progress
    )


def _by_the_library(weights: sparse.csr_matrix, resolution: float, seed: int) -> IntArray:
    louvain = Louvain(resolution=resolution, shuffle_nodes=True, random_state=seed)
    return np.asarray(louvain.fit_predict(weights))


@pytest.mark.parametrize("tickets", [2, 3, 7, 30, 31, 120, 500])
def test_the_communities_are_those_of_scikit_network(tickets: int) -> None:
    """They have the same numbers, at every resolution and for any order of the tickets."""
    graph = _graph(tickets)
    previous = np.random.default_rng(0).integers(-1, 4, size=len(graph.vectors))
    for weights, seed in product((graph.weights, favour_previous(graph, previous).weights), (0, 5)):
        shuffled = ShuffledGraph.of(weights, seed=seed)
        for resolution in (1e-3, 0.2, 1.0, 3.0, 20.0, 150.0, 1e6):
            found = shuffled.communities(resolution)
            assert np.array_equal(found, _by_the_library(weights, resolution, seed))


def test_nodes_without_edges_are_communities_of_their_own() -> None:
    """They are in a graph without any edge, and beside connected nodes."""
    none = sparse.csr_matrix((4, 4))
    assert ShuffledGraph.of(none, seed=0).communities(1.0).tolist() == [0, 1, 2, 3]
    pair = sparse.csr_matrix(([1.0, 1.0], ([0, 2], [2, 0])), shape=(4, 4))
    found = ShuffledGraph.of(pair, seed=0).communities(1.0)
    assert found[0] == found[2] == 0
    assert len(set(found.tolist())) == 3
