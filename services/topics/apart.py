"""Pairs of topics that people said are different."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Topic, TopicEdit
from services.topics.edits import standing_edits
from services.topics.scopes import Scope

# Two topics, the lower id first.
Pair = tuple[int, int]


def pair_of(topic_id: int, other_id: int) -> Pair:
    """Return two topics as a pair."""
    return min(topic_id, other_id), max(topic_id, other_id)


def read_apart(session: Session, scope: Scope) -> list[Pair]:
    """Return the pairs of a scope's topics that people said are different, oldest first.

    What was said of a topic holds for the one that it was merged into.
    """
    rows = session.execute(
        select(Topic.id, Topic.merged_into).where(
            scope.with_merged_topics, Topic.kind == scope.kind
        )
    )
    merged_into = {topic_id: into for topic_id, into in rows}
    said = session.execute(
        standing_edits(scope, "apart").with_only_columns(TopicEdit.topic_id, TopicEdit.other_ids)
    )
    found: dict[Pair, None] = {}
    for topic_id, others in said:
        one, two = (_current(topic, merged_into) for topic in (topic_id, others[0]))
        if one is not None and two is not None and one != two:
            found[pair_of(one, two)] = None
    return list(found)


def _current(topic_id: int, merged_into: Mapping[int, int | None]) -> int | None:
    """Return the topic that has a topic's tickets; None if it is gone."""
    while topic_id in merged_into:
        into = merged_into[topic_id]
        if into is None:
            return topic_id
        topic_id = into
    return None
