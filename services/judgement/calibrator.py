"""Calibrations: models fitted to a workspace's verdicts, and stored with their metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Calibration, Database, Item
from models.queries import LIVE
from services.channels.audience import Audience, whole_workspace
from services.judgement.calibration import MIN_OF_EACH, ensure_enough, fit
from services.judgement.calibration_store import calibration_state, count_verdicts, newest_labels
from services.judgement.features import PairFeatures
from services.judgement.judge import Judge
from services.judgement.learned_model import Model
from services.judgement.metrics import PairReport, pair_report

# The newest count: a team changes its mind, and a fit must end within minutes. Each class keeps its
# share, because an imported file that is sorted by verdict would otherwise leave one class only.
MAX_VERDICTS = 2_000

# What is usual is taken from the best matches of this many of the newest items.
BACKLOG = 300


@dataclass(frozen=True)
class Calibrator:
    """Fits models to a workspace's verdicts."""

    database: Database
    judge: Judge

    def is_due(self, workspace_id: int, kind: str) -> bool:
        """Say whether enough was decided, or undone, since the newest fit."""
        with self.database.read() as session:
            state = calibration_state(session, workspace_id, kind, self.judge.fingerprint)
            return state.changes_until_fit == 0

    def fit(self, workspace_id: int, kind: str, *, by: str, now: datetime) -> Calibration:
        """Fit a model to the current verdicts and use it from now on.

        Matches shown before keep their probability. Raises `NotEnoughVerdictsError`.
        """
        row = self.learn(workspace_id, kind, by=by, now=now)
        with self.database.write() as session:
            session.add(row)
        return row

    def learn(self, workspace_id: int, kind: str, *, by: str, now: datetime) -> Calibration:
        """Return what `fit` would store. Raises `NotEnoughVerdictsError`."""
        with self.database.read() as session:
            number = count_verdicts(session, workspace_id, kind, self.judge.fingerprint)
            labels = _labels(session, workspace_id, kind)
            ensure_enough(list(labels.values()))
            audience = whole_workspace(workspace_id)
            newest = _newest(session, audience, kind)
            placed, backlog = self.judge.place_pairs_and_best(
                session, sorted(labels), newest, audience
            )
        is_duplicate = [labels[pair] for pair in placed]
        ensure_enough(is_duplicate)
        features = [one.features for one in placed.values()]
        model = fit(
            features,
            is_duplicate,
            [one.features for one in backlog],
            kind=kind,
            verbosity=next(iter(placed.values())).corpus.verbosity,
        )
        return Calibration(
            workspace_id=workspace_id,
            kind=kind,
            model=asdict(model),
            report=asdict(_report(model, features, is_duplicate)),
            fingerprint=self.judge.fingerprint,
            verdicts=number,
            fitted_by=by,
            fitted_at=now,
        )


def _report(
    model: Model, features: Sequence[PairFeatures], is_duplicate: Sequence[bool]
) -> PairReport:
    """Return the metrics of a model on the verdicts that it was fitted to."""
    strengths, cut = model.strength(features), model.cut()
    flagged = strengths >= (np.inf if cut is None else cut.strength)
    labels = np.array(is_duplicate, dtype=np.int64)
    return pair_report(strengths, flagged, labels, model.probabilities(strengths))


def _newest(session: Session, audience: Audience, kind: str) -> Sequence[int]:
    return session.scalars(
        select(Item.id)
        .where(audience.items, Item.kind == kind, LIVE)
        .order_by(Item.created_at.desc(), Item.id.desc())
        .limit(BACKLOG)
    ).all()


def _labels(session: Session, workspace_id: int, kind: str) -> dict[tuple[int, int], bool]:
    """Return the verdicts to fit to: by pair, the later item first, whether it is a duplicate."""
    labels = newest_labels(session, workspace_id, kind)
    if len(labels) <= MAX_VERDICTS:
        return labels
    duplicates = [pair for pair, is_duplicate in labels.items() if is_duplicate]
    others = [pair for pair, is_duplicate in labels.items() if not is_duplicate]
    fewest = min(MIN_OF_EACH, len(duplicates))
    most = MAX_VERDICTS - min(MIN_OF_EACH, len(others))
    share = min(max(round(MAX_VERDICTS * len(duplicates) / len(labels)), fewest), most)
    kept = [*duplicates[:share], *others[: MAX_VERDICTS - share]]
    return {pair: labels[pair] for pair in kept}
