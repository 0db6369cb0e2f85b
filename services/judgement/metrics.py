"""Metrics of scores, flags, probabilities and rankings, given labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

BINS = 10

# People look through a list of ten.
TOP = 10


@dataclass(frozen=True)
class PairReport:
    """The metrics of scores, flags and probabilities of pairs.

    `precision` is None where nothing was flagged, `recall` where there is no duplicate,
    `average_precision` where all pairs are of one class, `ece` and `brier` where there are no
    probabilities. `notes` says in words what could not be measured. The fields are stored as JSON.
    """

    pairs: int
    duplicates: int
    flagged: int
    precision: float | None
    recall: float | None
    average_precision: float | None
    ece: float | None
    brier: float | None

    @property
    def notes(self) -> list[str]:
        """Return a line for each metric that the labels do not allow."""
        if self.average_precision is not None:
            return [] if self.flagged else ["Nothing was flagged: there is no precision."]
        if self.pairs == 0:
            return ["There are no pairs: nothing can be measured."]
        if self.duplicates == 0:
            return ["No pair is a duplicate: there is neither average precision nor recall."]
        return ["All pairs are duplicates: average precision needs others too."]


@dataclass(frozen=True)
class RankingReport:
    """The metrics of ranked lists; all but `queries` are None without queries."""

    queries: int
    map: float | None
    mrr: float | None
    p_at_1: float | None
    r_at_10: float | None


@dataclass(frozen=True)
class Bin:
    """The pairs with a probability in `[low, high)`; the last bin includes 1.

    Where there are no pairs, `mean_probability` and `share_right` are None.
    """

    low: float
    high: float
    count: int
    mean_probability: float | None
    share_right: float | None


def pair_report(
    scores: Matrix,
    flagged: NDArray[np.bool_],
    labels: NDArray[np.int64],
    probabilities: Matrix | None = None,
) -> PairReport:
    """Return the metrics of judged pairs, given which of them are duplicates (1).

    All arrays have shape `(n,)`. `scores` are finite; higher is more similar. Average precision is
    the sum of precision times gained recall over all thresholds; pairs of one score count together.
    """
    from sklearn.metrics import average_precision_score

    duplicates, marked = int(labels.sum()), int(flagged.sum())
    right = int(labels[flagged].sum())
    both = 0 < duplicates < len(labels)
    known = probabilities if len(labels) else None
    return PairReport(
        pairs=len(labels),
        duplicates=duplicates,
        flagged=marked,
        precision=right / marked if marked else None,
        recall=right / duplicates if duplicates else None,
        average_precision=float(average_precision_score(labels, scores)) if both else None,
        ece=None if known is None else calibration_error(known, labels),
        brier=None if known is None else float(np.mean((known - labels) ** 2)),
    )


def ranking_report(
    found: Mapping[str, Sequence[str]], relevant: Mapping[str, AbstractSet[str]]
) -> RankingReport:
    """Return MAP, MRR, P@1 and R@10 over the queries for which anything is relevant.

    `found` has the ids found for each query, the best first; the query itself and repeated ids are
    ignored. With the relevant ids at ranks r1 < r2 < …, R of them in all, a query's average
    precision is the sum of k / rk, divided by R; its reciprocal rank is 1 / r1; its P@1 is 1 if r1
    is 1; its R@10 is the number of rk up to 10, divided by R (with R above 10 it cannot reach 1).
    Relevant ids that were not found count 0 (Manning et al., "Introduction to Information
    Retrieval", 2008, chapter 8).
    """
    rows = []
    for query, wanted in relevant.items():
        if wanted := wanted - {query}:
            order = [one for one in dict.fromkeys(found.get(query, ())) if one != query]
            ranks = [rank for rank, one in enumerate(order, 1) if one in wanted]
            rows.append(_of_query(ranks, len(wanted)))
    if not rows:
        return RankingReport(0, None, None, None, None)
    means = np.mean(rows, axis=0).tolist()
    return RankingReport(len(rows), *means)


def calibration_error(probabilities: Matrix, labels: NDArray[np.int64]) -> float:
    """Return the expected calibration error over ten bins of equal width.

    Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning" (2015).
    """
    return sum(
        one.count / len(labels) * abs(one.mean_probability - one.share_right)
        for one in reliability(probabilities, labels)
        if one.mean_probability is not None and one.share_right is not None
    )


def reliability(probabilities: Matrix, labels: NDArray[np.int64]) -> list[Bin]:
    """Return the ten bins of equal width that `calibration_error` sums over."""
    bin_of_pair = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    bins = []
    for number in range(BINS):
        inside = bin_of_pair == number
        count = int(inside.sum())
        mean = float(probabilities[inside].mean()) if count else None
        share = float(labels[inside].mean()) if count else None
        bins.append(Bin(number / BINS, (number + 1) / BINS, count, mean, share))
    return bins


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share, `right` of `count` cases being right.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927).
    """
    from scipy.stats import binomtest

    low, high = binomtest(right, count).proportion_ci(0.95, method="wilson")
    return float(low), float(high)


def _of_query(ranks: Sequence[int], wanted: int) -> tuple[float, float, float, float]:
    precision = sum(number / rank for number, rank in enumerate(ranks, 1)) / wanted
    first = ranks[0] if ranks else math.inf
    return precision, 1 / first, float(first == 1), sum(rank <= TOP for rank in ranks) / wanted
