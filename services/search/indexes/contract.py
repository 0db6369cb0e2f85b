"""The contract of a vector index, and the queries that every implementation needs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, select, true

from models import MAX_STATEMENTS, Embedding, Item
from services.progress import Progress

# How many times more neighbours than asked for a graph returns: room for several chunks of one
# item, for rows deleted since, and for a filter that most rows pass.
OVERFETCH = 2

# How many of the nearest rows are looked at for items of at least some similarity.
MAX_REACH = 256

# Up to so many rows a graph finds the nearest by the width of search that an index begins with;
# above, the width grows by this power of their number. Both are measured: see benchmarks/README.md.
WIDER_FROM, WIDENING = 100_000, 0.75

# Rows read at once, which bounds the memory.
READ_ROWS = 2_000

# Built once, on plain tables, at a third of the cost of mapped classes in a session.
_embeddings, _items = Embedding.__table__, Item.__table__
LIVE_ITEM = select(_items.c.id).where(
    _items.c.id == _embeddings.c.item_id, _items.c.deleted_at.is_(None)
)


@dataclass(frozen=True)
class Candidate:
    """An item near a query, not yet judged, with the cosine of its best chunk in [-1, 1]."""

    item_id: int
    similarity: float


@dataclass(frozen=True)
class Wanted:
    """What to find: up to `limit` items that pass `where`, of at least `min_similarity`.

    `where` lets through nothing but items of the workspace.
    """

    workspace_id: int
    limit: int
    where: ColumnElement[bool]
    min_similarity: float | None = None


# Takes places in a list of vectors, and how many items to find for each of them.
Narrow = Callable[[Sequence[int], int], list[list[Candidate]]]


class VectorIndex(ABC):
    """Finds the items whose stored embeddings are nearest to given vectors."""

    def search(
        self,
        vectors: NDArray[np.float32],
        *,
        workspace_id: int,
        limit: int,
        where: ColumnElement[bool] = true(),  # noqa: B008 - immutable
        min_similarity: float | None = None,
    ) -> list[list[Candidate]]:
        """Return for each row of `vectors` (shape `(n, dim)`) up to `limit` items, best first.

        Only items of the workspace are found, and those of others neither take their places nor
        slow the search. `where` is a further condition over `Item`. Only committed embeddings of
        live items of this index's fingerprint are found. Similarities are exact. With
        `min_similarity` less similar items are left out, and only a few hundred rows are looked at,
        so that it costs little even where hardly any item passes `where`.
        """
        own = _of_workspace(workspace_id, where)
        return self._search(vectors, Wanted(workspace_id, limit, own, min_similarity))

    def search_and_narrow(
        self,
        vectors: NDArray[np.float32],
        *,
        workspace_id: int,
        limit: int,
        where: ColumnElement[bool],
        narrower: ColumnElement[bool],
        min_similarity: float,
    ) -> tuple[list[list[Candidate]], Narrow]:
        """Return what `search` does, and a function that looks among the nearest rows once more.

        For the vectors at some places it returns up to so many items each that pass `narrower`,
        too, a condition that is never NULL, as `search` with `min_similarity` does.
        """
        wanted = Wanted(workspace_id, limit, _of_workspace(workspace_id, where))
        return self._find_and_narrow(vectors, wanted, narrower, min_similarity)

    def _search(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        if wanted.limit < 1 or not len(vectors):
            return [[] for _ in vectors]
        return self._find(vectors, wanted)

    @abstractmethod
    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        """Search for one vector at least, and for one item at least."""

    def _find_and_narrow(
        self,
        vectors: NDArray[np.float32],
        wanted: Wanted,
        narrower: ColumnElement[bool],
        min_similarity: float,
    ) -> tuple[list[list[Candidate]], Narrow]:
        """Search twice where both are wanted; for an index that can find both at once to override.

        `wanted` may be of no item, and there may be no vector.
        """

        def narrow(places: Sequence[int], most: int) -> list[list[Candidate]]:
            both = _both(wanted.where, narrower)
            near = Wanted(wanted.workspace_id, most, both, min_similarity)
            return self._search(vectors[list(places)], near)

        return self._search(vectors, wanted), narrow


class FollowingIndex(VectorIndex):
    """An index that is a cache of its own beside the database, and follows it."""

    @abstractmethod
    def load(self, progress: Progress | None = None) -> None:
        """Open the cache, and bring it up to date with the database."""

    @abstractmethod
    def save(self) -> None:
        """Keep the cache for the next start, without what was erased from the database."""

    def stop_saving(self) -> None:
        """From now on keep only what the next start could not make again in seconds.

        For a process that is to end soon; what another thread is saving is given up.
        """

    @abstractmethod
    def maintain(self) -> None:
        """Remove what the database no longer has, if it is much, and save."""

    @abstractmethod
    def rebuild(self, progress: Progress | None = None) -> None:
        """Build the cache from the database."""

    @abstractmethod
    def count(self) -> tuple[int, int]:
        """Return how many rows it has, and how many of them the database no longer has."""

    @abstractmethod
    def delete(self) -> None:
        """Delete what `save` keeps."""


def search_width(least: int, rows: int) -> int:
    """Return how many candidates a search in a graph of `rows` rows keeps (`ef_search`).

    With as many for any size, recall@10 falls from 0.999 at 100,000 rows to 0.95 at a million.
    """
    growth: float = (max(rows, WIDER_FROM) / WIDER_FROM) ** WIDENING
    return round(least * growth)


@lru_cache(MAX_STATEMENTS)
def _both(one: ColumnElement[bool], other: ColumnElement[bool]) -> ColumnElement[bool]:
    return one & other


@lru_cache(MAX_STATEMENTS)
def _of_workspace(workspace_id: int, where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition for what passes `where` in a workspace, the same object each time."""
    return (Item.workspace_id == workspace_id) & where


def best_per_item(
    item_ids: Sequence[int] | NDArray[np.int64], similarities: NDArray[np.float32], limit: int
) -> list[Candidate]:
    """Return the `limit` best items, each with its best chunk; ties in order of item id."""
    ids = np.asarray(item_ids)
    most = limit * OVERFETCH
    if len(ids) > most:  # only the best few of many rows can matter
        near = similarities >= np.partition(similarities, -most)[-most]
        if len(np.unique(ids[near])) >= limit:
            ids, similarities = ids[near], similarities[near]
    best: dict[int, float] = {}
    for item_id, similarity in zip(ids.tolist(), similarities.tolist(), strict=True):
        if similarity > best.get(item_id, -2.0):
            best[item_id] = similarity
    ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Candidate(item_id, similarity) for item_id, similarity in ranked[:limit]]


def at_least(found: list[list[Candidate]], min_similarity: float | None) -> list[list[Candidate]]:
    """Return the candidates of at least this similarity; all of them for None."""
    if min_similarity is None:
        return found
    return [[one for one in own if one.similarity >= min_similarity] for own in found]


def live_embeddings(*columns: Any, fingerprint: str) -> Select[Any]:
    """Select `columns` of the embeddings of live items, joined to their items."""
    return (
        select(*columns)
        .join(Item, Item.id == Embedding.item_id)
        .where(Embedding.fingerprint == fingerprint, Item.deleted_at.is_(None))
    )


def merge_candidates(left: list[Candidate], right: list[Candidate], limit: int) -> list[Candidate]:
    """Return the `limit` best items of two lists."""
    both = left + right
    return best_per_item(
        [candidate.item_id for candidate in both],
        np.array([candidate.similarity for candidate in both], dtype=np.float32),
        limit,
    )
