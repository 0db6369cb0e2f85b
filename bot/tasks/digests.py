"""The weekly digest: posted once, kept up to date, and answered by clicks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.blocks.digest import mark, render_digest
from bot.i18n.texts import Texts
from bot.jobs.follow_ups import digest_job
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs, unique_jobs
from bot.jobs.request_kinds import DigestClick
from bot.jobs.update_kinds import DigestUpdate, WeeklyDigest
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import Message
from bot.tasks.decide import refusal_job, take_decision
from bot.wiring import Services
from models import Channel, Question
from services.answers.digest_questions import DigestView, may_be_shown, view_digest
from services.answers.digests import (
    AskedQuestion,
    choose_pairs,
    due_channels,
    find_question,
    save_posted,
    set_digest,
    store_questions,
)
from services.errors import ConflictError, NotAllowedError


@dataclass(frozen=True)
class Digests:
    """Asks each channel about a few pairs a week and stores the answers."""

    services: Services
    slack: Slack

    def post(self, job: WeeklyDigest, lease: Lease, now: datetime) -> list[BotJob]:
        """Post a channel's digest of a week if there is something worth asking.

        A worker may die between posting a digest and recording that. So a digest whose questions
        are stored, but which is not recorded as posted, is looked for in the channel first. A job
        that outlived its lease may find, once it has posted, that another worker did: then its own
        message goes.
        """
        channel_id, week = job.channel_id, job.week
        is_new = self._store(channel_id, week, now)
        view = self._view(channel_id, week)
        if view is None or view.message_ts is not None:
            return []
        message = render_digest(view, Texts(view.language))
        try:
            message_ts = None if is_new else self._find(view)
            if message_ts is None:
                if not view.pairs or view.is_off or view.is_muted:
                    return []
                self.slack.pacer.reserve_slot(view.channel, message.mark)
                message_ts = self.slack.post(view.channel, None, message)
        except GoneError:
            self._forget(channel_id, week)
            return []
        with self.services.database.write() as session:
            is_first = save_posted(session, channel_id, week, message_ts)
        if not is_first:
            self.slack.delete(view.channel, message_ts)
        self._bring_up_to_date(channel_id, week, message if is_new and is_first else None)
        return []

    def update(self, job: DigestUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Bring a posted digest up to date."""
        self._bring_up_to_date(job.channel_id, job.week, None)
        return []

    def take_click(self, job: DigestClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Store the answer of a click, or turn the channel's digests on or off.

        Like a click on an answer this must not run twice, so the job is finished in the transaction
        that stores the decision.
        """
        with self.services.database.write() as session:
            found = find_question(session, job.question_id, team_id=job.team, slack_id=job.channel)
            if found is None or not lease.finish(session, now):
                return []
            try:
                follow_ups = _take_answer(session, found, job, now)
            except (NotAllowedError, ConflictError) as error:
                follow_ups = [refusal_job(error, job)]
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups

    def _store(self, channel_id: int, week: str, now: datetime) -> bool:
        """Choose and store the questions; return False if they were stored before."""
        if self._view(channel_id, week) is not None:
            return False
        with self.services.database.read() as session:
            channel = session.get_one(Channel, channel_id)
            found = choose_pairs(session, self.services.judge, channel, week)
        with self.services.database.write() as session:
            store_questions(session, channel_id, week, found, now)
        return True

    def _view(self, channel_id: int, week: str) -> DigestView | None:
        with self.services.database.read() as session:
            return view_digest(session, channel_id, week)

    def _find(self, view: DigestView) -> str | None:
        """Return the `ts` of a digest that was posted, but not recorded as posted."""
        return self.slack.find_own(view.channel, mark(view.week), view.asked_at)

    def _forget(self, channel_id: int, week: str) -> None:
        """Delete questions that could not be posted, so that they can be asked another week."""
        of_week = (Question.channel_id == channel_id) & (Question.digest == week)
        with self.services.database.write() as session:
            session.execute(delete(Question).where(of_week))

    def _bring_up_to_date(self, channel_id: int, week: str, shown: Message | None) -> None:
        """Update a digest until nothing changes meanwhile, so that the last update is right.

        `shown` is what the message shows, if that is known.
        """
        while True:
            view = self._view(channel_id, week)
            if view is None or view.message_ts is None:
                return  # whoever posts it brings it up to date
            message = render_digest(view, Texts(view.language))
            if message == shown:
                return
            try:
                self.slack.update(view.channel, view.message_ts, message)
            except GoneError:
                return
            shown = message


def digest_jobs(services: Services, workspace_id: int, now: datetime) -> list[BotJob]:
    """Return the jobs of the digests that are due in a workspace."""
    with services.database.read() as session:
        due = due_channels(session, workspace_id, now, services.settings.hours)
    return [
        WeeklyDigest(key=f"digest:{channel_id}:{week}", channel_id=channel_id, week=week)
        for channel_id, week in due
    ]


def _take_answer(
    session: Session, asked: AskedQuestion, job: DigestClick, now: datetime
) -> list[BotJob]:
    """Store an answer to a question; return the jobs that update what it changes."""
    channel, action, updates = asked.channel, job.action, list[BotJob]()
    if action in {"on", "off"}:
        set_digest(session, channel, action, by=job.user, now=now)
    elif may_be_shown(session, channel, asked.question):
        updates = take_decision(session, channel, asked.pair, job, now, action=action)
    return unique_jobs([digest_job(channel.id, asked.question.digest, job.key), *updates])
