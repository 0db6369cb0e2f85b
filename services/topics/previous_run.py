"""The state of a scope before a run: its topics with their tickets, and what people decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Topic, TopicItem
from services.topics.apart import Pair, read_apart
from services.topics.grouping.knn_graph import mean_direction
from services.topics.grouping.tracking import KnownTopic
from services.topics.scopes import Scope, is_stale, last_run


@dataclass(frozen=True)
class PreviousRun:
    """The topics of a scope, their titles, which tickets were moved where, and the newest run.

    `named` and `hidden` are the ids of the topics that people named and hid, `apart` the pairs that
    they said are different, and `fixed_k` is the number of topics that they chose. The run with the
    id `run_id` `is_stale` if it must not be shown any more.
    """

    known: list[KnownTopic]
    moved: dict[int, int]
    titles: dict[int, str]
    named: set[int]
    hidden: set[int]
    apart: list[Pair]
    fixed_k: int | None
    run_id: int | None
    is_stale: bool
    input_digest: str


def read_previous(
    session: Session,
    scope: Scope,
    item_ids: Sequence[int],
    vectors: NDArray[np.float32],
    fingerprint: str,
) -> PreviousRun:
    """Return the state of a scope, with those of its tickets that are in the next run.

    `vectors`, `(n, dim)`, are theirs by the model of the next run, `fingerprint`: a topic that was
    found by another model is known by its tickets in them.
    """
    topics = session.scalars(select(Topic).where(scope.topics).order_by(Topic.id)).all()
    members, moved = _members(session, scope, set(item_ids))
    run = last_run(session, scope)
    place = {item_id: at for at, item_id in enumerate(item_ids)}
    centroids = {
        topic.id: topic.centroid
        if topic.fingerprint == fingerprint
        else mean_direction(vectors[[place[item_id] for item_id in members[topic.id]]])
        for topic in topics
        if topic.fingerprint == fingerprint or members[topic.id]
    }
    return PreviousRun(
        known=[
            KnownTopic(
                topic.id,
                frozenset(members[topic.id]),
                centroids[topic.id],
                topic.parent_id,
                topic.is_merged,
            )
            for topic in topics
            if topic.id in centroids
        ],
        moved=moved,
        titles={topic.id: topic.title for topic in topics},
        named={topic.id for topic in topics if topic.named_by is not None},
        hidden={topic.id for topic in topics if topic.hidden_at is not None},
        apart=read_apart(session, scope),
        fixed_k=None if run is None else run.fixed_k,
        run_id=None if run is None else run.id,
        is_stale=run is not None and is_stale(session, run),
        input_digest="" if run is None else run.input_digest,
    )


def _members(
    session: Session, scope: Scope, in_run: Collection[int]
) -> tuple[dict[int, set[int]], dict[int, int]]:
    """Return the tickets of the next run by topic, and the topics of those that were moved."""
    members: dict[int, set[int]] = defaultdict(set)
    moved = {}
    rows = session.execute(
        select(TopicItem.item_id, TopicItem.topic_id, TopicItem.moved_by)
        .join(Topic, Topic.id == TopicItem.topic_id)
        .where(scope.topics)
    )
    for item_id, topic_id, moved_by in rows:
        if item_id in in_run:
            members[topic_id].add(item_id)
            if moved_by is not None:
                moved[item_id] = topic_id
    return members, moved
