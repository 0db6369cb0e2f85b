"""What fewer dimensions would take, lose and save, measured on a team's stored vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Embedding, Item, Workspace
from models.items import ItemKind
from models.queries import COMPARED, LIVE
from services.evaluation.model_comparison import BYTES_A_NUMBER, MAX_QUERIES, duplicates_of
from services.judgement.calibration_store import newest_labels
from services.search.embedders.reduced import fit_directions, read_directions, unit_rows

# What an administrator chooses from, beside all.
DIMENSIONS = (64, 128, 256)

# The newest; more take longer to read, and tell the same.
MAX_ROWS = 50_000

TIMED = 20

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class DimensionFigures:
    """A number of dimensions: bytes of vectors an item, MAP by cosine, and a search's time.

    `map` is None where nobody has called anything a duplicate.
    """

    dim: int
    bytes_per_item: float
    map: float | None
    milliseconds: float


@dataclass(frozen=True)
class StoredRows:
    """Vectors `(n, d)`, and the item and the pool (workspace and kind) of each row."""

    vectors: Matrix
    items: NDArray[np.int64]
    pools: NDArray[np.int64]


def measure_dimensions(session: Session, fingerprint: str) -> list[DimensionFigures]:
    """Measure 64, 128, 256 and all dimensions of a model's vectors; none where it has none.

    MAP is that of plain cosines over the tickets that people found duplicates of. The search
    compares one vector with all others, as small databases do.
    """
    rows = _read(session, fingerprint)
    if not len(rows.vectors):
        return []
    relevant = _relevant(session)
    whole = rows.vectors.shape[1]
    found = []
    for dim in (*(one for one in DIMENSIONS if one < whole), whole):
        vectors = rows.vectors
        if dim < whole:
            vectors = unit_rows(vectors @ read_directions(fit_directions(vectors, dim)))
        per_item = BYTES_A_NUMBER * dim * len(vectors) / len(np.unique(rows.items))
        precision = _mean_precision(vectors, rows, relevant)
        found.append(DimensionFigures(dim, per_item, precision, _search_time(vectors)))
    return found


def _read(session: Session, fingerprint: str) -> StoredRows:
    newest = (
        select(Embedding.vector, Item.id, Item.workspace_id, Item.kind)
        .join(Item, Item.id == Embedding.item_id)
        .where(Embedding.fingerprint == fingerprint, LIVE, COMPARED)
        .order_by(Embedding.id.desc())
        .limit(MAX_ROWS)
    )
    found = session.execute(newest).all()
    kinds = get_args(ItemKind)
    pools = [row.workspace_id * len(kinds) + kinds.index(row.kind) for row in found]
    return StoredRows(
        np.array([row.vector for row in found], dtype=np.float32),
        np.array([row.id for row in found], dtype=np.int64),
        np.array(pools, dtype=np.int64),
    )


def _relevant(session: Session) -> dict[int, set[int]]:
    """Return the duplicates of the items that have any, up to a number a workspace and kind."""
    relevant: dict[int, set[int]] = {}
    for workspace_id in session.scalars(select(Workspace.id).order_by(Workspace.id)):
        for kind in get_args(ItemKind):
            own = duplicates_of(newest_labels(session, workspace_id, kind))
            relevant |= dict(list(own.items())[:MAX_QUERIES])
    return relevant


def _mean_precision(
    vectors: Matrix, rows: StoredRows, relevant: Mapping[int, set[int]]
) -> float | None:
    precisions = []
    for query, duplicates in relevant.items():
        own = rows.items == query
        if not own.any():
            continue
        pool = rows.pools == rows.pools[own][0]
        order = _ranked(vectors[own] @ vectors[pool & ~own].T, rows.items[pool & ~own])
        ranks = np.flatnonzero(np.isin(order, list(duplicates))) + 1
        precision = np.arange(1, len(ranks) + 1) / ranks
        precisions.append(float(precision.sum()) / len(duplicates))
    return float(np.mean(precisions)) if precisions else None


def _ranked(cosines: Matrix, items: NDArray[np.int64]) -> Sequence[int]:
    """Return items by their best pair of chunks, the nearest first."""
    order = items[np.argsort(-cosines.max(axis=0), kind="stable")]
    return list(dict.fromkeys(order.tolist()))


def _search_time(vectors: Matrix) -> float:
    """Return the milliseconds of one search, the median of several."""
    seconds = []
    for query in vectors[:TIMED]:
        start = perf_counter()
        np.argpartition(-(vectors @ query), min(10, len(vectors) - 1))
        seconds.append(perf_counter() - start)
    return float(np.median(seconds)) * 1e3
