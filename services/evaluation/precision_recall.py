"""Precision and recall of every cut that labelled pairs allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.judgement.metrics import Matrix, wilson_interval

# More points than a picture can show.
MAX_POINTS = 200


@dataclass(frozen=True)
class OperatingPoint:
    """What is called of labelled pairs: `right` of `called`, with `duplicates` among all pairs.

    `strength` is the lowest that is called; None where more than a strength decides.
    """

    strength: float | None
    called: int
    right: int
    duplicates: int

    @property
    def precision(self) -> float:
        """The share of called pairs that are duplicates."""
        return self.right / self.called

    @property
    def recall(self) -> float:
        """The share of duplicates that are called."""
        return self.right / self.duplicates

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95 % confidence interval of the precision (Wilson's)."""
        return wilson_interval(self.right, self.called)


@dataclass(frozen=True)
class PrecisionRecall:
    """The curve of all cuts, the strictest first, and the two that matter.

    `in_force` is what is called now, None where nothing is. `best` is the cut with the highest
    recall whose precision reaches `target`; None where none does.
    """

    points: Sequence[OperatingPoint]
    in_force: OperatingPoint | None
    best: OperatingPoint | None
    target: float


def precision_recall(
    strengths: Matrix, flagged: NDArray[np.bool_], labels: NDArray[np.int64], target: float
) -> PrecisionRecall | None:
    """Return precision and recall of judged pairs; None where no pair is a duplicate.

    All arrays have shape `(n,)`; `flagged` says what is called a duplicate now. Pairs of one
    strength are called together. Of more than `MAX_POINTS` points some are left out of the curve.
    """
    duplicates = int(labels.sum())
    if not duplicates:
        return None
    order = np.argsort(-strengths, kind="stable")
    ordered, right = strengths[order], np.cumsum(labels[order])
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    points = [
        OperatingPoint(float(ordered[end]), int(end) + 1, int(right[end]), duplicates)
        for end in ends.tolist()
    ]
    good = [one for one in points if one.precision >= target and one.right]
    called = int(flagged.sum())
    in_force = OperatingPoint(None, called, int(labels[flagged].sum()), duplicates)
    return PrecisionRecall(
        _thinned(points), in_force if called else None, good[-1] if good else None, target
    )


def _thinned(points: Sequence[OperatingPoint]) -> list[OperatingPoint]:
    if len(points) <= MAX_POINTS:
        return list(points)
    chosen = np.unique(np.linspace(0, len(points) - 1, MAX_POINTS).round().astype(np.int64))
    return [points[at] for at in chosen.tolist()]
