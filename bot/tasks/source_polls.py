"""Tickets of connected trackers and help desks are fetched."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from bot.jobs.follow_ups import jobs_about_source
from bot.jobs.kinds import BotJob, Lease, unique_jobs
from bot.jobs.source_kinds import IssueFollowing, SourcePoll
from bot.tasks.connectors import open_connector
from bot.wiring import Services
from models import Connection, Source
from services.errors import SourceBusyError, SourceError
from services.sources.connections import due_connections, note_failure, note_start, note_wait
from services.sources.created_issues import issues_of_items
from services.sources.poll import PageResult, Poll
from services.text.words.plain import plain_text

MAX_SHOWN_REFUSALS = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourcePolls:
    """Reads the sources of a workspace."""

    services: Services

    def read(self, job: SourcePoll, lease: Lease, now: datetime) -> list[BotJob]:
        """Read a page of a source; the source itself keeps when it is asked again."""
        with self.services.database.write() as session:
            source = session.get(Source, job.source_id)
            connection = session.get(Connection, job.source_id)
            note_start(session, job.source_id, now)
        if source is None or connection is None:  # removed since
            return []
        jobs: list[BotJob] = []
        try:
            with closing(open_connector(self.services.settings, source, connection)) as connector:
                self._read(Poll(self.services.ingest, source, connector), job, now, jobs)
        except SourceBusyError as busy:
            logger.info("%s: %s, for %.0f seconds", source.name, busy, busy.delay)
            with self.services.database.write() as session:
                note_wait(session, source.id, busy, now)
        except SourceError as error:
            logger.warning("%s cannot be read: %s", source.name, error)
            with self.services.database.write() as session:
                note_failure(session, source.id, str(error), now)
        return unique_jobs(jobs)

    def _read(self, poll: Poll, job: SourcePoll, now: datetime, jobs: list[BotJob]) -> None:
        """Read a page, and after the last one a part of the walk; add the jobs that follow."""
        result = poll.page(now)
        jobs += self._follow_ups(poll.source, result, job.key)
        if result.is_last:
            jobs += self._follow_ups(poll.source, poll.walk(now), job.key)
        elif result.wait is None:
            base = job.key.rpartition(":")[0]
            page = job.page + 1
            jobs.append(SourcePoll(key=f"{base}:{page}", source_id=job.source_id, page=page))

    def _follow_ups(self, source: Source, result: PageResult, cause: str) -> list[BotJob]:
        log_refused(source, result.refused)
        return source_jobs(self.services, source, result, cause)


def poll_jobs(services: Services, workspace_id: int, now: datetime) -> list[BotJob]:
    """Return the jobs that ask the sources of a workspace which are due."""
    with services.database.read() as session:
        due = due_connections(session, workspace_id, now)
    return [
        SourcePoll(
            key=f"poll:{one.source_id}:{one.next_poll_at.timestamp():.6f}:0",
            source_id=one.source_id,
        )
        for one in due
    ]


def source_jobs(services: Services, source: Source, result: PageResult, cause: str) -> list[BotJob]:
    """Return the jobs that follow from a page of a source."""
    with services.database.read() as session:
        created = issues_of_items(session, source, list(result.changed))
        return [
            *jobs_about_source(session, source.workspace_id, result.changed, result.gone, cause),
            *(IssueFollowing(key=f"issue_follow:{id_}:{cause}", created_id=id_) for id_ in created),
        ]


def log_refused(source: Source, refused: Sequence[str]) -> None:
    """Log why tickets of a source were not stored."""
    for reason in refused[:MAX_SHOWN_REFUSALS]:
        logger.warning("%s: a ticket is not stored: %s", source.name, plain_text(reason))
