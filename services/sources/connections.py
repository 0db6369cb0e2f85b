"""The state of connections: how far each is read, when it is asked again, what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models import Connection, Database, Item, Source, Workspace
from models.queries import LIVE, in_parts
from services.errors import InputError, SourceBusyError
from services.intake.importers.rows.tickets import MAX_SOURCE_LENGTH
from services.sources.connector import SourcePage
from services.sources.registry import find_source, new_source

# How often a source is asked for changes.
INTERVAL = timedelta(minutes=5)

# After failures: 1, 2, 4 … minutes, at most this.
MAX_BACKOFF = timedelta(hours=1)

# Whatever a source asks for, it is read again after this time at the latest: a later one comes from
# a clock that was set back since.
MAX_WAIT = timedelta(hours=6)

# Of an id that is a number.
MAX_DIGITS = 18
_NUMBER = re.compile(rf"[1-9]\d{{0,{MAX_DIGITS - 1}}}", re.ASCII)

# A source that was not read for so long is named by `deja doctor`.
MAX_SILENCE = timedelta(hours=6)


@dataclass(frozen=True)
class StoredTicketsOf:
    """What is stored of a source. `version_field` is where its tickets say when they changed."""

    database: Database
    source: Source
    version_field: str

    def versions(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Return when the stored tickets of these ids were changed, as their program writes it."""
        with self.database.read() as session:
            found = {
                id_: extra.get(self.version_field)
                for some in in_parts(ids)
                for id_, extra in session.execute(
                    select(Item.external_id, Item.extra).where(
                        *self._own, Item.external_id.in_(some)
                    )
                )
            }
        return {id_: version for id_, version in found.items() if isinstance(version, str)}

    def ids_after(self, id_: str | None, limit: int) -> Sequence[str]:
        """Return the ids of the first stored tickets that were stored after one; None: of all."""
        with self.database.read() as session:
            last = None
            if id_ is not None:  # it may have been deleted since
                known = select(Item.id).where(*self._of_source, Item.external_id == id_)
                last = session.scalar(known)
            found = select(Item.external_id).where(*self._own, Item.id > (last or 0))
            return session.scalars(found.order_by(Item.id).limit(limit)).all()

    def numbers_after(self, number: int, until: int | None, limit: int) -> Sequence[int]:
        """Return the lowest stored ids that are numbers, from above one up to another one."""
        # Numbers of the same length are in the order of their texts.
        length, text = func.length(Item.external_id), Item.external_id
        above = (length > len(str(number))) | ((length == len(str(number))) & (text > str(number)))
        where = [*self._own, above, text >= "0", text < ":", length <= MAX_DIGITS]
        if until is not None:
            end = str(until)
            where.append((length < len(end)) | ((length == len(end)) & (text <= end)))
        found = select(text).where(*where).order_by(length, text).limit(limit)
        with self.database.read() as session:
            return [int(one) for one in session.scalars(found) if _NUMBER.fullmatch(one)]

    @property
    def _own(self) -> tuple[ColumnElement[bool], ...]:
        return *self._of_source, LIVE

    @property
    def _of_source(self) -> tuple[ColumnElement[bool], ...]:
        return Item.workspace_id == self.source.workspace_id, Item.source == self.source.name


def add_connection(
    session: Session,
    workspace: Workspace,
    *,
    kind: str,
    account: str,
    address: str,
    scope: str,
    channel: str | None,
    now: datetime,
) -> Source:
    """Add a source whose tickets are fetched; it is due at once.

    It has the name that an import gives the tickets of the `account`. Raises as `new_source` does.
    """
    name = f"{kind}/{account}"[:MAX_SOURCE_LENGTH]
    source = new_source(session, workspace, name, channel=channel, now=now, kind=kind)
    session.add(
        Connection(
            source_id=source.id,
            address=address,
            scope=scope,
            cursor={},
            next_poll_at=now,
            failures=0,
        )
    )
    session.flush()
    return source


def find_connection(session: Session, name: str) -> tuple[Source, Connection]:
    """Return a source whose tickets are fetched. Raises `NotFoundError` and `InputError`."""
    source = find_source(session, name)
    connection = session.get(Connection, source.id)
    if connection is None:
        raise InputError(f"Tickets of {name} are not fetched: it sends them.")
    return source, connection


def due_connections(session: Session, workspace_id: int, now: datetime) -> list[Connection]:
    """Return the connections of a workspace that are to be asked now."""
    is_due = (Connection.next_poll_at <= now) | (Connection.next_poll_at > now + MAX_WAIT)
    return list(
        session.scalars(
            select(Connection)
            .join(Source, Source.id == Connection.source_id)
            .where(Source.workspace_id == workspace_id, is_due)
            .order_by(Connection.source_id)
        )
    )


def note_start(session: Session, source_id: int, now: datetime) -> None:
    """Store that a source is being read, so that nobody else begins at the same time."""
    connection = session.get(Connection, source_id)
    if connection is not None:
        connection.next_poll_at = now + INTERVAL


def note_page(connection: Connection, page: SourcePage, now: datetime) -> None:
    """Store how far a page led."""
    connection.cursor = dict(page.cursor)
    connection.succeeded_at, connection.failures, connection.error = now, 0, None
    until = now if page.is_last else page.read_until
    connection.read_until = until or connection.read_until
    wait = INTERVAL if page.wait is None else timedelta(seconds=page.wait)
    connection.next_poll_at = now + min(wait, MAX_WAIT)


def note_wait(session: Session, source_id: int, busy: SourceBusyError, now: datetime) -> None:
    """Store that a source asked to wait, or cannot be reached."""
    connection = session.get(Connection, source_id)
    if connection is None:
        return
    wait = timedelta(seconds=busy.delay)
    if busy.is_outage:
        wait = max(wait, _failed(connection, str(busy)))
    connection.next_poll_at = now + min(wait, MAX_WAIT)


def note_failure(session: Session, source_id: int, reason: str, now: datetime) -> None:
    """Store why a source refuses to be read."""
    connection = session.get(Connection, source_id)
    if connection is not None:
        connection.next_poll_at = now + _failed(connection, reason)


def silent_sources(
    session: Session, now: datetime
) -> list[tuple[str, datetime | None, str | None]]:
    """Return the sources that were not read for long: name, when they last were, and the error."""
    rows = session.execute(
        select(Source, Connection).join(Connection, Connection.source_id == Source.id)
    )
    return [
        (source.name, connection.succeeded_at, connection.error)
        for source, connection in rows
        if (connection.succeeded_at or source.created_at) < now - MAX_SILENCE
    ]


def _failed(connection: Connection, reason: str) -> timedelta:
    connection.failures += 1
    connection.error = reason
    return min(timedelta(minutes=2 ** min(connection.failures - 1, 10)), MAX_BACKOFF)
