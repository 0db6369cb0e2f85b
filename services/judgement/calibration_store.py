"""The calibration in use: the newest of a workspace and kind that was not rolled back."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from models import Calibration, Item, Verdict
from services.errors import NotFoundError
from services.judgement.calibration import Model

# Built once, on a plain table: every answer runs it.
_calibrations = Calibration.__table__
_CURRENT_MODEL = (
    select(_calibrations.c.model)
    .where(
        _calibrations.c.workspace_id == bindparam("workspace_id"),
        _calibrations.c.kind == bindparam("kind"),
        _calibrations.c.rolled_back_at.is_(None),
    )
    .order_by(_calibrations.c.id.desc())
    .limit(1)
)


def current_calibration(session: Session, workspace_id: int, kind: str) -> Calibration | None:
    """Return the calibration in use, or None before there is one."""
    statement = _newest(workspace_id, kind).where(Calibration.rolled_back_at.is_(None))
    return session.scalar(statement)


def newest_calibration(session: Session, workspace_id: int, kind: str) -> Calibration | None:
    """Return the newest calibration, rolled back or not."""
    return session.scalar(_newest(workspace_id, kind))


def current_model(session: Session, workspace_id: int, kind: str) -> Model | None:
    """Return the model in use, or None before there is one."""
    values = {"workspace_id": workspace_id, "kind": kind}
    stored = session.connection().execute(_CURRENT_MODEL, values).scalar()
    return None if stored is None else Model.from_stored(stored)


def _newest(workspace_id: int, kind: str) -> Select[Calibration]:
    return (
        select(Calibration)
        .where(Calibration.workspace_id == workspace_id, Calibration.kind == kind)
        .order_by(Calibration.id.desc())
        .limit(1)
    )


def roll_back(
    session: Session, workspace_id: int, kind: str, *, by: str, now: datetime
) -> Calibration | None:
    """Roll back to the calibration before the current one; return it, None where there is none.

    Raises `NotFoundError` where no calibration is in use.
    """
    row = current_calibration(session, workspace_id, kind)
    if row is None:
        raise NotFoundError(f"There is no calibration of {kind}s to roll back.")
    row.rolled_back_by, row.rolled_back_at = by, now
    session.flush()
    return current_calibration(session, workspace_id, kind)


def count_verdicts(session: Session, workspace_id: int, kind: str) -> int:
    """Return how many current verdicts there are on pairs of live items of a kind."""
    return sum(count_by_verdict(session, workspace_id, kind).values())


def count_by_verdict(session: Session, workspace_id: int, kind: str) -> Counter[str]:
    """Return how many current verdicts of each sort there are on pairs of live items of a kind."""
    rows = session.execute(
        verdicts_on(workspace_id, kind)
        .with_only_columns(Verdict.verdict, func.count())
        .group_by(Verdict.verdict)
    )
    return Counter({verdict: number for verdict, number in rows})


def verdicts_on(workspace_id: int, kind: str) -> Select[Verdict]:
    """Select the current verdicts on pairs of live items of a kind."""
    first, second = aliased(Item), aliased(Item)
    return (
        select(Verdict)
        .join(first, first.id == Verdict.item_a_id)
        .join(second, second.id == Verdict.item_b_id)
        .where(
            Verdict.workspace_id == workspace_id,
            Verdict.undone_at.is_(None),
            first.kind == kind,
            second.kind == kind,
            first.deleted_at.is_(None),
            second.deleted_at.is_(None),
        )
    )
