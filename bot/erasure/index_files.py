"""The files of the index and the backups after an erasure."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.backups import sqlite
from bot.settings import Settings
from models import Database, Item
from services.search.hnsw import HnswIndex

# Tombstones by which a backup is recognised that still has what they were.
MAX_LOOKED_UP = 500


@dataclass(frozen=True)
class BackupState:
    """A backup made by Déjà itself, and whether it holds what was erased; None: not known."""

    file: Path
    holds: bool | None


def renew_snapshot(database: Database, folder: Path) -> None:
    """Write the snapshot of the index anew, without vectors of rows that are gone.

    A running bot does the same with its own copy before it saves it. Without a readable snapshot
    there is nothing to renew: what is left of one is deleted.
    """
    for part in folder.glob("*.tmp"):  # of a process that was killed
        part.unlink(missing_ok=True)
    try:
        known = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        fingerprint, dim = str(known["fingerprint"]), int(known["dim"])
    except (OSError, ValueError, KeyError, TypeError):
        for name in ("index.bin", "index.json"):
            (folder / name).unlink(missing_ok=True)
        return
    index = HnswIndex(database, fingerprint=fingerprint, dim=dim, folder=folder)
    index.rebuild()
    index.save()


def files_of(database: Database, settings: Settings) -> list[Path]:
    """Return the files that must hold nothing of what was erased."""
    index = [settings.index_dir / "index.bin", settings.index_dir / "index.json"]
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
