"""A large backlog whose vectors are known, written to a database in bulk without a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Channel, Embedding, Frequency, Item, Pool, Resolution, Workspace
from models.queries import in_parts
from services.channels.audience import PUBLIC
from services.text.comparing.terms import terms
from services.topics.grouping.knn_graph import FloatArray
from services.topics.scopes import Scope, scope_of_everybody
from tests.conftest import NOW

# Public channels, authors, and days over which the tickets came in. Every third one is solved.
CHANNELS, AUTHORS, DAYS, SOLVED_EVERY = 5, 2_000, 120, 3


def store(services: Services, texts: Sequence[str], vectors: FloatArray) -> Scope:
    """Store tickets with these texts and vectors, `(n, d)`; return their scope."""
    with services.database.write() as session:
        workspace = Workspace(team_id="T1", created_at=NOW)
        session.add(workspace)
        session.flush()
        channels = [
            Channel(
                workspace_id=workspace.id, slack_id=f"C{one}", name=f"help-{one}", is_private=False
            )
            for one in range(CHANNELS)
        ]
        session.add_all(channels)
        session.flush()
        pool = Pool(workspace_id=workspace.id, scope=PUBLIC, kind="ticket", documents=len(texts))
        session.add(pool)
        session.flush()
        _write_tickets(session, texts, [channel.id for channel in channels], workspace.id)
        ids = session.scalars(select(Item.id).order_by(Item.id)).all()
        _write_vectors(session, services, workspace.id, ids, vectors)
        _write_terms(session, pool.id, texts)
    return scope_of_everybody(workspace.id)


def _write_tickets(
    session: Session, texts: Sequence[str], channels: Sequence[int], workspace_id: int
) -> None:
    random = np.random.default_rng(3)
    ages = np.sort(random.uniform(0, DAYS, len(texts)))[::-1].tolist()
    rows: list[dict[str, object]] = [
        {
            "workspace_id": workspace_id,
            "channel_id": channels[number % CHANNELS],
            "kind": "ticket",
            "source": "slack",
            "external_id": str(number),
            "text": text,
            "author": f"U{random.integers(AUTHORS)}",
            "status": "open",
            "resolution": None if number % SOLVED_EVERY else "Restart it.",
            "extra": {},
            "ts": str(number),
            "revision": "",
            "created_at": NOW - timedelta(days=ages[number]),
            "updated_at": NOW,
        }
        for number, text in enumerate(texts)
    ]
    for part in in_parts(rows):
        session.execute(insert(Item), part)
    solved = session.execute(select(Item.id, Item.created_at).where(Item.resolution.is_not(None)))
    resolutions = [
        {
            "item_id": item_id,
            "text": "Restart it.",
            "marked_by": "U1",
            "marked_at": created + timedelta(minutes=int(random.integers(3, 5_000))),
        }
        for item_id, created in solved.all()
    ]
    for part in in_parts(resolutions):
        session.execute(insert(Resolution), part)


def _write_vectors(
    session: Session,
    services: Services,
    workspace_id: int,
    ids: Sequence[int],
    vectors: FloatArray,
) -> None:
    for rows in in_parts(range(len(ids))):
        session.execute(
            insert(Embedding),
            [
                {
                    "workspace_id": workspace_id,
                    "item_id": ids[row],
                    "chunk": 0,
                    "fingerprint": services.embedder.fingerprint,
                    "dim": vectors.shape[1],
                    "text_hash": str(row),
                    "vector": vectors[row],
                }
                for row in rows
            ],
        )


def _write_terms(session: Session, pool_id: int, texts: Sequence[str]) -> None:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(terms(text)))
    rows: list[dict[str, object]] = [
        {"pool_id": pool_id, "term": term, "documents": count} for term, count in counts.items()
    ]
    for part in in_parts(rows):
        session.execute(insert(Frequency), part)
