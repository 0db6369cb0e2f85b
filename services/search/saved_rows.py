"""How many rows the saved index has, for who only counts them: no graph is read."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Embedding, Erasure
from services.search.snapshot import SnapshotFiles

NEWEST_ERASURE = select(func.max(Erasure.id)).where(Erasure.emptied_at.is_not(None))


def count_saved_rows(session: Session, files: SnapshotFiles) -> tuple[int, int] | None:
    """Return what `HnswIndex.count` would, by the description of the snapshot.

    That is how many rows the graph has once it has followed the database, and how many of them the
    database no longer has. None where the snapshot is missing, of another database, or of a
    version that did not count its rows.
    """
    snapshot = files.describe()
    if snapshot is None or snapshot.rows is None:
        return None
    text_hash = select(Embedding.text_hash).where(Embedding.id == snapshot.last_id)
    is_ours = (session.scalar(text_hash) or snapshot.last_hash) == snapshot.last_hash
    if not is_ours or (session.scalar(NEWEST_ERASURE) or 0) != snapshot.erasure:
        return None
    of_model = select(func.count(Embedding.id)).where(Embedding.fingerprint == files.fingerprint)
    live = session.scalar(of_model) or 0
    newer = session.scalar(of_model.where(Embedding.id > snapshot.last_id)) or 0
    rows = snapshot.rows + newer
    return rows, rows - live
