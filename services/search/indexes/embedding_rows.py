"""The rows of the table `embeddings` as an index that follows them reads them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, func, select

from models import MAX_STATEMENTS, Embedding, is_among, many_ids
from services.search.indexes.contract import LIVE_ITEM, READ_ROWS

# Built once, on a plain table: every search runs it.
_embeddings = Embedding.__table__


@lru_cache(MAX_STATEMENTS)
def _among_live(rows: Select[int, int], where: ColumnElement[bool]) -> Select[int, int]:
    """Narrow a statement to rows of live items that pass a condition; it is kept with that."""
    # Not a join: without statistics SQLite would begin with all items of the workspace.
    return rows.where(LIVE_ITEM.where(where).correlate(_embeddings).exists())


class EmbeddingRows:
    """The embeddings of one fingerprint, of one workspace or (None) of all."""

    def __init__(self, fingerprint: str, workspace_id: int | None = None) -> None:
        self.fingerprint = fingerprint
        self._own = _embeddings.c.fingerprint == fingerprint
        if workspace_id is not None:
            self._own &= _embeddings.c.workspace_id == workspace_id
        self._stored = select(_embeddings.c.id, _embeddings.c.item_id).where(
            is_among(_embeddings.c.id, many_ids("ids")), self._own
        )

        newest = select(_embeddings.c.id).where(self._own).order_by(_embeddings.c.id.desc())
        self._newest = newest.limit(1)

    def live(
        self, connection: Connection, ids: list[int], where: ColumnElement[bool]
    ) -> dict[int, int]:
        """Return the item ids of those that still exist and whose items pass `where`, by id."""
        statement = _among_live(self._stored, where)
        rows = connection.execute(statement, {"ids": ids}).all()  # at once, not one by one
        return {row_id: item_id for row_id, item_id in rows}

    def ids(self, connection: Connection) -> NDArray[np.int64]:
        """Return the ids of all, in order."""
        statement = select(_embeddings.c.id).where(self._own).order_by(_embeddings.c.id)
        return np.fromiter(connection.scalars(statement), np.int64)

    def newest_id(self, connection: Connection) -> int:
        """Return the id of the newest one; 0 where there is none."""
        return connection.scalar(self._newest) or 0

    def after(
        self, connection: Connection, last_id: int
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Give the ids, shape `(n,)`, and vectors, `(n, dim)`, of rows above an id, in order."""
        while True:
            rows = connection.execute(
                select(_embeddings.c.id, _embeddings.c.vector)
                .where(_embeddings.c.id > last_id, self._own)
                .order_by(_embeddings.c.id)
                .limit(READ_ROWS)
            ).all()
            if not rows:
                return
            yield np.array([row[0] for row in rows]), np.stack([row[1] for row in rows])
            if len(rows) < READ_ROWS:
                return
            last_id = rows[-1][0]

    def count(self, connection: Connection, upto: int | None = None) -> int:
        """Return how many there are, or how many with ids up to `upto`."""
        statement = select(func.count(_embeddings.c.id)).where(self._own)
        if upto is not None:
            statement = statement.where(_embeddings.c.id <= upto)
        return connection.scalar(statement) or 0
