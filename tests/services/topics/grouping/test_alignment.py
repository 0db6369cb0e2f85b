"""Topics of two runs are aligned: which are the same, and how they changed."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.topics.grouping.alignment import AlignedTopic, TopicCluster, align_topics

DIM = 8


def topic(items: Iterable[int], direction: int = 0) -> TopicCluster:
    """Return a topic with these tickets and a centroid in one direction."""
    centroid = np.zeros(DIM, dtype=np.float32)
    centroid[direction % DIM] = 1.0
    return TopicCluster(frozenset(items), centroid)


PRINTERS, VPN, MAIL = topic(range(20), 0), topic(range(20, 40), 1), topic(range(40, 60), 2)


def test_the_same_topics_are_found_in_any_order() -> None:
    """Each new topic is aligned with the old one that has its tickets."""
    found = align_topics([PRINTERS, VPN, MAIL], [MAIL, PRINTERS, VPN])
    assert found.topics == tuple(AlignedTopic(place, "same") for place in (2, 0, 1))
    assert found.gone == ()


def test_topics_are_born_grow_shrink_and_go() -> None:
    """The tickets that both runs have decide, and the sizes."""
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


def test_the_larger_part_of_a_split_topic_continues_it() -> None:
    """Both parts name the topic that was split."""
    large, small = topic(range(12), 0), topic(range(12, 20), 3)
    found = align_topics([PRINTERS, VPN], [small, large, VPN])
    assert found.topics == (
        AlignedTopic(None, "split", (0,)), AlignedTopic(0, "split", (0,)), AlignedTopic(1, "same"),
    )  # fmt: skip


def test_merged_topics_continue_one_of_them() -> None:
    """The other one is gone, and the merged topic names both."""
    both = TopicCluster(PRINTERS.items | topic(range(20, 30)).items, PRINTERS.centroid)
    found = align_topics([PRINTERS, topic(range(20, 30), 1)], [both])
    assert found.topics == (AlignedTopic(0, "merged", (0, 1)),)
    assert found.gone == (1,)


def test_topics_without_common_tickets_are_aligned_by_direction() -> None:
    """When the window of days has moved on, the same subject has other tickets."""
    found = align_topics([PRINTERS, VPN], [topic(range(100, 120), 1), topic(range(120, 140), 6)])
    assert found.topics == (AlignedTopic(1, "same"), AlignedTopic(None, "born"))
    assert found.gone == (0,)


def test_topics_that_lost_their_tickets_are_aligned_by_direction() -> None:
    """Topics whose tickets are now in a wide one are still found by their direction."""
    emptied = [topic([], 0), topic([], 1)]
    wide = TopicCluster(PRINTERS.items | VPN.items, np.full(DIM, DIM**-0.5, dtype=np.float32))
    found = align_topics([*emptied, wide], [PRINTERS, VPN])
    assert [one.previous for one in found.topics] == [0, 1]
    assert found.gone == (2,)


def test_a_run_without_topics_is_aligned() -> None:
    """A first run, and a run of an empty backlog."""
    assert align_topics([], [VPN]).topics == (AlignedTopic(None, "born"),)
    assert align_topics([VPN], []).gone == (0,)
    assert align_topics([], []).topics == ()


@given(
    st.lists(st.integers(0, 5), max_size=60), st.lists(st.integers(0, 5), max_size=60),
    st.integers(0, 99),
)  # fmt: skip
def test_no_old_topic_is_aligned_twice(old: list[int], new: list[int], seed: int) -> None:
    """Every old topic is either kept once or gone, for any order of topics."""

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
