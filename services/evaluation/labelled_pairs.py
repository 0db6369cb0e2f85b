"""Evaluating: what labels say of the judgement as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.channels.audience import Audience
from services.judgement.bands import Match
from services.judgement.calibration import DEFAULT_THRESHOLD
from services.judgement.compared_items import load_compared_items
from services.judgement.judge import Judge, limits_for_list
from services.judgement.metrics import Matrix

PAIR_BATCH = 1_000
QUERY_BATCH = 64

PairIds = tuple[int, int]


@dataclass(frozen=True)
class JudgedPairs:
    """Labelled pairs as they are judged now; all arrays have shape `(n,)`.

    `scores` are the probabilities where verdicts have taught a model, otherwise cosines.
    """

    pairs: list[PairIds]
    labels: NDArray[np.int64]
    scores: Matrix
    flagged: NDArray[np.bool_]
    probabilities: Matrix | None


def judge_pairs(
    session: Session,
    judge: Judge,
    pairs: Sequence[PairIds],
    audience: Audience,
    cut: float = DEFAULT_THRESHOLD,
) -> Iterator[tuple[int, dict[PairIds, Match]]]:
    """Judge pairs of one kind as an answer would, batch-wise; yield batch sizes and matches.

    Pairs without words have no match.
    """
    for start in range(0, len(pairs), PAIR_BATCH):
        part = pairs[start : start + PAIR_BATCH]
        yield len(part), judge.judge_pairs(session, part, audience, cut)


def compare_with_labels(
    matches: Mapping[PairIds, Match], labelled: Mapping[PairIds, bool]
) -> JudgedPairs:
    """Return judged pairs beside their labels."""
    known = [(match.probability, match.similarity) for match in matches.values()]
    has_model = bool(known) and all(chance is not None for chance, _ in known)
    scores = np.array([chance if has_model else cosine for chance, cosine in known], np.float64)
    return JudgedPairs(
        list(matches),
        np.array([labelled[pair] for pair in matches], dtype=np.int64),
        scores,
        np.array([match.band == "duplicate" for match in matches.values()], dtype=np.bool_),
        scores if has_model else None,
    )


def rank_queries(
    session: Session, judge: Judge, queries: Sequence[int], audience: Audience, limit: int
) -> Iterator[dict[int, list[int]]]:
    """Rank what is most alike to items, batch-wise, whatever people decided; yield ids by query."""
    for start in range(0, len(queries), QUERY_BATCH):
        subjects = load_compared_items(session, judge.vectors, queries[start : start + QUERY_BATCH])
        found: dict[int, list[int]] = {}
        for kind in sorted({subject.kind for subject in subjects.values()}):
            asked = [subject for subject in subjects.values() if subject.kind == kind]
            ranked = judge.rank(session, asked, audience, limits_for_list(limit))
            found |= {
                subject.item_id or 0: [match.item_id for match in one.matches]
                for subject, one in zip(asked, ranked, strict=True)
            }
        yield found


def restrict_to(
    relevant: Mapping[int, AbstractSet[int]], ids: AbstractSet[int]
) -> dict[int, AbstractSet[int]]:
    """Return what of the relevant items may be found, for the queries that have any left."""
    return {query: left for query, wanted in relevant.items() if (left := wanted & ids)}
