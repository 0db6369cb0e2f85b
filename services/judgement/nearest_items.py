"""The items nearest to a query by meaning, and the nearest ones that have an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, is_among, many_ids
from models.queries import in_parts
from services.channels.audience import Audience
from services.judgement.bands import merge_chunks
from services.judgement.candidate_limits import CandidateLimits
from services.judgement.compared_items import ComparedItem, RankedItem
from services.memory.density import NEAREST, density
from services.search.contract import Candidate, VectorIndex

# Built once, on the plain table: every answer asks for dozens of ids.
_items = Item.__table__
_IDS = many_ids("ids")
_ANSWERED = select(_items.c.id).where(is_among(_items.c.id, _IDS), _items.c.resolution.is_not(None))


def nearest_items(
    index: VectorIndex,
    queries: Sequence[RankedItem],
    audience: Audience,
    limit: int,
    min_similarity: float | None = None,
) -> list[list[Candidate]]:
    """Return the nearest items of each query; one search for all chunks of all of them.

    `min_similarity` is that of `VectorIndex.search`.
    """
    rows = np.concatenate([query.vectors for query in queries])
    # One more than asked for: an item finds itself.
    found = iter(
        index.search(
            rows,
            workspace_id=audience.workspace_id,
            limit=limit + 1,
            where=audience.items,
            min_similarity=min_similarity,
        )
    )
    merged = [merge_chunks([next(found) for _ in query.vectors]) for query in queries]
    return [
        [one for one in candidates if one.item_id != query.item_id][:limit]
        for query, candidates in zip(queries, merged, strict=True)
    ]


def nearest_answered(
    session: Session,
    index: VectorIndex,
    queries: Sequence[RankedItem],
    nearest: Sequence[Sequence[Candidate]],
    *,
    audience: Audience,
    limits: CandidateLimits,
) -> list[frozenset[int]]:
    """Return for each query the ids of its nearest items that have an answer.

    `nearest` are the nearest items of each query, best first. Most answers are among them; beyond
    them it is looked only where all of them are as near as an answer must be.
    """
    if not limits.answered:
        return [frozenset() for _ in nearest]
    near = [[one for one in own if one.similarity >= limits.answered_similarity] for own in nearest]
    answered: set[int] = set()
    for ids in in_parts({one.item_id for own in near for one in own}):
        answered.update(session.connection().execute(_ANSWERED, {"ids": ids}).scalars())
    found = [
        frozenset([one.item_id for one in own if one.item_id in answered][: limits.answered])
        for own in near
    ]
    more = [
        n for n, own in enumerate(found) if not own and len(near[n]) >= max(limits.by_meaning, 1)
    ]
    if more:
        among = audience.answered()
        asked = [queries[n] for n in more]
        least = limits.answered_similarity
        further = nearest_items(index, asked, among, limits.answered, least)
        for n, own in zip(more, further, strict=True):
            found[n] = frozenset(one.item_id for one in own)
    return found


def with_density(query: ComparedItem, nearest: Sequence[Candidate]) -> ComparedItem:
    """Return the query with a density; where none is stored, from what was found just now."""
    if not math.isnan(query.density) or not nearest:
        return query
    return replace(query, density=density([one.similarity for one in nearest[:NEAREST]]))
