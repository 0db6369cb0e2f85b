"""What is older than the rules allow is erased, once a day."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.clock import utc_now
from bot.erasure.erase import Eraser
from bot.jobs.kinds import BotJob, Lease
from bot.jobs.upkeep_kinds import RetentionRun
from bot.slack.client import Slack
from bot.slack.clocks import clock_ahead
from bot.wiring import Services
from models import RetentionRule
from services.erasure.retention import too_old
from services.errors import RetryLaterError

logger = logging.getLogger(__name__)

BY = "deja"

# A clock that is further ahead of Slack's is wrong, and by it nothing is too old.
MAX_AHEAD = timedelta(hours=1)


@dataclass(frozen=True)
class Retention:
    """Erases the tickets of a workspace that its rules no longer keep."""

    services: Services
    slack: Slack
    clock: Callable[[], datetime] = utc_now

    def run(self, job: RetentionRun, lease: Lease, now: datetime) -> list[BotJob]:
        """Erase what is too old; on SQLite the file is rewritten only if there was anything.

        Raises `RetryLaterError` while this machine's clock is ahead of Slack's.
        """
        services = self.services
        with services.database.read() as session:
            subject = too_old(session, lease.workspace_id, now)
            if subject is None:
                return []
        eraser = Eraser(services.database, services.settings, BY, lambda: now)
        if not eraser.is_due(subject):
            return []
        self._check_clock()
        done = eraser.erase(subject)
        services.maintain_index()
        logger.info(
            "erased by the rules of retention: %d tickets", done.counts["tickets and products"]
        )
        return []

    def _check_clock(self) -> None:
        ahead = clock_ahead(self.slack, self.clock())
        if ahead > MAX_AHEAD:
            logger.error("nothing is erased by age: the clock is %s ahead of Slack's", ahead)
            raise RetryLaterError("the clock is wrong", MAX_AHEAD.total_seconds())


def retention_jobs(services: Services, workspace_id: int, now: datetime) -> list[RetentionRun]:
    """Return the job of the day, if the workspace has rules."""
    has_rules = select(RetentionRule.id).where(RetentionRule.workspace_id == workspace_id).limit(1)
    with services.database.read() as session:
        if session.scalar(has_rules) is None:
            return []
    return [RetentionRun(key=f"retain:{workspace_id}:{now:%Y-%m-%d}")]
