"""Topics of two runs: which of the new ones is which of the old ones, and what became of them.

A topic keeps its id, its name and all that people did to it as long as it is the same: by the
tickets that both runs know and, where these are few, by the direction of its tickets' mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

TopicChange = Literal["born", "same", "grown", "shrunk", "split", "merged"]

# Centroids say as much as this many tickets that both runs know.
WEIGHT_OF_CENTROIDS = 5.0
# A cosine from which on two centroids are alike at all. Without a ticket that both runs know, 0.86
# is a match: of five labelled sets nine in ten halves of a topic are more alike, and nine in ten
# topics less alike to the next one (all-MiniLM-L6-v2; seven in ten halves where texts are short).
MIN_COSINE = 0.8
# From 0 to 1: below it two topics are not the same.
MIN_MATCH = 0.3

# Of an old topic's tickets: what makes a new one its heir, and what a part of it.
HEIR, PART = 0.5, 0.25
# Of a new topic's tickets: what makes an old one count among its parents.
PARENT = 0.1
# In sizes, and in tickets.
GROWN, SHRUNK, MIN_CHANGE = 1.2, 0.8, 2


@dataclass(frozen=True)
class TopicCluster:
    """A topic of a run: its tickets' ids, and the mean of their vectors, `(dim,)`."""

    items: frozenset[int]
    centroid: NDArray[np.float32]


@dataclass(frozen=True)
class AlignedTopic:
    """What a new topic is: an old one (its place among these), or none; and its parents' places."""

    before: int | None
    change: TopicChange
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class Alignment:
    """What became of all topics: of each new one, and the places of the old ones that are gone."""

    topics: tuple[AlignedTopic, ...]
    gone: tuple[int, ...]


def match_topics(before: Sequence[TopicCluster], after: Sequence[TopicCluster]) -> Alignment:
    """Match the topics of two runs, each with at most one of the other run.

    The sum of what matches is the highest that there is (Kuhn-Munkres, as in scipy's
    `linear_sum_assignment`).
    """
    from scipy.optimize import linear_sum_assignment

    if not before or not after:
        return Alignment(
            tuple(AlignedTopic(None, "born") for _ in after), tuple(range(len(before)))
        )
    shared = _shared(before, after)
    scores = _scores(before, after, shared)
    olds, news = linear_sum_assignment(scores, maximize=True)
    same = {int(new): int(old) for old, new in zip(olds, news, strict=True)
            if scores[old, new] >= MIN_MATCH}  # fmt: skip
    shares = shared / np.maximum(shared.sum(axis=1, keepdims=True), 1)
    told = shared >= PARENT * np.array([len(topic.items) for topic in after])
    topics = tuple(
        _followed(place, same.get(place), _grown(same.get(place), before, topic), shares, told)
        for place, topic in enumerate(after)
    )
    kept = {one.before for one in topics}
    return Alignment(topics, tuple(place for place in range(len(before)) if place not in kept))


def _shared(before: Sequence[TopicCluster], after: Sequence[TopicCluster]) -> NDArray[np.float64]:
    """Return how many tickets each old topic and each new one share, `(before, after)`."""
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
    """Return how much alike the topics are, 0 to 1: by tickets that both runs know, by direction.

    The former is the Jaccard index; it counts the more the more such tickets there are.
    """
    of_old, of_new = shared.sum(axis=1)[:, None], shared.sum(axis=0)[None, :]
    known = of_old + of_new - shared
    jaccard = np.divide(shared, known, out=np.zeros_like(shared), where=known > 0)
    cosines = _unit(before) @ _unit(after).T
    direction = np.clip((cosines - MIN_COSINE) / (1 - MIN_COSINE), 0, 1)
    # Where an old topic has no ticket now, which ones others have tells nothing of it.
    weight = np.where(of_old > 0, known / (known + WEIGHT_OF_CENTROIDS), 0)
    return np.asarray(weight * jaccard + (1 - weight) * direction)


def _grown(same: int | None, before: Sequence[TopicCluster], after: TopicCluster) -> TopicChange:
    if same is None:
        return "born"
    was = len(before[same].items)
    # Of one that has no ticket here nothing is known but that it is there again.
    return growth(was, len(after.items)) if was else "same"


def _followed(
    place: int,
    same: int | None,
    grown: TopicChange,
    shares: NDArray[np.float64],
    told: NDArray[np.bool_],
) -> AlignedTopic:
    """Return what a new topic is, by `shares` of the old ones' tickets, `(before, after)`.

    `told` says which old ones count among the parents of which new ones.
    """
    share = np.where(told[:, place], shares[:, place], 0)
    heirs = tuple(int(old) for old in np.flatnonzero(share >= HEIR))
    if len(heirs) > 1:
        return AlignedTopic(same, "merged", heirs)
    for old in np.flatnonzero(share >= PART):
        if (shares[old] >= PART).sum() > 1:
            return AlignedTopic(same, "split", (int(old),))
    return AlignedTopic(same, grown)


def growth(before: int, after: int) -> TopicChange:
    """Return what became of a topic of so many tickets that has so many now."""
    if abs(after - before) < MIN_CHANGE:
        return "same"
    if after >= GROWN * before:
        return "grown"
    return "shrunk" if after <= SHRUNK * before else "same"


def _unit(topics: Sequence[TopicCluster]) -> NDArray[np.float64]:
    rows = np.stack([topic.centroid for topic in topics]).astype(np.float64)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))
