"""Ranking that fits the corpus: centring, density, words, and neighbours' neighbours.

Constants were chosen on the public sets of `python -m benchmarks ranking` (2026-11-23).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# CSLS (Conneau et al., "Word Translation Without Parallel Data", 2018) would take 0.5.
DENSITY_WEIGHT = 0.3

# Words count for nothing in one-liners, and for a third in a corpus of long tickets.
SHORT_TICKET, LONG_TICKET = 8, 32
MAX_LEXICAL = 0.3
# Products are told apart by their names' letters.
PRODUCT_LEXICAL = 0.7

# Alpha query expansion (Radenović et al., "Fine-tuning CNN Image Retrieval", 2018) with alpha 2.
EXPANSION = 2
EXPANSION_ALPHA = 2.0


def lexical_weight(kind: str, median_length: float) -> float:
    """Return the share of words in a score; `median_length` is that of the corpus, in words."""
    if kind == "product":
        return PRODUCT_LEXICAL
    share = (median_length - SHORT_TICKET) / (LONG_TICKET - SHORT_TICKET)
    return MAX_LEXICAL * min(max(share, 0.0), 1.0)


def centred(vectors: Floats, centre: Floats) -> Floats:
    """Return unit vectors, shape `(n, dim)`, without the corpus's mean, again of length 1."""
    moved = vectors - centre
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def best_chunk_pairs(rows: Floats, starts: NDArray[np.int64]) -> Floats:
    """Return how alike texts are to each other, shape `(n, n)`: the cosine of the best chunk pair.

    `rows`, shape `(chunks, dim)`, are all chunks' unit vectors; `starts`, shape `(n,)`, where each
    text's begin.
    """
    alike = rows @ rows.T
    by_text = np.maximum.reduceat(np.maximum.reduceat(alike, starts, axis=0), starts, axis=1)
    return np.asarray(by_text, dtype=np.float32)


def centred_density(nearest: Floats, projection: Floats, centre: Floats) -> Floats:
    """Return how close items lie to their nearest ones, in centred similarity.

    `nearest`, shape `(n,)`, is the mean cosine of each item to its ten nearest, before centring;
    `projection` the dot product of each item with `centre`. Neighbours are taken to have the same
    projection: then cos' = (cos - 2p + c·c) / (1 - 2p + c·c). So what is stored stays right while
    the centre moves; on the public sets it ranks as well as densities computed anew.
    """
    shift = centre @ centre - 2 * projection
    return np.asarray((nearest + shift) / np.maximum(1 + shift, 1e-6), dtype=np.float32)


def score(dense: Floats, lexical: Floats, density: Floats, weight: float) -> Floats:
    """Return the candidates' scores, shape `(n,)`, higher is more alike.

    `dense` and `lexical`, shape `(n + 1, n + 1)`, hold the similarities of the item (first) and of
    its candidates to each other: centred cosines, and cosines of words; `density`, shape
    `(n + 1,)`. Scores order the candidates of one item; they are no probability.
    """
    alike = (1 - weight) * dense + weight * lexical - DENSITY_WEIGHT * density[None, :]
    own = alike[0, 1:]
    nearest = np.argsort(-own, kind="stable")[:EXPANSION]
    trust = np.clip(dense[0, 1:][nearest], 0, 1) ** EXPANSION_ALPHA
    views = alike[1:, 1:][nearest]
    return np.asarray((own + trust @ views) / (1 + trust.sum()), dtype=np.float32)
