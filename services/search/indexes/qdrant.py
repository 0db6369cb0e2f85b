"""Nearest neighbours by Qdrant, shared by every process and kept beside the database.

The database is the source of truth, and the collection a cache of the table `embeddings`, as the
graph of `HnswIndex` is: a point has the id of its row. Every process adds what the collection
lacks; adding a row twice changes nothing.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient
from qdrant_client import models as qdrant
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException
from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from models import Database, Embedding, Item
from models.queries import in_parts
from services.errors import IndexUnreachableError
from services.progress import Progress
from services.search.indexes.contract import Candidate, FollowingIndex, Wanted
from services.search.indexes.embedding_rows import EmbeddingRows
from services.search.indexes.near_rows import NO_ROW, NearRows
from services.search.indexes.new_rows import NewRows
from services.search.indexes.payload_filter import PAYLOAD, payload_filter
from services.search.indexes.saved_rows import newest_erasure

# As in `graph.py`, so that both find as much.
M, EF_CONSTRUCTION, EF_SEARCH = 16, 200, 200

# Points that are added, and ids that are read, in one request.
BATCH, ID_BATCH = 256, 10_000

# So much of a text's hash shows whether a point is of the row that has its id now.
HASH_LENGTH = 12

_embeddings, _items = Embedding.__table__, Item.__table__
_IDS: BindParameter[int] = bindparam("ids", expanding=True)
_HASHES = select(_embeddings.c.id, _embeddings.c.text_hash).where(_embeddings.c.id.in_(_IDS))
_POINTS = (
    select(
        _embeddings.c.id,
        _embeddings.c.vector,
        _embeddings.c.text_hash,
        *(_items.c[name] for name in PAYLOAD),
    )
    .join(_items, _items.c.id == _embeddings.c.item_id)
    .where(_embeddings.c.id.in_(_IDS))
)


class QdrantIndex(FollowingIndex):
    """A collection of Qdrant beside a database, for one model's vectors.

    `prefix` keeps the collections of several databases apart.
    """

    def __init__(
        self,
        database: Database,
        client: QdrantClient,
        *,
        fingerprint: str,
        dim: int,
        prefix: str = "deja",
    ) -> None:
        self._database = database
        self._client = client
        self._dim = dim
        self._collection = collection_name(prefix, fingerprint)
        self._fingerprint = fingerprint
        self._rows = EmbeddingRows(fingerprint)
        self._lock = Lock()
        self._new_rows: NewRows | None = None
        self._erasure = 0

    def _find(self, vectors: NDArray[np.float32], wanted: Wanted) -> list[list[Candidate]]:
        """See `VectorIndex.search`."""
        with _reachable(), self._database.engine.connect() as connection:
            self._catch_up(connection)
            narrowed = payload_filter(connection, wanted.where)

            def near(
                some: NDArray[np.float32], neighbours: int
            ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
                return self._near(some, neighbours, narrowed)

            search = NearRows(connection, self._rows, near, wanted)
            return search.find(vectors, count=sys.maxsize)

    def load(self, progress: Progress | None = None) -> None:
        """Add what the collection lacks; compare all of it only if it seems not to be ours."""
        with _reachable(), self._database.engine.connect() as connection, self._lock:
            self._open(connection, progress)

    def save(self) -> None:
        """Remove what was erased from the database since; Qdrant itself writes the rest to disk."""
        if self._new_rows is None:
            return
        with self._database.engine.connect() as connection:
            newest = newest_erasure(connection)
        if newest != self._erasure:
            self.maintain()
            self._erasure = newest

    def maintain(self) -> None:
        """Remove the points of rows that the database no longer has, if there are any."""
        if self.count()[1] == 0:
            return
        with _reachable(), self._database.engine.connect() as connection, self._lock:
            self._compare(connection, None)

    def rebuild(self, progress: Progress | None = None) -> None:
        """Make the collection again; searches compare with all rows meanwhile."""
        with _reachable(), self._database.engine.connect() as connection, self._lock:
            self.delete()
            self._open(connection, progress)

    def delete(self) -> None:
        """Delete the collection, if there is one."""
        with _reachable():
            self._client.delete_collection(self._collection)
        self._new_rows = None

    def count(self) -> tuple[int, int]:
        """Return how many points there are, and how many of them the database no longer has."""
        with _reachable(), self._database.engine.connect() as connection:
            self._catch_up(connection)
            live = self._rows.count(connection)
            points = self._client.count(self._collection, exact=True).count
        return points, points - live

    def _catch_up(self, connection: Connection) -> None:
        """Add the committed rows that the collection may lack."""
        with self._lock:
            if self._new_rows is None:
                self._open(connection, None)
                return
            ids = self._new_rows.find(connection)
            self._add(connection, ids)
            self._new_rows.take(ids)

    def _open(self, connection: Connection, progress: Progress | None) -> None:
        self._create()
        new_rows = NewRows(self._fingerprint)
        ids = new_rows.find(connection)
        if not self._holds(connection, ids):
            self._compare(connection, progress)
            return
        self._erasure = newest_erasure(connection)
        new_rows.take(ids)
        self._new_rows = new_rows

    def _holds(self, connection: Connection, ids: Sequence[int]) -> bool:
        """Say whether the collection has as many rows as the table, and the same newest one."""
        if self._client.count(self._collection, exact=True).count != len(ids):
            return False
        newest = ids[-1:]
        points = self._client.retrieve(self._collection, newest, with_payload=["hash"])
        return dict(map(_hash_of, points)) == dict(self._hashes(connection, newest))

    def _compare(self, connection: Connection, progress: Progress | None) -> None:
        """Delete the points of rows that are gone, and add those of rows that lack one."""
        self._erasure = newest_erasure(connection)
        new_rows = NewRows(self._fingerprint)
        ids = new_rows.find(connection)
        points = dict(self._points())
        known = dict(self._hashes(connection, ids))
        for part in in_parts(one for one in points if one not in known):
            self._client.delete(self._collection, qdrant.PointIdsList(points=list(part)))
        self._add(connection, [one for one in ids if points.get(one) != known.get(one)], progress)
        new_rows.take(ids)
        self._new_rows = new_rows

    def _points(self) -> Iterator[tuple[int, str]]:
        """Give the id and the hash of every point."""
        offset: Any = None
        while True:
            points, offset = self._client.scroll(
                self._collection, limit=ID_BATCH, offset=offset, with_payload=["hash"]
            )
            yield from map(_hash_of, points)
            if offset is None:
                return

    def _hashes(self, connection: Connection, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
        for part in in_parts(ids):
            for row in connection.execute(_HASHES, {"ids": part}):
                yield row[0], row[1][:HASH_LENGTH]

    def _add(
        self, connection: Connection, ids: Sequence[int], progress: Progress | None = None
    ) -> None:
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            rows = connection.execute(_POINTS, {"ids": part}).all()
            if rows:
                self._client.upsert(self._collection, [_point(row) for row in rows], wait=True)
            if progress:
                progress(start + len(part), len(ids))

    def _near(
        self, vectors: NDArray[np.float32], neighbours: int, narrowed: qdrant.Filter | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """See `near_rows.Near`."""
        asked = [
            qdrant.QueryRequest(
                query=vector.tolist(),
                limit=neighbours,
                filter=narrowed,
                params=qdrant.SearchParams(hnsw_ef=max(EF_SEARCH, neighbours)),
            )
            for vector in vectors
        ]
        found = self._client.query_batch_points(self._collection, asked)
        labels = np.full((len(vectors), neighbours), NO_ROW, dtype=np.int64)
        similarities = np.full((len(vectors), neighbours), -1, dtype=np.float32)
        for row, response in enumerate(found):
            for column, point in enumerate(response.points):
                labels[row, column], similarities[row, column] = point.id, point.score
        return labels, similarities

    def _create(self) -> None:
        """Make the collection unless there is one, with a graph for each workspace in it."""
        if self._client.collection_exists(self._collection):
            return
        self._client.create_collection(
            self._collection,
            vectors_config=qdrant.VectorParams(size=self._dim, distance=qdrant.Distance.COSINE),
            hnsw_config=qdrant.HnswConfigDiff(m=M, ef_construct=EF_CONSTRUCTION, payload_m=M),
        )
        for name in PAYLOAD:
            kind = qdrant.KeywordIndexParams(
                type=qdrant.KeywordIndexType.KEYWORD, is_tenant=name == "workspace_id"
            )
            self._client.create_payload_index(self._collection, name, kind)


def _hash_of(point: qdrant.Record) -> tuple[int, str]:
    return int(point.id), (point.payload or {})["hash"]


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (ApiException, QdrantException) as error:
        cause = getattr(error, "source", error)
        reason = next(iter(str(cause).splitlines()), type(cause).__name__)
        raise IndexUnreachableError(
            f"Qdrant cannot be used now ({reason}): check DEJA_QDRANT_URL and the server."
        ) from error


def _point(row: Row[*tuple[Any, ...]]) -> qdrant.PointStruct:
    id_, vector, hash_, *values = row
    payload = {
        name: None if value is None else str(value)
        for name, value in zip(PAYLOAD, values, strict=True)
    }
    return qdrant.PointStruct(
        id=id_, vector=vector.tolist(), payload={**payload, "hash": hash_[:HASH_LENGTH]}
    )


def collection_name(prefix: str, fingerprint: str) -> str:
    """Return the name of the collection of one model's vectors."""
    return f"{prefix}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:16]}"
