"""Models whose cut is known, for tests of what follows from one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from bot.wiring import Services
from models import Calibration
from services.judgement.calibration import FEATURES
from services.judgement.features import UNKNOWN, PairFeatures
from services.judgement.learned_model import Model
from tests.remembering import START

# How many pairs a model was fitted to.
REVIEWED = 12

USUAL = PairFeatures(
    similarity=0.6, gap=0.0, lead=0.0, rank_back=1.0, score=0.6, density=0.4, words=0.2, bm25=0.2,
    overlap=0.2, letters=UNKNOWN, title=0.2, title_words=0.2, title_only=0.5, shared_codes=0.0,
    rarest=0.5, conflict=0.0, contradiction=0.0, price_gap=UNKNOWN,
)  # fmt: skip


def model_with_cut(cut: float) -> Model:
    """Return a model that orders pairs by their closeness and calls those from `cut` on."""
    size = 1 + len(FEATURES)
    return Model(
        features=FEATURES,
        verbosity=0.0,
        mean=(0.0,) * size,
        scale=(1.0,) * size,
        weights=(),
        intercept=0.0,
        strengths=(cut,) * REVIEWED,
        labels=(True,) * REVIEWED,
        backlog_shares=(0.01,) * REVIEWED,
        min_closeness=-1.0,
        slope=10.0,
        offset=-10 * cut,
    )


def add_calibration(
    services: Services, workspace_id: int, model: Model, *, verdicts: int = REVIEWED,
    at: datetime = START,
) -> Calibration:  # fmt: skip
    """Let a model judge a workspace's tickets."""
    with services.database.write() as session:
        row = Calibration(
            workspace_id=workspace_id, kind="ticket", model=asdict(model), report={},
            fingerprint=services.embedder.fingerprint, verdicts=verdicts, fitted_by="U1",
            fitted_at=at,
        )  # fmt: skip
        session.add(row)
    return row
