"""The calibration in use: the newest of a workspace and kind that was not rolled back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import Calibration, Embedding, Item, Verdict
from services.errors import NotFoundError
from services.judgement.cut import MIN_VERDICTS
from services.judgement.learned_model import Model

# A new fit is worthwhile after this many changes, and this share of the verdicts already used.
MIN_CHANGES, SHARE_CHANGED = 3, 0.1

# Built once, on a plain table: every answer runs it.
_calibrations = Calibration.__table__
_CURRENT = (
    select(_calibrations.c.id, _calibrations.c.fitted_at)
    .where(
        _calibrations.c.workspace_id == bindparam("workspace_id"),
        _calibrations.c.kind == bindparam("kind"),
        _calibrations.c.fingerprint == bindparam("fingerprint"),
        _calibrations.c.rolled_back_at.is_(None),
    )
    .order_by(_calibrations.c.id.desc())
    .limit(1)
)
_MODEL = select(_calibrations.c.model).where(_calibrations.c.id == bindparam("id"))


@dataclass(frozen=True)
class CalibrationState:
    """How far a workspace has come with the items of a kind.

    `verdicts` counts the current ones, `changes` those decided, undone or lost with their items
    since the newest fit, which was made from `fitted_to` of them (0: there was none). `model` is
    the one in use.
    """

    verdicts: int
    fitted_to: int
    changes: int
    model: Model | None

    @property
    def changes_until_fit(self) -> int:
        """How many more decisions it takes until a fit is worthwhile; 0: it is."""
        if not self.fitted_to:
            return max(MIN_VERDICTS - self.verdicts, 0)
        wanted = max(MIN_CHANGES, math.ceil(SHARE_CHANGED * self.fitted_to))
        return max(wanted - self.changes, MIN_VERDICTS - self.verdicts, 0)


def calibration_state(
    session: Session, workspace_id: int, kind: str, fingerprint: str | None = None
) -> CalibrationState:
    """Return how far a workspace has come with the items of a kind.

    With the `fingerprint` of an embedding model only its calibrations count, and verdicts on what
    it has vectors of: after a change of model a fit is worthwhile at once. One that was rolled back
    counts, too: the same verdicts would give the same model. One of an earlier version does not.
    """
    last = newest_calibration(session, workspace_id, kind, fingerprint)
    number = count_verdicts(session, workspace_id, kind, fingerprint)
    current = current_calibration(session, workspace_id, kind, fingerprint)
    model = None if current is None else stored_model(current)
    if last is None or stored_model(last) is None:
        return CalibrationState(number, 0, number, model)
    changes = max(_changes_since(session, workspace_id, kind, last), abs(number - last.verdicts))
    return CalibrationState(number, last.verdicts, changes, model)


def is_up_to_date(session: Session, learned: Calibration) -> bool:
    """Say whether no verdict was decided, undone or lost with its items since one was learned."""
    of = learned.workspace_id, learned.kind
    number = count_verdicts(session, *of, learned.fingerprint)
    return number == learned.verdicts and not _changes_since(session, *of, learned)


def _changes_since(session: Session, workspace_id: int, kind: str, last: Calibration) -> int:
    since = last.fitted_at
    statement = (
        select(func.count())
        .select_from(Verdict)
        .join(Item, Item.id == Verdict.item_a_id)
        .where(
            Verdict.workspace_id == workspace_id,
            Item.kind == kind,
            or_(Verdict.decided_at > since, Verdict.undone_at > since),
        )
    )
    return session.scalar(statement) or 0


def current_calibration(
    session: Session, workspace_id: int, kind: str, fingerprint: str | None = None
) -> Calibration | None:
    """Return the calibration in use with an embedding model, or the newest that was in use."""
    statement = _newest(workspace_id, kind, fingerprint)
    return session.scalar(statement.where(Calibration.rolled_back_at.is_(None)))


def newest_calibration(
    session: Session, workspace_id: int, kind: str, fingerprint: str | None = None
) -> Calibration | None:
    """Return the newest calibration, rolled back or not, of one embedding model or of any."""
    return session.scalar(_newest(workspace_id, kind, fingerprint))


def stored_model(row: Calibration) -> Model | None:
    """Return a calibration's model, None for one of an earlier version, which is out of use."""
    return Model.from_stored(row.model) if Model.is_stored(row.model) else None


def current_model(session: Session, workspace_id: int, kind: str, fingerprint: str) -> Model | None:
    """Return the model in use with an embedding model, or None before there is one."""
    return ModelCache().current(session, workspace_id, kind, fingerprint)


@dataclass(frozen=True)
class ModelCache:
    """The models in use as a process needs them: read and cut once, not for every answer."""

    _known: dict[tuple[int, str, str], tuple[tuple[int, datetime], Model]] = field(
        default_factory=dict, repr=False
    )

    def current(
        self, session: Session, workspace_id: int, kind: str, fingerprint: str
    ) -> Model | None:
        """Return the model in use with an embedding model, or None before there is one."""
        key = workspace_id, kind, fingerprint
        values = {"workspace_id": workspace_id, "kind": kind, "fingerprint": fingerprint}
        row = session.connection().execute(_CURRENT, values).first()
        if row is None:
            return None
        version, known = (row.id, row.fitted_at), self._known.get(key)
        if known is not None and known[0] == version:
            return known[1]
        model = Model.from_stored(session.scalars(_MODEL, {"id": row.id}).one())
        self._known[key] = version, model
        return model


def _newest(workspace_id: int, kind: str, fingerprint: str | None) -> Select[Calibration]:
    found = select(Calibration).where(
        Calibration.workspace_id == workspace_id, Calibration.kind == kind
    )
    if fingerprint is not None:
        found = found.where(Calibration.fingerprint == fingerprint)
    return found.order_by(Calibration.id.desc()).limit(1)


def roll_back(
    session: Session, workspace_id: int, kind: str, *, by: str, now: datetime
) -> Calibration | None:
    """Roll back to the one before the current calibration; return it, None where there is none.

    Both were made with the same embedding model. Raises `NotFoundError` where none is in use.
    """
    row = current_calibration(session, workspace_id, kind)
    if row is None:
        raise NotFoundError(f"There is no calibration of {kind}s to roll back.")
    row.rolled_back_by, row.rolled_back_at = by, now
    session.flush()
    return current_calibration(session, workspace_id, kind, row.fingerprint)


def count_verdicts(
    session: Session, workspace_id: int, kind: str, fingerprint: str | None = None
) -> int:
    """Return how many current verdicts there are on pairs of live items of a kind.

    With a `fingerprint`, only of pairs that this embedding model has vectors of.
    """
    found = verdicts_on(workspace_id, kind)
    if fingerprint is not None:
        for item_id in (Verdict.item_a_id, Verdict.item_b_id):
            vectors = exists().where(
                Embedding.item_id == item_id, Embedding.fingerprint == fingerprint
            )
            found = found.where(vectors)
    return session.scalar(found.with_only_columns(func.count())) or 0


def newest_labels(
    session: Session, workspace_id: int, kind: str, *, limit: int | None = None
) -> dict[tuple[int, int], bool]:
    """Return whether pairs were called duplicates by people, the newest verdicts first."""
    rows = session.execute(
        verdicts_on(workspace_id, kind)
        .with_only_columns(Verdict.item_b_id, Verdict.item_a_id, Verdict.verdict)
        .order_by(Verdict.id.desc())
        .limit(limit)
    )
    return {(later, earlier): verdict == "duplicate" for later, earlier, verdict in rows}


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
