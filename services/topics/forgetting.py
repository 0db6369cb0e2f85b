"""Forgets the words of titles that are in no ticket any more.

Whoever deletes or edits a message takes its words back, and a channel that becomes private takes
all of its words with it. Topics with such titles get new ones from the tickets that are left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from models import Channel, Database, Item, Topic, TopicEdit, TopicItem, TopicRun
from models.queries import LIVE
from services.text.words.folding import fold
from services.topics.edits import edits_of
from services.topics.merge import forget_merged
from services.topics.naming.titles import name_topics
from services.topics.run_texts import MAX_READ, SPOKEN
from services.topics.scopes import Scope
from services.topics.storage import free_title, without_tickets
from services.topics.title_words import nameless, unreadable_titles


def forget_unreadable(database: Database, scope: Scope) -> list[int]:
    """Remove words that are in no ticket any more from a scope's topics and runs.

    Returns the ids of the topics that got a new title. Titles that people gave stay.
    """
    with database.read() as session:
        lost = _lost(session, scope)
        if not lost:
            return []
        is_title = any(topic.title in lost for topic in _unnamed(session, scope))
        titles = _titles(session, scope) if is_title else {}
    with database.write() as session:
        lost &= _lost(session, scope)
        _clean_runs(session, scope, lost)
        _clean_former(session, scope, lost)
        for topic in session.scalars(_with_merged(scope)):
            topic.terms = [term for term in topic.terms if term not in lost]
        return _rename(session, scope, lost, titles)


def _lost(session: Session, scope: Scope) -> set[str]:
    """Return the stored titles and terms from tickets that are in no ticket now."""
    names = {term for topic in session.scalars(_with_merged(scope)) for term in topic.terms}
    names.update(topic.title for topic in _unnamed(session, scope))
    names.update(topic.title for topic in _unnamed_merged(session, scope))
    names.update(edit.title for edit in _former_names(session, scope) if edit.title)
    names.update(title for titles in _in_runs(session, scope).values() for title in titles)
    return unreadable_titles(session, scope.audience, names)


def _with_merged(scope: Scope) -> Select[Topic]:
    """Return the query for a scope's topics and for those that were merged into them."""
    of_kind = scope.with_merged_topics & (Topic.kind == scope.kind)
    return select(Topic).where(of_kind).options(defer(Topic.centroid))


def _unnamed_merged(session: Session, scope: Scope) -> list[Topic]:
    """Return the topics that were merged into others, and the names that tickets gave them."""
    merged = Topic.merged_into.is_not(None) & Topic.named_by.is_(None)
    found = session.scalars(_with_merged(scope).where(merged))
    return [topic for topic in found if topic.title != nameless(topic.id)]


def _former_names(session: Session, scope: Scope) -> list[TopicEdit]:
    """Return the renames that replaced a name which tickets had given."""
    found = session.scalars(
        edits_of(scope).where(
            TopicEdit.kind == scope.kind,
            TopicEdit.action == "rename",
            TopicEdit.previous_by.is_(None),
        )
    )
    return [edit for edit in found if edit.title != nameless(edit.topic_id)]


def _unnamed(session: Session, scope: Scope) -> list[Topic]:
    found = select(Topic).where(scope.topics, Topic.named_by.is_(None))
    return list(session.scalars(found.options(defer(Topic.centroid)).order_by(Topic.id)))


def _in_runs(session: Session, scope: Scope) -> dict[int, list[str]]:
    """Return the titles of gone topics and of themes in each run, by its id."""
    on_record = (TopicRun.gone_topics, TopicRun.theme_titles)
    rows = session.execute(select(TopicRun.id, *on_record).where(scope.runs))
    return {run_id: [*gone.values(), *themes.values()] for run_id, gone, themes in rows}


def _titles(session: Session, scope: Scope) -> dict[int, str]:
    """Return new titles for the topics from their tickets as they are now, by id."""
    rows = session.execute(
        select(TopicItem.topic_id, Item.title, func.substr(Item.text, 1, MAX_READ), SPOKEN)
        .join(Item, Item.id == TopicItem.item_id)
        .outerjoin(Channel, Channel.id == Item.channel_id)
        .where(scope.memberships, scope.audience.items, LIVE)
        .order_by(TopicItem.topic_id, Item.id)
    ).all()
    ids, labels = np.unique([row[0] for row in rows], return_inverse=True)
    texts = [f"{title or ''}\n{text}" for _, title, text, _ in rows]
    names = name_topics(texts, labels, spoken=[language for *_, language in rows])
    return {int(topic_id): name.title for topic_id, name in zip(ids, names, strict=True)}


def _rename(
    session: Session, scope: Scope, lost: Collection[str], titles: dict[int, str]
) -> list[int]:
    """Give topics their new titles, and delete those without tickets."""
    unnamed = {topic.id: topic for topic in _unnamed(session, scope) if topic.title in lost}
    for topic_id in without_tickets(session, list(unnamed)):
        session.delete(unnamed.pop(topic_id))
        forget_merged(session, [topic_id])
    others = select(Topic.title).where(scope.topics, Topic.id.not_in(unnamed))
    taken = {fold(title) for title in session.scalars(others)}
    renamed = []
    for topic_id, topic in unnamed.items():
        title = free_title(titles.get(topic_id, topic.title), taken)
        if title != topic.title:
            topic.title = title
            renamed.append(topic_id)
    return renamed


def _clean_former(session: Session, scope: Scope, lost: Collection[str]) -> None:
    """Forget names that only an undo shows again, which then makes new ones."""
    for topic in _unnamed_merged(session, scope):
        if topic.title in lost:
            topic.title = nameless(topic.id)
    for edit in _former_names(session, scope):
        if edit.title in lost:
            edit.title = nameless(edit.topic_id)


def _clean_runs(session: Session, scope: Scope, lost: Collection[str]) -> None:
    for run_id, titles in _in_runs(session, scope).items():
        if not any(title in lost for title in titles):
            continue
        run = session.get_one(TopicRun, run_id, with_for_update=True)
        run.gone_topics = _without(run.gone_topics, lost)
        run.theme_titles = _without(run.theme_titles, lost)


def _without(titles: Mapping[int, str], lost: Collection[str]) -> dict[int, str]:
    return {number: title for number, title in titles.items() if title not in lost}
