"""Calibration: a model fitted to a team's own verdicts, whose probabilities hold.

First a logistic regression over the features, shrunk towards a prior. Then its out-of-fold scores
are calibrated against the verdicts (Platt, "Probabilistic Outputs for Support Vector Machines",
1999), so that the probability shown is the share that was right among pairs not used for fitting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from services.errors import NotEnoughVerdictsError
from services.judgement.features import PairFeatures
from services.judgement.metrics import Matrix, PairReport, pair_report

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

FEATURES = tuple(field.name for field in fields(PairFeatures))
_FEATURE_VALUES = attrgetter(*FEATURES)

# Fewer verdicts say more about chance than about the team.
MIN_VERDICTS = 50
MIN_OF_EACH = 10
FOLDS = 10

# Variances of the weights before any verdict is seen, in standardised units: the model may go far
# in the prior's direction, and each feature may depart from it a little. Chosen on the public sets,
# each time with a prior from the others (`python -m benchmarks judgement`).
PRIOR_VARIANCE = 10.0
FEATURE_VARIANCE = 0.7
# Beyond these a pair is practically certain, and an error of the model costs most.
MAX_STANDARD = 4.0
MAX_SCORE = 4.0

# People review what scores high. The more similar half of the reviewed pairs is easy and says
# little about pairs still to be judged: it has this weight when probabilities are calibrated.
EASY_WEIGHT = 0.1

# The probability from which a pair is called a duplicate, where no channel says otherwise.
DEFAULT_THRESHOLD = 0.9


@dataclass(frozen=True)
class Prior:
    """What is assumed of a kind of items before any verdict; in the order of `FEATURES`.

    `mean` and `scale` are the usual values of each feature, `weights` its expected direction.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Model:
    """A fitted model; tuples are in the order of `FEATURES`.

    Its fields are stored as JSON: a new name needs a migration.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    slope: float
    offset: float

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Model:
        """Return the model that was stored as JSON from `dataclasses.asdict`."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
        }
        return cls(**values)

    def probabilities(self, features: Sequence[PairFeatures]) -> Matrix:
        """Return the probability that each pair is a duplicate, shape `(n,)`."""
        scores = standardised(features, self.mean, self.scale) @ np.array(self.weights)
        scores = np.clip(scores + self.intercept, -MAX_SCORE, MAX_SCORE)
        return np.asarray(1 / (1 + np.exp(-(self.slope * scores + self.offset))))

    def contributions(self, features: PairFeatures) -> dict[str, float]:
        """Return what each feature adds to the log-odds, relative to a usual pair; unknown: 0."""
        units = standardised([features], self.mean, self.scale)[0]
        added = (units * np.array(self.weights) * self.slope + 0.0).tolist()  # -0.0 is 0
        return dict(zip(FEATURES, added, strict=True))

    @property
    def highest(self) -> float:
        """The greatest probability that any pair can have."""
        return float(1 / (1 + np.exp(-(self.slope * MAX_SCORE + self.offset))))


@dataclass(frozen=True)
class FittedModel:
    """A model, and its metrics on pairs that it was not fitted to."""

    model: Model
    report: PairReport


def fit(
    features: Sequence[PairFeatures], is_duplicate: Sequence[bool], prior: Prior
) -> FittedModel:
    """Fit a model to verdicts; the same verdicts give the same model.

    Raises `NotEnoughVerdictsError` where there are too few, or too few of one class.
    """
    labels = np.array(is_duplicate, dtype=np.int64)
    ensure_enough(is_duplicate)
    standard = standardised(features, prior.mean, prior.scale)
    # Scaling a column by the square root of a variance is a prior of that variance on its weight.
    towards = np.array(prior.weights) / np.abs(prior.weights).sum() * 2
    columns = np.column_stack(
        [
            standard @ towards * np.sqrt(PRIOR_VARIANCE),
            standard * np.sqrt(FEATURE_VARIANCE),
        ]
    )
    unseen = _out_of_fold_scores(columns, labels)
    similarity = np.array([one.similarity for one in features])
    easy = np.where(similarity >= np.median(similarity), EASY_WEIGHT, 1.0)
    platt = _logistic(unseen[:, None], labels, easy)
    slope, offset = max(float(platt.coef_[0, 0]), 0.0), float(platt.intercept_[0])
    whole = _logistic(columns, labels)
    along, apart = whole.coef_[0, 0], whole.coef_[0, 1:]
    weights = along * np.sqrt(PRIOR_VARIANCE) * towards + apart * np.sqrt(FEATURE_VARIANCE)
    model = Model(
        prior.mean, prior.scale, tuple(weights.tolist()), float(whole.intercept_[0]), slope, offset
    )
    return FittedModel(model, report(1 / (1 + np.exp(-(slope * unseen + offset))), labels))


