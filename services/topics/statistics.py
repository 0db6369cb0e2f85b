"""Statistics of topics, counted by the database: tickets, solved ones, and when they came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from models import Item, Resolution, TopicItem, epoch_seconds
from models.queries import IMPORTED
from services.channels.quiet_hours import QuietHours, hours_of_workspace
from services.memory.ticket_status import IS_SOLVED
from services.topics.members import DAY, RunSelection
from services.topics.trends import WEEK, Trend, trend, weekday_shares

# The weeks that are counted by day; the newest one has the trend.
WEEKS = 8
DAYS = WEEKS * WEEK
# The days ago of tickets dated in the future, and of those without a known date. They count, but
# for no day, week or trend.
IN_FUTURE = -1
UNDATED = -2


@dataclass(frozen=True)
class TopicStatistics:
    """How many tickets of a run a topic has, and how many of them are solved.

    `days` is how many came on each day of the last weeks, the newest last. `days` and `trend` count
    all of the topic's tickets, not only those of the run.
    """

    size: int
    solved: int
    days: tuple[int, ...]
    trend: Trend


def local_time(session: Session, workspace_id: int, now: datetime) -> datetime:
    """Return a time in the zone of a workspace, which its days and weeks follow."""
    zone = hours_of_workspace(session, workspace_id, QuietHours()).zone
    return now.astimezone(zone)


def statistics_of(
    session: Session, selection: RunSelection, now: datetime
) -> dict[int | None, TopicStatistics]:
    """Return the statistics of topics by id, and under None those of tickets in no topic."""
    local = local_time(session, selection.scope.workspace_id, now)
    until = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
    topics = _counts_by_day(session, selection, until)
    past = [day for topic_id, days in topics.items() if topic_id for day in days if day.is_past]
    weekdays: Counter[int] = Counter()
    for day in past:
        weekdays[(until.weekday() - 1 - day.ago) % WEEK] += day.count
    # The past of every topic begins with the first ticket of any.
    first = until.date() - timedelta(days=max((day.oldest + 1 for day in past), default=0))
    shares, reporters = weekday_shares(weekdays), _reporters(session, selection, until)
    return {
        topic_id: _statistics(counts, first, until.date(), shares, reporters.get(topic_id, 0))
        for topic_id, counts in topics.items()
    }


def _counts_by_day(
    session: Session, selection: RunSelection, until: datetime
) -> dict[int | None, list[_Day]]:
    """Return how many tickets topics have of each day before `until`."""
    days = (int(until.timestamp()) - 1 - epoch_seconds(Item.reported_at)) // DAY
    # Of tickets from before those weeks only the weekday matters.
    ago = case(
        (Item.is_dated.is_(False), UNDATED),
        (days < 0, IN_FUTURE),
        (days < DAYS, days),
        else_=DAYS + days % WEEK,
    )
    rows = session.execute(
        select(
            TopicItem.topic_id,
            ago,
            func.count(),
            func.count(case((selection.span, 1))),
            func.count(case((selection.span & IS_SOLVED, 1))),
            func.coalesce(func.max(days), 0),
        )
        .select_from(Item)
        .outerjoin(TopicItem, (TopicItem.item_id == Item.id) & selection.memberships)
        .where(selection.all_readable)
        .group_by(TopicItem.topic_id, ago)
    )
    topics: dict[int | None, list[_Day]] = defaultdict(list)
    for topic_id, *counts in rows:
        topics[topic_id].append(_Day(*counts))
    return topics


@dataclass(frozen=True)
class _Day:
    """The tickets of a topic from so many days `ago`: all, those of the run, the solved ones of it.

    `oldest` is how many days ago the first of them came.
    """

    ago: int
    count: int
    taken: int
    solved: int
    oldest: int

    @property
    def is_past(self) -> bool:
        """Whether the tickets have a date, and not one in the future."""
        return self.ago not in (IN_FUTURE, UNDATED)


def _statistics(
    days: Sequence[_Day], first: date, until: date, shares: tuple[float, ...], reporters: int
) -> TopicStatistics:
    by_day = [0] * DAYS
    past = [day for day in days if day.is_past]
    for day in past:
        if day.ago < DAYS:
            by_day[day.ago] = day.count
    recent = sum(by_day[:WEEK])
    return TopicStatistics(
        size=sum(day.taken for day in days),
        solved=sum(day.solved for day in days),
        days=tuple(reversed(by_day)),
        trend=trend(
            sum(day.count for day in past) - recent,
            recent,
            shares,
            first=first,
            since=until - timedelta(days=WEEK),
            until=until,
            reporters=reporters,
        ),
    )


def _reporters(session: Session, selection: RunSelection, until: datetime) -> dict[int | None, int]:
    """Return how many people wrote the tickets of the last week, by topic."""
    rows = session.execute(
        select(TopicItem.topic_id, func.count(Item.author.distinct()))
        .join(Item, Item.id == TopicItem.item_id)
        .where(
            selection.memberships,
            selection.all_readable,
            Item.reported_at >= until - timedelta(days=WEEK),
            Item.reported_at < until,
        )
        .group_by(TopicItem.topic_id)
    )
    return {topic_id: count for topic_id, count in rows}


def median_solving_times(session: Session, selection: RunSelection) -> dict[int, timedelta]:
    """Return the median time that solving a ticket took, by topic, where it is known.

    A ticket is solved when its source says so, or else when the first answer was marked.
    """
    first = (
        select(Resolution.item_id, func.min(Resolution.marked_at).label("at"))
        # The time of an import is not the time when somebody solved the ticket.
        .where(Resolution.undone_at.is_(None), Resolution.marked_by != IMPORTED)
        .group_by(Resolution.item_id)
        .subquery()
        .c
    )
    solved_at = func.coalesce(case((IS_SOLVED, Item.resolved_at)), first.at)
    took = epoch_seconds(solved_at) - epoch_seconds(Item.reported_at)
    times = (
        select(TopicItem.topic_id, took.label("seconds"))
        .join(Item, Item.id == TopicItem.item_id)
        .outerjoin(first.item_id.table, first.item_id == Item.id)
        .where(
            selection.memberships,
            selection.all_readable,
            selection.span,
            solved_at >= Item.reported_at,
        )
    )
    return _medians(session, times)


def median_waiting_times(
    session: Session, selection: RunSelection, now: datetime
) -> dict[int, timedelta]:
    """Return the median time that open tickets have waited, by topic."""
    since = int(now.timestamp()) - epoch_seconds(Item.reported_at)
    # A ticket dated in the future has not waited yet.
    waited = case((since < 0, 0), else_=since)
    times = (
        select(TopicItem.topic_id, waited.label("seconds"))
        .join(Item, Item.id == TopicItem.item_id)
        .where(
            selection.memberships,
            selection.all_readable,
            selection.span,
            Item.is_dated,
            ~IS_SOLVED,
        )
    )
    return _medians(session, times)


def _medians(session: Session, times: Select[int, int]) -> dict[int, timedelta]:
    """Return the median of times in seconds, by topic: the middle one or the mean of two."""
    topic_id, seconds = times.subquery().c
    place = func.row_number().over(partition_by=topic_id, order_by=seconds).label("place")
    size = func.count().over(partition_by=topic_id).label("size")
    ordered = select(topic_id, seconds, place, size).subquery()
    middle = ordered.c.place.in_([(ordered.c.size + 1) // 2, ordered.c.size // 2 + 1])
    rows = session.execute(
        select(ordered.c.topic_id, func.sum(ordered.c.seconds), func.count())
        .where(middle)
        .group_by(ordered.c.topic_id)
    )
    return {topic: timedelta(seconds=float(total) / count) for topic, total, count in rows}
