"""Connect to the settings' database, and say in one line what is wrong with it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

import migrations
from models import Database, is_passing
from services.errors import DatabaseError, DatabaseUnreachableError, SettingsError

if TYPE_CHECKING:
    from bot.settings import Settings

READ_ONLY = (
    "The database cannot be changed: its disk is read-only, or you may not write to the file and "
    "its folder. Commands that only read work."
)


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
    text = str(error.orig)
    return "authentication failed" not in text and "does not exist" not in text


def ensure_current(database: Database) -> None:
    """Raise `DatabaseError` unless the tables are those of this version."""
    try:
        revision = migrations.current_revision(database.engine)
    except DBAPIError as error:
        raise DatabaseError(f"The database cannot be read: {first_line(error)}") from error
    if revision is None:
        raise DatabaseError("The database has no tables yet: run `deja db upgrade`.")
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


def database_line(error: DBAPIError) -> str:
    """Return what an error of the database means and what to do, in one line."""
    text = first_line(error)
    if "readonly" in text:
        return READ_ONLY
    if "disk is full" in text or "No space left" in text:
        return "The database cannot be changed: its disk is full."
    return f"The database cannot be used: {text}"


def first_line(error: BaseException) -> str:
    """Return the first line of an error, without SQL, addresses and error numbers."""
    if isinstance(error, OSError) and error.strerror:
        text = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        return f"{error.filename}: {text}." if error.filename else f"{text[0].upper()}{text[1:]}."
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if getattr(cause, "sqlite_errorname", None) in _NO_ROOM:
        return "its disk is full."
    lines = str(cause).strip().splitlines()
    return lines[0].strip().rstrip(".") + "." if lines else type(cause).__name__
