"""`million`: a million tickets of one workspace on SQLite, filled without the intake.

Measured are building the index, starting from its snapshot, memory, commands that read everything,
search under the audience's condition beside bare hnswlib on the same graph, judging, and saving the
snapshot while others search. With DEJA_BENCHMARK_FOLDER the database and the index are kept there,
and a second run builds neither; an interrupted fill is continued.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import numpy as np
from sqlalchemy import delete, func, select

from benchmarks.judging import add_model
from benchmarks.measurement import (
    Figure,
    Stopwatch,
    deja_in,
    fresh_deja,
    peak_memory,
    percentile,
    reset_peak_memory,
    time_in_turn,
)
from benchmarks.million_items import ITEMS, Material, fill, full_material, quick_material
from benchmarks.million_processes import commands, files, opened
from benchmarks.search import LIMIT, Rows, bare_graph, is_private, vector_row
from bot.wiring import Services
from models import Calibration, Channel, Embedding, Item, insert_many
from services.channels.audience import Audience
from services.judgement.candidate_limits import ANSWER_LIMITS
from services.judgement.compared_items import ComparedItem
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.search.indexes.contract import OVERFETCH, VectorIndex, search_width
from services.search.indexes.graph import EF_SEARCH
from services.search.indexes.hnsw import HnswIndex
from services.search.indexes.workspace_graph import MAX_UNSAVED

# Of all queries, how many are compared with an exact search, and asked where few tickets pass.
RECALL_QUERIES, NARROW_QUERIES = 200, 20

# Searches one after the other while the snapshot is saved.
PAUSE_SECONDS = 0.01


def run(quick: bool) -> Iterator[Figure]:
    """Yield the figures of a million tickets."""
    yield from _measure(*(quick_material() if quick else full_material(ITEMS)))


def run_with(items: int) -> Iterator[Figure]:
    """Yield the same figures of so many tickets."""
    yield from _measure(*full_material(items))


def _measure(embedder: Embedder, tickets: Material) -> Iterator[Figure]:
    with _kept_deja(embedder) as services:
        filling = Stopwatch()
        with filling.lap():
            audience = fill(services, tickets)
            teach(services, audience)
        raw = 4.0 * embedder.dim * tickets.items
        yield Figure("tickets", tickets.items)
        yield Figure("filling what was missing", filling.seconds, "s")
        yield Figure("raw float32 vectors", raw / 1e6, "MB")
        yield from opened(services, raw)
        yield from files(services, raw)
        if isinstance(embedder, SentenceTransformerEmbedder):
            yield from commands(services)
        yield from _cold(services, tickets, audience)
        yield from _latency(services, tickets, audience)
        found = recall(services.index, tickets, audience)
        yield Figure("recall@10 against exact", found, "", 0.99, "at least")
        yield from _narrow(services, tickets, audience)
        yield from judging(services, tickets, audience, Stopwatch())
        yield from _saving(services, tickets, audience)
        yield Figure("load of the machine", os.getloadavg()[0])


@contextmanager
def _kept_deja(embedder: Embedder) -> Iterator[Services]:
    """Give the services of a Déjà in DEJA_BENCHMARK_FOLDER; without it, of an empty one."""
    folder = os.environ.get("DEJA_BENCHMARK_FOLDER")
    with deja_in(Path(folder), embedder) if folder else fresh_deja(embedder) as services:
        yield services


def recall(index: VectorIndex, tickets: Material, audience: Audience) -> float:
    """Return the share of the true ten nearest readable tickets that the index finds."""
    queries = tickets.asked[:RECALL_QUERIES]
    best = np.full((len(queries), LIMIT), -2.0, dtype=np.float32)
    ids = np.zeros((len(queries), LIMIT), dtype=np.int64)
    for numbers, rows in tickets.blocks():
        hidden = [is_private(number) for number in numbers]
        scores = np.hstack([best, np.where(hidden, -2.0, queries @ rows.T)])
        near = np.argpartition(-scores, LIMIT, axis=1)[:, :LIMIT]
        best = np.take_along_axis(scores, near, axis=1)
        every = np.hstack([ids, np.broadcast_to(np.asarray(numbers), (len(ids), len(rows)))])
        ids = np.take_along_axis(every, near, axis=1)
    hits = 0
    for query, nearest in zip(queries, ids.tolist(), strict=True):
        found = _search(index, query, audience)
        hits += len(set(nearest) & found)
    return hits / (LIMIT * len(queries))


def judging(
    services: Services, tickets: Material, audience: Audience, watch: Stopwatch
) -> Iterator[Figure]:
    """Yield the times, by `watch`, to judge a ticket that is not stored, as for an answer."""
    gc.collect()
    gc.freeze()  # what was imported is no garbage, as in `deja` (`bot.cli.group`)
    for text, row in zip(tickets.texts, tickets.asked, strict=False):
        query = ComparedItem.of_text(text, "ticket", row[None, :])
        with watch.lap(), services.database.read() as session:
            services.judge.rank(session, [query], audience, ANSWER_LIMITS)
    yield Figure("judging p50", 1e3 * percentile(watch.laps, 50), "ms")
    yield Figure("judging p95", 1e3 * percentile(watch.laps, 95), "ms", 40.0)
    yield Figure("judging, processor time on average", 1e3 * watch.cpu / tickets.queries, "ms")
    yield Figure("judging, processor time p95", 1e3 * percentile(watch.cpu_laps, 95), "ms")


def teach(services: Services, audience: Audience) -> None:
    """Store a learned model, if there is none."""
    with services.database.read() as session:
        known = session.scalar(select(func.count(Calibration.id)))
    if not known:
        add_model(services, audience.workspace_id)


def _cold(services: Services, tickets: Material, audience: Audience) -> Iterator[Figure]:
    """Yield the times while the database may still be on disk, then read it into memory."""
    _search(services.index, tickets.rows[tickets.queries], audience)  # opens the index
    cold, reading = Stopwatch(), Stopwatch()
    for query in tickets.asked[:NARROW_QUERIES]:
        with cold.lap():
            _search(services.index, query, audience)
    with reading.lap(), Path(str(services.database.engine.url.database)).open("rb") as file:
        while file.read(2**24):
            pass
    yield Figure(
        "search p50 before the database is in memory", 1e3 * percentile(cold.laps, 50), "ms"
    )
    yield Figure("reading the database into memory", reading.seconds, "s")


def _latency(services: Services, tickets: Material, audience: Audience) -> Iterator[Figure]:
    """Yield the times of searches, and of bare ones on the same graph."""
    queries = list(tickets.asked)
    bare = bare_graph(services, tickets.asked)
    neighbours = LIMIT * OVERFETCH
    ours, theirs = time_in_turn(
        lambda query: _search(services.index, query, audience),
        queries,
        lambda query: bare.knn_query(query[None, :], k=neighbours, num_threads=1),
        queries,
    )
    width = search_width(EF_SEARCH, bare.element_count)
    p50, p95 = percentile(ours.laps, 50), percentile(ours.laps, 95)
    bare_p50, bare_p95 = percentile(theirs.laps, 50), percentile(theirs.laps, 95)
    yield Figure("search p50", 1e3 * p50, "ms")
    yield Figure("search, processor time on average", 1e3 * ours.cpu / len(queries), "ms")
    yield Figure("search, processor time p95", 1e3 * percentile(ours.cpu_laps, 95), "ms")
    yield Figure("search p95", 1e3 * p95, "ms", 10.0)
    yield Figure(f"bare knn_query p50 (k {neighbours}, ef {width})", 1e3 * bare_p50, "ms")
    yield Figure("bare knn_query p95", 1e3 * bare_p95, "ms")
    yield Figure("search p50 / bare p50", p50 / bare_p50, "times")
    yield Figure("search p95 / bare p95", p95 / bare_p95, "times", 4.0)


def _narrow(services: Services, tickets: Material, audience: Audience) -> Iterator[Figure]:
    """Yield the times where one ticket in twenty passes, and none: one channel, and products."""
    with services.database.read() as session:
        channel_id = session.scalars(select(func.max(Channel.id))).one()
    for name, where in (
        ("one in twenty passes", Item.channel_id == channel_id),
        ("none passes", Item.kind == "product"),
    ):
        watch = Stopwatch()
        for query in tickets.asked[:NARROW_QUERIES]:
            with watch.lap():
                services.index.search(
                    query[None, :], workspace_id=audience.workspace_id, limit=LIMIT, where=where
                )
        yield Figure(f"search p50 where {name}", 1e3 * percentile(watch.laps, 50), "ms")
        yield Figure(f"search p95 where {name}", 1e3 * percentile(watch.laps, 95), "ms")


def _saving(services: Services, tickets: Material, audience: Audience) -> Iterator[Figure]:
    """Yield how long it takes to follow and to save, and whom that makes wait."""
    assert isinstance(services.index, HnswIndex)
    following, saving, searching = Stopwatch(), Stopwatch(), Stopwatch()
    added = 10 + int(1.1 * MAX_UNSAVED * tickets.items)  # so many that it is worth saving
    _add_vectors(services, tickets.rows[:added])
    reset_peak_memory()
    before = peak_memory()
    with following.lap():
        _search(services.index, tickets.rows[0], audience)
    yield Figure(f"a search that takes in {added} more rows", following.seconds, "s")
    yield Figure("memory at most meanwhile", peak_memory() - before, "MB")
    with saving.lap():
        thread = Thread(target=services.index.maintain)  # as a running worker does
        thread.start()
        while thread.is_alive():
            with searching.lap():  # with the pause, which ends late where no thread may run
                _search(services.index, tickets.rows[1], audience)
                time.sleep(PAUSE_SECONDS)
    yield Figure("saving the snapshot", saving.seconds, "s")
    yield Figure("the longest search meanwhile", max(searching.laps), "s")
    with services.database.write() as session:  # for the next run
        session.execute(delete(Embedding).where(Embedding.chunk > 0))


def _add_vectors(services: Services, rows: Rows) -> None:
    """Give tickets one more vector each, as if their texts had become longer."""
    fingerprint = services.embedder.fingerprint
    with services.database.write() as session:
        chunk = (session.scalar(select(func.max(Embedding.chunk))) or 0) + 1
        vectors = [
            vector_row(number, vector, fingerprint, 1, chunk)
            for number, vector in enumerate(rows, 1)
        ]
        insert_many(session, Embedding, vectors)


def _search(index: VectorIndex, query: Rows, audience: Audience) -> set[int]:
    [found] = index.search(
        query[None, :], workspace_id=audience.workspace_id, limit=LIMIT, where=audience.items
    )
    return {one.item_id for one in found}
