"""What was erased since a backup was made: a restore brings it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

from models import Database, Erasure

_ERASURES = select(
    Erasure.workspace_id, Erasure.kind, Erasure.subject, Erasure.asked_at, Erasure.emptied_at
).where(Erasure.kind != "age")  # the rules of retention find that again by themselves


@dataclass(frozen=True)
class PastErasure:
    """An erasure that a database has on record; `subject` is None for a person, who has no name."""

    workspace_id: int
    kind: str
    subject: str | None
    asked_at: datetime

    @property
    def key(self) -> tuple[int, str, datetime]:
        """What the same erasure has in a backup, too: a person's name may have gone since."""
        return self.workspace_id, self.kind, self.asked_at

    def __str__(self) -> str:
        """Name it for people."""
        return f"{self.subject or 'a person'} (erased {self.asked_at:%Y-%m-%d %H:%M} UTC)"


def past_erasures(database: Database) -> list[PastErasure]:
    """Return the erasures on record, oldest first; none of a database that is too old for them."""
    if not inspect(database.engine).has_table(Erasure.__tablename__):
        return []
    try:
        with database.read() as session:
            rows = session.execute(_ERASURES.order_by(Erasure.id)).all()
    except DBAPIError:  # of a version whose table was another
        return []
    return [
        PastErasure(
            row.workspace_id,
            row.kind,
            None if row.kind == "person" and row.emptied_at is not None else row.subject,
            row.asked_at,
        )
        for row in rows
    ]
