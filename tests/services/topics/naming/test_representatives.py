"""The tickets that represent a topic are typical of it and differ from each other."""

from __future__ import annotations

import numpy as np

from services.topics.grouping.knn_graph import unit
from services.topics.naming.representatives import representatives


def test_an_exemplar_is_typical_and_the_others_differ() -> None:
    """The exemplar is nearest to the mean; the others differ from it and from each other."""
    chance = np.random.default_rng(0)
    rows = unit(np.eye(1, 16, dtype=np.float32) + 0.1 * chance.normal(size=(20, 16)))
    rows = np.concatenate([rows, rows[:5]])
    centroid = unit(rows.mean(axis=0)[None])
    (shown,) = representatives(rows, np.zeros(25, dtype=np.int64), centroid)
    assert shown is not None
    assert shown.exemplar == int(np.argmax(rows @ centroid[0]))
    chosen = rows[[shown.exemplar, *shown.others]]
    assert len(shown.others) == 3
    assert (np.tril(chosen @ chosen.T, -1) < 0.999).all()


def test_a_small_topic_has_fewer_representatives() -> None:
    """One ticket, or the same one twice, is shown once; a topic without tickets has none."""
    row = np.eye(1, 4, dtype=np.float32)
    twice = np.concatenate([row, row])
    found = representatives(twice, np.zeros(2, dtype=np.int64), twice)
    assert found[0] is not None
    assert found[0].others == ()
    assert found[1] is None
