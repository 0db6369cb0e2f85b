"""Checks the recall of an index against exact search over the database."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from models import Database, Embedding
from services.search.indexes.contract import READ_ROWS, VectorIndex, best_per_item, live_embeddings

TRUE_NEIGHBOURS = 10

# An index that finds a smaller share of them is to be rebuilt.
MIN_RECALL = 0.95


@dataclass(frozen=True)
class IndexCheck:
    """The number of queries, and the share of their true neighbours that was found.

    Without queries nothing was checked, and the share is 0.
    """

    queries: int
    recall: float


def check_index(
    database: Database, index: VectorIndex, *, fingerprint: str, queries: int, seed: int
) -> IndexCheck:
    """Search for random stored vectors and compare the neighbours with the exact ones."""
    hits: list[float] = []
    for workspace_id, vectors in _sample(database, fingerprint, queries, seed).items():
        found = index.search(vectors, workspace_id=workspace_id, limit=TRUE_NEIGHBOURS)
        exact = _exact_floor(database, fingerprint, workspace_id, vectors)
        # An item counts where it is as near as the tenth true neighbour: ties are arbitrary.
        hits += [
            sum(candidate.similarity >= floor - 1e-5 for candidate in candidates) / wanted
            for candidates, (floor, wanted) in zip(found, exact, strict=True)
        ]
    return IndexCheck(len(hits), float(np.mean(hits)) if hits else 0.0)


def _sample(
    database: Database, fingerprint: str, queries: int, seed: int
) -> dict[int, NDArray[np.float32]]:
    """Return random stored vectors by their workspace, each of shape `(n, dim)`."""
    found: dict[int, list[NDArray[np.float32]]] = {}
    with database.read() as session:
        ids = session.scalars(live_embeddings(Embedding.id, fingerprint=fingerprint)).all()
        chosen = np.random.default_rng(seed).permutation(len(ids))[:queries]
        rows = session.execute(
            select(Embedding.workspace_id, Embedding.vector).where(
                Embedding.id.in_([ids[index] for index in chosen])
            )
        )
        for workspace_id, vector in rows:
            found.setdefault(workspace_id, []).append(vector)
    return {workspace_id: np.stack(own) for workspace_id, own in found.items()}


def _exact_floor(
    database: Database, fingerprint: str, workspace_id: int, vectors: NDArray[np.float32]
) -> list[tuple[float, int]]:
    """Return for each query the cosine of its tenth true neighbour, and how many there are."""
    best: list[dict[int, float]] = [{} for _ in vectors]
    with database.read() as session:
        rows = session.execute(
            live_embeddings(Embedding.item_id, Embedding.vector, fingerprint=fingerprint).where(
                Embedding.workspace_id == workspace_id
            ),
            execution_options={"yield_per": READ_ROWS},  # or all vectors would be in memory
        )
        for part in rows.partitions(READ_ROWS):
            item_ids = [row.item_id for row in part]
            scores = vectors @ np.stack([row.vector for row in part]).T
            for query, similarities in enumerate(scores):
                for candidate in best_per_item(item_ids, similarities, TRUE_NEIGHBOURS):
                    known = best[query].get(candidate.item_id, -2.0)
                    best[query][candidate.item_id] = max(known, candidate.similarity)
    ranked = [sorted(scores.values(), reverse=True)[:TRUE_NEIGHBOURS] for scores in best]
    return [(scores[-1], len(scores)) for scores in ranked]
