"""Removing what a database still has of deleted rows: free space, old pages, its log."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from models import Database
from services.erasure.surfaces import COLUMNS
from services.errors import DatabaseError

# How long readers and writers may keep SQLite from emptying its log.
MAX_SECONDS = 30.0
_PAUSE = 0.2

# A rewritten SQLite file is written twice: beside the old one, and into the log.
_COPIES = 2


def compact(database: Database, sleep: Callable[[float], None] = time.sleep) -> None:
    """Leave no deleted row in the files of a database.

    SQLite's file is rewritten: deletions only mark pages as free, and the index of words keeps
    words of deleted rows until its parts are merged. PostgreSQL frees and reuses the space of
    deleted rows. Raises `DatabaseError` if there is no room, or others do not let go of the log.
    """
    if not database.is_sqlite:
        _vacuum_postgresql(database)
        return
    file = Path(str(database.engine.url.database))
    _ensure_room(file)
    connection = database.engine.raw_connection()
    try:
        driver = connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError(type(driver))
        driver.execute("PRAGMA secure_delete=ON")
        driver.execute("INSERT INTO document_words (document_words) VALUES ('optimize')")
        driver.execute("VACUUM")
        _empty_log(driver, sleep)
    except sqlite3.OperationalError as error:
        raise DatabaseError(
            f"The database file could not be rewritten ({error}). Everything is erased from its "
            "tables; run `deja erase --resume` for the file."
        ) from error
    finally:
        connection.close()


def _ensure_room(file: Path) -> None:
    needed, free = _COPIES * file.stat().st_size, shutil.disk_usage(file.parent).free
    if free < needed:
        raise DatabaseError(
            f"To rewrite the database takes {needed // 1_000_000} MB, and {free // 1_000_000} MB "
            "are free. Everything is erased from its tables; make room, then run "
            "`deja erase --resume`."
        )


def _empty_log(driver: sqlite3.Connection, sleep: Callable[[float], None]) -> None:
    """Write SQLite's log into the file and cut it to nothing, as soon as nobody reads from it."""
    for _ in range(int(MAX_SECONDS / _PAUSE)):
        [(is_busy, _, _)] = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if not is_busy:
            return
        sleep(_PAUSE)
    raise DatabaseError(
        "Others read the database all the time, so that its log could not be emptied. Stop the bot "
        "and run `deja erase --resume`."
    )


def _vacuum_postgresql(database: Database) -> None:
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for table in COLUMNS:
            connection.execute(text(f"VACUUM {table}"))
