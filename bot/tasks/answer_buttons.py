"""The buttons of answers: they decide on pairs, mute the channel, or show more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.i18n.texts import texts_in
from bot.jobs.follow_ups import answer_job
from bot.jobs.kinds import BotJob, Lease, enqueue_jobs, unique_jobs
from bot.jobs.private_replies import reason_job, reply_job
from bot.jobs.request_kinds import AnswerClick
from bot.slack.client import Slack
from bot.tasks.decide import REFUSED, refusal_job, take_decision
from bot.tasks.explanations import UNKNOWN, why_pair
from bot.tasks.request import Request
from bot.tasks.requester_access import SETUP_REFUSED, RequesterAccess
from bot.tasks.resolutions import Resolutions
from bot.wiring import Services
from models import Answer, Channel, Item, Workspace
from services.answers.thread_answers import Display
from services.channels.audience import audience_of_channel, readable_in
from services.channels.settings import ensure_decider
from services.errors import ConflictError, NotAllowedError
from services.issues.groups import PairIds

# How much of an answer a button makes its message show.
_DISPLAYS: Mapping[str, Display] = {"open": "all", "fold": "best", "hide": "hidden"}


@dataclass(frozen=True)
class Clicked:
    """The button of an answer in a channel; `pair` is None if the button is not about a match."""

    answer: Answer
    channel: Channel
    item_id: int
    pair: PairIds | None


@dataclass(frozen=True)
class AnswerButtons:
    """Takes the clicks on the buttons of answers."""

    services: Services
    slack: Slack
    resolutions: Resolutions
    access: RequesterAccess

    def take_click(self, job: AnswerClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Store the decision of a click, or show what it asks for."""
        if job.action in {"why", "use", "more"}:
            return self._show(job, now)
        return self._decide(job, lease, now)

    def _show(self, job: AnswerClick, now: datetime) -> list[BotJob]:
        """Show more about a pair: why it was shown, or its answer. Nothing is decided."""
        with self.services.database.read() as session:
            clicked = _clicked(session, job)
        if clicked is None or clicked.pair is None:
            return [reason_job(UNKNOWN, job)]
        if job.action == "use":
            return self.resolutions.use(job, clicked.channel, clicked.pair, now)
        if job.action == "more":
            return self.resolutions.more(job, clicked.channel, clicked.pair)
        channel = clicked.channel
        say = self.slack.texts(job.user, texts_in(channel).language)
        request = Request("", channel, audience_of_channel(channel), say)
        with self.services.database.read() as session:
            return [reply_job(why_pair(session, self.services, request, clicked.pair), job)]

    def _decide(self, job: AnswerClick, lease: Lease, now: datetime) -> list[BotJob]:
        """Store a decision.

        Unlike most tasks this one must not run twice, or it would restore a decision that was
        undone since. So the job is finished in the transaction that stores the decision.
        """
        if job.action in {"mute", "unmute"}:
            with self.services.database.read() as session:
                about = _clicked(session, job)
            if about is not None and not self.access.may_set_up(about.channel, job.user):
                return [reason_job(SETUP_REFUSED, job)]
        with self.services.database.write() as session:
            clicked = _clicked(session, job)
            if clicked is None:  # the match has been removed or hidden since
                return [reason_job(UNKNOWN, job)]
            if not lease.finish(session, now):
                return []
            try:
                follow_ups = _take(session, clicked, job, now)
            except NotAllowedError as error:
                follow_ups = [refusal_job(error, job)]
            except ConflictError as conflict:
                follow_ups = [_refusal(session, clicked.channel, conflict, job)]
            enqueue_jobs(session, lease.workspace_id, follow_ups, now)
        return follow_ups


def _take(session: Session, clicked: Clicked, job: AnswerClick, now: datetime) -> list[BotJob]:
    own = answer_job(clicked.item_id, job.key)
    if clicked.pair is not None:
        updates = take_decision(session, clicked.channel, clicked.pair, job, now, action=job.action)
        return unique_jobs([own, *updates])
    if job.action in _DISPLAYS:
        if job.action == "hide":
            ensure_decider(clicked.channel, job.user)
        clicked.answer.display = _DISPLAYS[job.action]
        return [own]
    muted = job.action == "mute"
    clicked.channel.muted_at = now if muted else None
    clicked.channel.muted_by = job.user if muted else None
    return [own]


def _refusal(
    session: Session, channel: Channel, conflict: ConflictError, job: AnswerClick
) -> BotJob:
    """Return the job that says why nothing was stored; it names the tickets if all may see them."""
    readable = session.scalars(
        select(Item.id).where(Item.id.in_(conflict.pair), readable_in(channel))
    ).all()
    return reason_job(conflict.phrase if len(readable) == len(conflict.pair) else REFUSED, job)


def _clicked(session: Session, job: AnswerClick) -> Clicked | None:
    """Return what a click is about; None if this channel does not show that."""
    item_id, other_id = job.item_id, job.other_id
    row = session.execute(
        select(Answer, Channel)
        .join(Channel, Channel.id == Answer.channel_id)
        .join(Workspace, Workspace.id == Channel.workspace_id)
        .where(
            Answer.item_id == item_id,
            Channel.slack_id == job.channel,
            Workspace.team_id == job.team,
        )
    ).one_or_none()
    if row is None:
        return None
    if other_id is None:
        return Clicked(row.Answer, row.Channel, item_id, None)
    if all(shown.item_id != other_id for shown in row.Answer.matches):
        return None
    return Clicked(row.Answer, row.Channel, item_id, (item_id, other_id))
