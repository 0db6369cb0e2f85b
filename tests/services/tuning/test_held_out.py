"""The held-out part: ranked by the nearest pieces, compared, with an interval."""

from __future__ import annotations

import numpy as np
import pytest

from services.tuning.held_out import compare, rank


def test_the_pool_is_ranked_by_the_nearest_two_pieces() -> None:
    """Items without vectors are left out."""
    vectors = {
        1: np.array([[1, 0], [0, 1]], dtype=np.float32),
        2: np.array([[0.6, 0.8]], dtype=np.float32),
        3: np.array([[-1, 0], [0, 1]], dtype=np.float32),
    }
    assert rank(vectors, [1, 2, 3, 4], [1, 4]) == {1: [1, 3, 2]}


def test_a_gain_needs_a_margin_and_an_interval_above_zero() -> None:
    """A gain in one group of many is chance; one in most groups is not."""
    groups = [{2 * n, 2 * n + 1} for n in range(20)]
    wrong = {query: [99, 98, *group] for group in groups for query in group}
    right = {query: sorted(group) for group in groups for query in group}
    same = compare(wrong, wrong, groups, 1)
    assert (same.gain, same.low, same.high) == (0, 0, 0)
    assert not same.is_better(0.0)
    chance = compare(wrong, wrong | {query: right[query] for query in (0, 1)}, groups, 1)
    assert chance.gain == pytest.approx(0.05 * (1 - (chance.before.map or 0)), abs=0.01)
    assert not chance.is_better(0.01)
    better = compare(wrong, right, groups, 1)
    assert better.after.map == 1
    assert (better.low, better.high) == pytest.approx((better.gain, better.gain))
    assert better.is_better(0.5)
    assert not better.is_better(0.9)
    assert (better.queries, better.groups) == (40, 20)
