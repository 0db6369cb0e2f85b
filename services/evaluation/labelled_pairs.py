"""Evaluation: the current judgement compared with labelled pairs and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.channels.audience import Audience
from services.issues.groups import PairIds
from services.judgement.bands import Match
from services.judgement.candidate_limits import limits_for_list
from services.judgement.compared_items import load_compared_items
from services.judgement.cut import DEFAULT_BUDGET
from services.judgement.judge import Judge
from services.judgement.metrics import Matrix

PAIR_BATCH = 1_000
QUERY_BATCH = 64


@dataclass(frozen=True)
class JudgedPairs:
    """Labelled pairs as they are judged now; all arrays have shape `(n,)`.

    `strengths` are those of the matches; `probabilities` are None if there is no model.
    """

    pairs: list[PairIds]
    labels: NDArray[np.int64]
    strengths: Matrix
    flagged: NDArray[np.bool_]
    probabilities: Matrix | None


def judge_pairs(
    session: Session,
    judge: Judge,
    pairs: Sequence[PairIds],
    audience: Audience,
    wrong_in_ten: int = DEFAULT_BUDGET,
) -> Iterator[tuple[int, dict[PairIds, Match]]]:
    """Judge pairs of one kind as an answer would; yield the size and the matches of each batch.

    Pairs without words have no match.
    """
    for start in range(0, len(pairs), PAIR_BATCH):
        part = pairs[start : start + PAIR_BATCH]
        yield len(part), judge.judge_pairs(session, part, audience, wrong_in_ten)


def compare_with_labels(
    matches: Mapping[PairIds, Match], labelled: Mapping[PairIds, bool]
) -> JudgedPairs:
    """Return judged pairs with their labels."""
    found = list(matches.values())
    known = [one.probability for one in found if one.probability is not None]
    return JudgedPairs(
        list(matches),
        np.array([labelled[pair] for pair in matches], dtype=np.int64),
        np.array([one.strength for one in found], dtype=np.float64),
        np.array([one.band == "duplicate" for one in found], dtype=np.bool_),
        np.array(known, np.float64) if known and len(known) == len(found) else None,
    )


def rank_queries(
    session: Session, judge: Judge, queries: Sequence[int], audience: Audience, limit: int
) -> Iterator[dict[int, list[int]]]:
    """Yield the ids of the items most similar to each query, a batch of queries at a time.

    What people decided does not matter.
    """
    for start in range(0, len(queries), QUERY_BATCH):
        items = load_compared_items(session, judge.vectors, queries[start : start + QUERY_BATCH])
        found: dict[int, list[int]] = {}
        for kind in sorted({item.kind for item in items.values()}):
            of_kind = [item for item in items.values() if item.kind == kind]
            results = judge.rank(session, of_kind, audience, limits_for_list(limit))
            found |= {
                item.item_id or 0: [match.item_id for match in result.matches]
                for item, result in zip(of_kind, results, strict=True)
            }
        yield found


def restrict_to(
    relevant: Mapping[int, AbstractSet[int]], ids: AbstractSet[int]
) -> dict[int, AbstractSet[int]]:
    """Return the relevant items among `ids`, for each query that has any."""
    return {query: left for query, wanted in relevant.items() if (left := wanted & ids)}
