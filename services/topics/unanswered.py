"""Questions that are asked again and again without an answer, worded for an FAQ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.queries import items_by_id
from services.topics.naming.faq import MAX_READ, heading_of, question_of
from services.topics.statistics import median_waiting_times
from services.topics.views import RunView, TopicView


@dataclass(frozen=True)
class Unanswered:
    """A topic with several open tickets, and how long they have waited.

    `question` is a wording for an FAQ, in the words of one of its representatives.
    """

    topic: TopicView
    median_wait: timedelta
    question: str

    @property
    def open_count(self) -> int:
        """How many of its tickets are open."""
        return self.topic.open_count


def unanswered(session: Session, view: RunView, now: datetime) -> list[Unanswered]:
    """Return the topics with several open tickets, by their number times their waiting time."""
    waiting = median_waiting_times(session, view.selection, now)
    topics = [one for one in view.shown if one.open_count > 1 and one.topic_id in waiting]
    items = items_by_id(session, [one.item_id for topic in topics for one in topic.representatives])
    texts = {one.id: f"{one.title or ''}\n{one.text[:MAX_READ]}" for one in items.values()}
    found = [
        Unanswered(
            topic,
            waiting[topic.topic_id],
            heading_of(
                question_of(
                    [texts[one.item_id] for one in topic.representatives if one.item_id in texts],
                    [topic.title, *topic.terms],
                )
                or topic.representatives[0].title
            ),
        )
        for topic in topics
    ]
    return sorted(found, key=lambda one: (-one.open_count * one.median_wait, one.topic.topic_id))
