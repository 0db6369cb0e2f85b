"""Connect to the settings' database, and say in one line what is wrong with it."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

import migrations
from bot.disk import unwritable
from models import Database, is_passing
from services.errors import (
    DatabaseError,
    DatabaseUnreachableError,
    NoTablesError,
    SettingsError,
)

if TYPE_CHECKING:
    from bot.settings import Settings

THE_DATABASE = "The database"


# What SQLite and PostgreSQL say of files that are damaged.
_DAMAGED = ("malformed", "invalid page", "could not read block")
# With the second, SQLite has no room for the file that even reading takes, and says "I/O error".
_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")


def open_current(settings: Settings) -> Database:
    """Return the settings' database, which must be at the newest revision."""
    database = connect(settings)
    try:
        ensure_current(database)
    except BaseException:
        database.close()
        raise
    return database


def make_tables(settings: Settings) -> None:
    """Make the tables of a database that has none: nothing is there that could be lost.

    One that has tables stays as it is. Raises as `connect` does.
    """
    database = connect(settings)
    try:
        if migrations.current_revision(database.engine) is None:
            migrations.upgrade(database.engine)
    except DBAPIError as error:
        raise DatabaseError(f"The tables cannot be made: {first_line(error)}") from error
    finally:
        database.close()


def connect(settings: Settings) -> Database:
    """Return the settings' database, whatever its tables are. Creates the folder of SQLite's file.

    Raises `SettingsError` for an invalid address, `DatabaseUnreachableError` if its server does not
    answer, and `DatabaseError` if it cannot be opened for another reason.
    """
    try:
        database = Database.connect(settings.database_url.get_secret_value())
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise SettingsError(
            "DEJA_DATABASE_URL is not a database address. Examples: sqlite:////srv/deja/deja.db, "
            "postgresql+psycopg://deja@db/deja"
        ) from error
    try:
        if database.is_sqlite:
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with database.engine.connect():
            return database
    except (DBAPIError, OSError) as error:
        database.close()
        kind = DatabaseUnreachableError if _is_away(error, database) else DatabaseError
        raise kind(f"The database cannot be opened: {first_line(error)}") from error


def _is_away(error: BaseException, database: Database) -> bool:
    """Say whether a server does not answer; one that refuses a name or a password does."""
    if database.is_sqlite or not isinstance(error, DBAPIError) or not is_passing(error):
        return False
    said = str(error.orig)
    return "authentication failed" not in said and "does not exist" not in said


def ensure_current(database: Database) -> None:
    """Raise `DatabaseError` unless the tables are those of this version."""
    try:
        revision = migrations.current_revision(database.engine)
    except DBAPIError as error:
        raise DatabaseError(f"The database cannot be read: {first_line(error)}") from error
    if revision is None:
        raise NoTablesError("The database has no tables yet: run `deja db upgrade`.")
    ensure_known(revision)
    if revision != migrations.newest_revision():
        raise DatabaseError(
            f"The database is at revision {revision}: run `deja db upgrade`, which backs it up "
            "first."
        )


def ensure_known(revision: str) -> None:
    """Raise `DatabaseError` if a revision is of a newer version."""
    if not migrations.knows(revision):
        raise DatabaseError(
            f"The database is from a newer Déjà (revision {revision}): install that version."
        )


def write_fault(database: Database) -> str | None:
    """Say in a line why a database that answers takes no changes; None if it does.

    SQLite's own answer comes too late: what it has open is written until the disk refuses.
    """
    if database.is_sqlite:
        return unwritable(Path(str(database.engine.url.database)).parent)
    with database.read() as session:
        is_read_only = session.scalar(text("SHOW transaction_read_only")) == "on"
    return "The database cannot be changed: its server is read-only." if is_read_only else None


def read_only_line(name: str = THE_DATABASE) -> str:
    """Return why a database cannot be changed whose file may only be read."""
    return (
        f"{name} cannot be changed: its disk is read-only, or you may not write to the file and "
        "its folder. Commands that only read work."
    )


def database_line(error: DBAPIError, name: str = THE_DATABASE) -> str:
    """Return what an error of a database means and what to do, in one line that names it."""
    line = first_line(error)
    if "readonly" in line:
        return read_only_line(name)
    if "disk is full" in line or "No space left" in line:
        return f"{name} cannot be changed: its disk is full."
    return f"{name} cannot be used: {line}"


def first_line(error: BaseException) -> str:
    """Return the first line of an error, without SQL, addresses and error numbers."""
    if isinstance(error, OSError) and error.strerror:
        why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        return f"{error.filename}: {why}." if error.filename else f"{why[0].upper()}{why[1:]}."
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if getattr(cause, "sqlite_errorname", None) in _NO_ROOM:
        return "its disk is full."
    lines = str(cause).strip().splitlines()
    line = lines[0].strip().rstrip(".") if lines else type(cause).__name__
    if isinstance(error, DBAPIError) and any(one in line for one in _DAMAGED):
        return f"it is damaged ({line}): `deja restore` a backup."
    return f"{line}." if lines else line
