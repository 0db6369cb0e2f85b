"""What an erasure would erase, counted without changing anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models import Answer, Channel, FollowUp, Item, Question, Resolution, ShownMatch
from models.queries import SLACK_SOURCE
from services.erasure import people
from services.erasure.subjects import Subject, whole_tickets
from services.erasure.tickets import copied_answers, count_contents
from services.erasure.waiting_jobs import ErasedPlaces, count_jobs


@dataclass(frozen=True)
class Preview:
    """Counts by surface, and the ids of the tickets with all their messages.

    `mentions` are other people's tickets with the person's name in their text; they stay.
    """

    counts: Counter[str]
    item_ids: list[int] = field(default_factory=list)
    mentions: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to erase."""
        return not any(self.counts.values())


def preview(session: Session, subject: Subject) -> Preview:
    """Count what an erasure would erase."""
    ids = list(session.scalars(select(Item.id).where(subject.tickets).order_by(Item.id)))
    where = subject.tickets if subject.kind == "channel" else _whole(subject, session, ids)
    counts = count_contents(session, where)
    counts["answers copied to other tickets"] = _count(
        session, Resolution.id, copied_answers(where)
    )
    own = select(Item.id).where(where)
    shown = or_(
        Answer.item_id.in_(own),
        Answer.id.in_(select(ShownMatch.answer_id).where(ShownMatch.item_id.in_(own))),
    )
    counts["posts in Slack about them"] = _count(
        session, Answer.id, shown & Answer.message_ts.is_not(None)
    ) + _count(
        session,
        func.distinct(Question.message_ts),
        or_(Question.item_id.in_(own), Question.other_id.in_(own)),
    )
    counts["waiting jobs"] = count_jobs(
        session, subject.workspace_id, _places(session, subject, ids)
    )
    mentions = 0
    if subject.channel_id is not None:
        counts["follow-ups"] = _count(
            session, FollowUp.ts, FollowUp.channel_id == subject.channel_id
        )
    if subject.person is not None:
        counts += _of_person(session, subject)
        mentions = _mentions(session, subject)
    return Preview(Counter({name: n for name, n in counts.items() if n}), ids, mentions)


def _whole(subject: Subject, session: Session, ids: list[int]) -> ColumnElement[bool]:
    # Bursts are of one author, so only a single item can have messages beside it.
    return subject.tickets if subject.kind == "person" else Item.id.in_(whole_tickets(session, ids))


def _count(session: Session, what: Any, where: ColumnElement[bool]) -> int:
    found: int | None = session.scalar(select(func.count(what)).where(where))
    return found or 0


def _places(session: Session, subject: Subject, ids: list[int]) -> ErasedPlaces:
    channel = None if subject.channel_id is None else session.get(Channel, subject.channel_id)
    messages: dict[str, set[str]] = defaultdict(set)
    if subject.kind == "item":
        named = select(Item.external_id).where(Item.id.in_(ids), Item.source == SLACK_SOURCE)
        for external_id in session.scalars(named):
            place, _, ts = external_id.partition("/")
            messages[place].add(ts)
    slack_id = None if channel is None else channel.slack_id
    return ErasedPlaces(messages, {}, slack_id, subject.person)


def _of_person(session: Session, subject: Subject) -> Counter[str]:
    others = select(Item.id).where(Item.workspace_id == subject.workspace_id, ~subject.items)
    without_author = select(Item.id).where(
        Item.workspace_id == subject.workspace_id, Item.author.is_(None)
    )
    elsewhere = or_(Resolution.item_id.in_(others), Resolution.item_id.in_(without_author))
    answers = _count(session, Resolution.id, people.answers_by(subject) & elsewhere)
    names = people.count_traces(session, subject)
    return people.count_replies(session, subject) + Counter(
        {people.ANSWERS: answers, "names": names}
    )


def _mentions(session: Session, subject: Subject) -> int:
    named = Item.text.contains(str(subject.person), autoescape=True)
    here = (Item.workspace_id == subject.workspace_id) & named
    written = _count(session, Item.id, here & subject.items)
    return _count(session, Item.id, here) - written
