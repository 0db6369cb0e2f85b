"""Document frequencies as a process needs them: read once, and kept while they change little."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import filterfalse, repeat
from operator import add
from threading import Lock

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models import Frequency, Pool
from models.queries import in_parts
from services.text.terms import Lexicon

# Frequencies are kept until the number of documents has changed by this share: an IDF then changes
# by a hundredth at most, and reading a thousand frequencies again for every ticket would take
# longer than everything else.
MAX_CHANGE = 0.02

# In one pool. Above it the pool's frequencies are dropped.
MAX_KEPT = 500_000

# Built once, on plain tables: every answer runs them.
_frequencies, _pools = Frequency.__table__, Pool.__table__
_POOLS = select(_pools.c.id, _pools.c.epoch, _pools.c.documents, _pools.c.length).where(
    _pools.c.id.in_(bindparam("pools", expanding=True)), _pools.c.documents > 0
)
_FREQUENCIES = select(_frequencies.c.term, _frequencies.c.documents).where(
    _frequencies.c.pool_id == bindparam("pool"),
    _frequencies.c.term.in_(bindparam("terms", expanding=True)),
)


@dataclass(frozen=True)
class _CachedPool:
    """The frequencies of a pool that were read, and the state of the pool at the time."""

    epoch: int
    documents: int
    frequencies: dict[str, int]

    def is_valid(self, epoch: int, documents: int) -> bool:
        """Say whether the frequencies still hold for a pool in this state."""
        return (
            epoch == self.epoch
            and abs(documents - self.documents) <= self.documents * MAX_CHANGE
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

    def lexicon(self, session: Session, pools: Sequence[int], terms: Iterable[str]) -> Lexicon:
        """Return the document frequencies of terms in the pools together."""
        rows = session.connection().execute(_POOLS, {"pools": pools}).all()
        wanted = set(terms)
        of_pools = [
            self._frequencies(session, row.id, row.epoch, row.documents, wanted) for row in rows
        ]
        documents = sum(row.documents for row in rows)
        length = sum(row.length for row in rows)
        return Lexicon(documents, length / max(documents, 1), _summed(of_pools, wanted))

    def _frequencies(
        self, session: Session, pool_id: int, epoch: int, documents: int, terms: set[str]
    ) -> Mapping[str, int]:
        with self._lock:
            cached = self._pools.get(pool_id)
            if cached is None or not cached.is_valid(epoch, documents):
                cached = self._pools[pool_id] = _CachedPool(epoch, documents, {})
        # Not `terms - keys`: that iterates over everything cached while other threads add to it.
        missing = [*filterfalse(cached.frequencies.__contains__, terms)]
        if missing:
            found = dict.fromkeys(missing, 0)
            for part in in_parts(sorted(missing)):
                rows = session.connection().execute(_FREQUENCIES, {"pool": pool_id, "terms": part})
                found.update((term, number) for term, number in rows.all())
            cached.frequencies.update(found)
        return cached.frequencies


def _summed(of_pools: Sequence[Mapping[str, int]], terms: set[str]) -> Mapping[str, int]:
    """Return the sum of the terms' frequencies; those of a single pool need no copy."""
    if len(of_pools) == 1:
        return of_pools[0]
    # Without a loop in Python: a ticket and its candidates have thousands of terms.
    total: Iterable[int] = repeat(0, len(terms))
    for of_pool in of_pools:
        total = map(add, total, map(of_pool.__getitem__, terms))
    return dict(zip(terms, total, strict=True))
