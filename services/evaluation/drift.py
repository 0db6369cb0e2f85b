"""Drift: whether this month's tickets are farther from the past than last month's were."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from models import Database, Embedding, Item
from models.queries import LIVE
from models.types import FloatVector
from services.search.indexes.contract import VectorIndex, live_embeddings

# Months are compared by samples; fewer tickets than this say nothing.
MONTH = timedelta(days=30)
SAMPLE = 100
MIN_SAMPLE = 30

# A fall of the mean cosine to the nearest earlier ticket is drift from three standard errors on, if
# it is large enough to matter: a reworded ticket loses about as much.
DRIFT_ERRORS = 3.0
MIN_DRIFT = 0.05


# Cosines, shape `(n,)`.
Similarities = Sequence[float] | NDArray[np.floating]


def has_drifted(recent: Similarities, before: Similarities) -> bool:
    """Say whether the mean of `recent` is below that of `before`, more than chance explains."""
    error = math.sqrt(np.var(recent) / len(recent) + np.var(before) / len(before))
    fall = float(np.mean(before) - np.mean(recent))
    return fall >= max(MIN_DRIFT, DRIFT_ERRORS * error)


@dataclass(frozen=True)
class NearestEarlier:
    """Finds how near tickets are to the nearest one of all that were reported before them."""

    database: Database
    index: VectorIndex
    fingerprint: str

    def of_month(self, end: datetime) -> list[float]:
        """Return the cosines of a sample of the tickets of the 30 days before `end`.

        A ticket without an earlier one, or without vectors, has none.
        """
        nearest = []
        with self.database.read() as session:
            tickets = self._sample(session, end)
            vectors = {ticket.id: self._first_vector(session, ticket.id) for ticket in tickets}
        for ticket in tickets:
            vector = vectors[ticket.id]
            if vector is None:
                continue
            earlier = (Item.kind == "ticket") & (Item.created_at < ticket.created_at)
            [found] = self.index.search(
                vector[None, :], workspace_id=ticket.workspace_id, limit=1, where=earlier
            )
            nearest += [one.similarity for one in found]
        return nearest

    def _sample(self, session: Session, end: datetime) -> list[Row[int, int, datetime]]:
        tickets = session.execute(
            select(Item.id, Item.workspace_id, Item.created_at)
            .where(
                LIVE,
                Item.kind == "ticket",
                Item.is_dated,
                Item.created_at >= end - MONTH,
                Item.created_at < end,
            )
            .order_by(Item.id)
        ).all()
        chosen = np.random.default_rng(0).permutation(len(tickets))[:SAMPLE]
        return [tickets[number] for number in chosen]

    def _first_vector(self, session: Session, item_id: int) -> FloatVector | None:
        of_item = live_embeddings(Embedding.vector, fingerprint=self.fingerprint)
        statement = of_item.where(Embedding.item_id == item_id).order_by(Embedding.chunk).limit(1)
        vector: FloatVector | None = session.scalar(statement)
        return vector
