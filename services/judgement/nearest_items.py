"""The items nearest to a query by meaning, and the nearest ones that have an answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item, is_among, many_ids
from models.queries import in_parts
from services.channels.audience import Audience
from services.judgement.bands import merge_chunks
from services.judgement.candidate_limits import CandidateLimits
from services.judgement.compared_items import ComparedItem, Floats, RankedItem
from services.memory.density import NEAREST, density
from services.search.indexes.contract import Candidate, VectorIndex

# Built once, on the plain table: every answer asks for dozens of ids.
_items = Item.__table__
_IDS = many_ids("ids")
_IS_ANSWERED = Item.resolution.is_not(None)
_ANSWERED = select(_items.c.id).where(is_among(_items.c.id, _IDS), _items.c.resolution.is_not(None))


def nearest_items(
    index: VectorIndex, queries: Sequence[RankedItem], audience: Audience, limit: int
) -> list[list[Candidate]]:
    """Return the nearest items of each query; one search for all chunks of all of them."""
    found = index.search(
        _rows(queries),
        workspace_id=audience.workspace_id,
        limit=limit + 1,  # an item finds itself
        where=audience.items,
    )
    return _by_query(queries, found, limit)


def nearest_and_answered(
    session: Session,
    index: VectorIndex,
    queries: Sequence[RankedItem],
    *,
    audience: Audience,
    limits: CandidateLimits,
) -> tuple[list[list[Candidate]], list[frozenset[int]]]:
    """Return the nearest items of each query, and the ids of its nearest ones with an answer.

    Most answers are among the nearest; beyond them it is looked only where all of them are as near
    as an answer must be.
    """
    if not limits.answered:
        nearest = nearest_items(index, queries, audience, limits.by_meaning)
        return nearest, [frozenset() for _ in nearest]
    found, narrow = index.search_and_narrow(
        _rows(queries),
        workspace_id=audience.workspace_id,
        limit=limits.by_meaning + 1,
        where=audience.items,
        narrower=_IS_ANSWERED,
        min_similarity=limits.answered_similarity,
    )
    nearest = _by_query(queries, found, limits.by_meaning)
    near = [[one for one in own if one.similarity >= limits.answered_similarity] for own in nearest]
    answered = _answered(session, near, limits.answered)
    more = [
        n for n, own in enumerate(near) if not answered[n] and len(own) >= max(limits.by_meaning, 1)
    ]
    if more:
        further = narrow(_places(queries, more), limits.answered + 1)
        best = _by_query([queries[n] for n in more], further, limits.answered)
        for n, own in zip(more, best, strict=True):
            answered[n] = frozenset(one.item_id for one in own)
    return nearest, answered


def _answered(
    session: Session, near: Sequence[Sequence[Candidate]], limit: int
) -> list[frozenset[int]]:
    """Return the ids of the first few of each list that have an answer."""
    answered: set[int] = set()
    for ids in in_parts({one.item_id for own in near for one in own}):
        answered.update(session.connection().execute(_ANSWERED, {"ids": ids}).scalars())
    return [
        frozenset([one.item_id for one in own if one.item_id in answered][:limit]) for own in near
    ]


def _rows(queries: Sequence[RankedItem]) -> Floats:
    return np.concatenate([query.vectors for query in queries])


def _places(queries: Sequence[RankedItem], numbers: Sequence[int]) -> list[int]:
    """Return the places of some queries' rows among those of all queries."""
    ends = np.cumsum([len(query.vectors) for query in queries]).tolist()
    return [place for n in numbers for place in range(ends[n] - len(queries[n].vectors), ends[n])]


def _by_query(
    queries: Sequence[RankedItem], found: Iterable[list[Candidate]], limit: int
) -> list[list[Candidate]]:
    """Return the best items of each query but itself, of what was found for its chunks."""
    rest = iter(found)
    merged = [merge_chunks([next(rest) for _ in query.vectors]) for query in queries]
    return [
        [one for one in candidates if one.item_id != query.item_id][:limit]
        for query, candidates in zip(queries, merged, strict=True)
    ]


def with_density(query: ComparedItem, nearest: Sequence[Candidate]) -> ComparedItem:
    """Return the query with a density; where none is stored, from what was found just now."""
    if not math.isnan(query.density) or not nearest:
        return query
    return replace(query, density=density([one.similarity for one in nearest[:NEAREST]]))
