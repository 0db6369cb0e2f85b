"""The free space on the disk of the data folder."""

from __future__ import annotations

import shutil
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
