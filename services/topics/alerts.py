"""Alerts on rising topics: once an incident, in the channels that ask for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models import Channel, TopicAlert, TopicItem, TopicRun
from models.queries import in_parts
from services.channels.audience import scope_of
from services.channels.quiet_hours import QuietHours, hours_of_workspace
from services.channels.settings import SPEAKING
from services.topics.scopes import epochs_of, is_older

# A topic that rises again within this time is still the same incident.
MAX_GAP = timedelta(days=7)

# Who makes runs that nobody asked for.
BY = "deja"

# With fewer tickets in a week there is no summary.
MIN_TICKETS = 5


def wants(session: Session, channel: Channel, setting: InstrumentedAttribute[bool]) -> bool:
    """Say whether Déjà may post about topics in a channel by itself, as one setting asks."""
    found = select(Channel.id).where(Channel.id == channel.id, _may_post(setting))
    return session.scalar(found) is not None


# A channel and its quiet hours.
LocalChannel = tuple[Channel, QuietHours]


def weekly_channels(
    session: Session, workspace_id: int, now: datetime, hours: QuietHours
) -> list[LocalChannel]:
    """Return the channels whose weekly summary of topics is due.

    `hours` are those of channels and workspaces that have none of their own.
    """
    found = _channels_with(session, workspace_id, Channel.weekly_topics, hours)
    return [(channel, own) for channel, own in found if own.is_weekly_time(now)]


def alerting_channels(
    session: Session, workspace_id: int, now: datetime, hours: QuietHours
) -> list[LocalChannel]:
    """Return the channels that want alerts, without those in their quiet hours."""
    found = _channels_with(session, workspace_id, Channel.topic_alerts, hours)
    return [(channel, own) for channel, own in found if not own.is_quiet(now)]


def calm_since(now: datetime) -> datetime:
    """Return the time since which a topic must not have risen for its incident to be over."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - MAX_GAP


def find_incident(
    session: Session, channel: Channel, topic_id: int, now: datetime
) -> TopicAlert | None:
    """Return the alert on a topic's current incident in a channel, None if there is none yet.

    Of several, as after a merge, the one with a message.
    """
    found: TopicAlert | None = session.scalar(
        select(TopicAlert)
        .where(
            TopicAlert.channel_id == channel.id,
            TopicAlert.topic_id == topic_id,
            TopicAlert.last_seen_at >= calm_since(now),
        )
        .order_by(TopicAlert.message_ts.is_(None), TopicAlert.id.desc())
        .limit(1)
    )
    return found


def posted_alerts(
    session: Session, topic_ids: Collection[int], since: datetime | None = None
) -> list[int]:
    """Return the ids of the alerts on topics that have a message; `since`: that rose since then."""
    about = select(TopicAlert.id).where(TopicAlert.message_ts.is_not(None))
    if since is not None:
        about = about.where(TopicAlert.last_seen_at >= since)
    return sorted(
        alert_id
        for part in in_parts(topic_ids)
        for alert_id in session.scalars(about.where(TopicAlert.topic_id.in_(part)))
    )


def topics_of(session: Session, item_ids: Collection[int]) -> set[int]:
    """Return the topics of all scopes that these tickets are in."""
    return {
        topic_id
        for part in in_parts(item_ids)
        for topic_id in session.scalars(
            select(TopicItem.topic_id).where(TopicItem.item_id.in_(part))
        )
    }


def outdated_alerts(session: Session, workspace_id: int) -> list[tuple[TopicAlert, str]]:
    """Return the alerts whose messages must be deleted, each with its channel's Slack id.

    Their topic is gone, or has a later alert since people merged it with another, or the readers of
    the channel are not those of the run that they show.
    """
    later = aliased(TopicAlert)
    has_later = (
        select(later.id)
        .where(
            later.channel_id == TopicAlert.channel_id,
            later.topic_id == TopicAlert.topic_id,
            later.id > TopicAlert.id,
            later.message_ts.is_not(None),
            later.opened_at <= TopicAlert.last_seen_at,
        )
        .exists()
    )
    rows = session.execute(
        select(TopicAlert, TopicRun, Channel, has_later)
        .join(TopicRun, TopicRun.id == TopicAlert.run_id)
        .join(Channel, Channel.id == TopicAlert.channel_id)
        .where(Channel.workspace_id == workspace_id, TopicAlert.message_ts.is_not(None))
    )
    epochs = epochs_of(session, workspace_id)
    return [
        (alert, str(channel.slack_id))
        for alert, run, channel, has_a_later in rows
        if alert.topic_id is None
        or has_a_later
        or is_older(run, epochs)
        or scope_of(channel) != run.audience_id
    ]


def copy_alerts(session: Session, topic_id: int, part_id: int, now: datetime) -> None:
    """Copy the alerts on a topic to a part that was split off, so that it raises no new alert."""
    session.add_all(
        TopicAlert(
            topic_id=part_id,
            channel_id=alert.channel_id,
            run_id=alert.run_id,
            opened_at=alert.opened_at,
            last_seen_at=alert.last_seen_at,
        )
        for alert in session.scalars(
            select(TopicAlert).where(
                TopicAlert.topic_id == topic_id, TopicAlert.last_seen_at >= calm_since(now)
            )
        ).all()
    )


def _channels_with(
    session: Session, workspace_id: int, setting: InstrumentedAttribute[bool], hours: QuietHours
) -> list[LocalChannel]:
    here = select(Channel).where(Channel.workspace_id == workspace_id, _may_post(setting))
    usual = hours_of_workspace(session, workspace_id, hours)
    found = session.scalars(here.order_by(Channel.id))
    return [(channel, usual.of(channel)) for channel in found]


def _may_post(setting: InstrumentedAttribute[bool]) -> ColumnElement[bool]:
    """Return the condition over `Channel` for those with a setting where Déjà may post."""
    return and_(
        setting.is_(True),
        Channel.slack_id.is_not(None),
        Channel.muted_at.is_(None),
        Channel.mode.in_(SPEAKING),
    )
