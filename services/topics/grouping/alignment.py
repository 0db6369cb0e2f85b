"""Aligns the topics of two runs: which new topic is which old one, and what became of it.

A topic keeps its id, its title and everything that people did to it for as long as it is the same:
by the tickets that both runs know or, if these are few, by the direction of its centroid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

TopicChange = Literal["born", "same", "grown", "shrunk", "split", "merged"]

# The centroids count as much as this many tickets that both runs know.
CENTROID_WEIGHT = 5.0
# The least cosine at which two centroids are alike at all. Without a common ticket, 0.86 is then a
# match: of five labelled sets nine in ten halves of a topic are more alike, and nine in ten topics
# less alike to the next one (all-MiniLM-L6-v2; seven in ten halves where texts are short).
MIN_COSINE = 0.8
# Below this score, 0 to 1, two topics are not the same.
MIN_MATCH = 0.3

# Shares of an old topic's tickets from which a new topic is its heir, or a part of it.
MIN_HEIR_SHARE, MIN_PART_SHARE = 0.5, 0.25
# Share of a new topic's tickets from which an old topic counts as a parent.
MIN_PARENT_SHARE = 0.1
# Ratios of sizes, and the least difference in tickets.
GROWN, SHRUNK, MIN_CHANGE = 1.2, 0.8, 2


@dataclass(frozen=True)
class TopicCluster:
    """A topic of a run: its tickets' ids, and the mean of their vectors, `(dim,)`."""

    items: frozenset[int]
    centroid: NDArray[np.float32]


@dataclass(frozen=True)
class AlignedTopic:
    """A new topic: the position of the old one that it is, or None, and those of its parents."""

    previous: int | None
    change: TopicChange
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class Alignment:
    """What became of all topics: of each new one, and the positions of the old ones that ended."""

    topics: tuple[AlignedTopic, ...]
    gone: tuple[int, ...]


def align_topics(before: Sequence[TopicCluster], after: Sequence[TopicCluster]) -> Alignment:
    """Match each topic of a run with at most one of the other run.

    The sum of the scores is the highest possible (Kuhn-Munkres, scipy's `linear_sum_assignment`).
    """
    from scipy.optimize import linear_sum_assignment

    if not before or not after:
        return Alignment(
            tuple(AlignedTopic(None, "born") for _ in after), tuple(range(len(before)))
        )
    shared = _shared_tickets(before, after)
    scores = _scores(before, after, shared)
    olds, news = linear_sum_assignment(scores, maximize=True)
    same = {int(new): int(old) for old, new in zip(olds, news, strict=True)
            if scores[old, new] >= MIN_MATCH}  # fmt: skip
    shares = shared / np.maximum(shared.sum(axis=1, keepdims=True), 1)
    is_parent = shared >= MIN_PARENT_SHARE * np.array([len(topic.items) for topic in after])
    topics = tuple(
        _aligned(
            place, same.get(place), _change_in_size(same.get(place), before, topic), shares,
            is_parent,
        )
        for place, topic in enumerate(after)
    )  # fmt: skip
    kept = {one.previous for one in topics}
    return Alignment(topics, tuple(place for place in range(len(before)) if place not in kept))


def _shared_tickets(
    before: Sequence[TopicCluster], after: Sequence[TopicCluster]
) -> NDArray[np.float64]:
    """Return how many tickets each old and each new topic have in common, `(before, after)`."""
    of_item = {item: place for place, topic in enumerate(after) for item in topic.items}
    shared = np.zeros((len(before), len(after)))
    for place, topic in enumerate(before):
        for item in topic.items:
            if item in of_item:
                shared[place, of_item[item]] += 1
    return shared


def _scores(
    before: Sequence[TopicCluster], after: Sequence[TopicCluster], shared: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how alike the topics are, 0 to 1: the Jaccard index and the centroids' direction.

    The more tickets both runs know, the more the Jaccard index counts.
    """
    of_old, of_new = shared.sum(axis=1)[:, None], shared.sum(axis=0)[None, :]
    known = of_old + of_new - shared
    jaccard = np.divide(shared, known, out=np.zeros_like(shared), where=known > 0)
    cosines = _unit_centroids(before) @ _unit_centroids(after).T
    direction = np.clip((cosines - MIN_COSINE) / (1 - MIN_COSINE), 0, 1)
    # If an old topic has no ticket in this run, the tickets of others say nothing about it.
    weight = np.where(of_old > 0, known / (known + CENTROID_WEIGHT), 0)
    return np.asarray(weight * jaccard + (1 - weight) * direction)


def _change_in_size(
    same: int | None, before: Sequence[TopicCluster], after: TopicCluster
) -> TopicChange:
    if same is None:
        return "born"
    previous_size = len(before[same].items)
    # Without a ticket in this run its previous size is unknown.
    return change_in_size(previous_size, len(after.items)) if previous_size else "same"


def _aligned(
    place: int,
    same: int | None,
    otherwise: TopicChange,
    shares: NDArray[np.float64],
    is_parent: NDArray[np.bool_],
) -> AlignedTopic:
    """Return what a new topic is, by the `shares` of the old ones' tickets, `(before, after)`.

    `is_parent`, of the same shape, says which old ones count as parents of which new ones. A topic
    that is neither merged nor split has the change `otherwise`.
    """
    share = np.where(is_parent[:, place], shares[:, place], 0)
    heirs = tuple(int(old) for old in np.flatnonzero(share >= MIN_HEIR_SHARE))
    if len(heirs) > 1:
        return AlignedTopic(same, "merged", heirs)
    for old in np.flatnonzero(share >= MIN_PART_SHARE):
        if (shares[old] >= MIN_PART_SHARE).sum() > 1:
            return AlignedTopic(same, "split", (int(old),))
    return AlignedTopic(same, otherwise)


def change_in_size(before: int, after: int) -> TopicChange:
    """Return what became of a topic, by its numbers of tickets before and after."""
    if abs(after - before) < MIN_CHANGE:
        return "same"
    if after >= GROWN * before:
        return "grown"
    return "shrunk" if after <= SHRUNK * before else "same"


def _unit_centroids(topics: Sequence[TopicCluster]) -> NDArray[np.float64]:
    rows = np.stack([topic.centroid for topic in topics]).astype(np.float64)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))
