"""Topics that nothing could name are dissolved, but never those that people worked on."""

from __future__ import annotations

import numpy as np

from services.topics.grouping.tracking import KnownTopic, TrackedTopic, Tracking
from services.topics.naming.titles import TopicName
from services.topics.previous_run import PreviousRun
from services.topics.shapeless import shapeless_topics

(
    NOBODYS, NAMED, HIDDEN, MOVED_INTO, MERGED, SPLIT, SPLIT_OFF, APART, OTHER, TELLING,
) = range(1, 11)  # fmt: skip


def _known(topic_id: int, parent_id: int | None = None, *, is_merged: bool = False) -> KnownTopic:
    centroid = np.ones(1, dtype=np.float32)
    return KnownTopic(topic_id, frozenset({topic_id}), centroid, parent_id, is_merged)


def test_what_people_worked_on_is_a_topic_whatever_its_tickets_share() -> None:
    """They named or hid it, moved a ticket, merged or split it, or said what it is not."""
    previous = PreviousRun(
        known=[
            *(_known(one) for one in (NOBODYS, NAMED, HIDDEN, MOVED_INTO, SPLIT)),
            _known(MERGED, is_merged=True),
            _known(SPLIT_OFF, SPLIT),
            *(_known(one) for one in (APART, OTHER, TELLING)),
        ],
        moved={99: MOVED_INTO},
        titles={},
        named={NAMED},
        hidden={HIDDEN},
        apart=[(APART, OTHER)],
        fixed_k=None,
        run_id=1,
        is_stale=False,
        input_digest="",
    )
    ids: list[int | None] = [None, *range(NOBODYS, TELLING + 1)]
    topics = [TrackedTopic(one, "born" if one is None else "same", 1) for one in ids]
    names = [TopicName((), "#1", is_telling=one == TELLING) for one in ids]
    found = shapeless_topics(Tracking(np.arange(len(ids)), topics), names, previous)
    assert [ids[at] for at in sorted(found)] == [None, NOBODYS]
