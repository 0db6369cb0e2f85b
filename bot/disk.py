"""Whether the disk of the data folder has room and can be written."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings

# The index is written beside the old one, and SQLite's log may grow by as much as a large import.
MIN_FREE_BYTES = 500_000_000


def free_bytes(settings: Settings) -> int | None:
    """Return the free space; None if there is no data folder, as may be with PostgreSQL."""
    try:
        return shutil.disk_usage(settings.data_dir).free
    except OSError:
        return None


def unwritable(folder: Path) -> str | None:
    """Say in a line why nothing can be written to a folder; None if it can be."""
    try:
        with TemporaryFile(dir=folder, buffering=0) as probe:  # has no name: nothing is left
            probe.write(b"x")
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror}."
    return None
