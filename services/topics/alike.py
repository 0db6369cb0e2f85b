"""The topics that are most alike another one."""

from __future__ import annotations

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Topic
from services.topics.views import RunView, TopicView


def most_alike(session: Session, view: RunView, topic_id: int) -> list[TopicView]:
    """Return the other shown topics of a run, the most alike first.

    By the cosine of their centroids. What was grouped by vectors of another model comes last, the
    largest first.
    """
    shown = [topic.topic_id for topic in view.shown]
    here = view.selection.scope.topics & Topic.id.in_([*shown, topic_id])
    topics = {topic.id: topic for topic in session.scalars(select(Topic).where(here))}

    def order(other: TopicView) -> float:
        one, two = topics[topic_id], topics[other.topic_id]
        if one.fingerprint != two.fingerprint:
            return 2.0
        return -float(np.dot(one.centroid, two.centroid))

    return sorted((one for one in view.shown if one.topic_id != topic_id), key=order)
