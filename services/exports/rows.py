"""What is exported: the rows of each table, read in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from models import Channel, Database, Item, Resolution, Topic, TopicItem, TopicRun, Verdict
from models.queries import LIVE, ids_in_batches, items_by_id
from services.answers.search_query import ensure_known, parse_query
from services.channels.audience import whole_workspace
from services.errors import InputError
from services.exports.tables import ANSWERS, MEMBERS, RUNS, TICKETS, TOPICS, VERDICTS, Values

BATCH = 500


@dataclass(frozen=True)
class Selection:
    """Which items of a workspace are exported, and whether those of private channels are."""

    workspace_id: int
    where: ColumnElement[bool]
    with_private: bool
    has_filters: bool
    channels: tuple[str, ...] = ()

    @classmethod
    def of(cls, workspace_id: int, typed: str, *, with_private: bool) -> Selection:
        """Return the items that filters such as `is:open in:#help` choose; all without any.

        Raises `InputError` if there are words that are no filters.
        """
        query = parse_query(typed)
        if query.text:
            raise InputError(
                f"{query.text!r} is no filter: use in:, from:, before:, after: and is:."
            )
        everything = query.where if query.has_filters else LIVE
        return cls(
            workspace_id,
            (Item.workspace_id == workspace_id) & everything,
            with_private,
            query.has_filters,
            query.channels,
        )

    @property
    def items(self) -> ColumnElement[bool]:
        """The condition that an item is exported."""
        return self.where if self.with_private else self.where & ~self._is_private

    @property
    def item_ids(self) -> Select[int]:
        """The ids of what is exported."""
        return select(Item.id).where(self.items)

    @property
    def audiences(self) -> ColumnElement[bool]:
        """The condition that a topic, or a run, is for readers whose tickets are exported."""
        return self._of(Topic.audience_id)

    @property
    def run_audiences(self) -> ColumnElement[bool]:
        """The same of a run."""
        return self._of(TopicRun.audience_id)

    def count(self, session: Session) -> tuple[int, int]:
        """Return how many items are exported, and how many are left out as private.

        Raises `NotFoundError` if the filters name a channel that does not exist.
        """
        ensure_known(session, whole_workspace(self.workspace_id), self.channels)
        chosen = session.scalar(select(func.count()).select_from(Item).where(self.items)) or 0
        found = session.scalar(select(func.count()).select_from(Item).where(self.where)) or 0
        return chosen, found - chosen

    @property
    def _is_private(self) -> ColumnElement[bool]:
        private = select(Channel.id).where(Channel.is_private)
        return Item.channel_id.is_not(None) & Item.channel_id.in_(private)

    def _of(self, audience_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        if self.with_private:
            return audience_id.is_not(None)
        return or_(audience_id == 0, audience_id.in_(select(Channel.id).where(~Channel.is_private)))


def ticket_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the tickets and products, oldest row first."""
    for ids in ids_in_batches(database, chosen.items):
        with database.read() as session:
            items = items_by_id(session, ids)
            channels = {one.id: one for one in session.scalars(_channels(items.values()))}
            rows = [_ticket(items[id_], channels.get(items[id_].channel_id or 0)) for id_ in ids]
        yield from rows


def _channels(items: Any) -> Select[Channel]:
    return select(Channel).where(Channel.id.in_({one.channel_id for one in items} - {None}))


def _ticket(item: Item, channel: Channel | None) -> Values:
    same = {name: getattr(item, name, None) for name in TICKETS.columns}
    return same | {
        "id": item.external_id,
        "answer": item.resolution,
        "channel": channel and channel.name,
        "channel_slack_id": channel and channel.slack_id,
        "channel_is_private": channel and channel.is_private,
        "channel_is_shared": channel and channel.is_shared,
        "channel_has_guests": channel and channel.has_guests,
    }


