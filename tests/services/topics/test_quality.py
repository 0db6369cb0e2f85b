"""Measured figures of topics agree with their definitions, for any number of tickets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.topics.grouping.clustering import Clustering
from services.topics.grouping.knn_graph import FloatArray, IntArray, unit
from services.topics.quality import BLOCK, MIN_CLEAR, measure_topics

TOPICS, DIM = 5, 6


def is_clear(vectors: FloatArray, labels: NDArray[np.int64], place: int) -> bool:
    """Say whether a ticket is clearly nearer to the others of its topic than to another one."""
    own = labels[place]
    others = np.flatnonzero((labels == own) & (np.arange(len(labels)) != place))
    if not len(others):
        return True
    to_own = 1 - vectors[place] @ unit(vectors[others].sum(axis=0, keepdims=True))[0]
    to_next = 1 - max(
        vectors[place] @ unit(vectors[labels == topic].sum(axis=0, keepdims=True))[0]
        for topic in (0, 1, 2, 4)
        if topic != own
    )
    return bool((to_next - to_own) / max(to_next, to_own) >= MIN_CLEAR)


def test_figures_agree_with_their_definitions() -> None:
    """Means, fits, purity, quality and themes agree, also for more tickets than one block."""
    chance = np.random.default_rng(0)
    count = BLOCK + 50
    vectors = unit(chance.normal(size=(count, DIM)))
    nearest = chance.integers(-1, 4, size=count)
    # One topic into which people moved a single ticket, and one without any.
    labels = np.where(nearest == 3, -1, nearest)
    labels[7] = 4
    grouped = Clustering(
        labels=nearest,
        nearest=nearest,
        fits=np.zeros(count, dtype=np.float32),
        centroids=np.zeros((4, DIM), dtype=np.float32),
        themes=np.array([1, 1, 0, 0]),
        quality=np.array([0.1, 0.2, 0.3, 0.4], dtype=np.float32),
    )
    progress: list[tuple[int, int]] = []
    found = measure_topics(vectors, labels, TOPICS, grouped, lambda *done: progress.append(done))
    for topic in (0, 1, 2, 4):
        places = np.flatnonzero(labels == topic)
        mean = unit(vectors[places].mean(axis=0, keepdims=True))[0]
        assert np.allclose(found.centroids[topic], mean, atol=1e-5)
        assert np.allclose(found.fits[places], vectors[places] @ mean, atol=1e-5)
        assert np.isclose(
            found.purity[topic], np.mean([is_clear(vectors, labels, int(at)) for at in places])
        )
        assert labels[min(found.ranks, key=lambda at: (labels[at] != topic, found.ranks[at]))] == (
            topic
        )
    assert np.allclose(found.quality[:3], [0.1, 0.2, 0.3])
    assert found.themes[:3] == [1, 1, 0]
    assert found.themes[3] not in {0, 1}  # without a ticket: a theme of its own
    assert (found.purity[3], found.quality[3]) == (1, 1)
    assert not found.fits[labels < 0].any()
    assert progress == [(BLOCK, count), (count, count)]


def test_purity_is_low_for_mixed_topics() -> None:
    """Topics with misplaced tickets have a low purity, and clear ones a purity of 1."""
    chance = np.random.default_rng(1)
    subjects = np.repeat(np.arange(4), 25)
    vectors = unit(np.eye(4, 40)[subjects] + chance.normal(size=(100, 40)) / 12)
    assert _purity(vectors, subjects).min() == 1
    strays = np.where(chance.random(100) < 0.3, chance.integers(0, 4, size=100), subjects)
    assert (_purity(vectors, strays) < 0.9).all()


def _purity(vectors: FloatArray, labels: IntArray) -> NDArray[np.float64]:
    none, topics = np.full(len(labels), -1), int(labels.max()) + 1
    nothing = np.zeros(0, dtype=np.float32)
    grouped = Clustering(none, none, nothing, vectors[:0], none[:0], nothing)
    return measure_topics(vectors, labels, topics, grouped, lambda *_: None).purity


def test_no_topics_have_no_figures() -> None:
    """Without a ticket in a topic nothing is measured."""
    none = np.full(3, -1)
    nothing = np.zeros(0, dtype=np.float32)
    grouped = Clustering(
        none, none, np.zeros(3, np.float32), np.zeros((0, DIM), np.float32), none[:0], nothing
    )
    vectors = np.eye(3, DIM, dtype=np.float32)
    found = measure_topics(vectors, none, 0, grouped, lambda *_: None)
    assert found.themes == []
    assert found.ranks == {}
    assert found.fits.tolist() == [0, 0, 0]
