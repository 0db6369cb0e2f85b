"""What is exported of topics: those of the readers whose tickets are exported.

The title of a topic may say what its tickets say. So without private channels the topics of their
readers are left out, and those that were made when other people could read the tickets.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from models import Channel, Database, Item, Topic, TopicItem, TopicRun
from services.channels.audience import PUBLIC
from services.exports.rows import Selection, fields_of, stream
from services.exports.tables import MEMBERS, RUNS, TOPICS, Values
from services.topics.scopes import is_stale, last_run, scopes_of


def topic_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the team's topics; with filters, those of tickets that are exported."""
    readers = _readers(database, chosen, Topic.audience_id)
    statement = (
        select(Topic, Channel.name, Channel.slack_id)
        .outerjoin(Channel, Channel.id == Topic.audience_id)
        .where(Topic.workspace_id == chosen.workspace_id, Topic.kind == "team", readers)
        .where(Topic.merged_into.is_(None))
        .order_by(Topic.id)
    )
    if chosen.has_filters:
        statement = statement.where(
            Topic.id.in_(select(TopicItem.topic_id).where(TopicItem.item_id.in_(chosen.item_ids)))
        )
    for row, channel, slack_id in stream(database, statement):
        yield fields_of(TOPICS.columns, row) | {
            "topic": row.id,
            "parent": row.parent_id,
            "centroid": [float(one) for one in row.centroid],
            "channel": channel,
            "channel_slack_id": slack_id,
        }


def member_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield which tickets are in which topic."""
    readers = _readers(database, chosen, Topic.audience_id)
    statement = (
        select(TopicItem, Item.source, Item.external_id)
        .join(Item, Item.id == TopicItem.item_id)
        .join(Topic, Topic.id == TopicItem.topic_id)
        .where(chosen.items, readers, TopicItem.kind == "team")
        .order_by(TopicItem.topic_id, TopicItem.item_id)
    )
    for row, source, id_ in stream(database, statement):
        named = {"topic": row.topic_id, "source": source, "id": id_}
        yield fields_of(MEMBERS.columns, row) | named


def run_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the newest run of each audience; none with filters, as it counts all tickets."""
    if chosen.has_filters:
        return
    newest = (
        select(func.max(TopicRun.id))
        .where(
            TopicRun.workspace_id == chosen.workspace_id,
            TopicRun.kind == "team",
            _readers(database, chosen, TopicRun.audience_id),
        )
        .group_by(TopicRun.audience_id)
    )
    statement = (
        select(TopicRun, Channel.name, Channel.slack_id)
        .outerjoin(Channel, Channel.id == TopicRun.audience_id)
        .where(TopicRun.id.in_(newest))
        .order_by(TopicRun.id)
    )
    for row, channel, slack_id in stream(database, statement):
        topics = {
            str(id_): [one.change, one.previous_size, one.theme] for id_, one in row.topics.items()
        }
        yield fields_of(RUNS.columns, row) | {
            "topics": topics,
            "theme_titles": {str(one): title for one, title in row.theme_titles.items()},
            "gone_topics": {str(one): title for one, title in row.gone_topics.items()},
            "channel": channel,
            "channel_slack_id": slack_id,
        }


def _readers(
    database: Database, chosen: Selection, audience_id: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Return the condition that a topic, or a run, is for readers whose tickets are exported."""
    if chosen.with_private:
        return audience_id.is_not(None)
    with database.read() as session:
        stale = {
            scope.audience_id
            for scope in scopes_of(session, chosen.workspace_id)
            for run in [last_run(session, scope)]
            if run is not None and is_stale(session, run)
        }
    public = select(Channel.id).where(Channel.is_private.is_(False))
    is_public = or_(audience_id == PUBLIC, audience_id.in_(public))
    return is_public & audience_id.not_in(stale)