def answer_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield what solved tickets, and what was undone."""
    statement = (
        select(Resolution, Item.source, Item.external_id)
        .join(Item, Item.id == Resolution.item_id)
        .where(chosen.items)
        .order_by(Resolution.id)
    )
    for row, source, id_ in stream(database, statement):
        yield _fields(ANSWERS.columns, row) | {"source": source, "id": id_}


def verdict_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the verdicts, current and undone, on pairs of which both items are exported."""
    first, second = aliased(Item), aliased(Item)
    statement = (
        select(Verdict, first.source, first.external_id, second.source, second.external_id)
        .join(first, first.id == Verdict.item_a_id)
        .join(second, second.id == Verdict.item_b_id)
        .where(
            Verdict.item_a_id.in_(chosen.item_ids),
            Verdict.item_b_id.in_(chosen.item_ids),
        )
        .order_by(Verdict.id)
    )
    for row, source_a, id_a, source_b, id_b in stream(database, statement):
        named = {"source_a": source_a, "id_a": id_a, "source_b": source_b, "id_b": id_b}
        yield _fields(VERDICTS.columns, row) | named


def topic_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the team's topics; with filters, those of tickets that are exported."""
    statement = _topics(chosen).order_by(Topic.id)
    if chosen.has_filters:
        statement = statement.where(
            Topic.id.in_(select(TopicItem.topic_id).where(TopicItem.item_id.in_(chosen.item_ids)))
        )
    for row, channel, slack_id in stream(database, statement):
        yield _fields(TOPICS.columns, row) | {
            "topic": row.id,
            "parent": row.parent_id,
            "centroid": [float(one) for one in row.centroid],
            "channel": channel,
            "channel_slack_id": slack_id,
        }


def _topics(chosen: Selection) -> Select[*tuple[Any, ...]]:
    return (
        select(Topic, Channel.name, Channel.slack_id)
        .outerjoin(Channel, Channel.id == Topic.audience_id)
        .where(
            Topic.workspace_id == chosen.workspace_id, Topic.kind == "team", chosen.audiences
        )
    )  # fmt: skip


def member_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield which tickets are in which topic."""
    statement = (
        select(TopicItem, Item.source, Item.external_id)
        .join(Item, Item.id == TopicItem.item_id)
        .join(Topic, Topic.id == TopicItem.topic_id)
        .where(chosen.items, chosen.audiences, TopicItem.kind == "team")
        .order_by(TopicItem.topic_id, TopicItem.item_id)
    )
    for row, source, id_ in stream(database, statement):
        named = {"topic": row.topic_id, "source": source, "id": id_}
        yield _fields(MEMBERS.columns, row) | named


def run_rows(database: Database, chosen: Selection) -> Iterator[Values]:
    """Yield the newest run of each audience; none with filters, as it counts all tickets."""
    if chosen.has_filters:
        return
    newest = (
        select(func.max(TopicRun.id))
        .where(
            TopicRun.workspace_id == chosen.workspace_id,
            TopicRun.kind == "team",
            chosen.run_audiences,
        )
        .group_by(TopicRun.audience_id)
    )
    statement = (
        select(TopicRun, Channel.name, Channel.slack_id)
        .outerjoin(Channel, Channel.id == TopicRun.audience_id)
        .where(TopicRun.id.in_(newest))
        .order_by(TopicRun.id)
    )
    for row, channel, slack_id in stream(database, statement):
        topics = {
            str(id_): [one.change, one.previous_size, one.theme] for id_, one in row.topics.items()
        }
        yield _fields(RUNS.columns, row) | {
            "topics": topics,
            "theme_titles": {str(one): title for one, title in row.theme_titles.items()},
            "gone_topics": {str(one): title for one, title in row.gone_topics.items()},
            "channel": channel,
            "channel_slack_id": slack_id,
        }


def stream(database: Database, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Yield the rows of a query; only a batch of them is in memory."""
    with database.read() as session:
        yield from session.execute(statement.execution_options(yield_per=BATCH))


def _fields(columns: Any, row: Any) -> Values:
    return {name: getattr(row, name, None) for name in columns}


RowSource = Callable[[Database, Selection], Iterator[Values]]
SOURCES: dict[str, RowSource] = {
    "tickets": ticket_rows,
    "answers": answer_rows,
    "verdicts": verdict_rows,
    "topics": topic_rows,
    "topic_tickets": member_rows,
    "topic_runs": run_rows,
}
