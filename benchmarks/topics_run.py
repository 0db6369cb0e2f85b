"""`topics_run`: topics of a large backlog through the database, and what showing them costs.

The whole run (reading, grouping, following, naming, measuring, storing) against the grouping alone,
in processor time on the same vectors; then the same tickets again. Showing is against a query that
looks at every ticket once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from sqlalchemy import func, select

from benchmarks import backlog, labelled_sets
from benchmarks.measuring import Figure, Stopwatch, fresh_deja
from bot.wiring import Services
from models import Item
from services.topics.grouping.clustering import cluster
from services.topics.grouping.knn_graph import FloatArray
from services.topics.members import tickets_of
from services.topics.runs import ClusterRequest
from services.topics.scopes import Scope
from services.topics.views import view_run
from tests.conftest import NOW

SIZES, QUICK_SIZES = (10_000, 100_000), (300,)

# Of times the vectors, and of the grouping alone.
MAX_MEMORY, MAX_TIME = 4.0, 1.5
# In passes over the tickets.
MAX_VIEW, MAX_OPENED = 40, 1
# Tickets that a form shows, and how often showing is tried.
FIRST, LAPS = 20, 5

# How often memory is looked at, in seconds.
EVERY = 0.02


def run(quick: bool) -> list[Figure]:
    """Measure all sizes; quick, or without the public sets, on the sample workspace's tickets."""
    embedder, sets = labelled_sets.load_sets(quick)
    figures: list[Figure] = []
    for size in QUICK_SIZES if quick else SIZES:
        vectors, texts = labelled_sets.grow(sets, size)
        with fresh_deja(embedder) as services:
            scope = backlog.store(services, texts, vectors)
            figures += [*_runs(services, scope, vectors), *_shown(services, scope, size)]
    return figures


def _runs(services: Services, scope: Scope, vectors: FloatArray) -> Iterator[Figure]:
    of, alone = f"{len(vectors):,} tickets", Stopwatch()
    with alone.lap():
        cluster(vectors)
    yield Figure(f"{of}: grouping alone", alone.cpu, "s (CPU)")
    for name in ("the run", "the run again"):
        whole = Stopwatch()
        with _memory() as grown, whole.lap():
            services.topics.run(scope, ClusterRequest(), by="U1", now=NOW)
        yield Figure(f"{of}: {name}", whole.cpu, "s (CPU)")
        yield Figure(f"{of}: {name} / grouping alone", whole.cpu / alone.cpu, "times", MAX_TIME)
        most = MAX_MEMORY if _is_large(len(vectors)) else None
        yield Figure(f"{of}: {name}, memory / vectors", max(grown) / vectors.nbytes, "times", most)


def _is_large(size: int) -> bool:
    """Say whether what grows with tickets is most of it; of a small backlog what is fixed is."""
    return size >= max(SIZES)


@contextmanager
def _memory() -> Iterator[list[int]]:
    """Give the bytes by which the process has grown, as a list that is added to meanwhile."""
    process, over = psutil.Process(), threading.Event()
    before, grown = process.memory_info().rss, [0]

    def look() -> None:
        while not over.wait(EVERY):
            grown.append(process.memory_info().rss - before)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield grown
    finally:
        over.set()
        looking.join()


def _shown(services: Services, scope: Scope, size: int) -> Iterator[Figure]:
    once, shown, opened = Stopwatch(), Stopwatch(), Stopwatch()
    for _ in range(LAPS):
        with services.database.read() as session:
            with once.lap():
                session.execute(select(func.count(), func.max(Item.created_at))).all()
            with shown.lap():
                view = view_run(session, scope, NOW)
            assert view is not None
            with opened.lap():
                tickets_of(session, view.selection, view.topics[0].topic_id, limit=FIRST)
    yield Figure(f"{size:,} tickets: a pass over all", 1_000 * once.cpu / LAPS, "ms (CPU)")
    yield Figure(f"{size:,} tickets: the topics shown", 1_000 * shown.cpu / LAPS, "ms (CPU)")
    most = MAX_VIEW if _is_large(size) else None
    yield Figure(f"{size:,} tickets: the topics shown", shown.cpu / once.cpu, "passes", most)
    yield Figure(f"{size:,} tickets: one opened", opened.cpu / once.cpu, "passes", MAX_OPENED)
