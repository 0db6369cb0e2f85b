"""Random vectors, items that have them, their erasure, and what a search should find."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select

from models import Database, Embedding, Erasure, Item, Workspace
from tests.remembering import START

DIM = 384
FINGERPRINT = "test@1/384/clean2"

# The id of the first workspace of a new database.
WORKSPACE = 1


def random_vectors(number: int, seed: int = 0) -> NDArray[np.float32]:
    """Return random unit vectors in loose clusters, as texts have them."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(number // 12, 1), DIM))
    rows = centres[random.integers(len(centres), size=number)] + 0.8 * random.standard_normal(
        (number, DIM)
    )
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def add_items(
    database: Database,
    rows: NDArray[np.float32],
    *,
    chunks: int = 1,
    fingerprint: str = FINGERPRINT,
    team_id: str = "T1",
) -> list[int]:
    """Store one item for each `chunks` rows in a workspace, and return the items' ids."""
    with database.write() as session:
        found = session.scalar(select(Workspace).where(Workspace.team_id == team_id))
        workspace = found or Workspace(team_id=team_id, created_at=START)
        session.add(workspace)
        session.flush()
        before = session.scalar(select(func.count(Item.id))) or 0
        items = [
            Item(
                workspace_id=workspace.id,
                kind="ticket" if number % 2 else "product",
                source="test",
                external_id=str(before + number),
                text="",
                created_at=START,
                updated_at=START,
            )
            for number in range(len(rows) // chunks)
        ]
        session.add_all(items)
        session.flush()
        embeddings = [
            {
                "item_id": items[number // chunks].id, "chunk": number % chunks,
                "fingerprint": fingerprint, "dim": rows.shape[1], "text_hash": str(number),
                "vector": row, "workspace_id": workspace.id,
            }
            for number, row in enumerate(rows)
        ]  # fmt: skip
        session.execute(insert(Embedding), embeddings)
        return [item.id for item in items]


def erase(database: Database, ids: Sequence[int]) -> None:
    """Delete the vectors of items, and note that this was an erasure."""
    with database.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id.in_(ids)))
        session.add(
            Erasure(
                workspace_id=WORKSPACE, kind="item", subject="x", asked_by="U1", asked_at=START,
                emptied_at=START,
            )
        )  # fmt: skip


def brute_force(
    rows: NDArray[np.float32], item_ids: list[int], query: NDArray[np.float32], limit: int
) -> dict[int, float]:
    """Return the best items by comparing every row; an item counts with its best chunk."""
    best: dict[int, float] = {}
    for item_id, similarity in zip(item_ids, (rows @ query).tolist(), strict=True):
        best[item_id] = max(similarity, best.get(item_id, -2))
    return dict(sorted(best.items(), key=lambda pair: -pair[1])[:limit])
