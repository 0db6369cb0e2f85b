"""How strong the evidence on pairs is: their closeness, and what a model makes of all features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.judgement.features import PairFeatures
from services.judgement.learned_model import Model
from services.judgement.metrics import Matrix

# How much of the gap to the next candidates counts beside the similarity, where tickets are long.
GAP_WEIGHT = 0.3

MAX_STANDARD = 3.0


def strengths_of(model: Model, features: Sequence[PairFeatures]) -> Matrix:
    """Return how strong the evidence on each pair is to a model, shape `(n,)`."""
    if not model.weights:
        return closeness(features, model.verbosity)
    units = standardised(features, model)
    return np.asarray(units @ np.array(model.weights) + model.intercept)


def probabilities_of(model: Model, strengths: Matrix) -> Matrix:
    """Return the probability that pairs of these strengths are duplicates, shape `(n,)`."""
    return np.asarray(1 / (1 + np.exp(-(model.slope * strengths + model.offset))))


def closeness(features: Sequence[PairFeatures], verbosity: float) -> Matrix:
    """Return how close the two of each pair are, shape `(n,)`: similarity, and part of the gap."""
    weight = GAP_WEIGHT * verbosity
    return np.array([one.similarity + weight * one.gap for one in features], dtype=np.float64)


def standardised(features: Sequence[PairFeatures], model: Model) -> Matrix:
    """Return closeness and features in standard units, shape `(n, 1 + features)`; unknown: 0."""
    rows = rows_of(features, model.features, model.verbosity)
    units = np.clip((rows - model.mean) / model.scale, -MAX_STANDARD, MAX_STANDARD)
    return np.asarray(np.nan_to_num(units, nan=0.0), dtype=np.float64)


def rows_of(features: Sequence[PairFeatures], names: Sequence[str], verbosity: float) -> Matrix:
    """Return closeness and the named features of each pair, shape `(n, 1 + names)`."""
    columns = [[getattr(one, name) for one in features] for name in names]
    return np.column_stack([closeness(features, verbosity), *columns])
