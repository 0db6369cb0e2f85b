"""The record of what was done with the keys, for `deja audit`; never the keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Change, Workspace
from services.secrets.keyring import key_names


def record_rotation(
    session: Session, before: Sequence[str], after: str, count: int, *, by: str, now: datetime
) -> None:
    """Store in every workspace that `count` secrets were encrypted with another key."""
    _record(session, f"{count} by {key_names(before) or 'no key'}", f"by {after}", by, now)


def record_forgetting(
    session: Session, keys: Sequence[str], count: int, *, by: str, now: datetime
) -> None:
    """Store in every workspace that `count` secrets were deleted because their keys are lost."""
    _record(session, f"{count} by {key_names(keys)}", "deleted: the key is lost", by, now)


def _record(session: Session, before: str, after: str, by: str, now: datetime) -> None:
    for workspace_id in session.scalars(select(Workspace.id)):
        session.add(
            Change(
                workspace_id=workspace_id,
                setting="secrets",
                before=before,
                after=after,
                changed_by=by,
                changed_at=now,
            )
        )
