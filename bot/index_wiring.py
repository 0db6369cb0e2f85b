"""Build the index of a database: what the commands about the index need, and nothing else."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.connection import first_line, open_current
from bot.model_choice import ModelChoice, choose_model
from bot.settings import Settings
from models import Database
from services.search.embedding import Embedder, SentenceTransformerEmbedder
from services.search.hnsw import HnswIndex
from services.search.pgvector import PgVectorIndex

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class IndexedDatabase:
    """A database, the model that it is searched with, and the index of its vectors.

    `choice` is how the model was chosen, None for an embedder that the caller gave.
    """

    database: Database
    embedder: Embedder
    index: HnswIndex | PgVectorIndex
    choice: ModelChoice | None = None

    def close(self) -> None:
        """Save the index and close the database."""
        try:
            if isinstance(self.index, HnswIndex) and not self.database.is_read_only:
                self.index.save()
        except OSError as error:  # it is only a cache, which the next start rebuilds
            logger.warning("the index could not be saved: %s", first_line(error))
        finally:
            self.database.close()


def build_index(
    settings: Settings,
    embedder: Embedder | None = None,
    database: Database | None = None,
    choice: ModelChoice | None = None,
) -> IndexedDatabase:
    """Return the index of the settings' database, which must be at the newest revision.

    `database` is that database where the caller has it open already. Without an `embedder` or a
    `choice` the model is the one in use there.
    """
    database = database or open_current(settings)
    try:
        if embedder is not None:
            return IndexedDatabase(database, embedder, _index(settings, database, embedder))
        if choice is None:
            with database.read() as session:
                choice = choose_model(session, settings)
        chosen = SentenceTransformerEmbedder(choice.name, choice.sha256, choice.known)
        return IndexedDatabase(database, chosen, _index(settings, database, chosen), choice)
    except BaseException:
        database.close()
        raise


def _index(settings: Settings, database: Database, embedder: Embedder) -> HnswIndex | PgVectorIndex:
    if not database.is_sqlite:
        return PgVectorIndex(database, fingerprint=embedder.fingerprint, dim=embedder.dim)
    return HnswIndex(
        database,
        fingerprint=embedder.fingerprint,
        dim=embedder.dim,
        folder=settings.index_dir,
    )
