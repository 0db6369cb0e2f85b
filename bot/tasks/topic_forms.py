"""What people do with a topic in Slack: open its form and those behind its menu, hide, share it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.blocks.channel_setup import reason_view
from bot.blocks.parts import Block
from bot.blocks.topic_forms import (
    MAX_CHOSEN,
    MAX_TICKETS,
    NO_OTHER,
    hidden_view,
    merge_view,
    move_view,
    rename_view,
    split_view,
    topic_view,
)
from bot.blocks.topics import render_topic
from bot.i18n.texts import Texts, texts_in
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.topic_kinds import (
    TopicHide,
    TopicJob,
    TopicOpened,
    TopicShare,
    TopicStep,
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
from services.topics.alike import most_alike
from services.topics.curation import NO_TOPIC, Curator
from services.topics.faq_entries import faq_entry
from services.topics.members import TopicTicket, least_fitting, tickets_by_id, tickets_of
from services.topics.scopes import Scope
from services.topics.split import parts_of
from services.topics.views import RunView, TopicView, view_with


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
        self._show(job, lambda channel, say: self._topic_form(job, channel, say, now), now)

    def _topic_form(
        self, job: TopicJob, channel: Channel, say: Texts, now: datetime, *, hides: bool = False
    ) -> Block:
        """Return the form of a topic; if it was just to be hidden, that it is."""
        scope = self.changes.access.scope(channel, job.user)
        may = self._may_change(channel, job.user)
        with self.services.database.read() as session:
            run, topic = _find(session, scope, job.topic_id, now)
            if hides and topic.is_hidden:
                return hidden_view(job.channel, job.topic_id, say)
            tickets = tickets_of(session, run.selection, job.topic_id, MAX_TICKETS)
            entry = faq_entry(session, run, topic)
        return topic_view(job.channel, topic, tickets, say, may_change=may, entry=entry)

    def step(self, job: TopicStep, lease: Lease, now: datetime) -> list[BotJob]:
        """Turn the form of a topic into the one of a choice in its menu."""

        def step_form(channel: Channel, say: Texts) -> Block:
            ensure_decider(channel, job.user)
            return self._step_view(job, self.changes.access.scope(channel, job.user), say, now)

        self._show(job, step_form, now)
        return []

    def _show(
        self, job: TopicJob, make_view: Callable[[Channel, Texts], Block], now: datetime
    ) -> None:
        """Show a view in the form that is open, or why somebody may not see it."""
        channel = self.changes.channels.ensure_channel(job.channel, now)
        say = self.slack.texts(job.user, texts_in(channel).language)
        try:
            view = make_view(channel, say)
        except DejaError as error:
            view = reason_view(error.phrase, say)
        with suppress(GoneError):
            self.slack.update_view(job.view_id, view)

    def _step_view(self, job: TopicStep, scope: Scope, say: Texts, now: datetime) -> Block:
        about = f"{job.channel}:{job.topic_id}"
        with self.services.database.read() as session:
            run, topic = _find(session, scope, job.topic_id, now)
            if job.step == "rename":
                return rename_view(about, topic, say)
            if job.step == "split":
                stored = Curator(session, scope, job.user, now).find(job.topic_id)
                parts = [_readable(session, run, part) for part in parts_of(session, stored)]
                return split_view(about, topic, parts, say)
            others = most_alike(session, run, job.topic_id)
            if not others:
                raise NotFoundError(NO_OTHER)
            if job.step == "merge":
                return merge_view(about, topic, others, say)
            tickets = least_fitting(session, run.selection, job.topic_id, MAX_CHOSEN)
            return move_view(about, topic, tickets, others, say)

    def hide(self, job: TopicHide, lease: Lease, now: datetime) -> list[BotJob]:
        """Hide a topic and show that in its form."""
        follow_ups = self._change(job, lease, lambda curator, topic: curator.hide(topic), now)
        self._show(
            job, lambda channel, say: self._topic_form(job, channel, say, now, hides=True), now
        )
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
            scope = self.changes.access.scope(channel, job.user)
            with self.services.database.read() as session:
                _, topic = _find(session, scope, job.topic_id, now)
            message = render_topic(topic, job.user, mark, texts_in(channel))
            self.slack.post_in_channel_once(job.channel, message, now)
        except (DejaError, GoneError) as error:
            reason = error.phrase if isinstance(error, DejaError) else NOT_IN_IT
            self.changes.refuse(job, reason, now)
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

    def _may_change(self, channel: Channel, user: str) -> bool:
        try:
            ensure_decider(channel, user)
        except NotAllowedError:
            return False
        return True


def _find(
    session: Session, scope: Scope, topic_id: int, now: datetime
) -> tuple[RunView, TopicView]:
    """Return a topic with the newest run of its kind."""
    run = view_with(session, scope, topic_id, now)
    topic = None if run is None else run.find(topic_id)
    if run is None or topic is None:
        raise NotFoundError(NO_TOPIC)
    return run, topic


def _readable(session: Session, run: RunView, item_ids: list[int]) -> tuple[int, list[TopicTicket]]:
    """Return how many of these tickets the readers of a run may read, and the tickets."""
    tickets = list(tickets_by_id(session, run.selection, item_ids).values())
    return len(tickets), tickets
