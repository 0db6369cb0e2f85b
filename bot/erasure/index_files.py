"""The files of the index and the backups after an erasure."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.backups import sqlite
from bot.index_wiring import open_qdrant
from models import Database, Item
from services.memory.embedding_models import stored_models
from services.search.indexes.saved_rows import EXACT_ROWS, newest_erasure
from services.search.indexes.snapshot import saved_files, saved_snapshots
from services.search.indexes.workspace_graph import WorkspaceGraph

if TYPE_CHECKING:
    from bot.settings import Settings

# Tombstones by which a backup is recognised that still has what they were.
MAX_LOOKED_UP = 500


@dataclass(frozen=True)
class BackupState:
    """A backup made by Déjà itself, and whether it holds what was erased; None: not known."""

    file: Path
    holds: bool | None


def renew_snapshots(database: Database, folder: Path, *, exact_rows: int = EXACT_ROWS) -> None:
    """Rewrite the snapshots that may have vectors of rows that were erased.

    A running bot does the same with its own copy before it saves it. What is left of a snapshot
    that cannot be read is deleted.
    """
    # Of a process that was killed, or of the bot, which may have written it before the erasure: it
    # cannot publish it then, and saves again later.
    for part in folder.glob("*.tmp"):
        part.unlink(missing_ok=True)
    for files in saved_snapshots(folder):
        snapshot = files.describe()
        with database.engine.connect() as connection:
            if snapshot and snapshot.erasure == newest_erasure(connection, files.workspace_id):
                continue  # nothing was erased in its workspace
            graph = WorkspaceGraph(database, files, exact_rows=exact_rows)
            graph.follow(connection)
        graph.save()


def renew_collections(database: Database, settings: Settings) -> None:
    """Take what is gone from the database out of Qdrant, for each model.

    Raises `IndexUnreachableError` if Qdrant does not answer.
    """
    with database.read() as session:
        models = [(one.fingerprint, one.dim) for one in stored_models(session)]
    for fingerprint, dim in models:
        open_qdrant(settings, database, fingerprint, dim).maintain()


def files_of(database: Database, settings: Settings) -> list[Path]:
    """Return the files that must hold nothing of what was erased."""
    index = saved_files(settings.index_dir)
    if not database.is_sqlite:
        return index
    file = Path(str(database.engine.url.database))
    return [*(file.with_name(file.name + suffix) for suffix in ("", "-wal", "-shm")), *index]


def backups_with(
    session: Session, settings: Settings, item_ids: Sequence[int]
) -> list[BackupState]:
    """Return the backups in the data folder, with whether they hold these items' text."""
    files = sorted(settings.backup_dir.glob("*")) if settings.backup_dir.is_dir() else []
    ids = item_ids[:MAX_LOOKED_UP]
    keys = session.execute(select(Item.source, Item.external_id).where(Item.id.in_(ids))).all()
    return [BackupState(file, _holds(file, [(a, b) for a, b in keys])) for file in files]


def _holds(file: Path, keys: Sequence[tuple[str, str]]) -> bool | None:
    if not file.is_file() or not sqlite.is_backup(file):
        return None  # of PostgreSQL: to look into it takes a server
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as backup:
            return any(
                backup.execute(
                    "SELECT 1 FROM items WHERE source = ? AND external_id = ? AND text <> ''", key
                ).fetchone()
                for key in keys
            )
    except sqlite3.Error:
        return None
