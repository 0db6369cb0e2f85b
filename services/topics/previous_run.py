"""What is known of a scope before a run: its topics with their tickets, and what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Topic, TopicItem
from services.topics.grouping.tracking import Known
from services.topics.scopes import Scope, is_stale, last_run


@dataclass(frozen=True)
class PreviousRun:
    """What is known of a scope: its topics, who moved what, titles that stay, its newest run.

    Topics by their ids: those that people `named` and those that they have `hidden`. That run
    `is_stale` where who reads what has changed since, and has the digest `input_digest`.
    """

    known: list[Known]
    moved: dict[int, int]
    titles: dict[int, str]
    named: set[int]
    hidden: set[int]
    run_id: int | None
    is_stale: bool
    input_digest: str


def read_before(
    session: Session,
    scope: Scope,
    item_ids: Sequence[int],
    fingerprint: str,
) -> PreviousRun:
    """Return what is known of a scope, with the tickets that are grouped now."""
    here = set(item_ids)
    topics = session.scalars(select(Topic).where(scope.topics).order_by(Topic.id)).all()
    members: dict[int, set[int]] = {topic.id: set() for topic in topics}
    moved = {}
    rows = session.execute(
        select(TopicItem.item_id, TopicItem.topic_id, TopicItem.moved_by)
        .join(Topic, Topic.id == TopicItem.topic_id)
        .where(scope.topics)
    )
    for item_id, topic_id, moved_by in rows:
        if item_id in here:
            members[topic_id].add(item_id)
            if moved_by is not None:
                moved[item_id] = topic_id
    run = last_run(session, scope)
    return PreviousRun(
        known=[
            Known(
                topic.id,
                frozenset(members[topic.id]),
                topic.centroid,
                topic.parent_id,
                topic.is_merged,
            )
            for topic in topics
            if topic.fingerprint == fingerprint
        ],
        moved=moved,
        titles={topic.id: topic.title for topic in topics},
        named={topic.id for topic in topics if topic.named_by is not None},
        hidden={topic.id for topic in topics if topic.hidden_at is not None},
        run_id=None if run is None else run.id,
        is_stale=run is not None and is_stale(session, run),
        input_digest="" if run is None else run.input_digest,
    )
