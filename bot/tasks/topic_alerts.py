"""Alerts to rising topics, and the daily and weekly jobs about topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.blocks.trends import render_alert
from bot.i18n.texts import texts_in
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.topic_jobs import alerts_check_job
from bot.jobs.topic_kinds import (
    AlertCheck,
    AlertUpdate,
    ChannelAlerts,
    DailyTopics,
    TopicGrouping,
)
from bot.slack.client import Slack
from bot.slack.errors import GoneError
from bot.slack.messages import Message
from bot.wiring import Services
from models import Channel, TopicAlert, TopicRun
from services.channels.audience import scope_of
from services.channels.quiet_hours import QuietHours, hours_of_channel
from services.errors import NotFoundError
from services.topics.alerts import (
    BY,
    LocalChannel,
    alerting_channels,
    calm_since,
    find_incident,
    outdated_alerts,
    wants,
    weekly_channels,
)
from services.topics.runs import ClusterRequest
from services.topics.scopes import is_stale, newest_run, scope_of_channel
from services.topics.views import RunView, TopicView, rises_by_theme, view_run


@dataclass(frozen=True)
class TopicAlerts:
    """Alerts channels to rising topics, if they want that."""

    services: Services
    slack: Slack

    def _hours(self, channel: Channel) -> QuietHours:
        """Return when nobody is alerted in a channel, and its time zone."""
        with self.services.database.read() as session:
            return hours_of_channel(session, channel, self.services.settings.hours)

    def group(self, job: DailyTopics, lease: Lease, now: datetime) -> list[BotJob]:
        """Group the tickets of a scope once a day; return the jobs that alert its channels."""
        channels = self._channels(job.scope, lease.workspace_id, now)
        if not channels:
            return []
        try:
            self.services.topics.run(
                scope_of_channel(channels[0][0]), ClusterRequest(), by=BY, now=now
            )
        except NotFoundError:
            return []
        return [
            *(
                ChannelAlerts(
                    key=f"topic_alerts:{one.id}:{job.key}",
                    channel_id=one.id,
                    # A retry after midnight still looks for the message of this day.
                    day=hours.day_of(now),
                )
                for one, hours in channels
            ),
            # For topics that no longer exist or were merged with others.
            alerts_check_job(job.key),
        ]

    def alert(self, job: ChannelAlerts, lease: Lease, now: datetime) -> list[BotJob]:
        """Post an alert to each incident of a channel, or update the posted one.

        Rising topics of one theme are one incident, which has one alert.
        """
        with self.services.database.read() as session:
            channel = session.get(Channel, job.channel_id)
            if channel is None or self._hours(channel).is_quiet(now):
                return []
            if not wants(session, channel, Channel.topic_alerts):
                return []
            scope = scope_of_channel(channel)
            run = newest_run(session, scope)  # explorations alert nobody
            view = None if run is None else view_run(session, scope, now, run)
        if view is None:
            return []
        follow_ups = []
        for topics in rises_by_theme(view):
            first, *others = self._posted_first(channel, topics, now)
            follow_ups += self._alert(job, channel, view, first, now)
            self._record_others(channel, view, others, now)
        return follow_ups

    def _posted_first(
        self, channel: Channel, topics: Sequence[TopicView], now: datetime
    ) -> list[TopicView]:
        """Return the topics of an incident, one that has an alert already before the others."""
        with self.services.database.read() as session:
            known = {
                one.topic_id: find_incident(session, channel, one.topic_id, now) for one in topics
            }

        def is_posted(topic: TopicView) -> bool:
            alert = known[topic.topic_id]
            return alert is not None and alert.message_ts is not None

        return sorted(topics, key=is_posted, reverse=True)

    def _record_others(
        self, channel: Channel, view: RunView, topics: Sequence[TopicView], now: datetime
    ) -> None:
        """Record that topics are part of an incident that has its alert, so that they raise none.

        An alert that one of them had before stays as it is.
        """
        with self.services.database.write() as session:
            for topic in topics:
                alert = find_incident(session, channel, topic.topic_id, now)
                if alert is None:
                    alert = TopicAlert(
                        topic_id=topic.topic_id, channel_id=channel.id, opened_at=now
                    )
                    session.add(alert)
                alert.run_id, alert.last_seen_at = view.run_id, now

    def check(self, job: AlertCheck, lease: Lease, now: datetime) -> list[BotJob]:
        """Delete the alerts that may no longer be shown. Their incidents get no new alert."""
        with self.services.database.read() as session:
            outdated = outdated_alerts(session, lease.workspace_id)
        for alert, slack_id in outdated:
            self._delete(alert, slack_id)
        return []

    def update(self, job: AlertUpdate, lease: Lease, now: datetime) -> list[BotJob]:
        """Bring an alert up to date; delete it if its incident is over and its figures are old."""
        with self.services.database.read() as session:
            alert = session.get(TopicAlert, job.alert_id)
            if alert is None or alert.message_ts is None:
                return []
            channel = session.get_one(Channel, alert.channel_id)
            run = session.get_one(TopicRun, alert.run_id)
            view = view_run(session, scope_of_channel(channel), now, run)
        slack_id, is_over = str(channel.slack_id), alert.last_seen_at < calm_since(now)
        topic = None if view is None or is_over else view.find(alert.topic_id)
        if topic is None or topic.is_hidden:
            self._delete(alert, slack_id)
            return []
        message = _render(topic, self._hours(channel).day_of(alert.opened_at), channel)
        try:
            self.slack.update(slack_id, alert.message_ts, message)
        except GoneError:  # what cannot be updated is deleted
            self._delete(alert, slack_id)
        return []

    def _delete(self, alert: TopicAlert, slack_id: str) -> None:
        self.slack.delete(slack_id, str(alert.message_ts))
        with self.services.database.write() as session:
            session.get_one(TopicAlert, alert.id).message_ts = None

    def _channels(self, scope: int, workspace_id: int, now: datetime) -> list[LocalChannel]:
        """Return the channels of a scope that may be alerted now."""
        with self.services.database.read() as session:
            found = alerting_channels(session, workspace_id, now, self.services.settings.hours)
        return [(one, hours) for one, hours in found if scope_of(one) == scope]

    def _alert(
        self, job: ChannelAlerts, channel: Channel, view: RunView, topic: TopicView, now: datetime
    ) -> list[BotJob]:
        slack_id = str(channel.slack_id)
        with self.services.database.read() as session:
            alert = find_incident(session, channel, topic.topic_id, now)
        hours = self._hours(channel)
        today = job.day or hours.day_of(now)
        opened = today if alert is None else hours.day_of(alert.opened_at)
        message = _render(topic, opened, channel)
        try:
            if alert is None:
                ts = self.slack.post_in_channel_once(slack_id, message, now)
                alert = TopicAlert(
                    topic_id=topic.topic_id, channel_id=channel.id, opened_at=now, message_ts=ts
                )
            elif alert.message_ts is not None:
                self.slack.update(slack_id, alert.message_ts, message)
        except GoneError:
            if alert is None:
                return []  # nothing can be posted there
            self._delete(alert, slack_id)
            alert.message_ts = None
        return self._record(job, alert, view, now)

    def _record(
        self, job: ChannelAlerts, alert: TopicAlert, view: RunView, now: datetime
    ) -> list[BotJob]:
        """Record an alert, and check it again if readers changed before it was recorded."""
        with self.services.database.write() as session:
            stored = session.merge(alert)
            stored.run_id, stored.last_seen_at = view.run_id, now
            is_outdated = is_stale(session, session.get_one(TopicRun, view.run_id))
        return [alerts_check_job(job.key)] if is_outdated else []


def topic_jobs(services: Services, workspace_id: int, now: datetime) -> list[BotJob]:
    """Return the weekly and daily jobs about topics that are due in a workspace."""
    usual = services.settings.hours
    with services.database.read() as session:
        weekly = weekly_channels(session, workspace_id, now, usual)
        alerting = alerting_channels(session, workspace_id, now, usual)
    daily = []
    # A scope is grouped once for each of the quiet hours of its channels, when these end.
    for scope, hours in {(scope_of(one), hours): None for one, hours in alerting}:
        own = "" if hours == usual else f"{hours.zone}:{hours.quiet_from}-{hours.quiet_until}:"
        key = f"topics_daily:{workspace_id}:{scope}:{own}{hours.day_of(now)}"
        daily.append(DailyTopics(key=key, scope=scope))
    return [*(_weekly_job(one, hours.week_of(now)) for one, hours in weekly), *daily]


def _render(topic: TopicView, opened: str, channel: Channel) -> Message:
    """Return the message of an alert; `opened` is its day, as in `QuietHours.day_of`."""
    mark = f"deja-alert-{topic.topic_id}-{opened}"
    return render_alert(topic, date.fromisoformat(opened), mark, texts_in(channel))


def _weekly_job(channel: Channel, week: str) -> TopicGrouping:
    return TopicGrouping(
        key=f"cluster:weekly:{channel.id}:{week}",
        channel=str(channel.slack_id),
        user=None,
        days=7,
        channels=(),
        k=None,
    )
