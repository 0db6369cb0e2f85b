"""Tracks topics from run to run: their identity, and what people decided about them.

Pure functions: clusters and known topics go in, topics come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.topics.grouping.alignment import (
    MIN_HEIR_SHARE,
    TopicChange,
    TopicCluster,
    align_topics,
)
from services.topics.grouping.knn_graph import mean_direction

Labels = NDArray[np.int64]
Vectors = NDArray[np.float32]

# The label of tickets in no topic.
UNCLUSTERED = -1


@dataclass(frozen=True)
class KnownTopic:
    """A topic of earlier runs: its tickets that are in this run too, and what people did to it.

    `parent_id` is the topic that it was split off from; `is_merged` if others were merged into it.
    """

    topic_id: int
    items: frozenset[int]
    centroid: Vectors
    parent_id: int | None = None
    is_merged: bool = False


@dataclass(frozen=True)
class TrackedTopic:
    """A topic of this run: the known one it is, None for a new one, and what became of it."""

    topic_id: int | None
    change: TopicChange
    previous_size: int
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tracking:
    """The topic of each ticket, `(n,)`, as a position in `topics`, and the ids of those gone."""

    labels: Labels
    topics: list[TrackedTopic]
    gone: list[int] = field(default_factory=list)


def track_topics(
    item_ids: Sequence[int],
    vectors: Vectors,
    labels: Labels,
    known: Sequence[KnownTopic],
    moved: Mapping[int, int],
    *,
    apart: Sequence[tuple[int, int]] = (),
) -> Tracking:
    """Return the topics of tickets from their clusters `labels`, `(n,)`, -1 for none.

    `moved` are the topics that people put tickets into, and `apart` the pairs that they said are
    different. Topics that people merged stay together, those that they split or said are different
    stay apart, and tickets that they moved stay where they are.
    """
    topic_of = {item: topic.topic_id for topic in known for item in topic.items}
    labels = _rejoin_merged(item_ids, labels, known, topic_of)
    if different := _different(known, apart):
        labels = _resplit(item_ids, vectors, labels, known, different)
    labels = _renumbered(labels)
    after = [
        TopicCluster(frozenset(item_ids[at] for at in places), mean_direction(vectors[places]))
        for places in _places_by_cluster(labels)
    ]
    before = [TopicCluster(one.items, one.centroid) for one in known]
    alignment = align_topics(before, after)
    topics = [
        TrackedTopic(
            None if one.previous is None else known[one.previous].topic_id,
            one.change,
            0 if one.previous is None else len(known[one.previous].items),
            tuple(known[parent].topic_id for parent in one.parents),
        )
        for one in alignment.topics
    ]
    gone = [known[place].topic_id for place in alignment.gone]
    return _with_moved(item_ids, Tracking(labels, topics, gone), known, moved)


def _rejoin_merged(
    item_ids: Sequence[int],
    labels: Labels,
    known: Sequence[KnownTopic],
    topic_of: Mapping[int, int],
) -> Labels:
    """Return the labels with all clusters that are mostly of one merged topic joined."""
    merged = {topic.topic_id for topic in known if topic.is_merged}
    if not merged:
        return labels
    labels, first = labels.copy(), dict[int, int]()
    for cluster in range(int(labels.max(initial=UNCLUSTERED)) + 1):
        places = np.flatnonzero(labels == cluster)
        members = [item_ids[int(at)] for at in places]
        votes = Counter(topic_of[item] for item in members if item in topic_of)
        for topic_id, count in votes.most_common(1):
            if topic_id in merged and count >= MIN_HEIR_SHARE * votes.total():
                labels[places] = first.setdefault(topic_id, cluster)
    return labels


def _resplit(
    item_ids: Sequence[int],
    vectors: Vectors,
    labels: Labels,
    known: Sequence[KnownTopic],
    different: Sequence[tuple[KnownTopic, KnownTopic]],
) -> Labels:
    """Return the labels with each cluster split again that holds both topics of a `different` pair.

    A part of a topic goes with the topic, to be split from it in turn. Tickets of neither go with
    the nearer one.
    """
    by_id = {topic.topic_id: topic for topic in known}
    lines = {item: _ancestry(topic, by_id) for topic in known for item in topic.items}
    places = {item: at for at, item in enumerate(item_ids)}
    labels, fresh = labels.copy(), int(labels.max(initial=UNCLUSTERED)) + 1
    for one, two in different:
        cluster = _majority_cluster(places, labels, two.items)
        if cluster is None or cluster != _majority_cluster(places, labels, one.items):
            continue
        centroids = np.stack([one.centroid, two.centroid])
        for at in np.flatnonzero(labels == cluster):
            nearest = (one, two)[int(np.argmax(centroids @ vectors[at]))].topic_id
            line = lines.get(item_ids[int(at)], [])
            half = next((id_ for id_ in line if id_ in (one.topic_id, two.topic_id)), nearest)
            if half == two.topic_id:
                labels[at] = fresh
        fresh += 1
    return labels


def _different(
    known: Sequence[KnownTopic], apart: Sequence[tuple[int, int]]
) -> list[tuple[KnownTopic, KnownTopic]]:
    """Return the pairs of topics that must not be one, in the order in which they are split.

    Topics that were split come first, each with a part of it. A topic is split from its parent
    before its own parts are split from it.
    """
    by_id = {topic.topic_id: topic for topic in known}
    children = sorted(
        (child for child in known if child.parent_id in by_id),
        key=lambda child: (len(_ancestry(child, by_id)), child.topic_id),
    )
    return [
        *((by_id[child.parent_id or UNCLUSTERED], child) for child in children),
        *((by_id[one], by_id[two]) for one, two in apart if one in by_id and two in by_id),
    ]


def _ancestry(topic: KnownTopic, by_id: Mapping[int, KnownTopic]) -> list[int]:
    """Return a topic and those that it was split off from, itself first."""
    line: list[int] = []
    one: KnownTopic | None = topic
    # Merging a topic with a part of its part makes a ring.
    while one is not None and one.topic_id not in line:
        line.append(one.topic_id)
        one = by_id.get(one.parent_id or UNCLUSTERED)
    return line


def _majority_cluster(
    places: Mapping[int, int], labels: Labels, items: Collection[int]
) -> int | None:
    """Return the cluster of at least half of these tickets, None without one."""
    votes = Counter(int(labels[places[item]]) for item in sorted(items) if item in places)
    del votes[UNCLUSTERED]
    for cluster, count in votes.most_common(1):
        if count >= MIN_HEIR_SHARE * votes.total():
            return cluster
    return None


def _with_moved(
    item_ids: Sequence[int],
    found: Tracking,
    known: Sequence[KnownTopic],
    moved: Mapping[int, int],
) -> Tracking:
    """Return the topics with each moved ticket where people put it."""
    labels, topics = found.labels.copy(), list(found.topics)
    place_of = {one.topic_id: at for at, one in enumerate(topics)}
    by_id = {topic.topic_id: topic for topic in known}
    for at, item in enumerate(item_ids):
        topic_id = moved.get(item)
        if topic_id is None or topic_id not in by_id:
            continue
        if topic_id not in place_of:
            place_of[topic_id] = len(topics)
            topics.append(TrackedTopic(topic_id, "same", len(by_id[topic_id].items)))
        labels[at] = place_of[topic_id]
    gone = [topic_id for topic_id in found.gone if topic_id not in place_of]
    return Tracking(labels, topics, gone)


def without_topics(found: Tracking, places: Collection[int]) -> Tracking:
    """Return the topics without those at some places, whose tickets are then in no topic."""
    if not places:
        return found
    kept = [at for at in range(len(found.topics)) if at not in places]
    numbers = np.full(len(found.topics) + 1, UNCLUSTERED)
    numbers[kept] = np.arange(len(kept))
    gone = [found.topics[at].topic_id for at in places]
    known = [one for one in gone if one is not None]
    return Tracking(numbers[found.labels], [found.topics[at] for at in kept], [*found.gone, *known])


def _renumbered(labels: Labels) -> Labels:
    """Return the labels without gaps, in the order of the clusters."""
    used = np.unique(labels[labels != UNCLUSTERED])
    numbers = np.full(int(labels.max(initial=UNCLUSTERED)) + 2, UNCLUSTERED)
    numbers[used] = np.arange(len(used))
    return numbers[labels]


def _places_by_cluster(labels: Labels) -> list[NDArray[np.int64]]:
    clusters = int(labels.max(initial=UNCLUSTERED)) + 1
    return [np.flatnonzero(labels == one) for one in range(clusters)]
