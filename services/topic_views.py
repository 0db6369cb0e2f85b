"""Topics as people see them: figures, what became of each, and the tickets that show it best."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models import Channel, Item, Resolution, Topic, TopicItem, TopicRun
from services.names import LIVE, in_parts
from services.shown import is_solved
from services.text import headline
from services.topic_scopes import Scope, is_void, newest_run
from services.topic_words import unsaid
from services.trends import Trend, trend, weekday_shares

# A topic's last days, whose rise or fall is told.
RECENT = timedelta(days=7)

# What is much more and much less than expected, in tickets a ticket.
MORE, LESS = 1.5, 0.5

WEEKS = 8

# Above every ticket's rank.
MOST_RANKED = 1_000

# How many tickets show what a topic is about, the exemplar among them.
SHOWN = 4


@dataclass(frozen=True)
class TopicTicket:
    """A ticket of a topic, as far as a list shows it."""

    item_id: int
    title: str
    url: str | None
    channel: str | None
    author: str | None
    created_at: datetime
    is_solved: bool
    rank: int | None


@dataclass(frozen=True)
class TopicView:
    """A topic with the figures of its tickets that may be shown.

    `median` is the time that solving one took, None where no answer was marked; `quality` and
    `purity` are shares; `change` says what became of it since the run before; `weeks` are its
    tickets in each of the last eight weeks, the newest last; topics of one `theme` go together.
    """

    topic_id: int
    title: str
    terms: tuple[str, ...]
    tickets: tuple[TopicTicket, ...]
    quality: float
    purity: float
    median: timedelta | None
    change: str
    trend: Trend
    weeks: tuple[int, ...]
    theme: int
    is_hidden: bool

    @property
    def size(self) -> int:
        """How many tickets are in it."""
        return len(self.tickets)

    @property
    def direction(self) -> int:
        """Whether it is asked much more (1) or much less (-1) than before, or neither (0)."""
        if self.trend.is_rise or self.trend.count >= MORE * max(self.trend.expected, 1):
            return 1
        return -1 if self.trend.count <= LESS * self.trend.expected - 1 else 0

    @property
    def solved(self) -> float:
        """The share of its tickets that are solved."""
        return sum(one.is_solved for one in self.tickets) / max(self.size, 1)

    @property
    def representatives(self) -> list[TopicTicket]:
        """The tickets that show it best, the exemplar first."""
        ranked = [one for one in self.tickets if one.rank is not None]
        found = sorted(ranked, key=lambda one: one.rank or 0)
        return list(islice([*found, *self.tickets], 1)) if not found else found[:SHOWN]

    @property
    def open_tickets(self) -> list[TopicTicket]:
        """Its tickets without an answer, the oldest first."""
        waiting = [one for one in self.tickets if not one.is_solved]
        return sorted(waiting, key=lambda one: one.created_at)


@dataclass(frozen=True)
class RunView:
    """The newest run of a scope: its topics, the largest first, and what fits nowhere."""

    run_id: int
    made_at: datetime
    since: datetime | None
    topics: tuple[TopicView, ...]
    unclustered: tuple[int, ...]
    gone: tuple[str, ...]

    @property
    def tickets(self) -> int:
        """How many tickets were grouped."""
        return sum(topic.size for topic in self.topics) + len(self.unclustered)

    def news_of(self, topic: TopicView) -> str:
        """Return what became of a topic, in a word; "" where that is no news, as in a first run."""
        is_first = all(one.change == "born" for one in self.topics)
        return "" if is_first or topic.change == "same" else topic.change

    def theme_of(self, topic: TopicView) -> TopicView:
        """Return the largest topic of a topic's theme, perhaps itself, which gives it its name."""
        return next(one for one in self.topics if one.theme == topic.theme)

    @property
    def shown(self) -> tuple[TopicView, ...]:
        """The topics that nobody hid."""
        return tuple(topic for topic in self.topics if not topic.is_hidden)


def view_run(
    session: Session, scope: Scope, now: datetime, run: TopicRun | None = None
) -> RunView | None:
    """Return a run of a scope, the newest, as it stands now; None where it may not be shown.

    Tickets that are gone or hidden since are not in it, and no topic without any. An older run
    is shown in the topics of now.
    """
    run = newest_run(session, scope) if run is None else run
    if run is None or is_void(session, run):
        return None
    here = _items_of(run, scope)
    members = _tickets(session, scope, here)
    trends = _trends(session, scope, now)
    changes = run.changes["topics"]
    rows = session.scalars(select(Topic).where(scope.topics, Topic.id.in_(members))).all()
    medians = _medians(session, members)
    gone = [str(one["title"]) for one in run.changes["gone"]]
    names = [name for topic in rows for name in (topic.title, *topic.terms)]
    lost = unsaid(session, scope.place, [*names, *gone])
    topics = [
        TopicView(
            topic_id=topic.id,
            title=_title(topic, members[topic.id], lost),
            terms=tuple(term for term in topic.terms if term not in lost),
            tickets=tuple(members[topic.id]),
            quality=topic.quality,
            purity=topic.purity,
            median=medians.get(topic.id),
            change=changes.get(str(topic.id), {}).get("change", "same"),
            trend=trends[topic.id],
            weeks=_weeks(members[topic.id], now),
            theme=changes.get(str(topic.id), {}).get("theme", topic.id),
            is_hidden=topic.hidden_at is not None,
        )
        for topic in rows
    ]
    topics.sort(key=lambda topic: (-topic.size, topic.topic_id))
    placed = {ticket.item_id for topic in topics for ticket in topic.tickets}
    unclustered = [one for one in session.scalars(select(Item.id).where(here)) if one not in placed]
    return RunView(
        run.id,
        run.made_at,
        run.since,
        tuple(topics),
        tuple(sorted(unclustered)),
        tuple(title for title in gone if title not in lost),
    )


