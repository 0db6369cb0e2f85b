"""Jobs that wait because Slack cannot be reached, and jobs that nobody needs any more.

Such a wait is no attempt. It lasts as long as the outage, up to an age that is a setting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random

from sqlalchemy import case, literal, update

from models import Database, Job
from services.job_rows import DIED, ClaimedJob, drop, fail, owned, release

# How long a job waits for an outage to end, and how old it may be before it says something new.
MAX_WAIT = timedelta(hours=24)

# A job waits as long again as it has waited, within these bounds.
MIN_PAUSE = 2.0
MAX_PAUSE = 300.0

# A job whose workers died is not tried again at once: if it is what kills them, the worker lives
# for a while in between.
CRASH_REST = timedelta(minutes=5)


def pause(waited: float, jitter: float) -> float:
    """Return the seconds to the next try of a job that has waited for `waited` seconds.

    2, 2, 4, 8 … at most 300, shortened by up to a half by `jitter`, from 0 to 1, so that the jobs
    of an outage do not come back all at once.
    """
    return min(max(waited, MIN_PAUSE), MAX_PAUSE) * (1 - jitter / 2)


@dataclass(frozen=True)
class JobWaits:
    """The waits of the jobs in one database. `max_wait` is how long an outage may last."""

    database: Database
    max_wait: timedelta = MAX_WAIT
    jitter: Callable[[], float] = random

    def wait(
        self, job: ClaimedJob, owner: str, reason: str, now: datetime, *, delay: float | None
    ) -> bool:
        """Have a job run again after `delay` seconds, or after a longer pause each time.

        A job that has waited for `max_wait` fails. Returns whether it will run again.
        """
        with self.database.write() as session:
            row = owned(session, job, owner)
            if row is None:
                return True
            since = row.waiting_since = row.waiting_since or now
            if now - since >= self.max_wait:
                fail(row, f"waited for {_hours(self.max_wait)}: {reason}", now)
                return False
            seconds = pause((now - since).total_seconds(), self.jitter())
            release(row, reason, now + timedelta(seconds=seconds if delay is None else delay))
            row.attempts -= 1
            return True

    def is_too_old(self, created_at: datetime, now: datetime) -> bool:
        """Say whether a job was stored so long ago that what it would say is no news."""
        return now - created_at > self.max_wait

    @property
    def too_old(self) -> str:
        """The reason for which a job that is too old is dropped."""
        return f"older than {_hours(self.max_wait)}"

    def drop(self, job: ClaimedJob, owner: str, reason: str, now: datetime) -> None:
        """End a job that nobody needs any more, with the reason."""
        with self.database.write() as session:
            row = owned(session, job, owner)
            if row is not None:
                drop(row, reason, now)

    def wake(self, workspace_id: int, now: datetime, *, unsettled: str, settle: timedelta) -> None:
        """Make all jobs due that wait for a workspace's Slack, which answers again.

        Those that wait because of `unsettled` are due after `settle`, or when they are anyway:
        Slack may still be doing what they asked for, and would be asked for it twice.
        """
        later = literal(now + settle, Job.run_at.type)
        settled = case((Job.run_at < later, Job.run_at), else_=later)
        due = case((Job.error == unsettled, settled), else_=literal(now, Job.run_at.type))
        waiting = (
            (Job.workspace_id == workspace_id)
            & (Job.state == "ready")
            & Job.waiting_since.is_not(None)
        )
        with self.database.write() as session:
            session.execute(update(Job).where(waiting).values(run_at=due))

    def retry_crashed(self, workspace_id: int, now: datetime) -> None:
        """Let jobs run once more that were given up because their workers died.

        Each gets one attempt, alone, until it is too old: it may be what kills the workers.
        """
        crashed = (
            (Job.workspace_id == workspace_id)
            & (Job.state == "failed")
            & (Job.error == DIED)
            & (Job.finished_at <= now - CRASH_REST)
            & (Job.created_at > now - self.max_wait)
        )
        with self.database.write() as session:
            session.execute(
                update(Job)
                .where(crashed)
                .values(state="ready", attempts=Job.attempts - 1, run_at=now, finished_at=None)
            )


def _hours(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return "1 hour" if hours == 1 else f"{hours:g} hours"
