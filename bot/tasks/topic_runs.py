"""Runs of topics, by command or every week: which tickets are grouped, and for whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.jobs.kinds import BotJob, Lease, PersonJob
from bot.jobs.private_replies import reason_job
from bot.jobs.topic_kinds import TopicGrouping
from bot.slack.errors import GoneError
from bot.tasks.channel_sync import ChannelSync
from bot.tasks.requester_access import RequesterAccess
from bot.tasks.topic_summaries import TopicSummaries, audience_id_in
from bot.wiring import Services
from models import Channel, Item, TopicRun
from services.answers.known_names import find_channels
from services.errors import DejaError, InputError, RetryLaterError
from services.phrases import Phrase, phrase
from services.topics.alerts import BY, MIN_TICKETS, wants
from services.topics.grouping.limits import MAX_TOPICS
from services.topics.posts import find_run_of_job, record_job, record_questions
from services.topics.questions import find_questions
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope, is_newest, scope_of_channel
from services.topics.views import view_run

WORKING = phrase("I'm grouping the tickets. The summary will appear here.")
HOW_TO_GROUP = phrase(
    "Tell me what to group, or nothing for everything: “/deja cluster 30d #helpdesk 12” groups "
    "the last 30 days of one channel into 12 topics. The word “keep” makes that number last."
)
NOT_IN_IT = phrase("I'm not in this channel. Invite me first.")

_SPAN = re.compile(r"(\d{1,4})([dw])", re.IGNORECASE)
# As Slack refers to one, or by its name where Slack knows none.
_CHANNEL = re.compile(r"<#[A-Z0-9]{1,64}(?:\|[^>]*)?>|#[^\s<>]{1,80}")
_DAYS = {"d": 1, "w": 7}

# Questions of a weekly summary about topics.
MAX_WEEKLY = 3

# Wait before grouping again after another run came in between.
OVERTAKEN_SECONDS = 2.0


def group_job(text: str, job: PersonJob) -> TopicGrouping:
    """Return the job that groups the tickets of `/deja cluster …` and posts the summary there.

    Raises `InputError` for a word that it does not understand.
    """
    days, channels, k, keeps_k = None, [], None, False
    for word in text.split():
        span, channel = _SPAN.fullmatch(word), _CHANNEL.fullmatch(word)
        if span is not None and int(span[1]):
            days = int(span[1]) * _DAYS[span[2].lower()]
        elif channel is not None:
            channels.append(channel[0])
        elif word.isdecimal() and 1 <= int(word) <= MAX_TOPICS:
            k = int(word)
        elif word.lower() == "keep":
            keeps_k = True
        elif word.lower() != "all":
            raise InputError(
                phrase("I don't understand “{word}” here. {how}", word=word, how=HOW_TO_GROUP)
            )
    return TopicGrouping(
        key=f"cluster:{job.key}",
        team=job.team,
        channel=job.channel,
        user=job.user,
        response_url=job.response_url,
        days=days,
        channels=tuple(channels),
        k=k,
        keeps_k=keeps_k,
    )


@dataclass(frozen=True)
class TopicRuns:
    """Groups tickets into topics, on request and for the weekly summary."""

    services: Services
    channels: ChannelSync
    access: RequesterAccess
    summaries: TopicSummaries

    def group(self, job: TopicGrouping, lease: Lease, now: datetime) -> list[BotJob]:
        """Group the tickets that a channel's readers may read and post the summary there."""
        channel = self.channels.ensure_channel(job.channel, now)
        self.summaries.slack.pacer.reserve_slot(job.channel, f"deja-topics-of-{lease.job_id}")
        try:
            with self.services.database.read() as session:
                made = find_run_of_job(session, lease.workspace_id, job.key)
            if made is not None and made.message_ts is not None:
                return []  # a worker that died has posted it
            if made is not None:
                self.summaries.delete_unrecorded(job.channel, made.id, now)
            scope, request = self._request(channel, job, now)
            if job.user is None and not self._is_due(channel, scope, request):
                return []
            run_id = self._run(job, scope, request, made, now)
            channel = self.channels.ensure_channel(job.channel, now)
            with self.services.database.read() as session:
                run = session.get_one(TopicRun, run_id)
                is_current = (
                    is_newest(session, scope, run) and audience_id_in(channel) == scope.audience_id
                )
                view = view_run(session, scope, now, run) if is_current else None
            if view is None:
                # Another run has come in between, or the channel's readers have changed: try again.
                raise RetryLaterError(
                    "the tickets were grouped again in the meantime", OVERTAKEN_SECONDS
                )
            return self.summaries.post(job, channel, view)
        except DejaError as error:
            return _refused(error.phrase, job)
        except GoneError:
            return _refused(NOT_IN_IT, job)

    def _run(
        self,
        job: TopicGrouping,
        scope: Scope,
        request: ClusterRequest,
        made: TopicRun | None,
        now: datetime,
    ) -> int:
        """Return the run of a job: that of an earlier attempt, if it is still the newest."""
        with self.services.database.read() as session:
            if made is not None and is_newest(session, scope, made):
                return made.id
        run_id = self.services.topics.run(scope, request, by=job.user or BY, now=now)
        with self.services.database.write() as session:
            record_job(session, run_id, job.key)
            if job.user is None:
                self._ask(session, scope, run_id, now)
        return run_id

    def _ask(self, session: Session, scope: Scope, run_id: int, now: datetime) -> None:
        """Choose what the weekly summary asks about topics."""
        view = view_run(session, scope, now, session.get_one(TopicRun, run_id))
        if view is not None:
            asked = find_questions(session, view, MAX_WEEKLY)
            record_questions(session, run_id, [pair.ids for pair in asked])

    def _request(
        self, channel: Channel, job: TopicGrouping, now: datetime
    ) -> tuple[Scope, ClusterRequest]:
        """Return which tickets are grouped.

        For the weekly summary these are all that the channel's readers may read, so that topics
        stay the same from week to week; only the week's tickets are shown.
        """
        if job.user is None:
            return scope_of_channel(channel), ClusterRequest(shown_since=_since(job, now))
        scope = self.access.scope(channel, job.user)
        return scope, self._cluster_request(scope, job, now)

    def _is_due(self, channel: Channel, scope: Scope, request: ClusterRequest) -> bool:
        """Say whether a channel still wants its weekly summary, and has enough tickets."""
        shown = ClusterRequest(since=request.shown_since).items & scope.audience.items
        with self.services.database.read() as session:
            count = session.scalar(select(func.count()).select_from(Item).where(shown)) or 0
            return count >= MIN_TICKETS and wants(session, channel, Channel.weekly_topics)

    def _cluster_request(self, scope: Scope, job: TopicGrouping, now: datetime) -> ClusterRequest:
        """Return which tickets somebody wants to group.

        Raises `NotFoundError` for a channel that does not exist, or may not be named there.
        """
        with self.services.database.read() as session:
            ids = find_channels(session, scope.audience, job.channels)
        return ClusterRequest(_since(job, now), tuple(ids), job.k, keeps_k=job.keeps_k)


def _since(job: TopicGrouping, now: datetime) -> datetime | None:
    return None if job.days is None else now - timedelta(days=job.days)


def _refused(reason: Phrase, job: TopicGrouping) -> list[BotJob]:
    """Return the job that tells the person who asked why not, if there is one."""
    return [] if job.user is None else [reason_job(reason, job)]
