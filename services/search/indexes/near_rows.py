"""Candidates from the nearest rows of an index that may be behind the database.

Of the rows that an index names only those count that the database still has and whose items pass
the condition. Where a condition leaves too few, more rows are asked for, and at last the rows that
pass are compared one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from services.search.indexes.contract import (
    MAX_REACH,
    OVERFETCH,
    Candidate,
    Wanted,
    at_least,
    best_per_item,
)
from services.search.indexes.embedding_rows import EmbeddingRows
from services.search.indexes.exact import search_passing

# A search that finds too few rows, because a filter is narrow, is repeated with this many
# neighbours; where that is not enough either, the rows that pass the filter are scored exactly.
MAX_NEIGHBOURS = 256

# Most rows that an index names are live and pass: as many as are asked for and this share more are
# looked up first, and the others only where those are too few.
SPARE_SHARE = 0.25

# By how much an index's similarities may be off; and the id of no row.
ROUNDING, NO_ROW = 1e-4, 0

Rows = NDArray[np.float32]

# Takes vectors, shape `(n, dim)`, and a number of neighbours; returns the ids of the nearest rows
# and their similarities, both of shape `(n, neighbours)` or narrower, padded with `NO_ROW`.
Near = Callable[[Rows, int], tuple[NDArray[np.int64], Rows]]


@dataclass(frozen=True)
class NearRows:
    """A search by the rows that `near` names."""

    connection: Connection
    stored: EmbeddingRows
    near: Near
    wanted: Wanted

    def find(self, vectors: Rows, *, count: int) -> list[list[Candidate]]:
        """Return what `VectorIndex.search` does, by an index of `count` rows."""
        if self.wanted.min_similarity is not None:
            return self._scored(vectors, min(MAX_REACH, count))
        neighbours = min(self.wanted.limit * OVERFETCH, count)
        found = self._scored(vectors, neighbours)
        short = self._short(found)
        if short and neighbours < min(MAX_NEIGHBOURS, count):
            more = self._scored(vectors[short], min(MAX_NEIGHBOURS, count))
            for row, candidates in zip(short, more, strict=True):
                found[row] = candidates
            short = self._short(found)
        if short:
            for row, candidates in zip(short, self._exact(vectors[short]), strict=True):
                found[row] = candidates
        return found

    def _short(self, found: list[list[Candidate]]) -> list[int]:
        return [row for row, candidates in enumerate(found) if len(candidates) < self.wanted.limit]

    def _exact(self, vectors: Rows) -> list[list[Candidate]]:
        return search_passing(self.connection, vectors, self.stored.fingerprint, self.wanted)

    def _scored(self, vectors: Rows, neighbours: int) -> list[list[Candidate]]:
        floor = self.wanted.min_similarity
        labels, similarities = self.near(vectors, neighbours)
        if floor is not None:  # rows further away need not be read
            labels = np.where(similarities >= floor - ROUNDING, labels, NO_ROW)
        limit = self.wanted.limit
        part = limit + int(limit * SPARE_SHARE) if floor is None else neighbours
        items = self._live(labels[:, :part])
        found = _best(labels[:, :part], similarities, items, limit)
        if labels.shape[1] > part and not _are_enough(found, similarities[:, part:], limit):
            found = _best(labels, similarities, items | self._live(labels[:, part:]), limit)
        return at_least(found, floor)

    def _live(self, labels: NDArray[np.int64]) -> dict[int, int]:
        return self.stored.live(self.connection, np.unique(labels).tolist(), self.wanted.where)


def _best(
    labels: NDArray[np.int64], similarities: Rows, items: Mapping[int, int], limit: int
) -> list[list[Candidate]]:
    """Return each query's best items; `items` are those of the live rows, by the rows' ids."""
    found = []
    for ids, own in zip(labels.tolist(), similarities, strict=True):
        live = [place for place, label in enumerate(ids) if label in items]
        found.append(best_per_item([items[ids[place]] for place in live], own[live], limit))
    return found


def _are_enough(found: Sequence[Sequence[Candidate]], others: Rows, limit: int) -> bool:
    """Say whether each query has found so many items that none of the other rows can be better."""
    return all(
        len(own) == limit and own[-1].similarity > similarity
        for own, similarity in zip(found, others.max(axis=1).tolist(), strict=True)
    )
