"""Backups of SQLite by its online backup, during which others may read and write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from models.read_only import is_read_only, opener
from services.errors import DatabaseError, InputError

MAGIC = b"SQLite format 3\x00"

# Pages of 4 KB that are copied at a time. Writers wait meanwhile, for some milliseconds.
PAGES = 2_000

# Takes the number of copied pages and of all pages.
Progress = Callable[[int, int], None]


def is_backup(file: Path) -> bool:
    """Say whether a file is an SQLite database."""
    with file.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def copy(source: Path, target: Path, progress: Progress | None = None) -> None:
    """Copy the committed state of one database over another. Raises `DatabaseError`."""

    def report(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    try:
        with closing(_open_to_read(source)) as old, closing(_open(target, "rw")) as new:
            old.backup(new, pages=PAGES, progress=report)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, without others beside it
    except sqlite3.Error as error:
        if "disk is full" in str(error):  # SQLite does not name whose
            raise DatabaseError(f"The copy failed: the disk of {target.parent} is full.") from error
        raise DatabaseError(f"The copy failed: {error}.") from error


def check(file: Path) -> str:
    """Return the revision of a backup after its pages were checked.

    Raises `InputError` for a file that is damaged or is none of Déjà's.
    """
    try:
        with closing(_open_to_read(file)) as backup:
            [(found,)] = backup.execute("PRAGMA quick_check(1)").fetchall()
            if found != "ok":
                raise InputError(f"{file} is damaged: {found}.")
            [(revision,)] = backup.execute("SELECT version_num FROM alembic_version").fetchall()
    except (sqlite3.Error, ValueError) as error:
        raise InputError(f"{file} is no backup of Déjà, or is damaged: {error}.") from error
    return str(revision)


def ensure_unused(file: Path) -> None:
    """Raise `DatabaseError` if another process has the database open."""
    try:
        with closing(_open(file, "rw", timeout=1)) as database:
            database.execute("PRAGMA locking_mode=EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")  # in WAL mode only with no other connection
            database.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise DatabaseError(
            f"{file} is in use ({error}): stop the bot and its workers first."
        ) from error


def _open_to_read(file: Path) -> sqlite3.Connection:
    if is_read_only(file):
        return opener(file)()
    return _open(file, "ro")


def _open(file: Path, mode: str, timeout: float = 10) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=timeout, isolation_level=None
    )
