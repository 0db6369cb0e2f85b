"""Ranking that fits the corpus: centring, density, words, rare terms, expansion, and a walk.

Constants were chosen on the public sets of `python -m benchmarks ranking` (2026-11-28, those of the
walk 2026-11-30).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# CSLS (Conneau et al., "Word Translation Without Parallel Data", 2018) uses 0.5.
DENSITY_WEIGHT = 0.3

# Words count nothing where tickets are one-liners, and up to 40 % where they are long.
SHORT_TICKET, LONG_TICKET = 8, 32
MAX_LEXICAL = 0.4

# What the rare terms that both have add at most, where tickets are long.
RARE_WEIGHT = 0.1

# What the same error adds, however long tickets are.
ERROR_WEIGHT = 0.4

# Alpha query expansion (Radenović et al., "Fine-tuning CNN Image Retrieval", 2018) with alpha 2.
EXPANSION = 2
EXPANSION_ALPHA = 2.0

# A walk with restart (Zhou et al., "Ranking on Data Manifolds", 2003): each candidate is joined to
# its nearest ones, the nearer the likelier, and the walk goes on, rather than back to the query,
# with the probability `WALK_ON`. Ten steps rank no better than five.
WALK_NEAREST = 4
WALK_POWER = 8
WALK_ON = 0.8
WALK_STEPS = 5
WALK_WEIGHT = 0.05
# A share that is next to nothing: what no path leads to is not infinitely far.
WALK_FLOOR = 1e-4
# Among fewer candidates the nearest of most are missing, and the walk gains next to nothing.
MIN_WALKED = 100

# OpenBLAS has one thread for so many products of two numbers (`interface/gemm.c`); of more rows
# than these, several threads are faster on quiet cores.
MAX_PRODUCTS_OF_THREAD = 262_144
MAX_ROWS_AT_ONCE = 200


def verbosity(median_length: float) -> float:
    """Return how long a corpus's tickets are: 0 for one-liners, 1 from 32 terms on.

    `median_length` is that of the corpus, in terms.
    """
    share = (median_length - SHORT_TICKET) / (LONG_TICKET - SHORT_TICKET)
    return min(max(share, 0.0), 1.0)


def lexical_weight(median_length: float) -> float:
    """Return the share of words in a ticket's score; `median_length` is that of the corpus."""
    return MAX_LEXICAL * verbosity(median_length)


def centred(vectors: Floats, centre: Floats) -> Floats:
    """Return unit vectors, shape `(n, dim)`, less the corpus's mean, at length 1 again."""
    moved = vectors - centre
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def best_chunk_pairs(rows: Floats, starts: NDArray[np.int64]) -> Floats:
    """Return the cosine of the best chunk pair of every two texts, shape `(n, n)`.

    `rows`, shape `(chunks, dim)`, are the unit vectors of all chunks; `starts`, shape `(n,)`, is
    the first row of each text.
    """
    cosines = _dot_products(rows)
    by_text = np.maximum.reduceat(np.maximum.reduceat(cosines, starts, axis=0), starts, axis=1)
    return np.asarray(by_text, dtype=np.float32)


def _dot_products(rows: Floats) -> Floats:
    """Return the dot products of all rows, shape `(n, n)`.

    A few rows are multiplied in parts that OpenBLAS gives to one thread: where other work has the
    cores, two threads wait for each other a hundred times as long as the product takes.
    """
    if len(rows) > MAX_ROWS_AT_ONCE:
        return np.asarray(rows @ rows.T, dtype=np.float32)
    step = max(MAX_PRODUCTS_OF_THREAD // max(rows.size, 1), 1)
    parts = [rows[start : start + step] @ rows.T for start in range(0, len(rows), step)]
    return np.concatenate(parts)


def centred_density(nearest: Floats, projection: Floats, centre: Floats) -> Floats:
    """Return the density around items after centring, shape `(n,)`.

    `nearest`, shape `(n,)`, is the mean cosine of each item to its ten nearest before centring;
    `projection`, shape `(n,)`, the dot product of each item with `centre`. It assumes that
    neighbours have the same projection: then cos' = (cos - 2p + c·c) / (1 - 2p + c·c). So stored
    densities stay valid while the centre moves; on the public sets they rank as well as densities
    computed after centring.
    """
    shift = centre @ centre - 2 * projection
    return np.asarray((nearest + shift) / np.maximum(1 + shift, 1e-6), dtype=np.float32)


def score(
    dense: Floats,
    lexical: Callable[[Sequence[int]], Floats],
    density: Floats,
    weight: float,
) -> Floats:
    """Return the candidates' scores, shape `(n,)`; higher is more similar.

    `dense`, shape `(n + 1, n + 1)`, are the centred cosines between the query (first) and its
    candidates; `lexical` gives the rows of the similarities of words, shape `(rows, n + 1)`, few of
    which are needed; `density` has shape `(n + 1,)`; `weight` is the share of words. Scores order
    the candidates of one query; they are not probabilities.
    """

    def similar(rows: Sequence[int]) -> Floats:
        words = weight * lexical(rows)[:, 1:] if weight else np.float32(0)
        blended = (1 - weight) * dense[rows, 1:] + words - DENSITY_WEIGHT * density[1:]
        return np.asarray(blended, dtype=np.float32)

    own = similar([0])[0]
    nearest = np.argsort(-own, kind="stable")[:EXPANSION]
    trust = np.clip(dense[0, 1:][nearest], 0, 1) ** EXPANSION_ALPHA
    views = similar((nearest + 1).tolist())
    return np.asarray((own + trust @ views) / (1 + trust.sum()), dtype=np.float32)


def walk_gains(similarity: Floats) -> Floats:
    """Return what a walk from the query adds to each candidate's score, shape `(n,)`; at most 0.

    `similarity`, shape `(n + 1, n + 1)`, is that of the query (first) and its candidates, meaning
    and words; its diagonal does not matter. What lies on many paths from the query, each step to
    one of the nearest, is about the same matter even where it is not so near itself.
    """
    near = np.clip(similarity, 0, 1)
    np.fill_diagonal(near, 0)
    least = np.partition(near, -WALK_NEAREST, axis=1)[:, -WALK_NEAREST]
    joined = np.where(near >= np.minimum(least[:, None], least), near**WALK_POWER, 0)
    degrees = np.sqrt(np.maximum(joined.sum(axis=1), 1e-9))
    steps = joined / np.outer(degrees, degrees)
    start = np.zeros(len(near), dtype=np.float32)
    start[0] = 1
    shares = start
    for _ in range(WALK_STEPS):
        shares = WALK_ON * (shares @ steps) + (1 - WALK_ON) * start
    return np.asarray(WALK_WEIGHT * np.log(shares[1:] + WALK_FLOOR), dtype=np.float32)
