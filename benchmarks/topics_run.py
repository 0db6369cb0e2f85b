"""`topics_run`: a run of topics on a large backlog in a database, and what showing them costs.

The whole run (reading, grouping, tracking, naming, measuring, storing) is compared with the
grouping alone, in processor time on the same vectors, and run again on the same tickets. Showing is
compared with a query that reads every ticket once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from sqlalchemy import func, select

from benchmarks import backlog
from benchmarks.labelled_sets import grow, load_sets
from benchmarks.measurement import Figure, Stopwatch, fresh_deja
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

# As multiples of the vectors' memory, and of the time of the grouping alone.
MAX_MEMORY, MAX_TIME = 4.0, 1.5
# In passes over the tickets.
MAX_VIEW, MAX_OPENED = 40, 1
# Tickets that a form shows, and how often showing is measured.
SHOWN, LAPS = 20, 5

# Between two measurements of memory, in seconds.
MEMORY_INTERVAL = 0.02


def run(quick: bool) -> list[Figure]:
    """Measure all sizes; quick, or without the public sets, with the sample workspace's tickets."""
    embedder, sets = load_sets(quick)
    figures: list[Figure] = []
    for size in QUICK_SIZES if quick else SIZES:
        vectors, texts = grow(sets, size)
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
        target = MAX_MEMORY if _has_targets(len(vectors)) else None
        memory = max(grown) / vectors.nbytes
        yield Figure(f"{of}: {name}, memory / vectors", memory, "times", target)


def _has_targets(size: int) -> bool:
    """Say whether a backlog is large enough for targets; in a smaller one fixed costs dominate."""
    return size >= max(SIZES)


@contextmanager
def _memory() -> Iterator[list[int]]:
    """Give a list to which the growth of the process, in bytes, is added again and again."""
    process, is_over = psutil.Process(), threading.Event()
    before, grown = process.memory_info().rss, [0]

    def measure() -> None:
        while not is_over.wait(MEMORY_INTERVAL):
            grown.append(process.memory_info().rss - before)

    thread = threading.Thread(target=measure)
    thread.start()
    try:
        yield grown
    finally:
        is_over.set()
        thread.join()


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
                tickets_of(session, view.selection, view.topics[0].topic_id, limit=SHOWN)
    yield Figure(f"{size:,} tickets: a pass over all", 1_000 * once.cpu / LAPS, "ms (CPU)")
    yield Figure(f"{size:,} tickets: the topics shown", 1_000 * shown.cpu / LAPS, "ms (CPU)")
    target = MAX_VIEW if _has_targets(size) else None
    yield Figure(f"{size:,} tickets: the topics shown", shown.cpu / once.cpu, "passes", target)
    yield Figure(f"{size:,} tickets: one opened", opened.cpu / once.cpu, "passes", MAX_OPENED)
