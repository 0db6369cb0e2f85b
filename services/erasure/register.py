"""The register of erasures: begun, gone on with after a crash, and finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Erasure
from services.erasure.people import pseudonym
from services.erasure.subjects import Subject


def begin(session: Session, subject: Subject, *, by: str, now: datetime) -> Erasure:
    """Record that an erasure begins, or return the one of the same that was interrupted."""
    found = _interrupted(session, subject)
    if found is None:
        found = Erasure(
            workspace_id=subject.workspace_id,
            kind=subject.kind,
            subject=subject.key,
            asked_by=by,
            asked_at=now,
        )
        session.add(found)
        session.flush()
    return found


def is_interrupted(session: Session, subject: Subject) -> bool:
    """Say whether an erasure of the same was begun and not finished."""
    return _interrupted(session, subject) is not None


def _interrupted(session: Session, subject: Subject) -> Erasure | None:
    same = select(Erasure).where(
        Erasure.workspace_id == subject.workspace_id,
        Erasure.kind == subject.kind,
        Erasure.subject == subject.key,
        Erasure.finished_at.is_(None),
    )
    found: Erasure | None = session.scalar(same.limit(1))
    return found


def add_counts(session: Session, erasure_id: int, counts: Mapping[str, int]) -> None:
    """Add to what an erasure has erased so far."""
    row = session.get_one(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    total = Counter(row.counts)
    total.update(counts)
    row.counts = {name: number for name, number in sorted(total.items()) if number}


def mark_emptied(session: Session, erasure_id: int, subject: Subject, now: datetime) -> None:
    """Record that no row has anything of it any more; a person's name leaves the record.

    From now on snapshots of indexes that are older are not used.
    """
    row = session.get_one(Erasure, erasure_id)
    row.emptied_at = now
    # Not a person's digest either: there are too few ids not to guess them all.
    row.subject = pseudonym(erasure_id) if subject.kind == "person" else subject.name


def finish(session: Session, erasure_id: int, now: datetime) -> None:
    """Record that the files have nothing of it either."""
    session.get_one(Erasure, erasure_id).finished_at = now


def unfinished(session: Session) -> list[Erasure]:
    """Return the erasures that were interrupted, oldest first."""
    rows = select(Erasure).where(Erasure.finished_at.is_(None)).order_by(Erasure.id)
    return list(session.scalars(rows))
