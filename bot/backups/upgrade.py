"""Upgrade the database, after a backup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import migrations
from bot.backups.backup import Backup, back_up
from bot.connection import connect, ensure_known, read_only_line
from bot.keys import open_keyring
from bot.permissions import protect_files
from services.errors import DatabaseError
from services.secrets.stored import seal_plain

if TYPE_CHECKING:
    from bot.settings import Settings


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade did: the revisions (None: no tables), and the backup if there was one."""

    before: str | None
    after: str
    backup: Backup | None


def upgrade(settings: Settings, now: datetime, *, backs_up: bool = True) -> Upgrade:
    """Bring the database to the newest revision; one with tables is backed up first.

    Secrets that an older version stored as plain text are encrypted. Raises `DatabaseError` for a
    database of a newer version, or if the backup fails, and after the upgrade `SettingsError` if a
    key is missing.
    """
    protect_files(settings)  # older versions left them to the umask
    database = connect(settings)
    try:
        before = migrations.current_revision(database.engine)
        newest = migrations.newest_revision()
        if before is not None:
            ensure_known(before)
        if before == newest:
            if not database.is_read_only:
                seal_plain(database, open_keyring(settings))
            return Upgrade(before, newest, None)
        if database.is_read_only:
            raise DatabaseError(read_only_line())
        backup = None
        if before is not None and backs_up:
            settings.backup_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            backup = back_up(database, settings.backup_dir, now)
        migrations.upgrade(database.engine)
        seal_plain(database, open_keyring(settings))
        return Upgrade(before, newest, backup)
    finally:
        database.close()
