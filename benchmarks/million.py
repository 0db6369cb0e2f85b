"""`million`: a million tickets of one workspace on SQLite, filled without the intake.

Measured are building the index, starting from its snapshot, memory, commands that read everything,
search under the audience's condition beside bare hnswlib on the same graph, judging, and saving the
snapshot while others search. With DEJA_BENCHMARK_FOLDER the database and the index are kept there,
and a second run builds neither; half a fill goes on where it was.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import numpy as np
from sqlalchemy import delete, func, select

from benchmarks import corpus
from benchmarks.judging import add_model
from benchmarks.measurement import (
    Figure,
    Stopwatch,
    deja_in,
    fresh_deja,
    peak_memory,
    percentile,
    reset_peak_memory,
)
from benchmarks.million_items import Material, fill, material
from benchmarks.search import LIMIT, Rows, bare_graph, is_private
from benchmarks.startup import DEJA
from bot.wiring import Services
from models import Calibration, Channel, Embedding, Item, insert_many
from services.channels.audience import Audience
from services.judgement.candidate_limits import ANSWER_LIMITS
from services.judgement.compared_items import ComparedItem
from services.search.contract import OVERFETCH, VectorIndex
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from services.search.graph import EF_SEARCH
from services.search.hnsw import HnswIndex
from services.search.workspace_graph import MAX_UNSAVED
from tests.hashing import HashingEmbedder

ITEMS, QUERIES, RECALL_QUERIES, NARROW_QUERIES = 1_000_000, 500, 200, 20

# What the commands are for: a look, a check, a proof.
COMMANDS = ("status", "doctor", "index verify --queries 100")

# Searches one after the other while the snapshot is saved.
PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class Size:
    """How many tickets are stored, and how many queries are asked."""

    items: int
    queries: int
    recall_queries: int


def run(quick: bool) -> Iterator[Figure]:
    """Yield the figures of a million tickets."""
    if not quick:
        yield from run_with(ITEMS)
        return
    tickets = material(HashingEmbedder(), 10, from_sample=True)
    yield from _measure(HashingEmbedder(), tickets, Size(4_200, 10, 10))


def run_with(items: int) -> Iterator[Figure]:
    """Yield the same figures of so many tickets."""
    embedder = SentenceTransformerEmbedder()
    tickets = material(embedder, QUERIES, from_sample=not corpus.has_data())
    yield from _measure(embedder, tickets, Size(items, QUERIES, RECALL_QUERIES))


def _measure(embedder: Embedder, tickets: Material, size: Size) -> Iterator[Figure]:
    with kept_deja(embedder) as services:
        filling = Stopwatch()
        with filling.lap():
            audience = fill(services, tickets, size.items)
            teach(services, audience)
        raw = 4.0 * embedder.dim * size.items
        yield Figure("tickets", size.items)
        yield Figure("filling what was missing", filling.seconds, "s")
        yield Figure("raw float32 vectors", raw / 1e6, "MB")
        yield from _opened(services, raw)
        yield from _files(services, raw)
        if isinstance(embedder, SentenceTransformerEmbedder):
            yield from _commands(services)
        yield from _latency(services, tickets, audience)
        found = recall(services.index, tickets, size, audience)
        yield Figure("recall@10 against exact", found, "", 0.99, "at least")
        yield from _narrow(services, tickets, audience)
        yield from judging(services, tickets, audience)
        yield from _saving(services, tickets, size, audience)
        yield Figure("load of the machine", os.getloadavg()[0])


@contextmanager
def kept_deja(embedder: Embedder) -> Iterator[Services]:
    """Give the services of a Déjà in DEJA_BENCHMARK_FOLDER; without it, of an empty one."""
    folder = os.environ.get("DEJA_BENCHMARK_FOLDER")
    with deja_in(Path(folder), embedder) if folder else fresh_deja(embedder) as services:
        yield services


def recall(index: VectorIndex, tickets: Material, size: Size, audience: Audience) -> float:
    """Return the share of the true ten nearest readable tickets that the index finds."""
    queries = tickets.rows[: size.recall_queries]
    best = np.full((len(queries), LIMIT), -2.0, dtype=np.float32)
    ids = np.zeros((len(queries), LIMIT), dtype=np.int64)
    for numbers, rows in tickets.blocks(size.items):
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


def judging(services: Services, tickets: Material, audience: Audience) -> Iterator[Figure]:
    """Yield the times to judge a ticket that is not stored, as for an answer."""
    watch = Stopwatch()
    gc.collect()
    gc.freeze()  # what was imported is no garbage, as in `deja` (`bot.cli.group`)
    for text, row in zip(tickets.texts, tickets.rows[: tickets.queries], strict=False):
        query = ComparedItem.of_text(text, "ticket", row[None, :])
        with watch.lap(), services.database.read() as session:
            services.judge.rank(session, [query], audience, ANSWER_LIMITS)
    yield Figure("judging p50", 1e3 * percentile(watch.laps, 50), "ms")
    yield Figure("judging p95", 1e3 * percentile(watch.laps, 95), "ms", 40.0)
    yield Figure("judging, processor time on average", 1e3 * watch.cpu / tickets.queries, "ms")


def teach(services: Services, audience: Audience) -> None:
    """Store a learned model, if there is none."""
    with services.database.read() as session:
        known = session.scalar(select(func.count(Calibration.id)))
    if not known:
        add_model(services, audience.workspace_id)


def _opened(services: Services, raw: float) -> Iterator[Figure]:
    """Yield what opening the index takes, in processes of their own: built, and read."""
    files = list(services.settings.index_dir.glob("index-*.json"))
    if not files:
        built = _open(services)
        yield Figure("index built in", built["seconds"], "s")
        yield Figure("memory, built / raw", built["growth"] / raw, "times", 1.3)
        yield Figure("memory at most, built / raw", built["peak"] / raw, "times")
    read = _open(services)
    yield Figure("start from the snapshot", read["seconds"], "s", 10.0)
    yield Figure("memory, from the snapshot / raw", read["growth"] / raw, "times", 1.3)
    yield Figure("memory at most, from the snapshot / raw", read["peak"] / raw, "times")


def _open(services: Services) -> dict[str, float]:
    url = services.settings.database_url.get_secret_value()
    fingerprint, dim = services.embedder.fingerprint, str(services.embedder.dim)
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", url, fingerprint, dim,
         str(services.settings.index_dir)],
        cwd=corpus.ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(process.stdout)
    return found


def _files(services: Services, raw: float) -> Iterator[Figure]:
    database = Path(str(services.database.engine.url.database))
    yield Figure("database", database.stat().st_size / 1e6, "MB")
    [snapshot] = services.settings.index_dir.glob("index-*.bin")
    yield Figure("snapshot / raw", snapshot.stat().st_size / raw, "times")


def _commands(services: Services) -> Iterator[Figure]:
    """Yield the seconds and the memory of commands that read everything."""
    environment = {**os.environ, "DEJA_DATA_DIR": str(services.settings.data_dir)}
    for command in COMMANDS:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", DEJA, *command.split()], cwd=corpus.ROOT, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        yield Figure(f"deja {command}", time.perf_counter() - started, "s")
        yield Figure("  processor time", usage.ru_utime + usage.ru_stime, "s")
        yield Figure("  memory at most", usage.ru_maxrss / 1024, "MB")


def _latency(services: Services, tickets: Material, audience: Audience) -> Iterator[Figure]:
    """Time both in turn, so that other work on the machine slows both."""
    queries = tickets.rows[: tickets.queries]
    bare = bare_graph(services, queries)
    neighbours = LIMIT * OVERFETCH
    _search(services.index, queries[0], audience)  # opens the index
    ours, theirs = Stopwatch(), Stopwatch()
    # Never the same query one after the other, so that neither finds a warm cache.
    for mine, other in zip(queries, np.roll(queries, len(queries) // 2, axis=0), strict=True):
        with ours.lap():
            _search(services.index, mine, audience)
        with theirs.lap():
            bare.knn_query(other[None, :], k=neighbours, num_threads=1)
    p50, p95 = percentile(ours.laps, 50), percentile(ours.laps, 95)
    bare_p50, bare_p95 = percentile(theirs.laps, 50), percentile(theirs.laps, 95)
    yield Figure("search p50", 1e3 * p50, "ms")
    yield Figure("search p95", 1e3 * p95, "ms", 10.0)
    yield Figure(f"bare knn_query p50 (k {neighbours}, ef {EF_SEARCH})", 1e3 * bare_p50, "ms")
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
        for query in tickets.rows[: min(NARROW_QUERIES, tickets.queries)]:
            with watch.lap():
                services.index.search(
                    query[None, :], workspace_id=audience.workspace_id, limit=LIMIT, where=where
                )
        yield Figure(f"search p50 where {name}", 1e3 * percentile(watch.laps, 50), "ms")
        yield Figure(f"search p95 where {name}", 1e3 * percentile(watch.laps, 95), "ms")


def _saving(
    services: Services, tickets: Material, size: Size, audience: Audience
) -> Iterator[Figure]:
    """Yield how long it takes to follow and to save, and whom that makes wait."""
    assert isinstance(services.index, HnswIndex)
    following, saving, searching = Stopwatch(), Stopwatch(), Stopwatch()
    _add_vectors(services, tickets.rows[: 1 + int(MAX_UNSAVED * size.items)])
    reset_peak_memory()
    before = peak_memory()
    with following.lap():
        _search(services.index, tickets.rows[0], audience)
    yield Figure("a search that takes in a five-hundredth more rows", following.seconds, "s")
    yield Figure("memory at most meanwhile", peak_memory() - before, "MB")
    with saving.lap():
        thread = Thread(target=services.index.save)
        thread.start()
        while thread.is_alive():
            with searching.lap():
                _search(services.index, tickets.rows[1], audience)
            time.sleep(PAUSE_SECONDS)
    yield Figure("saving the snapshot", saving.seconds, "s")
    yield Figure("the longest search meanwhile", max(searching.laps), "s")
    with services.database.write() as session:  # for the next run
        session.execute(delete(Embedding).where(Embedding.chunk > 0))


def _add_vectors(services: Services, rows: Rows) -> None:
    """Give tickets one more vector each, as if their texts had become longer."""
    fingerprint, dim = services.embedder.fingerprint, services.embedder.dim
    with services.database.write() as session:
        chunk = (session.scalar(select(func.max(Embedding.chunk))) or 0) + 1
        vectors = [
            {"item_id": n, "chunk": chunk, "fingerprint": fingerprint, "dim": dim,
             "text_hash": "0" * 64, "vector": vector, "workspace_id": 1}
            for n, vector in enumerate(rows, 1)
        ]  # fmt: skip
        insert_many(session, Embedding, vectors)


def _search(index: VectorIndex, query: Rows, audience: Audience) -> set[int]:
    [found] = index.search(
        query[None, :], workspace_id=audience.workspace_id, limit=LIMIT, where=audience.items
    )
    return {one.item_id for one in found}
