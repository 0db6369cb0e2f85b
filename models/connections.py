"""What a connection is set to when it is opened, and how a transaction of SQLite begins."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from models.types import SQLITE

# How long a writer waits for other writers before it fails.
BUSY_SECONDS = 10.0

# What a connection keeps of the file at most. A large batch of an import changes more than the 2 MB
# that SQLite keeps by itself, so that it would write pages out, and read them again, several times.
CACHE_KILOBYTES = 16_000

# The option of an engine whose transactions write.
WRITES = "deja_writes"


def prepare_connections(engine: Engine, *, read_only: bool) -> None:
    """Have all connections of an engine set up; `read_only` is an SQLite file that is."""
    if engine.dialect.name != SQLITE:
        event.listen(engine, "connect", _configure_postgresql)
        return
    event.listen(engine, "connect", _configure_reading if read_only else _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000:.0f}",
        # FULL, not NORMAL: after the commit Slack's event is acknowledged and never sent again, so
        # the commit must survive a power cut; NORMAL may lose the latest ones in WAL mode.
        "synchronous=FULL",
        f"cache_size=-{CACHE_KILOBYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _configure_reading(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")


def _configure_postgresql(connection: Any, _record: object) -> None:
    # By what it expects of a rare word PostgreSQL starts two processes to find the few tickets that
    # have it: on busy cores that takes ten times as long as to find them.
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once if another one wrote in
    # between. One that announces its writes at the start waits instead.
    writes = connection.get_execution_options().get(WRITES, False)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    driver: Any = connection.connection.driver_connection
    try:
        # Not as a statement of SQLAlchemy's, which takes it a fifth of a short transaction.
        driver.execute(begin)
    except sqlite3.Error as error:
        raise DBAPIError.instance(begin, None, error, sqlite3.Error) from error
