"""How well a model serves a team: measured on what people decided, with its speed and its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Calibration, Embedding, Item, Workspace
from models.items import ItemKind
from models.queries import COMPARED, LIVE
from services.channels.audience import whole_workspace
from services.errors import NotEnoughVerdictsError
from services.evaluation.labelled_pairs import rank_queries
from services.issues.groups import PairIds
from services.judgement.calibration_store import newest_labels
from services.judgement.calibrator import Calibrator
from services.judgement.metrics import ranking_report
from services.memory.comparable_text import comparable_text
from services.search.embedders.model_speeds import measure_speed

# Of each workspace and kind: enough that a difference of 0.01 is seen, and done within a minute.
MAX_QUERIES = 200
RANKED = 100

# Texts of the team that the speed is measured on.
TIMED_TEXTS = 32

BYTES_A_NUMBER = 4


@dataclass(frozen=True)
class ModelFigures:
    """What a model is worth to a team.

    `map` is the mean average precision over the `queries` that people found duplicates of;
    `precision` and `recall` are those of what would be called a duplicate after learning from the
    `verdicts`. None: too little was decided. `vector_bytes` is what all vectors take. `learned` is
    what the verdicts taught, which is not stored.
    """

    queries: int
    map: float | None
    verdicts: int
    precision: float | None
    recall: float | None
    texts_per_second: float | None
    vector_bytes: int
    learned: Sequence[Calibration] = field(default=(), compare=False, repr=False)


def measure_model(
    calibrator: Calibrator, now: datetime, learned_from: AbstractSet[int] = frozenset()
) -> ModelFigures:
    """Measure the model of a judge on the verdicts of all workspaces; nothing is stored.

    Items that one of the compared models has learned from are no queries.
    """
    precisions: list[tuple[float, int]] = []
    learned: list[Calibration] = []
    with calibrator.database.read() as session:
        workspaces = session.scalars(select(Workspace.id).order_by(Workspace.id)).all()
    for workspace_id, kind in product(workspaces, get_args(ItemKind)):
        precisions.append(_rank(calibrator, workspace_id, kind, learned_from))
        learned += _learn(calibrator, workspace_id, kind, now)
    queries = sum(number for _, number in precisions)
    reports = [row.report for row in learned]
    flagged, duplicates = (sum(one[key] for one in reports) for key in ("flagged", "duplicates"))
    right = sum(round((one["precision"] or 0) * one["flagged"]) for one in reports)
    with calibrator.database.read() as session:
        return ModelFigures(
            queries=queries,
            map=sum(one * number for one, number in precisions) / queries if queries else None,
            verdicts=sum(one["pairs"] for one in reports),
            precision=right / flagged if flagged else None,
            recall=right / duplicates if duplicates else None,
            texts_per_second=_speed(session, calibrator),
            vector_bytes=vector_bytes(session, calibrator.judge.vectors.embedder.fingerprint),
            learned=learned,
        )


def vector_bytes(session: Session, fingerprint: str) -> int:
    """Return how many bytes the vectors of a model take, without what the database adds."""
    numbers = session.scalar(
        select(func.sum(Embedding.dim)).where(Embedding.fingerprint == fingerprint)
    )
    return BYTES_A_NUMBER * int(numbers or 0)


def _rank(
    calibrator: Calibrator, workspace_id: int, kind: str, learned_from: AbstractSet[int]
) -> tuple[float, int]:
    """Return the mean average precision over the queries with duplicates, and their number."""
    judge, audience = calibrator.judge, whole_workspace(workspace_id)
    with calibrator.database.read() as session:
        relevant = duplicates_of(newest_labels(session, workspace_id, kind))
        queries = [one for one in relevant if one not in learned_from][:MAX_QUERIES]
        found: dict[str, list[str]] = {}
        for batch in rank_queries(session, judge, queries, audience, RANKED):
            found |= {str(query): [str(one) for one in ids] for query, ids in batch.items()}
    wanted = {str(query): {str(one) for one in relevant[query]} for query in queries}
    report = ranking_report(found, wanted)
    return report.map or 0.0, report.queries


def duplicates_of(labels: Mapping[PairIds, bool]) -> dict[int, set[int]]:
    """Return the duplicates of each item that people called one of any other."""
    relevant: dict[int, set[int]] = defaultdict(set)
    for (one, other), is_duplicate in labels.items():
        if is_duplicate:
            relevant[one].add(other)
            relevant[other].add(one)
    return relevant


def _learn(
    calibrator: Calibrator, workspace_id: int, kind: str, now: datetime
) -> list[Calibration]:
    """Return what the verdicts teach; nothing if they are too few."""
    try:
        return [calibrator.learn(workspace_id, kind, by="deja", now=now)]
    except NotEnoughVerdictsError:
        return []


def _speed(session: Session, calibrator: Calibrator) -> float | None:
    """Return how many of the newest texts the model reads in a second."""
    vectors = calibrator.judge.vectors
    newest = select(Item).where(LIVE, COMPARED).order_by(Item.id.desc()).limit(TIMED_TEXTS)
    texts: Sequence[str] = [
        piece
        for item in session.scalars(newest)
        for piece in vectors.chunks_of(item.title, comparable_text(item))
    ]
    if not texts:
        return None
    return measure_speed(vectors.embedder, texts)
