"""Reading a connected tracker or help desk, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Connection, Source
from models.queries import WITHDRAWN
from services.errors import NotNeededError, SourceError
from services.intake.ingest import TicketIngest
from services.memory.items import restore
from services.sources.api_records import items_of
from services.sources.connections import StoredTicketsOf, note_page
from services.sources.connector import Connector, Cursor, SourcePage
from services.sources.store_tickets import save_items


@dataclass(frozen=True)
class PageResult:
    """What became of a page: ids of changed and deleted items, and why others were not stored.

    `is_last` says that nothing more is to be read now; `wait` are the seconds that were asked for.
    """

    changed: Sequence[int] = ()
    gone: Sequence[int] = ()
    refused: Sequence[str] = ()
    is_last: bool = False
    wait: float | None = None


@dataclass(frozen=True)
class Poll:
    """Reads one source into the database."""

    ingest: TicketIngest
    source: Source
    connector: Connector

    def page(self, now: datetime) -> PageResult:
        """Read and store the next changes.

        What was read and how far that is are stored together. Raises `SourceError`,
        `SourceBusyError`, `RetryLaterError`, and `NotNeededError` if the source was removed, or
        somebody else reads it.
        """
        cursor = self._cursor()
        page = self.connector.read(cursor, self._known)
        if not page.records and _leads_nowhere(page, cursor):
            raise SourceError(
                f"{self.source.name} answers with the same page again, so that its list never ends."
            )
        return self._save(page, cursor, now)

    def walk(self, now: datetime) -> PageResult:
        """Read the next part of a walk over everything, after the last changes, as `page` does."""
        cursor = self._cursor()
        page = self.connector.walk(cursor, self._known)
        return self._save(replace(page, is_last=True), cursor, now)

    @property
    def _known(self) -> StoredTicketsOf:
        return StoredTicketsOf(self.ingest.database, self.source, self.connector.version_field)

    def _cursor(self) -> Cursor:
        with self.ingest.database.read() as session:
            connection = session.get(Connection, self.source.id)
            if connection is None:
                raise NotNeededError("the source was removed")
            return connection.cursor

    def _save(self, page: SourcePage, cursor: Cursor, now: datetime) -> PageResult:
        found = items_of(self.connector.layout, self.source.name, page.records, now)

        def note(session: Session) -> None:
            locked = select(Connection).where(Connection.source_id == self.source.id)
            connection = session.scalar(locked.with_for_update())
            if connection is None or connection.cursor != cursor:
                raise NotNeededError("somebody else reads the source")
            restore(session, self.source.workspace_id, [item.key for item in found.items])
            note_page(connection, page, now)

        stored = save_items(
            self.ingest,
            self.source,
            found.items,
            page.gone,
            now,
            withheld=found.withheld,
            on_save=note,
            deletion=WITHDRAWN,
        )
        return PageResult(stored.changed, stored.gone, found.refused, page.is_last, page.wait)


def _leads_nowhere(page: SourcePage, cursor: Cursor) -> bool:
    return page.cursor == cursor and not page.is_last and page.wait is None
