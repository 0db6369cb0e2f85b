"""Document frequencies as a process needs them: read once, and kept while they change little."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import add
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Frequency, is_among, many_ids, many_texts
from models.queries import in_parts
from services.memory.pool_statistics import PoolState
from services.text.comparing.terms import Lexicon

# Frequencies are kept until the number of documents has changed by this share: an IDF then changes
# by a hundredth at most, and reading a thousand frequencies again for every ticket would take
# longer than everything else.
MAX_CHANGE = 0.02

# In one pool. Above it the pool's frequencies are dropped.
MAX_KEPT = 500_000

# Audiences whose sums are kept; one is summed again in a hundredth of a second.
MAX_SUMS = 16

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


class _Sums:
    """The sums of the frequencies in several pools, given by id; those of one are its own."""

    def __init__(self, pools: dict[int, dict[str, int]]) -> None:
        self._pools = pools
        self.frequencies = next(iter(pools.values())) if len(pools) == 1 else {}

    def is_of(self, pools: Mapping[int, dict[str, int]]) -> bool:
        """Say whether the frequencies of these pools, by id, are those that were added."""
        both = zip(self._pools.values(), pools.values(), strict=True)
        return all(ours is theirs for ours, theirs in both)

    def add(self, session: Session, terms: set[str]) -> None:
        """Add terms, whose frequencies are read where a pool's are not known."""
        pools = self._pools.values()
        missing = set[str]().union(*map(terms.difference, pools))
        if missing:
            _read(session, self._pools, sorted(missing))
        # Without a loop in Python: a ticket and its candidates have thousands of terms.
        total: Iterable[int] = repeat(0, len(terms))
        for of_pool in pools:
            total = map(add, total, map(of_pool.__getitem__, terms))
        self.frequencies.update(zip(terms, total, strict=True))


class IdfCache:
    """The document frequencies of pools, cached for one process.

    Where documents left or entered a pool because their readers changed (`Pool.epoch`), what was
    cached of it is dropped.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._pools: dict[int, _CachedPool] = {}
        self._sums: dict[tuple[int, ...], _Sums] = {}

    def lexicon(
        self, session: Session, pools: Sequence[PoolState], terms: Iterable[str]
    ) -> Lexicon:
        """Return the document frequencies of terms in the pools together."""
        filled = [pool for pool in pools if pool.documents > 0]
        sums = self._summed({pool.pool_id: self._cached(pool) for pool in filled})
        wanted = terms if isinstance(terms, set) else set(terms)
        # Not `wanted - keys`: other threads may add to the keys while it iterates over them.
        missing = wanted.difference(sums.frequencies)
        if missing:
            sums.add(session, missing)
        documents = sum(pool.documents for pool in filled)
        length = sum(pool.length for pool in filled)
        return Lexicon(documents, length / max(documents, 1), sums.frequencies)

    def _summed(self, pools: dict[int, dict[str, int]]) -> _Sums:
        """Return the sums over pools, given by id as they are cached now."""
        if not pools:
            return _Sums(pools)
        with self._lock:
            known = self._sums.get(tuple(pools))
            if known is None or not known.is_of(pools):
                if len(self._sums) >= MAX_SUMS:
                    self._sums.clear()
                known = self._sums[tuple(pools)] = _Sums(pools)
        return known

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
