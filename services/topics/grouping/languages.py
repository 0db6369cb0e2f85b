"""What the tickets of a language have in common in their vectors, which is no matter, is left out.

A model puts the same matter in two languages apart by about the same step for all matters. Without
the mean of its language a ticket is near the same matter in the others (after Yang et al. 2021,
https://arxiv.org/abs/2109.04727): benchmarks/README.md, `languages`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.topics.grouping.clustering import cluster
from services.topics.grouping.knn_graph import (
    CENTRING_PRIOR,
    MIN_DUPLICATE_COSINE,
    FloatArray,
    unit,
)

# Fewer tickets say little of what their language has in common, and much of their few matters.
MIN_COMPARED = 15
# Of so many tickets nobody needs to look whether they are about several matters.
MAX_COMPARED = 2_000
# If more of a language's tickets are about one matter, their mean is that matter.
MAX_OF_ONE_MATTER = 0.5


def without_languages(
    vectors: FloatArray, languages: Sequence[str | None], same: float = MIN_DUPLICATE_COSINE
) -> FloatArray:
    """Return unit-length vectors of tickets, `(n, d)`, without what is of their `languages`.

    The mean of each language becomes that of the language which most are in, whose vectors stay; it
    is shrunk towards that as if `CENTRING_PRIOR` more tickets were there. Tickets of one language
    are returned as they are, and so are those of no known language, of one that few are in, or
    whose tickets are mostly about one matter. Those whose cosine is `same` or more count as one.
    """
    own = {
        language: np.array([one == language for one in languages])
        for language in sorted({one for one in languages if one is not None})
    }
    several = [tickets for tickets in own.values() if tickets.sum() >= MIN_COMPARED]
    if len(several) < 2:  # noqa: PLR2004
        return vectors
    *others, most = sorted(several, key=lambda tickets: int(tickets.sum()))
    mean = _mean(vectors[most])
    found = vectors.copy()
    for tickets in others:
        rows = vectors[tickets]
        if _has_several_matters(rows, same):
            share = len(rows) / (len(rows) + CENTRING_PRIOR)
            found[tickets] = unit(rows - share * (_mean(rows) - mean))
    return found


def _mean(rows: FloatArray) -> FloatArray:
    # The last digits of a sum in float32 depend on the order of the tickets, and topics on them.
    return np.asarray(rows.mean(axis=0, dtype=np.float64), dtype=np.float32)


def _has_several_matters(rows: FloatArray, same: float) -> bool:
    """Say whether tickets of one language are about more than one matter."""
    if len(rows) > MAX_COMPARED:
        return True
    labels = cluster(rows, same=same).nearest
    return bool(np.bincount(labels + 1)[1:].max(initial=0) <= MAX_OF_ONE_MATTER * len(rows))
