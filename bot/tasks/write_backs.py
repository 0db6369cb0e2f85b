"""Decisions of people are written to trackers and help desks."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from bot.jobs.kinds import BotJob, Lease
from bot.jobs.source_kinds import TrackerNote
from bot.tasks.connectors import open_connector
from bot.wiring import Services
from services.errors import SourceError
from services.sources.write_backs import Writer, due_write_backs, find_decided_ticket

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WriteBacks:
    """Writes what is due."""

    services: Services

    def write(self, job: TrackerNote, lease: Lease, now: datetime) -> list[BotJob]:
        """Write a comment and a link, or take them back, as the verdict is now."""
        with self.services.database.read() as session:
            ticket = find_decided_ticket(session, job.verdict_id, job.item_id)
        if ticket is None:
            return []
        try:
            with closing(
                open_connector(self.services.settings, ticket.source, ticket.connection)
            ) as connector:
                Writer(self.services.database, connector).write(ticket, now)
        except SourceError as error:
            logger.warning("%s: nothing is written there: %s", ticket.source.name, error)
        return []


def write_back_jobs(services: Services, workspace_id: int) -> list[BotJob]:
    """Return the jobs that write what was decided in a workspace."""
    with services.database.read() as session:
        due = due_write_backs(session, workspace_id)
    return [
        TrackerNote(
            key=f"write_back:{verdict_id}:{item_id}:{what}", verdict_id=verdict_id, item_id=item_id
        )
        for verdict_id, item_id, what in due
    ]
