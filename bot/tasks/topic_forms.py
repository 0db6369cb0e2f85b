"""What people do with a topic in Slack: open its form, rename, hide and share it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.channel_setup import reason_view
from bot.blocks.topics import MAX_TICKETS, hidden_view, render_topic, topic_view
from bot.i18n.texts import texts_in
from bot.jobs.kinds import BotJob, Lease
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
from bot.tasks.topic_changes import TopicChanges
from bot.tasks.topic_runs import NOT_IN_IT
from bot.wiring import Services
from models import Channel
from services.channels.settings import ensure_decider
from services.errors import DejaError, NotAllowedError, NotFoundError
from services.topics.curation import NO_TOPIC, Curator
from services.topics.members import TopicTicket, tickets_of
from services.topics.views import TopicView, view_with


@dataclass(frozen=True)
class TopicForms:
    """Shows people the topics of a channel and stores their changes."""

    changes: TopicChanges

    @property
    def services(self) -> Services:
        """The services of the workspace."""
        return self.changes.services

    @property
    def slack(self) -> Slack:
        """Slack, as it is for the workspace."""
        return self.changes.slack

    def open(self, job: TopicOpened, lease: Lease, now: datetime) -> list[BotJob]:
        """Fill the form of a topic that somebody opened."""
        self._fill(job, now)
        return []

    def _fill(self, job: TopicJob, now: datetime) -> None:
        channel = self.changes.channels.ensure_channel(job.channel, now)
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
        channel = self.changes.channels.ensure_channel(job.channel, now)
        try:
            topic, _ = self._topic(channel, job.user, job.topic_id, now)
            message = render_topic(topic, job.user, mark, texts_in(channel))
            self.slack.post_in_channel_once(job.channel, message, now)
        except (DejaError, GoneError) as error:
            self.changes.refuse(job, error.phrase if isinstance(error, DejaError) else NOT_IN_IT)
        return []

    def _change(
        self,
        job: TopicJob,
        lease: Lease,
        change: Callable[[Curator, int], object],
        now: datetime,
    ) -> list[BotJob]:
        """Store a change of a topic."""

        def work(curator: Curator) -> Collection[int]:
            change(curator, job.topic_id)
            return [job.topic_id]

        return self.changes.store(job, lease, work, now)

    def _topic(
        self, channel: Channel, user: str, topic_id: int, now: datetime
    ) -> tuple[TopicView, list[TopicTicket]]:
        """Return a topic, and as many of its tickets as a form shows."""
        scope = self.changes.access.scope(channel, user)
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
