"""Whether a saved index is of a database, and how many rows it has; without reading its graph."""

from __future__ import annotations

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from models import Embedding, Erasure
from services.search.snapshot import Snapshot, SnapshotFiles

# Built once, on plain tables: an index connects without a session.
_embeddings, _erasures = Embedding.__table__, Erasure.__table__
_NEWEST_ERASURE = select(func.max(_erasures.c.id)).where(_erasures.c.emptied_at.is_not(None))


def newest_erasure(connection: Connection | Session) -> int:
    """Return the id of the newest erasure that is done; 0 before any."""
    return connection.scalar(_NEWEST_ERASURE) or 0


def text_hash(connection: Connection | Session, embedding_id: int) -> str | None:
    """Return the hash of the text behind an embedding; None where that is not stored any more."""
    statement = select(_embeddings.c.text_hash).where(_embeddings.c.id == embedding_id)
    return connection.scalar(statement)


def why_outdated(connection: Connection | Session, snapshot: Snapshot) -> str | None:
    """Return why a snapshot cannot be used with a database; None if it can."""
    last_hash = text_hash(connection, snapshot.last_id) or snapshot.last_hash
    if last_hash != snapshot.last_hash:
        return "the index snapshot is of another database"
    if newest_erasure(connection) != snapshot.erasure:
        return "something was erased since the index snapshot"
    return None


def count_saved_rows(session: Session, files: SnapshotFiles) -> tuple[int, int] | None:
    """Return what `HnswIndex.count` would, by the description of the snapshot.

    That is how many rows the graph has once it has followed the database, and how many of them the
    database no longer has. None where the snapshot is missing, cannot be used with this database,
    or is of a version that did not count its rows.
    """
    snapshot = files.describe()
    if snapshot is None or snapshot.rows is None or why_outdated(session, snapshot):
        return None
    of_model = select(func.count(Embedding.id)).where(Embedding.fingerprint == files.fingerprint)
    live = session.scalar(of_model) or 0
    newer = session.scalar(of_model.where(Embedding.id > snapshot.last_id)) or 0
    rows = snapshot.rows + newer
    return rows, rows - live
