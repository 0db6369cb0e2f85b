"""What is asked again and again without an answer, worded for an FAQ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Item
from services.faq import MOST_READ, question_of
from services.names import LIVE, in_parts
from services.topic_figures import waiting_times
from services.topic_views import RunView, TopicView


@dataclass(frozen=True)
class Unanswered:
    """A topic that is asked again and again without an answer, and how long people wait.

    `question` is the wording for an entry of an FAQ, as one of its representatives says it.
    """

    topic: TopicView
    median_wait: timedelta
    question: str

    @property
    def open_count(self) -> int:
        """How many of its tickets wait."""
        return self.topic.open_count


def unanswered(session: Session, view: RunView, now: datetime) -> list[Unanswered]:
    """Return the topics with several open tickets, by how many times how long they wait."""
    waiting = waiting_times(session, view.taken, now)
    topics = [one for one in view.shown if one.open_count > 1 and one.topic_id in waiting]
    texts = _texts(session, [one.item_id for topic in topics for one in topic.representatives])
    found = [
        Unanswered(
            topic,
            waiting[topic.topic_id],
            question_of(
                [texts[one.item_id] for one in topic.representatives if one.item_id in texts],
                [topic.title, *topic.terms],
            )
            or topic.representatives[0].title,
        )
        for topic in topics
    ]
    return sorted(found, key=lambda one: (-one.open_count * one.median_wait, one.topic.topic_id))


def _texts(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    """Return the beginnings of tickets with their titles, by id."""
    found: dict[int, str] = {}
    for part in in_parts(item_ids):
        rows = session.execute(
            select(Item.id, Item.title, func.substr(Item.text, 1, MOST_READ)).where(
                Item.id.in_(part), LIVE
            )
        )
        found |= {item_id: f"{title or ''}\n{text}" for item_id, title, text in rows}
    return found
