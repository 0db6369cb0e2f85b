"""What a model is worth on the held-out part: mean average precision, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.judgement.metrics import RankingReport, ranking_report

Vectors = Mapping[int, NDArray[np.float32]]

# The 95 % interval, by percentiles of so many samples.
SAMPLES = 2_000
LOW, HIGH = 2.5, 97.5


@dataclass(frozen=True)
class Comparison:
    """The figures of the held-out queries by two models; `low` and `high` bound the gain in MAP."""

    queries: int
    groups: int
    before: RankingReport
    after: RankingReport
    low: float
    high: float

    @property
    def gain(self) -> float:
        """By how much MAP rises."""
        return (self.after.map or 0.0) - (self.before.map or 0.0)

    def is_better(self, margin: float) -> bool:
        """Say whether MAP rises by a margin, and certainly rises."""
        return self.gain >= margin and self.low > 0


def rank(vectors: Vectors, pool: Sequence[int], queries: Sequence[int]) -> dict[int, list[int]]:
    """Return the pool in order of its cosines to each query, by the nearest two pieces."""
    known = [one for one in pool if one in vectors]
    rows = np.concatenate([vectors[one] for one in known])
    starts = np.cumsum([0, *(len(vectors[one]) for one in known)])[:-1]
    found = {}
    for query in queries:
        if query in vectors:
            cosines = np.maximum.reduceat((rows @ vectors[query].T).max(axis=1), starts)
            found[query] = [known[at] for at in np.argsort(-cosines, kind="stable")]
    return found


def compare(
    before: Mapping[int, Sequence[int]],
    after: Mapping[int, Sequence[int]],
    groups: Sequence[AbstractSet[int]],
    seed: int,
) -> Comparison:
    """Compare two rankings of the held-out items, each of which looks for the rest of its group.

    The interval is bootstrapped over queries, a group at a time: those of one group are as hard.
    """
    wanted = {query: group for group in groups for query in group}
    gains = [
        [_precision(after, query, group) - _precision(before, query, group) for query in group]
        for group in groups
    ]
    sums = np.array([sum(own) for own in gains])
    sizes = np.array([len(own) for own in gains])
    drawn = np.random.default_rng(seed).integers(len(groups), size=(SAMPLES, len(groups)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, (LOW, HIGH)).tolist()
    return Comparison(
        int(sizes.sum()), len(groups), _report(before, wanted), _report(after, wanted), low, high
    )


def _report(
    ranked: Mapping[int, Sequence[int]], wanted: Mapping[int, AbstractSet[int]]
) -> RankingReport:
    return ranking_report(
        {str(one): list(map(str, ids)) for one, ids in ranked.items()},
        {str(query): set(map(str, group)) for query, group in wanted.items()},
    )


def _precision(ranked: Mapping[int, Sequence[int]], query: int, group: AbstractSet[int]) -> float:
    return _report({query: ranked.get(query, ())}, {query: group}).map or 0.0
