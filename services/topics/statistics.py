"""Figures of topics, counted by the database: how many tickets, how many solved, when they came."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from models import Item, Resolution, TopicItem, epoch_seconds
from services.issues.resolutions import IMPORTED
from services.memory.ticket_status import IS_SOLVED
from services.topics.members import DAY, RunSelection
from services.topics.trends import WEEK, Trend, trend, weekday_shares

# A topic's last weeks, of the newest of which a rise or fall is told.
WEEKS = 8
DAYS = WEEKS * WEEK
# How many days ago is what bears a date to come: it counts, but for no day, week or trend.
AHEAD = -1


@dataclass(frozen=True)
class Figures:
    """Of a topic's tickets in a run, how many there are, and are solved.

    `trend` is of all of its tickets, whatever the run took, and so are `days`: how many came on
    each day of the last weeks, the newest last.
    """

    size: int
    solved: int
    days: tuple[int, ...]
    trend: Trend


def figures_of(session: Session, taken: RunSelection, now: datetime) -> dict[int | None, Figures]:
    """Return the figures of topics by id, and under None those of tickets in no topic."""
    until = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    days = (int(until.timestamp()) - 1 - epoch_seconds(Item.created_at)) // DAY
    # Of what came before those weeks only the weekday counts.
    ago = case((days < 0, AHEAD), (days < DAYS, days), else_=DAYS + days % WEEK)
    rows = session.execute(
        select(
            TopicItem.topic_id,
            ago,
            func.count(),
            func.count(case((taken.span, 1))),
            func.count(case((taken.span & IS_SOLVED, 1))),
            func.max(days),
        )
        .select_from(Item)
        .outerjoin(TopicItem, (TopicItem.item_id == Item.id) & taken.placings)
        .where(taken.all_readable)
        .group_by(TopicItem.topic_id, ago)
    )
    topics: dict[int | None, list[_Day]] = defaultdict(list)
    for topic_id, *counts in rows:
        topics[topic_id].append(_Day(*counts))
    grouped = [
        day for topic_id, counts in topics.items() if topic_id for day in counts if day.ago != AHEAD
    ]
    weekdays: Counter[int] = Counter()
    for day in grouped:
        weekdays[(until.weekday() - 1 - day.ago) % WEEK] += day.count
    # A topic's past begins with the first ticket of any: of earlier ones nothing is known.
    first = until.date() - timedelta(days=max((day.oldest + 1 for day in grouped), default=0))
    shares, reporters = weekday_shares(weekdays), _reporters(session, taken, until)
    return {
        topic_id: _figures(counts, first, until.date(), shares, reporters.get(topic_id, 0))
        for topic_id, counts in topics.items()
    }


@dataclass(frozen=True)
class _Day:
    """Of a topic's tickets so many days `ago`: all, those of the run, and the solved of these.

    `oldest` is how many days ago the first of them came.
    """

    ago: int
    count: int
    taken: int
    solved: int
    oldest: int


def _figures(
    days: Sequence[_Day], first: date, until: date, shares: tuple[float, ...], reporters: int
) -> Figures:
    by_day = [0] * DAYS
    past = [day for day in days if day.ago != AHEAD]
    for day in past:
        if day.ago < DAYS:
            by_day[day.ago] = day.count
    recent = sum(by_day[:WEEK])
    return Figures(
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


def _reporters(session: Session, taken: RunSelection, until: datetime) -> dict[int | None, int]:
    """Return how many people wrote the tickets of the last week, by topic."""
    rows = session.execute(
        select(TopicItem.topic_id, func.count(Item.author.distinct()))
        .join(Item, Item.id == TopicItem.item_id)
        .where(
            taken.placings,
            taken.all_readable,
            Item.created_at >= until - timedelta(days=WEEK),
            Item.created_at < until,
        )
        .group_by(TopicItem.topic_id)
    )
    return {topic_id: count for topic_id, count in rows}


def solving_times(session: Session, taken: RunSelection) -> dict[int, timedelta]:
    """Return the median time that solving a ticket took, by topic, where it is known.

    Until its source says that it was solved, else until the first answer was marked.
    """
    first = (
        select(Resolution.item_id, func.min(Resolution.marked_at).label("at"))
        # When a file was imported is no time at which somebody solved anything.
        .where(Resolution.undone_at.is_(None), Resolution.marked_by != IMPORTED)
        .group_by(Resolution.item_id)
        .subquery()
        .c
    )
    solved_at = func.coalesce(case((IS_SOLVED, Item.resolved_at)), first.at)
    took = epoch_seconds(solved_at) - epoch_seconds(Item.created_at)
    times = (
        select(TopicItem.topic_id, took.label("seconds"))
        .join(Item, Item.id == TopicItem.item_id)
        .outerjoin(first.item_id.table, first.item_id == Item.id)
        .where(taken.placings, taken.all_readable, taken.span, solved_at >= Item.created_at)
    )
    return _medians(session, times)


def waiting_times(session: Session, taken: RunSelection, now: datetime) -> dict[int, timedelta]:
    """Return by topic the median time that its tickets without an answer have waited."""
    since = int(now.timestamp()) - epoch_seconds(Item.created_at)
    # What bears a date to come waits from now on.
    waited = case((since < 0, 0), else_=since)
    times = (
        select(TopicItem.topic_id, waited.label("seconds"))
        .join(Item, Item.id == TopicItem.item_id)
        .where(taken.placings, taken.all_readable, taken.span, ~IS_SOLVED)
    )
    return _medians(session, times)


def _medians(session: Session, times: Select[int, int]) -> dict[int, timedelta]:
    """Return the median of times in seconds by topic: the middle one, or the mean of both."""
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
