"""Build the services from the settings; with `index_wiring`, the only place that names classes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from threading import Lock

from bot.index_wiring import Index, IndexedDatabase, build_index
from bot.keys import open_keyring
from bot.model_choice import ModelChoice
from bot.model_numerics import ensure_measured
from bot.settings import Settings
from models import Database
from services.answers.similar_pictures import SimilarPictures
from services.errors import ModelError, RetryLaterError
from services.intake.ingest import TicketIngest
from services.judgement.calibrator import Calibrator
from services.judgement.duplicates import Duplicates
from services.judgement.judge import Judge
from services.judgement.similar import SimilaritySearch
from services.memory.embedding_models import fingerprint_in_use
from services.memory.item_vectors import ItemVectors
from services.memory.items import ItemStore
from services.queue import JobQueue
from services.search.embedders.embedding import Embedder
from services.search.embedders.image_embedding import ImageEmbedder
from services.search.indexes.contract import FollowingIndex
from services.secrets.keyring import Keyring
from services.topics.runs import Topics

# How long work waits where the model in use cannot be loaded.
RELOAD_SECONDS = 30.0

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
    index: Index
    judge: Judge
    duplicates: Duplicates
    similar: SimilaritySearch
    calibrator: Calibrator
    queue: JobQueue
    topics: Topics
    choice: ModelChoice | None = None

    @cached_property
    def live(self) -> LiveServices:
        """These services, and after a switch to another model those that take their place."""
        return LiveServices(self)

    @property
    def keyring(self) -> Keyring:
        """The keys of stored secrets."""
        return open_keyring(self.settings)

    @property
    def similar_pictures(self) -> SimilarPictures | None:
        """What finds tickets by their pictures, None without DEJA_IMAGE_MODEL."""
        embedder = self.image_embedder
        return None if embedder is None else SimilarPictures(self.database, embedder)

    @cached_property
    def image_embedder(self) -> ImageEmbedder | None:
        """The model for pictures, None without DEJA_IMAGE_MODEL; loaded when it first reads."""
        name = self.settings.image_model
        return None if name is None else ImageEmbedder(name, self.settings.model_dir)

    def maintain_index(self) -> None:
        """Rebuild and save the index where needed, without workspaces that are gone."""
        self.index.maintain()

    def stop_saving(self) -> None:
        """Keep of the index only what the next start could not make again in seconds."""
        for services in (self, self.live.last):
            if isinstance(services.index, FollowingIndex):
                services.index.stop_saving()

    def close(self) -> None:
        """Save the index and close the database."""
        IndexedDatabase(self.database, self.embedder, self.index).close()


def build(
    settings: Settings,
    embedder: Embedder | None = None,
    database: Database | None = None,
    choice: ModelChoice | None = None,
) -> Services:
    """Return the services of the settings' database, which must be at the newest revision.

    `database` is that database where the caller has it open already; `Services.close` closes it.
    Without an `embedder` or a `choice` the model is the one in use there.
    """
    found = build_index(settings, embedder, database, choice)
    database, embedder, index = found.database, found.embedder, found.index
    name = None if found.choice is None else found.choice.name
    if found.choice is not None and found.choice.differs:
        logger.info("DEJA_MODEL is %s, but the database is searched with %s", settings.model, name)
    vectors = ItemVectors(database, embedder, name)
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
        topics=Topics(database, embedder),
        choice=found.choice,
    )


class LiveServices:
    """The services of one database, made again when another model has come into use there."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = Lock()

    @property
    def last(self) -> Services:
        """What `get` returned last; it asks no database."""
        return self._services

    def get(self) -> Services:
        """Return the services with the model that is in use now.

        Raises `RetryLaterError` where it cannot be loaded on this machine.
        """
        with self._services.database.read() as session:
            in_use = fingerprint_in_use(session)
        return self.using(in_use)

    def using(self, in_use: str | None) -> Services:
        """Return the services with a model that the database names; None before there is one.

        Raises `RetryLaterError` where it cannot be loaded on this machine.
        """
        if in_use is None or in_use == self._services.embedder.fingerprint:
            return self._services
        with self._lock:
            if in_use != self._services.embedder.fingerprint:
                self._services = self._made_again()
            return self._services

    def _made_again(self) -> Services:
        before = self._services
        found = build(before.settings, database=before.database)
        try:
            ensure_measured(found.embedder, found.settings)
            found.embedder.encode(["a first text"])
        except ModelError as error:
            logger.error("the model in use cannot be loaded, and work waits: %s", error)
            raise RetryLaterError(str(error), RELOAD_SECONDS) from error
        if isinstance(found.index, FollowingIndex):
            found.index.load()
        logger.info("another model came into use: %s", found.embedder.fingerprint)
        return found
