"""Calibrations: what verdicts taught, fitted as a job, kept with its figures, rolled back."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from models import Calibration, Database, Item, Verdict
from services.channels.audience import whole
from services.errors import NotFoundError
from services.judgement.calibration import (
    FEWEST_OF_EACH,
    FEWEST_VERDICTS,
    PRIORS,
    ensure_enough,
    fit,
)
from services.judgement.calibration_store import newest, standing
from services.judgement.judge import Judge

# The newest ones: a team's mind changes, and a fit is to end within minutes. Of each class as large
# a share as of all: a file of verdicts that is sorted by them would else leave the newest of one.
MOST_VERDICTS = 2_000

# So many more verdicts, and at least by this share, make a new fit worth its while.
FEWEST_NEW, SHARE_NEW = 20, 0.2


@dataclass(frozen=True)
class Calibrator:
    """Learns from a workspace's verdicts."""

    database: Database
    judge: Judge

    def is_due(self, workspace_id: int, kind: str) -> bool:
        """Say whether there are enough verdicts that the newest calibration has not seen.

        One that was rolled back counts as seen: the same verdicts would teach the same.
        """
        with self.database.read() as session:
            last = newest(session, workspace_id, kind)
            number = count_verdicts(session, workspace_id, kind)
        seen = 0 if last is None else last.verdicts
        if not seen:
            return number >= FEWEST_VERDICTS
        return abs(number - seen) >= max(FEWEST_NEW, SHARE_NEW * seen)

    def fit(self, workspace_id: int, kind: str, *, by: str, now: datetime) -> Calibration:
        """Fit a model to the standing verdicts and let it judge from now on.

        What was shown before keeps its probability. Raises `NotEnoughVerdictsError`.
        """
        with self.database.read() as session:
            number = count_verdicts(session, workspace_id, kind)
            labels = _labels(session, workspace_id, kind)
            ensure_enough(list(labels.values()))
            evidence = self.judge.weigh(session, sorted(labels), whole(workspace_id))
        fitted = fit(list(evidence.values()), [labels[pair] for pair in evidence], PRIORS[kind])
        row = Calibration(
            workspace_id=workspace_id,
            kind=kind,
            model=asdict(fitted.model),
            report=asdict(fitted.report),
            verdicts=number,
            fitted_by=by,
            fitted_at=now,
        )
        with self.database.write() as session:
            session.add(row)
        return row


def roll_back(
    session: Session, workspace_id: int, kind: str, *, by: str, now: datetime
) -> Calibration | None:
    """Let the calibration before the standing one judge again; return it, None before the first.

    Raises `NotFoundError` where none stands.
    """
    row = standing(session, workspace_id, kind)
    if row is None:
        raise NotFoundError(f"There is no calibration of {kind}s to roll back.")
    row.rolled_back_by, row.rolled_back_at = by, now
    session.flush()
    return standing(session, workspace_id, kind)


def count_verdicts(session: Session, workspace_id: int, kind: str) -> int:
    """Return how many standing verdicts on two live items of a kind there are."""
    return sum(count_by_verdict(session, workspace_id, kind).values())


def count_by_verdict(session: Session, workspace_id: int, kind: str) -> Counter[str]:
    """Return how many standing verdicts of each kind there are on two live items of a kind."""
    rows = session.execute(
        _verdicts(workspace_id, kind)
        .with_only_columns(Verdict.verdict, func.count())
        .group_by(Verdict.verdict)
    )
    return Counter({verdict: number for verdict, number in rows})


def _labels(session: Session, workspace_id: int, kind: str) -> dict[tuple[int, int], bool]:
    """Return the verdicts to learn from: by pair, the later item first, whether a duplicate."""
    rows = session.execute(
        _verdicts(workspace_id, kind)
        .with_only_columns(Verdict.item_b_id, Verdict.item_a_id, Verdict.verdict)
        .order_by(Verdict.id.desc())
    )
    labels = {(later, earlier): said == "duplicate" for later, earlier, said in rows}
    if len(labels) <= MOST_VERDICTS:
        return labels
    duplicates = [pair for pair, is_duplicate in labels.items() if is_duplicate]
    others = [pair for pair, is_duplicate in labels.items() if not is_duplicate]
    fewest = min(FEWEST_OF_EACH, len(duplicates))
    most = MOST_VERDICTS - min(FEWEST_OF_EACH, len(others))
    share = min(max(round(MOST_VERDICTS * len(duplicates) / len(labels)), fewest), most)
    kept = [*duplicates[:share], *others[: MOST_VERDICTS - share]]
    return {pair: labels[pair] for pair in kept}


def _verdicts(workspace_id: int, kind: str) -> Select[Verdict]:
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
