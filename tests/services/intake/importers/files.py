"""JSON lines and CSV to import, and short ways to read them and to store their rows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.wiring import Services
from models import Item, Workspace
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError
from services.intake.importers.rows import as_text, read_csv, read_jsonl
from services.intake.importers.store import ImportSummary, import_entries
from tests.conftest import NOW

TICKETS = RowDefaults("import", "ticket", NOW)
LATER = NOW + timedelta(days=1)


def jsonl(data: bytes | str, defaults: RowDefaults = TICKETS) -> list[ImportEntry]:
    """Read JSON lines."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return list(read_jsonl(as_text(io.BytesIO(raw)), defaults))


def csv_rows(data: bytes | str, defaults: RowDefaults = TICKETS) -> list[ImportEntry]:
    """Read CSV."""
    raw = data.encode() if isinstance(data, str) else data
    return list(read_csv(as_text(io.BytesIO(raw)), defaults))


def only_row(entries: list[ImportEntry]) -> Row:
    """Return the only entry, which must be a row."""
    assert [type(entry) for entry in entries] == [Row], entries
    assert isinstance(entries[0], Row)
    return entries[0]


def reason(entries: list[ImportEntry]) -> str:
    """Return the reason of the only entry, which must be an error."""
    assert [type(entry) for entry in entries] == [RowError], entries
    assert isinstance(entries[0], RowError)
    return entries[0].reason


def store_entries(
    services: Services, workspace: Workspace, entries: Iterator[ImportEntry], now: datetime = NOW
) -> ImportSummary:
    """Store entries in a workspace."""
    return import_entries(services.ingest, workspace.id, entries, now)


def stored_items(services: Services) -> dict[str, Item]:
    """Return all stored items by external id."""
    with services.database.read() as session:
        return {item.external_id: item for item in session.scalars(select(Item))}
