"""The worker: claim jobs, run them, finish or retry them; stop gracefully."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Protocol

from bot import metrics
from bot.clock import utc_now
from bot.jobs.kinds import BotJob, enqueue_jobs
from bot.jobs.private_replies import failure_job
from bot.jobs.upkeep_kinds import Sweep
from bot.logs import request_context
from bot.server.job_signal import JobSignal
from bot.tasks.registry import BATCHED, SINGLE, HandlerGroup, HandlerOf, Tasks
from services.errors import RetryLaterError
from services.queue import ClaimedJob, JobQueue, finish

# Jobs that are embedded in one call. Larger batches waste less on padding; this one takes about
# two seconds.
BATCH = 256

# Threads that mostly wait for Slack.
SINGLE_THREADS = 4

# How long a job that another process stored may go unnoticed.
POLL_SECONDS = 0.5

# How long to wait after the database failed.
PAUSE_SECONDS = 2.0

MAINTENANCE_INTERVAL = timedelta(minutes=1)
SWEEP_INTERVAL = timedelta(minutes=15)

MAX_ERROR_LENGTH = 300

logger = logging.getLogger(__name__)


class WorkspaceSource(Protocol):
    """The workspaces to work for."""

    def installed(self) -> list[int]:
        """Return the ids of the workspaces in which the app is installed."""

    def tasks(self, workspace_id: int) -> Tasks:
        """Return a workspace's tasks. Raises `RetryLaterError` if it has no token now."""

    def due_jobs(self, now: datetime) -> dict[int, list[BotJob]]:
        """Return the scheduled jobs that are due, by workspace."""

    def purge(self, now: datetime) -> None:
        """Delete the workspaces that were uninstalled long enough ago."""


@dataclass(frozen=True)
class Maintenance:
    """The regular work on the database as a whole.

    `embed_missing` and `measure_missing` do a part each time, and return 0 when nothing is left.
    """

    maintain_index: Callable[[], None]
    embed_missing: Callable[[], int]
    measure_missing: Callable[[], int]


