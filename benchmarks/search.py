"""`search`: the index under the audience filter, compared with bare hnswlib on the same graph.

The vectors are real embeddings. Those missing to the full number are real ones with noise of length
`NOISE` added, normalised again: a cosine of 0.89 to the original, like a rewording. The noise goes
in every direction, which makes the neighbours harder to find than real rewordings would. The
queries are real embeddings that are not stored.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, insert
from sqlalchemy.orm import Session

from benchmarks import corpus
from benchmarks.measurement import Figure, Stopwatch, fresh_deja, percentile, time_in_turn
from bot.wiring import Services
from models import Channel, Database, Embedding, Item, Workspace
from services.channels.audience import readable_in
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.search.indexes.contract import OVERFETCH, VectorIndex, search_width
from services.search.indexes.graph import EF_SEARCH, add_rows, new_graph, read_graph
from services.search.indexes.hnsw import HnswIndex
from services.search.indexes.saved_rows import EXACT_ROWS
from tests.hashing import HashingEmbedder
from tests.remembering import START

ITEMS, QUERIES = 100_000, 1_000
LIMIT = 10
NOISE = 0.5

# One item in twenty is in a private channel that the audience may not read.
PRIVATE_EVERY = 20
BATCH_SIZE = 5_000

Rows = NDArray[np.float32]


def run(quick: bool) -> list[Figure]:
    """Measure latency, recall, memory and start of `HnswIndex`."""
    items, queries = (600, 20) if quick else (ITEMS, QUERIES)
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    stored, query_rows = vectors_and_queries(
        embedder, items, queries, from_sample=quick or not corpus.has_data()
    )
    with fresh_deja(embedder) as services:
        where = store(services.database, stored, embedder.fingerprint)
        index = _index(services, services.settings.index_dir, quick=quick)
        build = Stopwatch()
        with build.lap():
            index.load()
        index.save()
        return [
            *_latency(services, index, stored, query_rows, where),
            Figure(
                "recall@10 against exact",
                recall(index, stored, query_rows, where),
                "",
                0.99,
                "at least",
            ),
            *_start(services, build.seconds, quick=quick),
            *_memory(services, stored.nbytes),
        ]


def store(
    database: Database,
    rows: Rows,
    fingerprint: str,
    texts: Sequence[str] = (),
    *,
    team_id: str = "T1",
    before: int = 0,
) -> ColumnElement[bool]:
    """Store a ticket for each row; return the condition for what a public channel may be shown.

    `before` is how many tickets the database has, of other workspaces.
    """
    with database.write() as session:
        channels = add_channels(session, team_id)
        workspace_id = channels[0].workspace_id
        for start in range(0, len(rows), BATCH_SIZE):
            block = rows[start : start + BATCH_SIZE]
            first = before + start + 1
            numbers = range(first, first + len(block))
            session.execute(
                insert(Item),
                [item_row(n, channels, texts[n - 1] if texts else f"ticket {n}") for n in numbers],
            )
            session.execute(
                insert(Embedding),
                [
                    vector_row(n, vector, fingerprint, workspace_id)
                    for n, vector in zip(numbers, block, strict=True)
                ],
            )
        return readable_in(channels[0]) & (Item.kind == "ticket")


def add_channels(session: Session, team_id: str = "T1") -> list[Channel]:
    """Add a workspace with two public channels and a private one, and return these."""
    workspace = Workspace(team_id=team_id, created_at=START)
    session.add(workspace)
    session.flush()
    channels = [
        Channel(workspace_id=workspace.id, slack_id=f"C{n}", is_private=private)
        for n, private in enumerate([False, False, True])
    ]
    session.add_all(channels)
    session.flush()
    return channels


def recall(index: VectorIndex, stored: Rows, queries: Rows, where: ColumnElement[bool]) -> float:
    """Return the share of the true ten nearest readable items that the index finds."""
    readable = np.array([not is_private(n) for n in range(1, len(stored) + 1)])
    hits = 0
    for query in queries:
        exact = np.where(readable, stored @ query, -2.0)
        nearest = set((np.argpartition(-exact, LIMIT)[:LIMIT] + 1).tolist())
        found = index.search(query[None, :], workspace_id=1, limit=LIMIT, where=where)[0]
        hits += len(nearest & {candidate.item_id for candidate in found})
    return hits / (LIMIT * len(queries))


def _latency(
    services: Services,
    index: HnswIndex,
    stored: Rows,
    queries: Rows,
    where: ColumnElement[bool],
) -> list[Figure]:
    """Return the times of searches, and of bare ones on the same graph."""
    bare = bare_graph(services, stored)
    neighbours = LIMIT * OVERFETCH
    ours, theirs = time_in_turn(
        lambda query: index.search(query[None, :], workspace_id=1, where=where, limit=LIMIT),
        list(queries),
        lambda query: bare.knn_query(query[None, :], k=neighbours, num_threads=1),
        list(queries),
    )
    mine_p95, bare_p95 = percentile(ours.laps, 95), percentile(theirs.laps, 95)
    return [
        Figure("search p50", 1e3 * percentile(ours.laps, 50), "ms"),
        Figure("search p95", 1e3 * mine_p95, "ms", 5.0),
        Figure(
            f"bare knn_query p50 (k {neighbours}, ef {search_width(EF_SEARCH, len(stored))})",
            1e3 * percentile(theirs.laps, 50),
            "ms",
        ),
        Figure("bare knn_query p95", 1e3 * bare_p95, "ms"),
        Figure("search p95 / bare p95", mine_p95 / bare_p95, "times", 4.0),
    ]


def bare_graph(services: Services, stored: Rows) -> Any:
    """Return the graph of the first workspace from its snapshot; one is made where it has none."""
    files = list(services.settings.index_dir.glob("index-*-1.bin"))
    if files:
        graph = read_graph(stored.shape[1], files[0])
    else:
        graph = new_graph(stored.shape[1], len(stored))
        add_rows(graph, np.arange(1, len(stored) + 1), stored)
    graph.set_ef(search_width(EF_SEARCH, graph.element_count))
    return graph


def _start(services: Services, build: float, *, quick: bool) -> list[Figure]:
    snapshot = Stopwatch()
    with snapshot.lap():
        _index(services, services.settings.index_dir, quick=quick).load()
    return [
        Figure("rebuild from the database", build, "s"),
        Figure("start from the snapshot", snapshot.seconds, "s"),
        Figure("rebuild / start", build / snapshot.seconds, "times", 20.0, "at least"),
    ]


def _memory(services: Services, raw: int) -> list[Figure]:
    """Measure by how much a fresh process grows when it opens the index."""
    with tempfile.TemporaryDirectory() as empty:
        loaded = _growth(services, services.settings.index_dir)
        built = _growth(services, Path(empty))
    return [
        Figure("raw float32 vectors", raw / 1e6, "MB"),
        Figure("memory of the index, read from the snapshot / raw", loaded / raw, "times", 1.3),
        Figure("memory of the index, built in this process / raw", built / raw, "times", 1.3),
    ]


def _growth(services: Services, folder: Path) -> int:
    arguments = [
        services.settings.database_url.get_secret_value(),
        services.embedder.fingerprint,
        str(services.embedder.dim),
    ]
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", *arguments, str(folder)],
        cwd=corpus.ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    growth: int = json.loads(process.stdout)["growth"]
    return growth


def vectors_and_queries(
    embedder: Embedder, items: int, queries: int, *, from_sample: bool
) -> tuple[Rows, Rows]:
    """Return the stored vectors, `(items, dim)`, and the queries, `(queries, dim)`."""
    random = np.random.default_rng(1)
    if from_sample:
        real = corpus.encoded(embedder, corpus.tickets(items // 2, from_sample=True)).rows
    else:
        sets = [corpus.read(name) for name in corpus.TICKETS]
        real = np.concatenate([corpus.encoded_rows(embedder, rows).rows for rows in sets])
    real = random.permutation(np.unique(real, axis=0))
    return random.permutation(add_noisy_copies(real[queries:], items)), real[:queries]


def add_noisy_copies(rows: Rows, number: int) -> Rows:
    """Return `number` rows: these, and copies with noise (a cosine of 0.89 to the original)."""
    random = np.random.default_rng(1)
    originals = rows[np.arange(max(number - len(rows), 0)) % len(rows)]
    noise = random.standard_normal(originals.shape, dtype=np.float32)
    copies = originals + NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    copies /= np.linalg.norm(copies, axis=1, keepdims=True)
    return np.concatenate([rows, copies])[:number]


def _index(services: Services, folder: Path, *, quick: bool) -> HnswIndex:
    return HnswIndex(
        services.database,
        fingerprint=services.embedder.fingerprint,
        dim=services.embedder.dim,
        folder=folder,
        exact_rows=0 if quick else EXACT_ROWS,
    )


def item_row(number: int, channels: Sequence[Channel], text: str) -> dict[str, Any]:
    """Return the row of a ticket in one of the channels of `add_channels`; its id is its number."""
    channel = channels[2] if is_private(number) else channels[number % 2]
    return {
        "id": number, "workspace_id": channel.workspace_id, "channel_id": channel.id,
        "kind": "ticket", "source": "slack", "external_id": str(number), "text": text, "extra": {},
        "status": "open", "revision": "", "created_at": START, "updated_at": START,
    }  # fmt: skip


def vector_row(
    number: int, vector: Rows, fingerprint: str, workspace_id: int, chunk: int = 0
) -> dict[str, Any]:
    """Return the row of a ticket's vector, shape `(dim,)`."""
    return {
        "item_id": number, "chunk": chunk, "fingerprint": fingerprint, "dim": len(vector),
        "text_hash": f"{number:064x}", "vector": vector, "workspace_id": workspace_id,
    }  # fmt: skip


def is_private(number: int) -> bool:
    """Say whether a ticket, by its number, is in a channel that the audience may not read."""
    return number % PRIVATE_EVERY == 0
