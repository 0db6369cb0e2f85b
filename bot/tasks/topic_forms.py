"""What people do to a topic in Slack: open its form, rename, hide and share it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.blocks.channel_setup import reason_view
from bot.blocks.replies import reason_reply
from bot.blocks.topics import MAX_TICKETS, hidden_view, render_topic, topic_view
from bot.i18n.texts import texts_in
from bot.jobs.summary_jobs import show_job
from bot.jobs.topic_jobs import alert_jobs, alerts_check_job
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
from services.queue import ClaimedJob, NewJob, enqueue, finish
from services.topics.alerts import calm_since
from services.topics.curation import NO_TOPIC, Curator
from services.topics.members import TopicTicket, tickets_of
from services.topics.posts import newest_posted
from services.topics.scopes import Scope
from services.topics.views import TopicView, view_with


def renewals(
    session: Session, scope: Scope, topic_ids: Collection[int], cause: str, now: datetime
) -> list[NewJob]:
    """Return the jobs that show, where it stands in Slack, what people made of a scope's topics.

    In the newest summary of each channel, and in the alerts on these topics.
    """
    standing = newest_posted(session, scope)
    alerts = alert_jobs(session, topic_ids, cause, since=calm_since(now))
    return [
        *(show_job(run_id, cause) for run_id in standing),
        *alerts,
        # Of topics that were joined.
        *([alerts_check_job(cause)] if alerts else []),
    ]


@dataclass(frozen=True)
class TopicForms:
    """Shows people the topics of a channel, and stores what they make of them."""

    services: Services
    slack: Slack
    places: ChannelSync
    readers: RequesterAccess

    def open(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Fill the form of a topic that somebody opened."""
        payload = job.payload
        channel = self.places.ensure_channel(payload["channel"], now)
        say = self.slack.texts(payload["user"], texts_in(channel).language)
        try:
            topic, tickets = self._topic(channel, payload["user"], payload["topic_id"], now)
            may = self._may(channel, payload["user"])
            view = topic_view(payload["channel"], topic, tickets, say, may_change=may)
        except DejaError as error:
            view = reason_view(error.phrase, say)
        with suppress(GoneError):
            self.slack.update_view(payload["view_id"], view)
        return []

    def rename(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Give a topic the name that somebody wrote into its form."""
        title = job.payload["title"]
        return self._change(job, lambda curator, topic: curator.rename(topic, title), now)

    def hide(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Hide a topic, and let its form say so."""
        follow_ups = self._change(job, lambda curator, topic: curator.hide(topic), now)
        payload = job.payload
        say = self.slack.texts(payload["user"])
        with suppress(GoneError):
            view = hidden_view(payload["channel"], payload["topic_id"], say)
            self.slack.update_view(payload["view_id"], view)
        return follow_ups

    def unhide(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Show a topic again, and its form."""
        follow_ups = self._change(job, lambda curator, topic: curator.unhide(topic), now)
        self.open(job, now)
        return follow_ups

    def share(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Post a topic in the channel that its form is about."""
        payload, mark = job.payload, f"deja-topic-{job.id}"
        channel = self.places.ensure_channel(payload["channel"], now)
        self.slack.pacer.reserve_slot(payload["channel"], mark)
        try:
            topic, _ = self._topic(channel, payload["user"], payload["topic_id"], now)
            message = render_topic(topic, payload["user"], mark, texts_in(channel))
            if self.slack.find_own(payload["channel"], mark, now) is None:
                self.slack.post(payload["channel"], None, message)
        except (DejaError, GoneError) as error:
            self._tell(payload, error.phrase if isinstance(error, DejaError) else NOT_IN_IT)
        return []

    def _change(
        self, job: ClaimedJob, change: Callable[[Curator, int], object], now: datetime
    ) -> list[NewJob]:
        """Store what somebody made of a topic, once, with the job that shows it."""
        payload = job.payload
        channel = self.places.ensure_channel(payload["channel"], now)
        try:
            scope = self.readers.scope(channel, payload["user"])
            with self.services.database.write() as session:
                if not finish(session, [job.id], job.owner, now):
                    return []
                ensure_decider(channel, payload["user"])
                curator = Curator(session, scope, payload["user"], now)
                change(curator, payload["topic_id"])
                shown = renewals(session, scope, [payload["topic_id"]], job.key, now)
                # With the change: a job that is done has nothing to follow it.
                enqueue(session, job.workspace_id, shown, now)
        except DejaError as error:
            self._tell(payload, error.phrase)
            return []
        return shown

    def _tell(self, payload: dict[str, Any], reason: Phrase) -> None:
        """Say to somebody alone, in the channel, why a thing was not done."""
        say = self.slack.texts(payload["user"])
        reply = reason_reply(say(reason))
        with suppress(GoneError):
            self.slack.post_ephemeral(payload["channel"], payload["user"], reply.text, reply.blocks)

    def _topic(
        self, channel: Channel, user: str, topic_id: int, now: datetime
    ) -> tuple[TopicView, list[TopicTicket]]:
        """Return a topic, and as many of its tickets as a form shows."""
        scope = self.readers.scope(channel, user)
        with self.services.database.read() as session:
            view = view_with(session, scope, topic_id, now)
            topic = None if view is None else view.find(topic_id)
            if view is None or topic is None:
                raise NotFoundError(NO_TOPIC)
            return topic, tickets_of(session, view.taken, topic_id, MAX_TICKETS)

    def _may(self, channel: Channel, user: str) -> bool:
        try:
            ensure_decider(channel, user)
        except NotAllowedError:
            return False
        return True
