"""Lexicons: how rare words are in a place. Read once, and kept while that changes little."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models import Frequency, Pool
from models.queries import in_parts
from services.text.terms import Lexicon

# A figure may be old by so many documents in a hundred: a rarity then changes by a hundredth at
# most, and reading a thousand figures anew for every ticket would take longer than all the rest.
MAX_CHANGE = 0.02

# In one pool. Above it the memory is emptied.
MAX_KEPT = 500_000

# Made once, and of plain tables: every answer runs them.
_frequencies, _pools = Frequency.__table__, Pool.__table__
_STATED = select(_pools.c.id, _pools.c.epoch, _pools.c.documents, _pools.c.length).where(
    _pools.c.id.in_(bindparam("pools", expanding=True)), _pools.c.documents > 0
)
_READ = select(_frequencies.c.term, _frequencies.c.documents).where(
    _frequencies.c.pool_id == bindparam("pool"),
    _frequencies.c.term.in_(bindparam("terms", expanding=True)),
)


@dataclass(frozen=True)
class _Kept:
    """The frequencies of a pool that were read, and how the pool was then."""

    epoch: int
    documents: int
    frequencies: dict[str, int]

    def holds(self, epoch: int, documents: int) -> bool:
        """Say whether the pool is still as good as it was."""
        return (
            epoch == self.epoch
            and abs(documents - self.documents) <= self.documents * MAX_CHANGE
            and len(self.frequencies) <= MAX_KEPT
        )


class Lexicons:
    """The document frequencies of pools, as one process needs them.

    Where documents left a pool because their readers changed, nothing is kept over.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[int, _Kept] = {}

    def of(self, session: Session, pools: Sequence[int], terms: Iterable[str]) -> Lexicon:
        """Return how many documents the pools have, and how many of them have each term."""
        rows = session.connection().execute(_STATED, {"pools": pools}).all()
        wanted = set(terms)
        of_pools = [
            self._frequencies(session, row.id, row.epoch, row.documents, wanted) for row in rows
        ]
        documents = sum(row.documents for row in rows)
        length = sum(row.length for row in rows)
        return Lexicon(documents, length / max(documents, 1), _added(of_pools, wanted))

    def _frequencies(
        self, session: Session, pool_id: int, epoch: int, documents: int, terms: set[str]
    ) -> Mapping[str, int]:
        with self._lock:
            kept = self._kept.get(pool_id)
            if kept is None or not kept.holds(epoch, documents):
                kept = self._kept[pool_id] = _Kept(epoch, documents, {})
        # Not `terms - keys`: that goes through all that is kept, while other threads add to it.
        missing = [term for term in terms if term not in kept.frequencies]
        if missing:
            found = dict.fromkeys(missing, 0)
            for part in in_parts(sorted(missing)):
                rows = session.connection().execute(_READ, {"pool": pool_id, "terms": part})
                found.update((term, number) for term, number in rows)
            kept.frequencies.update(found)
        return kept.frequencies


def _added(of_pools: Sequence[Mapping[str, int]], terms: set[str]) -> Mapping[str, int]:
    """Return the terms' figures added up: those of a single pool as they are kept."""
    if len(of_pools) == 1:
        return of_pools[0]
    total = dict.fromkeys(terms, 0)
    for of_pool in of_pools:
        for term in terms:
            total[term] += of_pool[term]
    return total
