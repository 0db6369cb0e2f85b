"""What is older than the rules allow is erased, once a day."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.erasure.erase import Eraser
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.upkeep_kinds import RetentionRun
from bot.wiring import Services
from models import RetentionRule
from services.erasure.retention import too_old

logger = logging.getLogger(__name__)

BY = "deja"


@dataclass(frozen=True)
class Retention:
    """Erases the tickets of a workspace that its rules no longer keep."""

    services: Services

    def run(self, job: RetentionRun, lease: Lease, now: datetime) -> list[BotJob]:
        """Erase what is too old; on SQLite the file is rewritten only if there was anything."""
        services = self.services
        with services.database.read() as session:
            subject = too_old(session, lease.workspace_id, now)
            if subject is None:
                return []
        eraser = Eraser(services.database, services.settings, BY, lambda: now)
        if not eraser.is_due(subject):
            return []
        done = eraser.erase(subject)
        services.maintain_index()
        logger.info(
            "erased by the rules of retention: %d tickets", done.counts["tickets and products"]
        )
        return []


def retention_jobs(services: Services, workspace_id: int, now: datetime) -> list[RetentionRun]:
    """Return the job of the day, if the workspace has rules."""
    has_rules = select(RetentionRule.id).where(RetentionRule.workspace_id == workspace_id).limit(1)
    with services.database.read() as session:
        if session.scalar(has_rules) is None:
            return []
    return [RetentionRun(key=f"retain:{workspace_id}:{now:%Y-%m-%d}")]
