"""The rows of items: found by their keys, compared with what sources report, and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, tuple_
from sqlalchemy.orm import Session

from models import Item
from models.queries import in_parts
from models.types import safe_text
from services.memory.new_items import ItemKey, NewItem, PreparedItem, SaveOutcome

# Executed on the connection: mapped objects cost five times as much, and an import adds many.

_NEW = insert(Item).returning(Item.id, Item.source, Item.external_id)


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
            **{name: getattr(new.item, name) for name in (*_COLUMNS, *_KEPT_IF_MISSING)},
            "status": "open" if new.item.status is None else new.item.status,
            "workspace_id": workspace_id,
            "source": new.item.source,
            "external_id": new.item.external_id,
            "revision": new.item.revision,
            "content_hash": new.content_hash,
            "updated_at": now,
        }
        for new in fresh
    ]
    rows = session.connection().execute(_NEW, given)
    ids = {(source, external_id): id_ for id_, source, external_id in rows}
    return {
        key: ids[safe_text(key[0]), safe_text(key[1])] for key in (new.item.key for new in fresh)
    }


def rows_by_key(
    session: Session, workspace_id: int, keys: Sequence[ItemKey]
) -> dict[ItemKey, Item]:
    """Return the stored rows of these items, locked, so that concurrent changes take turns."""
    rows: list[Item] = []
    for part in in_parts(keys):
        rows += session.scalars(_of_keys(workspace_id, part).with_for_update())
    return {(row.source, row.external_id): row for row in rows}


def read_by_key(
    session: Session, workspace_id: int, keys: Sequence[ItemKey]
) -> dict[ItemKey, Item]:
    """Return the stored rows of these items."""
    rows = [row for part in in_parts(keys) for row in session.scalars(_of_keys(workspace_id, part))]
    return {(row.source, row.external_id): row for row in rows}


def _of_keys(workspace_id: int, keys: Sequence[ItemKey]) -> Select[Item]:
    return select(Item).where(
        Item.workspace_id == workspace_id, tuple_(Item.source, Item.external_id).in_(keys)
    )


_COLUMNS = (
    "kind", "channel_id", "title", "text", "author", "url", "extra", "ts", "thread_ts",
    "created_at", "is_dated",
)  # fmt: skip
_KEPT_IF_MISSING = ("status", "resolution", "resolved_at")


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
    return {column: getattr(item, column) for column in (*_COLUMNS, *given)}
