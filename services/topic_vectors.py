"""One vector a ticket: the mean of its chunks'."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import Embedding
from services.alike_graph import unit

# Rows that are read at once.
ROWS = 5_000


def mean_vectors(
    session: Session, items: Select[int], fingerprint: str
) -> tuple[list[int], NDArray[np.float32]]:
    """Return those of some items (a query of ids) that have vectors of a model, in order of id.

    And of each the mean of its chunks' vectors at length 1, `(n, d)`; `(0, 1)` where there is none.
    """
    rows = session.execute(
        select(Embedding.item_id, Embedding.vector)
        .where(Embedding.item_id.in_(items), Embedding.fingerprint == fingerprint)
        .order_by(Embedding.item_id, Embedding.chunk)
        .execution_options(yield_per=ROWS)
    )
    sums: dict[int, NDArray[np.float32]] = {}
    for item_id, vector in rows:
        sums[item_id] = sums[item_id] + vector if item_id in sums else vector
    if not sums:
        return [], np.zeros((0, 1), dtype=np.float32)
    return list(sums), unit(np.stack(list(sums.values())).astype(np.float32))
