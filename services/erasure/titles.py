"""Erasing words of tickets from the names of topics, from runs and from the record of both."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models import Change, Frequency, Pool, Topic, TopicEdit, TopicRun
from models.queries import in_parts
from services.text.comparing.terms import terms
from services.topics.curation import SETTING
from services.topics.title_words import nameless

# Stands on record in place of a title.
GONE = "(erased)"


def name_parts(person: str | None) -> list[str]:
    """Return what a title may have of a person: the whole name or id, in any case."""
    return [person.casefold()] if person else []


def dead_words(session: Session, workspace_id: int) -> set[str]:
    """Return the words that were in tickets and are in none any more."""
    rows = session.execute(
        select(Frequency.term)
        .join(Pool, Pool.id == Frequency.pool_id)
        .where(Pool.workspace_id == workspace_id)
        .group_by(Frequency.term)
        .having(func.max(Frequency.documents) <= 0)
    )
    return set(rows.scalars())


def forget_dead_words(session: Session, workspace_id: int) -> None:
    """Delete the counts of words that are in no ticket of their pool."""
    pools = list(session.scalars(select(Pool.id).where(Pool.workspace_id == workspace_id)))
    for some in in_parts(pools):
        session.execute(
            delete(Frequency).where(Frequency.pool_id.in_(some), Frequency.documents <= 0)
        )


def unname_topics(session: Session, workspace_id: int, person: str | None) -> int:
    """No longer keep the titles that people gave and that name a person; return how many."""
    names = name_parts(person)
    given = select(Topic).where(Topic.workspace_id == workspace_id, Topic.named_by.is_not(None))
    found = [one for one in session.scalars(given) if _has(one.title, (), names)]
    for topic in found:
        topic.named_by = None
        topic.title = nameless(topic.id)
    for topic in session.scalars(select(Topic).where(Topic.workspace_id == workspace_id)):
        topic.terms = [term for term in topic.terms if not _has(term, (), names)]
        if _has(topic.title, (), names):
            topic.title = nameless(topic.id)
    session.flush()
    return len(found)


def clean_record(
    session: Session, workspace_id: int, dead: Collection[str], person: str | None
) -> int:
    """Take titles with erased words out of the record of changes; return how many."""
    names = name_parts(person)
    rows = session.scalars(
        select(Change).where(Change.workspace_id == workspace_id, Change.setting == SETTING)
    )
    cleaned = 0
    for row in rows:
        what, colon, before = row.before.partition(": ")
        if colon and _has(before, dead, names):
            row.before, cleaned = f"{what}: {GONE}", cleaned + 1
        if _has(row.after, dead, names):
            row.after, cleaned = GONE, cleaned + 1
    edits = select(TopicEdit).where(TopicEdit.workspace_id == workspace_id)
    for edit in session.scalars(edits.where(TopicEdit.title.is_not(None))):
        if _has(edit.title or "", dead, names):
            edit.title, cleaned = None, cleaned + 1
    session.flush()
    return cleaned


def clean_runs(
    session: Session, workspace_id: int, dead: Collection[str], person: str | None
) -> list[int]:
    """Take titles with erased words out of stored runs; return the runs whose post shows one."""
    names = name_parts(person)
    posted = []
    for run in session.scalars(select(TopicRun).where(TopicRun.workspace_id == workspace_id)):
        run.theme_titles = _without(run.theme_titles, dead, names)
        run.gone_topics = _without(run.gone_topics, dead, names)
        if any(_has(one, dead, names) for one in run.posted_titles):
            run.posted_titles = [one for one in run.posted_titles if not _has(one, dead, names)]
            posted.append(run.id)
    session.flush()
    return posted


def _without(
    titles: dict[int, str], dead: Collection[str], names: Collection[str]
) -> dict[int, str]:
    return {number: title for number, title in titles.items() if not _has(title, dead, names)}


def _has(title: str, dead: Collection[str], names: Iterable[str]) -> bool:
    folded = title.casefold()
    return any(name in folded for name in names) or any(word in dead for word in terms(title))
