"""Which rows an index has not taken yet, in whatever order transactions commit.

PostgreSQL gives out ids before it commits, so a row can appear below ids that are known already.
Therefore ids count as settled only up to the newest one that was seen before all transactions that
ran then have ended; above it the index remembers which it has. Whoever stores embeddings has a
transaction id before it takes a row's id, because it has locked the model in use or stored an item.
SQLite has one writer at a time, and its rows appear in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select, text

from models import Embedding
from models.types import SQLITE

_embeddings = Embedding.__table__

# One statement, so that ids and transactions are of the same moment.
_SEEN_NOW = text(
    "SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint, "
    "ARRAY(SELECT id FROM embeddings WHERE fingerprint = :fingerprint AND id > :settled "
    "ORDER BY id) FROM pg_current_snapshot() AS now"
)


class NewRows:
    """The ids of one fingerprint's embeddings that an index has not taken."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._newer = (
            select(_embeddings.c.id)
            .where(
                _embeddings.c.fingerprint == fingerprint, _embeddings.c.id > bindparam("settled")
            )
            .order_by(_embeddings.c.id)
        )
        self._settled = 0
        self._taken: set[int] = set()
        # An id, and the transaction before which all must have ended for it to be settled.
        self._pending: tuple[int, int] | None = None
        self._may_settle = 0

    def find(self, connection: Connection) -> list[int]:
        """Return the ids that are not taken, in order."""
        if connection.dialect.name == SQLITE:
            ids = list(connection.scalars(self._newer, {"settled": self._settled}))
            self._may_settle = ids[-1] if ids else 0
            return ids
        known = {"fingerprint": self._fingerprint, "settled": self._settled}
        oldest, following, ids = connection.execute(_SEEN_NOW, known).one()
        if self._pending is not None and oldest >= self._pending[1]:
            self._may_settle, self._pending = self._pending[0], None
        if self._pending is None and ids:
            self._pending = ids[-1], following
        return [one for one in ids if one not in self._taken]

    def take(self, ids: Iterable[int]) -> None:
        """Remember that the index has all that `find` returned last."""
        self._taken.update(ids)
        if self._may_settle > self._settled:
            self._settled = self._may_settle
            self._taken = {one for one in self._taken if one > self._settled}
