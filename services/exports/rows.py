"""What is exported: the rows of each table, read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from models import Channel, Database, Item, Resolution, Verdict
from models.queries import LIVE, ids_in_batches, items_by_id
from services.answers.search_query import SearchQuery, ensure_known, parse_query
from services.channels.audience import whole_workspace
from services.errors import InputError
from services.exports.tables import ANSWERS, TICKETS, VERDICTS, Values

BATCH = 500


@dataclass(frozen=True)
class Selection:
    """Which items of a workspace are exported, and whether those of private channels are."""

    workspace_id: int
    where: ColumnElement[bool]
    with_private: bool
    has_filters: bool
    query: SearchQuery

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
            query,
        )

    @property
    def items(self) -> ColumnElement[bool]:
        """The condition that an item is exported."""
        return self.where if self.with_private else self.where & ~self._is_private

    @property
    def item_ids(self) -> Select[int]:
        """The ids of what is exported."""
        return select(Item.id).where(self.items)

    def count(self, session: Session) -> tuple[int, int]:
        """Return how many items are exported, and how many are left out as private.

        Raises `NotFoundError` if the filters name a channel or a person that does not exist.
        """
        ensure_known(session, whole_workspace(self.workspace_id), self.query)
        chosen = session.scalar(select(func.count()).select_from(Item).where(self.items)) or 0
        found = session.scalar(select(func.count()).select_from(Item).where(self.where)) or 0
        return chosen, found - chosen

    @property
    def _is_private(self) -> ColumnElement[bool]:
        private = select(Channel.id).where(Channel.is_private)
        return Item.channel_id.is_not(None) & Item.channel_id.in_(private)


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
    return (
        same
        | {
            "id": item.external_id,
            "answer": item.resolution,
        }
        | channel_fields(channel)
    )


def channel_fields(channel: Channel | None) -> Values:
    """Return what is exported of a row's channel."""
    return {
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
        yield fields_of(ANSWERS.columns, row) | {"source": source, "id": id_}


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
        yield fields_of(VERDICTS.columns, row) | named


def stream(database: Database, statement: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Yield the rows of a query; only a batch of them is in memory."""
    with database.read() as session:
        yield from session.execute(statement.execution_options(yield_per=BATCH))


def fields_of(columns: Any, row: Any) -> Values:
    return {name: getattr(row, name, None) for name in columns}
