"""The worker's threads wake up, stop, and survive errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from time import monotonic
from typing import ClassVar, cast

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.jobs.kinds import BotJob
from bot.jobs.upkeep_kinds import Sweep
from bot.server.worker import Maintenance, Worker
from bot.tasks.registry import Handler, HandlerGroup, Tasks
from models import Database, Workspace
from services.errors import RetryLaterError
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


def _group(handlers: dict[type[BotJob], Handler]) -> HandlerGroup:
    def of(kind: type[BotJob]) -> Callable[[Tasks], Handler]:
        return lambda _tasks: handlers[kind]

    return {kind: of(kind) for kind in handlers}


def _worker(
    database: Database,
    kinds: Kinds,
    maintenance: Maintenance | None = None,
    clock: Clock | None = None,
) -> Worker:
    kinds.single.setdefault(Sweep, _nothing)
    _open(database)
    return Worker(
        JobQueue(database),
        OneWorkspace(),
        maintenance or only(lambda: None),
        batched=_group(kinds.batched),
        single=_group(kinds.single),
        clock=clock or Clock(),
    )


def _nothing(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
    return []


@contextmanager
def _started(worker: Worker) -> Iterator[Worker]:
    worker.start()
    yield worker
    worker.stop()


def _open(database: Database) -> None:
    with database.write() as session:
        session.merge(Workspace(id=WORKSPACE, created_at=NOW))


def _put_in(database: Database, *keys: str, kind: str = "say", long: str = "") -> None:
    _open(database)
    with database.write() as session:
        payloads = {key: {"text": "word " * 8_000} if key == long else {} for key in keys}
        enqueue(session, WORKSPACE, [NewJob(kind, *one) for one in payloads.items()], NOW)


def _states(database: Database) -> dict[str, str]:
    states = ["ready", "running", "done", "failed"]
    jobs = JobQueue(database).find(states, limit=100)
    return {job.key: job.state for job in jobs if job.kind != "sweep"}


@pytest.mark.both_databases
def test_an_idle_worker_runs_a_new_job(database: Database) -> None:
    """A job enqueued while the worker sleeps is run, and so are its follow-up jobs."""
    done = Event()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        if jobs[0].key == "second":
            done.set()
            return []
        return [Say(key="second")]

    with _started(_worker(database, Kinds(single={Say: say}))) as worker:
        _put_in(database, "first")
        worker.signal.notify()
        assert done.wait(SOON)
    assert _states(database) == {"first": "done", "second": "done"}


def test_an_unreadable_job_ends_no_thread(database: Database) -> None:
    """The threads survive errors of the queue, and continue once they are over."""
    done = Event()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        done.set()
        return []

    class Damaged(JobQueue):
        def claim(self, *args: object, **kwargs: object) -> list[ClaimedJob]:
            looks.append(1)
            if len(looks) <= 8:
                raise ValueError("not JSON")
            return super().claim(*args, **kwargs)  # type: ignore[arg-type]

    looks: list[int] = []
    worker = _worker(database, Kinds(single={Say: say}))
    worker._queue = Damaged(database)
    _put_in(database, "first")
    with _started(worker):
        assert done.wait(SOON)


def test_a_stopping_worker_finishes_the_running_job(database: Database) -> None:
    """`stop` waits for the running job, and no new one is claimed."""
    began, go_on = Event(), Event()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        began.set()
        go_on.wait(SOON)
        return [Say(key="next")]

    worker = _worker(database, Kinds(batched={Say: say}))
    worker.start()
    _put_in(database, "first")
    worker.signal.notify()
    assert began.wait(SOON)
    go_on.set()
    worker.stop()
    assert _states(database)["first"] == "done"
    worker.stop()


def test_a_stopping_worker_waits_for_nothing_that_takes_hours(database: Database) -> None:
    """It ends what can be ended, and leaves the rest after a few seconds, in all of its threads."""
    began, stopped, never = Event(), Event(), Event()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        never.wait(SOON)
        return []

    def maintain() -> None:
        began.set()
        never.wait(SOON)

    maintenance = replace(only(maintain), prepare_model=lambda: never.wait(SOON), stop=stopped.set)
    worker = _worker(database, Kinds(batched={Say: say}), maintenance)
    _put_in(database, "first")
    worker.start()
    assert began.wait(SOON)
    started = monotonic()
    worker.stop(timeout=0.1)
    assert monotonic() - started < SOON / 2
    assert stopped.is_set()
    never.set()
    worker.stop()


def test_one_bad_job_does_not_fail_its_batch(database: Database) -> None:
    """If a batch fails, its jobs are run one by one, and only the bad one is retried.

    A message with a long text is run by itself, after those that arrived with it.
    """
    batches: list[list[str]] = []

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        batches.append([job.key for job in jobs])
        if any(job.key == "bad" for job in jobs):
            raise ValueError("bad")
        return []

    _put_in(database, "a", "log", "bad", "b", long="log")
    kinds = Kinds(batched={Say: say})
    _worker(database, kinds).run_once(_group(kinds.batched), 10)
    assert batches == [["a", "bad", "b"], ["a"], ["bad"], ["b"], ["log"]]
    assert _states(database) == {"a": "done", "bad": "ready", "b": "done", "log": "done"}


def test_a_rate_limit_postpones_the_whole_batch(database: Database) -> None:
    """It does not count as an attempt of any job."""
    clock = Clock()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        raise RetryLaterError("slower", 30.0)

    _put_in(database, "a", "b")
    kinds = Kinds(batched={Say: say})
    worker = _worker(database, kinds, clock=clock)
    assert worker.run_once(_group(kinds.batched), 10)
    assert not worker.run_once(_group(kinds.batched), 10)
    clock.advance(30)
    assert worker.run_once(_group(kinds.batched), 10)
    assert [job.attempts for job in JobQueue(database).find(["ready"], limit=10)] == [0, 0]


def test_an_unknown_kind_is_left_for_a_worker_that_knows_it(database: Database) -> None:
    """After a downgrade, jobs of newer kinds are left alone."""
    _put_in(database, "a", kind="from the future")
    kinds = Kinds(single={Say: _nothing})
    assert not _worker(database, kinds).run_once(_group(kinds.single), 1)
    assert _states(database) == {"a": "ready"}


def test_only_the_first_line_of_an_error_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The log and the stored error are short and have no traceback."""

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        raise ValueError("first line\n" + "secret words")

    _put_in(database, "a")
    kinds = Kinds(single={Say: say})
    with caplog.at_level(logging.INFO):
        _worker(database, kinds).run_once(_group(kinds.single), 1)
    [job] = JobQueue(database).find(["ready"], limit=1)
    assert job.error == "ValueError: first line"
    assert "secret" not in caplog.text


def test_a_lost_database_only_pauses_the_worker(database: Database) -> None:
    """While the table of jobs is missing the threads wait, then they continue."""
    done = Event()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        done.set()
        return []

    with database.write() as session:
        session.execute(text("ALTER TABLE jobs RENAME TO jobs_away"))
    with _started(_worker(database, Kinds(single={Say: say}))) as worker:
        assert not done.wait(0.2)
        with database.write() as session:
            session.execute(text("ALTER TABLE jobs_away RENAME TO jobs"))
        _put_in(database, "a")
        worker.signal.notify()
        assert done.wait(SOON)


@pytest.mark.parametrize("error", [RuntimeError("index"), OSError("disk is full")], ids=repr)
def test_failing_maintenance_is_logged_and_sweeps_continue(
    database: Database, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """An error in maintenance neither ends its thread nor stops sweeps."""
    failed, swept = Event(), Event()

    def maintain() -> None:
        failed.set()
        raise error

    def sweep(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        swept.set()
        return []

    worker = _worker(database, Kinds(single={Sweep: sweep}), only(maintain))
    with _started(worker), caplog.at_level(logging.ERROR):
        assert failed.wait(SOON)
        assert swept.wait(SOON)
    assert "maintenance failed" in caplog.text
