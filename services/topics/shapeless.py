"""Topics whose tickets share nothing that could name them."""

from __future__ import annotations

from collections.abc import Sequence

from services.topics.grouping.tracking import Tracking
from services.topics.naming.titles import TopicName
from services.topics.previous_run import PreviousRun


def shapeless_topics(
    tracking: Tracking, names: Sequence[TopicName], previous: PreviousRun
) -> set[int]:
    """Return the places of the topics whose tickets share nothing that could name them.

    Those that people worked on are topics.
    """
    touched = {
        *previous.named,
        *previous.hidden,
        *previous.moved.values(),
        *(topic_id for pair in previous.apart for topic_id in pair),
        *(one.topic_id for one in previous.known if one.is_merged or one.parent_id is not None),
        *(one.parent_id for one in previous.known if one.parent_id is not None),
    }
    return {
        at
        for at, (topic, name) in enumerate(zip(tracking.topics, names, strict=False))
        if not name.is_telling and topic.topic_id not in touched
    }
