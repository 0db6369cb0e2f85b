"""The worker: claim jobs, run them, finish or retry; stop gracefully."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition, Event, Thread
from typing import Protocol

from bot.clock import utc_now
from bot.jobs.kinds import BotJob, enqueue_jobs
from bot.jobs.private_replies import failure_job
from bot.jobs.upkeep_kinds import Sweep
from bot.tasks.registry import BATCHED, SINGLE, HandlerGroup, HandlerOf, Tasks
from services.errors import RetryLaterError
from services.queue import ClaimedJob, JobQueue, finish

# One `encode` a batch. Larger ones waste less on padding; this one takes about two seconds.
BATCH = 256

# Threads that mostly wait for Slack.
SINGLE_THREADS = 4

# How long a job put in by another process may lie unseen.
POLL_SECONDS = 0.5

# After the database failed.
PAUSE_SECONDS = 2.0

# What the bell rings for when no kind of job is named.
EVERYBODY = "*"

MAINTENANCE = timedelta(minutes=1)
SWEEP = timedelta(minutes=15)

logger = logging.getLogger(__name__)


class JobSignal:
    """Wakes those idle threads of a worker that a new job is for.

    The others sleep on: under load each look at the queue costs as much as storing an event.
    """

    def __init__(self) -> None:
        self._condition = Condition()
        self._rings: Counter[str] = Counter()

    def ring(self, *kinds: str) -> None:
        """Wake who waits for jobs of these kinds; everybody where none is named."""
        with self._condition:
            self._rings.update(kinds or [EVERYBODY])
            self._condition.notify_all()

    def heard(self, kinds: Iterable[str] = ()) -> int:
        """Return how often it rang for these kinds or for everybody."""
        with self._condition:
            return sum(self._rings[kind] for kind in (EVERYBODY, *kinds))

    def wait(self, heard: int, timeout: float, kinds: Collection[str] = ()) -> None:
        """Return at once if it rang since `heard`, else when it rings or after `timeout`."""
        with self._condition:
            self._condition.wait_for(lambda: self.heard(kinds) != heard, timeout)


class WorkspaceSource(Protocol):
    """The workspaces to work for."""

    def installed(self) -> list[int]:
        """Return their ids: those the app is installed in."""

    def tasks(self, workspace_id: int) -> Tasks:
        """Return the work of one. Raises `RetryLaterError` where there is no token for it now."""

    def due_jobs(self, now: datetime) -> dict[int, list[BotJob]]:
        """Return what is due by itself in each."""

    def purge(self, now: datetime) -> None:
        """Forget those that are gone for long enough."""


@dataclass(frozen=True)
class Maintenance:
    """What is done to the whole database now and then, not for a job."""

    maintain_index: Callable[[], None]
    embed_missing: Callable[[], int]
    measure_missing: Callable[[], int]


class Worker:
    """Runs the jobs of workspaces in a few threads of this process."""

    def __init__(
        self,
        queue: JobQueue,
        workplaces: WorkspaceSource,
        chores: Maintenance,
        *,
        batched: HandlerGroup = BATCHED,
        single: HandlerGroup = SINGLE,
        bell: JobSignal | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._queue = queue
        self._workplaces = workplaces
        self._chores = chores
        self._batched = batched
        self._single = single
        self._clock = clock
        self._stop = Event()
        self._running: set[int] = set()
        self._threads: list[Thread] = []
        self.bell = bell or JobSignal()
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"

    def start(self) -> None:
        """Start the threads."""
        loops: list[tuple[str, Callable[[], None]]] = [
            ("batches", lambda: self._loop(self._batched, BATCH)),
            *[
                (f"single-{number}", lambda: self._loop(self._single, 1))
                for number in range(SINGLE_THREADS)
            ],
            ("leases", self._renew_leases),
            ("chores", self._do_chores),
        ]
        self._threads = [
            Thread(target=loop, name=f"deja-{name}", daemon=True) for name, loop in loops
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Let the running jobs end, then return."""
        self._stop.set()
        self.bell.ring()
        for thread in self._threads:
            thread.join(timeout)

    def _loop(self, lane: HandlerGroup, limit: int) -> None:
        kinds = [job_class.kind for job_class in lane]
        while not self._stop.is_set():
            heard = self.bell.heard(kinds)
            try:
                worked = self.run_once(lane, limit)
            except Exception as error:  # whatever it is, the thread must go on
                logger.error("the queue cannot be used, trying again: %s", _name(error))
                self._stop.wait(PAUSE_SECONDS)
                continue
            if not worked:
                self.bell.wait(heard, POLL_SECONDS, kinds)

    def run_once(self, lane: HandlerGroup, limit: int) -> bool:
        """Claim and run at most `limit` jobs; return whether there were any.

        None where the app was removed: whatever waits there is for nobody.
        """
        jobs = self._queue.claim(
            self.owner,
            self._clock(),
            limit=limit,
            kinds=[job_class.kind for job_class in lane],
            workspaces=self._workplaces.installed(),
        )
        running = {job.id for job in jobs}
        self._running.update(running)
        try:
            for job_class, handler_of in lane.items():
                of_kind = [job for job in jobs if job.kind == job_class.kind]
                for workspace_id in dict.fromkeys(job.workspace_id for job in of_kind):
                    theirs = [job for job in of_kind if job.workspace_id == workspace_id]
                    self._run(job_class, handler_of, workspace_id, theirs)
        finally:  # what the database did not let us finish is free again when its lease ends
            self._running.difference_update(running)
        return bool(jobs)

    def _run(
        self,
        job_class: type[BotJob],
        handler_of: HandlerOf,
        workspace_id: int,
        jobs: Sequence[ClaimedJob],
    ) -> None:
        try:
            handler = handler_of(self._workplaces.tasks(workspace_id))
            follow_ups = handler(jobs, self._clock())
            self._finish(workspace_id, jobs, follow_ups)
        except RetryLaterError as error:
            for job in jobs:
                self._queue.postpone(
                    job, self.owner, str(error), delay=error.delay, now=self._clock()
                )
        except Exception as error:
            if len(jobs) > 1:  # one bad job must not take the others with it
                for job in jobs:
                    self._run(job_class, handler_of, workspace_id, [job])
                return
            logger.debug("job %d failed", jobs[0].id, exc_info=True)
            again = self._queue.retry(jobs[0], self.owner, _name(error), self._clock())
            logger.warning(
                "job %d (%s) failed, %s: %s",
                jobs[0].id,
                jobs[0].kind,
                "to be tried again" if again else "given up; see `deja jobs list --failed`",
                _name(error),
            )
            if not again and (told := failure_job(job_class, jobs[0])) is not None:
                self._put_in(workspace_id, [told])

    def _finish(
        self, workspace_id: int, jobs: Sequence[ClaimedJob], follow_ups: Sequence[BotJob]
    ) -> None:
        now = self._clock()
        with self._queue.database.write() as session:
            # None left: a task finished them itself, somebody else has them, or all was purged.
            if finish(session, [job.id for job in jobs], self.owner, now):
                enqueue_jobs(session, workspace_id, follow_ups, now)
        if follow_ups:
            self.bell.ring(*{job.kind for job in follow_ups})

    def _renew_leases(self) -> None:
        while not self._stop.wait(self._queue.lease.total_seconds() / 3):
            try:
                self._queue.renew(self.owner, sorted(self._running.copy()), self._clock())
            except Exception as error:  # jobs without a lease would be run twice
                logger.error("leases cannot be renewed: %s", _name(error))

    def _do_chores(self) -> None:
        next_sweep = self._clock()
        while True:
            try:
                self._workplaces.purge(self._clock())
                if self._clock() >= next_sweep:
                    self.request_sweep()
                    next_sweep = self._clock() + SWEEP
                self._maintain()
            except Exception as error:  # whatever it is, the next sweep must come
                logger.error("maintenance failed, trying again: %s", _name(error))
            if self._stop.wait(MAINTENANCE.total_seconds()):
                return

    def _maintain(self) -> None:
        self._queue.purge(self._clock())
        while not self._stop.is_set() and self._chores.embed_missing():
            pass
        while not self._stop.is_set() and self._chores.measure_missing():
            pass
        for workspace_id, jobs in self._workplaces.due_jobs(self._clock()).items():
            self._put_in(workspace_id, jobs)
        self._chores.maintain_index()

    def request_sweep(self) -> None:
        """Put in sweeps: what was said while nobody listened is to be fetched."""
        for workspace_id in self._workplaces.installed():
            self._put_in(workspace_id, [Sweep(key=f"sweep:{self._clock().timestamp():.6f}")])

    def _put_in(self, workspace_id: int, jobs: Sequence[BotJob]) -> None:
        if jobs:
            with self._queue.database.write() as session:
                enqueue_jobs(session, workspace_id, jobs, self._clock())
            self.bell.ring(*{job.kind for job in jobs})


def _name(error: BaseException) -> str:
    first = str(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {first}"[:300]
