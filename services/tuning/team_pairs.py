"""What a team decided, and the texts of it, read from the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, Verdict
from models.queries import BATCH, COMPARED, LIVE, in_parts, items_by_id
from services.channels.audience import whole_workspace
from services.judgement.judge import Judge
from services.memory.comparable_text import comparable_text
from services.memory.item_vectors import ItemVectors
from services.memory.similarity_scale import SimilarityScale, is_default, scale_of
from services.progress import Progress, no_progress
from services.search.indexes.contract import Candidate
from services.tuning.examples import Decisions

# What the held-out items are looked for among, of each workspace and kind: the newest.
MAX_POOL = 1_000

# Items that are read between two reports of progress.
PART = 32

# A workspace, and a kind of items: only items of the same are compared.
Place = tuple[int, str]


def read_decisions(session: Session) -> Decisions:
    """Return all current verdicts, of all workspaces and kinds."""
    pairs: dict[str, list[tuple[int, int]]] = {"duplicate": [], "distinct": [], "related": []}
    rows = session.execute(
        select(Verdict.verdict, Verdict.item_a_id, Verdict.item_b_id)
        .where(Verdict.undone_at.is_(None))
        .order_by(Verdict.id)
    )
    for verdict, one, other in rows:
        pairs[verdict].append((one, other))
    ids = sorted({one for of_verdict in pairs.values() for pair in of_verdict for one in pair})
    arrivals = {
        item_id: created_at
        for part in in_parts(ids)
        for item_id, created_at in session.execute(
            select(Item.id, Item.created_at).where(Item.id.in_(part), LIVE, COMPARED)
        )
    }
    return Decisions(pairs["duplicate"], pairs["distinct"], pairs["related"], arrivals)


def places_of(session: Session, item_ids: Iterable[int]) -> dict[Place, list[int]]:
    """Return items by workspace and kind."""
    found: dict[Place, list[int]] = {}
    for part in in_parts(item_ids):
        rows = session.execute(
            select(Item.id, Item.workspace_id, Item.kind).where(Item.id.in_(part)).order_by(Item.id)
        )
        for item_id, workspace_id, kind in rows:
            found.setdefault((workspace_id, kind), []).append(item_id)
    return found


def nearest_by_meaning(
    session: Session, judge: Judge, item_ids: Collection[int]
) -> dict[int, list[Candidate]]:
    """Return the nearest items of each in its workspace and kind, on the default model's scale.

    Cosines of a model whose scale is not known are given as 0: they say nothing.
    """
    found: dict[int, list[Candidate]] = {}
    for (workspace_id, kind), ids in places_of(session, sorted(item_ids)).items():
        audience = whole_workspace(workspace_id).among(Item.kind == kind)
        rest = iter(ids)
        while part := list(islice(rest, BATCH)):
            found |= judge.nearest(session, part, audience)
    fingerprint = judge.vectors.embedder.fingerprint
    scale = scale_of(session, fingerprint)
    is_known = is_default(fingerprint) or bool(scale.own)
    return {item_id: _rescaled(near, scale, is_known) for item_id, near in found.items()}


def _rescaled(near: Sequence[Candidate], scale: SimilarityScale, is_known: bool) -> list[Candidate]:
    cosines = scale.to_default(np.array([one.similarity for one in near], dtype=np.float32))
    return [
        Candidate(one.item_id, cosine if is_known else 0.0)
        for one, cosine in zip(near, cosines.tolist(), strict=True)
    ]


def pools_of(session: Session, held_out: Collection[int]) -> list[list[int]]:
    """Return what the held-out items are looked for among: these, and the newest of their kind."""
    pools = []
    for (workspace_id, kind), ids in places_of(session, sorted(held_out)).items():
        newest = session.scalars(
            select(Item.id)
            .where(Item.workspace_id == workspace_id, Item.kind == kind, LIVE, COMPARED)
            .order_by(Item.created_at.desc(), Item.id.desc())
            .limit(MAX_POOL)
        )
        pools.append(sorted({*ids, *newest}))
    return pools


def pieces_of(
    session: Session, vectors: ItemVectors, item_ids: Iterable[int]
) -> dict[int, list[str]]:
    """Return the texts of items as a model reads them, in pieces."""
    return {
        item_id: vectors.chunks_of(item.title, comparable_text(item))
        for item_id, item in items_by_id(session, item_ids).items()
    }


def read_vectors(
    vectors: ItemVectors, pieces: Mapping[int, Sequence[str]], progress: Progress = no_progress
) -> dict[int, NDArray[np.float32]]:
    """Return the vectors of items, each of shape `(pieces, dim)`: the stored ones, or read now.

    No transaction is open while texts are read.
    """
    with vectors.database.read() as session:
        found = vectors.vectors_of(session, sorted(pieces))
    missing = [item_id for item_id, own in pieces.items() if own and not len(found[item_id])]
    for start in range(0, len(missing), PART):
        part = missing[start : start + PART]
        progress(start, len(missing))
        rows = vectors.embedder.encode([piece for item_id in part for piece in pieces[item_id]])
        ends = np.cumsum([len(pieces[item_id]) for item_id in part])[:-1]
        found |= dict(zip(part, np.split(rows, ends), strict=True))
    return {item_id: own for item_id, own in found.items() if len(own)}
