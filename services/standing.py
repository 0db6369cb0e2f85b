"""Which calibration judges: the newest of a workspace and kind that was not rolled back."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import Calibration
from services.calibration import Model


def standing(session: Session, workspace_id: int, kind: str) -> Calibration | None:
    """Return the calibration that judges, or None before there is one."""
    statement = _of(workspace_id, kind).where(Calibration.rolled_back_at.is_(None))
    return session.scalar(statement)


def newest(session: Session, workspace_id: int, kind: str) -> Calibration | None:
    """Return the newest calibration, rolled back or not."""
    return session.scalar(_of(workspace_id, kind))


def standing_model(session: Session, workspace_id: int, kind: str) -> Model | None:
    """Return the model that judges, or None before there is one."""
    row = standing(session, workspace_id, kind)
    return None if row is None else Model.from_stored(row.model)


def _of(workspace_id: int, kind: str) -> Select[Calibration]:
    return (
        select(Calibration)
        .where(Calibration.workspace_id == workspace_id, Calibration.kind == kind)
        .order_by(Calibration.id.desc())
        .limit(1)
    )
