"""Calibration: what a team's verdicts teach, from the tenth on.

Pairs are ordered by how strong the evidence is: by their closeness until there are thirty verdicts,
then by a logistic regression that few verdicts can bend only a little. The *cut* is where the
reviewed pairs above it were right often enough, by a lower confidence bound. `strength`, the
figure, means nothing by itself; the probability that goes with it is fitted beside it (Platt,
"Probabilistic Outputs for Support Vector Machines", 1999).

Constants were chosen on covidq, banking77, hwu64, dstc11_banking, semeval_cqa, english_se and
gitbugs_seamonkey, and checked on sets that they were not chosen on: `python -m benchmarks taught`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from services.errors import NotEnoughVerdictsError
from services.judgement.cut import MIN_VERDICTS
from services.judgement.features import PairFeatures
from services.judgement.learned_model import Model
from services.judgement.metrics import Matrix
from services.judgement.strength import closeness, rows_of, standardised

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

# With fewer verdicts, or fewer of one class, pairs are ordered by their closeness alone.
MIN_LEARNED, MIN_OF_EACH = 30, 3

# Variances of the weights before any verdict, in standard units: closeness is trusted from the
# first verdict on, every other feature the more, the more verdicts there are.
CLOSENESS_VARIANCE, VARIANCE_A_VERDICT = 10.0, 0.0005
# A feature that varies less says nothing.
MIN_SCALE = 1e-9
MIN_BACKLOG_SHARE = 1e-5

FEATURES = (
    "score", "gap", "density", "bm25", "words", "title_words", "title", "overlap", "rarest",
    "conflict", "contradiction", "title_only", "rank_back", "lead",
)  # fmt: skip
PRODUCT_FEATURES = (*FEATURES, "letters", "shared_codes", "price_gap")


def fit(
    features: Sequence[PairFeatures],
    is_duplicate: Sequence[bool],
    backlog: Sequence[PairFeatures],
    *,
    kind: str,
    verbosity: float,
) -> Model:
    """Fit a model to verdicts; the same verdicts give the same model.

    `backlog` are the features of the best matches of many items, which say what is usual. Raises
    `NotEnoughVerdictsError`.
    """
    ensure_enough(is_duplicate)
    names = PRODUCT_FEATURES if kind == "product" else FEATURES
    mean, scale = _usual(backlog or features, names, verbosity)
    labels = np.array(is_duplicate, dtype=np.int64)
    blank = Model(names, verbosity, mean, scale, (), 0.0, (), (), (), 0.0, 0.0, 0.0)
    fitted = replace(blank, min_closeness=float(closeness(features, verbosity).min()))
    if len(labels) >= MIN_LEARNED and min(labels.sum(), len(labels) - labels.sum()) >= MIN_OF_EACH:
        weights, intercept = _weights(standardised(features, blank), labels)
        fitted = replace(fitted, weights=weights, intercept=intercept)
    strengths = fitted.strength(features)
    slope, offset = _platt(strengths, labels)
    order = np.argsort(-strengths, kind="stable")
    return replace(
        fitted,
        strengths=tuple(strengths[order].tolist()),
        labels=tuple(labels[order].astype(bool).tolist()),
        backlog_shares=_backlog_shares(strengths[order], fitted.strength(backlog or features)),
        slope=slope,
        offset=offset,
    )


def _backlog_shares(strengths: Matrix, backlog: Matrix) -> tuple[float, ...]:
    """Return which share of the backlog each reviewed pair, the strongest first, stands for.

    That is from halfway to the one before to halfway to the one after it, by their ranks in the
    backlog; never nothing.
    """
    ranks = len(backlog) - np.searchsorted(np.sort(backlog), strengths, side="left")
    middle = (ranks[1:] + ranks[:-1]) / 2
    end = min(2 * ranks[-1] - middle[-1], len(backlog)) if len(middle) else len(backlog)
    shares = np.diff(np.concatenate([[0.0], middle, [end]])) / len(backlog)
    # Pairs of one strength stand for equal shares, whichever comes first.
    _, group = np.unique(strengths, return_inverse=True)
    shares = (np.bincount(group, shares) / np.bincount(group))[group]
    return tuple(np.maximum(shares, MIN_BACKLOG_SHARE).tolist())


def ensure_enough(is_duplicate: Sequence[bool]) -> None:
    """Raise `NotEnoughVerdictsError` where there are too few verdicts to learn from."""
    if len(is_duplicate) < MIN_VERDICTS:
        raise NotEnoughVerdictsError(
            f"There are {len(is_duplicate)} verdicts to learn from; it takes {MIN_VERDICTS}."
        )


def _weights(units: Matrix, labels: NDArray[np.int64]) -> tuple[tuple[float, ...], float]:
    """Return the weights of standard units and the intercept.

    Scaling a column by the square root of a variance is a prior of that variance on its weight.
    """
    variance = np.full(units.shape[1], VARIANCE_A_VERDICT * len(labels))
    variance[0] = CLOSENESS_VARIANCE
    whole = _logistic(units * np.sqrt(variance), labels)
    weights = whole.coef_[0] * np.sqrt(variance)
    return tuple(weights.tolist()), float(whole.intercept_[0])


def _platt(strengths: Matrix, labels: NDArray[np.int64]) -> tuple[float, float]:
    """Return the slope (not below 0) and offset of a logistic curve through the verdicts.

    Each verdict counts a little for the other class, too, as in Platt's paper, so that a few of one
    class do not make the curve certain.
    """
    duplicates = int(labels.sum())
    sure = np.where(
        labels == 1, (duplicates + 1) / (duplicates + 2), 1 / (len(labels) - duplicates + 2)
    )
    spread = float(strengths.std()) or 1.0
    column = np.concatenate([strengths, strengths])[:, None] / spread
    both = np.repeat([1, 0], len(labels))
    curve = _logistic(column, both, np.concatenate([sure, 1 - sure]))
    slope, offset = float(curve.coef_[0, 0]) / spread, float(curve.intercept_[0])
    if slope > 0:
        return slope, offset
    share = float(sure.mean())
    return 0.0, float(np.log(share / (1 - share)))


def _usual(
    backlog: Sequence[PairFeatures], names: Sequence[str], verbosity: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    rows = rows_of(backlog, names, verbosity)
    known = np.ma.masked_invalid(rows)
    mean, scale = known.mean(axis=0).filled(0.0), known.std(axis=0).filled(1.0)
    scale[scale < MIN_SCALE] = 1.0
    return tuple(mean.tolist()), tuple(scale.tolist())


def _logistic(
    columns: Matrix, labels: NDArray[np.int64], weights: Matrix | None = None
) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1.0, max_iter=1_000).fit(columns, labels, sample_weight=weights)
