"""Stores runs of topics: each replaces what the last one said about the same tickets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models import Item, Topic, TopicInRun, TopicItem, TopicRun, Workspace
from models.queries import LIVE, in_parts
from services.errors import NotFoundError
from services.phrases import phrase
from services.text.words.folding import fold
from services.topics.alerts import copy_alerts
from services.topics.grouping.tracking import UNCLUSTERED, Tracking
from services.topics.naming.titles import TopicName
from services.topics.previous_run import PreviousRun
from services.topics.quality import TopicMeasures
from services.topics.scopes import Scope, last_run
from services.topics.shown_themes import shown_theme_titles
from services.topics.title_words import unreadable_titles

GONE = phrase("The workspace has been removed in the meantime.")


@dataclass(frozen=True)
class RunInfo:
    """What a run was asked for, by whom and when: tickets since `since` of `channels` (ids).

    No channels are all of them. `input_digest` is a digest of all that the topics are computed
    from: equal where nothing is new. `fixed_k` is as in `TopicRun`.
    """

    since: datetime | None
    channels: Sequence[int]
    input_digest: str
    fixed_k: int | None
    by: str
    now: datetime


@dataclass(frozen=True)
class RunDraft:
    """A run before it is stored: the state before it, its topics, their names and themes."""

    scope: Scope
    fingerprint: str
    item_ids: list[int]
    previous: PreviousRun
    tracking: Tracking
    names: list[TopicName]
    theme_titles: dict[int, str]
    measures: TopicMeasures
    pool_epochs: Mapping[str, int]


def save_run(session: Session, draft: RunDraft, info: RunInfo) -> int | None:
    """Store a run and return its id, None if another one was stored since `previous` was read.

    Topics of an exploration are always new: it has no others to compare them with.

    Raises `NotFoundError` if the workspace was forgotten in the meantime.
    """
    if not _is_newest(session, draft.scope, draft.previous):
        return None
    ids = _save_topics(session, draft, info.now)
    for topic_id, one in zip(ids, draft.tracking.topics, strict=True):
        if one.topic_id is None and one.change == "split":
            copy_alerts(session, one.parents[0], topic_id, info.now)
    _save_items(session, draft, ids)
    previous, tracking = draft.previous, draft.tracking
    is_exploration = draft.scope.is_exploration
    empty = without_tickets(session, tracking.gone)
    gone = {topic_id: previous.titles[topic_id] for topic_id in empty}
    _forget_members(session, empty)
    unused = {*empty, *(set(previous.titles) - set(ids) if previous.is_stale else ())}
    # People said of these what they are not, and they may come back.
    _drop_untouched(session, unused - {one for pair in previous.apart for one in pair})
    run = TopicRun(
        newest_item=max(draft.item_ids),
        tickets=len(draft.item_ids),
        unclustered=int((tracking.labels == UNCLUSTERED).sum()),
        topics={
            topic_id: TopicInRun("born" if is_exploration else one.change, one.previous_size, theme)
            for topic_id, one, theme in zip(
                ids, tracking.topics, draft.measures.themes, strict=True
            )
        },
        theme_titles=draft.theme_titles,
        gone_topics={} if previous.is_stale or is_exploration else gone,
        pool_epochs=dict(draft.pool_epochs),
    )
    return _add(session, draft.scope, run, info)


def save_again(session: Session, scope: Scope, previous: PreviousRun, info: RunInfo) -> int | None:
    """Store a run in which nothing is new since the previous one.

    Returns and raises what `save_run` does.
    """
    if not _is_newest(session, scope, previous):
        return None
    last = session.get_one(TopicRun, previous.run_id)
    topics = {topic_id: replace(topic, change="same") for topic_id, topic in last.topics.items()}
    # Without titles that come from a topic that was hidden since.
    titles = shown_theme_titles(last, session.scalars(select(Topic).where(scope.topics)).all(), ())
    run = TopicRun(
        newest_item=last.newest_item,
        tickets=last.tickets,
        unclustered=last.unclustered,
        topics=topics,
        theme_titles=titles,
        pool_epochs=last.pool_epochs,
    )
    return _add(session, scope, run, info)


def _add(session: Session, scope: Scope, run: TopicRun, info: RunInfo) -> int:
    """Store a run of a scope and return its id."""
    run.workspace_id, run.audience_id, run.kind = scope.workspace_id, scope.audience_id, scope.kind
    run.since, run.channel_ids = info.since, list(info.channels)
    run.input_digest, run.fixed_k = info.input_digest, info.fixed_k
    run.made_by, run.made_at = info.by, info.now
    session.add(run)
    session.flush()
    return run.id


def _is_newest(session: Session, scope: Scope, previous: PreviousRun) -> bool:
    """Lock the workspace's runs and say whether the newest one of a scope is still `previous`.

    Rows that only refer to the workspace, such as new items, may be added meanwhile. Raises
    `NotFoundError` if the workspace was forgotten in the meantime.
    """
    one = select(Workspace.id).where(Workspace.id == scope.workspace_id)
    lock = one.with_for_update(key_share=True)
    if session.scalar(lock) is None:
        raise NotFoundError(GONE)
    last = last_run(session, scope)
    return (None if last is None else last.id) == previous.run_id


def _save_topics(session: Session, draft: RunDraft, now: datetime) -> list[int]:
    """Store the topics and return their ids, in order.

    A known topic keeps its title for as long as readers may read all of its words.
    """
    scope = draft.scope
    kept = _topics_with_same_title(session, draft)
    taken = {fold(draft.previous.titles[topic_id]) for topic_id in kept}
    ids = []
    for at, one in enumerate(draft.tracking.topics):
        name = draft.names[at] if at < len(draft.names) else TopicName((), f"#{at + 1}")
        topic = None if one.topic_id is None else session.get(Topic, one.topic_id)
        if topic is None:
            topic = Topic(
                workspace_id=scope.workspace_id,
                audience_id=scope.audience_id,
                kind=scope.kind,
                created_at=now,
                is_merged=False,
                title=free_title(name.title, taken),
            )
            session.add(topic)
        elif topic.id not in kept:
            topic.title = free_title(name.title, taken)
        topic.terms = list(name.terms)
        topic.fingerprint, topic.centroid = draft.fingerprint, draft.measures.centroids[at]
        topic.quality, topic.purity = (
            float(draft.measures.quality[at]),
            float(draft.measures.purity[at]),
        )
        session.flush()
        ids.append(topic.id)
    return ids


def _topics_with_same_title(session: Session, draft: RunDraft) -> set[int]:
    """Return the known topics that keep their title: people gave it, or it is still readable."""
    previous = draft.previous
    unreadable = unreadable_titles(session, draft.scope.audience, previous.titles.values())
    return {
        one.topic_id
        for one in draft.tracking.topics
        if one.topic_id is not None
        and (
            one.topic_id in previous.named
            or not (previous.is_stale or previous.titles[one.topic_id] in unreadable)
        )
    }


def free_title(title: str, taken: set[str]) -> str:
    """Return a title that is not `taken` yet, with a number if need be, and add it to these."""
    number, found = 1, title
    while fold(found) in taken:
        number += 1
        found = f"{title} {number}"
    taken.add(fold(found))
    return found


def _save_items(session: Session, draft: RunDraft, ids: Sequence[int]) -> None:
    scope, measures = draft.scope, draft.measures
    movers = {
        item_id: by
        for part in in_parts(draft.previous.moved)
        for item_id, by in session.execute(
            select(TopicItem.item_id, TopicItem.moved_by).where(
                scope.memberships, TopicItem.item_id.in_(part)
            )
        )
    }
    for part in in_parts(draft.item_ids):
        of_part = scope.memberships & TopicItem.item_id.in_(part)
        session.execute(delete(TopicItem).where(of_part))
    alive = {
        item_id
        for part in in_parts(draft.item_ids)
        for item_id in session.scalars(select(Item.id).where(Item.id.in_(part), LIVE))
    }
    rows = [
        {
            "item_id": item_id,
            "audience_id": scope.audience_id,
            "kind": scope.kind,
            "topic_id": ids[int(label)],
            "fit": float(measures.fits[at]),
            "rank": measures.ranks.get(at),
            "moved_by": movers.get(item_id),
        }
        for at, (item_id, label) in enumerate(
            zip(draft.item_ids, draft.tracking.labels, strict=True)
        )
        if label != UNCLUSTERED and item_id in alive
    ]
    for some in in_parts(rows):
        session.execute(insert(TopicItem), some)


def without_tickets(session: Session, topic_ids: Collection[int]) -> list[int]:
    """Return those of the topics without any ticket, whatever the run covered."""
    left = {
        topic_id
        for part in in_parts(topic_ids)
        for topic_id in session.scalars(
            select(TopicItem.topic_id)
            .join(Item, Item.id == TopicItem.item_id)
            .where(TopicItem.topic_id.in_(part), LIVE)
        )
    }
    return [topic_id for topic_id in topic_ids if topic_id not in left]


def _forget_members(session: Session, topic_ids: Collection[int]) -> None:
    """Forget which tickets were in topics that are gone."""
    for part in in_parts(topic_ids):
        session.execute(delete(TopicItem).where(TopicItem.topic_id.in_(part)))


def _drop_untouched(session: Session, topic_ids: Collection[int]) -> None:
    """Delete topics that are gone. Those that people worked on stay and may come back."""
    untouched = Topic.named_by.is_(None) & Topic.hidden_at.is_(None) & ~Topic.is_merged
    for part in in_parts(topic_ids):
        session.execute(delete(Topic).where(Topic.id.in_(part), untouched))
