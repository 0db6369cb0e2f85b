"""The audit: who decided, undid, calibrated or configured what, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import Calibration, Change, Channel, Erasure, Verdict

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class AuditRecord:
    """One action of a person.

    `what` is a verdict (duplicate, related, distinct), the `undo` of one, `calibration`, its
    `rollback`, `setting`, or `erasure`. `detail` says in words what the other fields do not.
    """

    at: datetime
    by: str
    what: str
    item_ids: tuple[int, ...] = ()
    detail: str | None = None


@dataclass(frozen=True)
class AuditQuery:
    """The records to find: about an item, by a person, since a time; at most `limit`."""

    limit: int
    item_id: int | None = None
    by: str | None = None
    since: datetime | None = None


# Sorts records: time, table, row id, and 0 for an action or 1 for its undoing.
_Order = tuple[datetime, str, int, int]


def find_records(session: Session, workspace_id: int, query: AuditQuery) -> list[AuditRecord]:
    """Return the newest records of a workspace, oldest first."""
    found = [*_verdicts(session, workspace_id, query), *_undone(session, workspace_id, query)]
    if query.item_id is None:
        found += _calibrations(session, workspace_id, query)
        found += _rollbacks(session, workspace_id, query)
        found += _changes(session, workspace_id, query)
        found += _erasures(session, workspace_id, query)
    found.sort(key=lambda one: one[0])
    return [record for _, record in found[-query.limit :]]


def _newest(
    statement: Select[*Columns],
    query: AuditQuery,
    *,
    at: InstrumentedAttribute[Any],
    by: InstrumentedAttribute[Any],
    key: InstrumentedAttribute[int],
) -> Select[*Columns]:
    """Narrow a statement to the newest rows that a query asks for."""
    if query.by is not None:
        statement = statement.where(by == query.by)
    if query.since is not None:
        statement = statement.where(at >= query.since)
    return statement.where(at.is_not(None)).order_by(at.desc(), key.desc()).limit(query.limit)


def _of_item(item_id: int | None) -> list[ColumnElement[bool]]:
    if item_id is None:
        return []
    return [or_(Verdict.item_a_id == item_id, Verdict.item_b_id == item_id)]


def _verdicts(
    session: Session, workspace_id: int, query: AuditQuery
) -> Iterator[tuple[_Order, AuditRecord]]:
    rows = select(Verdict).where(Verdict.workspace_id == workspace_id, *_of_item(query.item_id))
    for row in session.scalars(
        _newest(rows, query, at=Verdict.decided_at, by=Verdict.decided_by, key=Verdict.id)
    ):
        record = AuditRecord(
            row.decided_at, row.decided_by, row.verdict, (row.item_a_id, row.item_b_id)
        )
        yield (row.decided_at, "verdict", row.id, 0), record


def _undone(
    session: Session, workspace_id: int, query: AuditQuery
) -> Iterator[tuple[_Order, AuditRecord]]:
    rows = select(Verdict).where(Verdict.workspace_id == workspace_id, *_of_item(query.item_id))
    for row in session.scalars(
        _newest(rows, query, at=Verdict.undone_at, by=Verdict.undone_by, key=Verdict.id)
    ):
        if row.undone_at is not None:
            detail = f"{row.verdict}, decided by {row.decided_by} on {row.decided_at:%Y-%m-%d}"
            items = (row.item_a_id, row.item_b_id)
            record = AuditRecord(row.undone_at, row.undone_by or "", "undo", items, detail)
            yield (row.undone_at, "verdict", row.id, 1), record


def _calibrations(
    session: Session, workspace_id: int, query: AuditQuery
) -> Iterator[tuple[_Order, AuditRecord]]:
    rows = select(Calibration).where(Calibration.workspace_id == workspace_id)
    for row in session.scalars(
        _newest(rows, query, at=Calibration.fitted_at, by=Calibration.fitted_by, key=Calibration.id)
    ):
        detail = f"number {row.id}, of {row.kind}s, from {row.verdicts} verdicts"
        record = AuditRecord(row.fitted_at, row.fitted_by, "calibration", detail=detail)
        yield (row.fitted_at, "calibration", row.id, 0), record


def _rollbacks(
    session: Session, workspace_id: int, query: AuditQuery
) -> Iterator[tuple[_Order, AuditRecord]]:
    at, by = Calibration.rolled_back_at, Calibration.rolled_back_by
    rows = select(Calibration).where(Calibration.workspace_id == workspace_id)
    for row in session.scalars(_newest(rows, query, at=at, by=by, key=Calibration.id)):
        if row.rolled_back_at is not None:
            detail = f"calibration number {row.id}, of {row.kind}s"
            record = AuditRecord(
                row.rolled_back_at, row.rolled_back_by or "", "rollback", detail=detail
            )
            yield (row.rolled_back_at, "calibration", row.id, 1), record


def _changes(
    session: Session, workspace_id: int, query: AuditQuery
) -> Iterator[tuple[_Order, AuditRecord]]:
    rows = (
        select(Change, Channel.name, Channel.slack_id)
        .outerjoin(Channel, Channel.id == Change.channel_id)
        .where(Change.workspace_id == workspace_id)
    )
    for row, name, slack_id in session.execute(
        _newest(rows, query, at=Change.changed_at, by=Change.changed_by, key=Change.id)
    ):
        place = "" if row.channel_id is None else f"#{name or slack_id}: "
        detail = f"{place}{row.setting} {row.before} → {row.after}"
        yield (
            (row.changed_at, "setting", row.id, 0),
            AuditRecord(row.changed_at, row.changed_by, "setting", detail=detail),
        )


def _erasures(
    session: Session, workspace_id: int, query: AuditQuery
) -> Iterator[tuple[_Order, AuditRecord]]:
    rows = select(Erasure).where(Erasure.workspace_id == workspace_id)
    for row in session.scalars(
        _newest(rows, query, at=Erasure.asked_at, by=Erasure.asked_by, key=Erasure.id)
    ):
        counts = ", ".join(f"{number} {name}" for name, number in row.counts.items()) or "nothing"
        detail = f"{row.kind} {row.subject}: {counts}"
        if row.finished_at is None:
            detail += " (not finished: run `deja erase --resume`)"
        record = AuditRecord(row.asked_at, row.asked_by, "erasure", detail=detail)
        yield (row.asked_at, "erasure", row.id, 0), record