def _out_of_fold_scores(columns: Matrix, labels: NDArray[np.int64]) -> Matrix:
    """Return each pair's clipped score from a model that was not fitted to it, shape `(n,)`."""
    from sklearn.model_selection import StratifiedKFold

    scores = np.empty(len(labels))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for known, held_out in folds.split(columns, labels):
        fold = _logistic(columns[known], labels[known])
        scores[held_out] = fold.decision_function(columns[held_out])
    return np.clip(scores, -MAX_SCORE, MAX_SCORE)


def standardised(
    features: Sequence[PairFeatures], mean: Sequence[float], scale: Sequence[float]
) -> Matrix:
    """Return the features in standard units, shape `(n, features)`; unknown ones are 0."""
    rows = np.array(list(map(_FEATURE_VALUES, features)), dtype=np.float64).reshape(
        -1, len(FEATURES)
    )
    units = np.clip((rows - np.array(mean)) / np.array(scale), -MAX_STANDARD, MAX_STANDARD)
    return np.asarray(np.nan_to_num(units, nan=0.0), dtype=np.float64)


def report(probabilities: Matrix, labels: NDArray[np.int64]) -> PairReport:
    """Return the metrics of probabilities; pairs at the default threshold or above are flagged."""
    return pair_report(probabilities, probabilities >= DEFAULT_THRESHOLD, labels, probabilities)


def _logistic(
    columns: Matrix, labels: NDArray[np.int64], weights: Matrix | None = None
) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1.0, max_iter=1_000).fit(columns, labels, sample_weight=weights)


def ensure_enough(is_duplicate: Sequence[bool]) -> None:
    """Raise `NotEnoughVerdictsError` where there are too few verdicts to fit a model to."""
    duplicates = sum(is_duplicate)
    others = len(is_duplicate) - duplicates
    if len(is_duplicate) < MIN_VERDICTS or min(duplicates, others) < MIN_OF_EACH:
        raise NotEnoughVerdictsError(
            f"There are {duplicates} duplicates and {others} others among the verdicts; "
            f"a model needs {MIN_VERDICTS} verdicts, at least {MIN_OF_EACH} of each."
        )


# Similarity and a shared rare word speak for a duplicate; a dense neighbourhood, other codes and
# another price against it. The other features count nothing until a team's verdicts say so.
PRIORS = {
    "ticket": Prior(
        mean=(0.5615, 0.5333, 0.3135, 0.2122, 0.0, 0.2025, 0.1, 0.4896, 0.0178, 0.0, 3.4, 0.5),
        scale=(0.2798, 0.1319, 0.2692, 0.2451, 1.0, 0.2316, 0.2616, 0.2004, 0.0475, 1.0, 1.5, 0.5),
        weights=(1.6776, -0.6464, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1537, -1.3127, 0.0, 0.0, 0.0),
    ),
    "product": Prior(
        mean=(
            0.7363, 0.727, 0.562, 0.4358, 0.6312, 0.4792, 0.3366, 0.6313, 0.1278, 0.5082, 3.4, 0.5,
        ),
        scale=(
            0.2603, 0.1378, 0.3124, 0.3337, 0.294, 0.317, 0.3798, 0.1672, 0.1505, 0.5624, 1.5, 0.5,
        ),
        weights=(0.3163, -0.1556, 0.0, 0.0, 0.0, 0.0, 0.134, 2.0604, -1.4188, -1.4347, 0.0, 0.0),
    ),
}  # fmt: skip
