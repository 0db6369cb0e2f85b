"""What others on this machine may do with the files of the data folder: nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from bot.settings import Settings

# Takes every right from the group and from others.
PRIVATE_UMASK = 0o077


def exposed_files(settings: Settings) -> list[Path]:
    """Return the data folder and its files that the group or others may use in any way."""
    return [file for file in _files(settings) if _mode(file) & PRIVATE_UMASK]


def protect_files(settings: Settings) -> None:
    """Take the rights of the group and others from the data folder, as far as we may."""
    for file in exposed_files(settings):
        with suppress(OSError):  # somebody else's, or a disk without rights: `deja doctor` tells
            file.chmod(_mode(file) & ~PRIVATE_UMASK)


def _files(settings: Settings) -> Iterator[Path]:
    folder = settings.data_dir
    if folder.is_dir():
        yield folder
    for above, folders, files in os.walk(folder):
        yield from (Path(above, name) for name in [*folders, *files])
    yield from _database_files(settings)


def _database_files(settings: Settings) -> Iterator[Path]:
    """Yield SQLite's files if they are elsewhere; PostgreSQL protects its own."""
    try:
        url = make_url(settings.database_url.get_secret_value())
    except (ArgumentError, ValueError):  # not an address: whoever connects says so
        return
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    file = Path(url.database).absolute()
    if not file.is_relative_to(settings.data_dir):
        found = (file.with_name(file.name + suffix) for suffix in ("", "-wal", "-shm"))
        yield from (one for one in found if one.is_file())


def _mode(file: Path) -> int:
    try:
        return 0 if file.is_symlink() else file.stat().st_mode & 0o777
    except OSError:  # gone meanwhile
        return 0