class Worker:
    """Runs the jobs of all workspaces in a few threads of this process."""

    def __init__(
        self,
        queue: JobQueue,
        workspaces: WorkspaceSource,
        maintenance: Maintenance,
        *,
        batched: HandlerGroup = BATCHED,
        single: HandlerGroup = SINGLE,
        signal: JobSignal | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._queue = queue
        self._workspaces = workspaces
        self._maintenance = maintenance
        self._batched = batched
        self._single = single
        self._clock = clock
        self._stop = Event()
        self._running: set[int] = set()
        self._threads: list[Thread] = []
        self.signal = signal or JobSignal()
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"

    def start(self) -> None:
        """Start the threads."""
        loops: list[tuple[str, Callable[[], None]]] = [
            ("batches", lambda: self._work(self._batched, BATCH)),
            *[
                (f"single-{number}", lambda: self._work(self._single, 1))
                for number in range(SINGLE_THREADS)
            ],
            ("leases", self._renew_leases),
            ("maintenance", self._maintain_regularly),
        ]
        self._threads = [
            Thread(target=loop, name=f"deja-{name}", daemon=True) for name, loop in loops
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Finish the running jobs, then return."""
        self._stop.set()
        self.signal.notify()
        for thread in self._threads:
            thread.join(timeout)

    def _work(self, group: HandlerGroup, limit: int) -> None:
        kinds = [job_class.kind for job_class in group]
        while not self._stop.is_set():
            seen = self.signal.count(kinds)
            try:
                worked = self.run_once(group, limit)
            except Exception as error:  # whatever it is, the thread must go on
                logger.error("the queue cannot be used, trying again: %s", _describe(error))
                self._stop.wait(PAUSE_SECONDS)
                continue
            if not worked:
                self.signal.wait(seen, POLL_SECONDS, kinds)

    def run_once(self, group: HandlerGroup, limit: int) -> bool:
        """Claim and run at most `limit` jobs; return whether there were any.

        Jobs of workspaces that have uninstalled the app are left alone.
        """
        jobs = self._queue.claim(
            self.owner,
            self._clock(),
            limit=limit,
            kinds=[job_class.kind for job_class in group],
            workspaces=self._workspaces.installed(),
        )
        running = {job.id for job in jobs}
        self._running.update(running)
        try:
            for job_class, handler_of in group.items():
                of_kind = [job for job in jobs if job.kind == job_class.kind]
                for workspace_id in dict.fromkeys(job.workspace_id for job in of_kind):
                    theirs = [job for job in of_kind if job.workspace_id == workspace_id]
                    self._run(job_class, handler_of, workspace_id, theirs)
        finally:  # jobs that the database did not let us finish are free when their lease expires
            self._running.difference_update(running)
        return bool(jobs)

    def _run(
        self,
        job_class: type[BotJob],
        handler_of: HandlerOf,
        workspace_id: int,
        jobs: Sequence[ClaimedJob],
    ) -> None:
        with request_context([job.key for job in jobs]):
            self._try(job_class, handler_of, workspace_id, jobs)

    def _try(
        self,
        job_class: type[BotJob],
        handler_of: HandlerOf,
        workspace_id: int,
        jobs: Sequence[ClaimedJob],
    ) -> None:
        try:
            with metrics.JOB_SECONDS.labels(job_class.kind).time():
                handler = handler_of(self._workspaces.tasks(workspace_id))
                follow_ups = handler(jobs, self._clock())
                self._finish(workspace_id, jobs, follow_ups)
            metrics.JOBS.labels(job_class.kind, "done").inc(len(jobs))
        except RetryLaterError as error:
            metrics.JOBS.labels(job_class.kind, "postponed").inc(len(jobs))
            for job in jobs:
                self._queue.postpone(
                    job, self.owner, str(error), delay=error.delay, now=self._clock()
                )
        except Exception as error:
            if len(jobs) == 1:
                self._fail(job_class, workspace_id, jobs[0], error)
                return
            for job in jobs:  # one bad job must not take the others with it
                self._run(job_class, handler_of, workspace_id, [job])

    def _fail(
        self, job_class: type[BotJob], workspace_id: int, job: ClaimedJob, error: Exception
    ) -> None:
        """Have a failed job retried, or give it up and tell the person who waits for it."""
        logger.debug("job %d failed", job.id, exc_info=True)
        will_retry = self._queue.retry(job, self.owner, _describe(error), self._clock())
        metrics.JOBS.labels(job.kind, "retried" if will_retry else "given up").inc()
        logger.warning(
            "job %d (%s) failed, %s: %s",
            job.id,
            job.kind,
            "will be retried" if will_retry else "given up; see `deja jobs list --failed`",
            _describe(error),
        )
        reply = None if will_retry else failure_job(job_class, job)
        if reply is not None:
            self._enqueue(workspace_id, [reply])

    def _finish(
        self, workspace_id: int, jobs: Sequence[ClaimedJob], follow_ups: Sequence[BotJob]
    ) -> None:
        now = self._clock()
        with self._queue.database.write() as session:
            # False if a task has finished them itself, another worker has them, or all is purged.
            if finish(session, [job.id for job in jobs], self.owner, now):
                enqueue_jobs(session, workspace_id, follow_ups, now)
        if follow_ups:
            self.signal.notify(*{job.kind for job in follow_ups})

    def _renew_leases(self) -> None:
        while not self._stop.wait(self._queue.lease.total_seconds() / 3):
            try:
                self._queue.renew(self.owner, sorted(self._running.copy()), self._clock())
            except Exception as error:  # jobs without a lease would be run twice
                logger.error("leases cannot be renewed: %s", _describe(error))

    def _maintain_regularly(self) -> None:
        next_sweep = self._clock()
        while True:
            try:
                self._workspaces.purge(self._clock())
                if self._clock() >= next_sweep:
                    self.request_sweep()
                    next_sweep = self._clock() + SWEEP_INTERVAL
                self._maintain()
            except Exception as error:  # whatever it is, the next sweep must come
                logger.error("maintenance failed, trying again: %s", _describe(error))
            if self._stop.wait(MAINTENANCE_INTERVAL.total_seconds()):
                return

    def _maintain(self) -> None:
        self._queue.purge(self._clock())
        for do_part in (self._maintenance.embed_missing, self._maintenance.measure_missing):
            while not self._stop.is_set() and do_part():
                pass
        for workspace_id, jobs in self._workspaces.due_jobs(self._clock()).items():
            self._enqueue(workspace_id, jobs)
        self._maintenance.maintain_index()

    def request_sweep(self) -> None:
        """Have each workspace's channels read for messages that the bot has missed."""
        for workspace_id in self._workspaces.installed():
            self._enqueue(workspace_id, [Sweep(key=f"sweep:{self._clock().timestamp():.6f}")])

    def _enqueue(self, workspace_id: int, jobs: Sequence[BotJob]) -> None:
        if jobs:
            with self._queue.database.write() as session:
                enqueue_jobs(session, workspace_id, jobs, self._clock())
            self.signal.notify(*{job.kind for job in jobs})


def _describe(error: BaseException) -> str:
    first_line = str(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {first_line}"[:MAX_ERROR_LENGTH]
