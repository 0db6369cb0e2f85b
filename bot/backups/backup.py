"""Back up and restore the database, whichever it is. A backup is verified before it counts."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

import migrations
from bot.backups import postgresql, sqlite
from bot.backups.files import replaced_file
from bot.backups.undone_erasures import PastErasure, past_erasures
from bot.connection import connect
from bot.keys import open_keyring
from models import Database, Item
from services.errors import DatabaseError, InputError
from services.secrets.keyring import key_of
from services.secrets.stored import list_secrets, missing_keys

if TYPE_CHECKING:
    from bot.settings import Settings

# Names of backups in a folder; those that Déjà wrote there are known by it.
_NAME = "deja-{time:%Y%m%d-%H%M%S}.{suffix}"
_PATTERN = "deja-[0-9]*-[0-9]*.{suffix}"


@dataclass(frozen=True)
class Backup:
    """A verified backup: the file, its size in bytes, and the revision of its tables.

    `keys` are the names of the keys that its secrets are encrypted with, which it does not hold.
    """

    file: Path
    size: int
    revision: str
    keys: Collection[str]


@dataclass(frozen=True)
class Restored:
    """A restored database: its revision, and the keys that are missing for its secrets.

    `undone` are the erasures of the database before that the backup is older than: what they erased
    is back. None where there was no database, so that nothing here knows of any.
    """

    revision: str
    missing_keys: dict[str, int]
    undone: list[PastErasure] | None


def back_up(
    database: Database,
    file: Path,
    now: datetime,
    *,
    overwrite: bool = False,
    progress: sqlite.Progress | None = None,
) -> Backup:
    """Write a backup while the database is in use. In a folder it gets a name with the time.

    Raises `InputError` if the file exists or cannot be written, and `DatabaseError` if the backup
    fails.
    """
    revision = migrations.current_revision(database.engine)
    if revision is None:
        raise DatabaseError("The database has no tables yet: there is nothing to back up.")
    with database.engine.connect() as connection:
        used = {key_of(one.sealed) for one in list_secrets(connection)}
    if file.is_dir():
        file /= _NAME.format(time=now, suffix=_suffix(database))
    _ensure_other_file(database, file)
    with replaced_file(file, overwrite=overwrite) as part:
        if database.is_sqlite:
            sqlite.copy(_path(database), part, progress)
            revision = sqlite.check(part)
        else:
            postgresql.dump(database.engine.url, part)
            revision = postgresql.check(part)
        size = part.stat().st_size
    return Backup(file, size, revision, {key for key in used if key is not None})


def remove_old(database: Database, folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups that `back_up` named in a folder; return them."""
    found = sorted(folder.glob(_PATTERN.format(suffix=_suffix(database))))
    old = found[:-keep] if keep else found
    for file in old:
        file.unlink()
    return old


def restore(settings: Settings, file: Path, *, overwrite: bool) -> Restored:
    """Replace the database by a backup.

    The index is deleted: it is a cache, and the next start rebuilds it. Raises `InputError` for a
    file that is no backup of this kind of database, and `DatabaseError` if the database is in use,
    or has tables and nobody said to `overwrite` them.
    """
    if not file.is_file():
        raise InputError(f"There is no file {file}.")
    database = connect(settings)
    try:
        ensure_restorable(database, file)
        revision = migrations.current_revision(database.engine)
        if revision is not None and not overwrite:
            raise DatabaseError(
                f"There is a database already, with {_describe(database)}: "
                "say --overwrite to replace it."
            )
        _ensure_other_file(database, file)
        before = past_erasures(database)
        database.close()
        if database.is_sqlite:
            sqlite.ensure_unused(_path(database))
            sqlite.copy(file, _path(database))
        else:
            postgresql.restore(file, database.engine)
        shutil.rmtree(settings.index_dir, ignore_errors=True)
        with database.engine.connect() as connection:
            missing = missing_keys(connection, open_keyring(settings))
        known = {one.key for one in past_erasures(database)}
        undone = None if revision is None else [one for one in before if one.key not in known]
        return Restored(migrations.current_revision(database.engine) or "", missing, undone)
    finally:
        database.close()


def ensure_restorable(database: Database, file: Path) -> None:
    """Raise `InputError` unless a file is a sound backup of this kind and not of a newer Déjà."""
    own, other = ("SQLite", "PostgreSQL") if database.is_sqlite else ("PostgreSQL", "SQLite")
    kind = _kind_of(file)
    if kind == other:
        raise InputError(
            f"{file} is a backup of {other}, and DEJA_DATABASE_URL names {own}. To move from one "
            "to the other, restore it where it is from, then run `deja db copy`."
        )
    if kind is None:
        raise InputError(f"{file} is no backup of Déjà.")
    revision = sqlite.check(file) if database.is_sqlite else postgresql.check(file)
    if not migrations.knows(revision):
        raise InputError(
            f"{file} is from a newer Déjà (revision {revision}): install that version."
        )


def _kind_of(file: Path) -> str | None:
    if sqlite.is_backup(file):
        return "SQLite"
    return "PostgreSQL" if postgresql.is_backup(file) else None


def _describe(database: Database) -> str:
    try:
        with database.read() as session:
            live = select(func.count(Item.id)).where(Item.deleted_at.is_(None))
            stored = session.scalar(live)
    except DBAPIError:  # an older revision may lack what is counted
        return "data of another version"
    return f"{stored} tickets and products"


def _ensure_other_file(database: Database, file: Path) -> None:
    """Raise `InputError` if a file is the database: whoever has it open would keep the old one."""
    if database.is_sqlite and file.exists() and file.samefile(_path(database)):
        raise InputError(f"{file} is the database itself: name another file.")


def _path(database: Database) -> Path:
    return Path(str(database.engine.url.database))


def _suffix(database: Database) -> str:
    return "db" if database.is_sqlite else "dump"
