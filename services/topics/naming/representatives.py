"""The tickets that represent a topic: the nearest to its mean, and ones that differ from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Representatives:
    """Positions of tickets: the one nearest to its topic's mean, and ones that differ from it."""

    exemplar: int
    others: tuple[int, ...]


def representatives(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    centroids: NDArray[np.float32],
    *,
    differing: int = 3,
) -> list[Representatives | None]:
    """Return the tickets that represent each topic: the exemplar, and up to `differing` others.

    By maximal marginal relevance (Carbonell and Goldstein 1998,
    https://doi.org/10.1145/290941.291025) with equal weights; equal tickets are taken once.
    `vectors`, `(n, d)`, and `centroids`, `(topics, d)`, have unit length. None for a topic without
    tickets.
    """
    return [
        _representatives(vectors, np.flatnonzero(labels == topic), centroids[topic], differing)
        for topic in range(len(centroids))
    ]


def _representatives(
    vectors: NDArray[np.float32],
    places: NDArray[np.int64],
    centroid: NDArray[np.float32],
    differing: int,
) -> Representatives | None:
    if not len(places):
        return None
    rows = vectors[places]
    relevance = rows @ centroid
    chosen = [int(np.argmax(relevance))]
    similarity = rows @ rows[chosen[0]]
    while len(chosen) <= differing:
        gain = np.where(similarity < 1 - 1e-3, relevance - similarity, -np.inf)
        best = int(np.argmax(gain))
        if not np.isfinite(gain[best]):
            break
        chosen.append(best)
        similarity = np.maximum(similarity, rows @ rows[best])
    return Representatives(int(places[chosen[0]]), tuple(int(places[one]) for one in chosen[1:]))
