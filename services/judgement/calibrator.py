"""Calibrations: models fitted to a workspace's verdicts, and stored with their metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import Calibration, Database, Verdict
from services.channels.audience import whole_workspace
from services.judgement.calibration import (
    MIN_OF_EACH,
    MIN_VERDICTS,
    PRIORS,
    ensure_enough,
    fit,
)
from services.judgement.calibration_store import count_verdicts, newest_calibration, verdicts_on
from services.judgement.judge import Judge

# The newest count: a team changes its mind, and a fit must end within minutes. Each class keeps its
# share, because an imported file that is sorted by verdict would otherwise leave one class only.
MAX_VERDICTS = 2_000

# A new fit is worthwhile after this many new verdicts, and this share of those already used.
MIN_NEW, SHARE_NEW = 20, 0.2


@dataclass(frozen=True)
class Calibrator:
    """Fits models to a workspace's verdicts."""

    database: Database
    judge: Judge

    def is_due(self, workspace_id: int, kind: str) -> bool:
        """Say whether there are enough verdicts that the newest calibration was not fitted to.

        One that was rolled back counts, too: the same verdicts would give the same model.
        """
        with self.database.read() as session:
            last = newest_calibration(session, workspace_id, kind)
            number = count_verdicts(session, workspace_id, kind)
        seen = 0 if last is None else last.verdicts
        if not seen:
            return number >= MIN_VERDICTS
        return abs(number - seen) >= max(MIN_NEW, SHARE_NEW * seen)

    def fit(self, workspace_id: int, kind: str, *, by: str, now: datetime) -> Calibration:
        """Fit a model to the current verdicts and use it from now on.

        Matches shown before keep their probability. Raises `NotEnoughVerdictsError`.
        """
        with self.database.read() as session:
            number = count_verdicts(session, workspace_id, kind)
            labels = _labels(session, workspace_id, kind)
            ensure_enough(list(labels.values()))
            features = self.judge.features_of_pairs(
                session, sorted(labels), whole_workspace(workspace_id)
            )
        fitted = fit(list(features.values()), [labels[pair] for pair in features], PRIORS[kind])
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


def _labels(session: Session, workspace_id: int, kind: str) -> dict[tuple[int, int], bool]:
    """Return the verdicts to fit to: by pair, the later item first, whether it is a duplicate."""
    rows = session.execute(
        verdicts_on(workspace_id, kind)
        .with_only_columns(Verdict.item_b_id, Verdict.item_a_id, Verdict.verdict)
        .order_by(Verdict.id.desc())
    )
    labels = {(later, earlier): verdict == "duplicate" for later, earlier, verdict in rows}
    if len(labels) <= MAX_VERDICTS:
        return labels
    duplicates = [pair for pair, is_duplicate in labels.items() if is_duplicate]
    others = [pair for pair, is_duplicate in labels.items() if not is_duplicate]
    fewest = min(MIN_OF_EACH, len(duplicates))
    most = MAX_VERDICTS - min(MIN_OF_EACH, len(others))
    share = min(max(round(MAX_VERDICTS * len(duplicates) / len(labels)), fewest), most)
    kept = [*duplicates[:share], *others[: MAX_VERDICTS - share]]
    return {pair: labels[pair] for pair in kept}
