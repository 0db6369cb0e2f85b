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
from time import monotonic
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.clock import utc_now
from bot.jobs.kinds import BotJob
from bot.jobs.upkeep_kinds import Sweep
from bot.logs import OutageLog
from bot.server.job_runner import JobRunner, TaskSource, describe
from bot.server.job_signal import JobSignal
from bot.slack.client import SETTLE_SECONDS
from bot.slack.web_api import TIMED_OUT
from bot.tasks.registry import BATCHED, SINGLE, HandlerGroup
from services.job_rows import ClaimedJob
from services.queue import JobQueue

# Jobs that are embedded in one call. Larger batches take the model no less time a text
# (benchmarks/README.md), and the first message of one is answered when all of them are judged.
BATCH = 64

# A text of more characters takes the model as long as dozens of short ones: it is embedded by
# itself, after those that arrived with it.
LONG_TEXT = 4_000

# Threads that mostly wait for Slack.
SINGLE_THREADS = 4

# How long a job that another process stored may go unnoticed.
POLL_SECONDS = 0.5

# How long to wait after the database failed.
PAUSE_SECONDS = 2.0

# How long running jobs may take to finish when the worker stops, and then maintenance. The files in
# `deploy` give a process 45 seconds, of which the first snapshot of a million vectors takes 15.
STOP_SECONDS, UPKEEP_SECONDS = 22.0, 4.0

MAINTENANCE_INTERVAL = timedelta(minutes=1)
SWEEP_INTERVAL = timedelta(minutes=15)

AWAY = "the database could not be reached"

logger = logging.getLogger(__name__)


class WorkspaceSource(TaskSource, Protocol):
    """The workspaces to work for."""

    def installed(self) -> list[int]:
        """Return the ids of the workspaces in which the app is installed."""

    def installed_in(self, session: Session) -> list[int]:
        """Return the same as a session sees it."""

    def due_jobs(self, now: datetime) -> dict[int, list[BotJob]]:
        """Return the scheduled jobs that are due, by workspace."""

    def take_recoveries(self) -> list[int]:
        """Return the workspaces whose Slack answers again since this was last asked."""

    def watch(self, now: datetime) -> None:
        """Look for problems, and store the notices for administrators that are due."""

    def purge(self, now: datetime) -> None:
        """Delete the workspaces that were uninstalled long enough ago."""


