"""Merging: the tickets of one topic go to another one, and come back when that is undone."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from models import MergedItem, Topic, TopicAlert, TopicEdit, TopicItem
from models.queries import in_parts


def merge_topic(session: Session, edit: TopicEdit, topic: Topic, other: Topic) -> None:
    """Give a topic the tickets, alerts and parts of another one; `edit` keeps which they were.

    The other one stays as a row that nobody sees, as its name and its maker are not kept elsewhere.
    """
    in_other = select(TopicItem.item_id).where(TopicItem.topic_id == other.id)
    for some in in_parts(list(session.scalars(in_other))):
        rows = [{"edit_id": edit.id, "item_id": one, "topic_id": other.id} for one in some]
        session.execute(insert(MergedItem), rows)
    members = update(TopicItem).where(TopicItem.topic_id == other.id)
    session.execute(members.values(topic_id=topic.id, rank=None))
    children = list(session.scalars(select(Topic).where(Topic.parent_id == other.id)))
    edit.child_ids = [*edit.child_ids, *((one.id, other.id) for one in children)]
    for child in children:
        child.parent_id = None if child is topic else topic.id
    alerts = list(session.scalars(select(TopicAlert).where(TopicAlert.topic_id == other.id)))
    edit.alert_ids = [*edit.alert_ids, *((one.id, other.id) for one in alerts)]
    for alert in alerts:
        alert.topic_id = topic.id
    other.merged_into = topic.id
    session.flush()


def unmerge_topics(session: Session, edit: TopicEdit, topic: Topic) -> list[Topic]:
    """Give the topics of a merge their tickets, alerts and parts again; return those that exist.

    Tickets that are elsewhere by now stay there, and those that came later stay in the topic.
    """
    known = select(Topic).where(Topic.id.in_(edit.other_ids), Topic.merged_into == topic.id)
    others = list(session.scalars(known.order_by(Topic.id)))
    for other in others:
        came = select(MergedItem.item_id).where(
            MergedItem.edit_id == edit.id, MergedItem.topic_id == other.id
        )
        own = update(TopicItem).where(TopicItem.topic_id == topic.id, TopicItem.item_id.in_(came))
        session.execute(own.values(topic_id=other.id, rank=None))
        other.merged_into = None
        other.fingerprint = topic.fingerprint
    back = {one.id for one in others}
    for child_id, parent_id in edit.child_ids:
        child = session.get(Topic, child_id)
        if child is not None and parent_id in back:
            child.parent_id = parent_id
    for alert_id, topic_id in edit.alert_ids:
        alert = session.get(TopicAlert, alert_id)
        if alert is not None and topic_id in back:
            alert.topic_id = topic_id
    topic.is_merged = edit.was_merged
    session.execute(delete(MergedItem).where(MergedItem.edit_id == edit.id))
    session.flush()
    return others


def forget_merged(session: Session, topic_ids: Collection[int]) -> None:
    """Delete the topics that were merged into topics which no longer exist, however often."""
    gone = list(topic_ids)
    while gone:
        merged = [
            topic_id
            for part in in_parts(gone)
            for topic_id in session.scalars(select(Topic.id).where(Topic.merged_into.in_(part)))
        ]
        for part in in_parts(merged):
            session.execute(delete(Topic).where(Topic.id.in_(part)))
        gone = merged
