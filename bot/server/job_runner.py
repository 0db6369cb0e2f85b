"""Runs claimed jobs: each ends done, waiting, dropped, to be retried or failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from bot import metrics
from bot.jobs.kinds import BotJob, enqueue_jobs
from bot.jobs.private_replies import failure_job
from bot.logs import causes_of, request_context
from bot.server.job_signal import JobSignal
from bot.tasks.registry import HandlerOf, Tasks
from bot.traces import span
from models import is_passing
from services.errors import NotNeededError, RetryLaterError, UnavailableError
from services.job_rows import ClaimedJob
from services.queue import JobQueue, finish

MAX_ERROR_LENGTH = 300

logger = logging.getLogger(__name__)


class TaskSource(Protocol):
    """Gives the tasks of workspaces."""

    def tasks(self, workspace_id: int) -> Tasks:
        """Return a workspace's tasks. Raises `RetryLaterError` if it has no token now."""


@dataclass(frozen=True)
class JobRunner:
    """Runs the jobs that `owner` has claimed."""

    queue: JobQueue
    workspaces: TaskSource
    signal: JobSignal
    clock: Callable[[], datetime]
    owner: str

    def run(
        self,
        job_class: type[BotJob],
        handler_of: HandlerOf,
        workspace_id: int,
        jobs: Sequence[ClaimedJob],
    ) -> None:
        """Run jobs of one kind and workspace, together or, if that fails, one by one.

        Raises `DBAPIError` if the database cannot be used: then the jobs have to be put back.
        """
        keys = [job.key for job in jobs]
        name, causes = f"job {job_class.kind}", causes_of(keys)
        with request_context(keys), span(name, causes=causes, jobs=len(jobs)):
            self._try(job_class, handler_of, workspace_id, jobs)

    def _try(
        self,
        job_class: type[BotJob],
        handler_of: HandlerOf,
        workspace_id: int,
        jobs: Sequence[ClaimedJob],
    ) -> None:
        try:
            jobs = self._drop_old(job_class, jobs)
            if not jobs:
                return
            with metrics.JOB_SECONDS.labels(job_class.kind).time():
                handler = handler_of(self.workspaces.tasks(workspace_id))
                follow_ups = handler(jobs, self.clock())
                self._finish(workspace_id, jobs, follow_ups)
            metrics.JOBS.labels(job_class.kind, "done").inc(len(jobs))
        except Exception as error:
            if isinstance(error, DBAPIError) and is_passing(error):
                raise
            if len(jobs) == 1 or type(error) is RetryLaterError:
                for job in jobs:
                    self._take_error(job_class, workspace_id, job, error)
                return
            for job in jobs:  # one bad job must not take the others with it
                self.run(job_class, handler_of, workspace_id, [job])

    def enqueue(self, workspace_id: int, jobs: Sequence[BotJob]) -> None:
        """Store jobs of a workspace."""
        if jobs:
            with self.queue.database.write() as session:
                enqueue_jobs(session, workspace_id, jobs, self.clock())
            self.signal.notify(*{job.kind for job in jobs})

    def _drop_old(
        self, job_class: type[BotJob], jobs: Sequence[ClaimedJob]
    ) -> Sequence[ClaimedJob]:
        """Drop jobs whose message would come too late; return the others."""
        waits, now = self.queue.waits, self.clock()
        old = [job for job in jobs if job_class.ages and waits.is_too_old(job.created_at, now)]
        for job in old:
            metrics.JOBS.labels(job.kind, "dropped").inc()
            waits.drop(job, self.owner, waits.too_old, now)
        return [job for job in jobs if job not in old]

    def _take_error(
        self, job_class: type[BotJob], workspace_id: int, job: ClaimedJob, error: Exception
    ) -> None:
        """Have a job run again, drop it, or give it up, as its error says."""
        now, reason = self.clock(), str(error)
        match error:
            case UnavailableError():
                metrics.JOBS.labels(job.kind, "postponed").inc()
                waits = self.queue.waits
                if not waits.wait(job, self.owner, reason, now, delay=error.probe_in):
                    self._give_up(job_class, workspace_id, job, reason)
            case RetryLaterError():
                metrics.JOBS.labels(job.kind, "postponed").inc()
                self.queue.postpone(job, self.owner, reason, delay=error.delay, now=now)
            case NotNeededError():
                metrics.JOBS.labels(job.kind, "dropped").inc()
                self.queue.waits.drop(job, self.owner, reason, now)
            case _:
                self._fail(job_class, workspace_id, job, error)

    def _fail(
        self, job_class: type[BotJob], workspace_id: int, job: ClaimedJob, error: Exception
    ) -> None:
        """Have a failed job retried, or give it up."""
        logger.debug("job %d failed", job.id, exc_info=True)
        if self.queue.retry(job, self.owner, describe(error), self.clock()):
            metrics.JOBS.labels(job.kind, "retried").inc()
            line = "job %d (%s) failed, will be retried: %s"
            logger.warning(line, job.id, job.kind, describe(error))
        else:
            self._give_up(job_class, workspace_id, job, describe(error))

    def _give_up(
        self, job_class: type[BotJob], workspace_id: int, job: ClaimedJob, error: str
    ) -> None:
        """Log that a job failed for good, and tell the person who waits for it."""
        metrics.JOBS.labels(job.kind, "given up").inc()
        line = "job %d (%s) failed, given up; see `deja jobs list --failed`: %s"
        logger.warning(line, job.id, job.kind, error)
        reply = failure_job(job_class, job)
        if reply is not None:
            self.enqueue(workspace_id, [reply])

    def _finish(
        self, workspace_id: int, jobs: Sequence[ClaimedJob], follow_ups: Sequence[BotJob]
    ) -> None:
        now = self.clock()
        with self.queue.database.write() as session:
            # False if a task has finished them itself, another worker has them, or all is purged.
            if finish(session, [job.id for job in jobs], self.owner, now):
                enqueue_jobs(session, workspace_id, follow_ups, now)
        if follow_ups:
            self.signal.notify(*{job.kind for job in follow_ups})


def describe(error: BaseException) -> str:
    """Return the kind of an error and the first line of its message."""
    first_line = str(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {first_line}"[:MAX_ERROR_LENGTH]
