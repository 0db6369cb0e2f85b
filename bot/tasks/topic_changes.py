"""Changes of topics that people make in Slack: stored once, and shown wherever they are posted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.replies import Reply, reason_reply
from bot.blocks.topic_forms import undone_reply
from bot.i18n.texts import texts_in
from bot.jobs.kinds import BotJob, Lease, PersonJob, enqueue_jobs, unique_jobs
from bot.jobs.summary_jobs import summary_job
from bot.jobs.topic_jobs import update_jobs
from bot.jobs.topic_kinds import TopicAnswer, TopicUndo
from bot.jobs.topic_names import name_by_meaning_and_show
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.requester_access import RequesterAccess
from bot.wiring import Services
from models import TopicEdit
from services.channels.settings import ensure_decider
from services.errors import DejaError
from services.phrases import Phrase
from services.topics.apart import pair_of
from services.topics.curation import Curator
from services.topics.posts import posted_run
from services.topics.questions import answer
from services.topics.undo import Undo

# What a change does; it returns the ids of the topics whose messages show it.
Change = Callable[[Curator], Collection[int]]


@dataclass(frozen=True)
class TopicChanges:
    """Stores what people change about the topics of a channel's readers."""

    services: Services
    slack: Slack
    channels: ChannelSync
    access: RequesterAccess

    def store(
        self, job: PersonJob, lease: Lease, change: Change, now: datetime, message_ts: str = ""
    ) -> list[BotJob]:
        """Store a change once, with the jobs that show it; whoever may not is told why.

        Among what shows it is the message that was clicked.
        """
        channel = self.channels.ensure_channel(job.channel, now)
        try:
            scope = self.access.scope(channel, job.user)
            with self.services.database.write() as session:
                if not lease.finish(session, now):
                    return []
                ensure_decider(channel, job.user)
                curator = Curator(session, scope, job.user, now)
                changed = change(curator)
                updates = update_jobs(session, scope, changed, job.key, now)
                clicked = posted_run(session, lease.workspace_id, job.channel, message_ts)
                updates += [summary_job(run_id, job.key) for run_id in clicked]
                # In the same transaction: the job is done, so nothing else would store them.
                enqueue_jobs(session, lease.workspace_id, updates, now)
        except DejaError as error:
            self.refuse(job, error.phrase, now)
            return []
        name_by_meaning_and_show(self.services, scope, curator.named, job.key, now)
        return unique_jobs(updates)

    def tell(self, job: PersonJob, reply: Reply) -> None:
        """Show a reply to the person who asked, and to nobody else."""
        with suppress(GoneError):
            self.slack.post_ephemeral(job.channel, job.user, reply.text, reply.blocks)

    def refuse(self, job: PersonJob, reason: Phrase, now: datetime) -> None:
        """Tell the person who asked, and nobody else, why nothing was done."""
        language = texts_in(self.channels.ensure_channel(job.channel, now)).language
        self.tell(job, reason_reply(self.slack.texts(job.user, language)(reason)))

    def answer(self, job: TopicAnswer, lease: Lease, now: datetime) -> list[BotJob]:
        """Store whether two topics are one, as somebody said below a summary."""
        ids = pair_of(job.topic_id, job.other_id)

        def change(curator: Curator) -> Collection[int]:
            answer(curator, ids, job.said)
            return ids

        return self.store(job, lease, change, now, job.message_ts)

    def undo(self, job: TopicUndo, lease: Lease, now: datetime) -> list[BotJob]:
        """Undo a change of topics, or several that were made together."""
        undone: list[TopicEdit] = []

        def change(curator: Curator) -> Collection[int]:
            # Assigned at once: should one of them be refused, none is undone.
            undone[:] = Undo(curator).undo_together([job.edit_id, *job.earlier_ids])
            return {one for edit in undone for one in (edit.topic_id, *edit.other_ids)}

        updates = self.store(job, lease, change, now, job.message_ts)
        if undone and job.in_place and job.response_url:
            channel = self.channels.ensure_channel(job.channel, now)
            reply = undone_reply(self.slack.texts(job.user, texts_in(channel).language))
            with suppress(GoneError):
                self.slack.respond(job.response_url, reply.text, reply.blocks, in_place=True)
        return updates
