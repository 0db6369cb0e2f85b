"""Build the services from the settings; with `index_wiring`, the only place that names classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.index_wiring import IndexedDatabase, build_index
from bot.settings import Settings
from models import Database
from services.intake.ingest import TicketIngest
from services.judgement.calibrator import Calibrator
from services.judgement.duplicates import Duplicates
from services.judgement.judge import Judge
from services.judgement.similar import SimilaritySearch
from services.memory.item_vectors import ItemVectors
from services.memory.items import ItemStore
from services.queue import JobQueue
from services.search.embedding import Embedder
from services.search.hnsw import HnswIndex
from services.search.pgvector import PgVectorIndex
from services.topics.runs import Topics


@dataclass(frozen=True)
class Services:
    """The services of one database."""

    settings: Settings
    database: Database
    embedder: Embedder
    vectors: ItemVectors
    items: ItemStore
    ingest: TicketIngest
    index: HnswIndex | PgVectorIndex
    judge: Judge
    duplicates: Duplicates
    similar: SimilaritySearch
    calibrator: Calibrator
    queue: JobQueue
    topics: Topics

    def maintain_index(self) -> None:
        """Rebuild and save the index if needed; PostgreSQL maintains its own."""
        if isinstance(self.index, HnswIndex):
            self.index.maintain()

    def rebuild_index(self) -> None:
        """Rebuild the index, so that it holds nothing that was deleted from the database."""
        if isinstance(self.index, HnswIndex):
            self.index.rebuild()
            self.index.save()

    def close(self) -> None:
        """Save the index and close the database."""
        IndexedDatabase(self.database, self.embedder, self.index).close()


def build(
    settings: Settings, embedder: Embedder | None = None, database: Database | None = None
) -> Services:
    """Return the services of the settings' database, which must be at the newest revision.

    `database` is that database where the caller has it open already; `Services.close` closes it.
    """
    found = build_index(settings, embedder, database)
    database, embedder, index = found.database, found.embedder, found.index
    vectors = ItemVectors(database, embedder)
    items = ItemStore(vectors)
    judge = Judge(vectors, index)
    return Services(
        settings=settings,
        database=database,
        embedder=embedder,
        vectors=vectors,
        items=items,
        ingest=TicketIngest(database, items, settings.burst_seconds),
        index=index,
        judge=judge,
        duplicates=Duplicates(database, judge),
        similar=SimilaritySearch(database, judge),
        calibrator=Calibrator(database, judge),
        queue=JobQueue(database, max_wait=timedelta(hours=settings.max_wait_hours)),
        topics=Topics(database, embedder.fingerprint),
    )
