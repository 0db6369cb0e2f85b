"""The rows of items: found by their keys, compared with what sources report, and written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVarTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from models import Item, insert_many, is_among, many_texts
from services.memory.new_items import ItemKey, NewItem, PreparedItem, SaveOutcome

# On a plain table: mapped objects cost five times as much, and an import adds many.
_items = Item.__table__
_IDS = many_texts("ids")

Ts = TypeVarTuple("Ts")


def of_keys(statement: Select[*Ts]) -> Select[*Ts]:
    """Narrow a statement on items to some keys of one source, with the values of `known_keys`.

    The ids are one parameter. With one for each, SQLAlchemy would write a new statement for each
    number of them, and take longer for that than the database for the rows.
    """
    return statement.where(
        _items.c.workspace_id == bindparam("workspace"),
        _items.c.source == bindparam("source"),
        is_among(_items.c.external_id, _IDS),
    )


# Built once: every message runs them.
_ADDED = of_keys(select(_items.c.id, _items.c.source, _items.c.external_id))
_READ = of_keys(select(Item))
# By id, so that two never wait for each other, and free for rows of others that refer to these.
# What was read before the lock may have changed.
_LOCKED = (
    _READ.order_by(Item.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class SavedRows:
    """The ids of saved items and the version kept of each, by key, and all outcomes in order."""

    ids: Mapping[ItemKey, int]
    kept: Mapping[ItemKey, PreparedItem]
    outcomes: Sequence[tuple[ItemKey, SaveOutcome]]

    @property
    def added_ids(self) -> frozenset[int]:
        """The ids of the items that there were none of before."""
        return frozenset(self.ids[key] for key, outcome in self.outcomes if outcome == "added")


def save_rows(
    session: Session,
    workspace_id: int,
    stored: Mapping[ItemKey, Item],
    prepared: Sequence[PreparedItem],
    now: datetime,
) -> SavedRows:
    """Write the items; `stored` are the rows that are there of them, by key."""
    rows = dict(stored)
    kept: dict[ItemKey, PreparedItem] = {}
    outcomes: list[tuple[ItemKey, SaveOutcome]] = []
    fresh: list[PreparedItem] = []
    times = Counter(new.item.key for new in prepared)
    for new in prepared:
        key = new.item.key
        row = rows.get(key)
        if row is None and times[key] == 1:
            fresh.append(new)
            kept[key] = new
            outcomes.append((key, "added"))
            continue
        if row is None:
            row = rows[key] = Item(workspace_id=workspace_id, status="open", updated_at=now)
            session.add(row)
            outcome: SaveOutcome = "added"
        elif new.item.revision < row.revision:
            outcomes.append((key, "outdated"))
            continue
        else:
            outcome = "updated" if differs(row, new) else "unchanged"
        kept[key] = new
        if outcome != "unchanged":
            assign(row, new, now)
        # Older edits that arrive late are outdated also by an edit that changed no word.
        row.revision = new.item.revision
        outcomes.append((key, outcome))
    session.flush()
    ids = {key: row.id for key, row in rows.items()} | _add(session, workspace_id, fresh, now)
    return SavedRows(ids, kept, outcomes)


def _add(
    session: Session, workspace_id: int, fresh: Sequence[PreparedItem], now: datetime
) -> dict[ItemKey, int]:
    """Insert items that are new; return their ids."""
    if not fresh:
        return {}
    given = [
        {
            **dict(zip(_REPORTED, _reported(new.item), strict=True)),
            "status": "open" if new.item.status is None else new.item.status,
            "workspace_id": workspace_id,
            "content_hash": new.content_hash,
            "updated_at": now,
        }
        for new in fresh
    ]
    insert_many(session, Item, given)
    keys = [new.item.key for new in fresh]
    ids: dict[ItemKey, int] = {}
    for known in known_keys(workspace_id, keys):
        rows = session.connection().execute(_ADDED, known)
        ids |= {(source, external_id): id_ for id_, source, external_id in rows}
    return ids


def rows_by_key(
    session: Session, workspace_id: int, keys: Sequence[ItemKey]
) -> dict[ItemKey, Item]:
    """Return the stored rows of these items, locked, so that concurrent changes take turns."""
    return _rows(session, _LOCKED, workspace_id, keys)


def read_by_key(
    session: Session, workspace_id: int, keys: Sequence[ItemKey]
) -> dict[ItemKey, Item]:
    """Return the stored rows of these items."""
    return _rows(session, _READ, workspace_id, keys)


def known_keys(workspace_id: int, keys: Iterable[ItemKey]) -> Iterator[dict[str, Any]]:
    """Yield the parameters of a statement narrowed by `of_keys`, for each source of the keys."""
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, external_id in keys:
        by_source[source].append(external_id)
    for source, ids in sorted(by_source.items()):
        yield {"workspace": workspace_id, "source": source, "ids": ids}


def _rows(
    session: Session, statement: Select[Item], workspace_id: int, keys: Iterable[ItemKey]
) -> dict[ItemKey, Item]:
    return {
        (row.source, row.external_id): row
        for known in known_keys(workspace_id, keys)
        for row in session.scalars(statement, known)
    }


_COLUMNS = (
    "kind", "channel_id", "title", "text", "author", "url", "extra", "ts", "thread_ts",
    "created_at", "is_dated",
)  # fmt: skip
_KEPT_IF_MISSING = ("status", "resolution", "resolved_at")
_REPORTED = ("source", "external_id", "revision", *_COLUMNS, *_KEPT_IF_MISSING)
_reported = attrgetter(*_REPORTED)


def differs(row: Item, new: PreparedItem) -> bool:
    """Say whether an item says something else than its stored row."""
    return (
        row.content_hash != new.content_hash
        or row.deleted_at is not None
        or any(getattr(row, column) != value for column, value in _values(new.item).items())
    )


def assign(row: Item, new: PreparedItem, now: datetime) -> None:
    """Give a row, which is live then, the values of an item."""
    for column, value in _values(new.item).items():
        setattr(row, column, value)
    row.source, row.external_id = new.item.key
    row.revision, row.content_hash, row.updated_at = new.item.revision, new.content_hash, now
    row.deleted_at = None


def _values(item: NewItem) -> dict[str, Any]:
    given = [name for name in _KEPT_IF_MISSING if getattr(item, name) is not None]
    values = {column: getattr(item, column) for column in (*_COLUMNS, *given)}
    return {**values, "resolution": None} if item.is_unanswered else values
