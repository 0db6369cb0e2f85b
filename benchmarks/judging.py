"""`judging`: the time to judge one ticket against 100,000, from its vectors to its matches.

Each query is a real ticket that is not stored. `Judge.rank` is timed as an answer uses it: search
by meaning and by words, loading, ranking, features, probability under a model; and, for the same
queries on the same graph, bare `hnswlib.knn_query`. Tickets missing to 100,000 are real ones with a
third of the words taken from another ticket, and with noise added to their vectors.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import asdict

import numpy as np
from sqlalchemy import select

from benchmarks import corpus
from benchmarks.measurement import Figure, Stopwatch, fresh_deja, percentile
from benchmarks.search import BATCH_SIZE, Rows, add_noisy_copies, bare_graph, store
from bot.wiring import Services
from models import Calibration, Item, Workspace
from services.channels.audience import Audience, whole_workspace
from services.judgement.calibration import FEATURES
from services.judgement.candidate_limits import ANSWER_LIMITS
from services.judgement.compared_items import ComparedItem
from services.judgement.learned_model import Model
from services.memory import pool_statistics, term_index
from services.memory.term_index import term_entry
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.search.indexes.contract import OVERFETCH
from services.search.indexes.hnsw import HnswIndex
from tests.hashing import HashingEmbedder
from tests.remembering import START

ITEMS, QUERIES = 100_000, 500
# Every third word is exchanged.
EXCHANGED_EVERY = 3
MAX_MS = 15.0
# Verdicts that the model was fitted to.
REVIEWED = 200


def run(quick: bool) -> list[Figure]:
    """Measure the time of judging one ticket, and of measuring neighbourhoods."""
    items, queries = (300, 10) if quick else (ITEMS, QUERIES)
    embedder: Embedder = HashingEmbedder() if quick else SentenceTransformerEmbedder()
    texts, rows = _texts(embedder, items + queries, quick or not corpus.has_data())
    with fresh_deja(embedder) as services:
        store(services.database, rows[queries:], embedder.fingerprint, texts[queries:])
        audience = _index_terms(services)
        add_model(services, audience.workspace_id)
        measuring = Stopwatch()
        with measuring.lap():
            while services.duplicates.measure_missing(limit=BATCH_SIZE):
                pass
        return [
            *_latency(services, audience, texts[:queries], rows),
            Figure("measuring a neighbourhood", 1e3 * measuring.seconds / items, "ms"),
        ]


def _latency(services: Services, audience: Audience, texts: list[str], rows: Rows) -> list[Figure]:
    """Time both in turn, so that other work on the machine slows both."""
    assert isinstance(services.index, HnswIndex)
    services.index.save()
    bare = bare_graph(services, rows[len(texts) :])
    neighbours = min((ANSWER_LIMITS.by_meaning + 1) * OVERFETCH, bare.element_count)
    ours, theirs, asked = Stopwatch(), Stopwatch(), rows[: len(texts)]
    gc.freeze()  # what was imported is no garbage, as in `deja` (`bot.cli.group`)
    for text, row, other in zip(texts, asked, np.roll(asked, len(asked) // 2, axis=0), strict=True):
        query = ComparedItem.of_text(text, "ticket", row[None, :])
        with ours.lap(), services.database.read() as session:
            services.judge.rank(session, [query], audience, ANSWER_LIMITS)
        with theirs.lap():
            bare.knn_query(other[None, :], k=neighbours, num_threads=1)
    p95 = percentile(ours.laps, 95)
    return [
        Figure("judging p50", 1e3 * percentile(ours.laps, 50), "ms"),
        Figure("judging p95", 1e3 * p95, "ms", MAX_MS),
        Figure(f"bare knn_query p95 (k {neighbours})", 1e3 * percentile(theirs.laps, 95), "ms"),
        Figure("judging p95 / bare p95", p95 / percentile(theirs.laps, 95), "times"),
    ]


def _index_terms(services: Services) -> Audience:
    """Index the terms of all items, and return the audience of the whole workspace."""
    with services.database.write() as session:
        workspace_id = session.scalars(select(Workspace.id)).one()
        ids = session.scalars(select(Item.id)).all()
        pools: set[int] = set()
        for start in range(0, len(ids), BATCH_SIZE):
            part = ids[start : start + BATCH_SIZE]
            items = session.scalars(select(Item).where(Item.id.in_(part)))
            entries = [term_entry(item) for item in items]
            pools.update(term_index.index_terms(session, workspace_id, entries))
            session.expunge_all()
        pool_statistics.refresh(session, sorted(pools), services.embedder.fingerprint)
    return whole_workspace(workspace_id)


def add_model(services: Services, workspace_id: int) -> None:
    """Store a model that weighs all features; what it calls does not matter here."""
    size = 1 + len(FEATURES)
    model = Model(
        features=FEATURES,
        verbosity=0.5,
        mean=(0.5,) * size,
        scale=(0.2,) * size,
        weights=(1.0,) * size,
        intercept=0.0,
        strengths=tuple(np.linspace(3, 0, REVIEWED).tolist()),
        labels=(True,) * REVIEWED,
        backlog_shares=(1 / REVIEWED,) * REVIEWED,
        min_closeness=0.0,
        slope=1.0,
        offset=0.0,
    )
    with services.database.write() as session:
        session.add(
            Calibration(
                workspace_id=workspace_id, kind="ticket", model=asdict(model), report={},
                fingerprint=services.embedder.fingerprint, verdicts=REVIEWED,
                fitted_by="benchmark", fitted_at=START,
            )
        )  # fmt: skip


def _texts(embedder: Embedder, number: int, from_sample: bool) -> tuple[list[str], Rows]:
    """Return texts and a vector for each, in random order, so that lengths are mixed."""
    texts = corpus.tickets(number, from_sample=True) if from_sample else corpus.all_tickets()
    vectors = corpus.encoded(embedder, texts)
    first = np.searchsorted(vectors.owners, np.arange(len(texts)))
    rows = add_noisy_copies(vectors.rows[first], number)
    all_texts = [*texts, *_with_exchanged_words(texts, number - len(texts))]
    order = np.random.default_rng(2).permutation(number)
    return [all_texts[index] for index in order], rows[order]


def _with_exchanged_words(texts: list[str], number: int) -> Iterator[str]:
    random = np.random.default_rng(3)
    for index in range(max(number, 0)):
        other = texts[int(random.integers(len(texts)))]
        yield exchange_words(texts[index % len(texts)], other)


def exchange_words(text: str, other: str) -> str:
    """Return a text with every third word taken from another."""
    words, others = text.split(" "), other.split(" ")
    exchanged = len(words[::EXCHANGED_EVERY])
    words[::EXCHANGED_EVERY] = [others[n % len(others)] for n in range(exchanged)]
    return " ".join(words)
