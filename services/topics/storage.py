"""What is stored of a run of topics: it replaces what the last one said of the same tickets."""

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
from services.text.terms import fold
from services.topics.alerts import share_incidents
from services.topics.grouping.tracking import NOWHERE, Tracking
from services.topics.naming.themes import titles_shown
from services.topics.naming.titles import TopicName
from services.topics.previous_run import PreviousRun
from services.topics.quality import Measured
from services.topics.scopes import Scope, last_run
from services.topics.title_words import unreadable_titles

GONE = phrase("The workspace has been removed in the meantime.")


@dataclass(frozen=True)
class RunInfo:
    """What a run was asked for, by whom and when: tickets since `since` of `channels` (ids).

    No channels are all of them. `input_digest` is a digest of all that the topics are computed
    from: equal where nothing is new.
    """

    since: datetime | None
    channels: Sequence[int]
    input_digest: str
    by: str
    now: datetime


@dataclass(frozen=True)
class Draft:
    """A run that is to be stored: what was known before, the topics, their names and themes'."""

    scope: Scope
    fingerprint: str
    item_ids: list[int]
    before: PreviousRun
    following: Tracking
    names: list[TopicName]
    themes: dict[int, str]
    measured: Measured
    pools: Mapping[str, int]


def save_run(session: Session, draft: Draft, made: RunInfo) -> int | None:
    """Store a run and return its id; None where another one was stored since `before` was read.

    A look has no news: looks are at other numbers of topics, nothing has become of any.

    Raises `NotFoundError` where the workspace was forgotten meanwhile.
    """
    if not _is_newest(session, draft.scope, draft.before):
        return None
    ids = _save_topics(session, draft, made.now)
    for topic_id, one in zip(ids, draft.following.topics, strict=True):
        if one.topic_id is None and one.change == "split":
            share_incidents(session, one.parents[0], topic_id, made.now)
    _save_items(session, draft, ids)
    before, following = draft.before, draft.following
    is_exploration = draft.scope.is_exploration
    empty = without_tickets(session, following.gone)
    gone = {topic_id: before.titles[topic_id] for topic_id in empty}
    _forget(session, empty)
    if before.is_stale:
        _drop_untouched(session, set(before.titles) - set(ids))
    run = TopicRun(
        newest_item=max(draft.item_ids),
        tickets=len(draft.item_ids),
        unclustered=int((following.labels == NOWHERE).sum()),
        topics={
            topic_id: TopicInRun("born" if is_exploration else one.change, one.before, theme)
            for topic_id, one, theme in zip(
                ids, following.topics, draft.measured.themes, strict=True
            )
        },
        theme_titles=draft.themes,
        gone_topics={} if before.is_stale or is_exploration else gone,
        pool_epochs=dict(draft.pools),
    )
    return _add(session, draft.scope, run, made)


def save_again(session: Session, scope: Scope, before: PreviousRun, made: RunInfo) -> int | None:
    """Store a run of which nothing is new since the one before: no topic has changed.

    Returns and raises what `save_run` does.
    """
    if not _is_newest(session, scope, before):
        return None
    last = session.get_one(TopicRun, before.run_id)
    topics = {topic_id: replace(topic, change="same") for topic_id, topic in last.topics.items()}
    # No title that a topic gave which was hidden since.
    titles = titles_shown(last, session.scalars(select(Topic).where(scope.topics)).all(), ())
    run = TopicRun(
        newest_item=last.newest_item,
        tickets=last.tickets,
        unclustered=last.unclustered,
        topics=topics,
        theme_titles=titles,
        pool_epochs=last.pool_epochs,
    )
    return _add(session, scope, run, made)


