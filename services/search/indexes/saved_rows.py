"""Whether a saved index is of a database, and how many rows it has; without reading its graph."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from models import Embedding, Erasure, Workspace
from services.search.indexes.snapshot import Snapshot, SnapshotFiles

# Built once, on plain tables: an index connects without a session.
_embeddings, _erasures = Embedding.__table__, Erasure.__table__
_NEWEST_ERASURE = select(func.max(_erasures.c.id)).where(_erasures.c.emptied_at.is_not(None))
# Only databases on SQLite have snapshots.
_LAST_GIVEN_ID = text("SELECT seq FROM sqlite_sequence WHERE name = 'embeddings'")

# Below this many vectors of a workspace a full scan in NumPy takes some ten milliseconds, and never
# misses: only larger workspaces have a graph.
EXACT_ROWS = 4_000


def newest_erasure(connection: Connection | Session, workspace_id: int | None = None) -> int:
    """Return the id of the newest erasure that is done, in a workspace or all; 0 before any."""
    if workspace_id is None:
        return connection.scalar(_NEWEST_ERASURE) or 0
    own = _NEWEST_ERASURE.where(_erasures.c.workspace_id == workspace_id)
    return connection.scalar(own) or 0


def text_hash(connection: Connection | Session, embedding_id: int) -> str | None:
    """Return the hash of the text behind an embedding; None where that is not stored any more."""
    statement = select(_embeddings.c.text_hash).where(_embeddings.c.id == embedding_id)
    return connection.scalar(statement)


def is_of_database(connection: Connection | Session, snapshot: Snapshot, workspace_id: int) -> bool:
    """Return whether a snapshot is of this database, and not of one that was there before."""
    if snapshot.erasure > newest_erasure(connection, workspace_id):
        return False
    if snapshot.last_id > (connection.scalar(_LAST_GIVEN_ID) or 0):
        return False  # an older copy, which gives ids that the snapshot knows to other rows
    last_hash = text_hash(connection, snapshot.last_id)
    return last_hash is None or last_hash == snapshot.last_hash


def count_saved_rows(
    session: Session, folder: Path, fingerprint: str, dim: int, *, exact_rows: int = EXACT_ROWS
) -> tuple[int, int]:
    """Return what `HnswIndex.count` would, by the descriptions of the snapshots in a folder.

    That is how many rows the graphs have once they have followed the database, and how many of them
    the database no longer has: none where a graph is yet to be built.
    """
    by_workspace = (
        select(Embedding.workspace_id, func.count(Embedding.id))
        .where(Embedding.fingerprint == fingerprint)
        .group_by(Embedding.workspace_id)
    )
    rows = dead = 0
    for workspace_id, live in session.execute(by_workspace).all():
        files = SnapshotFiles(folder, fingerprint, dim, workspace_id)
        snapshot = files.describe() if live > exact_rows else None
        gone = 0
        if snapshot is not None and is_of_database(session, snapshot, workspace_id):
            upto = select(func.count(Embedding.id)).where(
                Embedding.workspace_id == workspace_id,
                Embedding.fingerprint == fingerprint,
                Embedding.id <= snapshot.last_id,
            )
            gone = snapshot.rows - (session.scalar(upto) or 0)
        rows, dead = rows + live + gone, dead + gone
    return rows, dead


def has_damaged_snapshot(session: Session, folder: Path, fingerprint: str, dim: int) -> bool:
    """Say whether a snapshot in a folder is damaged: its graph would be built once more."""
    return any(
        SnapshotFiles(folder, fingerprint, dim, workspace_id).is_damaged()
        for workspace_id in session.scalars(select(Workspace.id))
    )
