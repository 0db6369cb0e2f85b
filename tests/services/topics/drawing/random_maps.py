"""Random tickets in random topics, to be drawn."""

from __future__ import annotations

import numpy as np

from services.topics.drawing.layout import MapTickets

DIM = 16


def random_tickets(tickets: int, topics: int, *, outside: float = 0.2, seed: int = 0) -> MapTickets:
    """Return random tickets in random topics."""
    random = np.random.default_rng(seed)
    nearest = random.integers(0, topics, tickets) if topics else np.full(tickets, -1)
    labels = np.where(random.random(tickets) < outside, -1, nearest)
    fits = random.random(tickets).astype(np.float32)
    centroids = random.normal(size=(topics, DIM)).astype(np.float32)
    return MapTickets(labels, nearest, fits, centroids)
