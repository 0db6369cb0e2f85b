"""A worker of one workspace with jobs of a test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, cast

from sqlalchemy.orm import Session

from bot.jobs.kinds import BotJob
from bot.jobs.upkeep_kinds import Sweep
from bot.server.worker import Maintenance, Worker
from bot.tasks.registry import Handler, HandlerGroup, Tasks
from models import Database, Workspace
from services.job_rows import ClaimedJob
from services.queue import JobQueue, NewJob, enqueue
from tests.conftest import NOW
from tests.serving import Clock

# How long a test waits for another thread at most; normally that takes milliseconds.
SOON = 20.0

WORKSPACE = 1


@dataclass(frozen=True, kw_only=True)
class Say(BotJob):
    """A kind of job for tests."""

    kind: ClassVar[str] = "say"


@dataclass
class Kinds:
    """The job kinds of a test, in place of the bot's, each with its handler."""

    batched: dict[type[BotJob], Handler] = field(default_factory=dict)
    single: dict[type[BotJob], Handler] = field(default_factory=dict)


class OneWorkspace:
    """One workspace without scheduled jobs."""

    def installed(self) -> list[int]:
        """Return its id."""
        return [WORKSPACE]

    def installed_in(self, session: Session) -> list[int]:
        """Return its id."""
        return [WORKSPACE]

    def tasks(self, workspace_id: int) -> Tasks:
        """Return None: the handlers of the tests need no tasks."""
        return cast(Tasks, None)

    def due_jobs(self, now: datetime) -> dict[int, list[BotJob]]:
        """Return no jobs."""
        return {}

    def take_recoveries(self) -> list[int]:
        """Return none."""
        return []

    def watch(self, now: datetime) -> None:
        """Do nothing."""

    def purge(self, now: datetime) -> None:
        """Do nothing."""


def only(maintain_index: Callable[[], None]) -> Maintenance:
    """Return maintenance that does nothing else."""
    return Maintenance(maintain_index, embed_missing=lambda: 0, measure_missing=lambda: 0)


def handler_group(handlers: dict[type[BotJob], Handler]) -> HandlerGroup:
    """Return handlers of some kinds as a worker takes them."""

    def of(kind: type[BotJob]) -> Callable[[Tasks], Handler]:
        return lambda _tasks: handlers[kind]

    return {kind: of(kind) for kind in handlers}


def make_worker(
    database: Database,
    kinds: Kinds,
    maintenance: Maintenance | None = None,
    clock: Clock | None = None,
) -> Worker:
    """Return a worker for one workspace that does only what it is given."""
    kinds.single.setdefault(Sweep, do_nothing)
    open_workspace(database)
    return Worker(
        JobQueue(database),
        OneWorkspace(),
        maintenance or only(lambda: None),
        batched=handler_group(kinds.batched),
        single=handler_group(kinds.single),
        clock=clock or Clock(),
    )


def do_nothing(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
    """Do nothing."""
    return []


@contextmanager
def started(worker: Worker) -> Iterator[Worker]:
    """Start a worker, and stop it afterwards."""
    worker.start()
    yield worker
    worker.stop()


def open_workspace(database: Database) -> None:
    """Store the workspace."""
    with database.write() as session:
        session.merge(Workspace(id=WORKSPACE, created_at=NOW))


def put_in(database: Database, *keys: str, kind: str = "say", long: str = "") -> None:
    """Store jobs by key; the one named `long` has a long text."""
    open_workspace(database)
    with database.write() as session:
        payloads = {key: {"text": "word " * 8_000} if key == long else {} for key in keys}
        enqueue(session, WORKSPACE, [NewJob(kind, *one) for one in payloads.items()], NOW)


def states_of(database: Database) -> dict[str, str]:
    """Return the states of the jobs by key, without sweeps."""
    states = ["ready", "running", "done", "failed"]
    jobs = JobQueue(database).find(states, limit=100)
    return {job.key: job.state for job in jobs if job.kind != "sweep"}
