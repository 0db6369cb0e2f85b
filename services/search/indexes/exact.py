"""Nearest neighbours by comparing with all rows: exact, and fast where few rows pass a filter."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, select

from models import MAX_STATEMENTS, Embedding, Item
from services.search.indexes.contract import (
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
    statement = _live_vectors(fingerprint, wanted.workspace_id, wanted.where)
    return best_of_rows(connection, statement, vectors, wanted)


def search_passing(
    connection: Connection, vectors: NDArray[np.float32], fingerprint: str, wanted: Wanted
) -> list[list[Candidate]]:
    """Return the same by way of the items that pass: of a large workspace they may be few.

    Not for every search: it also reads the items that have no vectors, such as erased ones, which a
    small workspace may have many of (26,000 beside 4,000 live ones take twice the time).
    """
    statement = _vectors_of_passing(fingerprint, wanted.where)
    return best_of_rows(connection, statement, vectors, wanted)


@lru_cache(MAX_STATEMENTS)
def _vectors_of_passing(fingerprint: str, where: ColumnElement[bool]) -> Select[int, Any]:
    """Return the statement for what passes a condition, which is kept with it."""
    # Without the workspace of the vectors, which `where` has of the items: SQLite would begin with
    # all of the workspace's vectors.
    passing = select(Item.id).where(Item.deleted_at.is_(None), where)
    return select(Embedding.item_id, Embedding.vector).where(
        Embedding.fingerprint == fingerprint, Embedding.item_id.in_(passing)
    )


@lru_cache(MAX_STATEMENTS)
def _live_vectors(
    fingerprint: str, workspace_id: int, where: ColumnElement[bool]
) -> Select[int, Any]:
    """Return the statement for what passes a condition, which is kept with it."""
    rows = live_embeddings(Embedding.item_id, Embedding.vector, fingerprint=fingerprint)
    return rows.where(Embedding.workspace_id == workspace_id, where)


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
