"""Changes of a topic from the forms behind its menu: rename, merge, split, and move tickets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.topic_forms import change_reply
from bot.blocks.topic_steps import Step
from bot.i18n.texts import texts_in
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.topic_kinds import (
    TicketsMove,
    TopicChanged,
    TopicJob,
    TopicMerge,
    TopicRename,
    TopicSplit,
)
from bot.tasks.topic_changes import TopicChanges
from services.errors import NotAllowedError
from services.phrases import phrase
from services.topics.curation import Curator
from services.topics.views import view_with

TOPIC_STEPS: dict[type[TopicJob], Step] = {
    TopicRename: "rename",
    TopicMerge: "merge",
    TopicSplit: "split",
    TicketsMove: "move",
}

AS_IT_WAS = phrase("Nothing was changed: that is how it was already.")


@dataclass(frozen=True)
class TopicSteps:
    """Stores what people sent in a form, and tells them what came of it, with *Undo*."""

    changes: TopicChanges

    def change(self, job: TopicJob, lease: Lease, now: datetime) -> list[BotJob]:
        """Store a change once, with the job that tells of it."""
        told: list[BotJob] = []
        is_same = False

        def work(curator: Curator) -> Collection[int]:
            nonlocal is_same
            topic_ids = _apply(curator, job)
            if curator.made:
                told.append(_changed(job, topic_ids, curator))
                enqueue_jobs(curator.session, lease.workspace_id, told, now)
            is_same = not curator.made
            return {job.topic_id, *topic_ids}

        updates = self.changes.store(job, lease, work, now)
        if is_same:
            self.changes.refuse(job, AS_IT_WAS, now)
        return [*updates, *told]

    def tell(self, job: TopicChanged, lease: Lease, now: datetime) -> list[BotJob]:
        """Tell whoever sent a form what it changed."""
        channel = self.changes.channels.ensure_channel(job.channel, now)
        try:
            scope = self.changes.access.scope(channel, job.user)
        except NotAllowedError:  # they may not read the topics any more
            return []
        with self.changes.services.database.read() as session:
            run = view_with(session, scope, job.topic_ids[0], now)
        found = [] if run is None else [run.find(one) for one in job.topic_ids]
        topics = [one for one in found if one is not None]
        undo = ",".join(map(str, job.edit_ids))
        say = self.changes.slack.texts(job.user, texts_in(channel).language)
        self.changes.tell(job, change_reply(job.step, topics, len(job.edit_ids), undo, say))
        return []


def _changed(job: TopicJob, topic_ids: Sequence[int], curator: Curator) -> TopicChanged:
    return TopicChanged(
        key=f"topic_changed:{job.key}",
        team=job.team,
        channel=job.channel,
        user=job.user,
        step=TOPIC_STEPS[type(job)],
        topic_ids=tuple(topic_ids),
        edit_ids=tuple(one.id for one in reversed(curator.made)),
    )


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
