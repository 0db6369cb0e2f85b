"""The worker's threads wake up, stop, and survive errors."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Event
from time import monotonic

import pytest
from sqlalchemy import text

from bot.jobs.kinds import BotJob
from bot.jobs.upkeep_kinds import Sweep
from models import Database
from services.errors import RetryLaterError
from services.job_rows import ClaimedJob
from services.queue import JobQueue
from tests.bot.server.workers import (
    SOON,
    Kinds,
    Say,
    do_nothing,
    handler_group,
    make_worker,
    only,
    put_in,
    started,
    states_of,
)
from tests.serving import Clock


@pytest.mark.both_databases
def test_an_idle_worker_runs_a_new_job(database: Database) -> None:
    """A job enqueued while the worker sleeps is run, and so are its follow-up jobs."""
    done = Event()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        if jobs[0].key == "second":
            done.set()
            return []
        return [Say(key="second")]

    with started(make_worker(database, Kinds(single={Say: say}))) as worker:
        put_in(database, "first")
        worker.signal.notify()
        assert done.wait(SOON)
    assert states_of(database) == {"first": "done", "second": "done"}


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
    worker = make_worker(database, Kinds(single={Say: say}))
    worker._queue = Damaged(database)
    put_in(database, "first")
    with started(worker):
        assert done.wait(SOON)


def test_a_stopping_worker_finishes_the_running_job(database: Database) -> None:
    """`stop` waits for the running job, and no new one is claimed."""
    began, go_on = Event(), Event()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        began.set()
        go_on.wait(SOON)
        return [Say(key="next")]

    worker = make_worker(database, Kinds(batched={Say: say}))
    worker.start()
    put_in(database, "first")
    worker.signal.notify()
    assert began.wait(SOON)
    go_on.set()
    worker.stop()
    assert states_of(database)["first"] == "done"
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
    worker = make_worker(database, Kinds(batched={Say: say}), maintenance)
    put_in(database, "first")
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

    put_in(database, "a", "log", "bad", "b", long="log")
    kinds = Kinds(batched={Say: say})
    make_worker(database, kinds).run_once(handler_group(kinds.batched), 10)
    assert batches == [["a", "bad", "b"], ["a"], ["bad"], ["b"], ["log"]]
    assert states_of(database) == {"a": "done", "bad": "ready", "b": "done", "log": "done"}


def test_a_rate_limit_postpones_the_whole_batch(database: Database) -> None:
    """It does not count as an attempt of any job."""
    clock = Clock()

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        raise RetryLaterError("slower", 30.0)

    put_in(database, "a", "b")
    kinds = Kinds(batched={Say: say})
    worker = make_worker(database, kinds, clock=clock)
    assert worker.run_once(handler_group(kinds.batched), 10)
    assert not worker.run_once(handler_group(kinds.batched), 10)
    clock.advance(30)
    assert worker.run_once(handler_group(kinds.batched), 10)
    assert [job.attempts for job in JobQueue(database).find(["ready"], limit=10)] == [0, 0]


def test_an_unknown_kind_is_left_for_a_worker_that_knows_it(database: Database) -> None:
    """After a downgrade, jobs of newer kinds are left alone."""
    put_in(database, "a", kind="from the future")
    kinds = Kinds(single={Say: do_nothing})
    assert not make_worker(database, kinds).run_once(handler_group(kinds.single), 1)
    assert states_of(database) == {"a": "ready"}


def test_only_the_first_line_of_an_error_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The log and the stored error are short and have no traceback."""

    def say(jobs: Sequence[ClaimedJob], now: datetime) -> list[BotJob]:
        raise ValueError("first line\n" + "secret words")

    put_in(database, "a")
    kinds = Kinds(single={Say: say})
    with caplog.at_level(logging.INFO):
        make_worker(database, kinds).run_once(handler_group(kinds.single), 1)
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
    with started(make_worker(database, Kinds(single={Say: say}))) as worker:
        assert not done.wait(0.2)
        with database.write() as session:
            session.execute(text("ALTER TABLE jobs_away RENAME TO jobs"))
        put_in(database, "a")
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

    worker = make_worker(database, Kinds(single={Sweep: sweep}), only(maintain))
    with started(worker), caplog.at_level(logging.ERROR):
        assert failed.wait(SOON)
        assert swept.wait(SOON)
    assert "maintenance failed" in caplog.text
