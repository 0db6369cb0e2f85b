"""Cosines of any model on one scale: that of the default model, in which all thresholds are given.

What one model calls 0.72 another calls 0.85. Two cosines are the same on this scale if they are as
rare among the pairs of a team's own tickets. That needs no verdicts, only the same tickets read by
both models. Cosines less what all tickets have in common need no scale: those that are as rare as
.72 of the default model are .72 of all-mpnet-base-v2 and of bge-small-en-v1.5
(benchmarks/README.md, `models`).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models import EmbeddingModel
from services.search.embedders.default_model import DEFAULT_MODEL
from services.search.embedders.optimised_names import source_name

Vectors = NDArray[np.float32]

# The default model's cosines that are looked for in another model, up to that of a similar ticket.
# Above, pairs are too few to count, and a straight line to 1 is within .02 (the same benchmark).
STEPS = (0.40, 0.50, 0.65, 0.72)

# A cosine that fewer pairs reach has no certain counterpart.
MIN_PAIRS = 20

# Means over five sets of questions, posts and commands, with a standard deviation of .02.
_MEASURED = {
    DEFAULT_MODEL: STEPS,
    "all-mpnet-base-v2": (0.412, 0.518, 0.671, 0.729),
    "bge-small-en-v1.5": (0.700, 0.746, 0.815, 0.846),
}

_models = EmbeddingModel.__table__
_STORED = select(_models.c.similarity_scale).where(
    _models.c.fingerprint == bindparam("fingerprint")
)


@dataclass(frozen=True)
class SimilarityScale:
    """Cosines of a model, `own`, and those of the default model that are as rare, `default`.

    Both ascend. Between them, and to -1 and 1, the scale is a straight line.
    """

    own: tuple[float, ...] = ()
    default: tuple[float, ...] = ()

    def to_default(self, cosines: NDArray[np.floating]) -> Vectors:
        """Return a model's cosines on the default model's scale, in the same shape."""
        if not self.own:
            return np.asarray(cosines, dtype=np.float32)
        known = (-1.0, *self.own, 1.0), (-1.0, *self.default, 1.0)
        return np.asarray(np.interp(cosines, *known), dtype=np.float32)

    def to_own(self, cosine: float) -> float:
        """Return the model's cosine that is as rare as this one of the default model."""
        if not self.own:
            return cosine
        return float(np.interp(cosine, (-1.0, *self.default, 1.0), (-1.0, *self.own, 1.0)))


SAME_SCALE = SimilarityScale()


def scale_of(session: Session, fingerprint: str) -> SimilarityScale:
    """Return the scale that was learned for a model, else the measured one, else the same scale."""
    if is_default(fingerprint):
        return SAME_SCALE
    stored = session.connection().execute(_STORED, {"fingerprint": fingerprint}).scalar()
    if stored:
        return SimilarityScale(tuple(stored["own"]), tuple(stored["default"]))
    return _measured_scale(fingerprint)


def _measured_scale(fingerprint: str) -> SimilarityScale:
    """Return the measured scale of a model, or of models side by side, whose cosine is the mean.

    What is rare in one of two models is so in the other one: the mean of both scales is within .007
    of the one that is found from their joined vectors (benchmarks/README.md, `models`).
    """
    parts = [source_name(one) for one in fingerprint.partition("@")[0].split("+")]
    scales = [_MEASURED[one] for one in parts if one in _MEASURED]
    if len(scales) < len(parts):
        return SAME_SCALE
    return SimilarityScale(tuple(map(fmean, zip(*scales, strict=True))), STEPS)


def is_default(fingerprint: str) -> bool:
    """Say whether vectors are of the default model, as it is or optimised."""
    return _source(fingerprint) == DEFAULT_MODEL


def _source(fingerprint: str) -> str:
    """Return the model that made vectors; an optimised one has the cosines of its source."""
    return source_name(fingerprint.partition("@")[0])


def fit_scale(own: Vectors, default: Vectors) -> SimilarityScale:
    """Return the scale by two models' unit vectors of the same texts, `(n, dim)` each."""
    ours, theirs = _pairs(own), _pairs(default)
    counts = [int(len(theirs) - np.searchsorted(theirs, step)) for step in STEPS]
    known = {
        step: round(float(ours[-count]), 4)
        for step, count in zip(STEPS, counts, strict=True)
        if count >= MIN_PAIRS
    }
    return SimilarityScale(tuple(known.values()), tuple(known))


def _pairs(vectors: Vectors) -> Vectors:
    """Return the cosines of all pairs, ascending."""
    cosines = vectors @ vectors.T
    return np.sort(cosines[np.triu_indices(len(vectors), 1)])
