"""The cut: from which strength on a pair is called a duplicate, by the pairs that were reviewed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul

# The length of the shortest run of reviewed pairs that a cut can rest on.
MIN_VERDICTS = 10

# The quantile of the lower bound (one-sided 80 %), and the share of a budget that it may use up.
CUT_Z, BUDGET_SHARE = 0.84, 0.85
# Of the last pairs above a cut so many must be right: a long good run does not excuse a bad end.
LAST, MIN_LAST_RIGHT = 10, 8

# What people reviewed may lie closer together at the top than the backlog does: each pair weighted
# by how much of the backlog it stands for, the bound may be lower by this much at most.
MAX_WEIGHTED_DROP = 0.04

# No wrong flags at all cannot be guaranteed; this means one in a hundred.
MIN_WRONG_SHARE = 0.01
# How many wrong flags in ten are accepted where nobody has said otherwise.
DEFAULT_BUDGET = 1
# More than five wrong ones in ten is noise that nobody wants.
MAX_BUDGET = 5


@dataclass(frozen=True)
class Cut:
    """From which strength on a pair is called a duplicate: `right` of the `count` above were."""

    strength: float
    right: int
    count: int


def find_cut(
    strengths: Sequence[float],
    labels: Sequence[bool],
    backlog_shares: Sequence[float],
    wrong_in_ten: int,
) -> Cut | None:
    """Return the lowest cut that reviewed pairs, the strongest first, allow; None for none.

    Of every run of `MIN_VERDICTS` or more from the top whose lower bound on the share of duplicates
    (Wilson's, at `CUT_Z`) reaches what the budget demands, and whose end is good, the longest. No
    cut rests on a pair that was rejected: what is between it and the last one confirmed is unknown.
    """
    if len(labels) < MIN_VERDICTS:
        return None
    target = 1 - BUDGET_SHARE * max(wrong_in_ten / 10, MIN_WRONG_SHARE)
    right = [0, *accumulate(labels)]
    weights = list(accumulate(backlog_shares))
    of_right = list(accumulate(map(mul, backlog_shares, labels)))
    squares = list(accumulate(map(mul, backlog_shares, backlog_shares)))
    for start, end in _ties_from_below(strengths):
        if end < MIN_VERDICTS:
            return None
        share, weighted = right[end] / end, of_right[end - 1] / weights[end - 1]
        # Kish's effective sample size, "Survey Sampling" (1965).
        effective = weights[end - 1] ** 2 / squares[end - 1]
        if (
            right[end] > right[start]
            and right[end] - right[max(end - LAST, 0)] >= MIN_LAST_RIGHT
            and lower_bound(share, end) >= target
            and lower_bound(weighted, effective) >= target - MAX_WEIGHTED_DROP
        ):
            return Cut(float(strengths[end - 1]), int(right[end]), end)
    return None


def _ties_from_below(strengths: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Give the bounds of each run of one strength, which is called together, the weakest first."""
    end = len(strengths)
    while end:
        start = end - 1
        while start and strengths[start - 1] == strengths[end - 1]:
            start -= 1
        yield start, end
        end = start


def lower_bound(share: float, count: float, z: float = CUT_Z) -> float:
    """Return the lower bound of a share that was observed in `count` cases.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927). Written
    out because loading scipy, or NumPy, takes longer than the answers that need it.
    """
    square = z * z / count
    spread = z * math.sqrt(max(share * (1 - share), 0.0) / count + square / (4 * count))
    return (share + square / 2 - spread) / (1 + square)
