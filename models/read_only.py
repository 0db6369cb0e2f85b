"""SQLite files that this process may read and not write, as on a read-only disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

# What SQLite says to whoever writes; said for it where nothing was written yet.
READ_ONLY = "attempt to write a readonly database"


def is_read_only(file: Path) -> bool:
    """Say whether a database file is there and cannot be written.

    Its folder must be writable, too, unless the files that SQLite keeps beside it are there.
    """
    if not file.is_file():
        return False
    beside = [file.with_name(f"{file.name}{suffix}") for suffix in ("-wal", "-shm")]
    if all(one.exists() for one in beside):
        return not all(map(_is_writable, (file, *beside)))
    return not (_is_writable(file) and _is_writable(file.parent))


def read_only_uri(file: Path) -> str:
    """Return SQLite's address of a file that cannot be written.

    SQLite reads a database that is in use with the files beside it, which it would have to make
    where they are missing; then nobody else has the database open, and it is read as it is.
    """
    address = file.absolute().as_uri()
    log = file.with_name(f"{file.name}-wal")
    try:
        with closing(sqlite3.connect(f"{address}?mode=ro", uri=True)) as probe:
            probe.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError:
        if not log.exists() or log.stat().st_size == 0:
            return f"{address}?immutable=1"
    return f"{address}?mode=ro"


def opener(file: Path) -> Callable[[], sqlite3.Connection]:
    """Return what opens connections to a file that cannot be written."""
    uri = read_only_uri(file)
    return lambda: sqlite3.connect(uri, uri=True, check_same_thread=False)


def _is_writable(path: Path) -> bool:
    if os.access in os.supports_effective_ids:
        return os.access(path, os.W_OK, effective_ids=True)
    return os.access(path, os.W_OK)
