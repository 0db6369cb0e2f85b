"""One vector a ticket: the mean of its chunks' vectors."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import Embedding
from services.memory.similarity_scale import scale_of
from services.topics.grouping.knn_graph import MIN_DUPLICATE_COSINE, row_norms

# Rows that are fetched at once.
ROWS = 5_000


def mean_vectors(
    session: Session, items: Select[int], fingerprint: str
) -> tuple[list[int], NDArray[np.float32]]:
    """Return the ids of items (a query of ids) that have vectors of a model, ascending.

    And for each the mean of its chunks' vectors at length 1, `(n, d)`, or `(0, 1)` without any.
    It needs little more memory than the result.
    """
    rows = session.execute(
        select(Embedding.item_id, Embedding.vector)
        .where(Embedding.item_id.in_(items), Embedding.fingerprint == fingerprint)
        .order_by(Embedding.item_id, Embedding.chunk)
        .execution_options(yield_per=ROWS)
    )
    ids: list[int] = []
    # Grows in place; a list of arrays would have to be copied into one table.
    sums = bytearray()
    for item_id, chunks in groupby(rows, key=itemgetter(0)):
        ids.append(item_id)
        sums += np.sum([vector for _, vector in chunks], axis=0, dtype=np.float32).tobytes()
    if not ids:
        return [], np.zeros((0, 1), dtype=np.float32)
    table = np.frombuffer(sums, dtype=np.float32).reshape(len(ids), -1)
    table /= row_norms(table)
    return ids, table


def duplicate_cosine(session: Session, fingerprint: str) -> float:
    """Return the cosine of a model's vectors from which tickets count as one."""
    return scale_of(session, fingerprint).to_own(MIN_DUPLICATE_COSINE)