def _title(topic: Topic, tickets: Sequence[TopicTicket], lost: Collection[str]) -> str:
    """Return what a topic is called; where its tickets say that no more, what the best one says."""
    if topic.named_by is not None or topic.title not in lost:
        return topic.title
    return min(tickets, key=lambda one: MOST_RANKED if one.rank is None else one.rank).title


def _items_of(run: TopicRun, scope: Scope) -> ColumnElement[bool]:
    """Return the condition over `Item` for the tickets that a run grouped, as far as they are."""
    here = scope.place.items & LIVE & (Item.kind == "ticket") & (Item.created_at <= run.made_at)
    if run.since is not None:
        here &= Item.created_at >= run.since
    if run.channels:
        here &= Item.channel_id.in_([int(one) for one in run.channels])
    return here


def _tickets(
    session: Session, scope: Scope, here: ColumnElement[bool]
) -> dict[int, list[TopicTicket]]:
    rows = session.execute(
        select(
            TopicItem.topic_id,
            TopicItem.rank,
            Item.id,
            Item.title,
            func.substr(Item.text, 1, 400),
            Item.url,
            Channel.name,
            Item.author,
            Item.created_at,
            Item.status,
            Item.resolution,
        )
        .join(Item, Item.id == TopicItem.item_id)
        .outerjoin(Channel, Channel.id == Item.channel_id)
        .where(TopicItem.scope == scope.number, here)
        .order_by(TopicItem.topic_id, TopicItem.fit.desc(), Item.id)
    )
    found: dict[int, list[TopicTicket]] = defaultdict(list)
    for topic_id, rank, item_id, title, text, url, channel, author, at, status, answer in rows:
        found[topic_id].append(
            TopicTicket(
                item_id,
                headline(title, text),
                url,
                channel,
                author,
                at,
                is_solved(status, answer),
                rank,
            )
        )
    return found


def _medians(session: Session, members: dict[int, list[TopicTicket]]) -> dict[int, timedelta]:
    """Return the median time from ticket to marked answer, by topic."""
    ids = [one.item_id for tickets in members.values() for one in tickets]
    first: dict[int, datetime] = {}
    for part in in_parts(ids):
        rows = session.execute(
            select(Resolution.item_id, func.min(Resolution.marked_at))
            .where(Resolution.item_id.in_(part), Resolution.undone_at.is_(None))
            .group_by(Resolution.item_id)
        )
        first |= {item_id: at for item_id, at in rows}
    found = {}
    for topic_id, tickets in members.items():
        took = [
            (first[one.item_id] - one.created_at).total_seconds()
            for one in tickets
            if one.item_id in first and first[one.item_id] >= one.created_at
        ]
        if took:
            found[topic_id] = timedelta(seconds=statistics.median(took))
    return found


def _trends(session: Session, scope: Scope, now: datetime) -> dict[int, Trend]:
    """Return how each topic's last seven days compare with its own past, whatever a run took.

    The past begins with the first ticket that was ever grouped: of earlier ones nothing is known.
    """
    rows = session.execute(
        select(TopicItem.topic_id, Item.created_at, Item.author)
        .join(Item, Item.id == TopicItem.item_id)
        .where(TopicItem.scope == scope.number, scope.place.items, LIVE, Item.kind == "ticket")
    )
    said: dict[int, list[tuple[date, str | None]]] = defaultdict(list)
    for topic_id, at, author in rows:
        said[topic_id].append((at.date(), author))
    days = [day for tickets in said.values() for day, _ in tickets]
    until = now.date() + timedelta(days=1)
    since = until - RECENT
    first = min(days, default=since)
    shares = weekday_shares(days)
    return {
        topic_id: _trend(tickets, shares, first, since, until) for topic_id, tickets in said.items()
    }


def _weeks(tickets: Sequence[TopicTicket], now: datetime) -> tuple[int, ...]:
    """Return how many tickets came in each of the last weeks, the newest last."""
    ages = [(now - one.created_at) // RECENT for one in tickets]
    return tuple(ages.count(week) for week in reversed(range(WEEKS)))


def _trend(
    tickets: Sequence[tuple[date, str | None]],
    shares: tuple[float, ...],
    first: date,
    since: date,
    until: date,
) -> Trend:
    counts: dict[date, int] = defaultdict(int)
    for day, _ in tickets:
        counts[day] += 1
    recent = {author for day, author in tickets if since <= day < until}
    return trend(
        counts, shares, first=first, since=since, until=until, reporters=len(recent - {None})
    )


@dataclass(frozen=True)
class Unanswered:
    """A topic that is asked again and again without an answer, and how long people wait."""

    topic: TopicView
    open_count: int
    median_wait: timedelta

    @property
    def question(self) -> str:
        """The wording for an entry of an FAQ: as the ticket that shows the topic best says it."""
        return self.topic.representatives[0].title


def unanswered(view: RunView, now: datetime) -> list[Unanswered]:
    """Return the topics with several open tickets, by how many times how long they wait."""
    found = []
    for topic in view.shown:
        waiting = [now - one.created_at for one in topic.open_tickets]
        if len(waiting) > 1:
            median = statistics.median(one.total_seconds() for one in waiting)
            found.append(Unanswered(topic, len(waiting), timedelta(seconds=median)))
    return sorted(found, key=lambda one: (-one.open_count * one.median_wait, one.topic.topic_id))
