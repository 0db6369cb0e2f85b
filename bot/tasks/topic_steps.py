"""Changes of a topic from the forms behind its menu: rename, merge, split, and move tickets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from bot.blocks.topic_forms import change_reply
from bot.blocks.topic_steps import Step
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.topic_kinds import (
    TicketsMove,
    TopicJob,
    TopicMerge,
    TopicRename,
    TopicSplit,
)
from bot.tasks.topic_changes import TopicChanges
from services.topics.curation import Curator
from services.topics.views import view_with

TOPIC_STEPS: dict[type[TopicJob], Step] = {
    TopicRename: "rename",
    TopicMerge: "merge",
    TopicSplit: "split",
    TicketsMove: "move",
}


@dataclass
class _Made:
    """The topics that a change made or changed, and the changes, the newest first."""

    topic_ids: list[int] = field(default_factory=list)
    edit_ids: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class TopicSteps:
    """Stores what people sent in a form, and tells them what came of it, with *Undo*."""

    changes: TopicChanges

    def change(self, job: TopicJob, lease: Lease, now: datetime) -> list[BotJob]:
        """Store a change once."""
        made = _Made()

        def work(curator: Curator) -> Collection[int]:
            made.topic_ids = _apply(curator, job)
            made.edit_ids = [one.id for one in reversed(curator.made)]
            return {job.topic_id, *made.topic_ids}

        updates = self.changes.store(job, lease, work, now)
        if made.edit_ids:
            self._tell(job, made, now)
        return updates

    def _tell(self, job: TopicJob, made: _Made, now: datetime) -> None:
        channel = self.changes.channels.ensure_channel(job.channel, now)
        scope = self.changes.access.scope(channel, job.user)
        with self.changes.services.database.read() as session:
            run = view_with(session, scope, made.topic_ids[0], now)
        found = [] if run is None else [run.find(one) for one in made.topic_ids]
        topics = [one for one in found if one is not None]
        undo = ",".join(map(str, made.edit_ids))
        say = self.changes.slack.texts(job.user)
        reply = change_reply(TOPIC_STEPS[type(job)], topics, len(made.edit_ids), undo, say)
        self.changes.tell(job, reply)


def _apply(curator: Curator, job: TopicJob) -> list[int]:
    """Make a change; return the topics to tell about."""
    if isinstance(job, TopicRename):
        curator.rename(job.topic_id, job.title)
    elif isinstance(job, TopicMerge):
        curator.merge(job.topic_id, [job.other_id])
    elif isinstance(job, TopicSplit):
        return [job.topic_id, curator.split(job.topic_id).id]
    elif isinstance(job, TicketsMove):
        return _move(curator, job)
    return [job.topic_id]


def _move(curator: Curator, job: TicketsMove) -> list[int]:
    for item_id in job.item_ids:
        topic = curator.move(item_id, job.other_id)
    curator.measure(topic)
    curator.measure(curator.find(job.topic_id))
    return [job.other_id]
