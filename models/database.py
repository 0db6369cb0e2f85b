"""The engine, and the two ways to use it: to read, and to write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.tables import Base
from models.types import POSTGRESQL, SQLITE

BUSY_TIMEOUT_MS = 10_000
_WRITES = "deja_writes"


@dataclass(frozen=True)
class Database:
    """An engine with a read and a write transaction."""

    engine: Engine

    @classmethod
    def connect(cls, url: str) -> Database:
        """Return the database at `url` (`sqlite:///…` or `postgresql+psycopg://…`)."""
        engine = create_engine(
            url,
            # Error messages are logged, and parameters are people's words.
            hide_parameters=True,
            pool_pre_ping=make_url(url).get_backend_name() == POSTGRESQL,
        )
        if engine.dialect.name == SQLITE:
            event.listen(engine, "connect", _configure_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        return cls(engine)

    @property
    def is_sqlite(self) -> bool:
        """Say whether this is one file on one machine."""
        return self.engine.dialect.name == SQLITE

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and changes nothing."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that commits at the end, or rolls back when an error leaves it."""
        engine = self.engine.execution_options(**{_WRITES: True})
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def insert_new(
    session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *, unique: Sequence[str]
) -> int:
    """Insert the rows whose `unique` columns are not taken yet and return how many that were."""
    if not rows:
        return 0
    dialect = postgresql if session.get_bind().dialect.name == POSTGRESQL else sqlite
    statement = dialect.insert(table).values(list(rows))
    statement = statement.on_conflict_do_nothing(index_elements=list(unique))
    return len(session.execute(statement.returning(*table.__table__.primary_key)).all())


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        # FULL, not NORMAL: Slack is told "got it" after the commit and never asks again, so the
        # commit must survive a power cut, and NORMAL may lose the last ones in WAL mode.
        "synchronous=FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another one wrote in
    # between; one that says so at its start waits for its turn.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
