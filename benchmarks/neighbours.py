"""`neighbours`: a search in one workspace alone, and beside the vectors of 99 others.

Both are searched in turns by the same queries, on SQLite and on PostgreSQL: a small workspace,
whose vectors are compared one by one, and one large enough for a graph. The others have the very
vector of each query.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from benchmarks.measurement import Figure, Stopwatch, fresh_deja, percentile
from benchmarks.pgvector import postgres, stored_and_queries
from benchmarks.search import LIMIT, Rows, store, vectors_and_queries
from bot.index_wiring import index_for
from bot.wiring import Services
from models import Database
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.search.indexes.contract import VectorIndex
from tests.hashing import HashingEmbedder

FloatArray = NDArray[np.float32]

# Tickets of the workspaces that are searched, and of each of the others.
SIZES = {"small": 1_000, "large": 5_000}
OTHERS, OTHER_ITEMS = 98, 1_000
QUERIES = 300

# How much slower a search may be for the others, by the noise of a shared machine.
MAX_RATIO = 1.25

MIN_SIMILARITY = 0.5


@dataclass(frozen=True)
class Searched:
    """A workspace of an index, and how many items of the others have smaller ids."""

    index: VectorIndex
    workspace_id: int
    before: int = 0

    def search(self, query: FloatArray, least: float | None = None) -> set[int]:
        """Return the ten nearest tickets, by their number in the workspace from 0."""
        [found] = self.index.search(
            query[None, :], workspace_id=self.workspace_id, limit=LIMIT, min_similarity=least
        )
        return {one.item_id - self.before - 1 for one in found}


def run(quick: bool) -> list[Figure]:
    """Measure latency and recall of one workspace among a hundred."""
    if not quick:
        return run_with(OTHER_ITEMS)
    rows, queries = vectors_and_queries(HashingEmbedder(), 500, 20, from_sample=True)
    return _measure(HashingEmbedder(), rows, queries, [100, 200])


def run_with(items: int) -> list[Figure]:
    """Measure the same with so many tickets in each of the other workspaces."""
    embedder = SentenceTransformerEmbedder()
    sizes = list(SIZES.values())
    rows, queries = stored_and_queries(embedder, sum(sizes) + OTHERS * items)
    return _measure(embedder, rows, queries[:QUERIES], sizes)


def _measure(embedder: Embedder, rows: Rows, queries: Rows, sizes: list[int]) -> list[Figure]:
    *own, others = np.split(rows, np.cumsum(sizes))
    # Of each query the others have the very vector.
    everybody = [*own, *np.array_split(np.concatenate([others, queries]), OTHERS)]
    figures = []
    for name, on_postgresql in (("SQLite", False), ("PostgreSQL", True)):
        with _stored(embedder, everybody, on_postgresql=on_postgresql) as index:
            for number, (size, mine) in enumerate(zip(SIZES, own, strict=True)):
                beside = Searched(index, number + 1, sum(sizes[:number]))
                with _stored(embedder, [mine], on_postgresql=on_postgresql) as alone:
                    title = f"{name}, {size}"
                    figures += _compare(title, Searched(alone, 1), beside, mine, queries)
    return figures


@contextmanager
def _stored(
    embedder: Embedder, workspaces: list[Rows], *, on_postgresql: bool
) -> Iterator[VectorIndex]:
    """Give an index over workspaces, whose ids are their numbers from 1."""
    with ExitStack() as stack:
        values = {"DEJA_DATABASE_URL": stack.enter_context(postgres())} if on_postgresql else {}
        services = stack.enter_context(fresh_deja(embedder, values))
        before = 0
        for number, rows in enumerate(workspaces, 1):
            store(
                services.database, rows, embedder.fingerprint, team_id=f"T{number}", before=before
            )
            before += len(rows)
        yield _ready(services)


def _ready(services: Services) -> VectorIndex:
    embedder, database = services.embedder, services.database
    index = index_for(services.settings, database, embedder.fingerprint, embedder.dim)
    index.maintain()
    if not database.is_sqlite:
        _analyze(database)
    return index


def _analyze(database: Database) -> None:
    """Gather statistics, as PostgreSQL does by itself within a minute."""
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))


def _compare(
    title: str, alone: Searched, beside: Searched, own: Rows, queries: Rows
) -> list[Figure]:
    """Time both in turns, so that other work on the machine slows both."""
    watches = Stopwatch(), Stopwatch()
    hits, wanted = np.zeros(2), np.zeros(2)
    for query in queries:
        for searched, watch in zip((alone, beside), watches, strict=True):
            searched.search(query, MIN_SIMILARITY)  # what is timed finds a warm cache in both
            with watch.lap():
                searched.search(query)
        for kind, least in enumerate((None, MIN_SIMILARITY)):
            exact = _nearest(own, query, least)
            hits[kind] += len(exact & beside.search(query, least))
            wanted[kind] += len(exact)
    recall = hits / wanted
    p50, p95 = ([1e3 * percentile(one.laps, share) for one in watches] for share in (50, 95))
    return [
        Figure(f"{title}: search p50 alone", p50[0], "ms"),
        Figure(f"{title}: search p50 / p50 alone", p50[1] / p50[0], "times", MAX_RATIO),
        Figure(f"{title}: search p95 alone", p95[0], "ms"),
        Figure(f"{title}: search p95 / p95 alone", p95[1] / p95[0], "times", MAX_RATIO),
        Figure(f"{title}: recall@10", recall[0], "", 0.99, "at least"),
        Figure(f"{title}: recall@10 from {MIN_SIMILARITY}", recall[1], "", 0.99, "at least"),
    ]


def _nearest(own: Rows, query: FloatArray, least: float | None) -> set[int]:
    """Return the numbers of the ten nearest, or of those of at least some similarity among them."""
    similarities = own @ query
    order = np.argsort(-similarities, kind="stable")[:LIMIT]
    return {int(n) for n in order if least is None or similarities[n] >= least}
