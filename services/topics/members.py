"""The tickets of topics: those that show a topic best, and all of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from models import Channel, Item, TopicItem, TopicRun, epoch_seconds
from models.queries import LIVE, in_parts
from services.memory.ticket_status import IS_SOLVED, is_solved
from services.text.cleaning import headline
from services.topics.scopes import Scope

# How many tickets show what a topic is about, the exemplar among them.
SHOWN = 4

# What of a ticket is read for its headline.
MAX_READ = 400

DAY = 86_400


@dataclass(frozen=True)
class TopicTicket:
    """A ticket of a topic, as far as a list shows it."""

    item_id: int
    title: str
    url: str | None
    channel: str | None
    created_at: datetime
    is_solved: bool


@dataclass(frozen=True)
class RunSelection:
    """Which tickets a run took and shows: of which channels (ids; none: all), since when.

    Up to the `newest` (an id): what is remembered later was not grouped, whatever date it bears,
    unless somebody put it into a topic, and what bears a date to come was. That counts as of the
    day that it was `made_at`.

    Every query for topics goes through its conditions, which leave out what may not be read.
    """

    scope: Scope
    since: datetime | None
    made_at: datetime
    newest: int
    channels: tuple[int, ...] = ()

    @classmethod
    def by(cls, run: TopicRun, scope: Scope) -> RunSelection:
        """Return what a run of a scope took."""
        return cls(scope, run.since, run.made_at, run.newest_item, tuple(run.channel_ids))

    @property
    def readable(self) -> ColumnElement[bool]:
        """The condition over `Item` for all tickets that the scope's readers may read."""
        return self.scope.audience.items & LIVE & (Item.kind == "ticket")

    @property
    def all_readable(self) -> ColumnElement[bool]:
        """The same as `readable`, for queries that read all tickets: SQLite goes through them once,
        not once for each half of the place's "or"."""
        return (Item.workspace_id == self.scope.workspace_id) & self.readable

    @property
    def items(self) -> ColumnElement[bool]:
        """The condition over `Item` for those of them that the run took."""
        return self.readable & self.span

    @property
    def span(self) -> ColumnElement[bool]:
        """The condition over `Item` for what the run took, whoever may read it."""
        moved = aliased(TopicItem)
        placed = and_(
            moved.audience_id == self.scope.audience_id,
            moved.kind == self.scope.kind,
            moved.moved_by.is_not(None),
        )
        found = (Item.id <= self.newest) | exists().where(moved.item_id == Item.id, placed)
        if self.since is not None:
            found &= Item.created_at >= self.since
        if self.channels:
            found &= Item.channel_id.in_(self.channels)
        return found

    @property
    def placings(self) -> ColumnElement[bool]:
        """The condition over `TopicItem` for the scope's topics."""
        return self.scope.memberships


@dataclass(frozen=True)
class Membership:
    """Where a ticket stands: its topic, None where it fits nowhere, and how well it fits there.

    `day` counts from 1970.
    """

    item_id: int
    topic_id: int | None
    fit: float
    channel: str | None
    day: int
    is_solved: bool


# The tickets that show a topic best come first, then the others by how well they fit.
_BEST_FIRST = (
    TopicItem.rank.is_(None), TopicItem.rank, TopicItem.fit.desc(), TopicItem.item_id
)  # fmt: skip


def representatives_of(
    session: Session, taken: RunSelection, topic_ids: Iterable[int]
) -> dict[int, list[TopicTicket]]:
    """Return the tickets that show each of these topics best, the exemplar first, by topic.

    Where none of those is left, the one that fits best stands for it.
    """
    rows = session.execute(
        select(TopicItem.topic_id, *_COLUMNS)
        .join(Item, Item.id == TopicItem.item_id)
        .outerjoin(Channel, Channel.id == Item.channel_id)
        .where(taken.placings, TopicItem.rank < SHOWN, taken.items)
        .order_by(TopicItem.topic_id, TopicItem.rank)
    )
    ranked: dict[int, list[TopicTicket]] = defaultdict(list)
    for topic_id, *columns in rows:
        ranked[topic_id].append(_ticket(columns))
    return {
        topic_id: ranked.get(topic_id) or tickets_of(session, taken, topic_id, limit=1)
        for topic_id in topic_ids
    }


def tickets_of(
    session: Session, taken: RunSelection, topic_id: int, limit: int | None = None
) -> list[TopicTicket]:
    """Return the tickets of a topic: those that show it best, then the others by how they fit."""
    rows = session.execute(
        select(*_COLUMNS)
        .join(TopicItem, TopicItem.item_id == Item.id)
        .outerjoin(Channel, Channel.id == Item.channel_id)
        .where(taken.placings, taken.items, TopicItem.topic_id == topic_id)
        .order_by(*_BEST_FIRST)
        .limit(limit)
    )
    return [_ticket(columns) for columns in rows]


def tickets_by_id(
    session: Session, taken: RunSelection, item_ids: Iterable[int]
) -> dict[int, TopicTicket]:
    """Return those of these tickets that a run took, by id."""
    found: dict[int, TopicTicket] = {}
    for part in in_parts(item_ids):
        rows = session.execute(
            select(*_COLUMNS)
            .outerjoin(Channel, Channel.id == Item.channel_id)
            .where(taken.items, Item.id.in_(part))
        )
        found |= {one.item_id: one for one in (_ticket(columns) for columns in rows)}
    return found


def placings_of(session: Session, taken: RunSelection) -> list[Membership]:
    """Return where all tickets of a run stand, topic by topic, the best first."""
    made = int(taken.made_at.timestamp())
    created = epoch_seconds(Item.created_at)
    rows = session.execute(
        select(
            Item.id,
            TopicItem.topic_id,
            func.coalesce(TopicItem.fit, 0.0),
            Channel.name,
            case((created < made, created), else_=made) // DAY,
            IS_SOLVED,
        )
        .select_from(Item)
        .outerjoin(TopicItem, (TopicItem.item_id == Item.id) & taken.placings)
        .outerjoin(Channel, Channel.id == Item.channel_id)
        .where(taken.items)
        .order_by(TopicItem.topic_id, *_BEST_FIRST, Item.id)
    )
    return [Membership(*columns) for columns in rows]


_COLUMNS = (
    Item.id,
    Item.title,
    func.substr(Item.text, 1, MAX_READ),
    Item.url,
    Channel.name,
    Item.created_at,
    Item.status,
    Item.resolution,
)


def _ticket(columns: Sequence[Any]) -> TopicTicket:
    item_id, title, text, url, channel, created_at, status, resolution = columns
    answered = is_solved(status, resolution)
    return TopicTicket(item_id, headline(title, text), url, channel, created_at, answered)
