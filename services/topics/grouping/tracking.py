"""What becomes of topics from run to run: identity by `topic_matching`, and what people decided.

Pure: the groups of a clustering and the topics that are known go in, topics come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.topics.grouping.alignment import HEIR, TopicChange, TopicCluster, match_topics
from services.topics.grouping.knn_graph import unit

Labels = NDArray[np.int64]
Vectors = NDArray[np.float32]

NOWHERE = -1


@dataclass(frozen=True)
class Known:
    """A topic of earlier runs: its tickets among those of this one, and what people did to it."""

    topic_id: int
    items: frozenset[int]
    centroid: Vectors
    parent_id: int | None = None
    is_merged: bool = False


@dataclass(frozen=True)
class TrackedTopic:
    """A topic of this run: the known one it is (None: a new one), and what became of it."""

    topic_id: int | None
    change: TopicChange
    before: int
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tracking:
    """The topic of each ticket, `(n,)`, as a place in `topics`; -1: none. And which are gone."""

    labels: Labels
    topics: list[TrackedTopic]
    gone: list[int] = field(default_factory=list)


def follow(
    item_ids: Sequence[int],
    vectors: Vectors,
    labels: Labels,
    known: Sequence[Known],
    moved: Mapping[int, int],
) -> Tracking:
    """Return the topics of tickets whose clusters are `labels`, `(n,)`, -1 where they fit nowhere.

    `moved` says in which topic people put a ticket. What they joined stays together, what they
    parted apart, what they moved where it is.
    """
    of_item = {item: topic.topic_id for topic in known for item in topic.items}
    labels = _joined(item_ids, labels, known, of_item)
    labels = _parted(item_ids, vectors, labels, known, of_item)
    labels = _numbered(labels)
    after = [
        TopicCluster(frozenset(item_ids[at] for at in places), _mean(vectors[places]))
        for places in _places(labels)
    ]
    before = [TopicCluster(one.items, one.centroid) for one in known]
    matching = match_topics(before, after)
    topics = [
        TrackedTopic(
            None if one.before is None else known[one.before].topic_id,
            one.change,
            0 if one.before is None else len(known[one.before].items),
            tuple(known[parent].topic_id for parent in one.parents),
        )
        for one in matching.topics
    ]
    gone = [known[place].topic_id for place in matching.gone]
    return _with_moved(item_ids, Tracking(labels, topics, gone), known, moved)


def _joined(
    item_ids: Sequence[int],
    labels: Labels,
    known: Sequence[Known],
    of_item: Mapping[int, int],
) -> Labels:
    """Return the labels where clusters that are mostly of one joined topic are one."""
    merged = {topic.topic_id for topic in known if topic.is_merged}
    if not merged:
        return labels
    labels, first = labels.copy(), dict[int, int]()
    for cluster in range(int(labels.max(initial=NOWHERE)) + 1):
        places = np.flatnonzero(labels == cluster)
        said = [item_ids[int(at)] for at in places]
        votes = Counter(of_item[item] for item in said if item in of_item)
        for topic_id, count in votes.most_common(1):
            if topic_id in merged and count >= HEIR * votes.total():
                labels[places] = first.setdefault(topic_id, cluster)
    return labels


def _parted(
    item_ids: Sequence[int],
    vectors: Vectors,
    labels: Labels,
    known: Sequence[Known],
    of_item: Mapping[int, int],
) -> Labels:
    """Return the labels where a cluster that swallowed both halves of a split topic is two again.

    A part of a half goes with it, to be parted from it in turn, and what belonged to neither half
    to the nearer one.
    """
    by_id = {topic.topic_id: topic for topic in known}
    lines = {topic.topic_id: _line(topic, by_id) for topic in known}
    # A topic is parted from its own parent before its parts are from it.
    children = sorted(
        (child for child in known if child.parent_id in by_id),
        key=lambda child: (len(lines[child.topic_id]), child.topic_id),
    )
    if not children:
        return labels
    places = {item: at for at, item in enumerate(item_ids)}
    labels, fresh = labels.copy(), int(labels.max(initial=NOWHERE)) + 1
    for child in children:
        parent = by_id[child.parent_id or NOWHERE]
        cluster = _home(places, labels, child.items)
        if cluster is None or cluster != _home(places, labels, parent.items):
            continue
        halves = np.stack([parent.centroid, child.centroid])
        for at in np.flatnonzero(labels == cluster):
            line = lines.get(of_item.get(item_ids[int(at)], NOWHERE), [])
            nearest = (parent, child)[int(np.argmax(halves @ vectors[at]))].topic_id
            half = next((one for one in line if one in (parent.topic_id, child.topic_id)), nearest)
            if half == child.topic_id:
                labels[at] = fresh
        fresh += 1
    return labels


def _line(topic: Known, by_id: Mapping[int, Known]) -> list[int]:
    """Return a topic and those that it was split off from, itself first."""
    line: list[int] = []
    one: Known | None = topic
    # What was joined since may make a ring.
    while one is not None and one.topic_id not in line:
        line.append(one.topic_id)
        one = by_id.get(one.parent_id or NOWHERE)
    return line


def _home(places: Mapping[int, int], labels: Labels, items: Collection[int]) -> int | None:
    """Return the cluster that most of these tickets are in, None where there is none."""
    votes = Counter(int(labels[places[item]]) for item in sorted(items) if item in places)
    del votes[NOWHERE]
    for cluster, count in votes.most_common(1):
        if count >= HEIR * votes.total():
            return cluster
    return None


def _with_moved(
    item_ids: Sequence[int],
    found: Tracking,
    known: Sequence[Known],
    moved: Mapping[int, int],
) -> Tracking:
    """Return the topics with each ticket that people moved where they put it."""
    labels, topics = found.labels.copy(), list(found.topics)
    place_of = {one.topic_id: at for at, one in enumerate(topics)}
    ids = {topic.topic_id: topic for topic in known}
    for at, item in enumerate(item_ids):
        topic_id = moved.get(item)
        if topic_id is None or topic_id not in ids:
            continue
        if topic_id not in place_of:
            place_of[topic_id] = len(topics)
            topics.append(TrackedTopic(topic_id, "same", len(ids[topic_id].items)))
        labels[at] = place_of[topic_id]
    gone = [topic_id for topic_id in found.gone if topic_id not in place_of]
    return Tracking(labels, topics, gone)


def _numbered(labels: Labels) -> Labels:
    """Return the labels without gaps, in the order of the clusters."""
    used = np.unique(labels[labels != NOWHERE])
    numbers = np.full(int(labels.max(initial=NOWHERE)) + 2, NOWHERE)
    numbers[used] = np.arange(len(used))
    return numbers[labels]


def _places(labels: Labels) -> list[NDArray[np.int64]]:
    return [np.flatnonzero(labels == one) for one in range(int(labels.max(initial=NOWHERE)) + 1)]


def _mean(vectors: Vectors) -> Vectors:
    mean: Vectors = unit(vectors.mean(axis=0, keepdims=True))[0]
    return mean
