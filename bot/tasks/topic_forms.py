"""What people do with a topic in Slack: open its form, rename, hide and share it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.channel_setup import reason_view
from bot.blocks.replies import reason_reply
from bot.blocks.topics import MAX_TICKETS, hidden_view, render_topic, topic_view
from bot.i18n.texts import texts_in
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs
from bot.jobs.topic_jobs import update_jobs
from bot.jobs.topic_kinds import (
    TopicHide,
    TopicJob,
    TopicOpened,
    TopicRename,
    TopicShare,
    TopicUnhide,
)
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.requester_access import RequesterAccess
from bot.tasks.topic_runs import NOT_IN_IT
from bot.wiring import Services
from models import Channel
from services.channels.settings import ensure_decider
from services.errors import DejaError, NotAllowedError, NotFoundError
from services.phrases import Phrase
from services.topics.curation import NO_TOPIC, Curator
from services.topics.members import TopicTicket, tickets_of
from services.topics.views import TopicView, view_with


@dataclass(frozen=True)
class TopicForms:
    """Shows people the topics of a channel and stores their changes."""

    services: Services
    slack: Slack
    channels: ChannelSync
    access: RequesterAccess

    def open(self, job: TopicOpened, lease: Lease, now: datetime) -> list[BotJob]:
        """Fill the form of a topic that somebody opened."""
        self._fill(job, now)
        return []

    def _fill(self, job: TopicJob, now: datetime) -> None:
        channel = self.channels.ensure_channel(job.channel, now)
        say = self.slack.texts(job.user, texts_in(channel).language)
        try:
            topic, tickets = self._topic(channel, job.user, job.topic_id, now)
            may = self._may_change(channel, job.user)
            view = topic_view(job.channel, topic, tickets, say, may_change=may)
        except DejaError as error:
            view = reason_view(error.phrase, say)
        with suppress(GoneError):
            self.slack.update_view(job.view_id, view)

    def rename(self, job: TopicRename, lease: Lease, now: datetime) -> list[BotJob]:
        """Give a topic the title that somebody wrote into its form."""
        title = job.title
        return self._change(job, lease, lambda curator, topic: curator.rename(topic, title), now)

    def hide(self, job: TopicHide, lease: Lease, now: datetime) -> list[BotJob]:
        """Hide a topic and show that in its form."""
        follow_ups = self._change(job, lease, lambda curator, topic: curator.hide(topic), now)
        say = self.slack.texts(job.user)
        with suppress(GoneError):
            view = hidden_view(job.channel, job.topic_id, say)
            self.slack.update_view(job.view_id, view)
        return follow_ups

    def unhide(self, job: TopicUnhide, lease: Lease, now: datetime) -> list[BotJob]:
        """Show a topic again, also in its form."""
        follow_ups = self._change(job, lease, lambda curator, topic: curator.unhide(topic), now)
        self._fill(job, now)
        return follow_ups

    def share(self, job: TopicShare, lease: Lease, now: datetime) -> list[BotJob]:
        """Post a topic in the channel that its form is about."""
        mark = f"deja-topic-{lease.job_id}"
        channel = self.channels.ensure_channel(job.channel, now)
        try:
            topic, _ = self._topic(channel, job.user, job.topic_id, now)
            message = render_topic(topic, job.user, mark, texts_in(channel))
            self.slack.post_in_channel_once(job.channel, message, now)
        except (DejaError, GoneError) as error:
            self._refuse(job, error.phrase if isinstance(error, DejaError) else NOT_IN_IT)
        return []

    def _change(
        self,
        job: TopicJob,
        lease: Lease,
        change: Callable[[Curator, int], object],
        now: datetime,
    ) -> list[BotJob]:
        """Store a change of a topic once, with the jobs that show it."""
        channel = self.channels.ensure_channel(job.channel, now)
        try:
            scope = self.access.scope(channel, job.user)
            with self.services.database.write() as session:
                if not lease.finish(session, now):
                    return []
                ensure_decider(channel, job.user)
                curator = Curator(session, scope, job.user, now)
                change(curator, job.topic_id)
                updates = update_jobs(session, scope, [job.topic_id], job.key, now)
                # In the same transaction: the job is done, so nothing else would store them.
                enqueue_jobs(session, lease.workspace_id, updates, now)
        except DejaError as error:
            self._refuse(job, error.phrase)
            return []
        return updates

    def _refuse(self, job: TopicJob, reason: Phrase) -> None:
        """Tell the person who asked, and nobody else, why nothing was done."""
        say = self.slack.texts(job.user)
        reply = reason_reply(say(reason))
        with suppress(GoneError):
            self.slack.post_ephemeral(job.channel, job.user, reply.text, reply.blocks)

    def _topic(
        self, channel: Channel, user: str, topic_id: int, now: datetime
    ) -> tuple[TopicView, list[TopicTicket]]:
        """Return a topic, and as many of its tickets as a form shows."""
        scope = self.access.scope(channel, user)
        with self.services.database.read() as session:
            view = view_with(session, scope, topic_id, now)
            topic = None if view is None else view.find(topic_id)
            if view is None or topic is None:
                raise NotFoundError(NO_TOPIC)
            return topic, tickets_of(session, view.selection, topic_id, MAX_TICKETS)

    def _may_change(self, channel: Channel, user: str) -> bool:
        try:
            ensure_decider(channel, user)
        except NotAllowedError:
            return False
        return True
