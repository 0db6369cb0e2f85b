"""Topics that people split stay split, even after several splits."""

from __future__ import annotations

import numpy as np

from services.topics.grouping.knn_graph import unit
from services.topics.grouping.tracking import KnownTopic, track_topics

# Tickets per topic.
SIZE = 5


def test_all_parts_of_a_repeatedly_split_topic_are_kept() -> None:
    """Parts of parts are kept too, for any order of the known topics."""
    random = np.random.default_rng(7)
    parents = {1: None, 2: 1, 3: 1, 4: 2, 5: 4}
    means = unit(random.normal(size=(len(parents), 8)))
    noise = random.normal(size=(len(parents) * SIZE, 8))
    vectors = unit(np.repeat(means, SIZE, axis=0) + 0.6 * noise).astype(np.float32)
    ids = list(range(len(vectors)))
    known = [
        KnownTopic(
            topic,
            frozenset(ids[at * SIZE : (at + 1) * SIZE]),
            means[at].astype(np.float32),
            parent,
        )
        for at, (topic, parent) in enumerate(parents.items())
    ]
    new_id = len(ids)
    all_vectors = np.vstack([vectors, means[:1]]).astype(np.float32)
    for order in (known, known[::-1]):
        labels = np.zeros(new_id + 1, dtype=np.int64)
        found = track_topics([*ids, new_id], all_vectors, labels, order, {})
        of = [found.topics[label].topic_id for label in found.labels]
        assert of == [topic for topic in parents for _ in range(SIZE)] + [1]
        assert found.gone == []


def test_topics_that_were_split_from_each_other_are_tracked() -> None:
    """Merging a topic into a part of its part makes the parents a cycle."""
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 1, 1]]
    known = [
        KnownTopic(1, frozenset({0, 1}), vectors[0], 2),
        KnownTopic(2, frozenset({2, 3}), vectors[2], 1),
    ]
    found = track_topics([0, 1, 2, 3], vectors, np.zeros(4, dtype=np.int64), known, {})
    assert {found.topics[label].topic_id for label in found.labels} == {1, 2}
