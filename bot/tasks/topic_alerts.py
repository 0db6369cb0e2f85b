"""Topics unasked: the summary of a week, and one alert for a topic that rises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.blocks.trends import render_alert
from bot.i18n.texts import texts_in
from bot.jobs.topic_jobs import alerts_check_job
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import Message
from bot.wiring import Services
from models import Channel, TopicAlert, TopicRun
from services.channels.audience import scope_of
from services.channels.quiet_hours import QuietHours
from services.errors import NotFoundError
from services.queue import ClaimedJob, NewJob
from services.topics.alerts import (
    BY,
    alerting_channels,
    alerts_to_take_back,
    calm_since,
    find_incident,
    wants,
    weekly_channels,
)
from services.topics.runs import ClusterRequest
from services.topics.scopes import is_stale, newest_run, scope_of_channel
from services.topics.views import RunView, TopicView, view_run


@dataclass(frozen=True)
class TopicAlerts:
    """Tells channels that asked for it which of their topics rise."""

    services: Services
    slack: Slack

    @property
    def hours(self) -> QuietHours:
        """When nobody is told."""
        return self.services.settings.hours

    def group(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Group a scope anew, once a day; return the jobs that tell its channels of rises."""
        channels = self._channels(job, now)
        if not channels:
            return []
        try:
            self.services.topics.run(
                scope_of_channel(channels[0]), ClusterRequest(), by=BY, now=now
            )
        except NotFoundError:
            return []
        return [
            *(
                NewJob(
                    "topic_alerts",
                    f"topic_alerts:{one.id}:{job.key}",
                    # A second try may be after midnight: it looks for the message of that day.
                    {"channel_id": one.id, "day": self.hours.day_of(now)},
                )
                for one in channels
            ),
            # Of topics that are gone, or joined with others.
            alerts_check_job(job.key),
        ]

    def tell(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Tell a channel of each topic that rises; what was told is brought up to date."""
        with self.services.database.read() as session:
            channel = session.get(Channel, job.payload["channel_id"])
            if channel is None or self.hours.is_quiet(now):
                return []
            if not wants(session, channel, Channel.topic_alerts):
                return []
            scope = scope_of_channel(channel)
            run = newest_run(session, scope)  # of the team's own topics: a look alerts nobody
            view = None if run is None else view_run(session, scope, now, run)
        follow_ups = []
        for topic in () if view is None else view.shown:
            if view is not None and topic.trend.is_rise:
                follow_ups += self._tell(job, channel, view, topic, now)
        return follow_ups

    def check(self, job: ClaimedJob, _now: datetime) -> list[NewJob]:
        """Take back the alerts that may stand no more. Their incidents are not told again."""
        with self.services.database.read() as session:
            wrong = alerts_to_take_back(session, job.workspace_id)
        for alert, slack_id in wrong:
            self._take_back(alert, slack_id)
        return []

    def show(self, job: ClaimedJob, now: datetime) -> list[NewJob]:
        """Make an alert say what its topic is called now, of tickets that may still be named.

        One whose incident is over is taken back: its figures are not those of now.
        """
        with self.services.database.read() as session:
            alert = session.get(TopicAlert, job.payload["alert_id"])
            if alert is None or alert.message_ts is None:
                return []
            channel = session.get_one(Channel, alert.channel_id)
            run = session.get_one(TopicRun, alert.run_id)
            view = view_run(session, scope_of_channel(channel), now, run)
        slack_id, is_over = str(channel.slack_id), alert.last_seen_at < calm_since(now)
        topic = None if view is None or is_over else view.find(alert.topic_id)
        if topic is None or topic.is_hidden:
            self._take_back(alert, slack_id)
            return []
        message = _render(topic, self.hours.day_of(alert.opened_at), channel)
        try:
            self.slack.update(slack_id, alert.message_ts, message)
        except GoneError:  # what cannot be kept right does not stay
            self._take_back(alert, slack_id)
        return []

    def _take_back(self, alert: TopicAlert, slack_id: str) -> None:
        self.slack.delete(slack_id, str(alert.message_ts))
        with self.services.database.write() as session:
            session.get_one(TopicAlert, alert.id).message_ts = None

    def _channels(self, job: ClaimedJob, now: datetime) -> list[Channel]:
        """Return the channels of the scope that a job groups, that are to hear of rises now."""
        with self.services.database.read() as session:
            found = alerting_channels(session, job.workspace_id, now, self.hours)
        return [one for one in found if scope_of(one) == job.payload["scope"]]

    def _tell(
        self, job: ClaimedJob, channel: Channel, view: RunView, topic: TopicView, now: datetime
    ) -> list[NewJob]:
        slack_id = str(channel.slack_id)
        with self.services.database.read() as session:
            alert = find_incident(session, channel, topic.topic_id, now)
        opened = job.payload["day"] if alert is None else self.hours.day_of(alert.opened_at)
        message = _render(topic, opened, channel)
        try:
            if alert is None:
                self.slack.pacer.reserve_slot(slack_id, message.mark)
                # A worker that died may have posted it.
                ts = self.slack.find_own(slack_id, message.mark, now)
                ts = ts or self.slack.post(slack_id, None, message)
                alert = TopicAlert(
                    topic_id=topic.topic_id, channel_id=channel.id, opened_at=now, message_ts=ts
                )
            elif alert.message_ts is not None:
                self.slack.update(slack_id, alert.message_ts, message)
        except GoneError:
            if alert is None:
                return []  # nobody could be told
            self._take_back(alert, slack_id)
            alert.message_ts = None
        return self._note(job, alert, view, now)

    def _note(
        self, job: ClaimedJob, alert: TopicAlert, view: RunView, now: datetime
    ) -> list[NewJob]:
        """Store what stands in Slack. Readers that changed meanwhile did not find it there."""
        with self.services.database.write() as session:
            stored = session.merge(alert)
            stored.run_id, stored.last_seen_at = view.run_id, now
            overtaken = is_stale(session, session.get_one(TopicRun, view.run_id))
        return [alerts_check_job(job.key)] if overtaken else []


def topic_jobs(services: Services, workspace_id: int, now: datetime) -> list[NewJob]:
    """Return the jobs about topics that are due in a workspace: of a week, and of a day."""
    hours = services.settings.hours
    with services.database.read() as session:
        weekly = weekly_channels(session, workspace_id, now, hours)
        alerting = alerting_channels(session, workspace_id, now, hours)
    scopes = sorted({scope_of(one) for one in alerting})
    return [
        *(_weekly_job(one, hours.week_of(now)) for one in weekly),
        *(
            NewJob(
                "topics_daily",
                f"topics_daily:{workspace_id}:{scope}:{hours.day_of(now)}",
                {"scope": scope},
            )
            for scope in scopes
        ),
    ]


def _render(topic: TopicView, opened: str, channel: Channel) -> Message:
    """Return an alert as it is now; `opened` is its day, as in `QuietHours.day_of`."""
    mark = f"deja-alert-{topic.topic_id}-{opened}"
    return render_alert(topic, date.fromisoformat(opened), mark, texts_in(channel))


def _weekly_job(channel: Channel, week: str) -> NewJob:
    what: dict[str, Any] = {"channels": [], "days": 7, "k": None}
    about = {"channel": channel.slack_id, "user": None, **what}
    return NewJob("cluster", f"cluster:weekly:{channel.id}:{week}", about)
