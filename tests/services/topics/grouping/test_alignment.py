"""Topics from run to run: what stays the same keeps its place, and what changed is told."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.topics.grouping.alignment import AlignedTopic, TopicCluster, align_topics

DIM = 8


def topic(items: Iterable[int], direction: int = 0) -> TopicCluster:
    """Return a topic of these tickets."""
    centroid = np.zeros(DIM, dtype=np.float32)
    centroid[direction % DIM] = 1.0
    return TopicCluster(frozenset(items), centroid)


PRINTERS, VPN, MAIL = topic(range(20), 0), topic(range(20, 40), 1), topic(range(40, 60), 2)


def test_the_same_topics_in_another_order_are_the_same() -> None:
    """Each new one is found among the old ones."""
    found = align_topics([PRINTERS, VPN, MAIL], [MAIL, PRINTERS, VPN])
    assert found.topics == tuple(AlignedTopic(place, "same") for place in (2, 0, 1))
    assert found.gone == ()


def test_topics_are_born_grow_shrink_and_go() -> None:
    """By the tickets that both runs know, and by their sizes."""
    grown = topic([*range(30, 40), *range(400, 500)], 1)
    shrunk = topic(range(8), 0)
    old_vpn = topic(range(30, 40), 1)
    born = topic(range(300, 320), 5)
    found = align_topics([PRINTERS, old_vpn, MAIL], [born, grown, shrunk])
    assert found.topics == (
        AlignedTopic(None, "born"),
        AlignedTopic(1, "grown"),
        AlignedTopic(0, "shrunk"),
    )
    assert found.gone == (2,)


def test_a_topic_that_splits_goes_on_as_its_larger_part() -> None:
    """Both parts say of what they are parts."""
    large, small = topic(range(12), 0), topic(range(12, 20), 3)
    found = align_topics([PRINTERS, VPN], [small, large, VPN])
    assert found.topics == (
        AlignedTopic(None, "split", (0,)), AlignedTopic(0, "split", (0,)), AlignedTopic(1, "same"),
    )  # fmt: skip


def test_topics_that_merge_go_on_as_one_of_them() -> None:
    """The other is gone, and the new one names both."""
    both = TopicCluster(PRINTERS.items | topic(range(20, 30)).items, PRINTERS.centroid)
    found = align_topics([PRINTERS, topic(range(20, 30), 1)], [both])
    assert found.topics == (AlignedTopic(0, "merged", (0, 1)),)
    assert found.gone == (1,)


def test_without_tickets_in_common_the_direction_counts() -> None:
    """A window that has moved on: the same theme in other tickets."""
    found = align_topics([PRINTERS, VPN], [topic(range(100, 120), 1), topic(range(120, 140), 6)])
    assert found.topics == (AlignedTopic(1, "same"), AlignedTopic(None, "born"))
    assert found.gone == (0,)


def test_who_looked_at_topics_otherwise_takes_none_away() -> None:
    """A wide topic has their tickets now; each is found by its direction all the same."""
    emptied = [topic([], 0), topic([], 1)]
    wide = TopicCluster(PRINTERS.items | VPN.items, np.full(DIM, DIM**-0.5, dtype=np.float32))
    found = align_topics([*emptied, wide], [PRINTERS, VPN])
    assert [one.previous for one in found.topics] == [0, 1]
    assert found.gone == (2,)


def test_nothing_before_and_nothing_after() -> None:
    """A first run, and one of an empty backlog."""
    assert align_topics([], [VPN]).topics == (AlignedTopic(None, "born"),)
    assert align_topics([VPN], []).gone == (0,)
    assert align_topics([], []).topics == ()


@given(
    st.lists(st.integers(0, 5), max_size=60), st.lists(st.integers(0, 5), max_size=60),
    st.integers(0, 99),
)  # fmt: skip
def test_no_old_topic_is_two_new_ones(old: list[int], new: list[int], seed: int) -> None:
    """Every topic is accounted for once, and the order of a run changes nothing."""

    def run(labels: list[int]) -> list[TopicCluster]:
        return [
            topic((item for item, one in enumerate(labels) if one == label), label)
            for label in sorted(set(labels))
        ]

    before, after = run(old), run(new)
    found = align_topics(before, after)
    kept = [one.previous for one in found.topics if one.previous is not None]
    assert sorted([*kept, *found.gone]) == list(range(len(before)))
    order = list(range(len(after)))
    random.Random(seed).shuffle(order)
    again = align_topics(before, [after[place] for place in order])
    assert len(again.gone) == len(found.gone)