def _add(session: Session, scope: Scope, run: TopicRun, made: RunInfo) -> int:
    """Store a run of a scope with what it was made of, and return its id."""
    run.workspace_id, run.audience_id, run.kind = scope.workspace_id, scope.audience_id, scope.kind
    run.since, run.channel_ids = made.since, list(made.channels)
    run.input_digest = made.input_digest
    run.made_by, run.made_at = made.by, made.now
    session.add(run)
    session.flush()
    return run.id


def _is_newest(session: Session, scope: Scope, before: PreviousRun) -> bool:
    """Lock the workspace's runs and say whether none of a scope was stored since `before`.

    Raises `NotFoundError` where the workspace was forgotten meanwhile.
    """
    lock = select(Workspace.id).where(Workspace.id == scope.workspace_id).with_for_update()
    if session.scalar(lock) is None:
        raise NotFoundError(GONE)
    last = last_run(session, scope)
    return (None if last is None else last.id) == before.run_id


def _save_topics(session: Session, draft: Draft, now: datetime) -> list[int]:
    """Store the topics and return their ids, in order.

    One that is known keeps its title while readers may read all of its words.
    """
    scope, before, following = draft.scope, draft.before, draft.following
    lost = unreadable_titles(session, scope.audience, before.titles.values())
    kept = {
        one.topic_id
        for one in following.topics
        if one.topic_id is not None
        and (
            one.topic_id in before.named
            or not (before.is_stale or before.titles[one.topic_id] in lost)
        )
    }
    taken = {fold(before.titles[topic_id]) for topic_id in kept}
    ids = []
    for at, one in enumerate(following.topics):
        name = draft.names[at] if at < len(draft.names) else TopicName((), f"#{at + 1}")
        topic = None if one.topic_id is None else session.get(Topic, one.topic_id)
        if topic is None:
            topic = Topic(
                workspace_id=scope.workspace_id,
                audience_id=scope.audience_id,
                kind=scope.kind,
                created_at=now,
                is_merged=False,
                title=untaken(name.title, taken),
            )
            session.add(topic)
        elif topic.id not in kept:
            topic.title = untaken(name.title, taken)
        topic.terms = list(name.terms)
        topic.fingerprint, topic.centroid = draft.fingerprint, draft.measured.centroids[at]
        topic.quality, topic.purity = (
            float(draft.measured.quality[at]),
            float(draft.measured.purity[at]),
        )
        session.flush()
        ids.append(topic.id)
    return ids


def untaken(title: str, taken: set[str]) -> str:
    """Return a title that no topic of the scope has yet."""
    number, found = 1, title
    while fold(found) in taken:
        number += 1
        found = f"{title} {number}"
    taken.add(fold(found))
    return found


def _save_items(session: Session, draft: Draft, ids: Sequence[int]) -> None:
    scope, measured = draft.scope, draft.measured
    movers = {
        item_id: by
        for part in in_parts(draft.before.moved)
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
            "fit": float(measured.fits[at]),
            "rank": measured.ranks.get(at),
            "moved_by": movers.get(item_id),
        }
        for at, (item_id, label) in enumerate(
            zip(draft.item_ids, draft.following.labels, strict=True)
        )
        if label != NOWHERE and item_id in alive
    ]
    for some in in_parts(rows):
        session.execute(insert(TopicItem), some)


def without_tickets(session: Session, topic_ids: Collection[int]) -> list[int]:
    """Return the topics without any ticket: a run of some days leaves others' older ones alone."""
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


def _forget(session: Session, topic_ids: Collection[int]) -> None:
    """Forget topics that are gone; one that people touched stays, and may return."""
    for part in in_parts(topic_ids):
        session.execute(delete(TopicItem).where(TopicItem.topic_id.in_(part)))
    _drop_untouched(session, topic_ids)


def _drop_untouched(session: Session, topic_ids: Collection[int]) -> None:
    untouched = Topic.named_by.is_(None) & Topic.hidden_at.is_(None) & ~Topic.is_merged
    for part in in_parts(topic_ids):
        session.execute(delete(Topic).where(Topic.id.in_(part), untouched))
