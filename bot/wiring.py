"""The one place that names concrete classes: from settings to the services."""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

import migrations
from bot.settings import Settings
from models import Database
from services.errors import DatabaseError, SettingsError
from services.intake.ingest import TicketIngest
from services.judgement.calibrator import Calibrator
from services.judgement.duplicates import Duplicates
from services.judgement.judge import Judge
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
    items: ItemStore
    memory: TicketIngest
    index: HnswIndex | PgVectorIndex
    duplicates: Duplicates
    calibrator: Calibrator
    queue: JobQueue
    topics: Topics

    def maintain_index(self) -> None:
        """Rebuild and save the index where it is ours to keep; PostgreSQL keeps its own."""
        if isinstance(self.index, HnswIndex):
            self.index.maintain()

    def rebuild_index(self) -> None:
        """Make the index anew, so that it holds nothing that the database does not."""
        if isinstance(self.index, HnswIndex):
            self.index.rebuild()
            self.index.save()

    def close(self) -> None:
        """Save what is only in memory, and let go of the database."""
        try:
            if isinstance(self.index, HnswIndex):
                self.index.save()
        except OSError as error:  # it is only a cache; the next start builds it anew
            logger.warning("the index could not be saved: %s", reason(error))
        finally:
            self.database.close()


def build(
    settings: Settings, embedder: Embedder | None = None, database: Database | None = None
) -> Services:
    """Return the services of the settings' database, which must be at the newest revision.

    `database` is that database where the caller has it open already; `Services.close` closes it.
    """
    database = database or connect(settings)
    try:
        ensure_current(database)
        return _build(settings, database, embedder)
    except BaseException:
        database.close()
        raise


def _build(settings: Settings, database: Database, embedder: Embedder | None) -> Services:
    embedder = embedder or SentenceTransformerEmbedder(settings.model, settings.model_sha256)
    items = ItemStore(database, embedder)
    index = _index(settings, database, embedder)
    judge = Judge(items, index)
    return Services(
        settings=settings,
        database=database,
        embedder=embedder,
        items=items,
        memory=TicketIngest(database, items, settings.burst_seconds),
        index=index,
        duplicates=Duplicates(database, items, judge),
        calibrator=Calibrator(database, judge),
        queue=JobQueue(database),
        topics=Topics(database, embedder.fingerprint),
    )


def connect(settings: Settings) -> Database:
    """Return the settings' database, whatever is in it. SQLite's folder is made where missing."""
    try:
        database = Database.connect(settings.database_url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(
            "DEJA_DATABASE_URL makes no sense. Examples: sqlite:////srv/deja/deja.db, "
            "postgresql+psycopg://deja@db/deja"
        ) from error
    try:
        if database.is_sqlite:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        with database.engine.connect():
            return database
    except (DBAPIError, OSError) as error:
        database.close()
        raise DatabaseError(f"The database cannot be opened: {reason(error)}") from error


def ensure_current(database: Database) -> None:
    """Raise `DatabaseError` unless the tables are the ones this program knows."""
    try:
        revision = migrations.current_revision(database.engine)
    except DBAPIError as error:
        raise DatabaseError(f"The database cannot be read: {reason(error)}") from error
    if revision is None:
        raise DatabaseError("The database has no tables yet: run `deja db upgrade`.")
    if not migrations.knows(revision):
        raise DatabaseError(
            f"The database is from a newer Déjà (revision {revision}): install that version."
        )
    if revision != migrations.newest_revision():
        raise DatabaseError(
            f"The database is at revision {revision}: back it up, then run `deja db upgrade`."
        )


def reason(error: BaseException) -> str:
    """Return an error's first line, without SQL, addresses and numbers of errors."""
    if isinstance(error, OSError) and error.strerror:
        said = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        return f"{error.filename}: {said}." if error.filename else f"{said[0].upper()}{said[1:]}."
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    lines = str(cause).strip().splitlines()
    return lines[0].strip().rstrip(".") + "." if lines else type(cause).__name__


def _index(settings: Settings, database: Database, embedder: Embedder) -> HnswIndex | PgVectorIndex:
    if not database.is_sqlite:
        return PgVectorIndex(database, fingerprint=embedder.fingerprint, dim=embedder.dim)
    return HnswIndex(
        database,
        fingerprint=embedder.fingerprint,
        dim=embedder.dim,
        folder=settings.index_dir,
    )
