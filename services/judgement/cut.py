"""The cut: from which strength on a pair is called a duplicate, by the pairs that were reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.judgement.metrics import Matrix

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
    right, weights = np.cumsum(labels), np.asarray(backlog_shares, dtype=np.float64)
    # Pairs of one strength are called together.
    is_end = np.append(np.diff(np.asarray(strengths, dtype=np.float64)) != 0, True)
    ends = np.flatnonzero(is_end)
    counts, confirmed = (ends + 1).astype(np.float64), right[ends]
    last = confirmed - np.concatenate([np.zeros(LAST, np.int64), right])[ends]
    weighted = (np.cumsum(weights * labels) / np.cumsum(weights))[ends]
    # Kish's effective sample size, "Survey Sampling" (1965).
    effective = (np.cumsum(weights) ** 2 / np.cumsum(weights**2))[ends]
    allowed = (
        (counts >= MIN_VERDICTS)
        & (np.diff(confirmed, prepend=0) > 0)
        & (last >= MIN_LAST_RIGHT)
        & (lower_bounds(confirmed / counts, counts) >= target)
        & (lower_bounds(weighted, effective) >= target - MAX_WEIGHTED_DROP)
    )
    if not allowed.any():
        return None
    end = int(ends[np.flatnonzero(allowed)[-1]])
    return Cut(float(strengths[end]), int(right[end]), end + 1)


def lower_bound(share: float, count: float, z: float = CUT_Z) -> float:
    """Return the lower bound of a share that was observed in `count` cases (`lower_bounds`)."""
    return float(lower_bounds(np.array([share]), np.array([count], dtype=np.float64), z)[0])


def lower_bounds(shares: Matrix, counts: Matrix, z: float = CUT_Z) -> Matrix:
    """Return the lower bounds of shares, each observed in so many cases; both of one shape.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927). Written
    out because loading scipy takes longer than the answers that need it.
    """
    square = z * z / counts
    spread = z * np.sqrt(np.maximum(shares * (1 - shares), 0.0) / counts + square / (4 * counts))
    return np.asarray((shares + square / 2 - spread) / (1 + square))
