"""Which calibration judges: the newest of a workspace and kind that was not rolled back."""

from __future__ import annotations

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from models import Calibration
from services.judgement.calibration import Model

# Made once, and of a plain table: every answer runs it.
_calibrations = Calibration.__table__
_STANDING = (
    select(_calibrations.c.model)
    .where(
        _calibrations.c.workspace_id == bindparam("workspace_id"),
        _calibrations.c.kind == bindparam("kind"),
        _calibrations.c.rolled_back_at.is_(None),
    )
    .order_by(_calibrations.c.id.desc())
    .limit(1)
)


def standing(session: Session, workspace_id: int, kind: str) -> Calibration | None:
    """Return the calibration that judges, or None before there is one."""
    statement = _of(workspace_id, kind).where(Calibration.rolled_back_at.is_(None))
    return session.scalar(statement)


def newest(session: Session, workspace_id: int, kind: str) -> Calibration | None:
    """Return the newest calibration, rolled back or not."""
    return session.scalar(_of(workspace_id, kind))


def standing_model(session: Session, workspace_id: int, kind: str) -> Model | None:
    """Return the model that judges, or None before there is one."""
    values = {"workspace_id": workspace_id, "kind": kind}
    stored = session.connection().execute(_STANDING, values).scalar()
    return None if stored is None else Model.from_stored(stored)


def _of(workspace_id: int, kind: str) -> Select[Calibration]:
    return (
        select(Calibration)
        .where(Calibration.workspace_id == workspace_id, Calibration.kind == kind)
        .order_by(Calibration.id.desc())
        .limit(1)
    )
