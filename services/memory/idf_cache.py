"""Document frequencies as a process needs them: read once, and kept while they change little."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Frequency, is_among, many_ids, many_texts
from models.queries import in_parts
from services.memory.pool_statistics import PoolState
from services.text.terms import Lexicon

# Frequencies are kept until the number of documents has changed by this share: an IDF then changes
# by a hundredth at most, and reading a thousand frequencies again for every ticket would take
# longer than everything else.
MAX_CHANGE = 0.02

# In one pool. Above it the pool's frequencies are dropped.
MAX_KEPT = 500_000

# Built once, on a plain table: every answer runs it.
_frequencies = Frequency.__table__
_FREQUENCIES = select(_frequencies.c.pool_id, _frequencies.c.term, _frequencies.c.documents).where(
    is_among(_frequencies.c.pool_id, many_ids("pools")),
    is_among(_frequencies.c.term, many_texts("terms")),
)


@dataclass(frozen=True)
class _CachedPool:
    """The frequencies of a pool that were read, and the state of the pool at the time."""

    epoch: int
    documents: int
    frequencies: dict[str, int]

    def is_valid(self, pool: PoolState) -> bool:
        """Say whether the frequencies still hold for a pool in this state."""
        return (
            pool.epoch == self.epoch
            and abs(pool.documents - self.documents) <= self.documents * MAX_CHANGE
            and len(self.frequencies) <= MAX_KEPT
        )


class IdfCache:
    """The document frequencies of pools, cached for one process.

    Where documents left or entered a pool because their readers changed (`Pool.epoch`), what was
    cached of it is dropped.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._pools: dict[int, _CachedPool] = {}

    def lexicon(
        self, session: Session, pools: Sequence[PoolState], terms: Iterable[str]
    ) -> Lexicon:
        """Return the document frequencies of terms in the pools together."""
        filled = [pool for pool in pools if pool.documents > 0]
        wanted = terms if isinstance(terms, set) else set(terms)
        cached = {pool.pool_id: self._cached(pool) for pool in filled}
        # Not `wanted - keys`: other threads may add to the keys while it iterates over them.
        missing = set[str]().union(*map(wanted.difference, cached.values()))
        if missing:
            _read(session, cached, sorted(missing))
        documents = sum(pool.documents for pool in filled)
        length = sum(pool.length for pool in filled)
        return Lexicon(documents, length / max(documents, 1), _summed([*cached.values()], wanted))

    def _cached(self, pool: PoolState) -> dict[str, int]:
        with self._lock:
            cached = self._pools.get(pool.pool_id)
            if cached is None or not cached.is_valid(pool):
                cached = self._pools[pool.pool_id] = _CachedPool(pool.epoch, pool.documents, {})
        return cached.frequencies


def _read(session: Session, cached: Mapping[int, dict[str, int]], terms: Sequence[str]) -> None:
    """Read the frequencies of terms in all of the pools, by id, in one statement."""
    found = {pool_id: dict.fromkeys(terms, 0) for pool_id in cached}
    for part in in_parts(terms):
        known = {"pools": [*cached], "terms": part}
        for pool_id, term, number in session.connection().execute(_FREQUENCIES, known).all():
            found[pool_id][term] = number
    for pool_id, frequencies in found.items():
        cached[pool_id].update(frequencies)


def _summed(of_pools: Sequence[Mapping[str, int]], terms: set[str]) -> Mapping[str, int]:
    """Return the sum of the terms' frequencies; those of a single pool need no copy."""
    if not of_pools:
        return dict.fromkeys(terms, 0)
    if len(of_pools) == 1:
        return of_pools[0]
    # Without a loop in Python: a ticket and its candidates have thousands of terms.
    first, *others = (map(of_pool.__getitem__, terms) for of_pool in of_pools)
    total: Iterable[int] = first
    for numbers in others:
        total = map(add, total, numbers)
    return dict(zip(terms, total, strict=True))
