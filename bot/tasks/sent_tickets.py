"""Tickets that programs send are stored."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.jobs.follow_ups import jobs_about_source
from bot.jobs.kinds import BotJob, unique_jobs
from bot.jobs.source_kinds import SentTickets
from bot.wiring import Services
from models import Source
from services.sources.store_tickets import store_tickets
from services.text.words.plain import plain_text

MAX_SHOWN_REFUSALS = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceTickets:
    """Stores what the sources of a workspace send."""

    services: Services

    def store(self, jobs: Sequence[SentTickets], now: datetime) -> list[BotJob]:
        """Store the tickets of each message, in the order in which they came."""
        return unique_jobs([one for job in jobs for one in self._store(job, now)])

    def _store(self, job: SentTickets, now: datetime) -> list[BotJob]:
        with self.services.database.read() as session:
            source = session.get(Source, job.source_id)
        if source is None:  # removed since: nothing more of it is taken
            return []
        stored = store_tickets(self.services.ingest, source, job.tickets, now)
        for id_, reason in list(stored.refused.items())[:MAX_SHOWN_REFUSALS]:
            logger.warning("%s: ticket %s is not stored: %s", source.name, plain_text(id_), reason)
        with self.services.database.read() as session:
            return jobs_about_source(
                session, source.workspace_id, stored.changed, stored.gone, job.key
            )
