"""JSON lines and CSV to import, and short ways to read them and to store their rows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bot.wiring import Services
from models import Item, Workspace
from services.intake.importers.entries import ImportEntry, Row, RowDefaults, RowError
from services.intake.importers.inputs import Input
from services.intake.importers.plans.plan import Plan, make_plan
from services.intake.importers.recognition import ReadOptions, recognize
from services.intake.importers.rows.tickets import TicketReader
from services.intake.importers.storage.store import import_entries
from services.intake.importers.storage.summary import ImportSummary
from tests.conftest import NOW

TICKETS = RowDefaults("import", "ticket", NOW)
LATER = NOW + timedelta(days=1)


def plan_of(name: str, data: bytes | str, options: ReadOptions | None = None) -> Plan:
    """Recognise a file of that name and content, and plan its import."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    found = Input(name, "file", lambda: io.BytesIO(raw), Path(name))
    options = options or ReadOptions()
    return make_plan(recognize(found, options), options)


def read_file(
    name: str,
    data: bytes | str,
    defaults: RowDefaults = TICKETS,
    options: ReadOptions | None = None,
) -> list[ImportEntry]:
    """Read a file of that name and content."""
    return list(TicketReader(plan_of(name, data, options), defaults).read())


def jsonl(data: bytes | str, defaults: RowDefaults = TICKETS) -> list[ImportEntry]:
    """Read JSON lines."""
    return read_file("tickets.jsonl", data, defaults)


def csv_rows(data: bytes | str, defaults: RowDefaults = TICKETS) -> list[ImportEntry]:
    """Read CSV."""
    return read_file("tickets.csv", data, defaults)


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
