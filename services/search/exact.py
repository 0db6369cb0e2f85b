"""Nearest neighbours by comparing with all rows: exact, and fast where few rows pass a filter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select

from models import Embedding
from services.search.contract import (
    READ_ROWS,
    Candidate,
    Wanted,
    at_least,
    best_per_item,
    live_embeddings,
    merge_candidates,
)


def search_exactly(
    connection: Connection, vectors: NDArray[np.float32], fingerprint: str, wanted: Wanted
) -> list[list[Candidate]]:
    """Return what is wanted for each row of `vectors` (shape `(n, dim)`)."""
    # Read from the database, several times faster than hnswlib's `get_items`.
    statement = live_embeddings(Embedding.item_id, Embedding.vector, fingerprint=fingerprint).where(
        Embedding.workspace_id == wanted.workspace_id, wanted.where
    )
    return best_of_rows(connection, statement, vectors, wanted)


def best_of_rows(
    connection: Connection,
    statement: Select[int, Any],
    vectors: NDArray[np.float32],
    wanted: Wanted,
) -> list[list[Candidate]]:
    """Return the best of the item ids and vectors that a statement selects, for each query."""
    found: list[list[Candidate]] = [[] for _ in vectors]
    for block in connection.execute(statement).partitions(READ_ROWS):  # bounds the memory
        item_ids = np.array([item_id for item_id, _ in block])
        similarities = vectors @ np.stack([vector for _, vector in block]).T
        for query, scores in enumerate(similarities):
            best = best_per_item(item_ids, scores, wanted.limit)
            found[query] = merge_candidates(found[query], best, wanted.limit)
    return at_least(found, wanted.min_similarity)
