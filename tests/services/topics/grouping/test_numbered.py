"""Tickets that differ only by a number are of one topic."""

from __future__ import annotations

import numpy as np

from services.topics.grouping.numbered import join_numbered


def test_they_are_in_the_topic_of_most_of_them() -> None:
    """Also those that a run left in no topic; other tickets stay where they are."""
    texts = ["Order 4711 is late", "order 12 is late", "Order 9 is late", "Order 9 is early"]
    assert join_numbered(texts, np.array([3, 3, -1, -1])).tolist() == [3, 3, 3, -1]


def test_they_become_a_topic_where_they_are_in_none() -> None:
    """With a number of its own, beside the others."""
    texts = ["Order 4711 is late", "Order 12 is late", "Something else"]
    assert join_numbered(texts, np.array([-1, -1, 0])).tolist() == [1, 1, 0]


def test_short_codes_and_equal_tickets_are_left_alone() -> None:
    """A code is no sentence, and a ticket that is sent again is another matter."""
    texts = ["R2 100", "R2 200", "Order 5 is late", "Order 5 is late"]
    assert join_numbered(texts, np.array([-1, 0, -1, -1])).tolist() == [-1, 0, -1, -1]
