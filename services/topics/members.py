"""The tickets of topics: their representatives, and all of one topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from models import Channel, Item, Topic, TopicItem, TopicRun, epoch_seconds
from models.queries import LIVE, in_parts, live_ids
from services.memory.ticket_status import IS_SOLVED, is_solved
from services.text.cleaning.headline import headline
from services.topics.scopes import Scope

# Representatives of a topic, with the exemplar.
SHOWN = 4

# Characters of a ticket that are read for its headline.
MAX_READ = 400

DAY = 86_400


@cache
def _moved() -> type[TopicItem]:
    """Return an alias, made once: each adapts the columns of its table anew.

    It needs all mappers, which take longer to configure than a command's help to print.
    """
    return aliased(TopicItem)


@dataclass(frozen=True)
class TopicTicket:
    """A ticket of a topic as a list shows it; `created_at` is None where it is not known."""

    item_id: int
    title: str
    url: str | None
    channel: str | None
    created_at: datetime | None
    is_solved: bool


@dataclass(frozen=True)
class RunSelection:
    """The tickets that a run took and shows: since `since`, of these `channels` (ids; none: all).

    Only up to the id `newest`, as tickets that were stored later were not grouped, whatever their
    date, unless somebody moved them into a topic. Tickets dated in the future were grouped and
    count for the day of `made_at`.

    Every query for topics uses its conditions, which leave out what readers may not read.
    """

    scope: Scope
    since: datetime | None
    made_at: datetime
    newest: int
    channels: tuple[int, ...] = ()

    @classmethod
    def by(cls, run: TopicRun, scope: Scope) -> RunSelection:
        """Return the tickets that a run of a scope took."""
        return cls(scope, run.since, run.made_at, run.newest_item, tuple(run.channel_ids))

    @property
    def readable(self) -> ColumnElement[bool]:
        """The condition over `Item` for all tickets that the scope's readers may read."""
        return self.scope.audience.items & LIVE & (Item.kind == "ticket")

    @property
    def all_readable(self) -> ColumnElement[bool]:
        """The same as `readable`, for queries over all tickets.

        With it SQLite scans them once, not once for each side of the audience's "or".
        """
        return (Item.workspace_id == self.scope.workspace_id) & self.readable

    @property
    def items(self) -> ColumnElement[bool]:
        """The condition over `Item` for the readable tickets that the run took."""
        return self.readable & self.span

    @property
    def span(self) -> ColumnElement[bool]:
        """The condition over `Item` for the tickets that the run took, readable or not."""
        moved = _moved()
        placed = and_(
            moved.audience_id == self.scope.audience_id,
            moved.kind == self.scope.kind,
            moved.moved_by.is_not(None),
        )
        found = (Item.id <= self.newest) | exists().where(moved.item_id == Item.id, placed)
        if self.since is not None:
            found &= Item.reported_at >= self.since
        if self.channels:
            found &= Item.channel_id.in_(self.channels)
        return found

    @property
    def memberships(self) -> ColumnElement[bool]:
        """The condition over `TopicItem` for the tickets of the scope's topics."""
        return self.scope.memberships


@dataclass(frozen=True)
class Membership:
    """The topic of a ticket, None where it fits nowhere, and how well it fits there.

    `day` counts from 1970; None where the ticket's date is not known.
    """

    item_id: int
    topic_id: int | None
    fit: float
    channel: str | None
    day: int | None
    is_solved: bool


# Representatives first, then the others by how well they fit.
BEST_FIRST = (
    TopicItem.rank.is_(None), TopicItem.rank, TopicItem.fit.desc(), TopicItem.item_id
)  # fmt: skip


def item_ids_of(topic: Topic) -> Select[int]:
    """Select the ids of a topic's tickets, also of those that some may not read."""
    return select(TopicItem.item_id).where(TopicItem.topic_id == topic.id)


def representatives_of(
    session: Session, selection: RunSelection, topic_ids: Iterable[int]
) -> dict[int, list[TopicTicket]]:
    """Return the representatives of these topics, the exemplar first, by topic.

    A topic without any left has the ticket that fits best.
    """
    rows = session.execute(
        select(TopicItem.topic_id, *_COLUMNS)
        .join(Item, Item.id == TopicItem.item_id)
        .outerjoin(Channel, Channel.id == Item.channel_id)
        .where(selection.memberships, TopicItem.rank < SHOWN, selection.items)
        .order_by(TopicItem.topic_id, TopicItem.rank)
    )
    ranked: dict[int, list[TopicTicket]] = defaultdict(list)
    for topic_id, *columns in rows:
        ranked[topic_id].append(_ticket(columns))
    return {
        topic_id: ranked.get(topic_id) or tickets_of(session, selection, topic_id, limit=1)
        for topic_id in topic_ids
    }


def tickets_of(
    session: Session, selection: RunSelection, topic_id: int, limit: int | None = None
) -> list[TopicTicket]:
    """Return the tickets of a topic: representatives first, then those that fit best."""
    found = _members(selection, topic_id).order_by(*BEST_FIRST).limit(limit)
    return [_ticket(columns) for columns in session.execute(found)]


def least_fitting(
    session: Session, selection: RunSelection, topic_id: int, limit: int
) -> list[TopicTicket]:
    """Return the tickets of a topic that fit it least, the worst first."""
    found = _members(selection, topic_id).order_by(TopicItem.fit, Item.id).limit(limit)
    return [_ticket(columns) for columns in session.execute(found)]


def tickets_by_id(
    session: Session, selection: RunSelection, item_ids: Iterable[int]
) -> dict[int, TopicTicket]:
    """Return the tickets with these ids that a run took, by id."""
    found: dict[int, TopicTicket] = {}
    for part in in_parts(live_ids(session, item_ids, selection.items)):
        rows = session.execute(
            select(*_COLUMNS)
            .outerjoin(Channel, Channel.id == Item.channel_id)
            .where(Item.id.in_(part))
        )
        found |= {one.item_id: one for one in (_ticket(columns) for columns in rows)}
    return found


def memberships_of(session: Session, selection: RunSelection) -> list[Membership]:
    """Return the topics of all tickets of a run, topic by topic, the best tickets first."""
    made = int(selection.made_at.timestamp())
    created = epoch_seconds(Item.reported_at)
    rows = session.execute(
        select(
            Item.id,
            TopicItem.topic_id,
            func.coalesce(TopicItem.fit, 0.0),
            Channel.name,
            case((created >= made, made), else_=created) // DAY,
            IS_SOLVED,
        )
        .select_from(Item)
        .outerjoin(TopicItem, (TopicItem.item_id == Item.id) & selection.memberships)
        .outerjoin(Channel, Channel.id == Item.channel_id)
        .where(selection.items)
        .order_by(TopicItem.topic_id, *BEST_FIRST, Item.id)
    )
    return [Membership(*columns) for columns in rows]


_COLUMNS = (
    Item.id,
    Item.title,
    func.substr(Item.text, 1, MAX_READ),
    Item.url,
    Channel.name,
    Item.reported_at,
    Item.status,
    Item.resolution,
)


def _members(selection: RunSelection, topic_id: int) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(TopicItem, TopicItem.item_id == Item.id)
        .outerjoin(Channel, Channel.id == Item.channel_id)
        .where(selection.memberships, selection.items, TopicItem.topic_id == topic_id)
    )


def _ticket(columns: Sequence[Any]) -> TopicTicket:
    item_id, title, text, url, channel, created_at, status, resolution = columns
    answered = is_solved(status, resolution)
    return TopicTicket(item_id, headline(title, text), url, channel, created_at, answered)
