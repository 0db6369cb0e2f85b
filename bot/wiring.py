"""Build the services from the settings: the only place that names concrete classes."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.connection import first_line, open_current
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
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from services.search.hnsw import HnswIndex
from services.search.pgvector import PgVectorIndex
from services.topics.runs import Topics

logger = logging.getLogger(__name__)


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
        try:
            if isinstance(self.index, HnswIndex):
                self.index.save()
        except OSError as error:  # it is only a cache, which the next start rebuilds
            logger.warning("the index could not be saved: %s", first_line(error))
        finally:
            self.database.close()


def build(
    settings: Settings, embedder: Embedder | None = None, database: Database | None = None
) -> Services:
    """Return the services of the settings' database, which must be at the newest revision.

    `database` is that database where the caller has it open already; `Services.close` closes it.
    """
    database = database or open_current(settings)
    try:
        return _build(settings, database, embedder)
    except BaseException:
        database.close()
        raise


def _build(settings: Settings, database: Database, embedder: Embedder | None) -> Services:
    embedder = embedder or SentenceTransformerEmbedder(settings.model, settings.model_sha256)
    vectors = ItemVectors(database, embedder)
    items = ItemStore(vectors)
    index = _index(settings, database, embedder)
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
        queue=JobQueue(database),
        topics=Topics(database, embedder.fingerprint),
    )


def _index(settings: Settings, database: Database, embedder: Embedder) -> HnswIndex | PgVectorIndex:
    if not database.is_sqlite:
        return PgVectorIndex(database, fingerprint=embedder.fingerprint, dim=embedder.dim)
    return HnswIndex(
        database,
        fingerprint=embedder.fingerprint,
        dim=embedder.dim,
        folder=settings.index_dir,
    )
