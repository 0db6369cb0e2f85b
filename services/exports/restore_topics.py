"""Reading the topics of an export archive back, with their titles and their tickets."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Channel, Database, Item, Topic, TopicInRun, TopicItem, TopicRun
from services.channels.audience import audience_of_channel
from services.exports.archive import ExportArchive
from services.exports.restore import BATCH, RestoreCounts, item_ids
from services.exports.tables import MEMBERS, RUNS, TOPICS, Values
from services.topics.scopes import Scope, pool_epochs, scope_of_everybody


@dataclass
class _Restored:
    """The audiences that take topics (None: they have their own), and topics by their old id."""

    scopes: dict[tuple[str | None, str | None], Scope | None] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)


def restore_topics(
    database: Database, workspace_id: int, archive: ExportArchive, counts: RestoreCounts
) -> None:
    """Store the topics of audiences that have none yet; those of others are left out."""
    restored = _Restored()
    with database.write() as session:
        parents: list[tuple[Topic, int]] = []
        for values in archive.read(TOPICS):
            scope = _scope(session, workspace_id, values, restored)
            if scope is None:
                counts.left_out["topics"] += 1
                continue
            topic = _topic(scope, values)
            session.add(topic)
            restored.topics[values["topic"]] = topic
            if values["parent"] is not None:
                parents.append((topic, values["parent"]))
            counts.added["topics"] += 1
        session.flush()
        for topic, parent in parents:
            known = restored.topics.get(parent)
            topic.parent_id = None if known is None else known.id
        _restore_members(session, workspace_id, archive, restored, counts)
        for values in archive.read(RUNS):
            scope = _scope(session, workspace_id, values, restored)
            if scope is not None:
                session.add(_run(session, scope, values, restored))


def _scope(
    session: Session, workspace_id: int, values: Values, restored: _Restored
) -> Scope | None:
    """Return the scope of a row; None if it has topics of its own, or its channel is unknown."""
    key = values["channel"], values["channel_slack_id"]
    if key in restored.scopes:
        return restored.scopes[key]
    scope = None
    if key == (None, None):
        scope = scope_of_everybody(workspace_id)
    else:
        is_it = Channel.slack_id == key[1] if key[1] else Channel.name == key[0]
        channel = session.scalars(
            select(Channel).where(Channel.workspace_id == workspace_id, is_it)
        ).first()
        # Not `scope_of_channel`: topics for the readers of a channel are never shown to others.
        scope = None if channel is None else Scope(channel.id, audience_of_channel(channel))
    if scope is not None and session.scalars(select(Topic.id).where(scope.topics)).first():
        scope = None
    restored.scopes[key] = scope
    return scope


def _topic(scope: Scope, values: Values) -> Topic:
    return Topic(
        workspace_id=scope.workspace_id,
        audience_id=scope.audience_id,
        kind=scope.kind,
        title=values["title"] or "",
        terms=[str(one) for one in values["terms"] or ()],
        quality=values["quality"] or 0.0,
        purity=values["purity"] or 0.0,
        fingerprint=values["fingerprint"] or "",
        centroid=np.asarray(values["centroid"], dtype=np.float32),
        is_merged=bool(values["is_merged"]),
        **{name: values[name] for name in ("named_by", "hidden_by", "hidden_at", "created_at")},
    )


def _restore_members(
    session: Session,
    workspace_id: int,
    archive: ExportArchive,
    restored: _Restored,
    counts: RestoreCounts,
) -> None:
    rows = archive.read(MEMBERS)
    while batch := list(islice(rows, BATCH)):
        ids = item_ids(session, workspace_id, [(one["source"], one["id"]) for one in batch])
        for one in batch:
            topic = restored.topics.get(one["topic"])
            item_id = ids.get((one["source"], one["id"]))
            if topic is None or item_id is None:
                counts.left_out["topic_tickets"] += 1
                continue
            member = TopicItem(item_id=item_id, audience_id=topic.audience_id, kind=topic.kind)
            member.topic_id, member.fit = topic.id, one["fit"] or 0.0
            member.rank, member.moved_by = one["rank"], one["moved_by"]
            session.add(member)
            counts.added["topic_tickets"] += 1
        session.flush()


def _run(session: Session, scope: Scope, values: Values, restored: _Restored) -> TopicRun:
    """Return a run that the next one compares itself with; it clusters from scratch."""
    topics = {
        restored.topics[int(id_)].id: TopicInRun(str(change), int(size), theme)
        for id_, (change, size, theme) in (values["topics"] or {}).items()
        if int(id_) in restored.topics
    }
    newest = select(func.max(Item.id)).where(Item.workspace_id == scope.workspace_id)
    return TopicRun(
        workspace_id=scope.workspace_id,
        audience_id=scope.audience_id,
        kind=scope.kind,
        newest_item=session.scalar(newest) or 0,
        topics=topics,
        theme_titles={int(one): title for one, title in (values["theme_titles"] or {}).items()},
        gone_topics={},
        pool_epochs=pool_epochs(session, scope.audience),
        made_by=values["made_by"] or "import",
        **{name: values[name] for name in ("since", "made_at", "tickets", "unclustered")},
    )
