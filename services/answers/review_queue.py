"""The review queue: the best matches of the newest items that nobody has decided on yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from models import Item, Verdict
from models.queries import LIVE, in_parts, items_by_id
from services.answers.review_rounds import NEWEST, ReviewQueue, Suggestion
from services.channels.audience import Audience, whole_workspace
from services.issues.groups import PairIds, connected, groups_of, on_items
from services.judgement.calibration_store import current_model, newest_labels
from services.judgement.judge import Judge, PlacedPair
from services.judgement.learned_model import Model
from services.judgement.metrics import Matrix
from services.judgement.strength import closeness
from services.progress import Progress, no_progress

# Items at once: few enough that memory does not grow with the backlog.
BATCH = 50

_CURRENT_VERDICTS = select(Verdict.item_a_id, Verdict.item_b_id).where(
    on_items(Verdict.undone_at.is_(None))
)

# More verdicts than that need not be compared again before there is a model.
MAX_REVIEWED = 200


@dataclass(frozen=True)
class ReviewRequest:
    """Which pairs are wanted.

    `excluded` are pairs of item ids, in any order, that must not come up. The later item of a pair
    is one of the `newest` (None: of all) that pass `where`, a condition over `Item`.
    """

    kind: str
    limit: int
    seed: int = 0
    excluded: frozenset[PairIds] = frozenset()
    where: ColumnElement[bool] | None = None
    newest: int | None = NEWEST


def suggest_pairs(
    session: Session,
    judge: Judge,
    audience: Audience,
    request: ReviewRequest,
    on_progress: Progress = no_progress,
) -> list[Suggestion]:
    """Return at most `limit` undecided pairs, those first whose verdicts decide most.

    The same database and request give the same pairs. `on_progress` is called with how many items
    were looked at, and of how many.
    """
    return load_queue(session, judge, audience, request, on_progress).take(request.limit)


def load_queue(
    session: Session,
    judge: Judge,
    audience: Audience,
    request: ReviewRequest,
    on_progress: Progress = no_progress,
) -> ReviewQueue:
    """Return the undecided best matches of the newest items."""
    model = current_model(session, audience.workspace_id, request.kind, judge.fingerprint)
    found: list[Suggestion] = []
    newest = _newest(session, audience, request)
    for start in range(0, len(newest), BATCH):
        part = newest[start : start + BATCH]
        found += _suggestions(judge.best_matches(session, part, audience), model)
        on_progress(start + len(part), len(newest))
    found.sort(key=lambda one: (-one.strength, one.pair))
    return ReviewQueue(
        _undecided(session, found, request.excluded),
        _reviewed(session, judge, audience.workspace_id, request.kind, model),
        len(found),
        request.seed,
    )


def is_open(session: Session, pair: PairIds) -> bool:
    """Say whether two items are undecided: there is no verdict on them, and none implies one."""
    return not _Decisions.about(session, pair).cover(pair)


def _newest(session: Session, audience: Audience, request: ReviewRequest) -> Sequence[int]:
    where = true() if request.where is None else request.where
    return session.scalars(
        select(Item.id)
        .where(audience.items, where, Item.kind == request.kind, LIVE)
        .order_by(Item.created_at.desc(), Item.id.desc())
        .limit(request.newest)
    ).all()


def _suggestions(placed: Sequence[PlacedPair], model: Model | None) -> list[Suggestion]:
    strengths = _strengths(placed, model)
    known = [None] * len(placed) if model is None else model.probabilities(strengths).tolist()
    return [
        Suggestion(
            one.query.item_id or 0,
            one.other.item_id or 0,
            one.placing.cosine,
            probability,
            strength,
        )
        for one, probability, strength in zip(placed, known, strengths.tolist(), strict=True)
    ]


def _strengths(placed: Sequence[PlacedPair], model: Model | None) -> Matrix:
    features = [one.features for one in placed]
    if not placed:
        return np.zeros(0)
    if model is None:
        return closeness(features, placed[0].corpus.verbosity)
    return model.strength(features)


def _reviewed(
    session: Session, judge: Judge, workspace_id: int, kind: str, model: Model | None
) -> list[tuple[float, bool]]:
    """Return the strengths of reviewed pairs, and whether they were duplicates.

    Without a model those of the newest verdicts; a model knows them.
    """
    if model is not None:
        return list(zip(model.strengths, model.labels, strict=True))
    labels = newest_labels(session, workspace_id, kind, limit=MAX_REVIEWED)
    placed = judge.place_pairs(session, list(labels), whole_workspace(workspace_id))
    strengths = _strengths(list(placed.values()), None).tolist()
    return [(strength, labels[pair]) for pair, strength in zip(placed, strengths, strict=True)]


def _undecided(
    session: Session, found: Sequence[Suggestion], excluded: Iterable[PairIds]
) -> list[Suggestion]:
    ids = {item_id for one in found for item_id in one.pair}
    items = items_by_id(session, ids)
    decisions = _Decisions.about(session, ids)
    shut = {frozenset(pair) for pair in excluded}
    return [
        one
        for one in found
        if not _are_of_one_thread(items, one.pair)
        and frozenset(one.pair) not in shut
        and not decisions.cover(one.pair)
    ]


def _are_of_one_thread(items: Mapping[int, Item], pair: PairIds) -> bool:
    item, other = (items[item_id] for item_id in pair)
    ours, theirs = item.head_ts, other.head_ts
    return ours is not None and (item.channel_id, ours) == (other.channel_id, theirs)


@dataclass(frozen=True)
class _Decisions:
    """The verdicts around some items, as pairs of issues: one on a report counts for its issue.

    `issues` are the issues of items with others, by item id; `pairs` the decided pairs of issues.
    """

    issues: Mapping[int, int]
    pairs: frozenset[frozenset[int]]

    @classmethod
    def about(cls, session: Session, item_ids: Sequence[int] | set[int]) -> _Decisions:
        near = connected(session, item_ids)
        verdicts = _verdicts(session, near)
        ends = {item_id for pair in verdicts for item_id in pair}
        issues = {
            item_id: group.root_id for item_id, group in groups_of(session, near | ends).items()
        }
        pairs = (frozenset(issues.get(one, one) for one in pair) for pair in verdicts)
        return cls(issues, frozenset(pairs))

    def cover(self, pair: PairIds) -> bool:
        issues = frozenset(self.issues.get(item_id, item_id) for item_id in pair)
        return len(issues) == 1 or issues in self.pairs


def _verdicts(session: Session, item_ids: set[int]) -> set[PairIds]:
    return {
        (first, second)
        for part in in_parts(item_ids)
        for first, second in session.execute(_CURRENT_VERDICTS, {"ids": part})
    }
