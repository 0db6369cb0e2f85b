"""Build the index of a database: what the commands about the index need, and nothing else."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.connection import first_line, open_current
from bot.model_choice import ModelChoice, choose_model, embedder_of
from bot.model_numerics import apply_numerics
from services.errors import IndexUnreachableError, SettingsError
from services.search.indexes.contract import FollowingIndex
from services.search.indexes.hnsw import HnswIndex
from services.search.indexes.pgvector import PgVectorIndex

if TYPE_CHECKING:
    from bot.settings import Settings
    from models import Database
    from services.search.embedders.embedding import Embedder

# How long a request to Qdrant may take.
QDRANT_SECONDS = 30

# Every index that there is: PostgreSQL maintains its own.
Index = FollowingIndex | PgVectorIndex

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class IndexedDatabase:
    """A database, the model that it is searched with, and the index of its vectors.

    `choice` is how the model was chosen, None for an embedder that the caller gave.
    """

    database: Database
    embedder: Embedder
    index: Index
    choice: ModelChoice | None = None

    def close(self) -> None:
        """Save the index and close the database."""
        try:
            if isinstance(self.index, FollowingIndex) and not self.database.is_read_only:
                self.index.save()
        except (
            OSError,
            IndexUnreachableError,
        ) as error:  # it is only a cache, which the next start rebuilds
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
        chosen = embedder_of(settings, choice)
        apply_numerics(chosen, settings)
        return IndexedDatabase(database, chosen, _index(settings, database, chosen), choice)
    except BaseException:
        database.close()
        raise


def index_for(settings: Settings, database: Database, fingerprint: str, dim: int) -> Index:
    """Return the index of one model's vectors; nothing is read yet."""
    if settings.qdrant_url is not None:
        return open_qdrant(settings, database, fingerprint, dim)
    if not database.is_sqlite:
        return PgVectorIndex(database, fingerprint=fingerprint, dim=dim)
    return HnswIndex(database, fingerprint=fingerprint, dim=dim, folder=settings.index_dir)


def _index(settings: Settings, database: Database, embedder: Embedder) -> Index:
    return index_for(settings, database, embedder.fingerprint, embedder.dim)


def open_qdrant(
    settings: Settings, database: Database, fingerprint: str, dim: int
) -> FollowingIndex:
    """Return the index that `DEJA_QDRANT_URL` names; nothing is asked of the server yet.

    Raises `SettingsError` without the extra `deja[qdrant]`.
    """
    try:
        from qdrant_client import QdrantClient

        from services.search.indexes.qdrant import QdrantIndex
    except ImportError as error:
        raise SettingsError(
            "DEJA_QDRANT_URL needs Qdrant's client: run `pip install 'deja[qdrant]'`."
        ) from error
    key = settings.qdrant_api_key
    client = QdrantClient(
        url=settings.qdrant_url,
        api_key=None if key is None else key.get_secret_value(),
        timeout=QDRANT_SECONDS,
        check_compatibility=False,  # it asks the server at once, and warns where that is silent
    )
    return QdrantIndex(
        database, client, fingerprint=fingerprint, dim=dim, prefix=settings.qdrant_prefix
    )
