"""Alerts on topics: a channel is told once an incident, and which channels want to hear at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models import Channel, Topic, TopicAlert, TopicItem, TopicRun
from models.queries import in_parts
from services.channels.audience import scope_of
from services.channels.quiet_hours import QuietHours
from services.channels.settings import SPEAKING
from services.topics.scopes import epochs_of, is_older

# A topic that rises again within so many days is still the same incident.
CALM = timedelta(days=7)

# Who groups where nobody asked.
BY = "deja"

# With fewer tickets in a week there is nothing to sum up.
MIN_TICKETS = 5


def wants(session: Session, channel: Channel, setting: InstrumentedAttribute[bool]) -> bool:
    """Say whether a channel is to hear unasked of topics, by the setting that asks for it."""
    asks = select(Channel.id).where(Channel.id == channel.id, _is_told(setting))
    return session.scalar(asks) is not None


def weekly_channels(
    session: Session, workspace_id: int, now: datetime, hours: QuietHours
) -> Sequence[Channel]:
    """Return the channels that are due to hear what people ask about."""
    is_due = hours.is_weekly_time(now)
    return _told(session, workspace_id, Channel.weekly_topics) if is_due else []


def alerting_channels(
    session: Session, workspace_id: int, now: datetime, hours: QuietHours
) -> Sequence[Channel]:
    """Return the channels that are to hear of rises, by day."""
    return [] if hours.is_quiet(now) else _told(session, workspace_id, Channel.topic_alerts)


def calm_since(now: datetime) -> datetime:
    """Return since when a topic must not have risen for its incident to be over."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - CALM


def find_incident(
    session: Session, channel: Channel, topic_id: int, now: datetime
) -> TopicAlert | None:
    """Return the incident of a topic that goes on in a channel, told already; None: a new one.

    Of several, as where people joined its parts again, the one whose message stands.
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


def standing_alerts(
    session: Session, topic_ids: Collection[int], since: datetime | None = None
) -> list[int]:
    """Return the alerts on topics that stand in Slack, by id; `since`: that rose since then."""
    about = select(TopicAlert.id).where(TopicAlert.message_ts.is_not(None))
    if since is not None:
        about = about.where(TopicAlert.last_seen_at >= since)
    return sorted(
        alert_id
        for part in in_parts(topic_ids)
        for alert_id in session.scalars(about.where(TopicAlert.topic_id.in_(part)))
    )


def topics_of(session: Session, item_ids: Collection[int]) -> set[int]:
    """Return the topics, of any scope, in which tickets are."""
    return {
        topic_id
        for part in in_parts(item_ids)
        for topic_id in session.scalars(
            select(TopicItem.topic_id).where(TopicItem.item_id.in_(part))
        )
    }


def alerts_to_take_back(session: Session, workspace_id: int) -> list[tuple[TopicAlert, str]]:
    """Return the alerts that may stand no more, each with its channel's Slack id.

    Those whose topic is gone, or told of in a later alert since people joined it with another, or
    whose readers are not those of the run that they show.
    """
    later = aliased(TopicAlert)
    told_again = (
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
        select(TopicAlert, TopicRun, Channel, told_again)
        .join(TopicRun, TopicRun.id == TopicAlert.run_id)
        .join(Channel, Channel.id == TopicAlert.channel_id)
        .where(Channel.workspace_id == workspace_id, TopicAlert.message_ts.is_not(None))
    )
    epochs = epochs_of(session, workspace_id)
    return [
        (alert, str(channel.slack_id))
        for alert, run, channel, is_told_again in rows
        if alert.topic_id is None
        or is_told_again
        or is_older(run, epochs)
        or scope_of(channel) != run.audience_id
    ]


def join_incidents(session: Session, topic: Topic, other: Topic) -> None:
    """Make what was told of a topic told of the one that it is joined to."""
    for alert in session.scalars(select(TopicAlert).where(TopicAlert.topic_id == other.id)):
        alert.topic_id = topic.id


def share_incidents(session: Session, topic_id: int, part_id: int, now: datetime) -> None:
    """Make what goes on with a topic go on with its part that was split off: it is told already."""
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


def _told(
    session: Session, workspace_id: int, setting: InstrumentedAttribute[bool]
) -> Sequence[Channel]:
    here = select(Channel).where(Channel.workspace_id == workspace_id, _is_told(setting))
    return session.scalars(here.order_by(Channel.id)).all()


def _is_told(setting: InstrumentedAttribute[bool]) -> ColumnElement[bool]:
    """Return the condition over `Channel` for those that a setting speaks to, unasked."""
    return and_(
        setting.is_(True),
        Channel.slack_id.is_not(None),
        Channel.muted_at.is_(None),
        Channel.mode.in_(SPEAKING),
    )