@dataclass(frozen=True)
class Maintenance:
    """The regular work on the database as a whole.

    `embed_missing` and `measure_missing` do a part each time, and return 0 when nothing is left;
    `prepare_model`, which may take hours, returns whether there is more. `stop` gives up what takes
    long.
    """

    maintain_index: Callable[[], None]
    embed_missing: Callable[[], int]
    measure_missing: Callable[[], int]
    prepare_model: Callable[[], bool] = bool
    stop: Callable[[], None] = lambda: None


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
        # Jobs that could not be put back because the database was away.
        self._interrupted: list[ClaimedJob] = []
        self._outage = OutageLog(logger, "the database")
        self._job_threads: list[Thread] = []
        self._upkeep_threads: list[Thread] = []
        self.signal = signal or JobSignal()
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._runner = JobRunner(queue, workspaces, self.signal, clock, self.owner)

    def start(self) -> None:
        """Start the threads."""
        self._job_threads = [
            _thread("batches", lambda: self._work(self._batched, BATCH)),
            *[
                _thread(f"single-{number}", lambda: self._work(self._single, 1))
                for number in range(SINGLE_THREADS)
            ],
        ]
        self._upkeep_threads = [
            _thread("leases", self._renew_leases),
            _thread("maintenance", self._maintain_regularly),
            _thread("problems", self._watch_regularly),
            _thread("models", self._prepare_models),
        ]
        for thread in (*self._job_threads, *self._upkeep_threads):
            thread.start()

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Finish the running jobs, then return; after `timeout` seconds they are left.

        What is left is done again: jobs when their leases have run out, maintenance by the next
        start.
        """
        self._stop.set()
        self._maintenance.stop()
        self.signal.notify()
        groups = [(self._job_threads, timeout), (self._upkeep_threads, UPKEEP_SECONDS)]
        for threads, seconds in groups:
            end = monotonic() + min(seconds, timeout)
            for thread in threads:
                thread.join(max(end - monotonic(), 0))

    def _work(self, group: HandlerGroup, limit: int) -> None:
        kinds = [job_class.kind for job_class in group]
        while not self._stop.is_set():
            seen = self.signal.count(kinds)
            try:
                worked = self.run_once(group, limit)
            except Exception as error:  # whatever it is, the thread must go on
                self._outage.note_failure(describe(error), self._clock())
                self._stop.wait(PAUSE_SECONDS)
                continue
            if worked:
                self._outage.note_success(self._clock())
            else:
                self.signal.wait(seen, POLL_SECONDS, kinds)

    def run_once(self, group: HandlerGroup, limit: int) -> bool:
        """Claim and run at most `limit` jobs; return whether there were any.

        Jobs of workspaces that have uninstalled the app are left alone.
        """
        self._put_back()
        jobs = self._queue.claim(
            self.owner,
            self._clock(),
            limit=limit,
            kinds=[job_class.kind for job_class in group],
            workspaces=self._workspaces.installed_in,
        )
        running = {job.id for job in jobs}
        self._running.update(running)
        try:
            for job_class, handler_of in group.items():
                of_kind = [job for job in jobs if job.kind == job_class.kind]
                for workspace_id in dict.fromkeys(job.workspace_id for job in of_kind):
                    theirs = [job for job in of_kind if job.workspace_id == workspace_id]
                    for together in _long_ones_last(theirs):
                        self._runner.run(job_class, handler_of, workspace_id, together)
        except DBAPIError:  # the others of them may be done
            self._interrupted.extend(jobs)
            raise
        finally:
            self._running.difference_update(running)
        for workspace_id in self._workspaces.take_recoveries():
            self._resume(workspace_id)
        return bool(jobs)

    def _put_back(self) -> None:
        """Free the jobs that were running when the database went away: none of them failed."""
        jobs, self._interrupted = self._interrupted, []
        for number, job in enumerate(jobs):
            try:
                self._queue.waits.wait(job, self.owner, AWAY, self._clock(), delay=None)
            except DBAPIError:
                self._interrupted.extend(jobs[number:])
                raise

    def _resume(self, workspace_id: int) -> None:
        """Do what waited for a workspace's Slack, and look for what was missed meanwhile."""
        settle = timedelta(seconds=SETTLE_SECONDS)
        waits, now = self._queue.waits, self._clock()
        waits.wake(workspace_id, now, unsettled=TIMED_OUT, settle=settle)
        self._sweep(workspace_id)
        self.signal.notify()

    def _renew_leases(self) -> None:
        while not self._stop.wait(self._queue.lease.total_seconds() / 3):
            try:
                self._queue.renew(self.owner, sorted(self._running.copy()), self._clock())
            except Exception as error:  # jobs without a lease would be run twice
                logger.error("leases cannot be renewed: %s", describe(error))

    def _maintain_regularly(self) -> None:
        next_sweep = self._clock()
        while True:
            try:
                self._workspaces.purge(self._clock())
                if not timedelta(0) < next_sweep - self._clock() <= SWEEP_INTERVAL:  # set back
                    self.request_sweep()
                    next_sweep = self._clock() + SWEEP_INTERVAL
                self._maintain()
                self._outage.note_success(self._clock())
            except Exception as error:  # whatever it is, the next sweep must come
                logger.error("maintenance failed, trying again: %s", describe(error))
            if self._stop.wait(MAINTENANCE_INTERVAL.total_seconds()):
                return

    def _watch_regularly(self) -> None:
        """Look for problems, by a thread of its own: maintenance may take hours."""
        while not self._stop.wait(MAINTENANCE_INTERVAL.total_seconds()):
            try:
                self._workspaces.watch(self._clock())
            except Exception as error:  # whatever it is, it must be looked for again
                logger.error("problems cannot be looked for: %s", describe(error))

    def _maintain(self) -> None:
        self._queue.follow_clock(self._clock())
        self._queue.purge(self._clock())
        for do_part in (self._maintenance.embed_missing, self._maintenance.measure_missing):
            while not self._stop.is_set() and do_part():
                pass
        for workspace_id, jobs in self._workspaces.due_jobs(self._clock()).items():
            self._runner.enqueue(workspace_id, jobs)
        self._maintenance.maintain_index()

    def _prepare_models(self) -> None:
        """Make the vectors of a model that is to come into use; others have half of the time."""
        while True:
            start, more = monotonic(), False
            try:
                more = self._maintenance.prepare_model()
            except Exception as error:  # whatever it is, the next try must come
                logger.error("the new model waits, trying again: %s", describe(error))
            pause = monotonic() - start if more else MAINTENANCE_INTERVAL.total_seconds()
            if self._stop.wait(pause):
                return

    def request_sweep(self) -> None:
        """Have each workspace's channels read for messages that the bot has missed."""
        for workspace_id in self._workspaces.installed():
            self._sweep(workspace_id)

    def _sweep(self, workspace_id: int) -> None:
        """Have a workspace's channels read, and what its crashes left undone tried again."""
        self._queue.waits.retry_crashed(workspace_id, self._clock())
        if not self._queue.is_ready(workspace_id, Sweep.kind):
            self._runner.enqueue(
                workspace_id, [Sweep(key=f"sweep:{self._clock().timestamp():.6f}")]
            )


def _thread(name: str, loop: Callable[[], None]) -> Thread:
    return Thread(target=loop, name=f"deja-{name}", daemon=True)


def _long_ones_last(jobs: Sequence[ClaimedJob]) -> list[list[ClaimedJob]]:
    """Return the jobs that are run together, then each with a long text."""
    long = [job for job in jobs if len(str(job.payload.get("text") or "")) > LONG_TEXT]
    short = [job for job in jobs if job not in long]
    return [*([short] if short else []), *([job] for job in long)]
