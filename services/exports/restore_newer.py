"""Tickets of an export that have changed here since it was written: what is stored stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from models import Database, Item
from models.queries import SLACK_SOURCE
from models.types import safe_text
from services.intake.importers.entries import ImportEntry, Row, Skipped
from services.memory.item_rows import read_by_key
from services.memory.new_items import NewItem

NEWER = "tickets that were changed or hidden here since the export"

BATCH = 500


def keep_newer(
    database: Database,
    workspace_id: int,
    entries: Iterator[ImportEntry],
    exported_at: datetime | None,
) -> Iterator[ImportEntry]:
    """Pass entries on, without tickets that say something else here since `exported_at`.

    So what became private later stays hidden. Messages of Slack each have a revision of their own.
    """
    if exported_at is None:
        yield from entries
        return
    while batch := list(islice(entries, BATCH)):
        keys = [one.item.key for one in batch if isinstance(one, Row) and _is_imported(one.item)]
        with database.read() as session:
            stored = read_by_key(session, workspace_id, keys)
        for one in batch:
            known = stored.get(one.item.key) if isinstance(one, Row) else None
            if isinstance(one, Row) and known and _is_newer(known, one.item, exported_at):
                yield Skipped(one.step, NEWER)
            else:
                yield one


def _is_imported(item: NewItem) -> bool:
    return item.source != SLACK_SOURCE


def _is_newer(stored: Item, item: NewItem, exported_at: datetime) -> bool:
    if stored.updated_at <= exported_at:
        return False
    if stored.deleted_at is not None:
        return True
    told = [(stored.title, item.title), (stored.text, item.text)]
    if item.resolution is not None:  # otherwise the stored one stays
        told.append((stored.resolution, item.resolution))
    return any((here or "") != safe_text(there or "") for here, there in told)
