"""Alerts on topics: a channel is told once an incident, and which channels want to hear at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models import Channel, Topic, TopicAlert, TopicRun
from services.channels import SPEAKING
from services.digests import HOUR, WEEKDAY
from services.topic_scopes import is_void, scope_of_channel

# Nobody is to be woken, most of the world over: told from seven to twenty o'clock in UTC.
FIRST_HOUR, LAST_HOUR = 7, 20

# A topic that rises again within so many days is still the same incident.
CALM = timedelta(days=7)

# Who groups where nobody asked.
BY = "deja"

# With fewer tickets in a week there is nothing to sum up.
FEWEST_TICKETS = 5


def is_quiet(now: datetime) -> bool:
    """Say whether it is night: no rise is told."""
    return not FIRST_HOUR <= now.hour < LAST_HOUR


def wants(channel: Channel, setting: str) -> bool:
    """Say whether a channel is to hear unasked of topics, by the name of its setting."""
    is_spoken_to = channel.slack_id is not None and channel.muted_at is None
    return is_spoken_to and channel.mode in SPEAKING and bool(getattr(channel, setting))


def weekly_channels(session: Session, workspace_id: int, now: datetime) -> Sequence[Channel]:
    """Return the channels that are due to hear what people ask about."""
    is_due = now.weekday() == WEEKDAY and now.hour >= HOUR
    return _wanting(session, workspace_id, Channel.weekly_topics.is_(True)) if is_due else []


def alerting_channels(session: Session, workspace_id: int, now: datetime) -> Sequence[Channel]:
    """Return the channels that are to hear of rises, by day."""
    return [] if is_quiet(now) else _wanting(session, workspace_id, Channel.topic_alerts.is_(True))


def find_incident(
    session: Session, channel: Channel, topic_id: int, now: datetime
) -> TopicAlert | None:
    """Return the incident of a topic that goes on in a channel, told already; None: a new one."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found: TopicAlert | None = session.scalar(
        select(TopicAlert)
        .where(
            TopicAlert.channel_id == channel.id,
            TopicAlert.topic_id == topic_id,
            TopicAlert.last_seen_at >= midnight - CALM,
        )
        .order_by(TopicAlert.id.desc())
        .limit(1)
    )
    return found


def alerts_to_take_back(session: Session, workspace_id: int) -> list[tuple[TopicAlert, str]]:
    """Return the alerts that may stand no more, each with its channel's Slack id.

    Those whose topic is gone, or whose readers are not those of the run that they show.
    """
    rows = session.execute(
        select(TopicAlert, TopicRun, Channel)
        .join(TopicRun, TopicRun.id == TopicAlert.run_id)
        .join(Channel, Channel.id == TopicAlert.channel_id)
        .where(Channel.workspace_id == workspace_id, TopicAlert.message_ts.is_not(None))
    )
    return [
        (alert, str(channel.slack_id))
        for alert, run, channel in rows
        if is_void(session, run) or scope_of_channel(channel).number != run.scope
    ]


def join_incidents(session: Session, topic: Topic, other: Topic) -> None:
    """Make what was told of a topic told of the one that it is joined to."""
    for alert in session.scalars(select(TopicAlert).where(TopicAlert.topic_id == other.id)):
        alert.topic_id = topic.id


def _wanting(
    session: Session, workspace_id: int, setting: ColumnElement[bool]
) -> Sequence[Channel]:
    here = select(Channel).where(
        Channel.workspace_id == workspace_id,
        setting,
        Channel.slack_id.is_not(None),
        Channel.muted_at.is_(None),
        Channel.mode.in_(SPEAKING),
    )
    return session.scalars(here.order_by(Channel.id)).all()
